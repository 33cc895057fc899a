"""`python -m highlights` is `highlights`."""

from highlights.cli import main

main(prog_name="highlights")
