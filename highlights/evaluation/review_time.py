"""Minutes of review saved: what a person need not watch who confirms every event and looks through the near misses.

    match        ├──────────────────────────────────────────────┤
    events            ├───┤                ├────┤                   their clips, each watched once
    near misses                ├──┤                    ├──┤         with the rolls of their kind
    saved        ├───┤     ├──┤   ├───────┤     ├─────┤   ├─────┤

Conventions: watching is at normal speed, overlapping clips once; deciding takes no time. Only the judged kinds count, so that
listing a kind that nobody asked for costs nothing. A true event is *seen* if its instant is in what is watched. If one is not,
this review does not find it, and who needs every event must watch everything: then nothing is saved, and the table says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from highlights.evaluation.cases import Case
from highlights.evaluation.selection import profile_of
from highlights.profile import Profile
from highlights.records import MOMENT, Event, Timeline
from highlights.spans import Span, merge
from highlights.timeline import clip_of

UNKNOWN_ROLL_S = 5.0
"""Pre-roll and post-roll of a kind that is in no profile."""


@dataclass(frozen=True, slots=True)
class ReviewTime:
    """Seconds of the match, of the events' clips and of all that is watched; how many true events are in each of the two."""

    match_s: float
    events_s: float
    watched_s: float
    true: int
    seen_in_events: int
    seen: int

    @property
    def saved_s(self) -> float:
        """What need not be watched."""
        return self.match_s - self.watched_s


def judge(case: Case) -> ReviewTime | None:
    """The review of a match; None without a timeline or a judged kind."""
    timeline, kinds = case.timeline, case.truth.events
    if timeline is None or not kinds:
        return None
    profile = profile_of(timeline)
    events = [event for event in timeline.events if event.name != MOMENT and case.truth.kind_of(event.name) in kinds]
    misses = [event for event in timeline.near_misses if case.truth.kind_of(event.name) in kinds]
    clips = merge(_clip(event, timeline, profile) for event in events)
    watched = merge([*clips, *(_clip(event, timeline, profile) for event in misses)])
    times = [event.time_s for all_ in kinds.values() for event in all_]
    return ReviewTime(
        timeline.recording.duration_s,
        _length_s(clips),
        _length_s(watched),
        len(times),
        _seen(times, clips),
        _seen(times, watched),
    )


def _clip(event: Event, timeline: Timeline, profile: Profile | None) -> Span:
    if profile is None or profile.event(event.name) is None:
        padded = (event.shown or event.span).pad(UNKNOWN_ROLL_S, UNKNOWN_ROLL_S)
        return padded.clamp(timeline.recording.span) or event.span
    return clip_of(0, event, timeline.recording, profile, timeline.analysis).span


def _length_s(spans: Sequence[Span]) -> float:
    return round(sum(span.length_s for span in spans), 3)


def _seen(times_s: Sequence[float], spans: Sequence[Span]) -> int:
    return sum(any(span.holds(time_s) for span in spans) for time_s in times_s)


def pooled(reviews: Sequence[ReviewTime]) -> ReviewTime | None:
    """Those of several matches as of one; None without any."""
    if not reviews:
        return None
    return ReviewTime(*(sum(getattr(one, name) for one in reviews) for name in ReviewTime.__slots__))
