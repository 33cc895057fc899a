"""Excerpts of a recording, scanned frame by frame, or only looked at: several of one GOP in one pass.

GOP        K · · · P · · · P b b b P · · · P · · · P b b b P b b b P
read by                    ├ Look ┤             ├──── Scanner ────┤
decoded    K       P       P b b b P       P       P b b b P b b b P
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass
from itertools import product
from math import inf
from pathlib import Path
from threading import get_ident
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from highlights.analysis.scenes.detect import Turn, TurnWatch
from highlights.analysis.scenes.fingerprint import Glimpse, apart
from highlights.analysis.scenes.replays import ReplayWatch
from highlights.analysis.scenes.steps import StepWatch
from highlights.media.excerpts import ExcerptReader
from highlights.media.faults import FaultCounter
from highlights.media.frames import Frame
from highlights.media.leaps import LEAPING_CODEC, LeapReader
from highlights.media.skippable import Skip, skippable
from highlights.profile import SceneRules
from highlights.progress import StageProgress
from highlights.records import Recording
from highlights.spans import Span, merge

GLIMPSE_WIDTH = 128  # pixels across where only a `Glimpse` is needed
SMALL_WIDTH = 256  # pixels across for scenes and replays; cuts are as clear as in the full frame

_LONGEST_PASS_S = 20.0  # so that all cores get some
SPAN_S = 0.002  # two times this close are one: packets and frames are rounded differently
_FEW_BEFORE = 4  # frames: a cut this early has too few steps before it to stand out from
_ALIKE = 24  # frames like the end: half of the longest transition, by which its last frame is judged
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

    def __init__(self, recording: Recording, skip: Sequence[Skip | None] = (), keys_s: Sequence[Sequence[float]] = ()) -> None:
        """`skip`: what can be left out of each part, if that is known; `keys_s`: the times of its key frames."""
        self._keys_s = keys_s
        self.faults = FaultCounter()
        self._skip = skip or [skippable(part) for part in recording.parts]
        self._recording = recording
        self._readers: dict[tuple[int, int], ExcerptReader] = {}
        self._leapers: dict[tuple[int, int], LeapReader] = {}

    @property
    def seekable(self) -> bool:
        """Whether all parts can be read from the middle."""
        return all(self._reader_seeks(number) for number in range(len(self._recording.parts)))

    def of(self, part: int) -> ExcerptReader:
        """This thread's reader of a part."""
        key = get_ident(), part
        if key not in self._readers:
            self._readers[key] = self._opened(part)
        return self._readers[key]

    def leaper(self, part: int) -> LeapReader:
        """This thread's reader of a part that leaps."""
        key = get_ident(), part
        if key not in self._leapers:
            self._leapers[key] = LeapReader(self._recording.parts[part], part)
        return self._leapers[key]

    def _opened(self, part: int) -> ExcerptReader:
        return ExcerptReader(self._recording.parts[part], part, self.faults, self._skip[part] or "NONREF")

    def _reader_seeks(self, part: int) -> bool:
        with closing(self._opened(part)) as reader:  # an open file takes 20 MB
            return reader.seekable

    def leaps(self, part: int) -> bool:
        """Whether frames of a part can be looked at without decoding those before them."""
        known = part < len(self._keys_s) and self._skip[part] == "BIDIR"
        return known and self._recording.parts[part].video_codec == LEAPING_CODEC

    def key_s(self, part: int, time_s: float) -> float:
        """When the key frame at or before a time is shown, as far as key frames are listed."""
        known = self._keys_s[part]
        return known[max(0, bisect_right(known, time_s + SPAN_S) - 1)]

    def gop(self, part: int, time_s: float) -> int:
        """The number of the GOP that a time is in, as far as key frames are listed."""
        return bisect_right(self._keys_s[part], time_s) if part < len(self._keys_s) else -round(1000 * time_s)

    def cost_s(self, part: int, start_s: float, end_s: float) -> float:
        """For how long frames are decoded to read an excerpt: from the key frame before it."""
        known = self._keys_s[part] if part < len(self._keys_s) else ()
        number = bisect_right(known, start_s)
        return end_s - (known[number - 1] if number else start_s)

    def thins(self, part: int) -> bool:
        """Whether frames of a part can be left out: otherwise a GOP is best decoded once and for all."""
        return self._skip[part] is not None

    def path(self, part: int) -> Path:
        """The file of a part."""
        return self._recording.parts[part].path

    def frame_s(self, part: int) -> float:
        """The usual distance of the frames of a part."""
        return float(1 / self._recording.parts[part].frame_rate)

    def close(self) -> None:
        """Close all files."""
        for reader in self._readers.values():
            reader.close()
        for leaper in self._leapers.values():
            leaper.close()


