"""`likeliest`: when, in its span of doubt, the instant behind a change of the score is likeliest.

    window        ├──────────────────────────────────────────────┤ ↓ the graphic changes
    usual delay    ▁▁▂▂▃▃▄▄▅▅▆▆▇▇██▇▇▆▆▆▅▅▅▄▄▄▃▃▃▂▂▂▁▁▁
    whistle                   ├────────┤                             evidence that the profile names, with its weight
    replay        ├──────────────────────────┤░░░░░░░░               soon before it, but not in it
    cuts          ┤        ├─────────────────┤    ├──┤               play is shown in long scenes, which end soon after it
    instant                         ↑

The delay is that of the profile, until enough other changes of the same match show how long it is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from highlights.profile import EventRule, ScoreRule
from highlights.records import Analysis, Moment, ScoreChange
from highlights.spans import Span, gaps, merge

GRID_S = 0.1  # finer than any instant is known
WITHIN_S = 2.5  # an instant this near to the true one looks right on the reel: the most probability within it wins
TYPICAL = 1 / 3  # of the way from the shortest to the longest delay of a graphic: most are early, a few late
ENOUGH = 3  # delays of a match: from so many on, their median does not hang on one roar that was for something else
LEAST_SPREAD_S = 2.0  # of the delays of a match: even a fixed delay is measured from a roar, which is no exacter
BELIEF = 0.8  # in the match's own delay; the rest stays with the profile's, for a graphic that is late for once
NEXT_ANGLE_S = 2.0  # replays no further apart than this are of one instant
LAST_S = 0.001  # before the end of a half-open span

PLAY_S = 5.0  # play is shown in scenes longer than this; close-ups and views of the crowd are mostly shorter
STAYS_S = 6.0  # after the instant, the director stays with the scene for about so long ...
BREAKS_S = (2.0, 20.0)  # ... and this much (at least, at most) later shows a replay, or something without the graphic
HINT = 1.0  # log-odds of either: what directors usually do, not what they must
UNLIKELY = 1e-6  # factor of what is ruled out, unless everything is

Grid = NDArray[np.float64]
Held = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Delay:
    """How long after the instant the graphic changes: `least_s` to `most_s`; in this match about `usual_s`, if known."""

    least_s: float
    most_s: float
    usual_s: float | None = None
    spread_s: float = LEAST_SPREAD_S

    def share_until(self, delay_s: Grid) -> Grid:
        """The share of changes, 0 to 1, that come at most `delay_s` seconds (of any shape) after their instant."""
        by_rule = _triangle(delay_s, self.least_s, self.most_s)
        if self.usual_s is None:
            return by_rule
        away = (np.clip(delay_s, self.least_s, self.most_s) - self.usual_s) / self.spread_s
        in_match = np.where(away < 0, np.exp(np.minimum(away, 0)) / 2, 1 - np.exp(-np.maximum(away, 0)) / 2)
        return BELIEF * in_match + (1 - BELIEF) * by_rule


def learned(score: ScoreRule, changes: Iterable[ScoreChange], located: Sequence[Moment]) -> Delay:
    """The delay of a rule in this match: the median over the changes that the crowd locates, if they are enough.

    `changes` are those that are the rule's event, `located` the moments of its event with a known instant: roars.
    """
    least_s, most_s = score.shown_after_s
    delays_s: list[float] = []
    for change in changes:
        possible = [after_s for m in located if least_s <= (after_s := change.shown_s - m.peak_s) <= most_s]
        if len(possible) == 1 and not change.hidden:  # of two roars either may be the instant
            delays_s += possible
    if len(delays_s) < ENOUGH:
        return Delay(least_s, most_s)
    usual_s = float(np.median(delays_s))
    return Delay(least_s, most_s, usual_s, max(LEAST_SPREAD_S, float(np.mean(np.abs(np.array(delays_s) - usual_s)))))


class Broadcast:
    """What the pictures of a match say about instants in general: where its replays, its breaks and its long scenes are."""

    def __init__(self, analysis: Analysis) -> None:
        visible = analysis.scoreboard.visible
        rows = merge((replay.span for replay in analysis.replays), max_gap_s=NEXT_ANGLE_S)
        away = gaps(visible, Span(visible[0].start_s, visible[-1].end_s)) if visible else []
        cuts_s = {scene.span.start_s for scene in analysis.scenes if scene.transition != "start"}
        long = [s.span for s in analysis.scenes if s.span.length_s >= PLAY_S and s.span.end_s in cuts_s]
        least_s, most_s = BREAKS_S
        self._replays = _Spans(rows)
        self._ends = _Spans(Span(max(span.start_s, span.end_s - STAYS_S), span.end_s) for span in long)
        self._breaks = _Spans(
            Span(max(0.0, span.start_s - most_s), span.start_s - least_s) for span in (*rows, *away) if span.start_s > least_s
        )

    def live(self, times_s: Grid) -> Held:
        """Which of the times are not in a replay."""
        return ~self._replays.hold(times_s)

    def hints(self, times_s: Grid) -> Grid:
        """The log-odds that scenes and breaks add at each of the times."""
        return HINT * np.add(self._ends.hold(times_s), self._breaks.hold(times_s), dtype=np.float64)

    def likeliest(
        self, window: Span, seen: Span, delay: Delay, rule: EventRule, beside: Sequence[Moment], count: int = 1
    ) -> list[float]:
        """The likeliest instants of `count` events behind one change, in order of time, in seconds on the match clock.

        Args:
            window: Where they can be.
            seen: From the last reading of the old score to the first one of the new score.
            delay: How long the graphic takes.
            rule: The event's rule; two instants are its cool-down apart if the window has room for it.
            beside: The moments of the rule's other signals.
            count: How many events the change stands for.
        """
        times_s = np.arange(window.start_s, window.end_s - LAST_S, GRID_S)
        # the graphic may have changed whenever it was not read; a change on screen is about as exact as the grid
        shares = [delay.share_until(edge_s - times_s) for edge_s in (min(seen.start_s, seen.end_s - GRID_S), seen.end_s)]
        live = self.live(times_s)
        chance = (shares[1] - shares[0] + UNLIKELY) * np.exp(self.hints(times_s) + _evidence(times_s, beside))
        reach = round(WITHIN_S / GRID_S)
        sums = np.cumsum(np.pad(np.where(live, chance, 0), (reach + 1, reach)))
        near = sums[2 * reach + 1 :] - sums[: -2 * reach - 1]
        near = np.where(live, near, near * UNLIKELY)
        found: list[float] = []
        for _ in range(count):
            found.append(round(float(times_s[int(near.argmax())]), 3))
            near = np.where(np.abs(times_s - found[-1]) < rule.cool_down_s, near * UNLIKELY, near)
        return sorted(found)


class _Spans:
    """Spans of which some may overlap, to be asked for many times at once."""

    def __init__(self, spans: Iterable[Span]) -> None:
        held = sorted(spans)
        self._starts_s = np.array([span.start_s for span in held])
        self._ends_s = np.sort(np.array([span.end_s for span in held]))

    def hold(self, times_s: Grid) -> Held:
        """Which of the times lie in any of the spans: more have begun than have ended."""
        begun, ended = (np.searchsorted(edges_s, times_s, side="right") for edges_s in (self._starts_s, self._ends_s))
        return np.asarray(begun > ended)


def _triangle(delay_s: Grid, least_s: float, most_s: float) -> Grid:
    """The share of delays up to each of these, most of them a third of the way from the shortest to the longest."""
    way = np.clip((delay_s - least_s) / max(most_s - least_s, GRID_S), 0, 1)
    return np.where(way < TYPICAL, way**2 / TYPICAL, 1 - (1 - way) ** 2 / (1 - TYPICAL))


def _evidence(times_s: Grid, beside: Sequence[Moment]) -> Grid:
    """What the merger would add at each of the times: of every signal the strongest moment that holds it."""
    total = np.zeros(len(times_s))
    for _, moments in groupby(sorted(beside, key=lambda m: m.signal), key=lambda m: m.signal):
        best = np.zeros(len(times_s))
        for moment in moments:
            first, end = np.searchsorted(times_s, (moment.span.start_s, moment.span.end_s))
            best[first:end] = np.maximum(best[first:end], moment.weight)
        total += best
    return total
