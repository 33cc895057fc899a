"""One match to judge: what was claimed, how sure, and the truth.

events        claims that count        ├ precision, recall and errors are of these
near misses   claims that do not       ├ average-mAP and calibration are of all, by their confidence
rejected      no claims at all: a person has decided
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from highlights.evaluation.soccernet import HALF_S, HALVES, Files, Prediction, kind_of
from highlights.evaluation.spotting import Half, Key
from highlights.evaluation.truth import Truth
from highlights.records import MOMENT, Event, Timeline
from highlights.spans import Span, clock

SURE = 0.5
"""Predictions without a list of events are events from this confidence on."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim of a result. `event`: whether it counts as an event. `why`: the reasons for or against it, in words."""

    kind: str
    time_s: float
    confidence: float
    event: bool = True
    span: Span | None = None
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One match: its claims, its truth, and the timeline, where the result is one.

    `starts_s` is where the files (halves) of the recording begin on the match clock.
    """

    name: str
    truth: Truth
    claims: tuple[Claim, ...]
    starts_s: tuple[float, ...] = (0.0,)
    timeline: Timeline | None = None
    halves: tuple[Half, ...] = field(default=())
    """As SoccerNet's evaluator is given them, where the result is its file; else they follow from claims and truth."""
    _sorted: dict[tuple[str, bool], list[Claim]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        for claim in self.claims:  # once, as lists of predictions are long
            self._sorted.setdefault((claim.kind, claim.event), []).append(claim)

    def said(self, kind: str, *, events: bool) -> list[Claim]:
        """The claims of a kind that count, or those that do not, in order of time."""
        return self._sorted.get((kind, events), [])

    def time_text(self, time_s: float) -> str:
        """A time in words: of the recording, or of the half where there is no recording."""
        if self.timeline is not None:
            return clock(time_s)
        half = sum(start_s <= time_s for start_s in self.starts_s)
        return f"{half} - {clock(time_s - self.starts_s[half - 1])}"


def case_of_timeline(name: str, timeline: Timeline, truth: Truth) -> Case:
    """The match of a timeline."""
    claims = [
        *(_claim(event, truth, counts=True) for event in timeline.events if event.name != MOMENT),
        *(_claim(event, truth, counts=False) for event in timeline.near_misses if event.status != "rejected"),
    ]
    starts_s = tuple(part.start_s for part in timeline.recording.parts)
    return Case(name, truth, _in_order(claims), starts_s, timeline)


def case_of_predictions(name: str, predictions: Sequence[Prediction], truth: Truth, halves: tuple[Half, ...]) -> Case:
    """The match of a file of SoccerNet predictions."""
    claims = [
        Claim(kind_of(one.name), HALF_S * (one.half - 1) + one.position_ms / 1000, one.confidence, one.confidence >= SURE)
        for one in predictions
        if one.half in HALVES
    ]
    return Case(name, truth, _in_order(claims), Files().starts_s, None, halves)


def _claim(event: Event, truth: Truth, *, counts: bool) -> Claim:
    why = [event.why_not] if event.why_not else []
    why += [moment.because for moment in event.evidence]
    sure = 1.0 if event.status in ("accepted", "added") else event.confidence
    return Claim(truth.kind_of(event.name), event.peak_s, sure, counts, event.span, tuple(why))


def _in_order(claims: Sequence[Claim]) -> tuple[Claim, ...]:
    return tuple(sorted(claims, key=lambda claim: (claim.time_s, claim.kind, claim.confidence)))


def halves_of_case(case: Case) -> tuple[Half, ...]:
    """The halves of a case as they are judged by average-mAP; in a bin, the most confident claim counts."""
    if case.halves:
        return case.halves
    labels: list[dict[Key, bool]] = [{} for _ in case.starts_s]
    found: list[dict[Key, float]] = [{} for _ in case.starts_s]
    for kind, events in case.truth.events.items():
        for event in events:
            half, at = _place(case, event.time_s)
            labels[half][kind, at] = event.shown
    for claim in case.claims:
        half, at = _place(case, claim.time_s)
        found[half][claim.kind, at] = max(claim.confidence, found[half].get((claim.kind, at), 0.0))
    return tuple(map(Half, labels, found))


def _place(case: Case, time_s: float) -> tuple[int, int]:
    """The half of a time, and its half second there."""
    half = max(0, sum(start_s <= time_s for start_s in case.starts_s) - 1)
    return half, int(2 * (time_s - case.starts_s[half]))
