from dataclasses import replace
from itertools import cycle

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from benchmarks.score_graphics.designs import DESIGNS, smaller
from benchmarks.score_graphics.drawing import Design, Painter, draw, letters
from highlights.analysis.score import locate
from highlights.analysis.score.interpret import ranked_scores
from highlights.analysis.score.locate import Graphic, find_graphics, read_rows
from highlights.analysis.score.ocr import find_boxes
from highlights.analysis.score.rows import columns_of, cut_row, join_rows
from highlights.analysis.score.slots import GraphicReading
from highlights.analysis.score.tokens import join_cells
from highlights.records import Box

MOVING = np.zeros((200, 400), bool)


def pictures(design: Design, count: int = 8) -> list[NDArray[np.uint8]]:
    """Pictures spread over a design, BGR."""
    length_s = design.story.length_s
    return [np.asarray(draw(design, length_s * (i + 0.5) / count))[:, :, ::-1].copy() for i in range(count)]


@pytest.mark.parametrize(
    ("name", "rows"),
    [("plain", 1), ("bottom right", 1), ("two rows and clock", 3), ("half transparent", 1), ("everything", 1), ("moves", 1)],
)
def test_the_score_graphic_is_found_where_it_is(name: str, rows: int) -> None:
    design = smaller(DESIGNS[name])
    found = find_graphics(pictures(design))
    x, y = design.place[0] * design.size[0], design.place[1] * design.size[1]
    here = [g for g in found if min(b.x0 for b in g.rows) < x < max(b.x1 for b in g.rows)]
    graphic = next(g for g in here if min(b.y0 for b in g.rows) < y < max(b.y1 for b in g.rows))
    assert len(graphic.rows) == rows


@pytest.mark.parametrize("name", ["only a ticker", "static camera, no graphic"])
def test_text_that_does_not_count_is_not_a_score_graphic(name: str) -> None:
    design = replace(smaller(DESIGNS[name]), extras=DESIGNS["static camera, no graphic"].extras)
    assert find_graphics(pictures(design)) == []


@pytest.mark.parametrize(("name", "searched"), [("plain", 8), ("shown now and then", 16), ("two rows", 16)])
def test_where_a_clock_is_shown_nearly_always_text_is_searched_in_half_of_the_pictures(
    monkeypatch: pytest.MonkeyPatch, name: str, searched: int
) -> None:
    shown, seen = pictures(smaller(DESIGNS[name]), 16), list[bool]()

    def counted(picture: NDArray[np.uint8]) -> list[Box]:
        seen.append(any(picture is each for each in shown))
        return find_boxes(picture)

    monkeypatch.setattr(locate, "find_boxes", counted)
    graphic = find_graphics(shown)[0]
    assert sum(seen) == searched
    assert (graphic.support > 8) == (name != "shown now and then")


def test_a_single_picture_shows_no_graphic() -> None:
    assert find_graphics(pictures(DESIGNS["plain"])[:1]) == []
    assert find_graphics([]) == []


def test_rows_of_a_graphic_are_built_from_its_boxes() -> None:
    design = smaller(DESIGNS["plain"])
    shown = pictures(design)
    (graphic,) = find_graphics(shown)
    assert [read_rows([p[b.y0 : b.y1, b.x0 : b.x1] for b in graphic.rows], graphic.rows)[0].text[:11] for p in shown[:3]] == [
        "ARS 0 0 CHE",
        "ARS 0 0 CHE",
        "ARS 1 0 CHE",
    ]


def test_pieces_of_a_line_are_one_row_with_a_margin() -> None:
    assert join_rows([Box(100, 50, 150, 80), Box(200, 52, 240, 80)], MOVING) == [Box(97, 47, 243, 83)]


def test_a_row_extends_as_far_as_its_plate() -> None:
    plate = MOVING.copy()
    plate[40:120, 90:230] = True
    plate[40:80, 205:215] = False  # a digit that changed
    name, clock = Box(100, 45, 150, 75), Box(100, 85, 170, 115)
    assert [(b.x0, b.x1) for b in join_rows([name, clock], plate)] == [(87, 233), (87, 233)]


