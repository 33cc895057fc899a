"""One match judged by everything that its truth has; and what was missed, or claimed though it did not happen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from highlights.analysis.score.notation import score_text
from highlights.evaluation import calibration, cuts, readings, review_time, selection
from highlights.evaluation.cases import Case, Claim, halves_of_case
from highlights.evaluation.cuts import Cuts
from highlights.evaluation.grounding import overlaps_of
from highlights.evaluation.instants import TOLERANCES_S, Measure, measured
from highlights.evaluation.pairing import paired
from highlights.evaluation.readings import Readings
from highlights.evaluation.review_time import ReviewTime
from highlights.evaluation.selection import Selection
from highlights.evaluation.spotting import Half

NEAR_S = 60.0
"""What is farther from a mistake says nothing about it."""
SCORE_CHANGE = "score change"


@dataclass(frozen=True, slots=True)
class Mistake:
    """A true event that was missed, or a false alarm; `why` is what the program said, or what lies near, in words.

    `confidence` is that of a false alarm, or of the near miss that the missed event is; None without one.
    """

    match: str
    what: Literal["missed", "false alarm"]
    kind: str
    time_s: float
    at: str
    confidence: float | None
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """The measures of one match; None where its truth has nothing to judge by."""

    case: Case
    measures: tuple[Measure, ...]
    at: dict[float, tuple[Measure, ...]]
    """By tolerance in seconds."""
    mistakes: tuple[Mistake, ...]
    found: tuple[tuple[str, float], ...]
    """Kind and time of each true event that was found."""
    halves: tuple[Half, ...]
    told: tuple[tuple[float, bool], ...]
    overlaps: tuple[float, ...]
    score: Measure | None = None
    readings: Readings | None = None
    cuts: Cuts | None = None
    cut_mistakes: tuple[Mistake, ...] = ()
    selection: Selection | None = None
    review: ReviewTime | None = None


def judge(case: Case, tolerance_s: float) -> Judged:
    """Everything about one match."""
    timeline, truth = case.timeline, case.truth
    mistakes, found = _mistakes(case, tolerance_s)
    changes = truth.score_changes
    return Judged(
        case,
        judge_events(case, tolerance_s),
        {other: judge_events(case, other) for other in TOLERANCES_S},
        mistakes,
        found,
        halves_of_case(case),
        calibration.judged_claims(case, tolerance_s),
        tuple(overlaps_of(case, tolerance_s)),
        readings.score_changes(timeline, changes) if timeline and changes is not None else None,
        readings.judge(timeline, truth) if timeline else None,
        cuts.judge(timeline, truth) if timeline else None,
        _of_cuts(case),
        selection.judge(timeline, truth) if timeline else None,
        review_time.judge(case),
    )


def judge_events(case: Case, tolerance_s: float) -> tuple[Measure, ...]:
    """The measure of every kind of event in the truth."""
    return tuple(_measure(case, kind, tolerance_s) for kind in sorted(case.truth.events))


def _measure(case: Case, kind: str, tolerance_s: float) -> Measure:
    times, events = case.truth.times_s(kind), case.said(kind, events=True)
    spans = [event.span for event in events if event.span]
    held = sum(any(span.holds(time_s) for span in spans) for time_s in times) if case.timeline else None
    return measured(kind, times, [event.time_s for event in events], tolerance_s, held)


def _mistakes(case: Case, tolerance_s: float) -> tuple[tuple[Mistake, ...], tuple[tuple[str, float], ...]]:
    """What was missed and what was false, in order of time; and what was found."""
    mistakes, found = [], []
    for kind in sorted(case.truth.events):
        times, events = case.truth.times_s(kind), case.said(kind, events=True)
        pairs = paired(times, [event.time_s for event in events], tolerance_s)
        taken, right = {a for a, _ in pairs}, {b for _, b in pairs}
        found += [(kind, times[number]) for number in sorted(taken)]
        mistakes += [_missed(case, kind, time_s) for number, time_s in enumerate(times) if number not in taken]
        mistakes += [_false(case, event) for number, event in enumerate(events) if number not in right]
    mistakes += _of_score(case)
    return tuple(sorted(mistakes, key=lambda one: (one.time_s, one.kind, one.what))), tuple(found)


def _missed(case: Case, kind: str, time_s: float) -> Mistake:
    """A missed event, with the claim nearest to it: a near miss of its kind, else any claim."""
    own = [*case.said(kind, events=False), *case.said(kind, events=True)]
    near = _nearest(own, time_s) or _nearest(case.claims, time_s)
    told = [f"nothing was claimed within {NEAR_S:g} s"]
    if near is not None:
        what = f"{'' if near.event else 'near miss: '}{near.kind} at {case.time_text(near.time_s)}, {near.confidence:.0%} sure"
        told = [what, *near.why]
    sure = near.confidence if near is not None and near.kind == kind and not near.event else None
    return Mistake(case.name, "missed", kind, time_s, case.time_text(time_s), sure, tuple(told))


def _false(case: Case, claim: Claim) -> Mistake:
    """A false alarm, with the true event nearest to it."""
    true = [(abs(time_s - claim.time_s), kind, time_s) for kind in case.truth.events for time_s in case.truth.times_s(kind)]
    away_s, kind, time_s = min(true, default=(NEAR_S + 1, "", 0.0))
    near = [f"{away_s:.1f} s from the true {kind} at {case.time_text(time_s)}"] if away_s <= NEAR_S else []
    why = (*near, *claim.why)
    return Mistake(case.name, "false alarm", claim.kind, claim.time_s, case.time_text(claim.time_s), claim.confidence, why)


def _of_score(case: Case) -> list[Mistake]:
    """Changes of the score that were missed, and those that never were."""
    timeline, changes = case.timeline, case.truth.score_changes
    if timeline is None or changes is None:
        return []
    missed, false = readings.wrong_changes(timeline, changes)
    known = readings.KnownScore(timeline.analysis.scoreboard)
    told = []
    for time_s, score in missed:
        before = known.at(time_s + readings.SCORE_TOLERANCE_S)
        why = f"it is {score_text(dict(score))}; {f'{score_text(dict(before))} was read' if before else 'no score was read'}"
        told.append(Mistake(case.name, "missed", SCORE_CHANGE, time_s, case.time_text(time_s), None, (why,)))
    for change in false:
        why = f"from {score_text(change.before)} to {score_text(change.after)}"
        at = case.time_text(change.shown_s)
        told.append(Mistake(case.name, "false alarm", SCORE_CHANGE, change.shown_s, at, change.confidence, (why,)))
    return told


def _of_cuts(case: Case) -> tuple[Mistake, ...]:
    """Cuts that were missed, and those that are none."""
    told = cuts.wrong(case.timeline, case.truth) if case.timeline else []
    names = {cuts.HARD: "cut"}
    return tuple(
        Mistake(case.name, what, names.get(kind, kind), time_s, case.time_text(time_s), None, ()) for what, kind, time_s in told
    )


def _nearest(claims: Sequence[Claim], time_s: float) -> Claim | None:
    near = [claim for claim in claims if abs(claim.time_s - time_s) <= NEAR_S]
    return min(near, key=lambda claim: abs(claim.time_s - time_s), default=None)
