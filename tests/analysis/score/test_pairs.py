"""Which pair of numbers is the score: each kind of graphic that was once misread, as fictional readings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from highlights.analysis.score.interpret import interpret
from highlights.analysis.score.locate import Graphic
from highlights.analysis.score.tokens import TextRow
from highlights.profile import load
from highlights.records import Scoreboard
from tests.support.score_looks import look


def board(sport: str, *looks: tuple[str, ...], each: int = 3) -> Scoreboard:
    """What is made of readings of one graphic, each given `each` times, 3 s apart."""
    lines = [texts for texts in looks for _ in range(each)]
    return interpret([(Graphic((), 16), [look(3.0 * i, *texts) for i, texts in enumerate(lines)])], load(sport).scoreboard)


def scores(found: Scoreboard) -> list[tuple[int, ...]]:
    """The scores read, without repetitions."""
    return [*dict.fromkeys(tuple(reading.counters.values()) for reading in found.readings)]


def _sized(row: TextRow, heights: dict[str, float]) -> TextRow:
    """A row whose numbers have ink as tall as given, 18 px if not."""
    return replace(row, tokens=tuple(replace(t, height=heights.get(t.text, 18.0)) for t in row.tokens))


def test_a_series_beside_the_score_is_not_the_score() -> None:
    looks = [(f"CLE  {26 + 2 * i}  GS  {30 + i}  1st  {11 - i}:53", "GS LEADS 1-0") for i in range(6)]
    found = board("basketball", *looks)
    assert scores(found) == [(26 + 2 * i, 30 + i) for i in range(6)]
    assert found.teams == ("CLE", "GS")


@pytest.mark.parametrize("count", ["0-0", "2-1", "3-2"])
def test_a_count_of_balls_and_strikes_is_not_the_score(count: str) -> None:
    found = board("baseball", ("MIA  0      2", f"NYM  1     {count}", "DEGROM    P: 12"))
    assert scores(found) == [(0, 1)]
    assert found.teams == ("MIA", "NYM")


def test_a_count_that_changes_makes_no_runs() -> None:
    looks = [("CHC  5", f"PHI  0    {count}  1 OUT") for count in ("0-0", "1-0", "1-1", "2-1", "0-0", "0-1", "1-1", "3-2")]
    found = board("baseball", *looks)
    assert scores(found) == [(5, 0)]
    assert found.changes == ()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("BRO BOND XI  46/2  5.4  OV  TIGAR  4(3)  PRASHANT  0(4)  ABHIRAJ  1-23", (46, 2, 34)),
        ("AJNARA  127/3  15.0  OV  SACHIN  30(24)  SUNIL  0-4", (127, 3, 90)),
        ("AUS  2-46  7.3  KHAN  0-12", (46, 2, 45)),
    ],
)
def test_the_figures_of_a_bowler_are_not_the_score(line: str, expected: tuple[int, ...]) -> None:
    assert scores(board("cricket", (line,))) == [expected]


def test_ranks_and_the_clock_are_not_the_score() -> None:
    seen = [look(3.0 * i, "CAROLINA   2 CLEMSON   1:33", "21         28      2ND & 6") for i in range(3)]
    sized = [replace(s, rows=tuple(_sized(row, {"21": 28, "28": 28}) for row in s.rows)) for s in seen]
    found = interpret([(Graphic((), 16), sized)], load("american_football").scoreboard)
    assert scores(found) == [(21, 28)]
    assert found.teams == ("CAROLINA", "CLEMSON")


def test_shots_are_not_the_score() -> None:
    found = board("ice_hockey", ("TOR  2  MTL  1  2:40", "  18 SHOTS 17"))
    assert scores(found) == [(2, 1)]


def test_the_minute_of_play_is_not_the_score() -> None:
    assert scores(board("soccer", ("FRA  0  0  BEL  39'",))) == [(0, 0)]


def test_two_pairs_that_are_as_likely_are_in_doubt() -> None:
    found = board("soccer", ("ARS  1", "CHE  0", "LIV  2", "AVL  2"))
    assert (found.readings, found.changes) == ((), ())
    assert "1–0" in found.doubt or "0–2" in found.doubt
    assert found.doubt_s > 0


def test_numbers_without_names_that_stand_still_are_in_doubt() -> None:
    found = board("soccer", ("3  7",))
    assert found.readings == ()
    assert "3–7" in found.doubt


def test_letters_of_a_badge_or_a_channel_are_no_name() -> None:
    assert board("soccer", ("B    B    C      LIV  0  0  AVL",)).teams == ("LIV", "AVL")
    assert board("baseball", ("C CHC  5", "P PHI  0")).teams == ("CHC", "PHI")


def test_an_initial_is_part_of_a_name() -> None:
    assert board("american_football", ("S.CAROLINA  21", "CLEMSON     28")).teams == ("S.CAROLINA", "CLEMSON")


def test_a_profile_may_name_more_labels_and_pin_the_cells() -> None:
    rules = load("soccer").scoreboard
    readings = [look(3.0 * i, "ARS  1  CORNERS  4", "CHE  0  CORNERS  2") for i in range(4)]
    assert scores(interpret([(Graphic((), 16), readings)], rules)) == [(1, 0)]
    (x0, y0), (x1, y1) = ((t.x, row.y) for row in readings[0].rows for t in row.tokens if t.text in ("4", "2"))
    places = {"home": (x0 - 9, y0 - 9, x0 + 9, y0 + 9), "away": (x1 - 9, y1 - 9, x1 + 9, y1 + 9)}
    cells = {counter: tuple(v / 1000 for v in place) for counter, place in places.items()}
    pinned = type(rules)(rules.layout, rules.steps, cells=cells)  # type: ignore[arg-type]
    assert scores(interpret([(Graphic((), 16), readings)], pinned, (1000, 1000))) == [(4, 2)]
    turned = replace(pinned, cells={"away": cells["away"], "home": cells["home"]})
    assert scores(interpret([(Graphic((), 16), readings)], turned, (1000, 1000))) == [(4, 2)]
