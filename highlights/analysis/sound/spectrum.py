"""`Spectrum`: sound that arrives in blocks → half seconds with their short-time power spectra.

Every step of `STEP_S` holds `FRAMES` overlapping frames of 64 ms (Hann), which starts lie `FRAME_S` apart: long enough to tell
harmonics 100 Hz apart, short enough to see the pauses between syllables.

    step      ├──────── 0.5 s ────────┤├──────────
    frames    ├──┤
               ├──┤  ...
                                     ├──┤             the last one looks 33 ms into the next step
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

STEP_S = 0.5
FRAMES = 16
FRAME_S = STEP_S / FRAMES
BATCH_STEPS = 16  # worked on together: numpy's cost per call vanishes, memory stays near 1 MB
JITTER_S = 0.03  # blocks whose start differs by less are taken as touching: time stamps are rounded

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Steps:
    """Consecutive half seconds of sound.

    `samples` is float32 [num_steps, samples_per_step]; `power` is float32 [num_steps, FRAMES, num_bins], where a sine of
    full scale has 1 (0 dB).
    """

    samples: Floats
    power: Floats


class Spectrum:
    """Cuts a stream of blocks into `Steps` on the match clock; what is missing between blocks is silence."""

    def __init__(self, rate_hz: int = 16000) -> None:
        if rate_hz % (FRAMES * 2):
            raise ValueError(f"the sample rate has to be a multiple of {FRAMES * 2} Hz, got {rate_hz}")
        self._rate_hz = rate_hz
        self._hop = rate_hz // (FRAMES * 2)
        self._size = 2 ** round(np.log2(rate_hz * 0.064))
        window = np.hanning(self._size).astype(np.float32)
        self._window = window * np.float32(2 / window.sum())
        self._pieces: list[Floats] = []
        self._held = 0
        self._heard = 0

    @property
    def bins_hz(self) -> Doubles:
        """The frequency of each bin in Hz."""
        bins_hz: Doubles = np.arange(self._size // 2 + 1) * (self._rate_hz / self._size)
        return bins_hz

    def hear(self, start_s: float, samples: Floats) -> Iterator[Steps]:
        """Steps that the block of mono samples starting at `start_s` completes; what was heard before is not heard again."""
        late = round(start_s * self._rate_hz) - self._heard
        if abs(late) < JITTER_S * self._rate_hz:
            late = 0
        while late > 0:
            gap = min(late, self._rate_hz)
            yield from self._take(np.zeros(gap, np.float32))
            late -= gap
        yield from self._take(np.nan_to_num(samples[-late:] if late else samples, nan=0.0, posinf=0.0, neginf=0.0))

    def rest(self) -> Iterator[Steps]:
        """The steps still held; the last one, if it is cut short by the end, is filled with its own sound."""
        step = self._hop * FRAMES
        held = np.concatenate([*self._pieces, np.zeros(0, np.float32)])
        whole = len(held) // step * step
        tail = held[whole:]
        filled = np.resize(tail, step) if len(tail) >= step // 4 else tail[:0]
        held = np.concatenate([held[:whole], filled])
        self._pieces, self._held = [], 0
        if len(held):
            yield self._steps(np.concatenate([held, held[-self._size :][::-1]]), len(held) // step)

    def _take(self, samples: Floats) -> Iterator[Steps]:
        self._pieces.append(samples)
        self._held += len(samples)
        self._heard += len(samples)
        step, ahead = self._hop * FRAMES, self._size - self._hop
        if self._held < step * BATCH_STEPS + ahead:
            return
        held = np.concatenate(self._pieces)
        while len(held) >= step * BATCH_STEPS + ahead:
            yield self._steps(held, BATCH_STEPS)
            held = held[step * BATCH_STEPS :]
        self._pieces, self._held = [held.copy()], len(held)  # a view would keep all of it

    def _steps(self, held: Floats, count: int) -> Steps:
        """The first `count` steps of `held`, which reaches one frame further."""
        frames = np.lib.stride_tricks.sliding_window_view(held, self._size)[:: self._hop][: count * FRAMES]
        power = np.abs(np.fft.rfft(frames * self._window)).astype(np.float32) ** 2
        samples = held[: count * FRAMES * self._hop].reshape(count, -1)
        return Steps(samples, power.reshape(count, FRAMES, -1))


def band_of(bins_hz: Doubles, edges_hz: tuple[int, int]) -> slice:
    """The bins from the lower edge up to the upper one, without it."""
    first, end = np.searchsorted(bins_hz, edges_hz)
    return slice(int(first), int(end))
