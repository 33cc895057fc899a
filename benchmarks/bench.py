#!/usr/bin/env python3
"""Every target beside what was reached, taken in one run: speed, memory, reels, stages, quality.

    make bench                                      matches assembled out of ../shared, or else the sample
    python -m benchmarks.bench --quick              short matches, one round
    python -m benchmarks.bench --matches FOLDER     NAME.mp4 with NAME.truth.json
    python -m benchmarks.bench --markdown           for docs/benchmarks.md

Seconds belong to one machine and one hour; the ratios are what is held to.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.matches import FULL, QUICK, ROOT, Match, assembled, can_assemble, in_folder, sample
from benchmarks.quality import measure_quality
from benchmarks.reels import measure_reels
from benchmarks.review import measure_review
from benchmarks.speed import Runs, measure_memory, measure_speed, usual
from benchmarks.stages import measure_stages
from benchmarks.table import Table

PARTS = ("speed", "memory", "reels", "review", "stages", "quality")
ROUNDS = 3


def main() -> None:
    """Parse, measure, print each table as soon as it is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--matches", type=Path, metavar="FOLDER", help="measure on the matches of this folder")
    parser.add_argument("--quick", action="store_true", help="short matches, one round")
    parser.add_argument("--only", action="append", choices=PARTS, help="leave the other parts out; may be given more than once")
    parser.add_argument("--rounds", type=int, help=f"how often times are taken ({ROUNDS}, or 1 with --quick)")
    parser.add_argument("--scratch", type=Path, default=ROOT / "out" / "bench", help="folder for what is made (out/bench)")
    parser.add_argument("--markdown", action="store_true", help="print Markdown")
    arguments = parser.parse_args()
    rounds = (1 if arguments.quick else ROUNDS) if arguments.rounds is None else arguments.rounds
    if rounds < 1:
        parser.error("--rounds must be 1 or more")
    scratch = arguments.scratch.resolve()
    scratch.mkdir(parents=True, exist_ok=True)
    print(_machine())
    matches = _matches(arguments.matches, arguments.quick, scratch)
    for table in _tables(matches, arguments.only or PARTS, rounds, scratch):
        print(table.markdown() if arguments.markdown else table.text(), flush=True)


def _matches(folder: Path | None, quick: bool, scratch: Path) -> list[Match]:
    if folder is not None:
        return in_folder(folder)
    if can_assemble():
        return assembled(QUICK if quick else FULL, scratch / "matches")
    print("../shared or the system's ffmpeg is not there: measuring on the sample alone", file=sys.stderr)
    return [sample()]


def _tables(matches: Sequence[Match], parts: Sequence[str], rounds: int, scratch: Path) -> Iterator[Table]:
    match, runs = usual(matches), Runs(scratch / "runs")
    if "speed" in parts:
        yield measure_speed(match, runs, rounds, scratch)
    if "memory" in parts:
        yield measure_memory(match, runs, scratch)
    if "reels" in parts:
        yield measure_reels(match, rounds, scratch)
    if "review" in parts:
        yield measure_review(scratch / "review")
    if "stages" in parts:
        yield measure_stages(match, scratch)
    if "quality" in parts:
        yield measure_quality(matches, runs)


def _machine() -> str:
    system, python, load = f"{platform.system()} {platform.machine()}", platform.python_version(), os.getloadavg()[0]
    return f"{os.cpu_count()} cores, {system}, Python {python}; load at the start {load:.1f}\n"


if __name__ == "__main__":
    main()
