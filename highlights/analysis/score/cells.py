"""Cells: where on the picture the number of each counter stands, for a profile that pins them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import inf

from highlights.analysis.score.slots import GraphicReading, Slot, in_balls
from highlights.analysis.score.tokens import LEGIBLE, TextRow, Token
from highlights.profile.rules import Place
from highlights.records import Box, Counter

CELL_WIDTH = 1.2  # row heights on either side of a number's middle: room for another digit
DIGITS = 4  # of a share of the picture


def cell_around(token: Token, row: TextRow, beside: Iterable[float], size: tuple[int, int]) -> Place:
    """The cell around a number of a row.

    Args:
        token: The number.
        row: Its row.
        beside: Where on this row the cell ends at the latest, in pixels, on either side of the number.
        size: Width and height of the picture in pixels.
    """
    reach, limits = CELL_WIDTH * row.size, list(beside)
    left = max([token.x - reach, *(x for x in limits if x < token.x)])
    right = min([token.x + reach, *(x for x in limits if x > token.x)])
    return share_of(left, row.y - row.size / 2, right, row.y + row.size / 2, size)


def numbers_in(readings: Sequence[GraphicReading], cells: Mapping[Counter, Box]) -> dict[Counter, Slot]:
    """The numbers read in each cell (in pixels), in the order of `cells`; cells in which none was ever read are absent."""
    found: dict[Counter, Slot] = {}
    for i, reading in enumerate(readings):
        nearest: dict[Counter, float] = {}  # of the numbers in one cell, that in its middle counts
        for number, row in enumerate(reading.rows):
            for token in row.tokens:
                counter = min(
                    (name for name, cell in cells.items() if _is_in(token, row.y, cell)), key=_off(token, cells), default=None
                )
                if counter is None or token.kind not in ("number", "decimal") or token.confidence < LEGIBLE:
                    continue
                off = _off(token, cells)(counter)
                if off < nearest.get(counter, inf):
                    nearest[counter] = off
                    slot = found.setdefault(counter, Slot(number, token.x, row.size))
                    slot.tokens[i] = in_balls(token) if token.kind == "decimal" else token
    return {counter: found[counter] for counter in cells if counter in found}


def share_of(x0: float, y0: float, x1: float, y1: float, size: tuple[int, int]) -> Place:
    """A place in pixels of a picture of that width and height as shares of it."""
    width, height = size
    left, top, right, bottom = (
        round(min(1.0, max(0.0, share)), DIGITS) for share in (x0 / width, y0 / height, x1 / width, y1 / height)
    )
    return left, top, right, bottom


def _off(token: Token, cells: Mapping[Counter, Box]) -> Callable[[Counter], float]:
    """How far a number is from the middle of each cell, in pixels."""
    return lambda counter: abs(token.x - (cells[counter].x0 + cells[counter].x1) / 2)


def _is_in(token: Token, y: float, cell: Box) -> bool:
    return cell.x0 <= token.x <= cell.x1 and cell.y0 <= y <= cell.y1
