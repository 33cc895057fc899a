from dataclasses import replace

import pytest

from benchmarks.score_graphics.designs import DESIGNS, smaller
from benchmarks.score_graphics.drawing import faults, font_path, read
from highlights.analysis.score.interpret import interpret
from highlights.analysis.score.locate import Graphic
from highlights.analysis.score.slots import GraphicReading
from highlights.profile import ScoreboardRules
from highlights.records import Box, Scoreboard
from tests.support.score_looks import clock, look, match

SOCCER = ScoreboardRules("versus", {"score": (1,)}, max_score=30)
HERE, THERE = Graphic((Box(0, 0, 10, 10),), 9), Graphic((Box(50, 50, 60, 60),), 5)
TRIED = (
    "plain", "two rows and clock", "white boxes", "half transparent", "full width", "names cyrillic",
    "names digits in names in two rows", "basketball fouls", "ice hockey P2", "handball",
    "american football", "baseball", "cricket bar", "tennis deuce", "volleyball one row", "everything",
    "hidden in replays", "other design", "nothing happens",
)  # fmt: skip


def scoreboard_of(*scores: str) -> Scoreboard:
    return interpret([(HERE, match(scores))], SOCCER)


def results(scoreboard: Scoreboard) -> list[tuple[int, int]]:
    return [(change.after["home"], change.after["away"]) for change in scoreboard.changes]


@pytest.mark.parametrize("name", TRIED)
def test_every_change_of_a_design_is_read_and_no_other(name: str) -> None:
    design = smaller(DESIGNS[name])
    if design.font and not font_path(design.font):
        pytest.skip(f"the font {design.font} is not installed")
    assert faults(design, read(design, pictures=10)) == []


def test_a_change_is_reported_with_its_times_clock_and_teams() -> None:
    scoreboard = scoreboard_of(*["0-0"] * 10, *["1-0"] * 10)
    (change,) = scoreboard.changes
    assert (change.before, change.after) == ({"home": 0, "away": 0}, {"home": 1, "away": 0})
    assert (change.seen.start_s, change.seen.end_s) == (19.8, 20.0)
    assert change.shown_s == 20.0
    assert change.clock == "10:20"
    assert change.confidence > 0.95
    assert scoreboard.teams == ("ARS", "CHE")
    assert scoreboard.boxes == HERE.rows


def test_a_hidden_change_is_placed_in_the_middle_of_the_hidden_span() -> None:
    looks = match(["0-0"] * 8)
    later = [replace(one, time_s=one.time_s + 30, until_s=one.until_s + 30) for one in match(["1-0"] * 8, start_s=630)]
    scoreboard = interpret([(HERE, [*looks, *later])], SOCCER)
    (change,) = scoreboard.changes
    assert (change.seen.start_s, change.seen.end_s) == (15.8, 30.0)
    assert change.shown_s == pytest.approx(22.9)
    assert len(scoreboard.visible) == 2


def test_two_changes_at_once_are_one() -> None:
    assert results(scoreboard_of(*["0-0"] * 8, *["1-1"] * 8)) == [(1, 1)]


def test_a_disallowed_goal_is_two_changes() -> None:
    assert results(scoreboard_of(*["0-0"] * 8, *["1-0"] * 10, *["0-0"] * 14)) == [(1, 0), (0, 0)]


def test_a_single_misreading_changes_nothing() -> None:
    assert results(scoreboard_of(*["0-0"] * 8, "8-0", *["0-0"] * 8, "0-0")) == []
    assert results(scoreboard_of(*["0-0"] * 8, "1-0")) == []


def test_an_unchanged_score_is_reported_from_time_to_time() -> None:
    readings = scoreboard_of(*["0-0"] * 20).readings
    assert [reading.time_s for reading in readings] == [0.0, 10.0, 20.0, 30.0]
    assert readings[1].clock == "10:10"
    assert readings[1].clock_s == 610.0


def test_a_change_is_reported_with_its_period() -> None:
    looks = [look(2.0 * i, f"BOS  {int(i > 5)}  NYR  0  2ND  {clock(600 - 2 * i)}") for i in range(12)]
    assert interpret([(HERE, looks)], SOCCER).changes[0].period == "2ND"


def test_a_graphic_in_another_place_continues_where_the_first_one_ends() -> None:
    second = [replace(one, time_s=one.time_s + 100, until_s=one.until_s + 100) for one in match([*["1-0"] * 8, *["1-1"] * 8])]
    scoreboard = interpret([(HERE, match([*["0-0"] * 8, *["1-0"] * 8])), (THERE, second)], SOCCER)
    assert results(scoreboard) == [(1, 0), (1, 1)]
    assert scoreboard.boxes == (*HERE.rows, *THERE.rows)


def test_results_of_other_matches_are_ignored() -> None:
    other = [look(100 + 2.0 * i, "RMA  3-2  BAR") for i in range(12)]
    assert results(interpret([(HERE, match([*["0-0"] * 8, *["1-0"] * 8])), (THERE, other)], SOCCER)) == [(1, 0)]


def test_without_counting_numbers_the_scoreboard_is_empty() -> None:
    assert interpret([], SOCCER) == Scoreboard()
    assert interpret([(HERE, [look(2.0 * i, "SPORT 1 HD") for i in range(9)])], SOCCER) == Scoreboard()
    assert interpret([(HERE, [GraphicReading(0.0, 1.0, ())])], SOCCER) == Scoreboard()
