"""Lines of text found in a close-up → the rows of the graphic, each as one strip to read.

    found       [ARS]   [CHE 2]          rows     [ ARS  1 | CHE 2 ]
                [12:40]                           [12:40  ]

A row reaches as far as the plate does, the still ground that a graphic is drawn on, so that a digit that was not found is
read all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from highlights.records import Box

SAME_ROW = 0.5  # vertical overlap, as a share of the lower height
SAME_SIZE = 1.9  # a box higher than this many times its neighbour is another row: a large score beside two small lines
COVERED = 0.7  # share of a row's height that a box beside it reaches over
REACH = 3.0  # heights that a row is widened at most beyond what was found in the whole graphic
PLATE = 0.8  # share of a column that must keep still
GAP = 0.35  # heights without ink between two cells
ROOM = 0.6  # heights
INK_LEVELS = 30  # of 255 between ink and ground
BRIDGE = 0.8  # heights of a moving digit on the plate


def join_rows(boxes: Sequence[Box], still: NDArray[np.bool_]) -> list[Box]:
    """The strips to read, top to bottom.

    Args:
        boxes: Lines and pieces of lines of one graphic.
        still: bool [height, width], which pixels keep their brightness.
    """
    rows: list[list[Box]] = []
    for box in sorted(boxes, key=lambda b: (b.y0 + b.y1, b.x0)):
        row = next((r for r in rows if _same_row(r, box)), None)
        if row is None:
            rows.append([box])
        else:
            row.append(box)
    strips = _apart([_strip(row) for row in rows])
    left, right = min((b.x0 for b in strips), default=0), max((b.x1 for b in strips), default=0)
    return [_widened(strip, [s for s in strips if s is not strip], (left, right), still) for strip in strips]


def columns_of(boxes: Sequence[Box]) -> dict[Box, list[Box]]:
    """Boxes as high as several rows beside them, with what they would be cut to if they are digits above each other."""
    cut = {}
    for tall in boxes:
        beside = [b for b in boxes if SAME_SIZE * (b.y1 - b.y0) < tall.y1 - tall.y0]
        beside = [b for b in beside if _shared(b.y0, b.y1, tall.y0, tall.y1) > COVERED * (b.y1 - b.y0)]
        if any(_shared(a.y0, a.y1, b.y0, b.y1) < 0.3 * (a.y1 - a.y0) for a in beside for b in beside):
            cut[tall] = [Box(tall.x0, b.y0, tall.x1, b.y1) for b in beside]
    return cut


def cut_row(row: Box, pictures: Sequence[NDArray[np.uint8]]) -> list[Box]:
    """A row cut at its wide gaps, where no picture (uint8 [height, width, 3]) has ink; each cell has room for another digit."""
    height = row.y1 - row.y0
    inner, room = round(0.2 * height), round(ROOM * height)
    strips = [p[row.y0 + inner : row.y1 - inner, row.x0 : row.x1].mean(axis=2) for p in pictures]
    inked = row.x0 + np.flatnonzero(np.median([np.ptp(s, axis=0) for s in strips], axis=0) > INK_LEVELS)
    gaps = [(int(a), int(b)) for a, b in pairwise(inked) if b - a > GAP * height]
    starts = [row.x0, *(max(b - room, (a + b) // 2) for a, b in gaps)]
    ends = [*(min(a + room, (a + b) // 2) for a, b in gaps), row.x1]
    return [Box(x0, row.y0, x1, row.y1) for x0, x1 in zip(starts, ends, strict=True)]


def _same_row(row: Sequence[Box], box: Box) -> bool:
    strip = _strip(row)
    low, high = sorted((strip.y1 - strip.y0, box.y1 - box.y0))
    return _shared(strip.y0, strip.y1, box.y0, box.y1) > SAME_ROW * low and high < SAME_SIZE * low


def _strip(row: Sequence[Box]) -> Box:
    """As wide as all of a row and as high as its members of usual height."""
    usual = float(np.median([b.y1 - b.y0 for b in row]))
    fair = [b for b in row if b.y1 - b.y0 < SAME_SIZE * usual]
    return Box(min(b.x0 for b in row), min(b.y0 for b in fair), max(b.x1 for b in row), max(b.y1 for b in fair))


def _apart(strips: Sequence[Box]) -> list[Box]:
    """Strips above each other, each with its half of what both claim."""
    apart = list(strips)
    for i, above in enumerate(apart):
        for j, below in enumerate(apart[i + 1 :], i + 1):
            stacked = above.y0 < below.y0 < above.y1 < below.y1
            if stacked and _shared(above.x0, above.x1, below.x0, below.x1) > 0:
                middle = (above.y1 + below.y0) // 2
                apart[i] = above = Box(above.x0, above.y0, above.x1, middle)
                apart[j] = Box(below.x0, middle, below.x1, below.y1)
    return apart


def _widened(row: Box, others: Sequence[Box], graphic: tuple[int, int], still: NDArray[np.bool_]) -> Box:
    """A row grown over its plate, not into its neighbours, and by a margin."""
    height = row.y1 - row.y0
    on_plate = still[max(0, row.y0) : row.y1].mean(axis=0) > PLATE
    beside = [b for b in others if _shared(row.y0, row.y1, b.y0, b.y1) > 0.3 * min(height, b.y1 - b.y0)]
    x0, least = row.x0, max([min(graphic[0], round(row.x0 - REACH * height)), *(b.x1 for b in beside if b.x1 <= row.x0)])
    x1, most = row.x1, min([max(graphic[1], round(row.x1 + REACH * height)), *(b.x0 for b in beside if b.x0 >= row.x1)])
    x0 -= _reach(on_plate[max(0, least) : x0][::-1], BRIDGE * height)
    x1 += _reach(on_plate[x1 : max(0, most)], BRIDGE * height)
    margin = max(1, height // 10)
    return Box(x0 - margin, row.y0 - margin, x1 + margin, row.y1 + margin)


def _reach(on_plate: NDArray[np.bool_], bridge_px: float) -> int:
    """How many columns the plate goes on for; a digit that changed is bridged."""
    reached = 0
    for column in np.flatnonzero(on_plate):
        if column - reached > bridge_px:
            break
        reached = int(column) + 1
    return reached


def _shared(a0: int, a1: int, b0: int, b1: int) -> int:
    return min(a1, b1) - max(a0, b0)
