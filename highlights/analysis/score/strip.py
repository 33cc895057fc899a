"""`Strip`: the pixels of one row of a graphic, in blocks, to tell what changed between two pictures of it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from highlights.records import Box

CHANGED_LEVELS = 40  # of 255: more than the noise of strong compression, less than a digit against its plate
LETTERED_LEVELS = 60  # of 255, between the darkest and the brightest pixel of a block with letters
CHANGED_SHARE = 0.04  # of a block half as wide as high: a 3 that becomes an 8
MARGIN = 0.2  # of a row's height, on every side, is not watched: boxes extend beyond their text

Luma = NDArray[np.uint8]
Blocks = NDArray[np.bool_]


class Strip:
    """One row of a graphic, without its margin, cut into blocks about half a digit wide."""

    def __init__(self, box: Box) -> None:
        margin = round(MARGIN * (box.y1 - box.y0))
        beside = min(margin, (box.x1 - box.x0 - 1) // 3)  # a cell can be narrower than high
        self._left = box.x0 + beside
        self._crop: tuple[slice, slice] = np.s_[box.y0 + margin : box.y1 - margin, self._left : box.x1 - beside]
        height, width = box.y1 - box.y0 - 2 * margin, box.x1 - box.x0 - 2 * beside
        self.blocks = max(1, round(2 * width / height))
        self._edges = np.linspace(0, width, self.blocks, endpoint=False, dtype=int)  # where each block begins

    def cut(self, luma: Luma) -> Luma:
        """The row's pixels in a picture (uint8 [height, width])."""
        return luma[self._crop].copy()

    def changed(self, a: Luma, b: Luma) -> Blocks:
        """Which blocks changed visibly: bool [num_blocks]."""
        _, pixels = cv2.threshold(cv2.absdiff(a, b), CHANGED_LEVELS, 1, cv2.THRESH_BINARY)
        columns = cv2.reduce(pixels, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S).reshape(-1)
        return np.asarray(np.add.reduceat(columns, self._edges) > CHANGED_SHARE * a.size / self.blocks)

    def lettered(self, row: Luma) -> Blocks:
        """Which blocks have the contrast of letters: bool [num_blocks]."""
        lightest, darkest = np.maximum.reduceat(row.max(0), self._edges), np.minimum.reduceat(row.min(0), self._edges)
        return np.asarray(lightest.astype(int) - darkest >= LETTERED_LEVELS)

    def block_at(self, x: float) -> int:
        """Number of the block at `x` in the picture."""
        return int(np.clip(np.searchsorted(self._edges, x - self._left, "right") - 1, 0, self.blocks - 1))
