"""How well real score graphics are read, by sport: `python -m benchmarks.scoreboards FOLDER... [--write docs/scoreboards.md]`.

The folders hold the recordings named in `score_graphics/real.yaml`, or in the file given with `--labels`; missing ones are left
out and counted. Recordings are not part of the project: only what they show is.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks.score_graphics.labels import FIELDS, VERDICTS, Label, Verdict, judge, read_labels
from highlights import profile
from highlights.analysis.reading import analyse
from highlights.analysis.score.notation import score_text
from highlights.media.probe import open_recording
from highlights.records import Scoreboard

LABELS = Path(__file__).parent / "score_graphics" / "real.yaml"
INTRODUCTION = """# Real score graphics

How well the score graphics of television recordings are read, as numbers of recordings: right / wrong / unsure (a doubt is
reported instead of a score) / not found. Written by `python -m benchmarks.scoreboards FOLDER... --write docs/scoreboards.md`;
the truth, read by eye, is in `benchmarks/score_graphics/real.yaml`. The recordings are not part of the project.

"""
Judged = tuple[Label, Mapping[str, Verdict], str]


def main(arguments: Sequence[str]) -> int:
    """Print the table, or write it to a file; the exit code is 1 if a score was read wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--labels", type=Path, default=LABELS)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args(arguments)
    labels = read_labels(options.labels)
    found = [(label, path) for label in labels if (path := _path(label.file, options.folders))]
    with ProcessPoolExecutor(2) as pool:
        judged = [*pool.map(_judged, *zip(*found, strict=True))] if found else []
    text = page(judged, missing=len(labels) - len(found))
    if options.write:
        options.write.write_text(text, encoding="utf-8")
    print(text)
    return int(any(verdicts["score"] == "wrong" for _, verdicts, _ in judged))


def _path(file: str, folders: Sequence[Path]) -> Path | None:
    return next((folder / file for folder in folders if (folder / file).is_file()), None)


def _judged(label: Label, path: Path) -> Judged:
    board = analyse(open_recording([path]), profile.load(label.sport)).scoreboard
    return label, judge(label, board), _read(board)


def _read(board: Scoreboard) -> str:
    """What was read, in a few words."""
    scores = dict.fromkeys(score_text(reading.counters) for reading in board.readings)
    return board.doubt or f"{' / '.join(filter(None, board.teams))} {', '.join(scores)}".strip() or "nothing"


def page(judged: Sequence[Judged], missing: int = 0) -> str:
    """The results as Markdown."""
    head = "| sport | recordings | " + " | ".join(FIELDS) + " |"
    lines = [head, "|" + "---|" * (2 + len(FIELDS))]
    for sport in [*sorted({label.sport for label, _, _ in judged}), "all"]:
        rows = [verdicts for label, verdicts, _ in judged if sport in (label.sport, "all")]
        lines.append(f"| {sport} | {len(rows)} | " + " | ".join(_counts(rows, field) for field in FIELDS) + " |")
    others = [
        f"- `{label.file}`: " + ", ".join(f"{field} {v}" for field, v in verdicts.items() if v != "right") + f" (read: {read})"
        for label, verdicts, read in judged
        if any(verdict != "right" for verdict in verdicts.values())
    ]
    rest = f"\n{missing} labelled recordings were missing.\n" if missing else ""
    return INTRODUCTION + "\n".join(lines) + "\n" + rest + ("\nNot right:\n\n" + "\n".join(others) + "\n" if others else "")


def _counts(rows: Sequence[Mapping[str, Verdict]], field: str) -> str:
    tally = Counter(verdicts[field] for verdicts in rows if field in verdicts)
    return " / ".join(str(tally[verdict]) for verdict in VERDICTS) if tally else "–"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
