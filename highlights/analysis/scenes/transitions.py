"""Where one scene turns into the next: hard cuts that a simple detector misses, dissolves, wipes, logos.

Four things are measured around each frame on thumbnails (see `fingerprint`):

- a **cut** is a step that stands out from the steps around it and after which the picture stays different. Broadcasts that were
  converted between frame rates have a blended frame at each cut; the step is then spread over two frames;
- only a **dissolve** makes every pixel go steadily from one value to another: the second difference
  `x[t+k] - 2 x[t] + x[t-k]` is small compared with the first difference `x[t+k] - x[t-k]`. Motion, of the camera or of players,
  makes pixels go up and down; at a cut the two are equal;
- a **wipe** or a fade through black changes every pixel permanently: the path from the first to the last frame is not much
  longer than the straight line between them, no single step makes most of it, and its two sides have nothing in common;
- a **logo** that flies across the picture is a detour: for a moment the picture is far from both sides.

The constants were set on television footage of soccer and basketball; the measured values stand beside each.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from highlights.analysis.scenes.fingerprint import COLOURS_SIZE, THUMBNAIL_SIZE, Glimpse, Pictures, Ring, apart
from highlights.analysis.scenes.logos import Look, foreign_look

REACH = 24  # frames needed on each side of the judged one: half of the longest transition and the scenes beside it
_SIDE = 6  # frames that represent the scene before and the scene after
_LEAST_CHANGE = 12.0  # grey levels, mean over the thumbnail: less is the same view (the faintest true change has 18)

_CUT_STANDS_OUT = 3.3  # true cuts 3.7 to 27, the strongest others 2.9
_CUT_ABOVE_NEIGHBOURS = 1.3
_JUMP_CHANGE, _JUMP_ABOVE_NEIGHBOURS, _JUMP_VIEW = 9.0, 3.0, 3.0  # a jump within one camera's view keeps the colours
_BLENDED_SHARE = 0.25  # least share of a spread step that each of its two frames makes
_JUMP_STRENGTH = 2.0  # below any cut that changes the colours, above any gradual transition
_LASTING_COLOURS, _LASTING_VIEW = 0.8, 2.0  # true cuts reach one of them (at least 0.98, 1.54); flashes at most 0.51 and 1.47

_DISSOLVE_HALVES = (2, 3, 4, 6, 9, 12)  # frames
_DISSOLVE_BEND, _DISSOLVE_VIEW = 0.45, 2.4  # second over first difference: dissolves 0.12 to 0.28, motion at least 0.49
_DISSOLVE_BEND_IN_MOTION, _DISSOLVE_VIEW_IN_MOTION, _DISSOLVE_COLOURS_IN_MOTION = 0.62, 1.4, 2.0
_SHORT_HALF = 4  # frames: longer dissolves between moving pictures look like motion

_WIPE_LENGTHS = (8, 12, 16, 24)  # frames
_WIPE_STRAIGHT = 0.5  # wipes and fades through black 0.56 to 1.0, pans at most 0.41
_WIPE_CHANGE = 20.0
_WIPE_COLOURS, _WIPE_VIEW, _WIPE_SPEED = 3.5, 3.0, 1.25
_LOGO_LENGTH = 22  # frames, with the logo in the middle
_LOGO_APART, _LOGO_DETOUR, _LOGO_CHANGE = 20.0, 1.6, 20.0  # change of view times change of colours: fast pans at most 17
_SUDDEN = 1.5  # times the speed of change beside it
_ONE_STEP = 0.45  # largest share of the whole change in one step of a gradual transition


@dataclass(frozen=True, slots=True)
class Transition:
    """From frame `first`, the first that is not only the old scene, to `last`, the first that is only the new one.

    For a clean cut both are the same frame. The larger the `strength`, the clearer: cuts rank above logos, logos above others.
    """

    first: int
    last: int
    kind: Literal["cut", "gradual"]
    strength: float
    look: Look | None = None
    """What it shows, if a `TransitionFinder` saw something foreign to both scenes in it."""

    @property
    def boundary(self) -> int:
        """The frame at which the new scene begins: the first that shows it, or the middle of a gradual transition."""
        return self.first if self.kind == "cut" else (self.first + self.last) // 2


class TransitionFinder:
    """Judges each frame once `REACH` more have been added; frames are counted from 0."""

    def __init__(self) -> None:
        self._length = 2 * REACH + 1
        self._views = Ring(self._length, THUMBNAIL_SIZE)
        self._colours = Ring(self._length, COLOURS_SIZE)
        self._steps = Ring(self._length, 2)
        self._count = 0
        self.found: list[Transition] = []
        self.lasting: set[int] = set()

    def add(self, seen: Glimpse, doubtful: set[int]) -> None:
        """Add the next frame; frames of `doubtful` that begin a lasting change go to `lasting`."""
        view = seen.view.astype(np.float32)
        if not self._count:
            for _ in range(self._length):
                self._append(view, seen.colours)
        self._append(view, seen.colours)
        self._count += 1
        self._judge(self._count - 1 - REACH, doubtful)

    def finish(self, doubtful: set[int]) -> None:
        """Judge the last frames, as if the last one were repeated."""
        if not self._count:
            return
        view, colours = self._views.latest[-1].copy(), self._colours.latest[-1].copy()
        for frame in range(self._count - REACH, self._count):
            self._append(view, colours)
            self._judge(frame, doubtful)

    def _append(self, view: Pictures, colours: Pictures) -> None:
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
                self.found.append(replace(transition, look=foreign_look(self._views.latest, REACH)))

    def _change(self, rows: Pictures, floor: float, middle: int = REACH, gap: int = 1) -> float:
        """The distance between the scene before and the scene after, in units of the change within the two.

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
            return None  # as for most frames: neither step below can be large enough
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
        """A steady change centred on the judged frame, over the length at which it is fastest compared with what is around."""
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
        """Whether a change this steady is more than motion: sudden, or short with a permanent change of colours."""
        if bend > _DISSOLVE_BEND_IN_MOTION:
            return False
        view = self._change(self._views.latest, 1.0, gap=2 * half + 1)
        if bend <= _DISSOLVE_BEND:
            return speed >= _SUDDEN and view >= _DISSOLVE_VIEW
        if half > _SHORT_HALF or view < _DISSOLVE_VIEW_IN_MOTION:
            return False
        return self._change(self._colours.latest, 0.004, gap=2 * half + 1) >= _DISSOLVE_COLOURS_IN_MOTION

    def _wipe(self, frame: int, steps: list[float]) -> Transition | None:
        """The shortest straight change centred on the judged frame that leads to a lasting new view."""
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
        """A picture, centred on the judged frame, that is neither the scene before nor the one after."""
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
        """The speed of the change `way` from `start` to `end` divided by the speed beside it; a pan keeps its pace."""
        views = self._views.latest
        before = apart(views[start], views[start - _SIDE]) / _SIDE
        after = apart(views[end + _SIDE], views[end]) / _SIDE
        return way / (end - start) / (max(before, after) + 0.1)

    def _gradual(self, frame: int, start: int, end: int, strength: float) -> Transition:
        """The transition through `start..end` (indices in the ring), widened as far as the change continues the same way."""
        views = self._views.latest
        change = views[end] - views[start]
        least = 0.3 * float(change @ change) / (end - start)
        while start > REACH - 13 and (views[start] - views[start - 1]) @ change > least:
            start -= 1
        while end < REACH + 13 and (views[end + 1] - views[end]) @ change > least:
            end += 1
        return Transition(frame + start - REACH + 1, frame + end - REACH, "gradual", strength)


def _may_be(way: list[float], least_change: float) -> bool:
    """Whether steps from frame to frame can add up to such a change, with none making too much of it.

    Rejects most frames without comparing them: from end to end a picture cannot change by more than the sum of its steps.
    """
    most = 1.001 * sum(way)
    return most >= least_change and max(way) <= _ONE_STEP * most


class _Step:
    """How much the picture changes at once, compared with the steps before and after."""

    def __init__(self, size: np.float32, before: Pictures, after: Pictures) -> None:
        around = np.concatenate([before, after])
        self.size = float(size)
        self.ratio = self.size / float(np.median(around) + 1)
        self._largest_around = float(around.max() + 1)

    def is_over(self, least: float, times: float) -> bool:
        """Whether it is at least `least` grey levels and `times` the largest around it."""
        return self.size >= max(least, times * self._largest_around)
