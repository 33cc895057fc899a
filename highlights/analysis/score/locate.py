"""Finds the score graphic automatically: text with numbers that stays in place while the picture changes.

    sampled frames ──► lines of text ──► places that recur ──► neighbours joined ──► close-ups ──► rows to read

A few frames spread over the recording are enough, because only the place is determined here; its text is read later, row by row
(`watch.py`, `glances.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from math import inf
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from highlights.analysis.score.ink import with_ink
from highlights.analysis.score.ocr import find_boxes, on_all_cores, read_lines
from highlights.analysis.score.rows import columns_of, cut_row, join_rows
from highlights.analysis.score.slots import spread
from highlights.analysis.score.strip import Strip
from highlights.analysis.score.tokens import SURE, TextRow, counts_something, row_of
from highlights.records import Box

Picture = NDArray[np.uint8]

RECURS_SHARE = 0.2  # of the sampled frames; graphics are hidden in replays, breaks and studio talk
ENOUGH = 8  # pictures, half of the usual number, in which a graphic that is seldom hidden is found
CLEAR_SHARE = 0.6  # of all pictures: a graphic that is seen less may be elsewhere, or another one may be seen as often
ALIKE = 0.5  # of the blocks with letters may differ between two pictures of a place: digits do
MAX_GRAPHICS = 4  # candidates worth a close-up, those with most digits first
MAX_PLACES = 60  # places read once to check for digits; more text than this is a page, not a match
TALLEST = 0.28  # of the picture's height: a card with the result and its scorers has a quarter
CLOSE_UPS = 6  # frames in which a candidate is read close up
CLOSE_UP_LINE_PX = 64  # a line of text is enlarged to this height, at which the detector finds single digits
CLOSE_UP_MAX = 3.0
SURELY_READ, SURE_NAME = 0.8, 0.8  # numbers or names per frame from which a row needs no cutting; confidence of such a name
CUT_WORTH = 1.2  # times as many numbers must be read in a row once it is cut into cells
GLIMPSED_PLACES, GLIMPSES = 24, 3  # read, and enlarged of each graphic, where a notation is all that is sought
MANY_DIGITS = 4  # in one line; more are a date, a telephone number or a table
FEW_ROWS = 4  # of a graphic with more strips, only those with numbers are read


class _Nearness(NamedTuple):
    """Within which share of the usual `distance`, and how many times as tall, texts may be parts of one graphic."""

    distance: float
    times_as_tall: float


USUAL = _Nearness(1.0, inf)
CLOSER = (_Nearness(1.0, 1.4), _Nearness(0.6, 1.4), _Nearness(0.3, 1.4))
"""What is too tall for a graphic is taken apart by these, in turn."""


@dataclass(frozen=True, slots=True)
class Graphic:
    """Where a score graphic is: one box per row of text, in pixels of the sampled frames, top to bottom."""

    rows: tuple[Box, ...]
    support: int
    """In how many of the sampled frames it was found."""


def find_graphics(pictures: Sequence[Picture], within: Box | None = None) -> list[Graphic]:
    """The places where a score may be shown, best supported first; empty if there is none.

    Text is searched in every second picture first, and in the others if no score is clearly seen.

    Args:
        pictures: uint8 [height, width, 3], BGR, all of one size, spread over the recording.
        within: Where the graphic is, if that is known, in pixels of the pictures.
    """
    if len(pictures) < 2:
        return []
    some = on_all_cores(find_boxes, pictures[::2])
    if within is None and len(some) >= ENOUGH and _clock_is_seen(places := _recurring(some, 2), pictures[::2]):
        graphics, clear = _legible_graphics(_also_shown(places, pictures), pictures)
        if clear:
            return graphics
    others = on_all_cores(find_boxes, pictures[1::2])
    found = [boxes for pair in zip_longest(some, others) for boxes in pair if boxes is not None]
    places = _recurring(found, max(2, round(RECURS_SHARE * len(pictures))))
    if within is not None:
        inside = [p for p in places if _overlaps(p.box, within)]
        places = inside or [_TextPlace(within, [within], set(range(len(pictures))))]
    return _legible_graphics(places, pictures)[0]


def _legible_graphics(places: Sequence[_TextPlace], pictures: Sequence[Picture]) -> tuple[list[Graphic], bool]:
    """The graphics that may show a score, best supported first, and whether one clearly does: two numbers and a clock."""
    graphics, clear = [], False
    for group, nearness in _ranked(_apart(places, pictures[0].shape[0]), pictures)[:MAX_GRAPHICS]:
        indices = sorted(set().union(*(p.pictures for p in group)))
        views = [pictures[i] for i in spread(indices, CLOSE_UPS)]
        shown = [pictures[i] for i in indices]
        rows, read = _legible(views, _close_up(views, [p.box for p in group], nearness, shown))
        if 2 * sum(map(counts_something, read)) > len(views):
            graphics.append(Graphic(rows, len(indices)))
            clear |= len(indices) > CLEAR_SHARE * len(pictures) and 2 * sum(map(_is_clear, read)) > len(views)
    return sorted(graphics, key=lambda g: -g.support), clear


def _also_shown(places: Sequence[_TextPlace], pictures: Sequence[Picture]) -> list[_TextPlace]:
    """The places found in every second picture, with the pictures between in which they look alike."""
    lumas = [np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8) for picture in pictures]
    for place in places:
        strip = Strip(place.box)
        rows = [strip.cut(luma) for luma in lumas]
        place.pictures = {2 * number for number in place.pictures}
        known = [(rows[number], strip.lettered(rows[number])) for number in place.pictures]
        for number in range(1, len(pictures), 2):
            if any(lettered.any() and strip.changed(rows[number], row)[lettered].mean() < ALIKE for row, lettered in known):
                place.pictures |= {number}
    return [place for place in places if len(place.pictures) >= max(2, round(RECURS_SHARE * len(pictures)))]


def _clock_is_seen(places: Sequence[_TextPlace], pictures: Sequence[Picture]) -> bool:
    """Whether one of the places found most often is a clock."""
    often = sorted(places, key=lambda place: -len(place.pictures))[:MAX_GRAPHICS]
    read = on_all_cores(lambda place: _read(pictures[min(place.pictures)], place.box), often)
    return any(token.kind == "clock" for row in read for token in row.tokens)


def _read(picture: Picture, box: Box) -> TextRow:
    return read_rows([picture[box.y0 : box.y1, box.x0 : box.x1]], [box])[0]


def _is_clear(rows: Sequence[TextRow]) -> bool:
    """Whether two numbers and a clock are read."""
    kinds = [token.kind for row in rows for token in row.tokens if token.confidence >= SURE]
    return "clock" in kinds and kinds.count("number") >= 2


def glimpsed(pictures: Sequence[Picture], most: int) -> Iterator[tuple[Box, ...]]:
    """The rows of text of at most `most` places that may be score graphics, likeliest first, one place at a time.

    As `find_graphics`, but from one look at each place and a few close-ups, without a check of what can be read there: enough
    to recognise a notation, not to follow a score.
    """
    found = on_all_cores(find_boxes, pictures)
    groups = _apart(_recurring(found, max(2, round(RECURS_SHARE * len(pictures)))), pictures[0].shape[0])
    places = [(place, number) for number, (group, _) in enumerate(groups) for place in group]
    seen = sorted(places, key=lambda each: -len(each[0].pictures))[:GLIMPSED_PLACES]
    digits = on_all_cores(lambda each: (len(_digits(pictures[max(each[0].pictures)], each[0].box)), each[1]), seen)
    worth = [sum(min(MANY_DIGITS, many) for many, of in digits if of == number) for number in range(len(groups))]
    for number in sorted(range(len(groups)), key=lambda number: -worth[number])[:most]:
        group, nearness = groups[number]
        views = [pictures[at] for at in spread(sorted(set().union(*(p.pictures for p in group))), GLIMPSES)]
        if rows := _close_up(views, [place.box for place in group], nearness, views):
            yield rows


def read_rows(strips: Sequence[Picture], rows: Sequence[Box]) -> list[TextRow]:
    """The text of the rows of a graphic, each cut out of a frame (uint8 [height, width, 3], BGR)."""
    lines = read_lines(list(strips))
    return [row_of(with_ink(strip, glyphs), box) for strip, glyphs, box in zip(strips, lines, rows, strict=True)]


@dataclass(slots=True)
class _TextPlace:
    """A place where text was found, and in which pictures; `box` has the greatest width and the median height."""

    box: Box
    found: list[Box]
    pictures: set[int]

    def add(self, box: Box, picture: int) -> None:
        """Add the text found here in one more picture."""
        self.found.append(box)
        self.pictures.add(picture)
        y0, y1 = int(np.median([b.y0 for b in self.found])), int(np.median([b.y1 for b in self.found]))
        self.box = Box(min(self.box.x0, box.x0), y0, max(self.box.x1, box.x1), y1)


def _recurring(found: Sequence[Sequence[Box]], at_least: int) -> list[_TextPlace]:
    places: list[_TextPlace] = []
    for index, boxes in enumerate(found):
        for box in boxes:
            place = next((p for p in places if _same_place(p.box, box)), None)
            if place is None:
                places.append(_TextPlace(box, [box], {index}))
            else:
                place.add(box, index)
    return [p for p in places if len(p.pictures) >= at_least]


def _same_place(a: Box, b: Box) -> bool:
    """Whether two boxes share a line and at least one end: a graphic's text is anchored at one side and grows at the other."""
    height = min(a.y1 - a.y0, b.y1 - b.y0)
    if max(a.y1 - a.y0, b.y1 - b.y0) > 1.6 * height or _shared(a.y0, a.y1, b.y0, b.y1) < 0.7 * height:
        return False
    return min(abs(a.x0 - b.x0), abs(a.x1 - b.x1)) < 0.5 * height and _shared(a.x0, a.x1, b.x0, b.x1) > 0


