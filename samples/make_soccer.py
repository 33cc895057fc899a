#!/usr/bin/env python3
"""Make the sample match: `soccer.mp4` (150 s, 640x360, 25 fps, H.264 and AAC) and its truth, `soccer.truth.json`.

Everything in it is drawn and synthesised by the package `soccer_match` beside this file: no footage, no recordings, no font
other than Pillow's own. The same machine makes the same bytes.

    python samples/make_soccer.py
    python samples/make_soccer.py --out /tmp/short.mp4 --seconds 20
"""

from __future__ import annotations

import argparse
from pathlib import Path

from soccer_match.film import make
from soccer_match.story import DURATION_S


def main() -> None:
    """Parse, make, print the paths."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--out", type=Path, default=Path(__file__).parent / "soccer.mp4", help="the video; its truth is written beside it"
    )
    parser.add_argument("--seconds", type=float, default=DURATION_S, help="make only the beginning")
    arguments = parser.parse_args()
    if not 0.1 <= arguments.seconds <= DURATION_S:
        parser.error(f"--seconds must be 0.1 to {DURATION_S:g}")
    if not arguments.out.parent.is_dir():
        parser.error(f"{arguments.out.parent}: no such folder; create it first")
    truth = make(arguments.out, arguments.seconds)
    print(f"{arguments.out}\n{truth}")


if __name__ == "__main__":
    main()
