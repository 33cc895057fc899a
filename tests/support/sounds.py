"""Sounds of a stadium, synthesised: float32 mono at 16 kHz, all noise from one seed."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16000
Sound = NDArray[np.float32]


def times(duration_s: float) -> NDArray[np.float64]:
    """The instant of every sample in seconds."""
    return np.arange(round(duration_s * RATE_HZ)) / RATE_HZ


def gain(level_db: float) -> float:
    """Factor from 0 dBFS to `level_db`."""
    return 10 ** (level_db / 20)


def murmur(duration_s: float, level_db: float, seed: int = 0) -> Sound:
    """The steady noise of a crowd: strongest near 700 Hz, falling by 6 dB per octave on both sides."""
    noise = np.random.default_rng(seed).normal(size=len(times(duration_s)))
    hz = np.fft.rfftfreq(len(noise), 1 / RATE_HZ)
    shaped = np.fft.irfft(np.fft.rfft(noise) / (1 + hz / 700) * np.minimum(1, hz / 300), len(noise))
    return (shaped / shaped.std() * gain(level_db)).astype(np.float32)


def swell(sound: Sound, start_s: float, end_s: float, by_db: float, ramp_s: float = 0.5) -> Sound:
    """The sound, louder by `by_db` from `start_s` to `end_s`."""
    at_s = times(len(sound) / RATE_HZ)
    shape = np.interp(at_s, [start_s, start_s + ramp_s, end_s - ramp_s, end_s], [0, 1, 1, 0])
    return (sound * 10 ** (shape * by_db / 20)).astype(np.float32)


def babble(duration_s: float, level_db: float, seed: int = 1, pitch_hz: float = 140) -> Sound:
    """A commentator: syllables of 0.12 to 0.3 s with gliding pitch and formants, short pauses, breaths every few seconds."""
    rng = np.random.default_rng(seed)
    spoken = np.zeros(len(times(duration_s)))
    at_s = 0.1
    while at_s < duration_s - 0.5:
        length_s = rng.uniform(0.12, 0.3)
        syllable = _syllable(rng, length_s, pitch_hz * rng.uniform(0.8, 1.3))
        first = round(at_s * RATE_HZ)
        spoken[first : first + len(syllable)] += syllable
        at_s += length_s + (rng.uniform(0.4, 0.8) if rng.random() < 0.1 else rng.uniform(0.02, 0.12))
    return (spoken / spoken.std() * gain(level_db)).astype(np.float32)


def _syllable(rng: np.random.Generator, length_s: float, pitch_hz: float) -> NDArray[np.float64]:
    at_s = times(length_s)
    phase = 2 * np.pi * np.cumsum(pitch_hz * np.linspace(1, rng.uniform(0.85, 1.2), len(at_s))) / RATE_HZ
    formants = [(rng.uniform(300, 800), 1.0), (rng.uniform(900, 2200), 0.5), (2600.0, 0.15), (3500.0, 0.1)]
    voice = np.zeros(len(at_s))
    for number in range(1, int(4500 / pitch_hz)):
        hz = number * pitch_hz
        voice += sum(height * np.exp(-(((hz - middle) / 250) ** 2)) for middle, height in formants) * np.sin(number * phase)
    breath = np.diff(rng.normal(size=len(at_s) + 1)) * 0.02
    return (voice + breath) * np.hanning(len(at_s))


def music(duration_s: float, level_db: float, seed: int = 2) -> Sound:
    """A music sting: chords of three notes with overtones, two a second, over a drum."""
    rng = np.random.default_rng(seed)
    at_s, played = times(duration_s), np.zeros(len(times(duration_s)))
    for beat in range(int(duration_s * 2)):
        on = (at_s >= beat / 2) & (at_s < beat / 2 + 0.5)
        root_hz = 220 * 2 ** (rng.integers(0, 8) / 12)
        for hz in (root_hz, root_hz * 1.26, root_hz * 1.5):
            played[on] += sum(np.sin(2 * np.pi * hz * k * at_s[on]) / k for k in range(1, 7))
        hit = np.exp(-(at_s[on] - beat / 2) * 30)
        played[on] += hit * rng.normal(size=on.sum()) * 1.5
    return (played / played.std() * gain(level_db)).astype(np.float32)


def whistle(length_s: float, level_db: float, pitch_hz: float = 3100) -> Sound:
    """A pea whistle: one tone whose pitch and strength vary 28 times a second."""
    at_s = times(length_s)
    trill = np.sin(2 * np.pi * 28 * at_s)
    return (gain(level_db) * np.sqrt(2) * (1 + 0.4 * trill) * np.sin(2 * np.pi * pitch_hz * at_s + 1.5 * trill)).astype(
        np.float32
    )


def buzzer(length_s: float, level_db: float, pitch_hz: float = 262) -> Sound:
    """A horn: a square wave that starts and stops abruptly."""
    return (gain(level_db) * np.sign(np.sin(2 * np.pi * pitch_hz * times(length_s) + 0.3))).astype(np.float32)


def stroke(level_db: float, seed: int = 3, decay_s: float = 0.012) -> Sound:
    """A racket or hand that strikes a ball, its peak at `level_db`: a burst of noise over a short thump."""
    rng = np.random.default_rng(seed)
    at_s = times(0.2)
    burst = rng.normal(size=len(at_s)) * np.exp(-at_s / decay_s)
    burst += 1.6 * np.sin(2 * np.pi * rng.uniform(120, 220) * at_s) * np.exp(-at_s / 0.03)
    burst *= np.minimum(1, at_s / 0.001)
    return (burst / np.abs(burst).max() * gain(level_db)).astype(np.float32)


def applause(length_s: float, level_db: float, seed: int = 4) -> Sound:
    """A few hands clapping, each clap at `level_db`, about 16 in a second."""
    rng = np.random.default_rng(seed)
    clapped = np.zeros(len(times(length_s + 0.3)), np.float32)
    at_s = 0.0
    while (at_s := at_s + rng.exponential(0.06)) < length_s:
        clapped = put(clapped, stroke(level_db + rng.normal() * 2, int(rng.integers(1 << 30))), at_s)
    return clapped


Played = list[tuple[float, float]]


def net_match(
    duration_s: float, level_db: float = -12, seed: int = 5, *, least: int = 4, bounces: bool = True, claps: bool = True
) -> tuple[Sound, Played]:
    """A match across a net: its sound, and the times of the first and the last stroke of each rally.

    Strokes at about `level_db` follow each other after a second, more or less. The ball bounces before each serve and between
    strokes, 10 dB weaker or more, and after some rallies a few people clap. Rallies are 8 to 16 s apart.
    """
    rng = np.random.default_rng(seed)
    sound, at_s, played = np.zeros(len(times(duration_s)), np.float32), 5.0, []

    def strike(time_s: float, strike_db: float) -> None:
        nonlocal sound
        sound = put(sound, stroke(strike_db, int(rng.integers(1 << 30))), time_s)

    while at_s < duration_s - 20:
        for _ in range(3 if bounces else 0):
            strike(at_s, level_db - rng.uniform(12, 16))
            at_s += 0.7
        first_s = at_s
        for _ in range(least + int(rng.geometric(0.3))):
            last_s = at_s
            strike(at_s, level_db + rng.normal() * 2)
            if bounces:
                strike(at_s + 0.5, level_db - rng.uniform(10, 14))
            at_s += float(np.exp(rng.normal() * 0.25))
        played.append((first_s, last_s))
        if claps and rng.random() < 0.5:
            sound = put(sound, applause(2.5, level_db - 16, int(rng.integers(1 << 30))), last_s + 1)
        at_s += rng.uniform(8, 16)
    return sound, played


def put(under: Sound, sound: Sound, start_s: float) -> Sound:
    """Both mixed, `sound` from `start_s` on."""
    mixed = under.copy()
    first = round(start_s * RATE_HZ)
    mixed[first : first + len(sound)] += sound
    return mixed


def blocks(sound: Sound, size: int = 4096) -> Iterator[tuple[float, Sound]]:
    """The sound in blocks, as from a decoder: (start in seconds, samples)."""
    for first in range(0, len(sound), size):
        yield first / RATE_HZ, sound[first : first + size]


def read(path: Path) -> Sound:
    """The audio of a media file."""
    import av

    resampler = av.AudioResampler("flt", "mono", RATE_HZ)
    with av.open(str(path)) as container:
        frames = [out for frame in container.decode(audio=0) for out in resampler.resample(frame)]
    return np.concatenate([frame.to_ndarray().ravel() for frame in frames])
