"""What Go's standard library does with what a client sends, where Python's does something else."""
