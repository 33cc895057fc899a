"""Crops to another aspect: which piece of the picture is shown when, following a trail of places. Pure.

    trail     · ·  ·   ·          · ·      where the play is, by whoever knows: a model that points, or what moves
    scenes  ├────────────────┤├─────────
    crop    ───────╱─────────  ─────────   follows softly within a scene, begins anew with the next one

Within a scene the crop is a weighted mean of the places from `2.5 * SOFT_S` before to as much after, with the weights of a bell
curve. So it comes neither late nor early, stays where the trail may go, and keeps, whatever the trail does, to at most
`FASTEST` of its way in a second and `SHARPEST` of its way in a second squared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np
from numpy.typing import NDArray

from highlights.records import Scene
from highlights.spans import Span

Spot = tuple[float, float, float]
"""Match time in seconds, x and y in the upright picture from its upper left corner, 0..1."""
Trail = Sequence[Spot]
"""Where the play is, in any order; holes are fine."""
Row = NDArray[np.float64]

STEP_S = 0.04
"""The crop is worked out so often; between two steps it moves evenly."""
SOFT_S = 0.7
"""Standard deviation of the bell curve."""
FASTEST = 0.6
"""Of the way a crop can go, in a second: the highest weight (0.4 / SOFT_S), and a little for the steps."""
SHARPEST = 1.1
"""Of the way a crop can go, in a second squared: half the bell curve's bends together (0.5 / SOFT_S²), and a little."""

ODD_ONES = 5
"""A spot counts as the middle one of so many: one wild spot, or two, move nothing."""
HOLE_S = 1.0
"""When longer nothing is known of the play, the crop stays where it is until something is."""
AT_EASE = 0.22
"""The play may move by so much of the crop's own size to either side of where the crop is aimed at before it follows."""


@dataclass(frozen=True, slots=True)
class CropPath:
    """Where the crop is at any time of a span; `width` and `height` are its share of the picture, 0..1.

    `starts_s[i]` is when scene i begins, `xs[i]` and `ys[i]` where the crop's middle is every `STEP_S` from then on.
    """

    width: float
    height: float
    starts_s: tuple[float, ...]
    xs: tuple[Row, ...]
    ys: tuple[Row, ...]

    def box_at(self, time_s: float) -> tuple[float, float, float, float]:
        """Left, upper, right and lower edge of the crop, each 0..1."""
        scene = max(0, int(np.searchsorted(self.starts_s, round(time_s, 3), side="right")) - 1)
        step = (time_s - self.starts_s[scene]) / STEP_S
        x, y = (float(np.interp(step, np.arange(len(row)), row)) for row in (self.xs[scene], self.ys[scene]))
        left, upper = x - self.width / 2, y - self.height / 2
        return left, upper, left + self.width, upper + self.height


def kept_share(aspect: Fraction, shape: Fraction) -> tuple[float, float]:
    """How much of the width and height of a picture of `shape` the largest crop of `aspect` shows (both width / height).

    >>> kept_share(Fraction(1), Fraction(16, 9)), kept_share(Fraction(16, 9), Fraction(1))
    ((0.5625, 1.0), (1.0, 0.5625))
    """
    return min(1.0, float(aspect / shape)), min(1.0, float(shape / aspect))


def crop_path(trail: Trail, scenes: Sequence[Scene], span: Span, aspect: Fraction, shape: Fraction) -> CropPath:
    """The largest crop of `aspect` (width / height) of a picture of `shape`, following the trail through the span."""
    width, height = kept_share(aspect, shape)
    shots = _shots(scenes, span)
    rows = [_followed(trail, shot, (width, height)) for shot in shots]
    return CropPath(width, height, tuple(s.start_s for s in shots), tuple(x for x, _ in rows), tuple(y for _, y in rows))


def _shots(scenes: Sequence[Scene], span: Span) -> list[Span]:
    """The span cut where scenes begin."""
    cuts = sorted({scene.span.start_s for scene in scenes if span.start_s < scene.span.start_s < span.end_s})
    return [Span(start, end) for start, end in zip([span.start_s, *cuts], [*cuts, span.end_s], strict=True)]


def _followed(trail: Trail, shot: Span, size: tuple[float, float]) -> tuple[Row, Row]:
    """Where the middle of a crop of `size` is at every step of the shot, as x and y."""
    spots = np.array(sorted(spot for spot in trail if shot.holds(spot[0]))).reshape(-1, 3)
    times_s = np.arange(ceil(shot.length_s / STEP_S) + 1, dtype=np.float64) * STEP_S + shot.start_s
    x, y = (_followed_side(times_s, spots[:, 0], spots[:, 1 + side], size[side]) for side in (0, 1))
    return x, y


def _followed_side(times_s: Row, spots_s: Row, places: Row, size: float) -> Row:
    """One side of the crop's middle at each time."""
    if not len(places) or size >= 1:
        return np.full(len(times_s), 0.5)
    aims = np.clip(_without_odd_ones(places), size / 2, 1 - size / 2)
    aims = _at_ease(_held(times_s, spots_s, aims), AT_EASE * size)
    return _softened(aims)


def _without_odd_ones(places: Row) -> Row:
    """Each place as the middle one of `ODD_ONES` around it."""
    padded = np.pad(places, ODD_ONES // 2, mode="edge")
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(padded, ODD_ONES), axis=1))


def _held(times_s: Row, spots_s: Row, places: Row) -> Row:
    """The place at every time: between spots evenly on the way, over a hole the one before it."""
    held = np.interp(times_s, spots_s, places)
    for before, after, place in zip(spots_s, spots_s[1:], places, strict=False):
        if after - before > HOLE_S:
            held[(before < times_s) & (times_s < after)] = place
    return held


def _at_ease(aims: Row, room: float) -> Row:
    """Aims that stay while the given ones move by no more than `room` to either side, looked at from both ends of time."""
    return (_dragged(aims, room) + _dragged(aims[::-1], room)[::-1]) / 2


def _dragged(aims: Row, room: float) -> Row:
    """A thing that is dragged along by `aims` on a slack line of length `room`."""
    dragged, place = np.empty_like(aims), aims[0]
    for step, aim in enumerate(aims):
        place = min(max(place, aim - room), aim + room)
        dragged[step] = place
    return dragged


def _softened(aims: Row) -> Row:
    """The mean around each step, weighted by a bell curve; what is beyond the ends is as the ends are."""
    reach = round(2.5 * SOFT_S / STEP_S)
    bell = np.exp(-((np.arange(-reach, reach + 1) * STEP_S / SOFT_S) ** 2) / 2)
    return np.convolve(np.pad(aims, reach, mode="edge"), bell / bell.sum(), mode="valid")
