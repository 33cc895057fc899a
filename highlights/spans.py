"""`Span`, a half-open interval of time, and its algebra. Pure; independent of recordings.

Conventions: seconds as float, rounded to 1 ms when a span is created; `[start_s, end_s)`, so spans that touch do not overlap.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

INSTANT_S = 0.001
"""The length of a span that stands for an instant: the shortest there is."""


@dataclass(frozen=True, order=True, slots=True)
class Span:
    """The time `[start_s, end_s)` in seconds from the first frame, to the millisecond."""

    start_s: float
    end_s: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "start_s", round(float(self.start_s), 3))
        object.__setattr__(self, "end_s", round(float(self.end_s), 3))
        if not 0 <= self.start_s < self.end_s:
            raise ValueError(f"a span needs 0 <= start < end, got {self.start_s} and {self.end_s}")

    @property
    def length_s(self) -> float:
        """Length in seconds."""
        return round(self.end_s - self.start_s, 3)

    @property
    def middle_s(self) -> float:
        """The instant halfway."""
        return round((self.start_s + self.end_s) / 2, 3)

    def holds(self, time_s: float) -> bool:
        """Whether `time_s` is in the span; the end is not."""
        return self.start_s <= time_s < self.end_s

    def overlap_s(self, other: Span) -> float:
        """Seconds shared by both, 0 if they only touch."""
        return max(0.0, round(min(self.end_s, other.end_s) - max(self.start_s, other.start_s), 3))

    def pad(self, before_s: float, after_s: float) -> Span:
        """The span extended by `before_s` and `after_s` seconds; never before 0."""
        return Span(max(0.0, self.start_s - before_s), self.end_s + after_s)

    def clamp(self, to: Span) -> Span | None:
        """The part inside `to`, or None."""
        if not self.overlap_s(to):
            return None
        return Span(max(self.start_s, to.start_s), min(self.end_s, to.end_s))


def merge(spans: Iterable[Span], *, max_gap_s: float = 0.0) -> list[Span]:
    """Join spans that touch, overlap, or are at most `max_gap_s` apart.

    in      ├──┤ ├────┤        ├──┤
              ├────┤
    out     ├─────────┤        ├──┤
    """
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and round(span.start_s - merged[-1].end_s, 3) <= max_gap_s:
            merged[-1] = Span(merged[-1].start_s, max(merged[-1].end_s, span.end_s))
        else:
            merged.append(span)
    return merged


def gaps(spans: Iterable[Span], within: Span) -> list[Span]:
    """The parts of `within` not covered by any span.

    spans        ├──┤   ├────┤
    within    ├──────────────────┤
    out       ├──┤  ├───┤    ├───┤
    """
    free, at_s = [], within.start_s
    for span in merge(spans):
        piece = span.clamp(within)
        if piece is None:
            continue
        if piece.start_s > at_s:
            free.append(Span(at_s, piece.start_s))
        at_s = piece.end_s
    if at_s < within.end_s:
        free.append(Span(at_s, within.end_s))
    return free


def clock(time_s: float) -> str:
    """A time in the usual notation.

    >>> clock(75.9), clock(3723)
    ('1:15', '1:02:03')
    """
    minutes, seconds = divmod(int(time_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
