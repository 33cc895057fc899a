import pytest

from highlights.analysis.score.game_clock import GameClock, read_clock, running_clock, standing_clock
from highlights.analysis.score.slots import GraphicReading
from highlights.records import Scoreboard, ScoreReading
from tests.support.score_looks import clock, looks, match


def read(seen: list[GraphicReading]) -> GameClock:
    return read_clock(seen, running_clock(seen))


def test_a_clock_is_interpolated_between_its_readings() -> None:
    game = read(match(["0-0"] * 20))
    assert game.at(7.5) == pytest.approx(607.5)
    assert game.text_at(7.5) == "10:07"


def test_a_clock_that_counts_down_is_followed() -> None:
    game = read(looks(*(f"BOS 1 NYR 0  {clock(600 - 2 * i)}" for i in range(20))))
    assert game.way == -1
    assert game.at(11.0) == pytest.approx(589.0)


def test_of_two_running_clocks_the_one_read_more_often_is_the_games():
    seen = looks(*(f"BOS 1 NYR 0  {clock(600 - 2 * i)}" + (f"   {clock(30 - 2 * i)}" if 3 < i < 9 else "") for i in range(20)))
    assert read(seen).text_at(0.0) == "10:00"


def test_a_clock_that_stands_is_reported_and_does_not_run_on():
    seen = looks(*["TOR 2 MTL 2  2:40"] * 6)
    assert running_clock(seen) is None
    game = read_clock(seen, standing_clock(seen))
    assert (game.way, game.text_at(3.0), game.text_at(40.0)) == (0, "2:40", "2:40")


def test_of_several_standing_clocks_none_is_reported():
    assert standing_clock(looks(*["TOR 2 MTL 2  2:40  19:05"] * 6)) is None


def test_a_misread_clock_is_ignored() -> None:
    seen = match(["0-0"] * 20)
    seen[7] = match(["0-0"], start_s=4000)[0].__class__(14.0, 15.8, match(["0-0"], start_s=4000)[0].rows)
    assert read(seen).at(14.0) == pytest.approx(614.0)


def test_a_hidden_clock_is_extrapolated_for_a_while_and_then_unknown() -> None:
    game = GameClock(((0.0, 600.0), (2.0, 602.0)))
    assert game.at(60.0) == 660.0
    assert game.at(200.0) is None
    assert game.text_at(200.0) == ""


def test_a_clock_that_stopped_stays_between_its_readings() -> None:
    game = GameClock(((0.0, 600.0), (40.0, 605.0)))
    assert game.at(20.0) == 605.0


def test_the_clock_is_stopped_during_a_break() -> None:
    assert read(looks(*["ARS 0-0 CHE 45:00"] * 10)) == GameClock()


def test_a_graphic_without_a_clock_gives_no_game_clock() -> None:
    assert running_clock(looks(*["ARS 0-0 CHE"] * 10)) is None
    assert GameClock().at(1.0) is None


def test_a_clock_is_formatted_as_on_the_graphic() -> None:
    assert read(looks(*(f"{(599 - 2 * i) // 60}:{(599 - 2 * i) % 60:02d}" for i in range(10)))).text_at(0.0) == "9:59"


def test_a_game_clock_runs_in_the_direction_of_its_scoreboard() -> None:
    readings = tuple(ScoreReading(float(t), "", {}, 600.0 - t, clock(600 - t)) for t in range(0, 40, 10))
    assert GameClock.of(Scoreboard(readings=readings)).at(15.0) == pytest.approx(585.0)


def test_readings_far_away_tell_the_second_as_long_as_the_clock_ran_without_a_stop() -> None:
    running = GameClock(((0.0, 100.0), (51.4, 151.0), (95.7, 195.0)))
    assert running.text_at(96.0) == "03:16"  # 100 + 96; the reading just before it would give 195.3
    stopped = GameClock(((0.0, 100.0), (30.0, 120.0), (51.4, 141.0), (95.7, 185.0)))
    assert stopped.text_at(96.0) == "03:06"  # 120 + 66: what was read before the stop, 100 + 96, does not count
