"""Speed and quality of the program, compared with targets: `make bench`, `make bench-model`."""
