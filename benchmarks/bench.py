#!/usr/bin/env python3
"""Every target with the result of one run on this machine.

    make bench                                      everything about speed, on a match from ../shared or the sample
    python -m benchmarks.bench --only reels         one part; quality and review are measured only if named
    python -m benchmarks.bench --quick              short, one round: tests the benchmark, not the program
    python -m benchmarks.bench --matches FOLDER     NAME.mp4 with NAME.truth.json
    python -m benchmarks.bench --write FILE         also into a Markdown file, each table between its marks

Seconds depend on the machine and its load, so most targets are ratios.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.cached import measure_cached
from benchmarks.codings import CODED_S, LONG_S, measure_codings, measure_long
from benchmarks.cuts import measure_cuts
from benchmarks.machine import machine
from benchmarks.matches import FULL, LONG, QUICK, ROOT, TIMED, Match, assembled, can_assemble, in_folder, sample
from benchmarks.memory import LONGER, measure_memory
from benchmarks.quality import measure_quality
from benchmarks.reels import measure_reels
from benchmarks.review import measure_review
from benchmarks.speed import SPEED_S, Runs, measure_speed, usual
from benchmarks.stages import measure_stages
from benchmarks.table import Table, verdict

USUAL_PARTS = ("speed", "long", "codings", "cuts", "memory", "cache", "reels", "stages")
PARTS = (*USUAL_PARTS, "review", "quality")
ROUNDS = 3
QUICK_S, QUICK_LONGER = 60.0, 2


def main() -> None:
    """Parse, measure, print each table as soon as it is ready."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--matches", type=Path, metavar="FOLDER", help="measure on the matches of this folder")
    parser.add_argument("--quick", action="store_true", help="short, one round")
    parser.add_argument("--only", metavar="PARTS", help=f"one or more of {', '.join(PARTS)}, joined by commas")
    parser.add_argument("--rounds", type=int, help=f"number of rounds ({ROUNDS}, or 1 with --quick)")
    parser.add_argument(
        "--scratch", type=Path, default=ROOT / "out" / "bench", help="folder for intermediate files (out/bench)"
    )
    parser.add_argument("--write", type=Path, metavar="FILE", help="also write the tables into this Markdown file")
    arguments = parser.parse_args()
    rounds = (1 if arguments.quick else ROUNDS) if arguments.rounds is None else arguments.rounds
    parts = arguments.only.split(",") if arguments.only else USUAL_PARTS
    if rounds < 1:
        parser.error("--rounds must be 1 or more")
    if unknown := set(parts) - set(PARTS):
        parser.error(f"{min(unknown)} is not a part; use one or more of {', '.join(PARTS)}")
    if arguments.write and (unmarked := [part for part in parts if marks(part)[0] not in arguments.write.read_text()]):
        parser.error(f"{arguments.write}: needs the lines `{'` and `'.join(marks(unmarked[0]))}` where {unmarked[0]} belongs")
    scratch = arguments.scratch.resolve()
    scratch.mkdir(parents=True, exist_ok=True)
    print(f"{machine()}\n")
    matches = _matches(arguments.matches, arguments.quick, "quality" in parts, scratch)
    missed = 0
    for part, table in _tables(matches, parts, rounds, arguments.quick, scratch):
        print(table.text(), flush=True)
        missed += sum(row[-1] == verdict(False) for row in table.rows)
        if arguments.write:
            put_into(arguments.write, part, table)
    print(f"{missed} target(s) missed" if missed else "every target met")


def _matches(folder: Path | None, quick: bool, every: bool, scratch: Path) -> list[Match]:
    if folder is not None:
        return in_folder(folder)
    if can_assemble():
        return assembled(QUICK if quick else FULL if every else TIMED, scratch / "matches")
    print("../shared or the system's ffmpeg is missing: measuring on the sample only", file=sys.stderr)
    return [sample()]


def _tables(
    matches: Sequence[Match], parts: Sequence[str], rounds: int, quick: bool, scratch: Path
) -> Iterator[tuple[str, Table]]:
    match, runs = usual(matches), Runs(scratch / "runs")
    length_s, longer = (QUICK_S, QUICK_LONGER) if quick else (SPEED_S, LONGER)
    if "speed" in parts:
        yield "speed", measure_speed(match, runs, rounds, length_s, scratch)
    if "long" in parts:
        yield "long", measure_long(_long(match, quick, scratch), runs, rounds, LONG_S if not quick else 2 * length_s, scratch)
    if "codings" in parts:
        source = _long(match, quick, scratch)
        yield "codings", measure_codings(source, runs, rounds, QUICK_S if quick else min(CODED_S, source.duration_s), scratch)
    if "cuts" in parts:
        yield "cuts", measure_cuts(match, runs, scratch)
    if "memory" in parts:
        yield "memory", measure_memory(match, runs, length_s, longer, scratch)
    if "cache" in parts:
        yield "cache", measure_cached(match, runs, length_s, longer, scratch)
    if "reels" in parts:
        yield "reels", measure_reels(match, rounds, length_s, scratch)
    if "stages" in parts:
        yield "stages", measure_stages(match, length_s, scratch)
    if "review" in parts:
        yield "review", measure_review(scratch / "review")
    if "quality" in parts:
        yield "quality", measure_quality(matches, runs)


def _long(match: Match, quick: bool, scratch: Path) -> Match:
    """A whole match, if one can be assembled: the score of a repeated one begins again at nil."""
    if quick or match.path.parent != scratch / "matches":
        return match
    return assembled(LONG, scratch / "long")[0]


def marks(part: str) -> tuple[str, str]:
    """The lines before and after a part's table."""
    return f"<!-- {part}: written by make bench -->", f"<!-- end of {part} -->"


def put_into(file: Path, part: str, table: Table) -> None:
    """Replace the part's earlier table by a new one and a line about this machine."""
    begin, end = marks(part)
    made = "\n".join((begin, table.markdown(), machine(), end))
    pattern = f"{re.escape(begin)}.*?{re.escape(end)}"
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(pattern, lambda _: made, text, count=1, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    main()
