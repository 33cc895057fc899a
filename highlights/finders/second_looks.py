"""Where to look again: windows that show what was seen too little, from elsewhere than before.

asked     ├──────────┤├──────────┤├──────────┤
between         ├──────────┤├──────────┤               what only one window shows well is seen a second time
claim                      │
again              ├──────────┤                        begins furthest from all that were asked
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from highlights.profile import WindowRules
from highlights.records import Recording, Window
from highlights.spans import Span, merge
from highlights.windows import around

POINT_S = 0.1  # an instant as a span


@dataclass(frozen=True, slots=True)
class SecondLooks:
    """Places windows; a window shows well what is at least `margin_s` inside it."""

    recording: Recording
    rules: WindowRules
    pair_s: float
    margin_s: float

    def between(self, windows: Sequence[Window]) -> list[Window]:
        """Windows over all times that only one of the given ones shows well."""
        more: list[Window] = []
        shown_s = 0.0
        for span in _once([window.span for window in windows], self.margin_s):
            at_s = max(span.start_s, shown_s)
            while at_s < span.end_s:
                more.append(self._from(at_s - self.margin_s))
                shown_s = max(more[-1].span.end_s - self.margin_s, at_s + self.margin_s)
                at_s = shown_s
        return more

    def of(self, instants_s: Sequence[float], windows: Sequence[Window], apart_s: float) -> list[Window]:
        """Windows that show all of these instants, each beginning at least `apart_s` from those and from the given ones."""
        starts_s = sorted(window.span.start_s for window in windows)
        new: list[Window] = []
        for at_s in sorted(instants_s):
            if any(window.span.start_s + self.margin_s <= at_s < window.span.end_s - self.margin_s for window in new[-3:]):
                continue
            window = self._elsewhere(at_s, starts_s)
            if _away_s(window.span.start_s, starts_s) >= apart_s:
                new.append(window)
                insort(starts_s, window.span.start_s)
        return sorted(new, key=lambda window: window.span)

    def _elsewhere(self, at_s: float, starts_s: Sequence[float]) -> Window:
        """The window that shows an instant and begins furthest from all others; of equal ones the latest."""
        reach = int((self.rules.length_s / 2 - self.margin_s) / self.pair_s)
        point = Span(max(0.0, at_s - POINT_S), at_s + POINT_S)
        shifts_s = (step * self.pair_s for step in range(reach, -reach - 1, -1))
        windows = [around(point, self.recording, self.rules, self.pair_s, shift_s) for shift_s in shifts_s]
        return max(windows, key=lambda window: _away_s(window.span.start_s, starts_s))

    def _from(self, start_s: float) -> Window:
        start_s = max(0.0, start_s)
        return around(Span(start_s, start_s + self.rules.length_s), self.recording, self.rules, self.pair_s)


def _once(spans: Sequence[Span], margin_s: float) -> list[Span]:
    """The times that exactly one of the spans holds with a margin."""
    inner = [Span(s.start_s + margin_s, s.end_s - margin_s) for s in spans if s.length_s > 2 * margin_s]
    edges = sorted((edge_s, step) for span in inner for edge_s, step in ((span.start_s, 1), (span.end_s, -1)))
    once, number = [], 0
    for (start_s, step), (end_s, _) in pairwise(edges):
        number += step
        if number == 1 and end_s > start_s:
            once.append(Span(start_s, end_s))
    return merge(once)


def _away_s(start_s: float, starts_s: Sequence[float]) -> float:
    """Seconds to the nearest of sorted times."""
    at = bisect_left(starts_s, start_s)
    return min((abs(start_s - other_s) for other_s in starts_s[max(0, at - 1) : at + 1]), default=float("inf"))
