"""Speed and quality of the program, measured beside their targets: `make bench`, `make bench-model`."""