def _apart(places: Sequence[_TextPlace], height_px: int) -> list[tuple[list[_TextPlace], _Nearness]]:
    """Places grouped into graphics, each with what keeps it together.

    A group too tall for a graphic is one beside boards, banners or faces that a steady camera shows, and is taken apart.
    """
    groups = [(group, USUAL) for group in _neighbours(places, USUAL)]
    for closer in CLOSER:
        groups = [piece for each in groups for piece in _pieces(*each, closer, height_px)]
    return groups


def _pieces(
    group: list[_TextPlace], usual: _Nearness, closer: _Nearness, height_px: int
) -> list[tuple[list[_TextPlace], _Nearness]]:
    """The pieces of a group that is too tall, or the group as it is."""
    pieces = _neighbours(group, closer) if _tall(group, height_px) else []
    return [(piece, closer) for piece in pieces] if len(pieces) > 1 else [(group, usual)]


def _tall(group: Sequence[_TextPlace], height_px: int) -> bool:
    around = _hull([place.box for place in group])
    return around.y1 - around.y0 > TALLEST * height_px


def _neighbours(places: Sequence[_TextPlace], nearness: _Nearness) -> list[list[_TextPlace]]:
    """Places grouped into graphics: beside each other in a row, or stacked."""
    groups: list[list[_TextPlace]] = []
    for place in places:
        near = [g for g in groups if any(_adjacent(place.box, other.box, nearness) for other in g)]
        groups = [g for g in groups if g not in near] + [[place, *(p for g in near for p in g)]]
    return groups


