"""Repeated footage: every fifth of a second is compared with the three minutes before it.

Television shows the same pitch over and over, so similarity alone means nothing. What counts is the fine pattern of a frame
(players, not grass), one earlier instant that matches better than all others, and a run of such instants that advances more
slowly than real time: only a replay in slow motion does that.

    earlier  ──┼─┼─┼─┼──────────────────────
               └┐└─┐└───┐└────┐
    now      ───┼──┼────┼─────┼─────────────
"""

from __future__ import annotations

from array import array
from bisect import bisect_left

import cv2
import numpy as np
from numpy.typing import NDArray

from highlights.spans import Span

_STEP_S = 0.2
_MEMORY = 900  # frames: three minutes
_LEAST_APART_S = 4.0
_WIDTH, _HEIGHT = 48, 27
_ROWS = slice(4, 23)  # without the top and bottom rows, where graphics appear and disappear
_PATTERN_SIZE = _WIDTH * (_ROWS.stop - _ROWS.start)
_EVEN = 8.0  # grey levels: stronger contrasts count little more
_BLUR = 3.0  # pixels: larger structures are removed
_LIKENESS = 0.6  # correlation: the same instant has 0.74 or more in 99 of 100 cases, the best other instant 0.57 to 0.79
_LEAD = 0.06  # how far the best instant must be above the best one elsewhere
_ELSEWHERE_S = 1.5
_LEAST_RUN = 10  # frames
_RUN_SHARE = 0.6  # of the frames of a scene
_STRAY_S = 0.3
_SLOWEST, _FASTEST = 0.15, 0.85  # seconds of the match per second of the replay


class RepeatFinder:
    """Stores the latest three minutes and, for each frame, the earlier instant that it repeats, if any."""

    def __init__(self) -> None:
        self._patterns = np.zeros((_MEMORY, _PATTERN_SIZE), np.float32)
        self._pattern_times = np.full(_MEMORY, np.inf)
        self._count = 0
        self._next_s = -np.inf
        self._times, self._earlier = array("d"), array("d")

    def add(self, time_s: float, bgr: NDArray[np.uint8]) -> None:
        """Add the frame at `time_s` if one is due; other frames are skipped."""
        if time_s < self._next_s:
            return
        self._next_s = time_s + _STEP_S - 0.001
        pattern = _pattern(bgr)
        self._times.append(time_s)
        self._earlier.append(self._find(time_s, pattern))
        at = self._count % _MEMORY
        self._patterns[at], self._pattern_times[at] = pattern, time_s
        self._count += 1

    def speed(self, span: Span) -> float | None:
        """How fast the span repeats an earlier one, as a share of real time; None if it is not a repeat in slow motion."""
        first, last = bisect_left(self._times, span.start_s), bisect_left(self._times, span.end_s)
        now, then = np.array(self._times[first:last]), np.array(self._earlier[first:last])
        repeated = np.isfinite(then)
        if repeated.sum() < max(_LEAST_RUN, _RUN_SHARE * len(now)):
            return None
        now, then = now[repeated], then[repeated]
        slopes = (then[:, None] - then)[now[:, None] - now > 1] / (now[:, None] - now)[now[:, None] - now > 1]
        if not len(slopes):
            return None
        speed = float(np.median(slopes))  # Source: Theil-Sen estimator, which outliers do not affect
        rest = then - speed * now
        near = np.abs(rest - np.median(rest)) < _STRAY_S
        return speed if _SLOWEST <= speed <= _FASTEST and near.mean() >= _RUN_SHARE else None

    def _find(self, time_s: float, pattern: NDArray[np.float32]) -> float:
        """The earlier instant with this pattern, NaN if there is none."""
        past = self._pattern_times < time_s - _LEAST_APART_S
        if not past.any():
            return np.nan
        # einsum runs on one thread: faster here than BLAS on many
        likeness = np.where(past, np.einsum("ij,j->i", self._patterns, pattern), -1.0)
        best = int(likeness.argmax())
        then_s = float(self._pattern_times[best])
        elsewhere = float(likeness[np.abs(self._pattern_times - then_s) > _ELSEWHERE_S].max(initial=-1.0))
        return then_s if likeness[best] >= _LIKENESS and likeness[best] - elsewhere >= _LEAD else np.nan


def _pattern(bgr: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The fine pattern of a frame, float32 `[912]`, normalised to length 1 (0 for an empty picture)."""
    grey = cv2.cvtColor(cv2.resize(bgr, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY).astype(np.float32)
    fine = (grey - cv2.GaussianBlur(grey, (0, 0), _BLUR))[_ROWS].reshape(-1)
    fine /= np.abs(fine) + _EVEN
    pattern: NDArray[np.float32] = fine / (float(np.linalg.norm(fine)) + 0.1)
    return pattern
