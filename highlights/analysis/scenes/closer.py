"""A closer look at what is in doubt between two key frames: every picture around the doubted places, or of the whole group."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass
from itertools import product
from threading import get_ident

from highlights.analysis.scenes.detect import Turn, TurnWatch
from highlights.analysis.scenes.doubts import Doubt
from highlights.analysis.scenes.fingerprint import apart, thumbnail
from highlights.analysis.scenes.replays import ReplayWatch
from highlights.media.excerpts import ExcerptReader
from highlights.media.faults import FaultCounter
from highlights.profile import SceneRules
from highlights.progress import StageProgress
from highlights.records import Recording
from highlights.spans import Span, merge

SMALL_WIDTH = 256  # pixels across for scenes and replays; a cut is as plain as in the full picture

_UNSURE = 6  # frames: what begins gradually so early has nothing before it to be judged by


@dataclass(frozen=True, slots=True)
class Seen:
    """What a closer look showed: the turns, and `steps[i]`, how far the frame at `times_s[i]` lies from the one before it."""

    part: int
    turns: tuple[Turn, ...]
    times_s: array[float]
    steps: array[float]


class Excerpts:
    """Open files for excerpts, one of each part for every thread."""

    def __init__(self, recording: Recording) -> None:
        self.faults = FaultCounter()
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
            self._readers[key] = ExcerptReader(self._recording.parts[part], part, self.faults)
        return self._readers[key]

    def close(self) -> None:
        """Give all files back."""
        for reader in self._readers.values():
            reader.close()


def look_closer(
    recording: Recording,
    doubted: Sequence[Doubt],
    rules: SceneRules,
    excerpts: Excerpts,
    pool: Executor,
    progress: StageProgress,
) -> list[Seen]:
    """Look at the places of all doubts, then at all of each group whose ends differ for no reason found there."""
    places = [(doubt.part, place) for doubt in doubted for place in doubt.places]
    seen: list[Seen] = []
    for each in pool.map(lambda place: _look(place[0], place[1], rules, excerpts), places):
        seen.append(each)
        progress(len(seen) / len(places) / 2)  # the groups are about as much again
    turns_s = [(part, turn.time_s) for (part, _), each in zip(places, seen, strict=True) for turn in each.turns]
    unexplained = [
        doubt
        for doubt in doubted
        if doubt.whole and not any(p == doubt.part and doubt.group.start_s < t <= doubt.group.end_s for p, t in turns_s)
    ]
    groups = [
        (number, span)
        for number in range(len(recording.parts))
        for span in merge(doubt.whole for doubt in unexplained if doubt.whole and doubt.part == number)
    ]
    for number, each in enumerate(pool.map(lambda group: _look(group[0], group[1], rules, excerpts), groups), 1):
        seen.append(each)
        progress(0.5 + number / len(groups) / 2)
    return sorted(seen, key=lambda each: each.times_s[:1])


def see_again(recording: Recording, spans: Iterable[Span], replays: ReplayWatch) -> None:
    """Have the pictures of these spans, which ascend, compared with those before them."""
    with closing(Excerpts(recording)) as excerpts:
        for span, (number, part) in product(spans, enumerate(recording.parts)):
            start_s, end_s = max(span.start_s, part.start_s), min(span.end_s, part.start_s + part.duration_s)
            for frame in excerpts.of(number).read(start_s, end_s, thin=True) if start_s < end_s else ():
                replays.see_again(frame.time_s, frame.small_bgr(SMALL_WIDTH))


def _look(part: int, span: Span, rules: SceneRules, excerpts: Excerpts) -> Seen:
    watch, before = TurnWatch(rules), None
    times_s, steps = array("d"), array("f")
    for frame in excerpts.of(part).read(span.start_s, span.end_s):
        small = frame.small_bgr(SMALL_WIDTH)
        view = thumbnail(small)
        watch.see(frame.time_s, small, view)
        if before is not None:
            times_s.append(frame.time_s)
            steps.append(apart(view, before))
        before = view
    known_s = times_s[min(_UNSURE, len(times_s) - 1)] if times_s else span.start_s
    turns = tuple(turn for turn in watch.turns() if turn.kind == "cut" or turn.since_s >= known_s)
    return Seen(part, turns, times_s, steps)