def test_a_large_number_beside_two_small_lines_is_a_row_of_its_own() -> None:
    still = np.ones((200, 400), bool)
    rows = join_rows([Box(100, 50, 140, 110), Box(160, 50, 200, 76), Box(160, 84, 200, 110)], still)
    assert len(rows) == 3
    large = next(b for b in rows if b.y1 - b.y0 > 60)
    assert large.x1 - 6 <= 160  # except for its margin
    assert all(b.x0 + 3 >= 140 for b in rows if b is not large)


def test_rows_above_each_other_do_not_share_lines() -> None:
    upper, lower = join_rows([Box(100, 50, 200, 90), Box(100, 80, 200, 120)], MOVING)
    assert upper.y1 - lower.y0 <= 8  # their margins


def test_a_row_is_cut_at_its_wide_gaps() -> None:
    picture = np.full((60, 300, 3), 40, np.uint8)
    picture[20:40, 30:90:4] = 250
    picture[20:40, 200:214] = 250
    picture[25:35, 205:209] = 40
    cells = cut_row(Box(10, 10, 290, 50), [picture] * 3)
    assert len(cells) == 2
    assert cells[0].x1 < 200
    assert cells[1].x0 < 200 < cells[1].x1


def test_a_box_around_two_lines_is_cut_where_one_of_them_was_also_found_by_itself() -> None:
    strips = join_rows([Box(101, 43, 154, 87), Box(101, 64, 174, 85)], MOVING)
    assert len(strips) == 2
    assert strips[0].y1 <= strips[1].y0 + 6


def test_a_column_of_digits_beside_two_rows_belongs_to_both() -> None:
    rows = [Box(101, 43, 154, 65), Box(101, 61, 174, 81)]
    column = Box(206, 43, 227, 83)
    assert columns_of([*rows, column]) == {column: [Box(206, 43, 227, 65), Box(206, 61, 227, 81)]}


def test_the_rows_of_one_table_are_equally_long() -> None:
    short, long = join_rows([Box(40, 30, 140, 42), Box(40, 44, 170, 56)], MOVING)
    assert (short.x0, short.x1) == (long.x0, long.x1)


def boards(share: float) -> Painter:
    """Rows of boards that fill the picture below the graphic, their letters `share` of its height."""

    def paint(picture: Image.Image, time_s: float) -> None:
        canvas, (width, height) = ImageDraw.Draw(picture), picture.size
        font, words = (
            letters("", round(share * height)),
            cycle(["BANK 1907", "CITY", "HOTEL 5", "GAS 11", "AUTO 24", "LOTTO 6 AUS 49"]),
        )
        for y in np.arange(0.11, 0.5, 1.9 * share) * height:
            x = 0.02 * width
            while x < 0.95 * width:
                word = next(words)
                canvas.text((x, y), word, fill="white", font=font)
                x += canvas.textlength(word, font=font) + 2 * share * height

    return paint


def look(graphic: Graphic, number: int, picture: NDArray[np.uint8]) -> GraphicReading:
    """The graphic as it is read in one of the pictures."""
    rows = read_rows([picture[b.y0 : b.y1, b.x0 : b.x1] for b in graphic.rows], graphic.rows)
    return GraphicReading(4.0 * number, 4.0 * number + 3.5, join_cells(rows))


@pytest.mark.parametrize(("name", "share"), [("360p small", 0.08), ("360p", 0.07)])
def test_a_graphic_that_touches_the_boards_of_a_steady_camera_is_read_alone(name: str, share: float) -> None:
    design = replace(DESIGNS[name], still=True, extras=(boards(share),), place=(0.22, 0.065))
    shown = pictures(design)
    found = [(graphic, [look(graphic, i, picture) for i, picture in enumerate(shown)]) for graphic in find_graphics(shown)]
    assert ranked_scores(found, design.rules, None)[0].teams == ("ARS", "CHE")
