"""`Spectrum`: audio that arrives in pieces → half seconds with their short-time power spectra.

Every step of `STEP_S` has `FRAMES` overlapping frames of 64 ms (Hann window), starting `FRAME_S` apart: long enough to separate
harmonics 100 Hz apart, short enough to show the pauses between syllables.

    step      ├──────── 0.5 s ────────┤├──────────
    frames    ├──┤
               ├──┤  ...
                                     ├──┤             the last one extends 33 ms into the next step
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

STEP_S = 0.5
FRAMES = 16
FRAME_S = STEP_S / FRAMES
BATCH_STEPS = 16  # processed together: numpy's cost per call becomes negligible, memory stays near 1 MB

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Steps:
    """Consecutive half seconds of audio.

    `samples` is float32 [num_steps, samples_per_step]; `power` is float32 [num_steps, FRAMES, num_bins], where a full-scale
    sine has 1 (0 dB).
    """

    samples: Floats
    power: Floats


class Spectrum:
    """Cuts contiguous pieces of audio into `Steps`; the first one starts at 0 on the match clock."""

    def __init__(self, rate_hz: int = 16000) -> None:
        if rate_hz % (FRAMES * 2):
            raise ValueError(f"the sample rate must be a multiple of {FRAMES * 2} Hz, got {rate_hz}")
        self._rate_hz = rate_hz
        self._hop = rate_hz // (FRAMES * 2)
        self._size = 2 ** round(np.log2(rate_hz * 0.064))
        window = np.hanning(self._size).astype(np.float32)
        self._window = window * np.float32(2 / window.sum())
        self._pieces: list[Floats] = []
        self._buffered = 0  # samples in `_pieces`

    @property
    def bins_hz(self) -> Doubles:
        """The frequency of each bin in Hz."""
        bins_hz: Doubles = np.arange(self._size // 2 + 1) * (self._rate_hz / self._size)
        return bins_hz

    def add(self, samples: Floats) -> Iterator[Steps]:
        """Steps completed by the mono samples that come next."""
        self._pieces.append(samples)
        self._buffered += len(samples)
        step, ahead = self._hop * FRAMES, self._size - self._hop
        if self._buffered < step * BATCH_STEPS + ahead:
            return
        buffer = np.concatenate(self._pieces)
        while len(buffer) >= step * BATCH_STEPS + ahead:
            yield self._steps(buffer, BATCH_STEPS)
            buffer = buffer[step * BATCH_STEPS :]
        self._pieces, self._buffered = [buffer.copy()], len(buffer)  # a view would keep the whole array alive

    def rest(self) -> Iterator[Steps]:
        """The steps still buffered; a last one that is cut short by the end is filled by repeating its own audio."""
        step = self._hop * FRAMES
        buffer = np.concatenate([*self._pieces, np.zeros(0, np.float32)])
        whole = len(buffer) // step * step
        tail = buffer[whole:]
        filled = np.resize(tail, step) if len(tail) >= step // 4 else tail[:0]
        buffer = np.concatenate([buffer[:whole], filled])
        self._pieces, self._buffered = [], 0
        if len(buffer):
            yield self._steps(np.concatenate([buffer, buffer[-self._size :][::-1]]), len(buffer) // step)

    def _steps(self, buffer: Floats, count: int) -> Steps:
        """The first `count` steps of `buffer`, which extends one frame beyond them."""
        frames = np.lib.stride_tricks.sliding_window_view(buffer, self._size)[:: self._hop][: count * FRAMES]
        power = np.abs(np.fft.rfft(frames * self._window)).astype(np.float32) ** 2
        samples = buffer[: count * FRAMES * self._hop].reshape(count, -1)
        return Steps(samples, power.reshape(count, FRAMES, -1))


def band_of(bins_hz: Doubles, edges_hz: tuple[int, int]) -> slice:
    """The bins from the lower edge up to, but not including, the upper one."""
    first, end = np.searchsorted(bins_hz, edges_hz)
    return slice(int(first), int(end))
