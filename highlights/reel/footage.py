"""The frames of one take as a moviepy clip, read once from start to end on the match clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from math import floor

import numpy as np
from moviepy import VideoClip
from numpy.typing import NDArray
from PIL import Image

from highlights.errors import RenderError
from highlights.media.frames import Frame, read_frames
from highlights.records import Part, Recording
from highlights.reel.plan import Take

Picture = NDArray[np.uint8]
"""uint8 [height, width, 3], RGB."""

TOLERANCE_S = 0.001
"""Spans are rounded to the millisecond, so a frame that begins up to 1 ms later is meant."""
HELD = Fraction(102, 100)  # of the reel's rate: up to here it can hold all frames; rates are measured and rounded
EARLIEST, LATEST = 0.3, 0.5  # frames of the reel that a frame may be early, or the one after it late
AHEAD = 2
LOOK_BACK_S = 0.25
"""The frame shown at the in-point began at most this long before it, at 4 frames per second."""


def footage(recording: Recording, take: Take, size: tuple[int, int], shown: Callable[[Frame], Picture]) -> VideoClip:
    """The take as a clip of `size`, each frame as `shown`; they must be requested in order, and it holds few at a time."""
    screen, shown = Screen(recording, take), lru_cache(maxsize=1)(shown)
    clip = VideoClip(duration=take.duration_s)
    clip.size, clip.frame_function = size, lambda time_s: shown(screen.frame_at(time_s))
    return clip


class Screen:
    """Gives the frame shown at any time; times must be requested in order.

    Nothing before frame `first` of the take is decoded: instead, that frame is shown, for every effect requests the start.
    Reading begins `look_back_s` before it: 0 if it begins exactly when it is wanted.

    A recording of variable frame rate may have two frames for one of the reel, and none for the one before or after:

        reel          |       |       |       |
        recording     a       b        c     d        c is shown a little early, or d one later: none is left out,
                                                      if the reel's rate can hold all
    """

    def __init__(self, recording: Recording, take: Take, first: int = 0, look_back_s: float = LOOK_BACK_S) -> None:
        self._recording, self._take, self._first, self._look_back_s = recording, take, first, look_back_s
        self._number = -1
        self._frames: Iterator[Frame] = iter(())
        self._ahead: deque[Frame] = deque()
        self._frame: Frame | None = None
        part = recording.parts[take.clip.part]
        self._frame_s = float(1 / take.frame_rate) if part.frame_rate <= HELD * take.frame_rate else 0.0

    def frame_at(self, time_s: float) -> Frame:
        """The recording's frame for the output frame in which `time_s` of the take lies."""
        number = max(self._first, floor(time_s * self._take.frame_rate))
        if self._frame is not None and number == self._number:
            return self._frame
        self._number = number
        source_s = self._take.source_s_at(number) + TOLERANCE_S
        first, ahead = self._frame is None, self._ahead
        if first:
            self._open(source_s - TOLERANCE_S)
        while len(ahead) > 1 and ahead[1].time_s <= source_s - (0.0 if first else LATEST * self._frame_s):
            self._leave()
        if ahead and (first or ahead[0].time_s <= source_s or self._makes_room(source_s)):
            self._frame = ahead[0]
            self._leave()
        if self._frame is None:
            path = self._recording.parts[self._take.clip.part].path
            raise RenderError(f"{path}: has no frame at {source_s:.3f} s of the match; leave this clip out of the timeline")
        return self._frame

    def _open(self, source_s: float) -> None:
        """Begin to read where the frame shown at `source_s` is."""
        start_s, end_s = max(0.0, round(source_s - self._look_back_s, 3)), self._take.source.end_s
        self._frames = read_frames(self._recording, start_s=start_s, end_s=end_s, deinterlace=True)
        self._ahead.extend(islice(self._frames, AHEAD))

    def _makes_room(self, source_s: float) -> bool:
        """Whether the next frame, shown a little early, leaves its place to the one after it."""
        soon = [frame.time_s - source_s for frame in self._ahead]
        return len(soon) > 1 and soon[0] <= EARLIEST * self._frame_s and soon[1] <= self._frame_s

    def _leave(self) -> None:
        self._ahead.popleft()
        self._ahead.extend(islice(self._frames, 1))


def inner_box(part: Part, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Where a whole frame of the part lies in a canvas of `size`: x, y, width, height."""
    scale = min(size[0] / part.width, size[1] / part.height)
    width, height = (
        max(1, min(whole, round(side * scale))) for whole, side in zip(size, (part.width, part.height), strict=True)
    )
    return (size[0] - width) // 2, (size[1] - height) // 2, width, height


def letterbox(frame: Frame, part: Part, size: tuple[int, int]) -> Picture:
    """The frame fitted into `size` with black borders. An odd row or column is scaled over rather than bordered."""
    x, y, width, height = inner_box(part, size)
    if size[0] - width < 2 and size[1] - height < 2:
        return frame.rgb(*size)
    canvas = np.zeros((size[1], size[0], 3), np.uint8)
    canvas[y : y + height, x : x + width] = frame.rgb(width, height)
    return canvas


def cropped(frame: Frame, box: tuple[float, float, float, float], size: tuple[int, int]) -> Picture:
    """The part of the frame within `box` (left, upper, right, lower, each 0..1), scaled to `size`.

    Its edges may lie between pixels: a slow crop in whole pixels would visibly stutter.
    """
    image = Image.fromarray(frame.rgb())
    left, upper, right, lower = (at * side for at, side in zip(box, (image.width, image.height) * 2, strict=True))
    inside = (max(0.0, left), max(0.0, upper), min(image.width, right), min(image.height, lower))
    return np.asarray(image.resize(size, Image.Resampling.BICUBIC, box=inside))
