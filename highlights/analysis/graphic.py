"""Finds the score graphic by itself: the text that stays put while the picture changes, and that counts.

    sampled pictures ──► lines of text ──► places that recur ──► neighbours joined ──► second look ──► rows to read

A few pictures spread over the recording are enough, because only the place is learned here; what it says is read later,
row by row (`scoreboard.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from highlights.analysis.ocr import TextBox, find_text, read_lines
from highlights.analysis.score_text import Row, counts_something, row_of
from highlights.records import Box

Picture = NDArray[np.uint8]

RECURS_SHARE = 0.2  # of the sampled pictures; graphics are hidden in replays, breaks and studio talk
MAX_GRAPHICS = 4  # candidates worth a second look, most recurrent first
LOOKS = 6  # pictures that a candidate is looked at again in
SAME_ROW = 0.5  # vertical overlap, as a share of the lower height


@dataclass(frozen=True, slots=True)
class Graphic:
    """A score graphic's place: one box a row of text, in pixels of the sampled pictures, top to bottom."""

    rows: tuple[Box, ...]
    support: int
    """In how many of the sampled pictures it was seen."""


def find_graphics(pictures: Sequence[Picture]) -> list[Graphic]:
    """The places where a score is shown, best supported first; empty if there is none.

    Args:
        pictures: uint8 [height, width, 3], BGR, all of one size, spread over the recording.
    """
    if len(pictures) < 2:
        return []
    places = _recurring([find_text(picture) for picture in pictures], max(2, round(RECURS_SHARE * len(pictures))))
    groups = sorted(_neighbours(places), key=lambda group: -max(len(p.seen) for p in group))
    graphics = []
    for group in groups[:MAX_GRAPHICS]:
        seen = sorted(set().union(*(p.seen for p in group)))
        rows = _second_look([pictures[i] for i in _spread(seen, LOOKS)], _hull([p.box for p in group]))
        readable = sum(counts_something(read_rows(pictures[i], rows)) for i in _spread(seen, LOOKS))
        if rows and 2 * readable > min(len(seen), LOOKS):
            graphics.append(Graphic(rows, len(seen)))
    return graphics


def read_rows(picture: Picture, rows: Sequence[Box]) -> list[Row]:
    """What the rows of a graphic say in one picture (uint8 [height, width, 3], BGR)."""
    lines = read_lines([picture[b.y0 : b.y1, b.x0 : b.x1] for b in rows])
    return [row_of(glyphs, box) for glyphs, box in zip(lines, rows, strict=True)]


@dataclass(slots=True)
class _Place:
    """A place where text was found, and in which pictures."""

    box: Box
    seen: set[int]


def _recurring(texts: Sequence[Sequence[TextBox]], at_least: int) -> list[_Place]:
    places: list[_Place] = []
    for index, found in enumerate(texts):
        for line in found:
            place = next((p for p in places if _same_place(p.box, line.box)), None)
            if place is None:
                places.append(_Place(line.box, {index}))
            else:
                place.seen.add(index)
                if line.box.x1 - line.box.x0 > place.box.x1 - place.box.x0:
                    place.box = line.box
    return [p for p in places if len(p.seen) >= at_least]


def _same_place(a: Box, b: Box) -> bool:
    """Same line and at least one end in common: a graphic's text is anchored at one side and grows at the other."""
    height = min(a.y1 - a.y0, b.y1 - b.y0)
    if max(a.y1 - a.y0, b.y1 - b.y0) > 1.6 * height or _shared(a.y0, a.y1, b.y0, b.y1) < 0.7 * height:
        return False
    return min(abs(a.x0 - b.x0), abs(a.x1 - b.x1)) < 0.5 * height and _shared(a.x0, a.x1, b.x0, b.x1) > 0


def _neighbours(places: Sequence[_Place]) -> list[list[_Place]]:
    """Places that belong to one graphic: beside each other in a row, or stacked."""
    groups: list[list[_Place]] = []
    for place in places:
        near = [g for g in groups if any(_adjacent(place.box, other.box) for other in g)]
        groups = [g for g in groups if g not in near] + [[place, *(p for g in near for p in g)]]
    return groups


def _adjacent(a: Box, b: Box) -> bool:
    height = min(a.y1 - a.y0, b.y1 - b.y0)
    across = -_shared(a.x0, a.x1, b.x0, b.x1)
    down = -_shared(a.y0, a.y1, b.y0, b.y1)
    beside = down < -SAME_ROW * height and across < 5 * height
    stacked = down < 1.0 * height and across < 2 * height
    return beside or stacked


