"""`ToneEar`: the referee's whistle and the buzzer, each recognised by its shape in the spectrum.

whistle    one narrow line at 2 to 4.5 kHz (a pea makes it tremble), stronger than everything around it, for 0.15 s or more
buzzer     one stack of harmonics on a low note, constant in pitch and level, with sharp edges, for 0.6 s or more
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from highlights.analysis.sound.spectrum import FRAME_S, Doubles, Floats, Steps, band_of
from highlights.records import Tone
from highlights.spans import Span

QUIET_DB = -60.0  # fainter audio is ignored
PAUSE_FRAMES = 2  # a tone may drop out for this long (60 ms): the pea, a clap at the same time

WHISTLE_HZ = (2000, 4500)
WHISTLE_AMONG_HZ = (1500, 6000)  # the band that it must dominate: vowels lie below, its own second harmonic above
WHISTLE_ALL_HZ = (300, 6000)
WHISTLE_LEAST = 0.12  # of the power of that whole band: this part of a shout is 15 to 25 dB below its vowels
WHISTLE_REACH_HZ = 100  # on either side of the line: the side bands of the pea's 20 to 40 Hz
WHISTLE_BESIDE_HZ = 450  # on either side, where nothing else may be: the harmonics of a voice are
WHISTLE_ALONE = 0.9  # of the power within that distance

BUZZER_HZ = (120, 700)  # lower notes have harmonics too close together to be separated from noise
BUZZER_GRID_HZ = 2
BUZZER_AMONG_HZ = (90, 4000)
BUZZER_REACH_HZ = 24  # half the width of a steady line in 64 ms of audio
BUZZER_HARMONICS = 12
BUZZER_OVERTONES = 0.04  # of the power must be in the other harmonics: a test tone has none
BUZZER_TIE = 0.1  # a note an octave or a twelfth higher is the right one if it explains nearly as much, within this share
LAG_FRAMES = 3  # 94 ms: longer than a frame, so noise does not correlate with itself
EDGE_FRAMES = 6


@dataclass(frozen=True, slots=True)
class Shape:
    """What makes a run of frames a tone: its `share` of the power, `drift` in pitch, `swell_db` and `edge_db` in level."""

    kind: Literal["whistle", "buzzer"]
    share: float
    drift: float
    shortest_s: float
    longest_s: float
    usual_s: float
    swell_db: float
    edge_db: float
    late_frames: int = 0
    """How much later than the tone itself its shape is detected."""


WHISTLE = Shape("whistle", 0.6, 0.06, 0.15, 4.0, 0.5, swell_db=30.0, edge_db=3.0)
BUZZER = Shape("buzzer", 0.45, 0.03, 0.6, 8.0, 1.5, swell_db=6.0, edge_db=6.0, late_frames=LAG_FRAMES)


class ToneEar:
    """Detects tones in a recording batch by batch; stores nothing but the tones."""

    def __init__(self, bins_hz: Doubles) -> None:
        self._detectors: list[tuple[_Whistles | _Buzzers, _Tracker]] = [
            (_Whistles(bins_hz), _Tracker(WHISTLE)),
            (_Buzzers(bins_hz), _Tracker(BUZZER)),
        ]
        self._tones: list[Tone] = []

    def add(self, steps: Steps) -> None:
        """Add the half seconds that come next."""
        power = steps.power.reshape(-1, steps.power.shape[-1])
        for detector, tracker in self._detectors:
            self._tones += tracker.add(detector.candidates(power))

    def result(self, duration_s: float) -> tuple[Tone, ...]:
        """All tones that begin before `duration_s`, in order of time."""
        for _, tracker in self._detectors:
            self._tones += tracker.end()
        return tuple(t for t in sorted(self._tones, key=lambda tone: tone.span) if t.span.start_s < duration_s)


class _Candidate(NamedTuple):
    """The best line or stack of one frame, on `pitch_hz` with `share` of the power of its band, whose level is `level_db`."""

    pitch_hz: float
    share: float
    level_db: float


class _Candidates(NamedTuple):
    """Those of consecutive frames, each `[num_frames]`."""

    pitches_hz: Doubles
    shares: Doubles
    levels_db: Floats | Doubles


class _Whistles:
    """Finds the strongest narrow line in the band of whistles."""

    def __init__(self, bins_hz: Doubles) -> None:
        self._reach = round(WHISTLE_REACH_HZ / bins_hz[1])
        self._beside = round(WHISTLE_BESIDE_HZ / bins_hz[1])
        self._among, self._all = band_of(bins_hz, WHISTLE_AMONG_HZ), band_of(bins_hz, WHISTLE_ALL_HZ)
        self._pitches = np.arange(*np.searchsorted(bins_hz, WHISTLE_HZ))
        self._bin_hz = bins_hz[1]

    def candidates(self, power: Floats) -> _Candidates:
        sums = np.pad(np.cumsum(power, axis=1, dtype=np.float64), ((0, 0), (1, 0))) + 1e-12
        among, everything = _total(sums, self._among), _total(sums, self._all)
        lines = _around(sums, self._pitches, self._reach)
        best = lines.argmax(axis=1)
        frames = np.arange(len(best))
        line, pitches = lines[frames, best], self._pitches[best]
        beside = sums[frames, pitches + self._beside + 1] - sums[frames, pitches - self._beside]
        alone = (line >= WHISTLE_ALONE * beside) & (line >= WHISTLE_LEAST * everything)
        return _Candidates(pitches * self._bin_hz, np.where(alone, line / (among + 1e-12), 0), _levels_db(among))


class _Buzzers:
    """Finds the note whose harmonics steadily have more of the power than noise would put there."""

    def __init__(self, bins_hz: Doubles) -> None:
        self._among = band_of(bins_hz, BUZZER_AMONG_HZ)
        self._notes_hz = np.arange(*BUZZER_HZ, BUZZER_GRID_HZ, dtype=np.float64)
        at_hz = bins_hz[self._among][:, None]
        nearest = np.clip(np.round(at_hz / self._notes_hz), 1, BUZZER_HARMONICS)
        self._combs = (np.abs(at_hz - nearest * self._notes_hz) <= BUZZER_REACH_HZ).astype(np.float32)
        self._before = np.zeros((LAG_FRAMES, len(at_hz)), np.float32)

    def candidates(self, power: Floats) -> _Candidates:
        band = power[:, self._among]
        history = np.concatenate([self._before, band])
        self._before = history[len(band) :]
        total = band.sum(axis=1) + 1e-12
        held = np.minimum(band, history[: len(band)]) / total[:, None]
        pitches_hz, shares = np.zeros(len(band)), np.zeros(len(band))
        steady = np.flatnonzero(held.sum(axis=1) >= BUZZER.share)  # few are; the rest cannot hold that share in any comb
        if len(steady):
            pitches_hz[steady], shares[steady] = self._note(held[steady])
        return _Candidates(pitches_hz, shares, _levels_db(total))

    def _note(self, held: Floats) -> tuple[Doubles, Floats]:
        """The note whose comb has the most power, and how much more than for noise; 0 for a pure tone."""
        # not `@`: its threads busy-wait for each other, 5 s of processor time for every ten minutes of audio
        combs = np.einsum("ij,jk->ik", held, self._combs)
        shares = combs - self._combs.mean(axis=0)
        best = shares.argmax(axis=1)
        frames = np.arange(len(best))
        for times in (2, 3):
            higher = np.rint((self._notes_hz[best] * times - BUZZER_HZ[0]) / BUZZER_GRID_HZ).astype(int)
            there = np.minimum(higher, len(self._notes_hz) - 1)
            tied = (higher == there) & (shares[frames, there] >= shares[frames, best] - BUZZER_TIE)
            best = np.where(tied, there, best)
        strongest = (held[:, 2:] + held[:, 1:-1] + held[:, :-2]).max(axis=1)
        rich = combs[frames, best] - strongest >= BUZZER_OVERTONES
        return self._notes_hz[best], np.where(rich, shares[frames, best], 0)


@dataclass(slots=True)
class _Run:
    """Successive candidates that agree on the pitch; `before_db` is the lowest level just before."""

    first: int
    last: int
    before_db: float
    candidates: list[_Candidate]

    @property
    def length_s(self) -> float:
        return (self.last - self.first + 1) * FRAME_S

    @property
    def pitch_hz(self) -> float:
        return float(np.median([candidate.pitch_hz for candidate in self.candidates]))


class _Tracker:
    """Joins candidates to runs, and reports the runs with the shape of a tone."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._frame = 0
        self._run: _Run | None = None
        self._levels_db: deque[float] = deque([-120.0] * EDGE_FRAMES, maxlen=EDGE_FRAMES)

    def add(self, candidates: _Candidates) -> Iterator[Tone]:
        """Add the next frames; the tones that they end. Where none can begin, only the levels of the last few matter."""
        pitches_hz, shares, levels_db = candidates
        begins = np.flatnonzero((shares >= self._shape.share) & (levels_db > QUIET_DB))
        at = 0
        while at < len(shares):
            if self._run is None:
                following = np.searchsorted(begins, at)
                until = int(begins[following]) if following < len(begins) else len(shares)
                self._levels_db.extend(levels_db[max(at, until - EDGE_FRAMES) : until].tolist())
                self._frame += until - at
                at = until
            if at < len(shares):
                yield from self._add(_Candidate(float(pitches_hz[at]), float(shares[at]), float(levels_db[at])))
                at += 1

    def _add(self, candidate: _Candidate) -> Iterator[Tone]:
        if candidate.share >= self._shape.share and candidate.level_db > QUIET_DB:
            if not self._goes_on(candidate):
                yield from self.close()
                first = max(0, self._frame - self._shape.late_frames)
                self._run = _Run(first, self._frame, min(self._levels_db), [])
            if self._run:
                self._run.last = self._frame
                self._run.candidates.append(candidate)
        elif self._run and self._frame - self._run.last > max(PAUSE_FRAMES, LAG_FRAMES):
            self._levels_db.append(candidate.level_db)
            yield from self.close()
        self._levels_db.append(candidate.level_db)
        self._frame += 1

    def end(self) -> Iterator[Tone]:
        """The tone that the end of the recording cuts off, if any."""
        for _ in range(EDGE_FRAMES):
            yield from self._add(_Candidate(0.0, 0.0, -120.0))

    def close(self) -> Iterator[Tone]:
        """End the run; its tone, if it was one."""
        run, self._run = self._run, None
        if run and self._fits(run):
            share = float(np.mean([candidate.share for candidate in run.candidates]))
            confidence = min(1.0, share) * min(1.0, 0.5 + run.length_s / self._shape.usual_s / 2)
            yield Tone(self._shape.kind, Span(run.first * FRAME_S, (run.last + 1) * FRAME_S), round(confidence, 3))

    def _goes_on(self, candidate: _Candidate) -> bool:
        if not self._run or self._run.length_s > self._shape.longest_s:
            return False
        near = abs(candidate.pitch_hz - self._run.pitch_hz) <= self._shape.drift * self._run.pitch_hz
        return near and self._frame - self._run.last <= PAUSE_FRAMES + 1

    def _fits(self, run: _Run) -> bool:
        shape = self._shape
        levels_db = [candidate.level_db for candidate in run.candidates]
        edge_db = float(np.median(levels_db)) - max(run.before_db, min(self._levels_db))
        return (
            shape.shortest_s <= run.length_s <= shape.longest_s
            and np.ptp(levels_db) <= shape.swell_db
            and edge_db >= shape.edge_db
        )


def _total(sums: Doubles, band: slice) -> Doubles:
    """Power in a band from cumulative sums."""
    return sums[:, band.stop] - sums[:, band.start]


def _around(sums: Doubles, bins: NDArray[np.int64], reach: int) -> Doubles:
    """Power within `reach` bins of each of `bins` from cumulative sums."""
    return sums[:, bins + reach + 1] - sums[:, bins - reach]


def _levels_db(power: Floats | Doubles) -> Floats | Doubles:
    levels_db: Floats | Doubles = 10 * np.log10(power + 1e-12)
    return levels_db