def compare_spans(recording: Recording, spans: Iterable[Span], replays: ReplayWatch) -> None:
    """Compare the frames of these spans, in ascending order, with those before them."""
    with closing(Excerpts(recording)) as excerpts:
        for span, (number, part) in product(spans, enumerate(recording.parts)):
            start_s, end_s = max(span.start_s, part.start_s), min(span.end_s, part.start_s + part.duration_s)
            for frame in excerpts.of(number).read(start_s, end_s, without="NONREF") if start_s < end_s else ():
                replays.compare(frame.time_s, frame.small_bgr(SMALL_WIDTH))


class Reader(Protocol):
    """Reads one excerpt of a part: of its `span` at least the frames that others refer to, of `full` all."""

    @property
    def part(self) -> int:
        """The number of the part."""

    @property
    def span(self) -> Span:
        """What is read of it."""

    @property
    def full(self) -> Span | None:
        """Where no frame may be left out."""

    @property
    def width(self) -> int:
        """How many pixels across the pictures that it needs have."""

    @property
    def done(self) -> bool:
        """Whether nothing more is needed."""

    def add(self, frame: Frame, small: NDArray[np.uint8]) -> None:
        """Add the next frame and a small picture of it, uint8 [height, width, 3], BGR."""

    def finish(self) -> None:
        """Keep the result only: no frame follows, and thousands of excerpts are read before the results are taken."""


def read_excerpts(readers: Sequence[Reader], excerpts: Excerpts, pool: Executor, progress: StageProgress) -> None:
    """Give all readers their frames: those of one GOP in one pass, so that what they have in common is decoded once."""
    passes: list[list[Reader]] = []
    end_s = 0.0
    for reader in sorted(readers, key=lambda reader: (reader.part, reader.span)):
        part, start_s = reader.part, reader.span.start_s
        joins = bool(passes) and passes[-1][0].part == part and start_s - passes[-1][0].span.start_s < _LONGEST_PASS_S
        if joins and excerpts.gop(part, start_s) <= excerpts.gop(part, end_s):
            passes[-1].append(reader)
            end_s = max(end_s, reader.span.end_s)
        else:
            passes.append([reader])
            end_s = reader.span.end_s
    # the longest first, so that no core is left with one at the end
    passes.sort(key=lambda those: -excerpts.cost_s(those[0].part, those[0].span.start_s, max(r.span.end_s for r in those)))
    for number, _ in enumerate(pool.map(lambda those: _read_together(those, excerpts), passes), 1):
        progress(number / len(passes))


def _read_together(readers: Sequence[Reader], excerpts: Excerpts) -> None:
    """Read one pass. Where a reader has seen enough, the rest of its GOP is not decoded."""
    source, part = excerpts.of(readers[0].part), readers[0].part
    end_s = max(r.span.end_s for r in readers)
    waiting, read_s = list(readers), -inf
    while waiting := [r for r in waiting if not r.done and r.span.end_s > read_s]:
        start_s = max(read_s, min(r.span.start_s for r in waiting))
        for frame in source.read(start_s, end_s, without=source.skip, full=merge(r.full for r in waiting if r.full)):
            at_s = round(frame.time_s, 3)
            waiting = [r for r in waiting if not r.done and r.span.end_s > at_s]
            if reading := [r for r in waiting if r.span.start_s <= at_s]:
                small = frame.small_bgr(max(reader.width for reader in reading))
                for reader in reading:
                    reader.add(frame, small)
            elif not waiting or excerpts.gop(part, min(r.span.start_s for r in waiting)) > excerpts.gop(part, at_s):
                break
        else:
            break
        read_s = at_s
    for reader in readers:
        reader.finish()


