"""The ink of the digits on a strip: how tall they are and where they begin and end, to a pixel.

The recogniser tells what a character is, but only roughly where. The ink tells apart what reads alike:

    0 | 12      a bar is taller than the digits beside it
    2 CLEMSON   a rank is smaller than the score
    0   15      two cells have a wider gap between them than two digits of one number
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from highlights.analysis.score.ocr import Glyph

LETTERS = 2  # of a word are measured: the ink of one may not be found

# In heights of the strip, which is about 1.5 times as high as its text.
REACH = 0.45  # the ink is searched this far on either side of a character's middle: the recogniser's error and half a digit
OFF_CENTRE = 0.3  # the middle of the ink is at most this far from that of the character
LOWEST = 0.25  # ink lower than this is a dot, or noise
WIDEST = 1.1  # heights of the ink: wider, and it is several characters or a plate
TALLEST, PLATE_COST = 0.9, 0.3  # a strip has a margin around its text: what is taller is rather the plate of a cell
TALL_WEIGHT, CUT_OFF_COST = 0.3, 0.3  # a digit is taller than a splinter of it; ink that meets the strip's edge may be a plate

# In heights of the digits.
CELL_GAP, CELL_STEP, BAR_STEP = 0.5, 1.15, 1.7
"""Between the ink of two digits, and between their middles: wider, and they are in two cells; the third, with something in
between, such as a bar. A colon that was not read needs 0.5 and 1.05."""
EMPTY = 0.5  # of the digits' contrast: columns with less have no ink; a 1 between two digits has more


class _Ink(NamedTuple):
    cost: float
    x0: int
    x1: int
    y0: int
    y1: int


def with_ink(strip: NDArray[np.uint8], glyphs: Sequence[Glyph]) -> list[Glyph]:
    """The characters with the extent of their ink, where it was found, and a space between digits in two cells.

    Args:
        strip: uint8 [height, width, 3], BGR.
        glyphs: The characters that were read in it. Only digits, bars and the first letters of words are measured.
    """
    grey = cv2.cvtColor(np.ascontiguousarray(strip), cv2.COLOR_BGR2GRAY)
    inks: list[_Ink | None] = []
    letter = 0  # of the word
    for glyph in glyphs:
        letter = letter + 1 if glyph.char.isalpha() else 0
        wanted = glyph.char.isdigit() or glyph.char in "OoIl|" or 1 <= letter <= LETTERS
        inks.append(_ink(grey, glyph.x) if wanted else None)
    for first, last in _runs_of_letters(glyphs):
        if not any(inks[first:last]):
            inks[first] = _joined_ink(grey, glyphs[first:last])
    measured: list[Glyph] = []
    before: _Ink | None = None  # of the digit right before
    for glyph, ink in zip(glyphs, inks, strict=True):
        digit = ink if glyph.char.isdigit() or glyph.char in "Oo" else None
        if before and digit and _in_another_cell(grey, before, digit):
            measured.append(Glyph(" ", glyph.x, 1.0))
        measured.append(replace(glyph, x0=float(ink.x0), x1=float(ink.x1), height=float(ink.y1 - ink.y0)) if ink else glyph)
        before = digit
    return measured


def _runs_of_letters(glyphs: Sequence[Glyph]) -> Iterator[tuple[int, int]]:
    """Where words of at least two letters begin and end."""
    for letters, run in groupby(range(len(glyphs)), lambda i: glyphs[i].char.isalpha()):
        first, *more = run
        if letters and more:
            yield first, more[-1] + 1


def _joined_ink(grey: NDArray[Any], word: Sequence[Glyph]) -> _Ink | None:
    """The ink of a word whose letters touch each other, as in a small or blurred picture."""
    half_px = (word[-1].x - word[0].x) / 2
    ink = _ink(grey, word[0].x + half_px, half_px, len(word))
    return ink if ink and ink.x1 - ink.x0 > half_px else None  # or it is one of its letters


def _ink(grey: NDArray[Any], x: float, half_px: float = 0.0, letters: int = 1) -> _Ink | None:
    """The ink of the character with its middle near `x`, or of joined `letters` from `half_px` before to after it."""
    height, width = grey.shape
    reach_px = half_px + REACH * height
    left, right = max(0, int(x - reach_px)), min(width, int(x + reach_px) + 1)
    window = grey[:, left:right]
    if window.shape[1] < 3:
        return None
    level, light = cv2.threshold(window, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    best = min(_pieces(light, x - left, letters), default=None)
    for part in (window[window > level], window[window <= level]) if best is None else ():
        # the plate of the next cell may differ from this one's more than the digit does
        level = cv2.threshold(np.ascontiguousarray(part), 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[0] if part.size else 0
        best = best or min(_pieces(np.where(window > level, 255, 0).astype(np.uint8), x - left, letters), default=None)
    return best and best._replace(x0=left + best.x0, x1=left + best.x1)


def _pieces(light: NDArray[Any], middle: float, letters: int) -> list[_Ink]:
    """Connected light or dark ink near `middle`, as wide as `letters`; `light` is 255 where the strip is bright, else 0."""
    height, width = light.shape
    pieces = []
    for mask in (light, 255 - light):
        for x, y, w, h, _ in cv2.connectedComponentsWithStats(mask, connectivity=8)[2][1:].tolist():
            cut_off = (y == 0) + (y + h == height) + (x == 0) + (x + w == width)
            off_px = abs(x + w / 2 - middle)
            if h < LOWEST * height or w > letters * WIDEST * h or off_px > OFF_CENTRE * height or cut_off > 1:
                continue
            cost = (off_px - TALL_WEIGHT * h) / height + CUT_OFF_COST * cut_off + PLATE_COST * (h > TALLEST * height)
            pieces.append(_Ink(cost, x, x + w, y, y + h))
    return pieces


def _in_another_cell(grey: NDArray[Any], left: _Ink, right: _Ink) -> bool:
    """Whether two digits that were read as one number are in two cells of the graphic."""
    tall = max(left.y1 - left.y0, right.y1 - right.y0)
    step = (right.x0 + right.x1 - left.x0 - left.x1) / 2
    if right.x0 - left.x1 <= CELL_GAP * tall or step <= CELL_STEP * tall:
        return False
    if step > BAR_STEP * tall:
        return True
    rows = slice(min(left.y0, right.y0), max(left.y1, right.y1))
    contrast = min(float(np.ptp(grey[rows, ink.x0 : ink.x1])) for ink in (left, right))
    between = np.ptp(grey[rows, left.x1 + 1 : right.x0 - 1], axis=0)  # a step between two plates shows along a row only
    return bool((between < EMPTY * contrast).all())
