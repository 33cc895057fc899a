"""Print which of the drawn score graphics are read correctly: `python -m benchmarks.scoreboard_designs [part of a name]`."""

from __future__ import annotations

import sys
import time

from benchmarks.score_graphics.designs import DESIGNS
from benchmarks.score_graphics.drawing import faults, font_path, read


def main(parts: list[str]) -> int:
    """Print one line per design; the exit code is the number of designs read wrong."""
    wrong = tried = 0
    for name, design in DESIGNS.items():
        if (parts and not any(part in name for part in parts)) or (design.font and not font_path(design.font)):
            continue
        started_s = time.process_time()
        found = faults(design, read(design))
        tried += 1
        wrong += bool(found)
        print(f"{'wrong' if found else 'right':6}{name:36}{time.process_time() - started_s:6.1f} s", flush=True)
        for fault in found:
            print(f"      {fault}", flush=True)
    print(f"{tried - wrong} of {tried} right")
    return min(wrong, 99)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
