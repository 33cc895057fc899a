"""`PyavFrames`: the frames of one part shown at the instants of a grid, at the size that a model receives, by PyAV.

grid        0         1         2         3      k / rate_hz seconds after the part's first frame
frames    ├───┼───┼───┼────────────────┼──────
shown       a       c         d         d        the last one that has started by then, compared at 1 ms
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray
from PIL import Image

from highlights.errors import RecordingError
from highlights.media import pixels
from highlights.media.faults import FaultCounter
from highlights.media.pictures import PartReader
from highlights.records import Part

_WORTH_A_SEEK_S = 8.0
"""Key frames are up to this far apart: a shorter seek rarely saves any decoding, and reopening the file costs too."""
_BACK_OFF_S = (0.0, 5.0, 30.0)
"""Where the key frame before an instant is damaged, reading starts further back; in the end at the part's start."""
_WORKERS, _AHEAD = 4, 8  # threads that resize, and frames that wait for them, while the decoder goes on

Numbered = tuple[int, NDArray[np.uint8]]
"""A number on the grid and the frame shown then, uint8 [height, width, 3], RGB, upright."""


class PyavFrames:
    """Decodes on from its current position if the next frame wanted is a little ahead; damaged frames are skipped."""

    def __init__(self, part: Part, rate_hz: float, size: tuple[int, int], faults: FaultCounter) -> None:
        self._part = part
        self._rate_hz = rate_hz
        self._size = size
        self._reader = PartReader(part, faults, rate_hz=rate_hz)
        self._coming: Iterator[tuple[float, VideoFrame]] = iter(())
        self._shown: tuple[float, VideoFrame] | None = None
        self._next: tuple[float, VideoFrame] | None = None

    def read(self, numbers: Sequence[int]) -> Iterator[Numbered]:
        """The frames at these numbers of the grid, in ascending order; after the part's end its last one.

        Raises:
            RecordingError: No frame can be decoded.
        """
        with ThreadPoolExecutor(_WORKERS, "resizing") as pool:
            ahead: deque[tuple[int, Future[NDArray[np.uint8]]]] = deque()
            for number in numbers:
                ahead.append((number, pool.submit(self._resized, self._at(number / self._rate_hz))))
                if len(ahead) > _AHEAD:
                    earlier, picture = ahead.popleft()
                    yield earlier, picture.result()
            for number, picture in ahead:
                yield number, picture.result()

    def close(self) -> None:
        """Close the file."""
        self._coming = iter(())
        self._shown = self._next = None

    def _at(self, time_s: float) -> VideoFrame:
        """The frame shown at an instant of the part."""
        due_s = round(time_s, 3)
        reached_s = max((at_s for at_s, _ in filter(None, (self._shown, self._next))), default=0.0)
        if self._shown is None or due_s < round(self._shown[0], 3) or due_s > reached_s + _WORTH_A_SEEK_S:
            self._seek(due_s)
        self._advance(due_s)
        if self._shown is None:
            raise RecordingError(self._part.path, f"no frame can be decoded at {self._part.start_s + time_s:.3f} s")
        return self._shown[1]

    def _seek(self, due_s: float) -> None:
        """Go to the last key frame at or before `due_s` that can be decoded."""
        for start_s in (*(due_s - back_s for back_s in _BACK_OFF_S), 0.0):
            self._shown = None
            self._coming = self._reader.read(min(max(0.0, start_s), self._part.duration_s))
            self._next = next(self._coming, None)
            if self._next is not None and round(self._next[0], 3) <= due_s:
                return

    def _advance(self, due_s: float) -> None:
        while self._next is not None and round(self._next[0], 3) <= due_s:
            if self._shown is None or not self._next[1].is_corrupt:
                self._shown = self._next
            self._next = next(self._coming, None)

    def _resized(self, picture: VideoFrame) -> NDArray[np.uint8]:
        """Upright and in the size that the model needs.

        Bicubic with antialiasing, as in training: differs from torchvision's result for integers by 0.004 grey levels on
        average and by 2 at most.
        """
        upright = pixels.upright(pixels.rgb(picture, self._part.peak_nits), self._part.rotation_deg, self._part.mirrored)
        image = Image.fromarray(np.ascontiguousarray(upright))
        return np.asarray(image.resize(self._size, Image.Resampling.BICUBIC))
