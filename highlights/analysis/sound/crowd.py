"""`CrowdEar`: how excited the crowd sounds, in steps of half a second.

Two levels are compared with the usual level of the match:

* the *floor*: the level that four fifths of all time-frequency cells of half a second exceed. Commentary leaves cells empty
  between its syllables and harmonics, music between its notes and beats; the broad, steady noise of a crowd fills them all.
* the *hold*: the loudness sustained for seconds, including the commentator. Broadcasts duck the crowd under a shouting
  commentator, so that at a goal the floor may not rise at all. A single shout is too short to count. Steady tones (music,
  horns) do not count either.

Where another ear recognised music, the levels are no higher than the line from before it to after it. So a jingle is no roar,
and a song after a goal does not end the roar before it.

Decibels above the usual level become 0..1 by a fixed curve, so a match in which nothing happens has no roar.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from highlights.analysis.sound.spectrum import STEP_S, Doubles, Floats, Steps, band_of
from highlights.records import SILENCE_DB, Excitement

LOWEST_DB = -120.0
FLOOR_BANDS_HZ = ((300, 700), (700, 1500), (1500, 3000), (3000, 5000))  # equally weighted: a roar fills all of them
FLOOR_QUANTILE = 0.2
TUNE_BAND_HZ = (200, 4000)
TUNE_WIDTH_BINS = 25  # a line of the spectrum stands out against this neighbourhood, 390 Hz at 16 kHz
TUNE_LAG = 4  # frames, 125 ms: longer than a frame, so noise does not correlate with itself
MUSIC = (0.2, 0.45)  # steadiness from which audio may be, and certainly is, music; 6 real clips stay below 0.15

PLAYED_S, PLAYED_SHARE = 5.0, 0.7  # music fills so much of so many seconds; what is mistaken for it in a crowd is shorter
PLAYED_FROM = 0.7  # probability
FADES_S = 3.0  # the beginning and the end of music are less certain
BACKGROUND = 0.5  # share of a recording: with more music, it is what is usual there

HOLD_S = 8.0  # a shout is shorter, a celebration longer
HOLD_QUANTILE = 0.3
HOLD_MOST_DB = 6.5  # so a commentator who keeps shouting in a quiet stadium hardly exceeds 0.75
FLOOR_MOST_DB = 12.0
LEAST_DB = -3.0  # the most by which one of the two may pull the other down
FLOOR_WEIGHT = 0.6  # of its decibels in the sum; the floor of a real clip swings by 8 dB without an event
USUAL_S = 600.0  # window of the usual level: short enough to follow gain changes, long enough to outlast celebrations
LOWEST_QUANTILE = 0.08  # of the level: the usual level of the shortest recordings
MARK_STEPS = 4  # the usual level is computed every two seconds
HALF_DB = 4.2  # above the usual level: the excitement is 0.5 ...
STEEPNESS = 2.5  # ... and 0.71 at 6 dB, 0.9 at 10 dB, 0.14 at 2 dB
RESTLESS = 1.3  # matches that swing by more than HALF_DB / RESTLESS must rise further


class CrowdEar:
    """Measures a recording batch by batch and stores three numbers for every half second."""

    def __init__(self, bins_hz: Doubles) -> None:
        self._bands = [band_of(bins_hz, band) for band in FLOOR_BANDS_HZ]
        self._tune_band = band_of(bins_hz, TUNE_BAND_HZ)
        self._loudness_db: list[Floats] = []
        self._floor_db: list[Floats] = []
        self._steadiness: list[Floats] = []

    def add(self, steps: Steps) -> None:
        """Add the half seconds that come next."""
        self._loudness_db.append(_decibels((steps.samples**2).mean(axis=1)))
        self._floor_db.append(np.mean([_floor_db(steps.power[:, :, band]) for band in self._bands], axis=0))
        self._steadiness.append(_steadiness(steps.power[:, :, self._tune_band]))

    def result(self, duration_s: float, music: Floats | None = None) -> Excitement:
        """One value for every half second of `duration_s`; empty if the recording is silent.

        `music` is the probability of music in every half second, if it is known.
        """
        count = int(np.ceil(round(duration_s / STEP_S, 6)))
        loudness_db = _column(self._loudness_db, count, LOWEST_DB)
        if not count or loudness_db.max() < SILENCE_DB:
            return Excitement()
        floor_db, steadiness = _column(self._floor_db, count, LOWEST_DB), _column(self._steadiness, count, 0.0)
        played = _played(np.zeros(count, np.float32) if music is None else music)
        values = _excitement(loudness_db, floor_db, steadiness, played)
        return Excitement(STEP_S, tuple(values.round(3).tolist()), tuple(loudness_db.round(1).tolist()))


def _decibels(power: Floats) -> Floats:
    return (10 * np.log10(np.maximum(power, 10 ** (LOWEST_DB / 10)))).astype(np.float32)


def _floor_db(power: Floats) -> Floats:
    """The level in dB that four fifths of the cells of each step exceed."""
    cells = power.reshape(len(power), -1)
    rank = int(FLOOR_QUANTILE * cells.shape[1])
    return _decibels(np.partition(cells, rank, axis=1)[:, rank])


def _steadiness(power: Floats) -> Floats:
    """How the spectrum's fine structure correlates with itself a moment later: 0 for noise and speech, 1 for a held chord."""
    logs = np.log(power + 1e-12)
    sums = np.cumsum(logs, axis=2)
    means = (sums[:, :, TUNE_WIDTH_BINS:] - sums[:, :, :-TUNE_WIDTH_BINS]) / TUNE_WIDTH_BINS
    half = TUNE_WIDTH_BINS // 2 + 1
    lines = logs[:, :, half : half + means.shape[2]] - means
    now, later = lines[:, :-TUNE_LAG], lines[:, TUNE_LAG:]
    correlation = (now * later).sum(axis=2) / np.sqrt((now**2).sum(axis=2) * (later**2).sum(axis=2) + 1e-9)
    return np.asarray(np.median(correlation, axis=1), np.float32)