def _adjacent(a: Box, b: Box, nearness: _Nearness) -> bool:
    height, tall = sorted((a.y1 - a.y0, b.y1 - b.y0))
    across = -_shared(a.x0, a.x1, b.x0, b.x1)
    down = -_shared(a.y0, a.y1, b.y0, b.y1)
    beside = down < -0.5 * height and across < nearness.distance * 5 * height
    stacked = down < nearness.distance * height and across < nearness.distance * 2 * height
    return (beside or stacked) and tall <= nearness.times_as_tall * height


def _ranked(
    groups: Sequence[tuple[list[_TextPlace], _Nearness]], pictures: Sequence[Picture]
) -> list[tuple[list[_TextPlace], _Nearness]]:
    """Groups most likely to be a score first: those whose digits change, those with digits, those found in most pictures."""
    frequent = sorted(groups, key=lambda group: -max(len(p.pictures) for p in group[0]))
    if len(frequent) <= MAX_GRAPHICS:
        return frequent
    left, worth = MAX_PLACES, []
    for group, _ in frequent:
        read = group[: max(0, left)]
        left -= len(read)
        digits = [[_digits(pictures[at], p.box) for at in (min(p.pictures), max(p.pictures))] for p in read]
        worth.append((any(first != last for first, last in digits), min(2, sum(len(first) for first, _ in digits))))
    return [frequent[i] for i in sorted(range(len(frequent)), key=lambda i: worth[i], reverse=True)]


def _digits(picture: Picture, box: Box) -> str:
    glyphs = read_lines([picture[box.y0 : box.y1, box.x0 : box.x1]])[0]
    return "".join(glyph.char for glyph in glyphs if glyph.char.isdigit())


