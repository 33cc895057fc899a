"""The music bed: any file with sound, looped, quiet, faded out at the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from highlights.errors import RecordingError, RenderError
from highlights.media.source import opened
from highlights.reel.plan import SAMPLE_RATE_HZ

Sound = NDArray[np.float32]
"""float32 [samples, 2] at 48 kHz, full scale is 1."""

LEVEL_DB = -18.0
"""Music is mastered some 15 dB above the sound of a match; this lays it just under the crowd."""
FADE_IN_S = 1.0
FADE_OUT_S = 3.0
UNUSABLE = "cannot be used as music; give a file with sound in it (MP3, M4A, FLAC, WAV, OGG)"


class MusicBed:
    """`total_samples` of stereo music at 48 kHz, to be taken in pieces from its beginning.

    Raises:
        RenderError: the file has no sound that can be decoded.
    """

    def __init__(self, path: Path, total_samples: int) -> None:
        self._blocks = _looped(path)
        self._left = np.zeros((0, 2), np.float32)
        self._total = total_samples
        self._taken = 0

    def take(self, samples: int) -> Sound:
        """The next `samples`."""
        pieces, held = [self._left], len(self._left)
        while held < samples:
            pieces.append(next(self._blocks))
            held += len(pieces[-1])
        music = np.concatenate(pieces)
        self._left = music[samples:]
        gain = self._gain(np.arange(self._taken, self._taken + samples))
        self._taken += samples
        return music[:samples] * gain[:, None]

    def _gain(self, at: NDArray[np.int64]) -> NDArray[np.float32]:
        rise = at / (FADE_IN_S * SAMPLE_RATE_HZ)
        fall = (self._total - at) / (FADE_OUT_S * SAMPLE_RATE_HZ)
        return (10 ** (LEVEL_DB / 20) * np.clip(np.minimum(rise, fall), 0, 1)).astype(np.float32)


def _looped(path: Path) -> Iterator[Sound]:
    """The sound of the file over and over; a damaged end is left out."""
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
        if not container.streams.audio:
            return
        resampler = av.AudioResampler(format="flt", layout="stereo", rate=SAMPLE_RATE_HZ)
        for frame in container.decode(container.streams.audio[0]):
            yield from map(_samples, resampler.resample(frame))
        yield from map(_samples, resampler.resample(None))


def _samples(frame: av.AudioFrame) -> Sound:
    return frame.to_ndarray().astype(np.float32, copy=False).reshape(-1, 2)
