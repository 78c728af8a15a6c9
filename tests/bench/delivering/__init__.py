"""The parts of `make bench-alerts`, one file each."""
