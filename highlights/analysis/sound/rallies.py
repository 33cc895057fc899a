"""`rallies`: which hits belong together, as a ball that goes back and forth: play, against the dead time between.

    hits      |      | | |  |  | |  |            |     ||||| |||||       | |  |  |
    rally            ├────────────────┤                                  ├───────┤
                     ↑ soon after each other,      ↑ too close together: applause, a voice
                       and evenly, as players strike

How loud a hit is here, and how quickly it follows the one before, is learned from the whole recording. If hits come as if by
chance, or only some can be heard, there are no rallies, rather than wrong ones: `Rallies.doubt` says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from highlights.records import Hit, Rallies, Rally
from highlights.spans import Span

GAP_S = (0.25, 2.5)  # between two hits of a rally: a volley at the net; a lob, or one hit between that was not heard
LEAST_HITS = 3  # two may be a door; a rally of one or two strokes cannot be told from noise
CROWDED = 5  # hits within a second: applause, footsteps, a voice close to the microphone
RISES_DB = (6.0, 8.0, 10.0, 12.0, 15.0, 18.0, 22.0, 26.0)  # how far hits may have to stand out; the match decides
BELOW_DB = (12.0, 18.0, 25.0, 40.0)  # how far they may be below the loud ones; the match decides as well
FAINT_DB = 3.0  # if a quarter of the hits stand out by hardly more than the least, about as many are missed
LOUD = 0.9  # quantile of the hits of a row, or of all: a loud stroke
WEAK_DB = 10.0  # below it: the ball bounced before the serve, or running out after the last stroke; strokes vary by half of it

SPREAD = 0.45  # of the logarithm of the gaps in one rally: half of them lie within 30 % of the usual one
USUAL_S = 0.9  # the gap to start from; the median of the match replaces it
EVEN_GAIN = 0.15  # mean log-odds of a gap, of being struck rather than random, that a whole recording must reach
LEAST_GAIN = -2.0  # of one gap: a ball that was not heard, or something else that was, does not undo a rally
SURE = 3.0  # log-odds at which a single rally is accepted: 0.95
QUIET_GAIN = 1.0  # log-odds of a rally for each side on which nothing is heard for ...
QUIET_S = 4.0  # ... so long: players rest between rallies
CHANCE = 3.0  # rallies must be this many times as frequent as chains of hits that fall by chance
MOST_LONE = 0.33  # loud hits outside rallies for each one inside; lone serves are about 0.2, more mean that rallies fall apart
LOUDER = 0.25  # quantile of the hits in rallies from which a hit outside counts as loud
MOST_PLAY = 0.85  # of the recording; even table tennis pauses for longer
METRONOME = 0.05  # spread of the gaps, relative to their mean, below which a machine beats: music, a rhythm clapped
BEATS_HZ = (0.8, 3.6, 0.01)  # tempos of music, and a step that keeps the beat for half a minute
LEAST_BEATS = 12  # fewer hits agree with some tempo by accident
ON_BEAT = 0.6  # of the hits of the whole recording, in one tempo

Doubles = NDArray[np.float64]


def rallies(hits: Sequence[Hit], duration_s: float) -> Rallies:
    """The rallies among the hits of a recording of `duration_s` seconds."""
    if len(hits) < LEAST_HITS:
        return Rallies(doubt="no ball was heard being struck")
    loud_db = float(np.quantile([hit.level_db for hit in hits], LOUD))
    tried = [
        _at_level([hit for hit in hits if hit.rise_db >= rise_db and hit.level_db >= loud_db - below_db], duration_s)
        for rise_db in RISES_DB
        for below_db in BELOW_DB
    ]
    odds, best = max(tried, key=lambda one: one[0])
    if not odds:
        return tried[0][1]
    return (
        Rallies(doubt="hits that belong to no rally are too frequent: some are not heard") if _gappy(best.found, hits) else best
    )


def _at_level(hits: Sequence[Hit], duration_s: float) -> tuple[float, Rallies]:
    """The rallies among hits that are all loud enough, and the log-odds of them together; 0 if there are none."""
    hits = _uncrowded(hits)
    chains = _chains(hits)
    if not chains:
        return 0.0, Rallies(doubt="no ball was heard going back and forth")
    usual_s = float(np.median(np.concatenate([_gaps(chain) for chain in chains])))
    gains = [_gain(_gaps(chain), usual_s) for chain in chains]
    if doubt := _doubt(hits, chains, gains, duration_s):
        return 0.0, Rallies(doubt=doubt)
    times_s = np.array([hit.time_s for hit in hits])
    found = [(odds, chain) for chain, gain in zip(chains, gains, strict=True) if (odds := _odds(chain, gain, times_s)) >= SURE]
    if not found:
        return 0.0, Rallies(doubt="no row of sounds is regular enough to be a rally")
    return sum(odds for odds, _ in found), Rallies(tuple(_rally(chain, odds) for odds, chain in found))


def _doubt(hits: Sequence[Hit], chains: Sequence[Sequence[Hit]], gains: Sequence[Doubles], duration_s: float) -> str:
    """Why the chains of a recording cannot be rallies, in words; empty if they can."""
    if np.concatenate(gains).mean() < EVEN_GAIN:
        return "the sounds that could be hits follow each other at random"
    if np.quantile([hit.rise_db for chain in chains for hit in chain], 0.25) < RISES_DB[0] + FAINT_DB:
        return "the sounds that could be hits are hardly louder than the noise around them"
    if _beating(chains):
        return "the sounds that could be hits keep a beat, like music"
    play_s = sum(chain[-1].time_s - chain[0].time_s for chain in chains)
    if play_s > MOST_PLAY * duration_s:
        return "the sounds that could be hits never pause"
    if len(chains) < CHANCE * _by_chance(len(hits) - sum(map(len, chains)), duration_s - play_s):
        return "as many sounds that could be hits are heard between rallies"
    return ""


def _gappy(found: Sequence[Rally], hits: Sequence[Hit]) -> bool:
    """Whether so many hits as loud as those in rallies are outside that the rallies must be pieces of longer ones."""
    single = _uncrowded(hits)
    times_s = np.array([hit.time_s for hit in single])
    inside = np.zeros(len(single), np.bool_)
    for rally in found:
        inside |= (times_s >= rally.span.start_s) & (times_s <= rally.last_s)
    levels_db = np.array([hit.level_db for hit in single])
    lone = ~inside & (levels_db >= np.quantile(levels_db[inside], LOUDER))
    return int(lone.sum()) > MOST_LONE * int(inside.sum())


def _uncrowded(hits: Sequence[Hit]) -> list[Hit]:
    """The hits with fewer than `CROWDED` within a second around them."""
    times_s = np.array([hit.time_s for hit in hits])
    # a window of one second that contains the hit, at each of its places
    first = np.searchsorted(times_s, times_s - 1.0)
    until = np.arange(1, len(times_s) + 1)
    dense = until - first >= CROWDED
    crowded = np.zeros(len(times_s), np.bool_)
    for start, end in zip(first[dense].tolist(), until[dense].tolist(), strict=True):
        crowded[start:end] = True
    return [hit for hit, out in zip(hits, crowded.tolist(), strict=True) if not out]


def _chains(hits: Sequence[Hit]) -> list[list[Hit]]:
    """Hits that follow each other within the longest gap, without the weak ones at both ends, if enough are left."""
    rows: list[list[Hit]] = []
    for hit in hits:
        if rows and hit.time_s - rows[-1][-1].time_s <= GAP_S[1]:
            rows[-1].append(hit)
        else:
            rows.append([hit])
    return [row for row in map(_strokes, rows) if len(row) >= LEAST_HITS]


def _strokes(row: list[Hit]) -> list[Hit]:
    """A row from its first to its last hit that is loud enough to be a stroke."""
    least_db = float(np.quantile([hit.level_db for hit in row], LOUD)) - WEAK_DB
    loud = [number for number, hit in enumerate(row) if hit.level_db >= least_db]
    return row[loud[0] : loud[-1] + 1]


def _gaps(chain: Sequence[Hit]) -> Doubles:
    return np.array([later.time_s - earlier.time_s for earlier, later in pairwise(chain)])


def _gain(gaps_s: Doubles, usual_s: float) -> Doubles:
    """Log-odds of each gap, of being struck rather than random: log-normal around the usual gap against exponential."""
    mean_s = usual_s / np.log(2)  # of an exponential distribution with this median
    even = -np.log(gaps_s * SPREAD * np.sqrt(2 * np.pi)) - (np.log(gaps_s / usual_s) / SPREAD) ** 2 / 2
    return np.asarray(even + np.log(mean_s) + gaps_s / mean_s)


def _beating(chains: Sequence[Sequence[Hit]]) -> bool:
    """Whether the hits of most chains lie on the beats of one tempo."""
    beats_hz = np.arange(*BEATS_HZ)
    counts = [len(chain) for chain in chains]
    phases = [np.exp(2j * np.pi * np.outer(beats_hz, [hit.time_s for hit in chain])).sum(axis=1) for chain in chains]
    together = (np.abs(phases) ** 2).sum(axis=0) / sum(count**2 for count in counts)
    return sum(counts) >= LEAST_BEATS and float(together.max()) > ON_BEAT


def _by_chance(count: int, dead_s: float) -> float:
    """How many chains so many hits would form if they fell at random in `dead_s` seconds."""
    rate = count / max(dead_s, 1.0)
    follows = np.exp(-rate * GAP_S[0]) - np.exp(-rate * GAP_S[1])
    return float(count * np.exp(-rate * GAP_S[1]) * follows ** (LEAST_HITS - 1))


def _odds(chain: Sequence[Hit], gain: Doubles, times_s: Doubles) -> float:
    """The log-odds that a chain is a rally, from its gaps and the quiet around it; 0 if it beats like a machine."""
    gaps_s, start_s, last_s = _gaps(chain), chain[0].time_s, chain[-1].time_s
    if len(gaps_s) >= 2 * LEAST_HITS and float(gaps_s.std()) < METRONOME * float(gaps_s.mean()):
        return 0.0
    before, first, last, after = np.searchsorted(
        times_s, (start_s - QUIET_S, start_s, last_s + 0.001, last_s + QUIET_S)
    ).tolist()
    even = float(gain.clip(LEAST_GAIN, None).sum())
    return even + QUIET_GAIN * (int(before == first) + int(last == after))


def _rally(chain: Sequence[Hit], odds: float) -> Rally:
    start_s, last_s = chain[0].time_s, chain[-1].time_s
    return Rally(Span(start_s, last_s + GAP_S[0]), last_s, len(chain), round(float(1 / (1 + np.exp(-odds))), 3))
