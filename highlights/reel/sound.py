"""The audio of a reel: for every take exactly as many samples as its frames last, mixed where takes share frames.

take      ╱──────────╲              equal power in cross-fades, so that the crowd does not get quieter
                    ╱────────╲
freeze    ────╲______╱────          silence during a freeze frame
slow      ▁▁▁▁▁▁▁▁▁▁                the stadium continues quietly, from where the clip ended
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from highlights.media.audio import read_samples
from highlights.records import Recording
from highlights.reel.music import MusicBed, Sound
from highlights.reel.plan import SAMPLE_RATE_HZ, Step, Take, sample_at

NO_CLICK_S = 0.01
"""Shortest fade at both ends of a take: a hard cut in the middle of a wave clicks."""
HELD_BREATH_S = 0.04
"""Fade of the audio around a freeze frame in seconds."""
FAR_AWAY_DB = -14.0
"""Gain of the stadium under slow motion."""
BLOCK_SAMPLES = 60 * SAMPLE_RATE_HZ
"""Length of a block in samples."""

Gain = NDArray[np.float64]
"""float64 [samples]."""


@dataclass(frozen=True, slots=True)
class Ramp:
    """How a take's audio fades in or out: over how many samples, and with equal power in a cross-fade."""

    samples: float
    shared: bool = False

    def gain(self, from_edge: Gain) -> Gain:
        """Gain at a distance in samples from the take's edge."""
        share = np.clip(from_edge / self.samples, 0, 1)
        return np.sin(share * np.pi / 2) if self.shared else share


def write_sound(
    recording: Recording,
    takes: Sequence[Take],
    target: Path,
    *,
    fade_s: float,
    music: Path | None,
    on_take: Callable[[int], None],
) -> None:
    """Write the audio of all takes, with the music under it, as 16-bit stereo at 48 kHz.

    Raises:
        RenderError: the music cannot be read.
    """
    last = takes[-1]
    total = sample_at(last.first_frame + last.frames, last.frame_rate)
    bed = MusicBed(music, total) if music else None
    with target.open("wb") as file:
        for block in _mixed(recording, takes, fade_s, on_take):
            mixed = block + bed.under(block) if bed else block
            file.write((np.clip(mixed, -1, 1) * 32767).astype("<i2").tobytes())


def _mixed(recording: Recording, takes: Sequence[Take], fade_s: float, on_take: Callable[[int], None]) -> Iterator[Sound]:
    """The audio of all takes, mixed at their places in the reel, in blocks."""
    held, done = np.zeros((0, 2), np.float32), 0
    ramps = [*(_ramp(take, fade_s) for take in takes), _dip(fade_s)]
    begins = [*(take.first_sample for take in takes), takes[-1].first_sample + takes[-1].samples]
    for number, take in enumerate(takes):
        at, free = begins[number], begins[number + 1]
        for block in take_sound(recording, take, ramps[number], ramps[number + 1]):
            held = _added(held, block, at - done)
            at += len(block)
            whole = max(0, min(at, free) - done)
            yield held[:whole]
            held, done = held[whole:], done + whole
        on_take(number)


def _dip(fade_s: float) -> Ramp:
    return Ramp(max(fade_s, NO_CLICK_S) * SAMPLE_RATE_HZ)


def _ramp(take: Take, fade_s: float) -> Ramp:
    """How a take fades in."""
    shared_s = float(take.shared_frames / take.frame_rate)
    return Ramp(shared_s * SAMPLE_RATE_HZ, shared=True) if shared_s else _dip(fade_s)


def _added(held: Sound, block: Sound, at: int) -> Sound:
    """`held` with the block added from sample `at` on."""
    longer = max(len(held), at + len(block))
    mixed = np.zeros((longer, 2), np.float32)
    mixed[: len(held)] = held
    mixed[at : at + len(block)] += block
    return mixed


def take_sound(recording: Recording, take: Take, coming: Ramp, going: Ramp) -> Iterator[Sound]:
    """The audio of one take in blocks, float32 [samples, 2]: `take.samples` in all, silence where the recording has none."""
    for first, step, block in _steps_sound(recording, take):
        at = np.arange(first, first + len(block), dtype=np.float64) + 0.5
        gain = coming.gain(at) * going.gain(take.samples - at)
        yield block * (gain * _around_stills(take, step, at)).astype(np.float32)[:, None]


def _steps_sound(recording: Recording, take: Take) -> Iterator[tuple[int, int, Sound]]:
    """First sample, index of the step, and audio of every block of a take."""
    edges = _step_edges(take)
    for number, (begins, ends) in enumerate(pairwise(edges)):
        for first in range(begins, ends, BLOCK_SAMPLES):
            samples = min(BLOCK_SAMPLES, ends - first)
            step = take.steps[number] if take.steps else None
            yield first, number, _heard(recording, take, step, (first - begins) / SAMPLE_RATE_HZ, samples)


def _step_edges(take: Take) -> list[int]:
    """Sample positions at which the take's steps begin, and its end; a card is one step."""
    frames = np.cumsum([0, *(step.frames for step in take.steps)]) if take.steps else [0, take.frames]
    return [sample_at(take.first_frame + int(frame), take.frame_rate) - take.first_sample for frame in frames]


def _heard(recording: Recording, take: Take, step: Step | None, after_s: float, samples: int) -> Sound:
    """`samples` of audio from `after_s` into a step."""
    block = np.zeros((samples, 2), np.float32)
    if step is None or not step.speed:
        return block
    start_s = after_s + (take.clip.span.end_s if take.shows == "slow" else step.source_s)
    heard = read_samples(recording, start_s, start_s + samples / SAMPLE_RATE_HZ, SAMPLE_RATE_HZ, 2)
    block[: min(samples, len(heard))] = heard[:samples]
    return block * np.float32(10 ** (FAR_AWAY_DB / 20)) if take.shows == "slow" else block


def _around_stills(take: Take, step: int, at: Gain) -> Gain:
    """Gain that fades to silence where two steps meet."""
    edges, soft = _step_edges(take), HELD_BREATH_S * SAMPLE_RATE_HZ
    comes = np.clip((at - edges[step]) / soft, 0, 1) if step else np.ones_like(at)
    goes = np.clip((edges[step + 1] - at) / soft, 0, 1) if step + 2 < len(edges) else np.ones_like(at)
    return comes * goes
