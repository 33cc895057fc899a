"""`highlights evaluate` beside SoccerNet's own evaluator, on a folder in SoccerNet's layout: `python -m benchmarks.spotting`.

The folder is made of the sample and, with ../shared, of assembled soccer matches: `Labels-v2.json` from their truth,
`results_spotting.json` as `highlights export` writes it, of all claims of a run: near misses too, so some are false alarms.
Needs `pip install --no-deps SoccerNet==0.2.0`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import warnings
from collections.abc import Sequence
from contextlib import redirect_stderr
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.matches import ROOT, Assembly, Match, assembled, can_assemble, sample
from benchmarks.table import Table
from highlights import find_events
from highlights.evaluation.evaluation import Evaluation, evaluate
from highlights.evaluation.inputs import gathered
from highlights.evaluation.soccernet import PREDICTIONS
from highlights.evaluation.truth_file import read_truth
from highlights.export import formats
from highlights.export.soccernet import CLASSES

MATCHES = (
    Assembly("soccer", "clock-first", 6, 4),
    Assembly("soccer", "none", 6, 3),
    Assembly("soccer", "bottom", 6, 5),
)
VIEWS = {"": "all", "_visible": "shown", "_unshown": "unshown"}


def main() -> None:
    """Parse, make the folder, print both results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--scratch", type=Path, default=ROOT / "out" / "bench", help="folder for matches and for the layout (out/bench)"
    )
    parser.add_argument("--markdown", action="store_true", help="print Markdown")
    arguments = parser.parse_args()
    matches = [sample(), *(assembled(MATCHES, arguments.scratch / "matches") if can_assemble() else [])]
    labels, predictions = laid_out(matches, arguments.scratch / "soccernet")
    table = compared(labels, predictions)
    print(table.markdown() if arguments.markdown else table.text())
    print(f"highlights evaluate {predictions} --truth {labels}")


def laid_out(matches: Sequence[Match], folder: Path) -> tuple[Path, Path]:
    """The folders of labels and predictions, a game of one half for each match."""
    labels, predictions = folder / "labels", folder / "predictions"
    for match in matches:
        print(f"reading {match.name} ...", file=sys.stderr)
        timeline = find_events(match.path, match.sport)
        claims = replace(timeline, events=(*timeline.events, *timeline.near_misses), near_misses=(), clips=())
        for place in (labels, predictions):
            (place / "assembled" / match.name).mkdir(parents=True, exist_ok=True)
        target = predictions / "assembled" / match.name / PREDICTIONS
        formats.export(claims, formats.choice("soccernet-spotting", None, None, target), target, folder / "reel.mp4")
        (labels / "assembled" / match.name / "Labels-v2.json").write_text(
            json.dumps({"annotations": labels_of(match)}, indent=1)
        )
    return labels, predictions


def labels_of(match: Match) -> list[dict[str, str]]:
    """The truth of a match as SoccerNet's labels."""
    truth = read_truth(match.truth)
    found = [(time_s, CLASSES[kind]) for kind in truth.events for time_s in truth.times_s(kind)]
    return [
        {"gameTime": f"1 - {int(at) // 60:02}:{int(at) % 60:02}", "label": label, "position": str(round(1000 * at))}
        for at, label in sorted(found)
    ]


def compared(labels: Path, predictions: Path) -> Table:
    """Both evaluators' numbers, and how long they took."""
    table = Table("Average-mAP, in percent", ("which", "here", "SoccerNet", "difference"))
    begun_s = time.perf_counter()
    ours = evaluate(gathered([predictions], labels))
    took_s = {"here": time.perf_counter() - begun_s}
    begun_s = time.perf_counter()
    theirs = {metric: soccernets_own(labels, predictions, ours, metric) for metric in ("tight", "loose")}
    took_s["SoccerNet"] = time.perf_counter() - begun_s
    for metric, found in (("tight", ours.tight), ("loose", ours.loose)):
        assert found is not None
        for ending, view in VIEWS.items():
            average = getattr(found, view)
            own = [float(value) for value in (theirs[metric][f"a_mAP{ending}"], *theirs[metric][f"a_mAP_per_class{ending}"])]
            apart = max(abs(a - b) for a, b in zip(own, (average.mean, *average.by_class), strict=True))
            table.add(f"{metric}, {view}", f"{100 * average.mean:.4f}", f"{100 * own[0]:.4f}", f"{apart:.1e}")
    table.add("seconds", *(f"{took_s[name]:.2f}" for name in ("here", "SoccerNet")), "")
    table.notes.append("The difference is the largest of the mean and of all classes, as shares.")
    return table


def soccernets_own(labels: Path, predictions: Path, ours: Evaluation, metric: str) -> dict[str, Any]:
    """The result of SoccerNet's evaluator, which prints bars and leaves files open."""
    try:
        from SoccerNet.Evaluation import ActionSpotting  # type: ignore[import-untyped,import-not-found,unused-ignore]
    except ImportError:
        raise SystemExit("SoccerNet is missing: pip install --no-deps SoccerNet==0.2.0") from None
    numbered = {name: number for number, name in enumerate(ours.classes)}
    with warnings.catch_warnings(), Path(os.devnull).open("w") as nowhere, redirect_stderr(nowhere), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        found: dict[str, Any] = ActionSpotting.evaluate(
            str(labels), str(predictions), dataset=None, metric=metric, EVENT_DICTIONARY=numbered
        )
    return found


if __name__ == "__main__":
    main()
