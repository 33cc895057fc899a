"""Which found event each line of a report is: the pairs in order of time, of one kind, that fit best.

report      69' home      70' home                    a minute may be one off, if nothing else fits
              └──────┐      └──────────┐
found     68:03 away  69:06 home   69:38 home         a goal of the other side is another goal
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from highlights.match_report.anchors import Place
from highlights.match_report.lines import ReportLine
from highlights.match_report.names import side_of
from highlights.profile import EventRule
from highlights.records import Event
from highlights.spans import Span

MINUTE_OFF_S = 60.0  # some count the minutes that are over, some the one that has begun
NEAR_S = 15.0
SAME_SCORE_S = 180.0  # a line that names the score after it is about that goal, even if its minute is wrong
FITS = 100.0  # of a pair at one place; half a point less for each second between them


@dataclass(frozen=True, slots=True)
class Placed:
    """A line with its place and its side (`home`, `away` or empty)."""

    line: ReportLine
    place: Place
    side: str = ""

    @property
    def start_s(self) -> float:
        """Where it can be at the earliest."""
        return self.place.spans[0].start_s


@dataclass(frozen=True, slots=True)
class Sides:
    """The teams on the score graphic, and the sides of names that it does not show; `swapped`: it shows the away team first."""

    teams: tuple[str, str]
    learned: tuple[tuple[str, str], ...] = ()
    swapped: bool = False

    def of(self, name: str) -> str:
        """The side on the graphic that a report names; empty if it is unclear."""
        generic, known = side_of(name, ("", "")), side_of(name, self.teams)
        if generic and generic == known:
            return {"home": "away", "away": "home"}[generic] if self.swapped else generic
        return known or dict(self.learned).get(name.casefold(), "")

    def name(self, side: str) -> str:
        """The name of a side, as events have it."""
        return {"home": self.teams[0] or "home", "away": self.teams[1] or "away"}.get(side, "")


def score_of(event: Event) -> tuple[int, int] | None:
    """The score after an event, if it is one of two numbers."""
    match = re.fullmatch(r"(\d{1,3})\D{1,3}(\d{1,3})", event.score)
    return (int(match[1]), int(match[2])) if match and has_change(event) else None


def has_change(event: Event) -> bool:
    """Whether a change of the score speaks for an event."""
    return any(m.signal == "score" and m.weight > 0 for m in event.evidence)


def away_s(span: Span, event: Event) -> float:
    """Seconds from a span to where an event is or, if that is unclear, can be."""
    if event.doubt is not None:
        return max(0.0, span.start_s - event.span.end_s, event.span.start_s - span.end_s)
    return max(0.0, span.start_s - event.peak_s, event.peak_s - span.end_s)


def conflict(placed: Placed, event: Event, sides: Sides) -> str:
    """Why a line cannot be an event that is where it is; empty if it can."""
    shown = sides.of(event.team)
    if placed.side and shown and placed.side != shown and not (placed.line.kind and placed.line.kind.own_goal):
        return f"that {event.title.lower()} is for {sides.name(shown)}"
    score = score_of(event)
    told = placed.line.score
    if score and told and tuple(reversed(told) if sides.swapped else told) != score:
        return f"the score after that {event.title.lower()} is {event.score}"
    return ""


def fit(placed: Placed, event: Event, rule: EventRule | None, sides: Sides) -> float | None:
    """How well a line fits an event, `FITS` at best; None if it is another one."""
    if conflict(placed, event, sides):
        return None
    distance_s = min(away_s(span, event) for span in placed.place.spans)
    reach_s = NEAR_S
    if rule and rule.signals.score and has_change(event):
        reach_s = MINUTE_OFF_S if placed.place.notation == "minute" else NEAR_S
        reach_s = SAME_SCORE_S if placed.line.score and score_of(event) else reach_s
    return None if distance_s > reach_s else FITS - distance_s / 2


def aligned(count: int, others: int, fits: Callable[[int, int], float | None]) -> dict[int, int]:
    """The pairs in order with the largest sum of fits: the index of one for that of the other; each counts once.

    >>> aligned(2, 2, lambda i, j: [[None, 90.0], [95.0, 80.0]][i][j])
    {1: 0}
    >>> aligned(2, 3, lambda i, j: 10.0 if j > i else None)
    {0: 1, 1: 2}
    """
    best = [[0.0] * (others + 1) for _ in range(count + 1)]
    values = [[fits(i, j) for j in range(others)] for i in range(count)]
    for i in range(count):
        for j in range(others):
            value = values[i][j]
            here = 0.0 if value is None else best[i][j] + value
            best[i + 1][j + 1] = max(best[i][j + 1], best[i + 1][j], here)
    pairs: dict[int, int] = {}
    i, j = count, others
    while i and j:
        value = values[i - 1][j - 1]
        if best[i][j] == best[i - 1][j]:
            i -= 1
        elif best[i][j] == best[i][j - 1]:
            j -= 1
        else:
            assert value is not None
            i, j = i - 1, j - 1
            pairs[i] = j
    return dict(sorted(pairs.items()))


def matched(lines: Sequence[Placed], events: Sequence[Event], rule: EventRule | None, sides: Sides) -> dict[int, int]:
    """The event of each line, by index; lines and events are of one kind."""
    by_time = sorted(range(len(lines)), key=lambda n: (lines[n].start_s, lines[n].place.spans[0].end_s, n))
    in_time = sorted(range(len(events)), key=lambda n: (events[n].peak_s, n))
    pairs = aligned(len(lines), len(events), lambda i, j: fit(lines[by_time[i]], events[in_time[j]], rule, sides))
    return {by_time[i]: in_time[j] for i, j in pairs.items()}
