"""`python -m highlights` is `highlights`."""

from highlights.cli.main import main

main(prog_name="highlights")
