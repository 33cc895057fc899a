"""When the exact frame of a cut matters, as far as that is known before the cuts are; elsewhere a clear cut is only placed.

    score    0-0   0-0   1-0        ├──── the instant ────┤ up to the change: play is shown in scenes that end soon after it
    graphic  shown  away  shown           ├─ a replay? ─┤   around the time without the graphic

A match whose graphic is rarely shown, or that has none, is read exactly everywhere. Where clips begin and end is known later,
when there are events: cuts there are looked at again (`closer.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from highlights.analysis.score.glances import Gap
from highlights.analysis.sound.roars import Roar
from highlights.profile import Profile
from highlights.spans import Span, merge

LONGEST_AWAY_S = 66.0  # longer than any row of replays without the graphic
BESIDE_AWAY_S = 3.0  # before and after it: the frames that a transition is judged by, and the scenes beside it
CLEAREST = 0.05  # a roar this little weaker than the strongest is as clear
CLEAREST_EVERY_S, LEAST_CLEAREST = 300.0, 2  # goals are rarer; six hours of copies have one a minute
AROUND_ROAR_S = (15.0, 75.0)  # how long before and after a clear roar its attack and its replays are shown


def around_changes(gaps: Sequence[Gap], profile: Profile) -> list[Span]:
    """When the instants behind the changes of one graphic, and replays without it, are shown; `gaps` in order of time."""
    delays_s = [rule.signals.score.shown_after_s[1] for rule in profile.events if rule.signals.score]
    return merge([*_instants(gaps, max(delays_s, default=0.0)), *around_absences(gaps)])


def around_absences(gaps: Sequence[Gap]) -> list[Span]:
    """When replays without a graphic may be shown; `gaps` in order of time."""
    away = [Span(gone.span.start_s, back.span.end_s) for gone, back in _absences(gaps)]
    return merge(
        Span(max(0.0, span.start_s - BESIDE_AWAY_S), span.end_s + BESIDE_AWAY_S)
        for span in away
        if span.length_s <= LONGEST_AWAY_S
    )


def _instants(gaps: Sequence[Gap], longest_delay_s: float) -> Iterator[Span]:
    for gap in gaps:
        if gap.old and gap.new:
            yield Span(max(0.0, gap.span.start_s - longest_delay_s), gap.span.end_s)
    for gone, back in _absences(gaps):
        if gone.old != back.new:
            yield Span(max(0.0, gone.span.start_s - longest_delay_s), back.span.end_s)


def _absences(gaps: Sequence[Gap]) -> Iterator[tuple[Gap, Gap]]:
    """The gaps in which the graphic went and came back."""
    for gone, back in pairwise(gap for gap in gaps if not (gap.old and gap.new)):
        if gone.old and back.new:
            yield gone, back


def around_clearest(loud: Sequence[Roar], duration_s: float) -> list[Span]:
    """When the clearest roars and their replays are shown: without a graphic that hides, only its frames give a replay away.

    At most one for every `CLEAREST_EVERY_S` of a match of `duration_s`: the strongest, of equal ones the earliest.
    """
    before_s, after_s = AROUND_ROAR_S
    least = max((roar.strength for roar in loud), default=0.0) - CLEAREST
    clearest = sorted((roar for roar in loud if roar.strength >= least), key=lambda roar: (-roar.strength, roar.onset_s))
    chosen = clearest[: max(LEAST_CLEAREST, int(duration_s / CLEAREST_EVERY_S))]
    return merge(Span(max(0.0, roar.onset_s - before_s), roar.onset_s + after_s) for roar in chosen)
