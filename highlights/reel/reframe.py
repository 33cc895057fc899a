"""Crops to another aspect: which part of the frame is shown when, following a trail of places. Pure.

    trail     · ·  ·   ·          · ·      where the play is: from a model that points, or from motion
    scenes  ├────────────────┤├─────────
    crop    ───────╱─────────  ─────────   follows smoothly within a scene, restarts with the next one

Within a scene the crop is the mean of the places from `2.5 * SOFT_S` before to `2.5 * SOFT_S` after, weighted by a Gaussian. So
it lags neither behind nor ahead, stays within the range of the trail, and never moves faster than `FASTEST` of its range per
second or accelerates more than `SHARPEST` of its range per second squared.
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
"""Match time in seconds, x and y in the upright frame from its upper left corner, 0..1."""
Trail = Sequence[Spot]
"""Where the play is, in any order; gaps are allowed."""
Curve = NDArray[np.float64]

STEP_S = 0.04
"""Step of the crop path; between two steps the crop moves linearly."""
SOFT_S = 0.7
"""Standard deviation of the Gaussian."""
FASTEST = 0.6
"""Largest speed as a share of the crop's range per second: the peak weight (0.4 / SOFT_S), and a little for the steps."""
SHARPEST = 1.1
"""Largest acceleration as a share of the range per second squared (0.5 / SOFT_S²), and a little for the steps."""

OUTLIER_WINDOW = 5
"""Length of the median filter: one or two outliers have no effect."""
HOLE_S = 1.0
"""Over a longer gap in the trail, the crop stays where it is."""
AT_EASE = 0.22
"""Dead zone as a share of the crop's size: the play may move this far to either side before the crop follows."""


@dataclass(frozen=True, slots=True)
class CropPath:
    """The crop at any time of a span; `width` and `height` are its share of the frame, 0..1.

    `starts_s[i]` is the start of scene i, `xs[i]` and `ys[i]` the crop's middle every `STEP_S` from then on.
    """

    width: float
    height: float
    starts_s: tuple[float, ...]
    xs: tuple[Curve, ...]
    ys: tuple[Curve, ...]

    def box_at(self, time_s: float) -> tuple[float, float, float, float]:
        """Left, upper, right and lower edge of the crop, each 0..1."""
        scene = max(0, int(np.searchsorted(self.starts_s, round(time_s, 3), side="right")) - 1)
        step = (time_s - self.starts_s[scene]) / STEP_S
        x, y = (float(np.interp(step, np.arange(len(row)), row)) for row in (self.xs[scene], self.ys[scene]))
        left, upper = x - self.width / 2, y - self.height / 2
        return left, upper, left + self.width, upper + self.height


def kept_share(aspect: Fraction, shape: Fraction) -> tuple[float, float]:
    """The share of width and height of a frame of `shape` that the largest crop of `aspect` shows (both width / height).

    >>> kept_share(Fraction(1), Fraction(16, 9)), kept_share(Fraction(16, 9), Fraction(1))
    ((0.5625, 1.0), (1.0, 0.5625))
    """
    return min(1.0, float(aspect / shape)), min(1.0, float(shape / aspect))


def crop_path(trail: Trail, scenes: Sequence[Scene], span: Span, aspect: Fraction, shape: Fraction) -> CropPath:
    """The largest crop of `aspect` (width / height) of a frame of `shape`, following the trail through the span."""
    width, height = kept_share(aspect, shape)
    shots = _split(scenes, span)
    rows = [_followed(trail, scene, (width, height)) for scene in shots]
    return CropPath(width, height, tuple(s.start_s for s in shots), tuple(x for x, _ in rows), tuple(y for _, y in rows))


def _split(scenes: Sequence[Scene], span: Span) -> list[Span]:
    """The span split where scenes begin."""
    cuts = sorted({scene.span.start_s for scene in scenes if span.start_s < scene.span.start_s < span.end_s})
    return [Span(start, end) for start, end in zip([span.start_s, *cuts], [*cuts, span.end_s], strict=True)]


def _followed(trail: Trail, scene: Span, size: tuple[float, float]) -> tuple[Curve, Curve]:
    """The middle of a crop of `size` at every step of a scene, as x and y."""
    spots = np.array(sorted(spot for spot in trail if scene.holds(spot[0]))).reshape(-1, 3)
    times_s = np.arange(ceil(scene.length_s / STEP_S) + 1, dtype=np.float64) * STEP_S + scene.start_s
    x, y = (_followed_side(times_s, spots[:, 0], spots[:, 1 + side], size[side]) for side in (0, 1))
    return x, y


def _followed_side(times_s: Curve, spots_s: Curve, places: Curve, size: float) -> Curve:
    """One coordinate of the crop's middle at each time."""
    if not len(places) or size >= 1:
        return np.full(len(times_s), 0.5)
    aims = np.clip(_without_outliers(places), size / 2, 1 - size / 2)
    aims = _with_dead_zone(_held(times_s, spots_s, aims), AT_EASE * size)
    return _smoothed(aims)


def _without_outliers(places: Curve) -> Curve:
    """Each place replaced by the median of `OUTLIER_WINDOW` around it."""
    padded = np.pad(places, OUTLIER_WINDOW // 2, mode="edge")
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(padded, OUTLIER_WINDOW), axis=1))


def _held(times_s: Curve, spots_s: Curve, places: Curve) -> Curve:
    """The place at every time: interpolated between spots, held over a gap."""
    held = np.interp(times_s, spots_s, places)
    for before, after, place in zip(spots_s, spots_s[1:], places, strict=False):
        if after - before > HOLE_S:
            held[(before < times_s) & (times_s < after)] = place
    return held


def _with_dead_zone(aims: Curve, room: float) -> Curve:
    """Aims that stay while the given ones move by no more than `room` to either side, averaged over both directions of time."""
    return (_dragged(aims, room) + _dragged(aims[::-1], room)[::-1]) / 2


def _dragged(aims: Curve, room: float) -> Curve:
    """A point dragged along by `aims` on a slack line of length `room`."""
    dragged, place = np.empty_like(aims), aims[0]
    for step, aim in enumerate(aims):
        place = min(max(place, aim - room), aim + room)
        dragged[step] = place
    return dragged


def _smoothed(aims: Curve) -> Curve:
    """The Gaussian-weighted mean around each step; the ends are extended."""
    reach = round(2.5 * SOFT_S / STEP_S)
    bell = np.exp(-((np.arange(-reach, reach + 1) * STEP_S / SOFT_S) ** 2) / 2)
    return np.convolve(np.pad(aims, reach, mode="edge"), bell / bell.sum(), mode="valid")
