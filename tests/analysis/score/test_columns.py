"""Sets, games and points in columns, as fictional readings of two stacked rows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from highlights.analysis.score.columns import read_tables
from highlights.analysis.score.interpret import interpret
from highlights.analysis.score.locate import Graphic
from highlights.profile import load
from tests.support.score_looks import look


def counted(*lines: str, tennis: bool) -> dict[str, int] | None:
    """The counters of one look."""
    table = read_tables([look(0.0, *lines)], tennis=tennis)
    return {name: slot.tokens[0].value for name, slot in table.counters.items()} if table else None


def sides(**counters: tuple[int, int]) -> dict[str, int]:
    """`home_sets` and `away_sets` for `sets=(1, 0)`, and so on."""
    return {
        f"{side}_{name}": value
        for name, values in counters.items()
        for side, value in zip(("home", "away"), values, strict=True)
    }


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("NADAL     1  15", "DIMITROV  1  15"), sides(points=(15, 15), games=(1, 1))),
        (("MONFILS   6  6   0", "PAIRE     4  5  15"), sides(points=(0, 15), games=(6, 5), sets=(1, 0))),
        (("WILLIAMS   4  6  6  5", "SHARAPOVA  6  3  6  1"), sides(points=(5, 1), games=(6, 6), sets=(1, 1))),
        (("SINNER   1  4  30", "ALCARAZ  0  3  40"), sides(points=(30, 40), games=(4, 3), sets=(1, 0))),
        (("DJOKOVIC  4", "ALCARAZ   5"), sides(games=(4, 5))),
        (("1 DJOKOVIC  2  15", "2 MEDVEDEV  3  40"), sides(points=(15, 40), games=(2, 3))),
        (("DJOKOVIC (7)  6  0", "ALCARAZ (3)   4  0"), sides(games=(0, 0), sets=(1, 0))),
    ],
)
def test_columns_of_tennis(lines: tuple[str, str], expected: dict[str, int]) -> None:
    assert counted(*lines, tennis=True) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("ARG  2  22", "THA  0  15"), sides(sets=(2, 0), points=(22, 15))),
        (("FRA  0  0", "JPN  0  1"), sides(sets=(0, 0), points=(0, 1))),
        (("LEE   21   4", "CHEN  13   2"), sides(sets=(1, 0), points=(4, 2))),
        (("ITA  1  25  22   3", "POL  1  21  25   4"), sides(sets=(1, 1), points=(3, 4))),
    ],
)
def test_columns_of_volleyball_and_badminton(lines: tuple[str, str], expected: dict[str, int]) -> None:
    assert counted(*lines, tennis=False) == expected


@pytest.mark.parametrize("lines", [("ARG  2  22", "THA  0"), ("SINNER  9  8  7", "ALCARAZ  8  9  9"), ("ARG", "THA")])
def test_columns_that_cannot_be_explained_are_left_alone(lines: tuple[str, str]) -> None:
    assert counted(*lines, tennis=True) is None


def test_a_new_column_for_a_new_set_keeps_the_count() -> None:
    first, second = ("NADAL    5  40", "FEDERER  4  30"), ("NADAL    6  0  15", "FEDERER  4  0   0")
    table = read_tables([look(0.0, *first), look(3.0, *second)], tennis=True)
    assert table is not None
    assert [t.value for t in table.counters["home_games"].tokens.values()] == [5, 0]
    assert [t.value for t in table.counters["home_sets"].tokens.values()] == [1]


def test_numbers_of_two_sizes_are_no_column() -> None:
    seen = look(0.0, "YONEX       1", "FEDERATION  7")
    tall, small = (
        replace(row, tokens=tuple(replace(t, height=h) for t in row.tokens)) for row, h in zip(seen.rows, (24, 14), strict=True)
    )
    assert read_tables([replace(seen, rows=(tall, small))], tennis=False) is None


def test_a_letter_above_or_below_a_number_is_a_digit() -> None:
    assert counted("NADAL     1  15", "DIMITROV  i  15", tennis=True) == sides(points=(15, 15), games=(1, 1))
    seen = [look(3.0 * i, "NADAL     I  15", "DIMITROV  1  30") for i in range(3)]
    found = interpret([(Graphic((), 16), seen)], load("tennis").scoreboard)
    assert found.teams == ("NADAL", "DIMITROV")
    assert found.readings[0].counters["home_games"] == 1


def test_a_look_with_another_row_above_is_left_out() -> None:
    usual, other = ("NADAL    5  40", "FEDERER  4  30"), ("LIVE", "NADAL    5  40", "FEDERER  4  30")
    table = read_tables([look(0.0, *usual), look(3.0, *other), look(6.0, *usual)], tennis=True)
    assert table is not None
    assert list(table.counters["home_points"].tokens) == [0, 2]
    assert table.share == pytest.approx(2 / 3)
