"""The program's start: `highlights`, or `python -m highlights`."""

from __future__ import annotations

import gc

from highlights.cli import interrupts
from highlights.supervision import supervise


def start() -> None:
    """Run the command line. Ctrl-C ends it quietly at any moment, also while modules are loaded and at the very end."""
    gc.set_threshold(50_000)  # nearly all that is created while modules load lives to the end
    supervise()
    interrupts.end_at_once()
    from highlights.cli.main import main

    try:
        main(prog_name="highlights")
    finally:
        interrupts.end_at_once()


if __name__ == "__main__":
    start()
