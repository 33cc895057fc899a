"""`Ears`: everything that is heard in a recording; its audio is put on the match clock once, and its spectrum computed once.

blocks ──► line ──┬──► spectrum ──┬──► crowd
                  │               └──► whistles, buzzers
                  ├──► hits, if balls are struck in this sport
                  └──► music, if a network for it is installed
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from highlights.analysis.sound.crowd import CrowdEar
from highlights.analysis.sound.hits import HitEar
from highlights.analysis.sound.music import MusicEar
from highlights.analysis.sound.spectrum import Floats, Spectrum, Steps
from highlights.analysis.sound.tones import ToneEar
from highlights.records import Excitement, Hit, Tone

JITTER_S = 0.03  # blocks this close are contiguous: timestamps are rounded


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard. Without an ear for hits there are none."""

    crowd: Excitement
    tones: tuple[Tone, ...]
    hits: tuple[Hit, ...]


class Ears:
    """Passes a recording to all ears block by block, and stores little more than what they heard.

    Args:
        rate_hz: Sample rate of the audio.
        hits: Whether to listen for hits: not all sports have them.
        music: Tells music from a crowd, if its network is installed.
    """

    def __init__(self, rate_hz: int = 16000, *, hits: bool = False, music: MusicEar | None = None) -> None:
        self._line, self._spectrum = Line(rate_hz), Spectrum(rate_hz)
        self._crowd, self._tones = CrowdEar(self._spectrum.bins_hz), ToneEar(self._spectrum.bins_hz)
        self._hits, self._music = HitEar(rate_hz) if hits else None, music

    def add(self, start_s: float, samples: Floats) -> None:
        """Add the next block of mono audio, which starts at `start_s` on the match clock."""
        for piece in self._line.add(start_s, samples):
            self._note(self._spectrum.add(piece))
            for ear in (self._hits, self._music):
                if ear:
                    ear.add(piece)

    def result(self, duration_s: float) -> Heard:
        """All that was heard in a recording of `duration_s` seconds."""
        self._note(self._spectrum.rest())
        music = self._music.result(duration_s) if self._music else None
        hits = self._hits.result(duration_s) if self._hits else ()
        return Heard(self._crowd.result(duration_s, music), self._tones.result(duration_s), hits)

    def _note(self, half_seconds: Iterable[Steps]) -> None:
        for steps in half_seconds:
            self._crowd.add(steps)
            self._tones.add(steps)


class Line:
    """Puts blocks of mono audio on the match clock, one after the other."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._received = 0  # samples in all, silence included

    def add(self, start_s: float, samples: Floats) -> Iterator[Floats]:
        """The samples that come next, float32: silence for what is missing, a second at most at once, then what is new."""
        late = round(start_s * self._rate_hz) - self._received
        if abs(late) < JITTER_S * self._rate_hz:
            late = 0
        while late > 0:
            gap = min(late, self._rate_hz)
            yield self._counted(np.zeros(gap, np.float32))
            late -= gap
        new = samples[-late:] if late else samples
        # nearly all blocks are sound, and looking costs a tenth of replacing
        yield self._counted(new if np.isfinite(new).all() else np.nan_to_num(new, nan=0.0, posinf=0.0, neginf=0.0))

    def _counted(self, samples: Floats) -> Floats:
        self._received += len(samples)
        return samples
