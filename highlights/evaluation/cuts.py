"""Cuts by kind, in frames, as PySceneDetect's benchmark and TransNetV2's evaluation count them.

    true     ──┃────────▒▒▒▒▒▒────────┃──      ┃ hard cut   ▒ dissolve or wipe
    found      ┃    ┃     ┃    ┃      ┃
    counts    right wrong right wrong right

- A found boundary is one frame: the first of the new scene, or the middle of what was seen as a dissolve or wipe.
- **By kind** (PySceneDetect's benchmark, after TRECVID): a boundary inside a dissolve or wipe, widened by the tolerance on both
  sides, belongs to it: the first is right, any further one wrong. All others are paired with hard cuts, nearest first, each
  used once, at most the tolerance apart. So what lies nowhere near anything counts against hard cuts.
- **All kinds** (TransNetV2): one walk over both lists in order; a hard cut is reached from 2 frames away, a dissolve or wipe
  from 2 frames outside of it.
- Nothing true and nothing found is an F1 of 1 here; there it is 0.

Frames follow from times by the frame rate of the recording's part. Spans of dissolves and wipes include their first frame that
is not only the old scene, and not the first that is only the new one.

Source: `benchmark/evaluator.py` of PySceneDetect (BSD-3); `metrics_utils.py` of TransNetV2 (MIT); Smeaton et al., "Video shot
boundary detection: seven years of TRECVid activity", 2010.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from highlights.evaluation.instants import Measure, together
from highlights.evaluation.truth import Truth
from highlights.records import Recording, Timeline

TOLERANCES = (0, 1, 18)
"""In frames: exact, one off, and about as long as a dissolve."""
HARD, ALL = "hard", "all"
KINDS = (HARD, "dissolve", "wipe")
_REACH = 2  # frames, of TransNetV2's walk


@dataclass(frozen=True, slots=True)
class TrueCuts:
    """Hard cuts and, by kind, the first and last frame of each dissolve or wipe, in order."""

    hard: tuple[int, ...]
    gradual: Mapping[str, tuple[tuple[int, int], ...]]


@dataclass(frozen=True, slots=True)
class Cuts:
    """What was found of the cuts, by kind, at each tolerance in frames; `walked` is TransNetV2's measure of all kinds.

    Where dissolves and wipes were not marked, what was said to be one counts neither for nor against, and `walked` is None.

    `named` counts, of the right ones at the largest tolerance, those that were also said to be hard, or to be gradual.
    """

    at: Mapping[int, tuple[Measure, ...]]
    walked: Measure | None
    named: Mapping[str, int]


def hard_cuts_s(timeline: Timeline) -> list[float]:
    """When the hard cuts are that were found."""
    return [scene.span.start_s for scene in timeline.analysis.scenes if scene.transition == "cut"]


def judge(timeline: Timeline, truth: Truth) -> Cuts | None:
    """The cuts of a match; None if hard cuts were not marked."""
    if truth.cuts_s is None:
        return None
    frames = _Frames(timeline.recording)
    marked = truth.graduals is not None
    return compared(_true(truth, frames), _found(timeline, frames, marked), graduals_marked=marked)


def wrong(timeline: Timeline, truth: Truth) -> list[tuple[Literal["missed", "false alarm"], str, float]]:
    """The cuts that were missed, and those that are none, at the largest tolerance: what, kind and time, in order of time.

    The time of a missed dissolve or wipe is its middle.
    """
    if truth.cuts_s is None:
        return []
    frames = _Frames(timeline.recording)
    true, found = _true(truth, frames), _found(timeline, frames, truth.graduals is not None)
    owned = _owners(true, found, TOLERANCES[-1])
    missed = [(HARD, frame) for number, frame in enumerate(true.hard) if number not in owned.hard]
    missed += [
        (kind, (first + last + 1) // 2)
        for kind, spans in true.gradual.items()
        for first, last in spans
        if (first, last, kind) not in owned.gradual
    ]
    false = [(kind, frame) for (frame, _), (kind, right) in zip(found, owned.owners, strict=True) if not right]
    mistakes: list[tuple[Literal["missed", "false alarm"], str, float]] = []
    mistakes += [("missed", kind, frames.time_s(frame)) for kind, frame in missed]
    mistakes += [("false alarm", kind, frames.time_s(frame)) for kind, frame in false]
    return sorted(mistakes, key=lambda one: (one[2], one[1]))


def _true(truth: Truth, frames: _Frames) -> TrueCuts:
    gradual: dict[str, list[tuple[int, int]]] = {kind: [] for kind in KINDS[1:]}
    for one in truth.graduals or ():
        gradual[one.kind].append((frames.at(one.span.start_s), frames.at(one.span.end_s) - 1))
    hard = tuple(sorted(frames.at(time_s) for time_s in truth.cuts_s or ()))
    return TrueCuts(hard, {kind: tuple(sorted(spans)) for kind, spans in gradual.items()})


def _found(timeline: Timeline, frames: _Frames, graduals_marked: bool) -> list[tuple[int, str]]:
    judged = ("cut", "gradual") if graduals_marked else ("cut",)
    begun = [scene for scene in timeline.analysis.scenes if scene.transition in judged]
    return sorted((frames.at(scene.span.start_s), scene.transition) for scene in begun)


def compared(true: TrueCuts, found: Sequence[tuple[int, str]], *, graduals_marked: bool = True) -> Cuts:
    """Found frames, each said to be a `cut` or `gradual`, against the true ones."""
    kinds = KINDS if graduals_marked else KINDS[:1]
    owners = {tolerance: _owners(true, found, tolerance).owners for tolerance in TOLERANCES}
    at = {tolerance: tuple(_measure(kind, true, right, tolerance) for kind in kinds) for tolerance, right in owners.items()}
    said = list(zip(owners[TOLERANCES[-1]], (said for _, said in found), strict=True))
    named = {kind: sum(o == (kind, True) and (said == "cut") == (kind == HARD) for o, said in said) for kind in kinds}
    return Cuts(at, walked(true, [frame for frame, _ in found]) if graduals_marked else None, named)


class _Owned(NamedTuple):
    """For each found boundary the kind that it counts for and whether it is right, and which true ones were found.

    `hard` are indices; each of `gradual` is the first frame, the last one, and the kind.
    """

    owners: list[tuple[str, bool]]
    hard: set[int]
    gradual: set[tuple[int, int, str]]


def _owners(true: TrueCuts, found: Sequence[tuple[int, str]], tolerance: int) -> _Owned:
    spans = sorted((first, last, kind) for kind, all_ in true.gradual.items() for first, last in all_)
    owners: list[tuple[str, bool]] = []
    taken: set[tuple[int, int, str]] = set()
    for frame, _ in found:
        inside = next((one for one in spans if one[0] - tolerance <= frame <= one[1] + tolerance), None)
        owners.append((inside[2], inside not in taken) if inside else (HARD, False))
        taken |= {inside} if inside else set()
    others = [number for number, owner in enumerate(owners) if owner[0] == HARD]
    pairs = _nearest([found[number][0] for number in others], true.hard, tolerance)
    for number in pairs:
        owners[others[number]] = (HARD, True)
    return _Owned(owners, set(pairs.values()), taken)


def _nearest(found: Sequence[int], true: Sequence[int], tolerance: int) -> dict[int, int]:
    """The true frame that each found one is paired with, nearest first, by their indices."""
    near = sorted((abs(a - b), i, j) for i, a in enumerate(found) for j, b in _near(true, a, tolerance))
    pairs: dict[int, int] = {}
    used: set[int] = set()
    for _, i, j in near:
        if i not in pairs and j not in used:
            pairs[i] = j
            used.add(j)
    return pairs


def _near(true: Sequence[int], frame: int, tolerance: int) -> Iterable[tuple[int, int]]:
    first, behind = bisect_left(true, frame - tolerance), bisect_right(true, frame + tolerance)
    return ((j, true[j]) for j in range(first, behind))


def _measure(kind: str, true: TrueCuts, owners: Sequence[tuple[str, bool]], tolerance: int) -> Measure:
    count = len(true.hard) if kind == HARD else len(true.gradual[kind])
    own = [right for owner, right in owners if owner == kind]
    return Measure(kind, count, len(own), sum(own), tolerance)


def walked(true: TrueCuts, found: Sequence[int]) -> Measure:
    """TransNetV2's measure: both lists walked in order, a pair wherever they overlap."""
    # from the last frame of a scene to the first of the next, half a frame wider on each side: 2 frames apart still touch
    wanted = sorted(
        [(at - _REACH, at) for at in true.hard]
        + [(first - _REACH, last + 1) for spans in true.gradual.values() for first, last in spans]
    )
    said = sorted((at - _REACH, at) for at in found)
    i = j = right = 0
    while i < len(wanted) and j < len(said):
        if said[j][1] < wanted[i][0]:
            j += 1
        elif said[j][0] > wanted[i][1]:
            i += 1
        else:
            i, j, right = i + 1, j + 1, right + 1
    return Measure(ALL, len(wanted), len(said), right, _REACH)


