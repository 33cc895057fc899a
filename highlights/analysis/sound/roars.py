"""`roars`: when the crowd roars, from when on, and how clearly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from highlights.records import SILENCE_DB, Excitement
from highlights.spans import Span, merge

LEAST = 0.5  # excitement: a rise of 4.2 dB
SHORTEST_S = 2.0
BREATH_S = 3.0  # a dip this short does not end a roar
DIP = 0.2  # the excitement must fall and rise again by this much for a second roar
BEFORE_S = 20.0  # the part before the peak that shows the level from which a roar rises
LEAST_LEAD_S = 1.0  # of it; where the sound sets in later than this before a roar, nobody heard it rise
LEAP = 0.8  # of the way from that level to the peak: more than a cut or an attack adds, less than the roar's own dips
LEAST_LEAP_DB = 3.0  # a roar drowned out by commentary hardly adds loudness

# A roar is rare if it stands out from the strongest of the others. Compared are the odds of their strengths, which grow with
# the decibels above the usual level to the power of 2.5: 2.5 times the odds is 1.4 times the rise, such as 8.5 dB after 6 dB.
RARE_EVERY_S = 900.0  # at most one rare roar for every quarter of an hour: soccer has a goal every half hour
RARE_LEAST = 2  # ... but two in a shorter match, where a second goal must not hide the first
RARE_ODDS = (1.5, 2.5)  # from which a roar may be, and certainly is rare: chances have up to 1.4, goals from 2.3 on
LARGEST = 0.99  # strength whose odds are still told apart, 16 dB above the usual level
RARE_FROM_S = 300.0  # a shorter recording does not show what is usual

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Roar:
    """One roar: `onset_s` is when the audio leaps up (the best estimate of the instant), `strength` is 0..1.

    `rarity` is 0..1: how far it stands out from the other roars of the match.
    """

    span: Span
    onset_s: float
    peak_s: float
    strength: float
    rarity: float = 0.0


def roars(excitement: Excitement) -> list[Roar]:
    """All roars that were heard to rise, in order of time.

    excitement         ╭──╮   ╭────
                   ╭───╯  ╰───╯         a deep enough dip separates two roars
                ───╯
    roars          ├─────────┤├────
    onset, peak        ↑↑     ↑↑
    """
    values = np.array(excitement.values)
    loudness_db = _smooth(np.array(excitement.loudness_db))
    silent = np.flatnonzero(loudness_db < SILENCE_DB)
    found = []
    for first, end in _ranges(values, excitement.step_s):
        heard_from = int(silent[np.searchsorted(silent, first) - 1]) + 1 if len(silent) and silent[0] < first else 0
        if 0 < heard_from > first - round(LEAST_LEAD_S / excitement.step_s):
            continue
        onset, peak = _leap(values, loudness_db, first, end, max(heard_from, first - round(BEFORE_S / excitement.step_s)))
        times = [round(i * excitement.step_s, 3) for i in (first, end, onset, peak)]
        found.append(Roar(Span(times[0], times[1]), times[2], times[3], round(float(values[first:end].max()), 3)))
    duration_s = len(values) * excitement.step_s
    return _with_rarity(found, duration_s) if duration_s >= RARE_FROM_S else found


def _with_rarity(found: list[Roar], duration_s: float) -> list[Roar]:
    """The roars compared with the strongest of those that cannot all be rare.

    strengths     ██ █▉ ▅ ▅ ▄ ▄ ▃ ▃        two may be rare; the third is what is usual
    rarity        1  1  0 0 0 0 0 0
    """
    may_be_rare = max(RARE_LEAST, int(duration_s / RARE_EVERY_S))
    strongest = sorted((roar.strength for roar in found), reverse=True)
    usual = max([LEAST, *strongest[may_be_rare : may_be_rare + 1]])
    rare_from, rare = RARE_ODDS
    shares = [(_odds(roar.strength) / _odds(usual) - rare_from) / (rare - rare_from) for roar in found]
    return [replace(roar, rarity=round(min(max(share, 0.0), 1.0), 3)) for roar, share in zip(found, shares, strict=True)]


def _odds(strength: float) -> float:
    return min(strength, LARGEST) / (1 - min(strength, LARGEST))


def _ranges(values: Floats, step_s: float) -> Iterator[tuple[int, int]]:
    """The first and end index of every roar."""
    loud = np.flatnonzero(values >= LEAST)
    for span in merge((Span(i * step_s, (i + 1) * step_s) for i in loud.tolist()), max_gap_s=BREATH_S):
        if span.length_s >= SHORTEST_S:
            first, end = round(span.start_s / step_s), round(span.end_s / step_s)
            yield from pairwise([first, *_dips(values[first:end], first), end])


def _dips(values: Floats, offset: int) -> Iterator[int]:
    """Where the excitement is lowest between two peaks that both stand out by `DIP`."""
    top, low, at = values[0], values[0], 0
    for i, value in enumerate(values):
        if value < low:
            low, at = value, i
        if value - low >= DIP and top - low >= DIP:
            yield offset + at
            top = low = value
        elif value > top:
            top = low = value


def _leap(values: Floats, loudness_db: Floats, first: int, end: int, since: int) -> tuple[int, int]:
    """The indices of a roar's onset and peak; what is heard from the index `since` on shows from which level it rises."""
    peak = first + _early_top(loudness_db[first:end], 1.0)
    lead = loudness_db[since : peak + 1]
    level, top = np.quantile(lead, 0.2), loudness_db[peak]
    if top - level < LEAST_LEAP_DB:
        peak = first + _early_top(values[first:end], 0.05)
        return first, peak
    below = np.flatnonzero(lead < level + LEAP * (top - level))
    return peak - (len(lead) - 1) + int(below[-1]) + 1, peak


def _early_top(curve: Floats, slack: float) -> int:
    """The index of the first value within `slack` of the highest."""
    return int(np.flatnonzero(curve >= curve.max() - slack)[0])


def _smooth(loudness_db: Floats) -> Floats:
    """A median filter of 2.5 s: removes single syllables and pauses, preserves edges."""
    if not len(loudness_db):
        return loudness_db
    return np.sort(np.lib.stride_tricks.sliding_window_view(np.pad(loudness_db, 2, mode="edge"), 5), axis=1)[:, 2]
