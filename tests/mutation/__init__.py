"""Mutation testing: does a test notice when a line is changed? `make mutation`, minutes to hours, not part of CI."""
