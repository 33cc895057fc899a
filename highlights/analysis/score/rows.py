"""Lines of text found in a close-up → the rows of the graphic, each as one strip for the recogniser.

    found       [ARS]   [CHE 2]          rows     [ ARS  1 | CHE 2 ]
                [12:40]                           [12:40  ]

A row extends as far as its plate, the still background that a graphic is drawn on, so that a digit that was not detected is
still read.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from highlights.records import Box

SAME_ROW = 0.5  # vertical overlap, as a share of the lower height
SAME_SIZE = 1.9  # a box more than this many times as high as its neighbour is another row: a large score beside two small lines
COLUMN = 1.6  # times as high as the lines beside it: a box around digits above each other
TWO_LINES = 1.7  # heights of a line from which a box around it holds another one
SAME_TABLE = 0.3  # by how much the heights of two rows of one table differ, at most
COVERED = 0.7  # share of a row's height that a taller box beside it must cover
REACH = 3.0  # row heights that a row may extend beyond the text found in the whole graphic
PLATE = 0.8  # share of a column's pixels that must be still to belong to the plate
GAP = 0.35  # row heights without ink between two cells
ROOM = 0.6  # row heights left beside a cell for another digit
INK_LEVELS = 30  # of 255, between ink and background
BRIDGE = 0.8  # row heights: the widest interruption of the plate, a digit that changes


def join_rows(boxes: Sequence[Box], still: NDArray[np.bool_]) -> list[Box]:
    """The strips to read, top to bottom.

    Args:
        boxes: Lines and pieces of lines of one graphic.
        still: bool [height, width], the pixels of constant brightness.
    """
    rows: list[list[Box]] = []
    for box in sorted(_without_lines(boxes), key=lambda b: (b.y0 + b.y1, b.x0)):
        row = next((r for r in rows if _same_row(r, box)), None)
        if row is None:
            rows.append([box])
        else:
            row.append(box)
    strips = _separated([_strip(row) for row in rows])
    left, right = min((b.x0 for b in strips), default=0), max((b.x1 for b in strips), default=0)
    return _aligned([_widened(strip, [s for s in strips if s is not strip], (left, right), still) for strip in strips])


def columns_of(boxes: Sequence[Box]) -> dict[Box, list[Box]]:
    """Boxes as high as several rows beside them, each with the boxes to cut it into if it holds stacked digits."""
    cut = {}
    for tall in boxes:
        beside = [b for b in boxes if COLUMN * (b.y1 - b.y0) < tall.y1 - tall.y0]
        beside = [b for b in beside if _shared(b.y0, b.y1, tall.y0, tall.y1) > COVERED * (b.y1 - b.y0)]
        if any(_shared(a.y0, a.y1, b.y0, b.y1) < 0.3 * (a.y1 - a.y0) for a in beside for b in beside):
            cut[tall] = [Box(tall.x0, b.y0, tall.x1, b.y1) for b in beside]
    return cut


def cut_row(row: Box, pictures: Sequence[NDArray[np.uint8]]) -> list[Box]:
    """A row cut into cells at wide gaps without ink in the pictures (uint8 [height, width, 3]), with room for another digit."""
    height = row.y1 - row.y0
    inner, room = round(0.2 * height), round(ROOM * height)
    strips = [p[row.y0 + inner : row.y1 - inner, row.x0 : row.x1].mean(axis=2) for p in pictures]
    inked = row.x0 + np.flatnonzero(np.median([np.ptp(s, axis=0) for s in strips], axis=0) > INK_LEVELS)
    gaps = [(int(a), int(b)) for a, b in pairwise(inked) if b - a > GAP * height]
    starts = [row.x0, *(max(b - room, (a + b) // 2) for a, b in gaps)]
    ends = [*(min(a + room, (a + b) // 2) for a, b in gaps), row.x1]
    return [Box(x0, row.y0, x1, row.y1) for x0, x1 in zip(starts, ends, strict=True)]


def _without_lines(boxes: Sequence[Box]) -> list[Box]:
    """The boxes, a box around two lines without the one that was also found by itself."""
    cut = []
    for tall in boxes:
        y0, y1 = tall.y0, tall.y1
        for line in boxes:
            height, width = line.y1 - line.y0, line.x1 - line.x0
            inside = (
                _shared(line.y0, line.y1, y0, y1) > COVERED * height
                and _shared(line.x0, line.x1, tall.x0, tall.x1) > 0.5 * width
            )
            if not inside or y1 - y0 < TWO_LINES * height:
                continue
            above, below = line.y0 - y0, y1 - line.y1
            if max(above, below) > COVERED * height:
                y0, y1 = (y0, line.y0) if above > below else (line.y1, y1)
        cut.append(Box(tall.x0, y0, tall.x1, y1))
    return cut


def _aligned(strips: Sequence[Box]) -> list[Box]:
    """The strips, those of one table as long as the longest: its last digits may have been missed in one row."""
    aligned = []
    for strip in strips:
        height, x1 = strip.y1 - strip.y0, strip.x1
        for other in strips:
            alike = abs(other.y1 - other.y0 - height) < SAME_TABLE * height and abs(other.x0 - strip.x0) < height
            if alike and 0 < abs(other.y0 - strip.y0) < 2 * height:
                x1 = max(x1, other.x1)
        beside = [s.x0 for s in strips if s.x0 >= strip.x1 and _shared(s.y0, s.y1, strip.y0, strip.y1) > 0.3 * height]
        aligned.append(Box(strip.x0, strip.y0, min([x1, *beside]), strip.y1))
    return aligned


def _same_row(row: Sequence[Box], box: Box) -> bool:
    strip = _strip(row)
    low, high = sorted((strip.y1 - strip.y0, box.y1 - box.y0))
    return _shared(strip.y0, strip.y1, box.y0, box.y1) > SAME_ROW * low and high < SAME_SIZE * low


def _strip(row: Sequence[Box]) -> Box:
    """The box around a row: all of its width, and the height of its boxes of usual size."""
    usual = float(np.median([b.y1 - b.y0 for b in row]))
    typical = [b for b in row if b.y1 - b.y0 < SAME_SIZE * usual]
    return Box(min(b.x0 for b in row), min(b.y0 for b in typical), max(b.x1 for b in row), max(b.y1 for b in typical))


def _separated(strips: Sequence[Box]) -> list[Box]:
    """Strips that do not overlap vertically: two stacked ones are cut in the middle of their overlap."""
    separated = list(strips)
    for i, above in enumerate(separated):
        for j, below in enumerate(separated[i + 1 :], i + 1):
            stacked = above.y0 < below.y0 < above.y1 < below.y1
            if stacked and _shared(above.x0, above.x1, below.x0, below.x1) > 0:
                middle = (above.y1 + below.y0) // 2
                separated[i] = above = Box(above.x0, above.y0, above.x1, middle)
                separated[j] = Box(below.x0, middle, below.x1, below.y1)
    return separated


def _widened(row: Box, others: Sequence[Box], graphic: tuple[int, int], still: NDArray[np.bool_]) -> Box:
    """A row extended over its plate but not into its neighbours, plus a margin."""
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
    """How many columns the plate continues; interruptions of up to `bridge_px`, a digit that changed, are bridged."""
    reached = 0
    for column in np.flatnonzero(on_plate):
        if column - reached > bridge_px:
            break
        reached = int(column) + 1
    return reached


def _shared(a0: int, a1: int, b0: int, b1: int) -> int:
    return min(a1, b1) - max(a0, b0)
