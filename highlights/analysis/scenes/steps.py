"""How much changes from one reference frame to the next, and what that says about the scenes.

    reference frames   P · · · P · · · P · · · P · · · P · · · P
    steps                 ▁       ▁       █       ▁       ▁          a cut: one step that stands out, and lasts
                          ▁       ▄       ▄       ▄       ▁          a slow change, or fast motion: to be scanned frame by frame

The frames between them are not needed for this, and mostly need not be decoded.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import deque
from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np

from highlights.analysis.scenes.fingerprint import Glimpse, apart
from highlights.spans import Span, merge

CUT_VIEW, CUT_COLOURS = 12.0, 0.03  # the least that a certain cut steps by, in either
LEAST_COLOURS = 0.015  # ... and in colours at least: less can be a graphic that is laid over the picture
STANDS_OUT = 1.6  # times the largest other step around it
_AROUND_S = 0.5
_STEP_COLOURS = 0.022  # at cuts and short transitions at least 0.024, in most motion less
_WAY_COLOURS, _WAY_FRAMES = 0.05, 9  # over this many frames: slower transitions
_LONG_COLOURS, _LONG_FRAMES = 0.045, 24  # over this many: the slowest dissolves
_BEND = 0.5  # halfway through a dissolve, the view is at most this share of its whole change away from the mean of both ends
_SUDDEN_STEPS, _SUDDEN_FRAMES = 2, 8.5  # at most: a cut between two reference frames, blended into the next
_MOST_BETWEEN = 17  # frames from one reference frame to the next: encoders use at most 16 B frames
BESIDE_SUDDEN, _BESIDE_SLOW = (12, 9), (20, 20)  # frames to scan before and after


class Changes(NamedTuple):
    """Sudden changes, from the last frame before each to the first after it; slow ones with the frames needed around them."""

    sudden: list[Span]
    slow: list[Span]


class Steps(NamedTuple):
    """How far frames in a row are from the one before each, in view and in colours."""

    views: list[float]
    mixes: list[float]


class StepWatch:
    """Finds changes in reference frames of one part, added in order. Stores 48 bytes per frame.

    `frame_s`: the distance of all frames.
    """

    def __init__(self, frame_s: float) -> None:
        self._frame_s = frame_s
        self._latest: deque[Glimpse] = deque(maxlen=_LONG_FRAMES + 1)
        self._times_s = array("d")
        # from the frame before, in view and colours; from the one before that, in view; from the one `_WAY_FRAMES` before
        self._views, self._mixes, self._over_two, self._ways = (array("d") for _ in range(4))
        self._since_s = array("d")
        self._dissolves: list[Span] = []

    def add(self, time_s: float, seen: Glimpse) -> None:
        """Add the next frame."""
        latest, times_s = self._latest, self._times_s
        back = len(times_s) - bisect_right(times_s, time_s - (_WAY_FRAMES - 0.5) * self._frame_s)
        before = latest[-1] if latest else seen
        self._views.append(apart(seen.view, before.view))
        self._mixes.append(apart(seen.colours, before.colours))
        self._over_two.append(apart(seen.view, latest[-2].view) if len(latest) > 1 else 0.0)
        far = back < len(latest)
        self._ways.append(apart(seen.colours, latest[-back - 1].colours) if far else 0.0)
        self._since_s.append(times_s[-back - 1] if far else time_s)
        self._note_dissolve(time_s, seen)
        times_s.append(time_s)
        latest.append(seen)

    def _note_dissolve(self, time_s: float, seen: Glimpse) -> None:
        """Note a long change that ends in this frame, if it is as steady as only a dissolve is."""
        times_s, latest = self._times_s, self._latest
        long, half = (
            len(times_s) - bisect_right(times_s, time_s - (frames - 0.5) * self._frame_s) + 1
            for frames in (_LONG_FRAMES, _LONG_FRAMES / 2)
        )
        if long > len(latest) or apart(seen.colours, latest[-long].colours) < _LONG_COLOURS:
            return
        size = apart(seen.view, latest[-long].view)
        view, first, middle = (one.view.astype(np.float32) for one in (seen, latest[-long], latest[-half]))
        if apart(view + first, 2 * middle) <= _BEND * size:
            self._dissolves.append(Span(times_s[-long], time_s))

    def until(self, time_s: float) -> Steps:
        """The steps of the last frames up to one at `time_s`, after a first one whose step counts as none."""
        first, last = (bisect_left(self._times_s, at_s) for at_s in (time_s - _AROUND_S, time_s + self._frame_s / 2))
        return Steps([0.0, *self._views[first + 1 : last]], [0.0, *self._mixes[first + 1 : last]])

    def way(self, place: Span) -> float:
        """How far the view goes from the frame at the start of a place to the one at its end, over those between them."""
        first, last = (bisect_left(self._times_s, at_s + self._frame_s / 2) for at_s in (place.start_s, place.end_s))
        return sum(self._views[first:last])

    def cuts(self) -> list[Span]:
        """Certain cuts: from the last frame before each to the first after it."""
        return [self._step(number) for number in self._standing_out() if self._is_certain(number)]

    def changes(self) -> Changes:
        """All changes that can be a turn, cuts included."""
        sudden, short, slow = [self._step(number) for number in self._standing_out()], list[Span](), list[Span]()
        for changes, run in groupby(range(1, len(self._times_s)), key=lambda number: self._mixes[number] >= _STEP_COLOURS):
            numbers = list(run)
            change = Span(self._times_s[numbers[0] - 1], self._times_s[numbers[-1]])
            if changes and len(numbers) <= _SUDDEN_STEPS and change.length_s < _SUDDEN_FRAMES * self._frame_s:
                short.append(change)
            elif changes:
                slow.append(change)
        slow += [Span(a.start_s, b.end_s) for a, b in pairwise(short) if b.start_s - a.end_s < _AROUND_S]
        sudden = merge([*sudden, *short])
        for since_s, time_s, way in zip(self._since_s, self._times_s, self._ways, strict=True):
            if way >= _WAY_COLOURS and not _any_overlaps(sudden, change := Span(since_s, time_s)):
                slow.append(change)
        slow += self._dissolves
        return Changes(sudden, merge(widened(change, _BESIDE_SLOW, self._frame_s) for change in slow))

    def _step(self, number: int) -> Span:
        return Span(self._times_s[number - 1], self._times_s[number])

    def _standing_out(self) -> list[int]:
        """The numbers of the frames whose step is far larger than those around it."""
        measures = ((self._views, CUT_VIEW), (self._mixes, CUT_COLOURS))
        return [n for n in range(1, len(self._times_s)) if any(self._stands_out(steps, n, least) for steps, least in measures)]

    def _stands_out(self, steps: array[float], number: int, least: float) -> bool:
        if steps[number] < least:
            return False
        first = max(1, bisect_left(self._times_s, self._times_s[number] - _AROUND_S))
        last = bisect_right(self._times_s, self._times_s[number] + _AROUND_S)
        others = [*steps[first:number], *steps[number + 1 : last]]
        return steps[number] > STANDS_OUT * max(others, default=least)

    def _is_certain(self, number: int) -> bool:
        """Whether a step that stands out changes the colours too, and lasts."""
        lasts = all(way > self._views[number] / 2 for way in self._over_two[number + 1 : number + 2])
        return lasts and self._mixes[number] >= LEAST_COLOURS


def _any_overlaps(spans: list[Span], other: Span) -> bool:
    """Whether any of the spans, in order of time, shares some of its time with the other."""
    at = bisect_left(spans, other.start_s, key=lambda span: span.end_s)
    return any(span.overlap_s(other) for span in spans[at : at + 2])


def middle_s(place: Span, frame_s: float) -> float:
    """The middle one of the frames after the first frame of a place, up to its last: any of them can be the first new one.

    Where more lie between the two than an encoder predicts from both, the picture stood still, until the last frame.
    """
    possible = round(place.length_s / frame_s)
    return round(place.end_s - (possible - 1) // 2 * frame_s, 6) if 1 < possible <= _MOST_BETWEEN else place.end_s


def widened(span: Span, frames: tuple[int, int], frame_s: float) -> Span:
    """The span with this many frames before and after it."""
    return Span(max(0.0, span.start_s - frames[0] * frame_s), span.end_s + frames[1] * frame_s)
