"""Looks: is there a cut in a place? Seen in the frames that others refer to, or in hardly any, by a leap to the place.

look   K · · · P · · · P · · · P b b b P · · · P
leap   K                       P b b b P       P      see `media/leaps.py`
                               ├place┤
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from math import inf

import numpy as np
from numpy.typing import NDArray

from highlights.analysis.scenes.detect import SEEN, Turn
from highlights.analysis.scenes.fingerprint import Glimpse, apart
from highlights.analysis.scenes.scan import GLIMPSE_WIDTH, SPAN_S, Excerpts, ExcerptScan, found
from highlights.analysis.scenes.steps import CUT_COLOURS, CUT_VIEW, LEAST_COLOURS, STANDS_OUT, Steps, StepWatch, middle_s
from highlights.media.frames import Frame
from highlights.spans import Span

_LOOK_S, _LATER_S = 0.5, 0.2  # before and after a place
_STEP_VIEW = 7.5  # grey levels: true cuts step by at least 9.8, other large packets by at most 5.9
_BLENDED = 0.25  # times the step of a blended cut is the least that the frame before it makes
_NO_STEPS = Steps([0.0], [0.0])
_DETOUR, _LONGER = 1.03, 1.25  # times the direct and the stepwise way through a place: a larger step is wrong, after a leap


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
