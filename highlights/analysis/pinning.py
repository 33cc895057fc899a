"""Pinning the score graphic by hand: the cell around a number that a person points at, and what is read in given cells."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from highlights.analysis.diagnosis import read_graphic
from highlights.analysis.score.cells import cell_around, numbers_in, share_of
from highlights.analysis.score.locate import find_graphics, read_rows
from highlights.analysis.score.ocr import find_boxes
from highlights.analysis.score.survey import Picture
from highlights.analysis.score.tokens import LEGIBLE, TextRow, Token
from highlights.profile import ScoreboardRules
from highlights.profile.rules import Place, box_of
from highlights.records import Box, Counter

AROUND = (0.15, 0.1)  # of the picture's width and height, on either side: where a number that was pointed at is looked for
ENLARGED = 3.0  # so that the detector finds single digits
LINE = 0.05  # of the picture's height: that of a row where no text is found
NEAR = 0.8  # row heights between a number's middle and the point: farther, another thing was meant
ONE_LINE = 1.6  # times the height of the lowest row: a higher one holds several
STRIP, EMPTY_CELL = 1.5, 0.6  # row heights on either side of the point: what is read of its row, and a cell without a number


def cell_at(picture: Picture, x: float, y: float) -> tuple[str, Place]:
    """The number at a point of a picture (uint8 [height, width, 3], BGR) and the cell around it.

    The point is in shares of the width and height. Where no number is found, the text is empty and the cell of usual size.
    """
    height, width = picture.shape[:2]
    at_x, at_y = x * width, y * height
    rows = [row for row in _rows_around(picture, at_x, at_y) if abs(row.y - at_y) <= NEAR * row.size]
    lowest = min(rows, key=lambda row: row.size, default=TextRow((), at_y, LINE * height))
    rows = [row for row in rows if row.size <= ONE_LINE * lowest.size]
    found = _nearest(rows, at_x)
    if found is None:  # the detector joins digits that are stacked and misses some that stand alone
        rows.append(_row_at(picture, at_x, lowest))
        found = _nearest(rows, at_x)
    if found is None:
        across, down = EMPTY_CELL * lowest.size, lowest.size / 2
        return "", share_of(at_x - across, lowest.y - down, at_x + across, lowest.y + down, (width, height))
    token, own = found
    others = [other for row in rows for other in row.tokens if abs(other.x - token.x) > token.height / 2]
    beside = [(other.x1 + token.x0 if other.x < token.x else other.x0 + token.x1) / 2 for other in others]
    return token.text, cell_around(token, own, beside, (width, height))


def read_cells(pictures: Sequence[Picture], rules: ScoreboardRules) -> list[dict[Counter, Token]]:
    """What is read in the pinned cells in each of the pictures, as a run would read it; a counter without a number is absent.

    Args:
        pictures: uint8 [height, width, 3], BGR, all of one size.
        rules: The rules with the cells.
    """
    height, width = pictures[0].shape[:2]
    cells = {counter: box_of(place, width, height) for counter, place in rules.cells.items()}
    within = box_of(rules.pinned, width, height) if rules.pinned else None
    views = list(pictures) if len(pictures) > 1 else [pictures[0], pictures[0]]  # fewer have nothing in common
    read = [numbers_in(read_graphic(graphic, views), cells) for graphic in find_graphics(views, within)]
    best = max(read, key=lambda found: (len(found), sum(len(slot.tokens) for slot in found.values())), default={})
    return [{counter: slot.tokens[i] for counter, slot in best.items() if i in slot.tokens} for i in range(len(pictures))]


def _nearest(rows: Sequence[TextRow], x: float) -> tuple[Token, TextRow] | None:
    """The number nearest to `x`, and its row; None if it is not near."""
    near = [
        (abs(token.x - x), token, row)
        for row in rows
        for token in row.tokens
        if token.kind in ("number", "decimal") and token.confidence >= LEGIBLE and abs(token.x - x) <= NEAR * row.size
    ]
    return min(near, key=lambda found: found[0])[1:] if near else None


def _row_at(picture: Picture, x: float, row: TextRow) -> TextRow:
    """What is read of a row near `x`."""
    height, width = picture.shape[:2]
    across, down = STRIP * row.size, row.size / 2
    box = Box(
        int(max(0.0, x - across)), int(max(0.0, row.y - down)), int(min(width, x + across)), int(min(height, row.y + down))
    )
    return read_rows([picture[box.y0 : box.y1, box.x0 : box.x1]], [box])[0]


def _rows_around(picture: Picture, x: float, y: float) -> list[TextRow]:
    """The rows of text around a point, in pixels of the picture."""
    height, width = picture.shape[:2]
    across, down = AROUND[0] * width, AROUND[1] * height
    left, top = int(max(0.0, x - across)), int(max(0.0, y - down))
    view = picture[top : int(y + down) + 1, left : int(x + across) + 1]
    large = cv2.resize(view, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)
    lines = [_shrunk(box, left, top, width, height) for box in find_boxes(np.asarray(large, np.uint8))]
    return read_rows([picture[b.y0 : b.y1, b.x0 : b.x1] for b in lines], lines)


def _shrunk(box: Box, left: int, top: int, width: int, height: int) -> Box:
    """A box of the enlarged view in pixels of the picture, not empty."""
    x0, y0 = left + int(box.x0 / ENLARGED), top + int(box.y0 / ENLARGED)
    x1, y1 = left + round(box.x1 / ENLARGED), top + round(box.y1 / ENLARGED)
    return Box(x0, y0, min(width, max(x1, x0 + 1)), min(height, max(y1, y0 + 1)))
