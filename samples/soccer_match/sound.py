"""What the match sounds like: the crowd's murmur, roars and gasps, applause, whistles, kicks, and a commentator."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from soccer_match import story
from soccer_match.camera import Floats
from soccer_match.play import Play
from soccer_match.story import FPS
from soccer_match.voice import RATE_HZ as VOICE_HZ
from soccer_match.voice import babble, speak

RATE_HZ = 32_000
MURMUR_DB, HOME_ROAR_DB, AWAY_ROAR_DB, GASP_DB, APPLAUSE_DB = -31.0, -14.0, -16.5, -21.0, -29.0
VOICE_DB, WHISTLE_DB, KICK_DB = -15.0, -20.0, -11.0
"""Crowd levels are RMS, the others peak levels; 0 dB is full scale."""

Spectrum = Sequence[tuple[float, float]]
MURMUR: Spectrum = ((40, -30), (120, -6), (300, 0), (700, -2), (1500, -12), (4000, -26), (12000, -50))
ROAR: Spectrum = ((60, -40), (200, -10), (500, -2), (900, 0), (1600, -3), (3000, -9), (6000, -20), (14000, -44))
GASP: Spectrum = ((60, -40), (180, -8), (330, 0), (520, -3), (900, -6), (1400, -20), (4000, -34), (14000, -60))
CLAPS: Spectrum = ((200, -30), (700, -8), (1400, 0), (2600, -3), (6000, -12), (14000, -30))


def soundtrack(play: Play, duration_s: float, seed: int = 5) -> Floats:
    """The audio of the first `duration_s` seconds: [samples] at 32 kHz, -1..1."""
    rng = np.random.default_rng(seed)
    times = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    sound = _crowd(times, play, rng)
    sound += _voice(times, play, rng)
    for whistle_s in story.WHISTLES_S:
        _add(sound, whistle_s, _whistle(0.35 if whistle_s == story.WHISTLES_S[1] else 0.7))
    for touch, after, man in zip(story.TOUCHES, story.TOUCHES[1:], play.touched_by, strict=False):
        speed = np.hypot(after.x_m - touch.x_m, after.y_m - touch.y_m) / (after.time_s - touch.time_s)
        if man is not None and speed > 6:
            _add(sound, touch.time_s, _kick(min(float(speed) / 22, 1.0), rng))
    return np.asarray(np.tanh(1.15 * sound) / 1.15)


def _gain(level_db: float) -> float:
    return float(10 ** (level_db / 20))


def _noise(count: int, spectrum: Spectrum, rng: np.random.Generator) -> Floats:
    """Noise [count] with an RMS of 1 and the given (Hz, dB) points of its spectrum."""
    frequencies = np.fft.rfftfreq(count, 1 / RATE_HZ)
    points = np.array(spectrum)
    levels = np.interp(np.log(np.maximum(frequencies, 1)), np.log(points[:, 0]), points[:, 1])
    waves = np.fft.rfft(rng.standard_normal(count)) * 10 ** (levels / 20)
    shaped = np.fft.irfft(waves, count)
    return np.asarray(shaped / np.sqrt(np.mean(shaped**2)))


def _swell(times: Floats, start_s: float, rise_s: float, hold_s: float, fade_s: float) -> Floats:
    """0..1: up within `rise_s`, held, and faded out."""
    since = times - start_s
    up = np.clip(since / rise_s, 0, 1)
    return np.asarray(up * np.where(since > rise_s + hold_s, np.exp(-(since - rise_s - hold_s) / fade_s), 1.0))


def _crowd(times: Floats, play: Play, rng: np.random.Generator) -> Floats:
    """Everybody in the stands."""
    count = len(times)
    twice_a_second = np.arange(0, times[-1] + 1, 0.5)
    restless = np.interp(times, twice_a_second, rng.uniform(-1.5, 1.5, len(twice_a_second)))
    sound = _noise(count, MURMUR, rng) * 10 ** ((MURMUR_DB + restless + 6 * tension(times, play)) / 20)
    roar, gasp = _noise(count, ROAR, rng), _noise(count, GASP, rng)
    for goal in story.GOALS:
        level = HOME_ROAR_DB if goal.team == "home" else AWAY_ROAR_DB
        sound += roar * _gain(level) * _swell(times, goal.time_s + 0.08, 0.4, 4.5, 2.4)
    for chance_s in story.CHANCES_S:
        sound += gasp * _gain(GASP_DB) * _swell(times, chance_s - 0.1, 0.3, 0.7, 0.5)
    clapping = _noise(count, CLAPS, rng) * np.abs(_noise(count, ((1, 0), (30, 0), (60, -40)), rng)) ** 1.5
    for clapped_s in (story.SAVES_S[0] + 0.5, story.CHANCES_S[0] + 2.0, 117.5):
        sound += clapping * _gain(APPLAUSE_DB) * _swell(times, clapped_s, 0.6, 1.6, 1.0)
    return sound


def tension(times: Floats, play: Play) -> Floats:
    """0..1: how near the ball is to a goal while it is in play, as felt in the stands."""
    near = np.clip((np.abs(play.ball[:, 0]) - 22) / 26, 0, 1)
    moving = np.hypot(*np.gradient(play.ball[:, :2], 1 / FPS, axis=0).T) > 2.5
    bell = np.hanning(2 * FPS)
    felt = np.convolve(near * moving, bell / bell.sum(), mode="same")
    return np.interp(times, np.arange(len(felt)) / FPS, felt)


def _voice(times: Floats, play: Play, rng: np.random.Generator) -> Floats:
    """The commentator, excited by play near the goals."""
    duration_s = len(times) / RATE_HZ
    felt = tension(np.arange(0, story.DURATION_S, 0.1), play)

    def excitement(time_s: float) -> float:
        after_goal = max((np.exp(-(time_s - g.time_s) / 6) for g in story.GOALS if time_s > g.time_s), default=0.0)
        return float(np.clip(felt[min(int(time_s * 10), len(felt) - 1)] + after_goal, 0, 1))

    spoken = speak(duration_s, babble(duration_s, tuple(goal.time_s for goal in story.GOALS), excitement, rng), rng)
    return _gain(VOICE_DB) * np.interp(times, np.arange(len(spoken)) / VOICE_HZ, spoken)


def _whistle(length_s: float) -> Floats:
    """Two beating tones, modulated by the whistle's pea."""
    times = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    trill = np.sin(2 * np.pi * 38 * times)
    tones = sum(np.sin(2 * np.pi * tone * times + 2.2 * trill) for tone in (2870.0, 3220.0))
    edges = np.clip(np.minimum(times, length_s - times) / 0.02, 0, 1)
    return np.asarray(_gain(WHISTLE_DB) * 0.5 * tones * (0.75 + 0.25 * trill) * edges)


def _kick(strength: float, rng: np.random.Generator) -> Floats:
    """A thud and a slap."""
    times = np.arange(round(0.16 * RATE_HZ)) / RATE_HZ
    thud = np.sin(2 * np.pi * 60 * times - 8 * np.exp(-30 * times)) * np.exp(-times * 30)
    slap = rng.standard_normal(len(times)) * np.exp(-times * 350)
    return np.asarray(_gain(KICK_DB) * strength * (thud + 0.5 * slap))


def _add(sound: Floats, start_s: float, piece: Floats) -> None:
    start = round(start_s * RATE_HZ)
    here = sound[start : start + len(piece)]
    here += piece[: len(here)]
