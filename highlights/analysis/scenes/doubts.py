"""Where between two key frames a new scene may begin, determined before anything between them is decoded.

    sizes       ▁▁▂▁▁▁▁█▁▁▂▁    a packet far larger than those around it: its frame shows something new  ──► a place
    key frames  A          B    two views with little in common, but no packet stands out                ──► the whole GOP
    both        A    █     B    ... and only one packet stands out, which is also the largest             ──► clear

A cut surprises the encoder too, so its packet is as large as a key frame's. Only slow transitions, or cuts among frames that
all differ (fast play, poor footage), need the whole GOP. A clear cut needs no decoding where its exact frame does not matter:
its packet is that of the first new frame that others refer to, and the one before it is of the old scene.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from itertools import pairwise
from math import inf

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from highlights.analysis.scenes.fingerprint import OTHER_COLOURS, OTHER_VIEW, Glimpse, apart
from highlights.analysis.scenes.steps import widened
from highlights.media.groups import Packets
from highlights.spans import Span, merge

_STANDS_OUT, _STANDS_OUT_MORE = 1.6, 2.0  # times the second largest around, between unlike and between like key frames
_AS_KEY = 0.25  # of the size of the key frame before: true cuts have at least 0.41
_AROUND = 8  # packets on either side
# at a place of which there are so many GOPs, a packet usually stands out by this percentile, if that is so large
_GOPS, _USUAL_PERCENT, _REGULAR = 12, 80, 1.4
_MOST_USUAL = 2.0  # at most: the packet of a cut stands out more
BESIDE_GROUP = (12, 24)  # frames before and after a whole GOP: half of the longest transition and the scene beside it
_SAME_VIEW, _SAME_COLOURS = 8.0, 0.01  # grey levels and shares between two key frames: less is one static camera
_CLEAR_VIEW, _CLEAR_COLOURS = 16.0, 0.015  # between two key frames with one large packet: less was no cut in every second place
_JUMP = 1.5  # times the distance between the key frames before and after: from here a key frame itself may be the cut
_EARLY = 0.9  # of the longest GOP: an earlier key frame was inserted because of its content


@dataclass(frozen=True, slots=True, eq=False)
class Doubt:
    """A GOP in which a new scene may begin: most likely in one of the `places`; if in none of them, anywhere in `whole`."""

    part: int
    group: Span
    places: tuple[Span, ...]
    """Each from a reference frame to the next one, whose packet stands out: the first new frame is after the former."""
    whole: Span | None
    """The GOP with the frames needed around it, if its ends differ."""
    ends: tuple[Glimpse, Glimpse] | None = None
    """Its first key frame and the next one, if there is one."""
    clear: bool = False
    """Whether the only place is a cut, which is certain without decoding."""


class KeyViews:
    """Thumbnails and colours of the key frames of one part, 2 kB each."""

    def __init__(self) -> None:
        self.times_s = array("d")
        self._seen: list[Glimpse] = []

    def add(self, time_s: float, bgr: NDArray[np.uint8]) -> None:
        """Add the next key frame: match time in seconds and a small picture, uint8 `[height, width, 3]`, BGR."""
        self.add_glimpse(time_s, Glimpse.of(bgr))

    def add_glimpse(self, time_s: float, seen: Glimpse) -> None:
        """Add the next frame by its description."""
        self.times_s.append(time_s)
        self._seen.append(seen)

    def changes(self) -> list[tuple[float, float]]:
        """The distance of each key frame from the next, in grey levels and in colours."""
        return [(apart(a.view, b.view), apart(a.colours, b.colours)) for a, b in pairwise(self._seen)]

    def unlike(self) -> list[Span]:
        """From each frame to the next one, where the two are unlike."""
        changes = zip(pairwise(self.times_s), self.changes(), strict=True)
        return merge(Span(*times_s) for times_s, (view, mix) in changes if view > OTHER_VIEW and mix > OTHER_COLOURS)

    def ends(self, number: int) -> tuple[Glimpse, Glimpse] | None:
        """The key frame of this number and the next one; None for the last."""
        return (self._seen[number], self._seen[number + 1]) if number + 1 < len(self._seen) else None


def doubts(part: int, packets: Packets, keys: KeyViews) -> list[Doubt]:
    """The GOPs of one part that may contain more than one scene, in order of time."""
    frame_s = _frame_s(packets)
    longest_s = max((b - a for a, b in pairwise(keys.times_s)), default=0.0)
    standing_out = _standing_out(packets)
    order = np.argsort(packets.times_s, kind="stable")
    times_s, outs, sizes = packets.times_s[order], standing_out[order], packets.sizes[order]
    anchors_s = packets.times_s[packets.times_s >= np.maximum.accumulate(packets.times_s)]
    edges_s = [*keys.times_s, float(times_s[-1]) + frame_s]
    found: list[Doubt] = []
    changes = [*keys.changes(), (inf, 0.0)]
    for number, (start_s, end_s) in enumerate(pairwise(edges_s)):
        if end_s - start_s < frame_s / 2:
            continue  # two key frames at the same instant, which only a broken file has
        view, colour = changes[number]
        inside = slice(np.searchsorted(times_s, start_s + frame_s / 2), np.searchsorted(times_s, end_s - frame_s / 2))
        least = _STANDS_OUT if view > OTHER_VIEW else _STANDS_OUT_MORE
        places = times_s[inside][outs[inside] > least].tolist()
        largest_s = float(times_s[inside][sizes[inside].argmax()]) if inside.start < inside.stop else inf
        like = view < _SAME_VIEW or (colour < _SAME_COLOURS and view <= OTHER_VIEW)
        if like and len(places) == 1:
            places = []  # after a single cut the next key frame would differ
        unlike = inf > view > OTHER_VIEW and colour > OTHER_COLOURS
        beside = [*changes[max(0, number - 1) : number], *changes[number + 1 : number + 2]]
        jump = inf > view > _JUMP * max((other for other, _ in beside if other < inf), default=inf)
        if (unlike and end_s - start_s < _EARLY * longest_s) or (jump and not like and not places):
            places.append(end_s)
        clear = inf > view > _CLEAR_VIEW and colour > _CLEAR_COLOURS and places == [largest_s]
        if places or unlike:
            befores_s = [anchors_s[max(0, np.searchsorted(anchors_s, at_s - frame_s / 2) - 1)] for at_s in places]
            gaps = tuple(Span(min(a, b), b + frame_s / 2) for a, b in zip(befores_s, places, strict=True))
            group = Span(start_s, end_s)
            whole = widened(group, BESIDE_GROUP, frame_s) if unlike else None
            found.append(Doubt(part, group, gaps, whole, keys.ends(number), clear))
    return found


def _frame_s(packets: Packets) -> float:
    return float(np.median(np.diff(np.sort(packets.times_s))))


def _standing_out(packets: Packets) -> NDArray[np.float64]:
    """The size of each packet divided by the second largest around it; 0 for key frames and for small packets."""
    number = np.arange(len(packets.sizes))
    latest_key = np.maximum.accumulate(np.where(packets.keys, number, 0))
    sizes = np.where(packets.keys, 0.0, packets.sizes)
    sizes /= _usual(_to_second(sizes), number - latest_key)
    return np.where(packets.sizes > _AS_KEY * packets.sizes[latest_key], _to_second(sizes), 0.0)


def _to_second(sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """The size of each packet divided by the second largest around it."""
    around = sliding_window_view(np.pad(sizes, _AROUND), 2 * _AROUND + 1).copy()
    around[:, _AROUND] = 0.0
    second = np.partition(around, -2, axis=1)[:, -2]
    return sizes / np.maximum(second, 1.0)


def _usual(ratios: NDArray[np.float64], places: NDArray[np.int64]) -> NDArray[np.float64]:
    """How much each packet stands out because of its place in the GOP: some encoders make every 16th or 50th one large."""
    usual = np.ones(len(ratios))
    for place in range(1, int(places.max(initial=0)) + 1):
        there = places == place
        if there.sum() >= _GOPS and (ratio := np.percentile(ratios[there], _USUAL_PERCENT)) > _REGULAR:
            usual[there] = min(ratio, _MOST_USUAL)
    return usual
