"""The performance targets, one file for each subject: what is measured, against what, and the bound that holds."""
