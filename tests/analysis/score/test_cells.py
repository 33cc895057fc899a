"""Cells that a profile pins: which number in them counts, and what can be no score."""

from __future__ import annotations

from dataclasses import replace

from highlights.analysis.score.cells import numbers_in
from highlights.analysis.score.columns import read_tables
from highlights.analysis.score.interpret import interpret
from highlights.analysis.score.locate import Graphic
from highlights.analysis.score.slots import GraphicReading
from highlights.profile import load
from highlights.records import Box, Scoreboard
from tests.support.score_looks import look

SIDE = 1000
"""Width and height of the picture in pixels."""


def numbers(reading: GraphicReading) -> list[tuple[float, float]]:
    """Where the numbers of a reading are."""
    return [(token.x, row.y) for row in reading.rows for token in row.tokens if token.kind == "number"]


def around(x: float, y: float, reach: float = 9.0) -> Box:
    return Box(round(x - reach), round(y - 9), round(x + reach), round(y + 9))


def test_of_two_numbers_in_one_cell_the_one_in_its_middle_counts() -> None:
    reading = look(0.0, "ARS  1 30")
    for place, value in zip(numbers(reading), (1, 30), strict=True):
        slot = numbers_in([reading], {"home": around(*place, reach=90)})["home"]
        assert [token.value for token in slot.tokens.values()] == [value]


def test_a_number_in_two_cells_belongs_to_the_one_whose_middle_is_nearer() -> None:
    reading = look(0.0, "ARS  1 30")
    cells = {name: around(*place, reach=90) for name, place in zip(("home", "away"), numbers(reading), strict=True)}
    found = numbers_in([reading], cells)
    assert [(name, slot.tokens[0].value) for name, slot in found.items()] == [("home", 1), ("away", 30)]


def test_cells_whose_numbers_are_never_read_together_are_no_score() -> None:
    readings = [look(3.0 * i, "ARS  1" if i % 2 else "CHELSEA  7") for i in range(8)]
    boxes = [around(*numbers(reading)[0]) for reading in readings[:2]]
    cells = {
        name: (b.x0 / SIDE, b.y0 / SIDE, b.x1 / SIDE, b.y1 / SIDE) for name, b in zip(("away", "home"), boxes, strict=True)
    }
    rules = replace(load("soccer").scoreboard, cells=cells)
    assert interpret([(Graphic((), 16), readings)], rules, (SIDE, SIDE)) == Scoreboard()


def test_each_counter_of_a_table_is_where_its_column_is() -> None:
    reading = look(0.0, "NADAL  1  15", "THIEM  1  30")
    found = read_tables([reading], tennis=True)
    assert found is not None
    shown = {name: slot.tokens[0] for name, slot in found.counters.items()}
    one, points, other, points_too = numbers(reading)
    assert {name: (token.value, token.x) for name, token in shown.items()} == {
        "home_games": (1, one[0]),
        "away_games": (1, other[0]),
        "home_points": (15, points[0]),
        "away_points": (30, points_too[0]),
    }
