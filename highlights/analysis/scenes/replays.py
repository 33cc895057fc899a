"""Replays, recognised by what a broadcast does around and in them.

Signs of a scene, each a weight in log-odds; a scene is a replay when they add up to more than `_DOUBT`:

- the **score graphic** is hidden for exactly the length of these scenes, while it is visible for most of the match;
- a dissolve, wipe or logo at **both ends**: live footage is cut hard;
- a **logo of the match** at both ends, which comes at other places too (see `logos`);
- the frames **repeat** earlier ones in slow motion (see `repeats`), or many frames are shown twice;
- it **leads** through a dissolve into a replay and moves as much as that one: replays come in rows.

Scenes joined by hard cuts are one replay; a dissolve between two scenes separates two replays.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from highlights.analysis.scenes.fingerprint import THUMBNAIL_SIZE, View, apart, thumbnail
from highlights.analysis.scenes.repeats import RepeatFinder
from highlights.records import Replay, Scene
from highlights.spans import Span, gaps

_DOUBT = 2.0  # prior: most scenes are live
_GRAPHIC_AWAY, _GRAPHIC_THERE = 3.5, -2.5
_BOTH_ENDS, _ONE_END = 2.6, 0.8
_SLOW_REPEAT, _FRAMES_TWICE = 3.5, 1.1
_LEADS_IN = 1.6
_LOGO_BOTH_ENDS, _LOGO_ONE_END = 4.0, 1.2  # it hardly comes anywhere else; with both ends also dissolved, still one sign

_LENGTH_S = (1.5, 30.0)  # of one scene
_ROW_S, _ROW_SCENES = 20.0, 3  # at most, between two wipes
_LOGO_ROW_S = (2.0, 45.0)  # from logo to logo: all angles of one incident; play between two replays is mostly longer
_LOGO_EDGE_S = 1.2  # how far from the logo's middle the scene may begin or end: a logo flies for a second or two
_LEAD_S = (4.0, 20.0)
_LIKE_MOTION = 1.6  # largest ratio of two motions taken as alike
_AWAY_S = (2.5, 60.0)
_AWAY_EDGE_S = 0.5  # how much later than the scene the graphic may disappear, or earlier come back
_AWAY_REST_S = 2.5  # of the time without the graphic, the most that scenes may leave unfilled
_GRAPHIC_SHARE = 0.5  # of the match: a graphic visible for less is no sign
_TWICE_SHARE, _TWICE_STEP, _TWICE_LEAST_MOTION = (0.3, 0.85), 0.1, 1.0


class ReplayWatch:
    """Finds the replays from all frames, added once and in order. Stores 12 bytes per frame."""

    def __init__(self) -> None:
        self._repeats = RepeatFinder()
        self._times, self._steps = array("d"), array("f")
        self._last = np.zeros(THUMBNAIL_SIZE, np.uint8)
        self._part = -1

    def add(self, time_s: float, bgr: NDArray[np.uint8], part: int, view: View | None = None) -> None:
        """Add the next frame: match time in seconds and a small picture, uint8 `[height, width, 3]`, BGR.

        `view` is its thumbnail, if available.
        """
        view = thumbnail(bgr) if view is None else view
        if part != self._part:
            self._part, self._last = part, view
        self._times.append(time_s)
        self._steps.append(apart(view, self._last))
        self._last = view
        self._repeats.add(time_s, bgr)

    def compare(self, time_s: float, bgr: NDArray[np.uint8]) -> None:
        """Compare a frame with those before it and do nothing else."""
        self._repeats.add(time_s, bgr)

    def add_steps(self, times_s: Sequence[float], steps: Sequence[float]) -> None:
        """Add the distances of some frames from the one right before each; frames already added are skipped."""
        first = bisect_right(times_s, self._times[-1]) if self._times else 0
        self._times.extend(times_s[first:])
        self._steps.extend(steps[first:])

    def result(
        self,
        scenes: Sequence[Scene],
        scoreboard_visible: Sequence[Span],
        duration_s: float,
        logos_s: Sequence[float] = (),
    ) -> tuple[Replay, ...]:
        """The replays in order; each starts and ends with a scene.

        `scoreboard_visible` is when the score graphic was on screen; empty if the match has none. `logos_s` are the times of
        the logo that opens and closes replays, in order.
        """
        signs = [_Signs(scene) for scene in scenes]
        _note_ends(signs)
        _note_logos(signs, logos_s)
        _note_graphic(signs, scoreboard_visible, duration_s)
        for sign in signs:
            if sign.log_odds > -math.inf:  # every frame of a scene is compared with every other: an hour does not fit in memory
                self._note_slow_motion(sign)
        for sign, following in pairwise(signs):
            self._note_lead(sign, following)
        return tuple(_joined([sign for sign in signs if sign.log_odds > 0]))

    def _note_slow_motion(self, sign: _Signs) -> None:
        speed = self._repeats.speed(sign.span)
        if speed is not None:
            sign.add(_SLOW_REPEAT, f"repeats earlier pictures at {speed:.1f} of their speed")
        steps = self._motion(sign.span)
        moving = float(np.percentile(steps, 80)) if len(steps) else 0.0
        twice = float((steps < _TWICE_STEP * moving).mean()) if moving >= _TWICE_LEAST_MOTION else 0.0
        if _TWICE_SHARE[0] <= twice <= _TWICE_SHARE[1]:
            sign.add(_FRAMES_TWICE, "frames are shown twice")

    def _note_lead(self, sign: _Signs, following: _Signs) -> None:
        if sign.log_odds > 0 or following.log_odds <= 0 or following.scene.transition != "gradual":
            return
        if sign.scene.transition != "cut" or not _LEAD_S[0] <= sign.span.length_s <= _LEAD_S[1]:
            return
        motion, other = (float(np.median(self._motion(each.span))) for each in (sign, following))
        if max(motion, other) <= _LIKE_MOTION * min(motion, other):
            sign.add(_LEADS_IN, "leads into a replay")

    def _motion(self, span: Span) -> NDArray[np.float32]:
        """Mean change of the thumbnail from frame to frame in grey levels, one per frame, without the cut itself."""
        first, last = bisect_left(self._times, span.start_s) + 1, bisect_left(self._times, span.end_s)
        return np.array(self._steps[first:last], np.float32)


class _Signs:
    """The evidence for one scene being a replay."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.span = scene.span
        self.log_odds = -_DOUBT
        self.because: list[str] = []
        if not _LENGTH_S[0] <= scene.span.length_s <= _LENGTH_S[1]:
            self.log_odds = -math.inf

    def add(self, log_odds: float, because: str = "") -> None:
        """Add one sign."""
        self.log_odds += log_odds
        if because:
            self.because.append(because)


