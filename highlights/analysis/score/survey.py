"""A few pictures spread over a recording, in bounded memory whatever its length: enough to find what stays in place."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from highlights.media.faults import FaultCounter
from highlights.media.frames import Frame, key_frames_at, read_frames
from highlights.records import Box, Part, Recording

PICTURES = 16
LARGEST_WIDTH = 1280  # text on a score graphic is readable at this width; larger pictures only cost time

Picture = NDArray[np.uint8]
Size = tuple[int, int]


class Spread:
    """Keeps between `PICTURES` and twice as many of the pictures offered, evenly spaced."""

    def __init__(self) -> None:
        self.pictures: list[Picture] = []
        self._every = 1
        self._offered = 0

    def offer(self, make: Callable[[], Picture]) -> None:
        """Offer one picture; it is made only if it is kept."""
        if self._offered % self._every == 0:
            self.pictures.append(make())
            if len(self.pictures) == 2 * PICTURES:
                self.pictures = self.pictures[::2]
                self._every *= 2
        self._offered += 1

    def evenly(self) -> list[Picture]:
        """At most `PICTURES` of those kept."""
        last = len(self.pictures) - 1
        if last < PICTURES:
            return self.pictures
        return [self.pictures[round(i * last / (PICTURES - 1))] for i in range(PICTURES)]


def survey(recording: Recording, at: Callable[[float], None]) -> dict[Size, list[Picture]]:
    """Pictures spread over the recording by size as decoded (width, height), upright, uint8 [height, width, 3] BGR.

    A few key frames found by seeking are enough. Where they are fewer different ones than wanted, because a recording is short,
    cannot be seeked or changes its size, all key frames are read; where there are few of them, all frames.
    """
    sought = _sought(recording, at)
    if sought and all(len(pictures) == PICTURES for pictures in sought.values()):
        return sought
    spreads = _spread(read_frames(recording, key_frames_only=True, faults=FaultCounter()), at)
    if sum(len(s.pictures) for s in spreads.values()) < PICTURES:
        spreads = _spread(read_frames(recording, faults=FaultCounter()), at)
    return {size: spread.evenly() for size, spread in spreads.items()}


def _sought(recording: Recording, at: Callable[[float], None]) -> dict[Size, list[Picture]]:
    """`PICTURES` pictures of the files of each shape, evenly over their time; empty if a key frame comes twice."""
    pictures: dict[Size, list[Picture]] = {}
    for times_s in _instants(recording):
        found: set[tuple[int, float]] = set()
        for frame in key_frames_at(recording, times_s):
            if (frame.part, frame.time_s) in found:
                return {}  # the others would hardly differ more
            found.add((frame.part, frame.time_s))
            pictures.setdefault(_size(frame), []).append(surveyed(frame))
            at(frame.time_s)
    return pictures


def _instants(recording: Recording) -> list[list[float]]:
    """For the files of each shape, `PICTURES` instants on the match clock, in the middles of equal parts of their time."""
    alike: dict[tuple[int, int, int, bool], list[Part]] = {}
    for part in recording.parts:
        alike.setdefault((part.width, part.height, part.rotation_deg, part.mirrored), []).append(part)
    return [_evenly(parts) for parts in alike.values()]


def _evenly(parts: Sequence[Part]) -> list[float]:
    ends_s = list(accumulate(part.duration_s for part in parts))
    times_s = []
    for number in range(PICTURES):
        into_s = (number + 0.5) / PICTURES * ends_s[-1]
        part = bisect_right(ends_s, into_s)
        times_s.append(parts[part].start_s + into_s - (ends_s[part] - parts[part].duration_s))
    return times_s


def _size(frame: Frame) -> Size:
    return frame.picture.width, frame.picture.height


def surveyed(frame: Frame) -> Picture:
    """A frame as it is read here: upright, uint8 [height, width, 3] BGR, at most `LARGEST_WIDTH` wide as decoded."""
    return frame.upright(frame.small_bgr(min(LARGEST_WIDTH, frame.picture.width)))


def _spread(frames: Iterable[Frame], at: Callable[[float], None]) -> dict[Size, Spread]:
    spreads: dict[Size, Spread] = {}
    for frame in frames:
        spreads.setdefault(_size(frame), Spread()).offer(lambda frame=frame: surveyed(frame))  # type: ignore[misc]
        at(frame.time_s)
    return spreads


def enlarged(box: Box, scale: float) -> Box:
    """A box of a surveyed picture in pixels of the full frame."""
    return Box(*(round(v * scale) for v in (box.x0, box.y0, box.x1, box.y1)))
