"""Excerpts of a recording, scanned frame by frame, or only looked at: several of one GOP in one pass.

GOP        K · · · P · · · P b b b P · · · P · · · P b b b P b b b P
read by                    ├ Look ┤             ├──── Scanner ────┤
decoded    K       P       P b b b P       P       P b b b P b b b P
"""

from __future__ import annotations

import os
from array import array
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise, product
from math import inf
from pathlib import Path
from threading import get_ident
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from highlights.analysis.scenes.detect import SEEN, Turn, TurnWatch
from highlights.analysis.scenes.fingerprint import Glimpse, apart
from highlights.analysis.scenes.replays import ReplayWatch
from highlights.analysis.scenes.steps import CUT_COLOURS, CUT_VIEW, LEAST_COLOURS, STANDS_OUT, Steps, StepWatch, middle_s
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

_Item = TypeVar("_Item")
_Done = TypeVar("_Done")

_LONGEST_PASS_S = 20.0  # so that all cores get some
_LOOK_S, _LATER_S = 0.5, 0.2  # before and after a place
_STEP_VIEW = 7.5  # grey levels: true cuts step by at least 9.8, other large packets by at most 5.9
_BLENDED = 0.25  # times the step of a blended cut is the least that the frame before it makes
SPAN_S = 0.002  # two times this close are one: packets and frames are rounded differently
_FEW_BEFORE = 4  # frames: a cut this early has too few steps before it to stand out from
_ALIKE = 24  # frames like the end: half of the longest transition, by which its last frame is judged
_UNSURE = 6  # frames: a gradual transition this early has nothing before it to be judged by
_NO_STEPS = Steps([0.0], [0.0])
_DETOUR, _LONGER = 1.03, 1.25  # times the way through a place: a larger step is that of a frame that is wrong after a leap
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


def in_order(work: Callable[[_Item], _Done], items: Iterable[_Item]) -> Iterator[_Done]:
    """The results of `work` for each of the items, in their order; on all cores, with few results waiting to be taken."""
    workers, waiting = os.cpu_count() or 1, deque[Future[_Done]]()
    with ThreadPoolExecutor(workers) as pool:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _read_together(readers: Sequence[Reader], excerpts: Excerpts) -> None:
    source = excerpts.of(readers[0].part)
    start_s, end_s = min(r.span.start_s for r in readers), max(r.span.end_s for r in readers)
    for frame in source.read(start_s, end_s, without=source.skip, full=merge(r.full for r in readers if r.full)):
        at_s = round(frame.time_s, 3)
        waiting = [r for r in readers if not r.done and r.span.end_s > at_s]
        if not waiting:
            break
        if reading := [r for r in waiting if r.span.start_s <= at_s]:
            small = frame.small_bgr(max(reader.width for reader in reading))
            for reader in reading:
                reader.add(frame, small)
    for reader in readers:
        reader.finish()


def found(part: int, turn: Turn | None, ends: tuple[Glimpse, Glimpse] | None = None) -> ExcerptScan:
    """A turn that was found without scanning every frame, or nothing."""
    return ExcerptScan(part, (turn,) if turn else (), array("d"), array("f"), ends)


class Look:
    """Whether there is a cut in a place: a lasting step far larger than all others, between two of its frames.

    frames    P · · · P · · · P b b b P · · · P       only frames that others refer to, but all in the place
                              ├ place ┤

    If `placed_by` is given, the distance of all frames in seconds, the exact frame does not matter: only the frames at both
    ends of the place are read, and the cut is placed between them. Where their colours change by less than `least_colours`,
    there is none.
    """

    width = GLIMPSE_WIDTH

    def __init__(self, part: int, place: Span, placed_by: float | None = None, least_colours: float = 0.0) -> None:
        self._placed_by, self._least_colours = placed_by, least_colours
        self.part, self.place, self.full, self.done = part, place, None if placed_by else place, False
        self.span = Span(max(0.0, place.start_s - _LOOK_S), place.end_s + max(_LATER_S, place.length_s))
        self._times_s: list[float] = []
        self._seen: list[Glimpse] = []
        self._found: ExcerptScan | None = None

    def add(self, frame: Frame, small: NDArray[np.uint8]) -> None:
        """Add the next frame and a small picture of it, uint8 [height, width, 3], BGR."""
        self._times_s.append(frame.time_s)
        self._seen.append(Glimpse.of(small))
        self.done = frame.time_s > self.place.end_s + SPAN_S  # one frame shows whether the change lasts

    def finish(self) -> None:
        """Keep the result only."""
        self._found = self.judged(self._times_s, self._seen)
        self._times_s, self._seen = [], []

    def result(self) -> ExcerptScan | None:
        """The cut, or none; None if there is a step, but not such a one: then every frame around the place must be scanned."""
        return self._found

    def judged(
        self,
        times_s: Sequence[float],
        seen: Sequence[Glimpse],
        before: Steps = _NO_STEPS,
        way: float = inf,
        *,
        leapt: bool = False,
    ) -> ExcerptScan | None:
        """The result for these frames, for the steps `before` the first of them, and the `way` through the place, if known.

        None if no step before the place is known. `leapt`: frames before it were left out. Then a cut that need not be exact
        does without such a step, and what stands out less than any cut is none.
        """
        first = bisect_right(times_s, self.place.start_s + SPAN_S) - 1
        last = bisect_right(times_s, self.place.end_s + SPAN_S) - 1
        earlier = len(before.views) - 1
        views = [*before.views, *(apart(one.view, other.view) for one, other in pairwise(seen))]
        place = range(earlier + first + 1, earlier + last + 1)
        if max(views[: earlier + last + 1], default=0.0) < _STEP_VIEW or (leapt and _is_motion(views, place)):
            return found(self.part, None)
        if not place or (place[0] == 1 and not (leapt and self._placed_by)):
            return None
        mixes = [*before.mixes, *(apart(one.colours, other.colours) for one, other in pairwise(seen))]
        cut = _sudden(views, place, CUT_VIEW) or _sudden(mixes, place, CUT_COLOURS)
        changed = apart(seen[first].colours, seen[last].colours)
        half_of_blended = cut == place[0] and cut < place[-1] and views[cut] < views[cut + 1]
        if half_of_blended and leapt and not earlier:
            return None  # whether it stands out from the frame before it is not known
        if cut and views[cut] > max(_DETOUR * apart(seen[first].view, seen[last].view), _LONGER * way):
            return None
        if (
            cut
            and changed >= LEAST_COLOURS
            and all(apart(seen[first].view, later.view) > views[cut] / 2 for later in seen[last + 1 :])
        ):
            placed_by, between = self._placed_by, Span(times_s[cut - earlier - 1], times_s[cut - earlier])
            at_s = middle_s(between, placed_by) if placed_by else between.end_s
            turn = Turn(at_s, at_s, "cut", SEEN, exact=not placed_by)
            return found(self.part, turn, (seen[first], seen[last]))
        return found(self.part, None) if changed < self._least_colours else None