def _close_up(
    pictures: Sequence[Picture], boxes: Sequence[Box], nearness: _Nearness, shown: Sequence[Picture]
) -> tuple[Box, ...]:
    """The rows of text at and near the boxes, found in enlarged views, where the detector also finds single digits.

    `shown` are all pictures of it: in a few, the moving picture beside it may seem to stand still.
    """
    height, width = pictures[0].shape[:2]
    around, line = _hull(boxes), max(1, int(np.median([b.y1 - b.y0 for b in boxes])))
    dx, dy = 5 * line, 2 * line
    view = _shift(Box(around.x0 - dx, around.y0 - dy, around.x1 + dx, around.y1 + dy), 0, 0, width, height)
    views = [p[view.y0 : view.y1, view.x0 : view.x1] for p in pictures]
    places = _recurring(on_all_cores(lambda view: _find_close(view, line), views), max(2, (len(views) + 1) // 2))
    inner = Box(around.x0 - view.x0, around.y0 - view.y0, around.x1 - view.x0, around.y1 - view.y0)
    groups = _neighbours(places, nearness)
    group = max(groups, key=lambda g: sum(_overlaps(p.box, inner) * len(p.pictures) for p in g), default=[])
    still = _still(views) & _still([picture[view.y0 : view.y1, view.x0 : view.x1] for picture in shown])
    rows = join_rows(_columns_cut([p.box for p in group], views), still)
    return tuple(_shift(row, view.x0, view.y0, width, height) for row in rows)


def _columns_cut(boxes: Sequence[Box], views: Sequence[Picture]) -> list[Box]:
    """The boxes with every column of stacked digits cut apart, such as a coloured one beside the names."""
    columns = columns_of(boxes)
    cut = [b for b in boxes if b not in columns]
    for column, pieces in columns.items():
        half = 0.5 * len(views)
        one_number_each = all(_numbers(_read_strip(views, piece)) > half for piece in pieces)
        one_large_number = not one_number_each and _numbers(_read_strip(views, column)) > half
        cut += [column] if one_large_number else pieces
    return cut


def _legible(pictures: Sequence[Picture], rows: Sequence[Box]) -> tuple[tuple[Box, ...], list[tuple[TextRow, ...]]]:
    """The strips worth reading, and what is read in them in each picture.

    A row is cut into cells where that reads more: a name in a script unknown to the recogniser swallows the digits beside it.
    """
    read: dict[Box, list[TextRow]] = {}
    for row in rows:
        whole = _read_strip(pictures, row)
        cells = [] if _well_read(whole) else cut_row(row, pictures)
        cut = {cell: _read_strip(pictures, cell) for cell in cells if len(cells) > 1}
        better = sum(_numbers(strip) for strip in cut.values()) > CUT_WORTH * _numbers(whole)
        read |= cut if better else {row: whole}
    if len(read) > FEW_ROWS:
        lines = {(box.y0, box.y1) for box, strip in read.items() if _numbers(strip)}  # with the names beside the numbers
        read = {box: strip for box, strip in read.items() if (box.y0, box.y1) in lines}
    return tuple(read), list(zip(*read.values(), strict=True))


def _read_strip(pictures: Sequence[Picture], box: Box) -> list[TextRow]:
    return on_all_cores(lambda picture: _read(picture, box), pictures)


def _well_read(strip: Sequence[TextRow]) -> bool:
    """Whether the recogniser reads the strip well: a number or a name in nearly every picture."""
    names = sum(t.kind == "word" and t.confidence > SURE_NAME and len(t.text) > 1 for row in strip for t in row.tokens)
    return max(names, _numbers(strip)) >= SURELY_READ * len(strip)


def _numbers(strip: Sequence[TextRow]) -> float:
    """How many numbers and clocks are read, each weighted by its confidence."""
    return sum(t.confidence for row in strip for t in row.tokens if t.kind != "word" and t.confidence >= SURE)


def _find_close(view: Picture, line_px: int) -> list[Box]:
    scale = min(CLOSE_UP_MAX, max(1.0, CLOSE_UP_LINE_PX / line_px))
    large = cv2.resize(view, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    boxes = find_boxes(np.asarray(large, np.uint8))
    return [Box(*(round(v / scale) for v in (b.x0, b.y0, b.x1, b.y1))) for b in boxes]


def _still(views: Sequence[Picture]) -> NDArray[np.bool_]:
    """The pixels of constant brightness over the views: bool [height, width]."""
    grey = np.stack([v.mean(axis=2) for v in views])
    return np.asarray(np.median(np.abs(grey - np.median(grey, axis=0)), axis=0) < 6)


def _hull(boxes: Sequence[Box]) -> Box:
    return Box(min(b.x0 for b in boxes), min(b.y0 for b in boxes), max(b.x1 for b in boxes), max(b.y1 for b in boxes))


def _overlaps(a: Box, b: Box) -> bool:
    return _shared(a.x0, a.x1, b.x0, b.x1) > 0 and _shared(a.y0, a.y1, b.y0, b.y1) > 0


def _shared(a0: int, a1: int, b0: int, b1: int) -> int:
    """Pixels that two ranges share; a gap between them is negative."""
    return min(a1, b1) - max(a0, b0)


def _shift(box: Box, dx: int, dy: int, width: int, height: int) -> Box:
    """The box moved and clipped to the picture."""
    return Box(max(0, box.x0 + dx), max(0, box.y0 + dy), min(width, box.x1 + dx), min(height, box.y1 + dy))
