"""`FrameCache`: the pictures that were used last, up to so many bytes."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

Place = tuple[int, int]
"""A part and a number on its grid."""


class FrameCache:
    """Keeps pictures by their place; those that were not used for longest make room."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._held_bytes = 0
        self._pictures: OrderedDict[Place, NDArray[np.uint8]] = OrderedDict()

    def get(self, place: Place) -> NDArray[np.uint8] | None:
        """The picture of a place, if it is kept."""
        if place in self._pictures:
            self._pictures.move_to_end(place)
        return self._pictures.get(place)

    def put(self, place: Place, picture: NDArray[np.uint8]) -> None:
        """Keep a picture that is not kept yet."""
        self._pictures[place] = picture
        self._held_bytes += picture.nbytes
        while self._held_bytes > self._most_bytes:
            _, oldest = self._pictures.popitem(last=False)
            self._held_bytes -= oldest.nbytes

    def clear(self) -> None:
        """Keep nothing."""
        self._pictures.clear()
        self._held_bytes = 0