def found(part: int, turn: Turn | None, ends: tuple[Glimpse, Glimpse] | None = None) -> ExcerptScan:
    """A turn that was found without scanning every frame, or nothing."""
    return ExcerptScan(part, (turn,) if turn else (), array("d"), array("f"), ends)


class GroupSteps:
    """Reads the steps between those frames of a GOP that others refer to, up to one that is like the next key frame.

    `next_key` is that key frame, if there is one; `frame_s` the distance of all frames.
    """

    full, width = None, GLIMPSE_WIDTH

    def __init__(self, part: int, group: Span, next_key: Glimpse | None, frame_s: float) -> None:
        self.part, self.done, self._group, self._next_key = part, False, group, next_key
        self.span = Span(group.start_s, group.end_s - frame_s / 2)  # nothing of the next GOP
        self.steps = StepWatch(frame_s)

    def add(self, frame: Frame, small: NDArray[np.uint8]) -> None:
        """Add the next frame and a small picture of it, uint8 [height, width, 3], BGR."""
        seen = Glimpse.of(small)
        self.steps.add(frame.time_s, seen)
        self.done = self._next_key is not None and not seen.unlike(self._next_key)

    def finish(self) -> None:
        """Add the step to the next key frame, if no frame is like it."""
        if self._next_key and not self.done:
            self.steps.add(self._group.end_s, self._next_key)


class Calm(NamedTuple):
    """When a scan may end early: after `since_s`, once enough frames in a row are like the `end`."""

    since_s: float
    end: Glimpse


class Scanner:
    """Scans every frame of an excerpt, or fewer if `calm` tells that nothing more is to be expected."""

    width = SMALL_WIDTH

    def __init__(self, part: int, span: Span, rules: SceneRules, calm: Calm | None = None) -> None:
        self.part, self.span, self.full, self.done = part, span, span, False
        self._rules, self._calm, self._alike = rules, calm, 0
        self._watch: TurnWatch | None = None
        self._first: Glimpse | None = None
        self._last: Glimpse | None = None
        self._turns: tuple[Turn, ...] = ()
        self._times_s, self._steps = array("d"), array("f")

    def add(self, frame: Frame, small: NDArray[np.uint8]) -> None:
        """Add the next frame and a small picture of it, uint8 [height, width, 3], BGR."""
        time_s, seen = frame.time_s, Glimpse.of(small)
        self._watch = self._watch or TurnWatch(self._rules)
        self._watch.add(time_s, small, seen)
        if self._last:
            self._times_s.append(time_s)
            self._steps.append(apart(seen.view, self._last.view))
        self._first, self._last = self._first or seen, seen
        if self._calm and time_s > self._calm.since_s:
            self._alike = 0 if seen.unlike(self._calm.end) else self._alike + 1
            self.done = self._alike > _ALIKE

    def finish(self) -> None:
        """Keep the result only."""
        if self._watch:
            self._turns, self._watch = tuple(self._sure(self._watch.turns())), None

    def result(self) -> ExcerptScan:
        """The turns in the excerpt, without those too close to its ends to be sure."""
        ends = (self._first, self._last) if self._first and self._last else None
        return ExcerptScan(self.part, self._turns, self._times_s, self._steps, ends)

    def _sure(self, turns: Iterable[Turn]) -> Iterator[Turn]:
        times_s = self._times_s
        early_s = times_s[min(_UNSURE, len(times_s) - 1)] if times_s else self.span.start_s
        late_s = times_s[max(0, len(times_s) - _UNSURE_CUT)] if times_s else self.span.end_s
        first_s = times_s[min(_FEW_BEFORE, len(times_s) - 1)] if times_s else self.span.start_s
        for turn in turns:
            if first_s <= turn.time_s < late_s if turn.kind == "cut" else turn.since_s >= early_s:
                yield turn
