"""What is said on the link. Pure: no I/O, no clock."""