def _note_ends(signs: list[_Signs]) -> None:
    """Count dissolves and wipes: both ends of a short row of scenes, or one end of a scene."""
    wiped = [number for number, sign in enumerate(signs) if sign.scene.transition == "gradual"]
    rows: set[int] = set()
    for first, last in pairwise(wiped):
        long_s = signs[last].span.start_s - signs[first].span.start_s
        if last - first <= _ROW_SCENES and long_s <= _ROW_S and signs[first].scene.part == signs[last].scene.part:
            rows.update(range(first, last))
    for number, sign in enumerate(signs):
        if number in rows:
            sign.add(_BOTH_ENDS, "a dissolve or wipe at both ends")
        elif number in wiped or number + 1 in wiped:
            sign.add(_ONE_END, "a dissolve or wipe at one end")


def _note_logos(signs: list[_Signs], logos_s: Sequence[float]) -> None:
    """Count the logo of the match: at both ends of a row of scenes, or at one end of a scene.

    Which logo opens and which closes cannot be seen, so the shortest way from one to the next is a replay first.
    """
    taken: set[float] = set()
    for start_s, end_s in sorted(pairwise(logos_s), key=lambda pair: pair[1] - pair[0]):
        if taken & {start_s, end_s} or not _LOGO_ROW_S[0] <= end_s - start_s <= _LOGO_ROW_S[1]:
            continue
        taken |= {start_s, end_s}
        for sign in signs:
            if start_s - _LOGO_EDGE_S <= sign.span.start_s and sign.span.end_s <= end_s + _LOGO_EDGE_S:
                sign.add(_LOGO_BOTH_ENDS, "this match's replay logo at both ends")
    for sign in signs:
        ends_s = (sign.span.start_s, sign.span.end_s)
        if any(abs(end_s - logo_s) <= _LOGO_EDGE_S for end_s in ends_s for logo_s in logos_s if logo_s not in taken):
            sign.add(_LOGO_ONE_END, "this match's replay logo at one end")


def _note_graphic(signs: list[_Signs], visible: Sequence[Span], duration_s: float) -> None:
    """Count a score graphic that is hidden for the scene, or visible during most of it."""
    if sum(span.length_s for span in visible) < _GRAPHIC_SHARE * duration_s:
        return
    for hidden in gaps(visible, Span(visible[0].start_s, visible[-1].end_s)):
        under = [sign for sign in signs if _inside(sign.span, hidden)]
        filled_s = sum(sign.span.length_s for sign in under)
        if _AWAY_S[0] <= hidden.length_s <= _AWAY_S[1] and hidden.length_s - filled_s <= _AWAY_REST_S:
            for sign in under:
                sign.add(_GRAPHIC_AWAY, "the score graphic is away")
    for sign in signs:
        if sum(sign.span.overlap_s(span) for span in visible) > 0.5 * sign.span.length_s:
            sign.add(_GRAPHIC_THERE)


def _inside(span: Span, outer: Span) -> bool:
    return span.start_s >= outer.start_s - _AWAY_EDGE_S and span.end_s <= outer.end_s + _AWAY_EDGE_S


def _joined(signs: list[_Signs]) -> list[Replay]:
    """One replay for each row of scenes joined by hard cuts."""
    rows: list[list[_Signs]] = []
    for sign in signs:
        if rows and sign.scene.transition == "cut" and rows[-1][-1].span.end_s == sign.span.start_s:
            rows[-1].append(sign)
        else:
            rows.append([sign])
    return [_replay(row) for row in rows]


def _replay(row: list[_Signs]) -> Replay:
    log_odds = max(sign.log_odds for sign in row)
    because = dict.fromkeys(reason for sign in row for reason in sign.because)
    confidence = round(1 / (1 + math.exp(-log_odds)), 2)
    return Replay(Span(row[0].span.start_s, row[-1].span.end_s), confidence, ", ".join(because))
