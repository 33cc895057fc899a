"""A window's frames as a model is shown them: so many a second by presentation time, at the size it was trained with."""

from __future__ import annotations

from dataclasses import dataclass
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from highlights.records import Recording, Sampling, Window


@dataclass(frozen=True, slots=True)
class Footage:
    """The frames of one window; decoded when `pictures` is first called, so that footage nobody looks at costs nothing.

    `times_s[i]` is when frame i is due, in seconds from the window's start (0, 0.5, 1.0, ... at 2 Hz), `numbers[i]` its number on
    the grid of its part (match time from the part's start times the rate): two windows share the frames of equal numbers.
    `width`, `height`: of the pictures, in pixels.
    """

    window: Window
    sampling: Sampling
    times_s: tuple[float, ...]
    numbers: tuple[int, ...]
    width: int
    height: int
    # how the pictures are made is up to WindowReader

    def pictures(self) -> NDArray[np.uint8]:
        """uint8 [num_frames, height, width, 3], RGB, upright."""
        raise NotImplementedError


class WindowReader:
    """Reads windows of a recording; what comes next is decoded on another thread while a model works."""

    def __init__(self, recording: Recording, sampling: Sampling) -> None:
        raise NotImplementedError

    def read(self, windows: Iterable[Window]) -> Iterator[Footage]:
        """The footage of each window, in order."""
        raise NotImplementedError
