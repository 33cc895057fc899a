"""Times of a report on the match clock: by the graphic, by kick-offs marked by hand, by the time of day."""

from __future__ import annotations

import pytest

from highlights.match_report import Anchors, KickOff
from highlights.records import Event, Timeline
from highlights.spans import Span
from tests.match_report.games import NO_ANCHORS, board, half_with_goals, only, take, timeline

KICK_OFFS = Anchors(kick_offs=(KickOff(1, 60), KickOff(2, 3800)))
TWO_HALVES = board(6600, [(60, 0, ""), (3800, 2700, "")])


def added(text: str, game: Timeline | None = None, anchors: Anchors = NO_ANCHORS) -> Event:
    game = game or timeline(6600, TWO_HALVES)
    applied = take(game, text, anchors)
    [line] = applied.lines
    assert line.state == "added", line
    [event] = [event for event in applied.timeline.events if event not in game.events]
    return event


@pytest.mark.parametrize(
    ("text", "from_s", "to_s"),
    [
        ("1' Yellow card", 60, 120),
        ("45' Yellow card", 60 + 44 * 60, 60 + 45 * 60),
        ("45+2' Yellow card", 60 + 46 * 60, 60 + 47 * 60),
        ("46' Yellow card", 3800, 3860),
        ("47' Yellow card", 3860, 3920),
    ],
)
@pytest.mark.parametrize("anchors", [Anchors(), KICK_OFFS], ids=["graphic", "kick-offs"])
def test_a_minute_is_found_in_its_half(text: str, from_s: float, to_s: float, anchors: Anchors) -> None:
    game = timeline(6600) if anchors.kick_offs else timeline(6600, TWO_HALVES)
    span = added(text, game, anchors).span
    assert span.start_s == pytest.approx(from_s, abs=5)
    assert span.end_s == pytest.approx(to_s, abs=5)


def test_a_minute_only_keeps_its_doubt() -> None:
    event = added("30' Yellow card")
    assert event.doubt == event.span == Span(60 + 29 * 60, 60 + 30 * 60)
    assert event.game_clock == "30'"


def test_halves_of_other_lengths_follow_from_the_stoppage_time() -> None:
    game = timeline(5000, board(5000, [(0, 0, ""), (2600, 2100, "")]))
    applied = take(game, "35+2' Yellow card\n37' Red card")
    yellow, red = applied.timeline.events
    assert yellow.span.start_s == pytest.approx(36 * 60, abs=3)
    assert red.span.start_s == pytest.approx(2600 + 60, abs=3)


def test_without_a_clock_or_kick_off_a_minute_has_no_place_and_says_what_to_do() -> None:
    line = only(timeline(6600), "47' Yellow card")
    assert (line.state, line.at_s) == ("doubtful", None)
    assert "--kick-off" in line.reason


@pytest.mark.parametrize("text", ["80' Yellow card", "90+9' Yellow card"])
def test_a_time_outside_the_recording_is_told(text: str) -> None:
    line = only(half_with_goals(), text)
    assert (line.state, line.reason) == ("doubtful", "this time of the match is not in the recording")


@pytest.mark.parametrize(("text", "at_s"), [("Q3 4:12 dunk", 468), ("Q4 4:12 dunk", 1368), ("Q4 0:30 dunk", 1590)])
def test_a_clock_that_counts_down_is_found_in_its_period(text: str, at_s: float) -> None:
    game = timeline(2000, board(2000, [(0, 720, "Q3"), (900, 720, "Q4")], way=-1), sport="basketball")
    event = added(text, game)
    assert event.span.holds(at_s)
    assert event.span.length_s <= 15


def test_a_clock_without_its_period_is_in_doubt_where_it_was_shown_twice() -> None:
    game = timeline(2000, board(2000, [(0, 720, ""), (900, 720, "")], way=-1), sport="basketball")
    line = only(game, "Q3 4:12 dunk")
    assert (line.state, line.reason) == ("doubtful", "it can be at 7:40 or 22:40; say the period, such as Q3 or 2H")


def test_a_time_in_a_period_of_a_clock_that_goes_on_counts_from_its_start() -> None:
    assert added("2nd half 12:30 corner").span.holds(3800 + 750)


def test_bare_times_are_what_puts_them_beside_the_goals() -> None:
    game = half_with_goals()
    assert [line.state for line in take(game, "5:00 goal\n11:30 goal").lines] == ["matched", "matched"]
    assert [line.state for line in take(game, "15:00 goal\n21:30 goal").lines] == ["matched", "matched"]


def test_bare_times_that_can_be_both_are_in_doubt_until_they_are_said() -> None:
    game = half_with_goals()
    assert "--report-times video or clock" in only(game, "12:00 corner").reason
    assert added("12:00 corner", game, Anchors(times="video")).span.holds(720)
    assert added("12:00 corner", game, Anchors(times="clock")).span.holds(120)


def test_a_time_of_day_is_placed_by_the_start_given_by_hand() -> None:
    event = added("15:05:10 corner", half_with_goals(), Anchors(starts_at_s=15 * 3600))
    assert event.span == Span(285, 316)


@pytest.mark.parametrize("zone_h", [0, 2, -7])
def test_a_time_of_day_is_placed_by_when_the_file_was_made_in_the_zone_of_the_report(zone_h: int) -> None:
    made_s = 1_777_140_000.0 - zone_h * 3600  # 18:00:00 there
    game = half_with_goals()
    event = added("18:05:10 save", game, Anchors(recorded_s=(made_s,), zone_s=3600.0 * zone_h))
    assert event.span.holds(300)


def test_one_note_outside_the_recording_does_not_move_its_clock_to_another_place_of_the_world_but_three_do() -> None:
    made = Anchors(recorded_s=(1_777_140_000.0,))  # 18:00:00 in Greenwich
    assert only(half_with_goals(), "21:05:10 save", made).state == "doubtful"
    lines = take(half_with_goals(), "21:05:10 save\n21:12:00 corner\n21:19:00 corner", made).lines
    assert [line.state for line in lines] == ["added"] * 3


def test_a_recording_that_does_not_say_when_it_was_made_asks_for_it() -> None:
    assert "--starts-at" in only(half_with_goals(), "3:05 pm save").reason
