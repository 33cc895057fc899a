#!/usr/bin/env python3
"""Try to break the program, and write what came of it.

    make torture                                        everything, into docs/reliability.md; an hour on two cores
    python -m benchmarks.torture --only recordings      one part, or several joined by commas
    python -m benchmarks.torture --only recordings --cases 'TS*flipped*'
    python -m benchmarks.torture --quick                few of everything: tests the torture, not the program
    python -m benchmarks.torture --write FILE           also into a Markdown file, each table between its marks

It needs Linux; mounting file systems needs root, a clock that is set `faketime`: what cannot be done is shown as such.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from benchmarks.bench import marks, put_into
from benchmarks.machine import machine
from benchmarks.matches import ROOT
from benchmarks.table import Table, verdict
from benchmarks.torture.faults import measure_faults
from benchmarks.torture.fuzz import measure_fuzz
from benchmarks.torture.kills import measure_kills
from benchmarks.torture.recordings import measure_recordings
from benchmarks.torture.soak import measure_soak

PARTS = ("recordings", "kills", "faults", "fuzz", "soak")
KILLS, EXAMPLES = 100, 20_000
QUICK_CASES, QUICK_KILLS, QUICK_EXAMPLES, QUICK_SHARE = "MP4, H.264, short: cut off*", 3, 400, 0.01


def main() -> None:
    """Parse, measure, print each table as soon as it is ready."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="PARTS", default=",".join(PARTS), help=f"some of {', '.join(PARTS)}")
    parser.add_argument("--cases", metavar="PATTERN", default="*", help="only the damaged recordings whose name fits")
    parser.add_argument("--at-once", type=int, default=2, help="how many damaged recordings are run at once")
    parser.add_argument("--quick", action="store_true", help="few of everything")
    parser.add_argument("--matches", type=Path, metavar="FOLDER", help="NAME.mp4 with NAME.truth.json, for the long run")
    parser.add_argument("--scratch", type=Path, default=ROOT / "out" / "torture", help="folder for intermediate files")
    parser.add_argument("--write", type=Path, metavar="FILE", help="also write the tables into this Markdown file")
    arguments = parser.parse_args()
    parts = arguments.only.split(",")
    if unknown := set(parts) - set(PARTS):
        parser.error(f"{min(unknown)} is not a part; use one or more of {', '.join(PARTS)}")
    scratch = arguments.scratch.resolve()
    scratch.mkdir(parents=True, exist_ok=True)
    print(f"{machine()}\n")
    missed = 0
    cases = QUICK_CASES if arguments.quick else arguments.cases
    for part, table in _tables(parts, scratch, cases, arguments.at_once, arguments.matches, quick=arguments.quick):
        print(table.text(), flush=True)
        missed += sum(verdict(False) in row for row in table.rows)
        if arguments.write:
            _check_marked(arguments.write, part)
            put_into(arguments.write, part, table)
    print(f"{missed} line(s) wrong" if missed else "all as it should be")


def _tables(
    parts: list[str], scratch: Path, cases: str, at_once: int, matches: Path | None, *, quick: bool
) -> Iterator[tuple[str, Table]]:
    if "recordings" in parts:
        summary, wrong = measure_recordings(scratch, cases, at_once)
        yield "recordings", summary
        yield "wrong", wrong
    if "kills" in parts:
        yield "kills", measure_kills(scratch, QUICK_KILLS if quick else KILLS)
    if "faults" in parts:
        yield "faults", measure_faults(scratch)
    if "fuzz" in parts:
        yield "fuzz", measure_fuzz(scratch, QUICK_EXAMPLES if quick else EXAMPLES)
    if "soak" in parts:
        yield "soak", measure_soak(scratch, matches, QUICK_SHARE if quick else 1.0)


def _check_marked(file: Path, part: str) -> None:
    begin, end = marks(part)
    if begin not in file.read_text(encoding="utf-8"):
        raise SystemExit(f"{file}: needs the lines `{begin}` and `{end}` where {part} belongs")


if __name__ == "__main__":
    main()