def _column(batches: list[Floats], count: int, missing: float) -> Floats:
    """All batches as float32 [count], padded with `missing`."""
    column = np.concatenate([*batches, np.full(count, missing, np.float32)])
    return column[:count].astype(np.float32)


def _played(probability: Floats) -> NDArray[np.bool_]:
    """The steps in which music is played, which is not heard all the time."""
    likely = _rank(probability, PLAYED_S, 1 - PLAYED_SHARE) > PLAYED_FROM
    played = _rank(likely.astype(np.float32), FADES_S, 1.0) > 0
    background = len(played) > 0 and bool(played.mean() >= BACKGROUND)
    return np.zeros_like(played) if background else played


def _excitement(loudness_db: Floats, floor_db: Floats, steadiness: Floats, played: NDArray[np.bool_]) -> Floats:
    """0..1 for every step."""
    audible = loudness_db >= SILENCE_DB
    whole = _without_edges(audible)
    loudness_db, floor_db = _bridged(loudness_db, whole), _bridged(floor_db, whole)
    if (crowd := audible & ~played).any():
        loudness_db = np.minimum(loudness_db, _bridged(loudness_db, crowd))
        floor_db = np.minimum(floor_db, _bridged(floor_db, crowd))
    music = np.clip((_rank(steadiness, 4.0, 0.5) - MUSIC[0]) / (MUSIC[1] - MUSIC[0]), 0, 1)
    hold_db = _rank(loudness_db, HOLD_S, HOLD_QUANTILE)
    hold_db = _rank(hold_db, HOLD_S * (1 - 2 * HOLD_QUANTILE), 1.0)  # back to its original length
    hold = _rise(hold_db, audible) * (1 - music)
    floor = _rise(_rank(floor_db, 3.0, 0.5), audible) * (1 - music / 2)
    rise_db = np.clip(hold, LEAST_DB, HOLD_MOST_DB) + FLOOR_WEIGHT * np.clip(floor, LEAST_DB, FLOOR_MOST_DB)
    return np.where(audible, _curve(rise_db, audible), 0)


def _without_edges(audible: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The audible steps that are not beside silence: those may be silent in part, which looks like a very low floor."""
    around = np.pad(audible, 1, constant_values=True)
    whole = audible & around[:-2] & around[2:]
    return whole if whole.any() else audible


def _bridged(level_db: Floats, audible: NDArray[np.bool_]) -> Floats:
    """The level interpolated over what is not audible, so that silence does not pull down what is beside it."""
    times = np.arange(len(level_db))
    return np.interp(times, times[audible], level_db[audible]).astype(np.float32)


def _curve(rise_db: Floats, audible: NDArray[np.bool_]) -> Floats:
    """Decibels above the usual level → 0..1."""
    rises = rise_db[audible]
    swing = 1.4826 * float(np.median(np.abs(rises - np.median(rises)))) * _trust(len(rises) * STEP_S)
    half = max(HALF_DB, RESTLESS * swing)
    odds = (np.maximum(rise_db, 0) / half) ** STEEPNESS
    return np.asarray(odds / (1 + odds), np.float32)


def _trust(seconds: float) -> float:
    """How well a recording of this length shows what is usual: 1 from ten minutes on."""
    return min(1.0, seconds / USUAL_S)


def _rise(level_db: Floats, audible: NDArray[np.bool_]) -> Floats:
    """How far a level is above the usual one around it.

    The usual level is the median of ten minutes. A short recording may be mostly celebration: there it is a lower quantile.
    """
    steps = np.arange(len(level_db))
    count = round(USUAL_S / STEP_S)
    marks, usual = [], []
    for mark in range(0, len(level_db), MARK_STEPS):
        first = min(max(0, mark - count // 2), max(0, len(level_db) - count))
        around = level_db[first : first + count][audible[first : first + count]]
        if len(around):
            marks.append(mark)
            usual.append(np.quantile(around, max(LOWEST_QUANTILE, 0.5 * _trust(len(around) * STEP_S))))
    return (level_db - np.interp(steps, marks, usual)).astype(np.float32)


def _rank(values: Floats, width_s: float, quantile: float) -> Floats:
    """Each value replaced by a quantile of the `width_s` around it (a rank filter)."""
    reach = round(width_s / STEP_S / 2)
    padded = np.pad(values, reach, mode="symmetric")
    return np.quantile(np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1), quantile, axis=1).astype(np.float32)
