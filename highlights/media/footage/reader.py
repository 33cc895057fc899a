"""A window's frames as a model receives them: at a fixed rate by presentation time, at the size it was trained with.

part      ├────────────────────────────────────────────
grid      0   1   2   3   4   5   6   7   8   9   10     k / rate_hz seconds after the part's first frame
windows           ├───────────────────┤
                              ├───────────────────┤      share the frames 5, 6 and 7
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, pairwise
from math import ceil
from threading import Event, Lock
from types import TracebackType
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from highlights.errors import ModelError
from highlights.media.faults import FaultCounter
from highlights.media.footage import torchcodec as torchcodec_frames
from highlights.media.footage.cache import FrameCache
from highlights.media.footage.pyav import Numbered, PyavFrames
from highlights.media.footage.size import frame_size
from highlights.media.footage.torchcodec import TorchcodecFrames
from highlights.records import Part, Recording, Sampling, Window

Pictures = NDArray[np.uint8]
"""uint8 [num_frames, height, width, 3], RGB, upright."""

_LEAST_FRAMES = 4
"""In a window: the models were never trained on fewer."""
_ROUNDING_S = 0.001
"""Windows meant to start on the grid start up to this far beside it: their times are whole milliseconds."""
_CACHE_BYTES = 256_000_000  # 8 minutes of frames of 1080p


def _no_pictures() -> Pictures:
    raise ValueError("this footage was made without pictures")


@dataclass(frozen=True, slots=True)
class Footage:
    """The frames of one window; decoded when `pictures` is first called, so unused footage costs nothing.

    `times_s[i]` is when frame i is due, in seconds from the window's start (0, 0.5, 1.0, ... at 2 Hz), `numbers[i]` its number
    on the grid of its part (time since the part's start times the rate): windows share the frames with equal numbers. A
    window that ends with its part may have numbers beyond it, at which the last frame is still shown.
    `width`, `height`: of the frames, in pixels. `make` decodes the frames.
    """

    window: Window
    sampling: Sampling
    times_s: tuple[float, ...]
    numbers: tuple[int, ...]
    width: int
    height: int
    make: Callable[[], Pictures] = field(default=_no_pictures, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "make", cache(self.make))

    def pictures(self) -> Pictures:
        """uint8 [num_frames, height, width, 3], RGB, upright.

        Raises:
            RecordingError: Nothing can be decoded there.
        """
        return self.make()


class WindowReader:
    """Reads windows of a recording; the next one is decoded on another thread while a model works.

    Every frame is the last one that has started by its instant of the grid, by presentation time compared at 1 ms, whatever
    the frame rate. Frames that windows share are decoded once: the most recently used are cached. A damaged frame is counted
    in `faults` and replaced by the one before it.

    Args:
        recording: As returned by `open_recording`.
        sampling: How the model receives video.
        decoder: "auto" is torchcodec on a GPU if it can be loaded, else PyAV, which is at least as fast on a CPU and counts
            damage; in any case PyAV reads what torchcodec can't.
        device: "cuda" decodes and resizes on the GPU; only torchcodec can.
        faults: Where damaged frames are counted; torchcodec leaves those to PyAV.

    Raises:
        ModelError: `decoder` is "torchcodec" and it can't be loaded.
    """

    def __init__(
        self,
        recording: Recording,
        sampling: Sampling,
        *,
        decoder: Literal["auto", "torchcodec", "pyav"] = "auto",
        device: Literal["cpu", "cuda"] = "cpu",
        faults: FaultCounter | None = None,
    ) -> None:
        self._recording = recording
        self._sampling = sampling
        self._faults = FaultCounter() if faults is None else faults
        self._device = device
        self._torchcodec_parts = set(range(len(recording.parts))) if _takes_torchcodec(decoder, device) else set()
        self._cache = FrameCache(_CACHE_BYTES)
        self._open: tuple[int, _Frames] | None = None
        self._lock = Lock()

    def __enter__(self) -> WindowReader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and empty the cache; footage can still be decoded, which opens the file again."""
        with self._lock:
            self._close_part()
            self._cache.clear()

    def footage(self, window: Window) -> Footage:
        """The footage of one window, in any order."""
        return self._footage(window, lambda: self._pictures(window))

    def read(self, windows: Iterable[Window]) -> Iterator[Footage]:
        """The footage of each window, in order.

        Once a window's frames have been used, those of the next are decoded on another thread, until the iterator ends.
        """
        ahead = _Ahead(self._pictures)
        try:
            for window, following in pairwise(chain(windows, [None])):
                if window is not None:
                    yield self._footage(window, _Take(ahead, window, following))
        finally:
            ahead.stop()

    def _footage(self, window: Window, make: Callable[[], Pictures]) -> Footage:
        part = self._recording.parts[window.part]
        numbers, rate_hz = _numbers(window, part, self._sampling), self._sampling.rate_hz
        late_s = numbers[0] / rate_hz - (window.span.start_s - part.start_s)
        late_s = 0.0 if abs(late_s) <= _ROUNDING_S else late_s
        times_s = tuple(round((number - numbers[0]) / rate_hz + late_s, 6) for number in numbers)
        return Footage(window, self._sampling, times_s, numbers, *frame_size(part, self._sampling), make)

    def _pictures(self, window: Window, stopped: Event | None = None) -> Pictures:
        """The frames of a window; none if stopped in the meantime."""
        part = self._recording.parts[window.part]
        numbers = _numbers(window, part, self._sampling)
        with self._lock:
            found = {number: cached for number in numbers if (cached := self._cache.get((window.part, number))) is not None}
            missing = [number for number in numbers if number not in found]
            for number, picture in self._decoded(window.part, missing):
                found[number] = picture
                self._cache.put((window.part, number), picture)
                if stopped and stopped.is_set():
                    return np.empty((0, 0, 0, 3), np.uint8)
        return np.stack([found[number] for number in numbers])

    def _decoded(self, part: int, numbers: Sequence[int]) -> Iterator[Numbered]:
        """Frames that are not cached; where torchcodec ends early, the rest of them by PyAV."""
        if not numbers:
            return
        done = 0
        for numbered in self._frames(part).read(numbers):
            done += 1
            yield numbered
        if done < len(numbers):
            self._torchcodec_parts.discard(part)
            self._close_part()
            yield from self._frames(part).read(numbers[done:])

    def _frames(self, number: int) -> _Frames:
        """The decoder of a part; only one is open at a time."""
        if self._open is None or self._open[0] != number:
            self._close_part()
            part = self._recording.parts[number]
            size = frame_size(part, self._sampling)
            if number in self._torchcodec_parts:
                frames: _Frames = TorchcodecFrames(part, self._sampling.rate_hz, size, self._device)
            else:
                frames = PyavFrames(part, self._sampling.rate_hz, size, self._faults)
            self._open = number, frames
        return self._open[1]

    def _close_part(self) -> None:
        if self._open is not None:
            self._open[1].close()
        self._open = None


class _Frames(Protocol):
    """Reads the frames of one part at ascending numbers of the grid, and may end early."""

    def read(self, numbers: Sequence[int]) -> Iterator[Numbered]: ...

    def close(self) -> None: ...


def _takes_torchcodec(decoder: Literal["auto", "torchcodec", "pyav"], device: Literal["cpu", "cuda"]) -> bool:
    """Whether torchcodec is requested and can be loaded."""
    if decoder == "pyav" or (decoder == "auto" and device == "cpu"):
        return False
    problem = torchcodec_frames.problem()
    if decoder == "torchcodec" and problem:
        raise ModelError(f"torchcodec can't be used ({problem}): install FFmpeg's libraries, or let PyAV decode")
    return not problem


def _numbers(window: Window, part: Part, sampling: Sampling) -> tuple[int, ...]:
    """The instants of the grid in a window, an even number of them: thinned out if too many, with later ones if too few."""
    start_s, end_s = (at_s - part.start_s - _ROUNDING_S for at_s in (window.span.start_s, window.span.end_s))
    first = max(0, ceil(start_s * sampling.rate_hz))
    count = max(_LEAST_FRAMES, ceil(end_s * sampling.rate_hz) - first)
    count += count % 2
    most = sampling.max_frames - sampling.max_frames % 2
    return tuple(first + int(step) for step in np.linspace(0, count - 1, min(count, most)).round())


class _Ahead:
    """Decodes one window ahead of the one in use."""

    def __init__(self, decode: Callable[[Window, Event | None], Pictures]) -> None:
        self._decode = decode
        self._pool = ThreadPoolExecutor(1, "footage")
        self._coming: dict[Window, Future[Pictures]] = {}
        self._stopped = Event()

    def take(self, window: Window, following: Window | None) -> Pictures:
        """The frames of a window; starts decoding the following one."""
        coming = self._coming.pop(window, None)
        pictures = self._decode(window, None) if coming is None else coming.result()
        if following is not None and following not in self._coming and not self._stopped.is_set():
            self._coming[following] = self._pool.submit(self._decode, following, self._stopped)
        return pictures

    def stop(self) -> None:
        """End the thread; from now on frames are decoded on the thread that uses them."""
        self._stopped.set()
        self._pool.shutdown(cancel_futures=True)
        self._coming.clear()


@dataclass(frozen=True, slots=True)
class _Take:
    """Takes one window from those decoded ahead."""

    ahead: _Ahead
    window: Window
    following: Window | None

    def __call__(self) -> Pictures:
        return self.ahead.take(self.window, self.following)