def _is_motion(views: Sequence[float], place: range) -> bool:
    """Whether no step in a place is as large as that of a cut, or stands out from those beside it."""
    largest, beside = max(views[number] for number in place), [*views[1 : place[0]], *views[place[-1] + 1 :]]
    return largest < min(CUT_VIEW, STANDS_OUT * max(beside, default=0.0))


def _sudden(steps: Sequence[float], place: range, least: float) -> int | None:
    """The number of the first new frame, if one step in a place is far larger than all others."""
    cut = max(place, key=lambda number: steps[number])
    blended = cut > place[0] and steps[cut - 1] > max(_BLENDED * steps[cut], 2 * steps[cut - 2])
    others = [*steps[1 : cut - blended], *steps[cut + (1 if blended else 2) :]]  # the other half of a blended cut
    return cut - blended if steps[cut] > max(least, STANDS_OUT * max(others, default=0.0)) else None


def leap(looks: Sequence[Look], next_key: tuple[float, Glimpse] | None, excerpts: Excerpts) -> list[ExcerptScan | None]:
    """What the looks at places of one GOP, in order of time, find while hardly anything else of it is decoded.

        K · · · · · · · P b b b P · · ·      the first P is predicted from K, so it shows what K shows
                        ├place┤              the second shows something else only if it is not predicted from the first

    `next_key` is the key frame after the GOP and its time. None where the result is not clear, or anything is damaged.
    """
    times_s, seen = _leapt(looks, excerpts)
    if seen and next_key:
        times_s, seen = [*times_s, next_key[0]], [*seen, next_key[1]]
    frame_s, since, results = excerpts.frame_s(looks[0].part), 0, list[ExcerptScan | None]()
    for look in looks:
        first, after = _edges(times_s, look.place, frame_s) or (-1, since + 1)
        some = slice(since, after + 1)
        results.append(look.judged(times_s[some], seen[some], leapt=True) if first >= since else None)
        since = after - 1
    return results


def leap_beside(steps: StepWatch, look: Look, excerpts: Excerpts) -> ExcerptScan | None:
    """As `leap` for one look, where the steps of the frames that others refer to are known."""
    times_s, seen = _leapt([look], excerpts)
    first, _ = _edges(times_s, look.place, excerpts.frame_s(look.part)) or (None, 0)
    if first is None:
        return None
    return look.judged(times_s[first:], seen[first:], steps.until(look.place.start_s), steps.way(look.place), leapt=True)


def _leapt(looks: Sequence[Look], excerpts: Excerpts) -> tuple[list[float], list[Glimpse]]:
    part, places = looks[0].part, [look.place for look in looks]
    key_s, full = excerpts.key_s(part, places[0].start_s), any(look.full for look in looks)
    frames = excerpts.leaper(part).read(key_s, places, full=full)
    seen = sorted([(frame.time_s, Glimpse.of(frame.small_bgr(GLIMPSE_WIDTH))) for frame in frames], key=lambda each: each[0])
    return [time_s for time_s, _ in seen], [glimpse for _, glimpse in seen]


def _edges(times_s: Sequence[float], place: Span, frame_s: float) -> tuple[int, int] | None:
    """The numbers of the frames with which a place begins and by which it is followed; None if any of them is missing."""
    first, after = bisect_right(times_s, place.start_s + SPAN_S) - 1, bisect_right(times_s, place.end_s + SPAN_S)
    there = 0 <= first < after - 1 and after < len(times_s)
    at_ends = there and times_s[first] > place.start_s - frame_s / 2 and times_s[after - 1] > place.end_s - frame_s
    return (first, after) if at_ends else None


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