def _shared(a0: int, a1: int, b0: int, b1: int) -> int:
    """Pixels that two stretches share; the gap between them as a negative number."""
    return min(a1, b1) - max(a0, b0)


def _hull(boxes: Sequence[Box]) -> Box:
    return Box(min(b.x0 for b in boxes), min(b.y0 for b in boxes), max(b.x1 for b in boxes), max(b.y1 for b in boxes))


def _spread(indices: Sequence[int], count: int) -> list[int]:
    """At most `count` of the indices, evenly."""
    if len(indices) <= count:
        return list(indices)
    return [indices[round(i * (len(indices) - 1) / (count - 1))] for i in range(count)]


def _second_look(pictures: Sequence[Picture], around: Box) -> tuple[Box, ...]:
    """The rows of text near `around`: lone digits are found in a close-up that a whole picture hides.

    Kept is what recurs in the close-ups or touches the plate, the still ground that a graphic is drawn on.
    """
    height, width = pictures[0].shape[:2]
    line = max(8, min(around.y1 - around.y0, height // 12))
    view = Box(
        max(0, around.x0 - 4 * line), max(0, around.y0 - 2 * line), min(width, around.x1 + 4 * line), min(height, around.y1 + 2 * line)
    )
    views = [p[view.y0 : view.y1, view.x0 : view.x1] for p in pictures]
    places = _recurring([find_text(v) for v in views], max(2, (len(views) + 1) // 2))
    inner = Box(around.x0 - view.x0, around.y0 - view.y0, around.x1 - view.x0, around.y1 - view.y0)
    groups = _neighbours(places)
    group = max(groups, key=lambda g: sum(_overlaps(p.box, inner) * len(p.seen) for p in g), default=[])
    return tuple(
        _shift(row, view.x0, view.y0, width, height) for row in _rows([p.box for p in group], _still_columns(views))
    )


def _overlaps(a: Box, b: Box) -> bool:
    return _shared(a.x0, a.x1, b.x0, b.x1) > 0 and _shared(a.y0, a.y1, b.y0, b.y1) > 0


def _rows(boxes: Sequence[Box], still: NDArray[np.bool_]) -> list[Box]:
    """Boxes joined to rows, with a margin, and widened by at most a digit over the graphic's own still ground."""
    rows: list[list[Box]] = []
    for box in sorted(boxes, key=lambda b: (b.y0 + b.y1, b.x0)):
        row = next((r for r in rows if _same_row(_middle_line(r), box)), None)
        if row is None:
            rows.append([box])
        else:
            row.append(box)
    return [_widened(_middle_line(row), still) for row in rows]


def _middle_line(row: Sequence[Box]) -> Box:
    """A row's box: as wide as all of it, as high as its middle member (one tall neighbour must not spoil the others)."""
    hull = _hull(row)
    return Box(hull.x0, int(np.median([b.y0 for b in row])), hull.x1, int(np.median([b.y1 for b in row])))


def _same_row(a: Box, b: Box) -> bool:
    return _shared(a.y0, a.y1, b.y0, b.y1) > SAME_ROW * min(a.y1 - a.y0, b.y1 - b.y0)


def _still_columns(views: Sequence[Picture]) -> NDArray[np.bool_]:
    """Which pixels keep their brightness over the views: bool [height, width]."""
    grey = np.stack([v.mean(axis=2) for v in views])
    return np.asarray(np.median(np.abs(grey - np.median(grey, axis=0)), axis=0) < 6)


def _widened(row: Box, still: NDArray[np.bool_]) -> Box:
    height = row.y1 - row.y0
    share = still[max(0, row.y0) : row.y1].mean(axis=0)
    x0, x1, limit = row.x0, row.x1, height
    while x0 > 0 and row.x0 - x0 < limit and share[x0 - 1] > 0.8:
        x0 -= 1
    while x1 < len(share) and x1 - row.x1 < limit and share[x1] > 0.8:
        x1 += 1
    margin = max(1, height // 10)
    return Box(x0 - margin, row.y0 - margin, x1 + margin, row.y1 + margin)


def _shift(box: Box, dx: int, dy: int, width: int, height: int) -> Box:
    return Box(max(0, box.x0 + dx), max(0, box.y0 + dy), min(width, box.x1 + dx), min(height, box.y1 + dy))
