"""Where to look again: windows that show a claim from elsewhere than before.

first     ├──────────┤├──────────┤├──────────┤
between         ├──────────┤├──────────┤               everything is looked at twice
claim                      │
again              ├──────────┤                        starts as far as possible from all earlier windows
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from highlights.profile import WindowRules
from highlights.records import Recording, Window
from highlights.spans import Span
from highlights.windows import around

POINT_S = 0.1  # an instant as a span


@dataclass(frozen=True, slots=True)
class SecondLooks:
    """Places windows; a window shows clearly what is at least `margin_s` inside it."""

    recording: Recording
    rules: WindowRules
    pair_s: float
    margin_s: float

    def between(self, windows: Sequence[Window]) -> list[Window]:
        """A window between any two overlapping neighbours; one without such a neighbour is moved forward by a third."""
        ordered = sorted(windows, key=lambda window: window.span)
        pairs = [(a, b) for a, b in pairwise(ordered) if a.part == b.part and a.span.overlap_s(b.span)]
        paired = {window for pair in pairs for window in pair}
        lone = [self._around(_point(w.span.middle_s), w.span.length_s / 3) for w in ordered if w not in paired]
        return [self._around(Span(a.span.middle_s, b.span.middle_s)) for a, b in pairs] + lone

    def of(self, instants_s: Sequence[float], windows: Sequence[Window], apart_s: float) -> list[Window]:
        """Windows that show all of these instants, each starting at least `apart_s` from the others and from the given ones."""
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
        """The window that shows an instant and starts furthest from all others; of equals, the latest."""
        reach = int((self.rules.length_s / 2 - self.margin_s) / self.pair_s)
        shifts_s = (step * self.pair_s for step in range(reach, -reach - 1, -1))
        windows = [self._around(_point(at_s), shift_s) for shift_s in shifts_s]
        return max(windows, key=lambda window: _away_s(window.span.start_s, starts_s))

    def _around(self, span: Span, shift_s: float = 0.0) -> Window:
        return around(span, self.recording, self.rules, self.pair_s, shift_s)


def _point(at_s: float) -> Span:
    return Span(max(0.0, at_s - POINT_S), at_s + POINT_S)


def _away_s(start_s: float, starts_s: Sequence[float]) -> float:
    """Seconds to the nearest of sorted times."""
    at = bisect_left(starts_s, start_s)
    return min((abs(start_s - other_s) for other_s in starts_s[max(0, at - 1) : at + 1]), default=float("inf"))
