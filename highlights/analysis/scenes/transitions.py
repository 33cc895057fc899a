"""Where one scene turns into the next: hard cuts that a plain detector overlooks, dissolves, wipes, logos.

Four things are measured around each frame on thumbnails of the picture (see `fingerprint`):

- a **cut** is a step that stands out from the steps around it and after which the picture stays another one. Broadcasts that
  were converted between frame rates show one blended frame at each cut; the step is then spread over two frames;
- a **dissolve** is the only thing that makes every pixel go steadily from one value to another: the second difference
  `x[t+k] - 2 x[t] + x[t-k]` is small beside the first one `x[t+k] - x[t-k]`. Whatever moves, camera or players, makes pixels go
  up and down; a cut makes both equal;
- a **wipe** or a fade through black changes every pixel for good: the way from the first to the last picture is not much longer
  than the straight line between them, no single step makes it, and the two sides of it have nothing in common;
- a **logo** that flies over the picture is a detour: for a moment there is a picture far from both sides.

The constants were set on television pictures of soccer and basketball; beside each is what they showed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from highlights.analysis.scenes.fingerprint import COLOURS_SIZE, THUMBNAIL_SIZE, Pictures, Ring, apart

REACH = 24  # frames seen on each side of the judged one: half of the longest transition and the scenes beside it
_SIDE = 6  # frames that stand for the scene before and for the scene after
_LEAST_CHANGE = 12.0  # grey levels, mean over the thumbnail: less is no other view (faintest true one 18)

_CUT_STANDS_OUT = 3.3  # true cuts 3.7 to 27, the strongest others 2.9
_CUT_ABOVE_NEIGHBOURS = 1.3
_JUMP_CHANGE, _JUMP_ABOVE_NEIGHBOURS, _JUMP_VIEW = 9.0, 3.0, 3.0  # a jump within one camera's view keeps the colours
_BLENDED_SHARE = 0.25  # least share of a spread step that each of its two frames makes
_JUMP_STRENGTH = 2.0  # below any cut that changes the colours, above any gradual transition
_LASTING_COLOURS, _LASTING_VIEW = 0.8, 2.0  # true cuts have one of them (least 0.98, 1.54); flashes at most 0.51 and 1.47

_DISSOLVE_HALVES = (2, 3, 4, 6, 9, 12)  # frames
_DISSOLVE_BEND, _DISSOLVE_VIEW = 0.45, 2.4  # second over first difference: true ones 0.12 to 0.28, the best of motion 0.49
_DISSOLVE_BEND_IN_MOTION, _DISSOLVE_VIEW_IN_MOTION, _DISSOLVE_COLOURS_IN_MOTION = 0.62, 1.4, 2.0
_SHORT_HALF = 4  # frames: longer dissolves between moving pictures look like motion

_WIPE_LENGTHS = (8, 12, 16, 24)  # frames
_WIPE_STRAIGHT = 0.5  # wipes and fades through black 0.56 to 1.0, pans at most 0.41
_WIPE_CHANGE = 20.0
_WIPE_COLOURS, _WIPE_VIEW, _WIPE_SPEED = 3.5, 3.0, 1.25
_LOGO_LENGTH = 22  # frames, with the logo in the middle
_LOGO_APART, _LOGO_DETOUR, _LOGO_CHANGE = 20.0, 1.6, 20.0  # change of view times change of colours: fast pans at most 17
_SUDDEN = 1.5  # times the speed of the pictures beside it
_ONE_STEP = 0.45  # share of the whole change that one step of a gradual transition may make


@dataclass(frozen=True, slots=True)
class Transition:
    """One turn of scenes, from frame `first`, the first that is not the old scene alone, to `last`, the first of the new alone.

    A clean cut has both on one frame. The larger the `strength` the plainer: cuts lie above logos, logos above the others.
    """

    first: int
    last: int
    kind: Literal["cut", "gradual"]
    strength: float

    @property
    def boundary(self) -> int:
        """The frame where the new scene begins: the first that shows it, or the middle of a gradual transition."""
        return self.first if self.kind == "cut" else (self.first + self.last) // 2


class TransitionFinder:
    """Judges each frame `REACH` frames after it was seen; frames are counted from 0."""

    def __init__(self) -> None:
        self._length = 2 * REACH + 1
        self._views = Ring(self._length, THUMBNAIL_SIZE)
        self._colours = Ring(self._length, COLOURS_SIZE)
        self._steps = Ring(self._length, 2)
        self._count = 0
        self.found: list[Transition] = []
        self.lasting: set[int] = set()

    def see(self, view: Pictures, colours: Pictures, doubtful: set[int]) -> None:
        """Take the next frame, as thumbnail and colours; frames of `doubtful` that begin a lasting change go to `lasting`."""
        if not self._count:
            for _ in range(self._length):
                self._add(view, colours)
        self._add(view, colours)
        self._count += 1
        self._judge(self._count - 1 - REACH, doubtful)

    def finish(self, doubtful: set[int]) -> None:
        """Judge the last frames; after the last one the picture counts as standing still."""
        if not self._count:
            return
        view, colours = self._views.latest[-1].copy(), self._colours.latest[-1].copy()
        for frame in range(self._count - REACH, self._count):
            self._add(view, colours)
            self._judge(frame, doubtful)

    def _add(self, view: Pictures, colours: Pictures) -> None:
        one, two = (apart(view, self._views.latest[-back]) for back in (1, 2))
        self._views.add(view)
        self._colours.add(colours)
        self._steps.add(np.array([one, two], np.float32))

    def _judge(self, frame: int, doubtful: set[int]) -> None:
        if frame <= 0:
            return
        if frame in doubtful and self._lasts():
            self.lasting.add(frame)
        steps: list[float] = self._steps.latest[:, 0].tolist()
        for transition in (self._cut(frame), self._dissolve(frame, steps), self._wipe(frame, steps), self._logo(frame, steps)):
            if transition:
                self.found.append(transition)

    def _change(self, rows: Pictures, floor: float, middle: int = REACH, gap: int = 1) -> float:
        """How far the scene after lies from the scene before, in units of what changes within the two.

        before ├──────┤ gap ├──────┤ after;  the gap of `gap` frames has `middle` in its middle
        """
        start = middle - gap // 2
        before, after = rows[max(0, start - _SIDE) : start], rows[start + gap : start + gap + _SIDE]
        mean_before, mean_after = before.mean(0), after.mean(0)
        within = np.abs(before - mean_before).mean() + np.abs(after - mean_after).mean()
        return float(np.abs(mean_after - mean_before).mean() / (within + floor))

    def _lasts(self) -> bool:
        around = range(REACH - 1, REACH + 2)
        colours = max(self._change(self._colours.latest, 0.004, middle) for middle in around)
        view = max(self._change(self._views.latest, 1.0, middle) for middle in around)
        return colours >= _LASTING_COLOURS or view >= _LASTING_VIEW

    def _cut(self, frame: int) -> Transition | None:
        """A step at the judged frame, or spread over it and the next, that stands out."""
        steps = self._steps.latest
        if steps[REACH, 0] < _JUMP_CHANGE and steps[REACH + 1, 1] < _LEAST_CHANGE:
            return None  # most frames: neither step below can be large enough
        clean = _Step(steps[REACH, 0], steps[REACH - 4 : REACH, 0], steps[REACH + 1 : REACH + 5, 0])
        spread = _Step(steps[REACH + 1, 1], steps[REACH - 4 : REACH, 1], steps[REACH + 3 : REACH + 7, 1])
        halves = steps[REACH : REACH + 2, 0]
        blended = halves.min() >= _BLENDED_SHARE * spread.size and spread.size > 0.85 * halves.sum()
        step = spread if blended and spread.ratio > clean.ratio else clean
        if step.is_over(_LEAST_CHANGE, _CUT_ABOVE_NEIGHBOURS):
            colours = max(self._change(self._colours.latest, 0.004, middle) for middle in range(REACH - 1, REACH + 2))
            strength = colours * min(4.0, step.ratio)
            if strength >= _CUT_STANDS_OUT:
                return Transition(frame, frame + (step is spread), "cut", strength)
        if clean.is_over(_JUMP_CHANGE, _JUMP_ABOVE_NEIGHBOURS) and self._change(self._views.latest, 1.0) >= _JUMP_VIEW:
            return Transition(frame, frame, "cut", _JUMP_STRENGTH)
        return None

    def _dissolve(self, frame: int, steps: list[float]) -> Transition | None:
        """A steady change with the judged frame in its middle, over the length in which it is fastest beside what is around."""
        views = self._views.latest
        best: tuple[float, float, int] | None = None
        for half in _DISSOLVE_HALVES:
            start, end = REACH - half, REACH + half
            way = steps[start + 1 : end + 1]
            if not _may_be(way, _LEAST_CHANGE):
                continue
            size = apart(views[end], views[start])
            if size < _LEAST_CHANGE or max(way) > _ONE_STEP * size:
                continue
            bend = float(np.abs(views[end] - 2 * views[REACH] + views[start]).mean()) / size
            speed = self._speed(size, start, end)
            if self._dissolves(bend, speed, half) and (best is None or speed > best[0]):
                best = speed, bend, half
        return self._gradual(frame, REACH - best[2], REACH + best[2], 1 - best[1]) if best else None

    def _dissolves(self, bend: float, speed: float, half: int) -> bool:
        """Whether so steady a change is more than motion: it is sudden, or short and the colours change for good."""
        if bend > _DISSOLVE_BEND_IN_MOTION:
            return False
        view = self._change(self._views.latest, 1.0, gap=2 * half + 1)
        if bend <= _DISSOLVE_BEND:
            return speed >= _SUDDEN and view >= _DISSOLVE_VIEW
        if half > _SHORT_HALF or view < _DISSOLVE_VIEW_IN_MOTION:
            return False
        return self._change(self._colours.latest, 0.004, gap=2 * half + 1) >= _DISSOLVE_COLOURS_IN_MOTION

    def _wipe(self, frame: int, steps: list[float]) -> Transition | None:
        """The shortest straight change with the judged frame in its middle, after which another view stays."""
        views = self._views.latest
        for length in _WIPE_LENGTHS:
            start, end = REACH - length // 2, REACH + length // 2
            way = steps[start + 1 : end + 1]
            if not _may_be(way, _WIPE_CHANGE):
                continue
            size = apart(views[end], views[start])
            if size < max(_WIPE_CHANGE, _WIPE_STRAIGHT * sum(way), max(way) / _ONE_STEP):
                continue
            if self._speed(size, start, end) < _WIPE_SPEED:
                continue
            colours = self._change(self._colours.latest, 0.004, gap=length - 1)
            if colours >= _WIPE_COLOURS and self._change(views, 1.0, gap=length - 1) >= _WIPE_VIEW:
                return self._gradual(frame, start, end, size / sum(way) / 2)
        return None

    def _logo(self, frame: int, steps: list[float]) -> Transition | None:
        """A picture that is neither the scene before nor the one after, with the judged frame in its middle."""
        views = self._views.latest
        start, end = REACH - _LOGO_LENGTH // 2, REACH + _LOGO_LENGTH // 2
        way = steps[start + 1 : end + 1]
        if not _may_be(way, 2 * _LOGO_APART):
            return None
        out, back = (apart(views[REACH], views[side]) for side in (start, end))
        size = apart(views[end], views[start])
        if min(out, back) < _LOGO_APART or out + back < _LOGO_DETOUR * size:
            return None
        if max(way) > _ONE_STEP * (out + back) or self._speed(out + back, start, end) < _SUDDEN:
            return None
        view = self._change(views, 1.0, gap=_LOGO_LENGTH - 1)
        colours = self._change(self._colours.latest, 0.004, gap=_LOGO_LENGTH - 1)
        if view < _WIPE_VIEW or view * colours < _LOGO_CHANGE:
            return None
        return Transition(frame - _LOGO_LENGTH // 2 + 1, frame + _LOGO_LENGTH // 2, "gradual", 1 + (out + back) / 1000)

    def _speed(self, way: float, start: int, end: int) -> float:
        """How many times faster `way` is gone from `start` to `end` than the picture goes beside it; a pan keeps its pace."""
        views = self._views.latest
        before = apart(views[start], views[start - _SIDE]) / _SIDE
        after = apart(views[end + _SIDE], views[end]) / _SIDE
        return way / (end - start) / (max(before, after) + 0.1)

    def _gradual(self, frame: int, start: int, end: int, strength: float) -> Transition:
        """The transition through `start..end` (places in the ring), widened as far as the change goes on the same way."""
        views = self._views.latest
        change = views[end] - views[start]
        least = 0.3 * float(change @ change) / (end - start)
        while start > REACH - 13 and (views[start] - views[start - 1]) @ change > least:
            start -= 1
        while end < REACH + 13 and (views[end + 1] - views[end]) @ change > least:
            end += 1
        return Transition(frame + start - REACH + 1, frame + end - REACH, "gradual", strength)


def _may_be(way: list[float], least_change: float) -> bool:
    """Whether steps from picture to picture can add up to such a change, none making too much of it.

    Most frames are refused by this, and it needs no picture: from end to end no picture changes by more than all its steps.
    """
    most = 1.001 * sum(way)
    return most >= least_change and max(way) <= _ONE_STEP * most


class _Step:
    """How far the picture goes at once, beside the steps before and after."""

    def __init__(self, size: np.float32, before: Pictures, after: Pictures) -> None:
        around = np.concatenate([before, after])
        self.size = float(size)
        self.ratio = self.size / float(np.median(around) + 1)
        self._largest_around = float(around.max() + 1)

    def is_over(self, least: float, times: float) -> bool:
        """Whether it is at least `least` grey levels and `times` the largest around it."""
        return self.size >= max(least, times * self._largest_around)
