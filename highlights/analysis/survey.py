"""A few pictures spread over a recording, in bounded memory, whatever its length: enough to find what stays put."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from highlights.analysis.score_watch import upright
from highlights.media.faults import FaultCounter
from highlights.media.frames import Frame, read_frames
from highlights.records import Box, Recording

PICTURES = 16
LARGEST_WIDTH = 1280  # text on a score graphic is readable at this width; larger pictures only cost

Picture = NDArray[np.uint8]
Size = tuple[int, int]


class Spread:
    """Keeps between `PICTURES` and twice as many of the pictures it is shown, evenly spaced."""

    def __init__(self) -> None:
        self.pictures: list[Picture] = []
        self._every = 1
        self._shown = 0

    def see(self, make: Callable[[], Picture]) -> None:
        """Be shown one picture, made only if it is kept."""
        if self._shown % self._every == 0:
            self.pictures.append(make())
            if len(self.pictures) == 2 * PICTURES:
                self.pictures = self.pictures[::2]
                self._every *= 2
        self._shown += 1

    def evenly(self) -> list[Picture]:
        """At most `PICTURES` of those kept."""
        last = len(self.pictures) - 1
        if last < PICTURES:
            return self.pictures
        return [self.pictures[round(i * last / (PICTURES - 1))] for i in range(PICTURES)]


def survey(recording: Recording, tick: Callable[[float], None]) -> dict[Size, list[Picture]]:
    """Pictures spread over the recording by size as decoded (width, height), upright, uint8 [height, width, 3] BGR.

    Key frames are enough; where a recording has few, all frames are looked at.
    """
    spreads = _spread(read_frames(recording, key_frames_only=True, faults=FaultCounter()), tick)
    if sum(len(s.pictures) for s in spreads.values()) < PICTURES:
        spreads = _spread(read_frames(recording, faults=FaultCounter()), tick)
    return {size: spread.evenly() for size, spread in spreads.items()}


def _spread(frames: Iterable[Frame], tick: Callable[[float], None]) -> dict[Size, Spread]:
    spreads: dict[Size, Spread] = {}
    for frame in frames:
        size = (frame.picture.width, frame.picture.height)
        width = min(LARGEST_WIDTH, size[0])
        spreads.setdefault(size, Spread()).see(lambda f=frame, w=width: upright(f.small_bgr(w), f.rotation_deg))  # type: ignore[misc]
        tick(frame.time_s)
    return spreads


def enlarged(box: Box, scale: float) -> Box:
    """A box of a surveyed picture in pixels of the full one."""
    return Box(*(round(v * scale) for v in (box.x0, box.y0, box.x1, box.y1)))
