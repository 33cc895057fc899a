"""The sound of a reel: exactly as many samples for every clip as its pictures last."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from highlights.media.audio import read_samples
from highlights.records import Recording
from highlights.reel.music import MusicBed, Sound
from highlights.reel.plan import SAMPLE_RATE_HZ, Take, sample_at

NO_CLICK_S = 0.01
"""Every clip begins and ends in silence at least this softly: a hard cut in the middle of a wave clicks."""
BLOCK_SAMPLES = 60 * SAMPLE_RATE_HZ
"""So much of a clip is held at once."""


def write_sound(
    recording: Recording,
    takes: Sequence[Take],
    target: Path,
    *,
    fade_s: float,
    music: Path | None,
    on_take: Callable[[int], None],
) -> None:
    """Write the sound of all takes, with silence before the first for the card, as 16-bit stereo at 48 kHz.

    Raises:
        RenderError: the music cannot be read.
    """
    last = takes[-1]
    total = sample_at(last.first_frame + last.frames, last.frame_rate)
    bed = MusicBed(music, total) if music else None
    with target.open("wb") as file:
        for block in _blocks(recording, takes, fade_s, on_take):
            mixed = block + bed.take(len(block)) if bed else block
            file.write((np.clip(mixed, -1, 1) * 32767).astype("<i2").tobytes())


def _blocks(recording: Recording, takes: Sequence[Take], fade_s: float, on_take: Callable[[int], None]) -> Iterator[Sound]:
    silent = sample_at(takes[0].first_frame, takes[0].frame_rate)
    yield np.zeros((silent, 2), np.float32)
    for number, take in enumerate(takes):
        yield from take_sound(recording, take, fade_s)
        on_take(number)


def take_sound(recording: Recording, take: Take, fade_s: float) -> Iterator[Sound]:
    """The sound of one take in blocks, float32 [samples, 2]: `take.samples` in all, silence where the recording has none."""
    for first in range(0, take.samples, BLOCK_SAMPLES):
        samples = min(BLOCK_SAMPLES, take.samples - first)
        start_s = take.clip.span.start_s + first / SAMPLE_RATE_HZ
        heard = read_samples(recording, start_s, start_s + samples / SAMPLE_RATE_HZ, SAMPLE_RATE_HZ, 2)
        block = np.zeros((samples, 2), np.float32)
        block[: min(samples, len(heard))] = heard[:samples]
        yield block * _envelope(first, samples, take.samples, fade_s)


def _envelope(first: int, samples: int, total: int, fade_s: float) -> Sound:
    """Gain of samples `first` .. `first + samples` of a take of `total`, float32 [samples, 1]."""
    at = np.arange(first, first + samples, dtype=np.float64) + 0.5
    ramp = np.minimum(at, total - at) / (max(fade_s, NO_CLICK_S) * SAMPLE_RATE_HZ)
    return np.minimum(ramp, 1).astype(np.float32)[:, None]