def pooled(cuts: Sequence[Cuts]) -> Cuts | None:
    """The cuts of several matches as of one; None without any."""
    if not cuts:
        return None
    kinds = [kind for kind in KINDS if any(kind in one.named for one in cuts)]
    at = {
        tolerance: tuple(together([m for one in cuts for m in one.at[tolerance] if m.kind == kind], kind) for kind in kinds)
        for tolerance in TOLERANCES
    }
    named = {kind: sum(one.named.get(kind, 0) for one in cuts) for kind in kinds}
    walked_ = [one.walked for one in cuts if one.walked]
    return Cuts(at, together(walked_, ALL) if len(walked_) == len(cuts) else None, named)


class _Frames:
    """Times of a recording as numbers of frames, counted through its parts."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._first = [0]
        for part in recording.parts:
            self._first.append(self._first[-1] + round(part.duration_s * part.frame_rate))

    def at(self, time_s: float) -> int:
        number = self._recording.part_at(time_s)
        part = self._recording.parts[number]
        return self._first[number] + round((time_s - part.start_s) * float(part.frame_rate))

    def time_s(self, frame: int) -> float:
        number = min(bisect_right(self._first, frame), len(self._recording.parts)) - 1
        part = self._recording.parts[number]
        return round(part.start_s + (frame - self._first[number]) / float(part.frame_rate), 3)
