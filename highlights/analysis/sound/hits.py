"""`HitEar`: when a ball or shuttle is struck: a short burst of noise, sharper than a voice and shorter than a tone.

    power        ▁▁▁▁▂█▅▃▂▁▁▁▁▁     rises within a few milliseconds in all bands, and is mostly gone 40 ms later
    of a vowel   ▁▂▃▅▆▇▇▇▆▆▅▃▂▁     rises in one band after the other, and stays

Each hit is only a candidate: hands clap, doors bang, voices have consonants. `rallies` tells which are of a rally.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from highlights.analysis.sound.spectrum import Floats, band_of
from highlights.records import Hit

FRAME = 64  # samples: 4 ms at 16 kHz, a third of the shortest hit
BATCH_S = 8.0  # processed together: numpy's cost per call becomes negligible, memory stays near 1 MB
QUIET_POWER = 1e-9  # of the difference of neighbouring samples: -90 dB, the dither of a muted track

APART = 12  # frames, 48 ms: the loudest within this distance is the hit; what is nearer is its echo
BEFORE = (28, 3)  # frames before the hit, 112 to 12 ms: what was heard until then
AFTER = (10, 25)  # frames after it, 40 to 100 ms: a hit is over, a syllable is not
LEAST_RISE_DB = 6.0  # above what was heard before, which 4 ms of steady noise never reach; `rallies` asks for more if need be
LEAST_FALL_DB = 6.0  # even in a hall whose echo takes two seconds to die away

WINDOW = 256  # samples, 16 ms: most of a hit, and little else
LEAD = 64  # samples before the loudest frame that belong to the hit's beginning
BANDS_HZ = ((300, 1000), (1000, 2500), (2500, 5000), (5000, 7500))
BAND_RISE_DB = 4.0  # in each band that counts
LEAST_BANDS = 3  # of the four: a thump has no treble, a tap no bass
TONE_BINS = 3  # of a line in the spectrum, 190 Hz
TONAL = 0.5  # of the power above 1 kHz in one line: a squeaking sole has 0.7 to 0.9, a racket that rings 0.4
TONE_BAND_HZ = (1000, 7500)


class HitEar:
    """Detects hits in a recording block by block; stores nothing but the hits."""

    def __init__(self, rate_hz: int = 16000) -> None:
        self._rate_hz = rate_hz
        self._pieces: list[Floats] = []
        self._buffered = 0
        self._done = 0  # samples before the buffer
        self._hits: list[Hit] = []
        bins_hz = np.arange(WINDOW // 2 + 1, dtype=np.float64) * (rate_hz / WINDOW)
        self._edges = [band_of(bins_hz, band).start for band in BANDS_HZ] + [band_of(bins_hz, BANDS_HZ[-1]).stop]
        self._tone_band = band_of(bins_hz, TONE_BAND_HZ)
        self._window = np.hanning(WINDOW).astype(np.float32)

    def add(self, samples: Floats) -> None:
        """Add the mono samples that come next."""
        self._pieces.append(samples)
        self._buffered += len(samples)
        if self._buffered >= BATCH_S * self._rate_hz:
            self._search(last=False)

    def result(self, duration_s: float) -> tuple[Hit, ...]:
        """All hits before `duration_s`, in order of time."""
        self._search(last=True)
        return tuple(hit for hit in self._hits if hit.time_s < duration_s)

    def _search(self, *, last: bool) -> None:
        """Find the hits of the buffer, except near its edges, which stay in it for the next time."""
        samples = np.concatenate([*self._pieces, np.zeros(0, np.float32)])
        edge = max(BEFORE[0], AFTER[1], APART) + 1
        count = len(samples) // FRAME
        if last:
            samples = np.concatenate([samples, np.zeros((edge + 1) * FRAME, np.float32)])
            count += edge
        if count > 2 * edge:
            self._hits += self._of(samples, count, edge)
            kept = (count - 2 * edge) * FRAME
            self._done += kept
            samples = samples[kept:].copy()  # a view would keep the whole array alive
        self._pieces, self._buffered = [samples], len(samples)

    def _of(self, samples: Floats, count: int, edge: int) -> Iterator[Hit]:
        """The hits in frames `edge` to `count - edge`."""
        # neighbouring samples subtracted: less of the rumble and the vowels, more of the click
        steps = np.diff(samples[: count * FRAME], prepend=samples[:1])
        power = np.einsum("ij,ij->i", *(2 * [steps.reshape(count, FRAME)])) / FRAME
        sums = np.concatenate([[0.0], np.cumsum(power, dtype=np.float64)])
        at = np.arange(edge, count - edge)
        before = (sums[at - BEFORE[1]] - sums[at - BEFORE[0]]) / (BEFORE[0] - BEFORE[1]) + QUIET_POWER
        after = (sums[at + AFTER[1]] - sums[at + AFTER[0]]) / (AFTER[1] - AFTER[0]) + QUIET_POWER
        loudest = np.lib.stride_tricks.sliding_window_view(power, 2 * APART + 1).max(axis=1)[at - APART]
        rise_db = 10 * np.log10((power[at] + QUIET_POWER) / before)
        fall_db = 10 * np.log10((power[at] + QUIET_POWER) / after)
        found = (power[at] >= loudest) & (rise_db >= LEAST_RISE_DB) & (fall_db >= LEAST_FALL_DB)
        for frame, rise in zip(at[found].tolist(), rise_db[found].tolist(), strict=True):
            if self._broad(samples, frame * FRAME):
                time_s = (self._done + frame * FRAME) / self._rate_hz
                level_db = 10 * np.log10(power[frame] + QUIET_POWER)
                yield Hit(round(time_s, 3), round(rise, 1), round(float(level_db), 1))

    def _broad(self, samples: Floats, first: int) -> bool:
        """Whether the sound that begins at sample `first` rises in nearly all bands, and is no tone."""
        now = self._power(samples[max(0, first - LEAD) :][:WINDOW])
        earlier = self._power(samples[max(0, first - LEAD - WINDOW) :][:WINDOW])
        sums = [np.add.reduceat(power[: self._edges[-1]], self._edges[:-1]) + 1e-12 for power in (now, earlier)]
        if np.count_nonzero(sums[0] >= 10 ** (BAND_RISE_DB / 10) * sums[1]) < LEAST_BANDS:
            return False
        high = now[self._tone_band]
        line = np.convolve(high, np.ones(TONE_BINS), "valid").max()
        return bool(line <= TONAL * (high.sum() + 1e-12))

    def _power(self, samples: Floats) -> Floats:
        window = self._window[: len(samples)]
        return (np.abs(np.fft.rfft(samples * window, WINDOW)) ** 2).astype(np.float32)
