"""Tagging by hand: keys, rosters, and when the page proposes it; and a report pasted into the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from highlights.export import timeline_json
from highlights.records import MOMENT, Event, Moment, Scoreboard
from highlights.review import roster
from highlights.review.roster import Player, Team
from highlights.review.tagging import ASSIGNED, tag_keys, why_untagged
from highlights.spans import Span
from tests.support.served import Served, make_match, served


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("match")
    make_match(folder)
    return folder


@pytest.fixture
def page(drawn: Path, tmp_path: Path) -> Iterator[Served]:
    timeline = timeline_json.read(drawn / "timeline.json")
    timeline_json.write(timeline, tmp_path / "timeline.json")
    with served(tmp_path) as running:
        yield running


@given(st.dictionaries(st.text(min_size=1), st.sampled_from(["", *ASSIGNED, "g", "x"]), max_size=60))
def test_no_two_kinds_share_a_key_and_the_given_ones_come_first(given: dict[str, str]) -> None:
    keys = tag_keys(given)
    used = [key for key in keys.values() if key]
    assert len(used) == len(set(used))
    first = {key: name for name, key in reversed(given.items()) if key}
    assert all(keys[name] == key for key, name in first.items())


def test_a_profile_names_the_key_of_a_kind(page: Served) -> None:
    text = "extends: soccer\nsport: soccer\nevents:\n  - name: corner\n    key: c\n"
    kinds = page.post("/api/profile/save", {"text": text})["kinds"]
    assert {kind["name"]: kind["key"] for kind in kinds}["corner"] == "c"
    faults = page.post("/api/profile/check", {"text": text.replace("key: c", "key: h")})["faults"]
    assert faults[0]["line"] == 5


@pytest.mark.parametrize(
    ("line", "player"),
    [
        ("10 Smith", Player("10", "Smith")),
        ("7, Jones", Player("7", "Jones")),
        ("#3 Miller (C)", Player("3", "Miller (C)")),
        ("1. Neuer", Player("1", "Neuer")),
        ('"9";"Kim, Ann"', Player("9", "Kim, Ann")),
        ("Ann Lee 12", Player("12", "Ann Lee")),
        ("Lee (4)", Player("4", "Lee")),
        ("Taylor", Player("", "Taylor")),
        ("5", Player("5", "")),
    ],
)
def test_a_line_of_a_roster_is_a_number_and_a_name_in_any_order(line: str, player: Player) -> None:
    assert roster.parsed([("ELK", f"Number,Name\n\n{line}\n{line}")]) == (Team("ELK", (player,)),)


@given(st.text(max_size=200))
def test_no_text_breaks_a_roster(text: str) -> None:
    [team] = roster.parsed([("ELK", text)])
    assert all(len(player.name) <= 80 and len(player.number) <= 3 for player in team.players)


@pytest.mark.parametrize("line", ["(" * 20_000, "( " * 10_000, "-" * 19_999 + "x"])
def test_a_long_line_of_a_roster_does_not_stop_the_page(line: str) -> None:
    began_s = process_time()
    assert len(roster.parsed([("ELK", line)])[0].players) == 1
    assert process_time() - began_s < 1.0  # a thousandth of it, but 5 s if the whole line were searched


def test_a_roster_is_saved_beside_the_timeline_and_offered_again(page: Served, tmp_path: Path) -> None:
    teams = [{"name": "ELK", "text": "10 Smith"}, {"name": "JAY", "text": "<b>9</b> Ü"}]
    assert page.post("/api/roster", {"teams": teams})["roster"][0]["players"] == [{"number": "10", "name": "Smith"}]
    assert roster.read(tmp_path)[0] == Team("ELK", (Player("10", "Smith"),))
    (tmp_path / roster.FILE).write_text("{}")
    assert page.get("/api/state")["roster"] == []


def test_tagging_is_proposed_where_nothing_was_found_with_the_reason(drawn: Path) -> None:
    timeline = timeline_json.read(drawn / "timeline.json")
    assert why_untagged(timeline) == ""
    found_none = replace(timeline, events=(), analysis=replace(timeline.analysis, scoreboard=Scoreboard()))
    assert "no score graphic" in why_untagged(found_none)
    span = Span(1, 2)
    moment = Event(MOMENT, "Moment", span, 1.5, 0.5, (Moment(MOMENT, span, 1.5, "crowd", 1.0, "loud"),))
    assert "no score graphic" in why_untagged(replace(found_none, events=(moment,)))
    unsure = replace(timeline.analysis.scoreboard, doubt="two numbers could be the score")
    doubted = replace(timeline, events=(), analysis=replace(timeline.analysis, scoreboard=unsure))
    assert "two numbers could be the score" in why_untagged(doubted)


def test_a_pasted_report_is_one_decision_that_can_be_undone(page: Served) -> None:
    before = page.get("/api/state")
    told = page.post("/api/report", {"revision": 0, "text": "0:30 corner Smith (ELK)\nnonsense", "times": "video"})
    assert [line["state"] for line in told["lines"]] == ["added", "unreadable"]
    [corner] = [event for event in told["state"]["events"] if event["name"] == "corner"]
    assert (corner["player"], corner["team"], corner["evidence"][0]["signal"]) == ("Smith", "ELK", "report")
    undone = page.post("/api/undo", {"revision": told["state"]["revision"]})
    assert [event["name"] for event in undone["events"]] == [event["name"] for event in before["events"]]
    assert page.ask("POST", "/api/report", {"revision": 0, "text": "0:30 corner"}).status == 409


def test_a_half_marked_by_hand_places_the_lines_of_the_report(page: Served) -> None:
    told = page.post("/api/report", {"revision": 0, "text": "1' Corner", "kick_offs": [20.0], "times": "auto"})
    assert told["lines"][0]["state"] in ("added", "doubtful")
    assert page.ask("POST", "/api/report", {"revision": 0, "text": "1' Corner", "kick_offs": [-1.0]}).status == 422
