"""A commentator who speaks no real language: syllables from a buzzing source and three formants, like vowels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from soccer_match.camera import Floats

RATE_HZ = 16_000
STEP_HZ = 200
"""Update rate of pitch, loudness and formants."""
TOP_HZ = 4200

VOWELS = (
    (730, 1090, 2440),
    (530, 1840, 2480),
    (390, 1990, 2550),
    (570, 840, 2410),
    (440, 1020, 2240),
    (300, 870, 2240),
    (270, 2290, 3010),
)
"""First three formants of a, e, i, o, u and two between them, in Hz. Source: Peterson and Barney 1952, men."""
LONG_O = VOWELS[3]
FORMANT_WIDTHS_HZ = (80.0, 110.0, 160.0)
FORMANT_GAINS = (1.0, 0.6, 0.25)


@dataclass(frozen=True, slots=True)
class Syllable:
    """One syllable: `pitch_hz` at its start and end."""

    start_s: float
    length_s: float
    pitch_hz: tuple[float, float]
    vowel: tuple[int, int, int]
    loudness: float
    hiss: float
    """How strong the consonant before the vowel is."""


def babble(
    duration_s: float, cries_s: tuple[float, ...], excitement: Callable[[float], float], rng: np.random.Generator
) -> list[Syllable]:
    """Phrases and pauses: faster, higher and louder with `excitement` (0..1), with one very long vowel at every cry."""
    syllables: list[Syllable] = []
    at_s = 0.6
    cries = list(cries_s)
    while at_s < duration_s:
        for number, count in enumerate(range(rng.integers(5, 13), 0, -1)):
            if cries and at_s > cries[0] - 0.35:
                at_s = max(at_s, cries.pop(0)) + 0.35
                syllables.append(Syllable(at_s, 3.2, (210, 255), LONG_O, 1.6, 0.6))
                at_s += 3.6
                break
            heat = excitement(at_s)
            length_s = float(rng.uniform(0.13, 0.24)) * (1 - 0.3 * heat)
            fall = 1.12 - 0.025 * number - (0.12 if count == 1 else 0)
            pitch = 112 * fall * (1 + 0.75 * heat) * float(rng.uniform(0.93, 1.1))
            vowel = VOWELS[rng.integers(len(VOWELS))]
            syllables.append(
                Syllable(at_s, length_s, (pitch * 1.04, pitch * 0.94), vowel, 0.7 + 0.6 * heat, float(rng.uniform(0, 0.6)))
            )
            at_s += length_s + 0.02
        at_s += float(rng.uniform(0.5, 2.2)) * (1 - 0.75 * excitement(at_s))
    return syllables


def speak(duration_s: float, syllables: list[Syllable], rng: np.random.Generator) -> Floats:
    """The voice [samples] at 16 kHz, normalised to 1.0."""
    steps = round(duration_s * STEP_HZ) + 1
    pitch, loudness, hiss = np.full(steps, 110.0), np.zeros(steps), np.zeros(steps)
    formants = np.tile(np.array(VOWELS[0], dtype=np.float64), (steps, 1))
    for one in syllables:
        first, last = round(one.start_s * STEP_HZ), round((one.start_s + one.length_s) * STEP_HZ)
        here = slice(first, min(last, steps))
        part = np.linspace(0, 1, max(last - first, 1))[: max(here.stop - first, 0)]
        tremble = 1 + (0.03 * np.sin(part * one.length_s * 2 * np.pi * 5.5) if one.length_s > 1 else 0)
        pitch[here] = (one.pitch_hz[0] + (one.pitch_hz[1] - one.pitch_hz[0]) * part) * tremble
        edge_s = 0.03
        loudness[here] = one.loudness * np.clip(np.minimum(part, 1 - part) * one.length_s / edge_s, 0, 1)
        formants[here] = one.vowel
        hiss[max(0, first - 4) : first + 6] = one.hiss * one.loudness
    return _sung(duration_s, pitch, loudness, _eased(formants)) + _hissed(duration_s, hiss, rng)


def _eased(formants: Floats) -> Floats:
    """Formants glide from vowel to vowel as tongues do."""
    bell = np.hanning(13)
    return np.column_stack(
        [np.convolve(np.pad(column, 6, mode="edge"), bell / bell.sum(), mode="valid") for column in formants.T]
    )


def _sung(duration_s: float, pitch: Floats, loudness: Floats, formants: Floats) -> Floats:
    """The voiced sound: every harmonic of the pitch, filtered by the formants."""
    times = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    steps = np.arange(len(pitch)) / STEP_HZ
    phase = 2 * np.pi * np.cumsum(np.interp(times, steps, pitch)) / RATE_HZ
    voice = np.zeros(len(times))
    audible = np.interp(times, steps, loudness) > 1e-4
    heard, phase = times[audible], phase[audible]
    for harmonic in range(1, int(TOP_HZ / pitch.min()) + 1):
        strength = loudness * _passed(harmonic * pitch, formants) / harmonic**0.6
        voice[audible] += np.interp(heard, steps, strength) * np.sin(harmonic * phase)
    return np.asarray(voice / max(float(np.abs(voice).max(initial=0.0)), 1e-9))


def _passed(frequency_hz: Floats, formants: Floats) -> Floats:
    """Gain of the mouth at a frequency."""
    gain = np.zeros_like(frequency_hz)
    for formant, width, top in zip(formants.T, FORMANT_WIDTHS_HZ, FORMANT_GAINS, strict=True):
        gain += top / (1 + ((frequency_hz - formant) / width) ** 2)
    return np.where(frequency_hz < TOP_HZ, gain + 0.01, 0.0)


def _hissed(duration_s: float, hiss: Floats, rng: np.random.Generator) -> Floats:
    times = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    noise = np.diff(rng.standard_normal(len(times) + 1))
    return np.asarray(0.06 * noise * np.interp(times, np.arange(len(hiss)) / STEP_HZ, hiss))
