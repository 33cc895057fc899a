"""The music bed: any audio file, looped, ducked under the match, faded out at the end.

match   ▁▁▁▁▁▁▁▁▂▅███▅▃▂▁▁▁▁▁
music   ▅▅▅▅▅▅▅▅▃▁▁▁▁▁▁▂▃▄▅▅▅      down at once when the crowd rises, up again slowly
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from highlights.errors import RecordingError, RenderError
from highlights.media.decoders import is_allowed
from highlights.media.source import opened
from highlights.reel.plan import SAMPLE_RATE_HZ

Sound = NDArray[np.float32]
"""float32 [samples, 2] at 48 kHz, full scale is 1."""

LEVEL_DB = -14.0
"""Gain of the music alone: it is mastered about 15 dB louder than the audio of a match."""
DUCKED_DB = -26.0
"""Gain under a loud crowd."""
QUIET_DB, LOUD_DB = -48.0, -26.0
"""Loudness of the match (RMS, dBFS) up to which the music is not ducked, and from which it is fully ducked."""
SOFT_S = 0.35
"""Averaging time of the loudness; because power is averaged, it rises at once and falls by 12 dB per second."""
STEP_SAMPLES = SAMPLE_RATE_HZ // 50
FADE_IN_S = 1.0
FADE_OUT_S = 3.0
UNUSABLE = "cannot be used as music; give an audio file (MP3, M4A, FLAC, WAV, OGG)"


class MusicBed:
    """`total_samples` of stereo music at 48 kHz, taken block by block, under the match.

    Raises:
        RenderError: the file has no audio that can be decoded.
    """

    def __init__(self, path: Path, total_samples: int) -> None:
        self._blocks = _looped(path)
        self._left = np.zeros((0, 2), np.float32)
        self._total = total_samples
        self._taken = 0
        self._power, self._level_db = 0.0, LEVEL_DB

    def under(self, block: Sound) -> Sound:
        """The music to add to a block of the match, equally long."""
        samples = len(block)
        pieces, held = [self._left], len(self._left)
        while held < samples:
            pieces.append(next(self._blocks))
            held += len(pieces[-1])
        music = np.concatenate(pieces)
        self._left = music[samples:]
        gain = self._gain(np.arange(self._taken, self._taken + samples)) * self._ducked(block)
        self._taken += samples
        return music[:samples] * gain[:, None]

    def _ducked(self, block: Sound) -> NDArray[np.float32]:
        """Gain of the music under each sample of the block."""
        firsts = range(0, len(block), STEP_SAMPLES)
        levels_db = [self._level_db, *(self._level_after(block[first : first + STEP_SAMPLES]) for first in firsts)]
        at = np.interp(np.arange(len(block)), np.minimum(np.arange(len(levels_db)) * STEP_SAMPLES, len(block)), levels_db)
        return (10 ** (at / 20)).astype(np.float32)

    def _level_after(self, heard: Sound) -> float:
        """Level of the music in dB after a short block of the match."""
        kept = float(np.exp(-len(heard) / (SOFT_S * SAMPLE_RATE_HZ)))
        self._power = kept * self._power + (1 - kept) * float(np.mean(np.square(heard, dtype=np.float64)))
        loudness_db = 10 * np.log10(self._power + 1e-12)
        self._level_db = float(np.interp(loudness_db, (QUIET_DB, LOUD_DB), (LEVEL_DB, DUCKED_DB)))
        return self._level_db

    def _gain(self, at: NDArray[np.int64]) -> NDArray[np.float32]:
        rise = at / (FADE_IN_S * SAMPLE_RATE_HZ)
        fall = (self._total - at) / (FADE_OUT_S * SAMPLE_RATE_HZ)
        return np.clip(np.minimum(rise, fall), 0, 1).astype(np.float32)


def _looped(path: Path) -> Iterator[Sound]:
    """The audio of the file, looped; a damaged end is left out."""
    while True:
        heard = 0
        try:
            for block in _decoded(path):
                heard += len(block)
                yield block
        except (FFmpegError, RecordingError) as error:
            if not heard:
                raise RenderError(f"{path}: {UNUSABLE}") from error
        if not heard:
            raise RenderError(f"{path}: {UNUSABLE}")


def _decoded(path: Path) -> Iterator[Sound]:
    """The first audio stream."""
    with opened(path) as container:
        if not container.streams.audio or not is_allowed(container.streams.audio[0]):
            return
        resampler = av.AudioResampler(format="flt", layout="stereo", rate=SAMPLE_RATE_HZ)
        for frame in container.decode(container.streams.audio[0]):
            yield from map(_samples, resampler.resample(frame))
        yield from map(_samples, resampler.resample(None))


def _samples(frame: av.AudioFrame) -> Sound:
    return frame.to_ndarray().astype(np.float32, copy=False).reshape(-1, 2)
