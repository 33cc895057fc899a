"""What the score graphic has against a line that is no found event.

score     0–0 ─────── 0–0 ─────────── 0–0      before and long enough after it: the line is ruled out
line            ├──┤      graphic shows it by then
score     0–0 ─────── 0–0 │ never read again   it is in doubt
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from highlights.finders.score import clamped
from highlights.match_report.placing import Placed, Sides, away_s, conflict
from highlights.profile import EventRule, ScoreRule
from highlights.records import Event, ScoreReading, Timeline
from highlights.spans import Span, clock

SIGNAL = "report"


@dataclass(frozen=True, slots=True)
class Objection:
    """What speaks against a line, in words; `sure`: it is ruled out rather than in doubt."""

    reason: str
    sure: bool = True


def objection(
    placed: Placed, rule: EventRule | None, found: Sequence[Event], timeline: Timeline, sides: Sides
) -> Objection | None:
    """What the score graphic has against a line about an event of this kind; `found` are the events of the kind."""
    if rule is None or rule.signals.score is None:
        return None
    near = [event for event in found if any(away_s(span, event) < 1 for span in placed.place.spans)]
    for event in (e for e in near if not any(m.signal == SIGNAL for m in e.evidence)):  # the others are other lines'
        if reason := conflict(placed, event, sides):
            return Objection(f"{reason} on the graphic, at {clock(event.peak_s)}")
    span = placed.place.spans[0]
    if len(placed.place.spans) > 1 or _untaken(span, rule.signals.score, found, timeline):
        return None
    return _stood(span, rule.signals.score, timeline.analysis.scoreboard.readings)


def _stood(span: Span, score: ScoreRule, readings: Sequence[ScoreReading]) -> Objection | None:
    """That the score did not change for an event in a span, or had not by the last reading."""
    least_s, most_s = score.shown_after_s
    before = next((r for r in reversed(readings) if r.time_s <= span.start_s + least_s), None)
    after = next((r for r in readings if r.time_s >= span.end_s + most_s), None)
    if before is not None and after is not None:
        at, and_at = clock(before.time_s), clock(after.time_s)
        if _counted(before) == _counted(after):
            return Objection(f"the score was {_counted(before)} at {at} and still at {and_at}")
        changed = f"the score went from {_counted(before)} at {at} to {_counted(after)} at {and_at}"
        return Objection(f"{changed}, and no change of it is left for this line")
    seen = [r for r in readings if span.start_s + least_s < r.time_s < span.end_s + most_s]
    if before is None or not seen:
        return None
    last = clock(seen[-1].time_s)
    return Objection(f"the graphic showed no change of the score for it by {last}, when it was last read", sure=False)


def _untaken(span: Span, score: ScoreRule, found: Sequence[Event], timeline: Timeline) -> bool:
    """Whether the score changed around a span without being the change of a found event."""
    least_s, most_s = score.shown_after_s
    taken = {m.span for event in found for m in event.evidence if m.signal == "score"}
    for change in timeline.analysis.scoreboard.changes:
        window = clamped(change.seen.start_s - most_s, change.seen.end_s - least_s, timeline.recording)
        grown = any(change.grown(counter) > 0 for counter in change.after)
        if grown and window.overlap_s(span) and window not in taken:
            return True
    return False


def _counted(reading: ScoreReading) -> str:
    """The score of a reading."""
    if {"home", "away"} <= reading.counters.keys():
        return f"{reading.counters['home']}–{reading.counters['away']}"
    return ", ".join(f"{name} {value}" for name, value in sorted(reading.counters.items()))
