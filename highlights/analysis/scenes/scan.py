"""Scans what is in doubt between two key frames: every frame around the doubtful places, or of the whole GOP."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass
from itertools import product
from threading import get_ident

import numpy as np
from numpy.typing import NDArray

from highlights.analysis.scenes.detect import Turn, TurnWatch
from highlights.analysis.scenes.doubts import Doubt, Glimpse
from highlights.analysis.scenes.fingerprint import Pictures, apart, colours, thumbnail
from highlights.analysis.scenes.replays import ReplayWatch
from highlights.media.excerpts import ExcerptReader
from highlights.media.faults import FaultCounter
from highlights.media.thinned import Skip, skippable
from highlights.profile import SceneRules
from highlights.progress import StageProgress
from highlights.records import Recording
from highlights.spans import Span, merge

SMALL_WIDTH = 256  # pixels across for scenes and replays; cuts are as clear as in the full frame

_UNSURE = 6  # frames: a gradual transition this early has nothing before it to be judged by
_UNSURE_CUT = 3  # frames: a cut this late has too little after it; in a fast pan, the last step alone looks like one


@dataclass(frozen=True, slots=True)
class ExcerptScan:
    """The turns in one excerpt, and `steps[i]`, the distance of the frame at `times_s[i]` from the one before it."""

    part: int
    turns: tuple[Turn, ...]
    times_s: array[float]
    steps: array[float]
    ends: tuple[Glimpse, Glimpse] | None = None
    """Its first and its last frame."""


class Excerpts:
    """Open files for excerpts, one per part and thread."""

    def __init__(self, recording: Recording, skip: Sequence[Skip] = ()) -> None:
        self.faults = FaultCounter()
        self._skip = skip or [skippable(part) or "NONREF" for part in recording.parts]
        self._recording = recording
        self._readers: dict[tuple[int, int], ExcerptReader] = {}

    @property
    def seekable(self) -> bool:
        """Whether all parts can be read from the middle."""
        return all(self.of(number).seekable for number in range(len(self._recording.parts)))

    def of(self, part: int) -> ExcerptReader:
        """This thread's reader of a part."""
        key = get_ident(), part
        if key not in self._readers:
            self._readers[key] = ExcerptReader(self._recording.parts[part], part, self.faults, self._skip[part])
        return self._readers[key]

    def close(self) -> None:
        """Close all files."""
        for reader in self._readers.values():
            reader.close()


def scan_doubts(
    recording: Recording,
    doubted: Sequence[Doubt],
    rules: SceneRules,
    excerpts: Excerpts,
    pool: Executor,
    progress: StageProgress,
    done: Mapping[tuple[int, Span], ExcerptScan] = {},
) -> list[ExcerptScan]:
    """Scan the places of all doubts, then the whole of each GOP whose ends differ by more than the turns found there.

    `done`: scans of some places, by part and span, which are not scanned again.
    """
    places = [(doubt.part, place) for doubt in doubted for place in doubt.places]
    scans: list[ExcerptScan] = []

    def scanned_at(place: tuple[int, Span]) -> ExcerptScan:
        part, span = place
        covering = (scan for (p, whole), scan in done.items() if p == part and whole.overlap_s(span) == span.length_s)
        return next(covering, None) or _scan(part, span, rules, excerpts)

    for scan in pool.map(scanned_at, places):
        scans.append(scan)
        progress(len(scans) / len(places) / 2)  # the whole GOPs take about as long again
    of_places = iter(scans[:])
    scanned = [(doubt, [next(of_places) for _ in doubt.places]) for doubt in doubted]
    turns_s = [(part, turn.time_s) for (part, _), scan in zip(places, scans, strict=True) for turn in scan.turns]
    unexplained = [
        doubt
        for doubt, own in scanned
        if doubt.whole
        and (
            not any(p == doubt.part and doubt.group.start_s < t <= doubt.group.end_s for p, t in turns_s)
            or _differs_elsewhere(doubt, own)
        )
    ]
    groups = [
        (number, span)
        for number in range(len(recording.parts))
        for span in merge(doubt.whole for doubt in unexplained if doubt.whole and doubt.part == number)
    ]
    for number, scan in enumerate(pool.map(lambda group: _scan(group[0], group[1], rules, excerpts), groups), 1):
        scans.append(scan)
        progress(0.5 + number / len(groups) / 2)
    return sorted(scans, key=lambda scan: scan.times_s[:1])


def _differs_elsewhere(doubt: Doubt, places: Sequence[ExcerptScan]) -> bool:
    """Whether a GOP changes between its places too, such as by a dissolve just before a cut.

    key frame A   ├ place ┤    ├ place ┤   key frame B
              └─?─┘       └─?──┘       └─?─┘
    """
    if doubt.ends is None:
        return False
    glimpses = [doubt.ends[0], *(end for scan in places for end in scan.ends or ()), doubt.ends[1]]
    return any(one.unlike(other) for one, other in zip(glimpses[::2], glimpses[1::2], strict=True))


def compare_spans(recording: Recording, spans: Iterable[Span], replays: ReplayWatch) -> None:
    """Compare the frames of these spans, in ascending order, with those before them."""
    with closing(Excerpts(recording)) as excerpts:
        for span, (number, part) in product(spans, enumerate(recording.parts)):
            start_s, end_s = max(span.start_s, part.start_s), min(span.end_s, part.start_s + part.duration_s)
            for frame in excerpts.of(number).read(start_s, end_s, thin=True) if start_s < end_s else ():
                replays.compare(frame.time_s, frame.small_bgr(SMALL_WIDTH))


def _scan(part: int, span: Span, rules: SceneRules, excerpts: Excerpts) -> ExcerptScan:
    scanner = Scanner(part, span, rules)
    for frame in excerpts.of(part).read(span.start_s, span.end_s):
        scanner.add(frame.time_s, frame.small_bgr(SMALL_WIDTH))
    return scanner.result()


class Scanner:
    """Scans one excerpt: `add` each of its frames, then take the `result`."""

    def __init__(self, part: int, span: Span, rules: SceneRules) -> None:
        self.span = span
        self._part = part
        self._watch = TurnWatch(rules)
        self._first: Glimpse | None = None
        self._before: Pictures | None = None
        self._small = np.zeros((0, 0, 3), np.uint8)
        self._times_s, self._steps = array("d"), array("f")

    def add(self, time_s: float, small: NDArray[np.uint8]) -> None:
        """Add the next frame, a small picture, uint8 [height, width, 3], BGR."""
        view = thumbnail(small)
        self._watch.add(time_s, small, view)
        self._first = self._first or Glimpse(view, colours(small))
        if self._before is not None:
            self._times_s.append(time_s)
            self._steps.append(apart(view, self._before))
        self._before, self._small = view, small

    def result(self) -> ExcerptScan:
        """The turns in the excerpt, without those too close to its ends to be sure."""
        times_s = self._times_s
        early_s = times_s[min(_UNSURE, len(times_s) - 1)] if times_s else self.span.start_s
        late_s = times_s[max(0, len(times_s) - _UNSURE_CUT)] if times_s else self.span.end_s
        turns = tuple(
            turn for turn in self._watch.turns() if (turn.time_s < late_s if turn.kind == "cut" else turn.since_s >= early_s)
        )
        ends = None
        if self._first and self._before is not None:
            ends = self._first, Glimpse(self._before, colours(self._small))
        return ExcerptScan(self._part, turns, times_s, self._steps, ends)
