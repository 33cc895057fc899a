"""Lines of a report as people write them: when, what, who, for which side."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from highlights.errors import FormatError
from highlights.match_report.lines import LARGEST_BYTES, MOST_LINES, ReportLine, of_text, read
from highlights.profile import load
from tests.match_report.games import half_with_goals, take

REPORT = Path("report.txt")
TEAMS = ("ELK", "JAY")


def lines(text: str, sport: str = "soccer") -> tuple[ReportLine, ...]:
    return of_text(text, REPORT, load(sport), TEAMS)


def line(text: str, sport: str = "soccer") -> ReportLine:
    [one] = lines(text, sport)
    return one


@pytest.mark.parametrize(
    ("text", "notation", "at_s"),
    [
        ("23' Goal", "minute", 22 * 60),
        ("45+2' Goal", "minute", 46 * 60),
        ("90' + 4' Goal", "minute", 93 * 60),
        ("23 Goal Smith", "minute", 22 * 60),
        ("min 23: Goal", "minute", 22 * 60),
        ("Goal Smith 23'", "minute", 22 * 60),
        ("0:33 goal", "bare", 33),
        ("1:02:33 corner", "bare", 3753),
        ("Q3 4:12 goal", "clock", 252),
        ("P2 07:31 goal", "clock", 451),
        ("2nd half 51:20 goal", "clock", 3080),
        ("3:42 pm goal", "day", (15 * 60 + 42) * 60),
        ("2026-05-01T15:42:10+02:00 goal", "day", (13 * 60 + 42) * 60 + 10),
    ],
)
def test_a_time_is_read_in_every_notation(text: str, notation: str, at_s: float) -> None:
    read_line = line(text)
    assert read_line.time is not None, read_line.fault
    assert (read_line.time.notation, read_line.time.at_s) == (notation, at_s)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Goal Smith", "goal"),
        ("GOAL!!! Smith", "goal"),
        ("Own goal Smith", "goal"),
        ("Penalty missed Smith", "penalty_kick"),
        ("Goal disallowed Smith", "disallowed_goal"),
        ("almost a goal by Smith", "shot"),
        ("Goal kick", "goal_kick"),
        ("Second yellow Smith", "red_card"),
        ("Yellow card Smith", "yellow_card"),
        ("great save by Miller", "save"),
        ("Corner, then a goal", "corner"),
        ("Streaker on the pitch", "streaker_on_the_pitch"),
    ],
)
def test_the_longest_known_words_say_what_happened(text: str, kind: str) -> None:
    told = line(f"23' {text}").kind
    assert told is not None
    assert told.name == kind


@pytest.mark.parametrize("text", ["Smith, but not a goal", "Smith never a goal", "no clear goal"])
def test_a_goal_that_was_none_is_in_doubt(text: str) -> None:
    assert "may tell of no goal" in line(f"23' {text}").doubt


@pytest.mark.parametrize(
    ("sport", "text", "kind"),
    [
        ("rugby", "Try Jones", "try"),
        ("rugby", "Penalty Jones", "penalty_goal"),
        ("ice_hockey", "Penalty Jones", "penalty"),
        ("american_football", "Touchdown Jones", "touchdown"),
        ("basketball", "3-pointer Curry", "three_pointer"),
    ],
)
def test_a_word_means_what_it_means_in_the_sport(sport: str, text: str, kind: str) -> None:
    told = line(f"23' {text}", sport).kind
    assert told is not None
    assert told.name == kind


@pytest.mark.parametrize(
    ("text", "player", "team"),
    [
        ("Goal Smith (HOME)", "Smith", "HOME"),
        ("Yellow card 7 Jones (Rovers)", "Jones", "Rovers"),
        ("GOAL! Smith, ELK", "Smith", "ELK"),
        ("great save by Miller from close range", "Miller", ""),
        ("Goal Van der Berg (pen)", "Van der Berg", ""),
        ("Yellow card Jones (foul)", "Jones", ""),
        ("Yellow card Jones (Dissent)", "Jones", ""),
        ("Goal Smith (assist Jones)", "Smith", ""),
        ("Goal Header", "", ""),
        ("Goal what a strike from the edge", "", ""),
    ],
)
def test_a_player_and_a_team_are_taken_only_where_they_are_named(text: str, player: str, team: str) -> None:
    told = line(f"23' {text}")
    assert (told.player, told.team) == (player, team)


def test_a_table_is_read_by_its_header_whatever_its_separator() -> None:
    first, second = lines("minute;added;event;player;team\n45;2;Yellow card;Jones;away\n;;;;\n50;;Goal;Smith;home\n")
    assert (first.number, first.time and first.time.written, first.player, first.team) == (2, "45+2'", "Jones", "away")
    assert (second.number, second.kind and second.kind.name) == (4, "goal")


def test_a_row_without_a_readable_time_keeps_its_number_and_says_so() -> None:
    _, wrong = lines("minute,event\n12,Goal\nsoon,Goal\n")
    assert (wrong.number, wrong.fault) == (3, "its time cannot be read")


@pytest.mark.parametrize(
    ("feed", "written", "kind", "player"),
    [
        ([{"minute": 23, "type": {"name": "Goal"}, "player": {"name": "Smith"}}], "23'", "goal", "Smith"),
        (
            {"response": [{"time": {"elapsed": 45, "extra": 2}, "type": "Card", "detail": "Yellow Card"}]},
            "45+2'",
            "yellow_card",
            "",
        ),
        ({"goals": [{"minute": 5, "type": "REGULAR", "scorer": {"name": "Smith"}}]}, "5'", "goal", "Smith"),
        ({"bookings": [{"minute": 5, "card": "RED", "player": {"name": "Smith"}}]}, "5'", "red_card", "Smith"),
        ([{"minute": 9, "type": "Goal", "detail": "Missed Penalty"}], "9'", "penalty_kick", ""),
    ],
)
def test_the_entries_of_a_feed_are_found_in_its_lists(feed: object, written: str, kind: str, player: str) -> None:
    entry = line(json.dumps(feed))
    assert (entry.time and entry.time.written, entry.kind and entry.kind.name, entry.player) == (written, kind, player)


def test_a_minute_with_its_second_in_a_feed_is_a_time_on_the_clock() -> None:
    time = line(json.dumps([{"minute": 22, "second": 15, "period": 1, "type": {"name": "Goal"}}])).time
    assert time is not None
    assert (time.notation, time.at_s, time.period) == ("clock", 22 * 60 + 15, 1)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a fine match", "says no time"),
        ("Goals: Smith 23', 67'", "says several times"),
        ("34'", "says a time, but not what happened"),
        ("23' Goal " + "x" * 2000, "longer than"),
    ],
)
def test_a_line_that_cannot_be_read_says_why(text: str, fault: str) -> None:
    assert fault in line(text).fault


def test_a_line_of_the_result_names_the_teams_and_the_final_score() -> None:
    result = line("Elk United 3-1 Jays")
    assert (result.mark, result.score, result.names) == ("full_time", (3, 1), ("Elk United", "Jays"))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"x" * (LARGEST_BYTES + 1), "larger than 1 MB"),
        (b"1' Goal\n" * (MOST_LINES + 1), f"more than {MOST_LINES} lines"),
        (b"\xff\xd8\xff\xe0", "not UTF-8"),
        (b"a\x00b", "not text"),
        (b"", "is empty"),
        (b'{"minute": ', "not JSON"),
        (b'{"teams": []}', "without a list of entries"),
    ],
)
def test_a_file_that_is_no_report_is_refused_by_name(tmp_path: Path, content: bytes, problem: str) -> None:
    (tmp_path / "report").write_bytes(content)
    with pytest.raises(FormatError, match=problem) as refused:
        read(tmp_path / "report", load("soccer"))
    assert str(refused.value).startswith(str(tmp_path / "report"))


PIECES = st.sampled_from(
    [
        *(
            "23'",
            "45+2'",
            "0:33",
            "68:03",
            "15:42:10",
            "Q3 4:12",
            "Goal",
            "goal",
            "Smith",
            "(HOME)",
            "(away)",
            "2-1",
            "HT",
            "FT 3-1",
        ),
        *("\n", "\n", ",", ";", " ", "minute,event,team\n", "[", "]", "{", "}", '"minute": 5', '"type": "Goal"', "٣", "'", "+"),
    ]
)
GAME = half_with_goals()


@settings(max_examples=50)
@given(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=14).map("".join)))
def test_whatever_the_text_every_line_is_accounted_for_or_the_file_is_refused(text: str) -> None:
    try:
        expected = lines(text)
    except FormatError:
        return
    applied = take(GAME, text)
    assert [one.number for one in applied.lines] == [one.number for one in expected]
    assert all(one.reason for one in applied.lines if one.state in ("doubtful", "contradicts", "unreadable"))


ENTRIES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | PIECES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["minute", "time", "type", "team", "goals", "extra", "clock", "x"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@settings(max_examples=50)
@given(ENTRIES)
def test_whatever_the_feed_it_is_read_or_refused(content: object) -> None:
    with suppress(FormatError):
        take(GAME, json.dumps([content]))
