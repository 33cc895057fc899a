"""Found spans against true ones: R1@0.3, 0.5, 0.7 and mIoU.

Conventions of TimeLens-Bench: the overlap of two spans divided by the time from the earlier start to the later end (the
union, where they overlap); only the first predicted span counts; no answer, or one that cannot be understood, is 0; an IoU
exactly at a threshold counts. All in percent.

For the events of a timeline whose start and end were marked, the predicted span is that of the event that is paired with it,
and the IoU is 0 if none is.

Source: `evaluation/compute_metrics.py` of TimeLens (BSD-3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from highlights.evaluation.cases import Case
from highlights.evaluation.pairing import paired

THRESHOLDS = (0.3, 0.5, 0.7)

Pair = tuple[float, float]
"""Start and end in seconds; a model may name an end before the start, which overlaps nothing."""


@dataclass(frozen=True, slots=True)
class Grounding:
    """Shares in percent over all queries; `recall` in the order of `THRESHOLDS`. `unanswered` have no predicted span."""

    queries: int
    unanswered: int
    recall: tuple[float, ...]
    mean_iou: float


def iou(true: Pair, found: Pair | None) -> float:
    """Overlap of two spans, 0..1.

    >>> iou((0, 10), (5, 20)), iou((0, 10), None), iou((0, 10), (8, 8)), iou((0, 10), (12, 15))
    (0.25, 0.0, 0.0, 0.0)
    """
    if found is None:
        return 0.0
    hull = max(true[1], found[1]) - min(true[0], found[0])
    shared = min(true[1], found[1]) - max(true[0], found[0])
    return max(shared, 0.0) / hull if hull > 0 else 0.0


def grounding(overlaps: Sequence[float], unanswered: int = 0) -> Grounding | None:
    """The shares of some overlaps; None without any."""
    count = len(overlaps)
    if not count:
        return None
    recall = tuple(100 * sum(overlap >= least for overlap in overlaps) / count for least in THRESHOLDS)
    return Grounding(count, unanswered, recall, 100 * sum(overlaps) / count)


def overlaps_of(case: Case, tolerance_s: float) -> list[float]:
    """The overlap of each true event whose span was marked with the event that is paired with it."""
    overlaps = []
    for kind, true in case.truth.events.items():
        events = case.said(kind, events=True)
        pairs = dict(paired([event.time_s for event in true], [event.time_s for event in events], tolerance_s))
        for number, event in enumerate(true):
            if event.span is not None:
                found = events[pairs[number]].span if number in pairs else None
                overlaps.append(iou((event.span.start_s, event.span.end_s), (found.start_s, found.end_s) if found else None))
    return overlaps
