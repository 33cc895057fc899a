"""`FrameCache`: the most recently used frames, up to a number of bytes (LRU)."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

FrameKey = tuple[int, int]
"""The number of a part, and of a frame on its grid."""


class FrameCache:
    """Frames by key; the least recently used are evicted."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._frames: OrderedDict[FrameKey, NDArray[np.uint8]] = OrderedDict()

    def get(self, key: FrameKey) -> NDArray[np.uint8] | None:
        """The frame with this key, if cached."""
        if key in self._frames:
            self._frames.move_to_end(key)
        return self._frames.get(key)

    def put(self, key: FrameKey, frame: NDArray[np.uint8]) -> None:
        """Add a frame that is not cached yet."""
        self._frames[key] = frame
        self._bytes += frame.nbytes
        while self._bytes > self._max_bytes:
            _, oldest = self._frames.popitem(last=False)
            self._bytes -= oldest.nbytes

    def clear(self) -> None:
        """Remove all frames."""
        self._frames.clear()
        self._bytes = 0
