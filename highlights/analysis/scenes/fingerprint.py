"""Two small descriptions of a frame, a thumbnail and its colours, and a ring buffer of the latest ones.

A thumbnail shows where things are: two thumbnails of one view differ little, whatever the players do. The colours show what is
there but not where: a panning camera keeps its colours, a cut to another camera does not.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Pictures = NDArray[np.float32]
View = NDArray[np.uint8]

_WIDTH, _HEIGHT = 32, 18
_COLOUR_PIXELS = (64, 36)
THUMBNAIL_SIZE = _WIDTH * _HEIGHT * 3
_LEVELS = 16  # of each channel by itself
OTHER_VIEW, OTHER_COLOURS = 25.0, 0.035  # grey levels and shares between two frames: less is one moving camera
_MIXES = 4  # levels of each channel in the joint histogram
COLOURS_SIZE = 3 * _LEVELS + _MIXES**3


def thumbnail(bgr: NDArray[np.uint8]) -> View:
    """The picture at 32x18 as uint8 `[1728]`."""
    return np.asarray(cv2.resize(bgr, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_AREA).reshape(-1), np.uint8)


def colours(bgr: NDArray[np.uint8]) -> Pictures:
    """The colour histogram as float32 `[112]`: square roots of shares, so that small areas count too."""
    small = cv2.resize(bgr, _COLOUR_PIXELS, interpolation=cv2.INTER_AREA)
    counts = [cv2.calcHist([small], [channel], None, [_LEVELS], [0, 256]).reshape(-1) for channel in range(3)]
    counts.append(cv2.calcHist([small], [0, 1, 2], None, [_MIXES] * 3, [0, 256] * 3).reshape(-1))
    shares: Pictures = np.sqrt(np.concatenate(counts) / (small.shape[0] * small.shape[1]))
    return shares


def apart(one: Pictures | View, other: Pictures | View) -> float:
    """The mean absolute difference of two arrays of one type.

    OpenCV needs one pass and no copy; numpy takes four times as long.
    """
    return cv2.norm(one, other, cv2.NORM_L1) / one.size


class Glimpse(NamedTuple):
    """One frame, described by its thumbnail and its colours, in 2 kB."""

    view: View
    colours: Pictures

    @classmethod
    def of(cls, bgr: NDArray[np.uint8]) -> Glimpse:
        """The description of a small picture, uint8 `[height, width, 3]`, BGR."""
        return cls(thumbnail(bgr), colours(bgr))

    def unlike(self, other: Glimpse) -> bool:
        """Whether two frames are more different than one camera makes them by moving."""
        return apart(self.view, other.view) > OTHER_VIEW and apart(self.colours, other.colours) > OTHER_COLOURS


class Ring:
    """The latest `length` rows of `width` numbers, always readable as one array, oldest first.

    Every row is written twice, `length` apart, so that the latest rows are always contiguous and nothing has to be moved.
    """

    def __init__(self, length: int, width: int) -> None:
        self._rows = np.zeros((2 * length, width), np.float32)
        self._length = length
        self._count = 0

    def add(self, row: Pictures) -> None:
        """Append one row; the oldest is dropped."""
        at = self._count % self._length
        self._rows[at] = self._rows[at + self._length] = row
        self._count += 1

    @property
    def full(self) -> bool:
        """Whether `length` rows were added."""
        return self._count >= self._length

    @property
    def latest(self) -> Pictures:
        """float32 `[length, width]`, oldest first; zeros where nothing has been added yet."""
        at = self._count % self._length
        return self._rows[at : at + self._length]
