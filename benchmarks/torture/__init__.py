"""Damaged recordings, kills, faults of the machine, fuzzing and long work: `make torture` tries to break the program."""
