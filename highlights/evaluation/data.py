"""An evaluation as plain data, for JSON and for comparing; docs/evaluate.md explains the keys.

A measure that the truth does not allow is missing. Shares are 0..1, except R1 and mIoU, which are percent as published.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from highlights.evaluation.calibration import Calibration
from highlights.evaluation.cuts import Cuts
from highlights.evaluation.evaluation import Evaluation
from highlights.evaluation.grounding import THRESHOLDS, Grounding
from highlights.evaluation.instants import Measure
from highlights.evaluation.judged import Judged, Mistake
from highlights.evaluation.readings import Counts, Readings
from highlights.evaluation.review_time import ReviewTime
from highlights.evaluation.selection import Overlap, Selection
from highlights.evaluation.spotting import AverageMap, Spotting

VERSION = 1


def as_data(evaluation: Evaluation) -> dict[str, Any]:
    """The whole evaluation."""
    one = evaluation
    metrics = {
        "events": {measure.kind: _measure(measure) for measure in one.measures},
        "events_at": {f"{at:g}": {m.kind: _shares(m) for m in found} for at, found in (one.at or {}).items()},
        "score_changes": one.score and _measure(one.score),
        "spotting": _spotting(one),
        "grounding": one.grounding and _grounding(one.grounding),
        "cuts": one.cuts and _cuts(one.cuts),
        "readings": one.readings and _readings(one.readings),
        "calibration": one.calibration and _calibration(one.calibration),
        "selection": one.selection and _selection(one.selection),
        "review": one.review and _review(one.review),
    }
    return {
        "evaluation": VERSION,
        "tolerance_s": one.tolerance_s,
        "notes": list(one.notes),
        "metrics": {name: value for name, value in metrics.items() if value},
        "matches": [_match(match) for match in one.matches],
        "mistakes": [_mistake(mistake) for mistake in one.mistakes],
        "cut_mistakes": [_mistake(mistake) for mistake in one.cut_mistakes],
    }


def _match(match: Judged) -> dict[str, Any]:
    found = [{"kind": kind, "time_s": time_s} for kind, time_s in match.found]
    return {"name": match.case.name, "events": {m.kind: _shares(m) for m in match.measures}, "found": found}


def _mistake(mistake: Mistake) -> dict[str, Any]:
    return {name: getattr(mistake, name) for name in Mistake.__slots__ if name != "why"} | {"why": list(mistake.why)}


def _shares(measure: Measure) -> dict[str, Any]:
    counts = {"true": measure.true, "found": measure.found, "matched": measure.matched}
    return counts | {"precision": measure.precision, "recall": measure.recall, "f1": measure.f1}


def _measure(measure: Measure) -> dict[str, Any]:
    errors = {
        "median_error_s": measure.error_s,
        "p90_error_s": measure.error_at_s(0.9),
        "largest_error_s": measure.error_at_s(1.0),
        "late_s": measure.late_s,
    }
    held = {} if measure.held is None else {"in_span": measure.held}
    return _shares(measure) | {"tolerance_s": measure.tolerance_s} | errors | held


def _spotting(one: Evaluation) -> dict[str, Any] | None:
    if one.tight is None or one.loose is None:
        return None
    return {"tight": _average(one.tight, one.classes), "loose": _average(one.loose, one.classes)}


def _average(spotting: Spotting, classes: Sequence[str]) -> dict[str, Any]:
    def view(average: AverageMap) -> dict[str, Any]:
        return {"mean": average.mean, "by_class": dict(zip(classes, average.by_class, strict=True))}

    views = {"all": view(spotting.all), "shown": view(spotting.shown), "unshown": view(spotting.unshown)}
    return views | {"at": {str(at): value for at, value in spotting.at.items()}}


def _grounding(one: Grounding) -> dict[str, Any]:
    recall = {f"r1@{least}": share for least, share in zip(THRESHOLDS, one.recall, strict=True)}
    return {"queries": one.queries, "unanswered": one.unanswered, **recall, "miou": one.mean_iou}


def _cuts(cuts: Cuts) -> dict[str, Any]:
    at = {str(frames): {m.kind: _shares(m) for m in found} for frames, found in cuts.at.items()}
    walked = {"all_as_transnetv2": _shares(cuts.walked)} if cuts.walked else {}
    return {"at_frames": at, **walked, "named_right": dict(cuts.named)}


def _readings(readings: Readings) -> dict[str, Any]:
    def counted(counts: Counts) -> dict[str, Any]:
        minutes = counts.looks / 60
        rates = (
            {f"{what}_per_minute": getattr(counts, what) / minutes for what in ("right", "wrong", "missed")} if minutes else {}
        )
        return {name: getattr(counts, name) for name in Counts.__slots__} | (rates if readings.by_second else {})

    pairs = {"score": readings.score, "clock": readings.clock}
    return {"by_second": readings.by_second} | {name: counted(counts) for name, counts in pairs.items() if counts}


def _calibration(one: Calibration) -> dict[str, Any]:
    bins = [{name: getattr(group, name) for name in type(group).__slots__} for group in one.bins]
    return {"claims": one.claims, "ece": one.ece, "brier": one.brier, "bins": bins}


def _selection(one: Selection) -> dict[str, Any]:
    def shared(overlap: Overlap) -> dict[str, Any]:
        seconds = {"reel_s": overlap.reel_s, "summary_s": overlap.summary_s, "shared_s": overlap.shared_s}
        shares = {name: getattr(overlap, name) for name in ("precision", "recall", "f1", "iou", "frames_f1")}
        return seconds | shares

    at_length = {"at_length": shared(one.at_length)} if one.at_length else {}
    return {"reel": shared(one.reel), **at_length, "chance": one.chance}


def _review(one: ReviewTime) -> dict[str, Any]:
    return {name: getattr(one, name) for name in ReviewTime.__slots__} | {"saved_s": one.saved_s}


def numbers(metrics: Mapping[str, Any], path: str = "") -> dict[str, float]:
    """Every number of some metrics by its path, such as `events.goal.f1`; lists are left out.

    >>> numbers({"events": {"goal": {"f1": 0.5, "late_s": None}}})
    {'events.goal.f1': 0.5}
    """
    found: dict[str, float] = {}
    for key, value in metrics.items():
        where = f"{path}.{key}" if path else key
        if isinstance(value, dict):
            found |= numbers(value, where)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found[where] = float(value)
    return found
