"""The index and its search: what is found, in which order, and that it follows the result folders."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from highlights.cli.main import main
from highlights.errors import OutputError
from highlights.library.folder import Library
from highlights.library.index import FILE, Index
from highlights.library.search import SearchError, search, understood
from highlights.library.season import as_csv, kinds_of, numbers
from tests.conftest import Put
from tests.support.libraries import event, put_match

DERBY = [
    event("Goal", 0.6, team="ELK", player="Smith", score="1–0", game_clock="12:30"),
    event("Goal", 1.2, team="JAY", player="Müller", score="1–1", game_clock="44:59"),
    event("Own goal", 1.8, team="ELK", score="2–1", game_clock="88:10", description="a deflected cross"),
]
FINAL = [event("Corner", 1.0, team="JAY", player="Smithson", game_clock="80:00"), event("Goal", 2.0, team="OWL", player="Lee")]


@pytest.fixture
def index(tmp_path: Path, put: Put) -> Index:
    recording = put(tmp_path / "film.mp4")
    put_match(tmp_path / "library", "derby", recording, DERBY)
    put_match(tmp_path / "library", "cup final", recording, FINAL, teams=("OWL", "JAY"))
    index = Index(Library(tmp_path / "library"))
    index.refresh()
    return index


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("smith", [("cup final", "Corner"), ("derby", "Goal")]),
        ("goal smith", [("derby", "Goal")]),
        ("muller", [("derby", "Goal")]),
        ('"own goal"', [("derby", "Own goal")]),
        ("goal -own", [("cup final", "Goal"), ("derby", "Goal"), ("derby", "Goal")]),
        ("equaliser", [("derby", "Goal")]),
        ("state:opener", [("derby", "Goal")]),
        ("kind:corner team:jay", [("cup final", "Corner")]),
        ("minute:80-90", [("cup final", "Corner"), ("derby", "Own goal")]),
        ("goal minute:45", [("derby", "Goal")]),
        ('match:"cup final"', [("cup final", "Corner"), ("cup final", "Goal")]),
        ("deflected", [("derby", "Own goal")]),
        ("owl", [("cup final", "Corner"), ("cup final", "Goal")]),
        ("nobody", []),
    ],
)
def test_a_search_finds_events_by_words_fields_and_minutes(index: Index, text: str, found: list[tuple[str, str]]) -> None:
    assert [(match.name, event.title) for match, event in search(index, text)] == found


@pytest.mark.parametrize(("written", "minute"), [("69'", 69), ("45+2'", 47), ("68:03", 69), ("", 1)])
def test_the_minute_is_that_of_the_clock_or_of_the_match_report(tmp_path: Path, put: Put, written: str, minute: int) -> None:
    put_match(tmp_path / "library", "derby", put(tmp_path / "film.mp4"), [event("Corner", 1.0, game_clock=written)])
    index = Index(Library(tmp_path / "library"))
    index.refresh()
    assert [event.minute for _, event in search(index, f"corner minute:{minute}")] == [minute]


def test_the_first_score_of_a_recording_that_begins_later_is_no_opener(tmp_path: Path, put: Put) -> None:
    put_match(
        tmp_path / "library",
        "half",
        put(tmp_path / "film.mp4"),
        [event("Goal", 1.0, score="2–1"), event("Goal", 1.5, score="2–2")],
    )
    index = Index(Library(tmp_path / "library"))
    index.refresh()
    assert [event.state for _, event in index.events()] == ["", "equaliser equalizer"]


@pytest.mark.parametrize("clock", ["9" * 400 + ":00", "9" * 5000 + ":00"])
def test_a_number_beyond_all_bounds_does_not_hide_the_library(index: Index, tmp_path: Path, put: Put, clock: str) -> None:
    odd = [event("Goal", 1.0, game_clock=clock, score="9" * 5000 + "–0")]
    put_match(tmp_path / "library", "odd", put(tmp_path / "film.mp4"), odd)
    index.refresh()
    assert [(match.name, shown.minute) for match, shown in search(index, "match:odd")] == [("odd", 1)]


@pytest.mark.parametrize("text", ["colour:red", "minute:late", "minute:-", "-goal", "x" * 301])
def test_a_search_that_cannot_be_understood_says_why(index: Index, text: str) -> None:
    with pytest.raises(SearchError):
        search(index, text)


@given(st.text(max_size=60))
def test_no_text_breaks_the_search(text: str) -> None:
    try:
        asked = understood(text)
    except SearchError:
        return
    assert asked.expression.count('"') % 2 == 0


@pytest.mark.parametrize("text", ['"', '" OR "', "goal OR NEAR(", "kind:* ^a", "'; DROP TABLE words; --", "a*b -", "{x} : y"])
def test_operators_of_the_database_are_only_words(index: Index, text: str) -> None:
    with suppress(SearchError):
        search(index, text)
    assert len(search(index, "")) == 5


def test_the_index_follows_changed_deleted_and_renamed_matches(index: Index, tmp_path: Path, put: Put) -> None:
    library = Library(tmp_path / "library")
    library.rename("derby", "Derby of 2026")
    library.delete("cup final")
    put_match(library.root, "new", put(tmp_path / "new.mp4", 1), [event("Save", 1.0)])
    index.refresh()
    assert [(match.name, len(match.kinds)) for match in index.matches()] == [("Derby of 2026", 2), ("new", 1)]
    assert [match.name for match, _ in search(index, "goal")] == ["Derby of 2026"] * 3


def test_a_large_library_is_read_a_while_at_a_time(index: Index, tmp_path: Path, put: Put) -> None:
    recording = put(tmp_path / "more.mp4", 1)
    for number in range(3):
        put_match(tmp_path / "library", f"more {number}", recording, [event("Save", 1.0)])
    assert [index.refresh(0.0) for _ in range(3)] == [2, 1, 0]
    assert len(search(index, "save")) == 3


def test_a_damaged_index_is_made_anew(index: Index, tmp_path: Path) -> None:
    file = tmp_path / "library" / FILE
    file.write_bytes(b"no database" * 1000)
    index.refresh()
    assert len(search(index, "goal")) == 4


def test_a_library_that_cannot_be_written_to_is_reported(index: Index, tmp_path: Path) -> None:
    file = tmp_path / "library" / FILE
    file.unlink()
    file.mkdir()
    with pytest.raises(OutputError, match="cannot be used"):
        index.refresh()


def test_a_damaged_timeline_is_listed_with_its_error(index: Index, tmp_path: Path) -> None:
    (tmp_path / "library" / "derby" / "timeline.json").write_text("{}")
    index.refresh()
    derby = index.match("derby")
    assert derby is not None
    assert "not a timeline" in derby.error
    assert {match.name for match, _ in search(index, "goal")} == {"cup final"}


def test_a_match_tells_its_teams_score_and_what_is_missing(index: Index, tmp_path: Path) -> None:
    (tmp_path / "film.mp4").unlink()
    (tmp_path / "library" / "derby" / "reel.mp4").write_text("a reel")
    index.refresh()
    derby = index.match("derby")
    assert derby is not None
    assert (derby.teams, derby.score, derby.kinds, derby.undecided) == (("ELK", "JAY"), "2–1", {"Goal": 2, "Own goal": 1}, 3)
    assert (derby.missing, derby.reel) == (("film.mp4",), True)


def test_season_numbers_count_events_per_team_and_kind_and_what_clips_share_once(index: Index) -> None:
    rows = index.events()
    assert kinds_of(rows) == ["Goal", "Corner", "Own goal"]
    per_team = {number.name: (number.count, number.kinds) for number in numbers(rows, "team")}
    assert per_team == {
        "ELK": (2, {"Goal": 1, "Own goal": 1}),
        "JAY": (2, {"Goal": 1, "Corner": 1}),
        "OWL": (1, {"Goal": 1}),
    }
    assert [number.name for number in numbers(rows, "player")][-1] == ""
    assert as_csv(rows, "match").splitlines()[:2] == ["match,events,seconds,Goal,Corner,Own goal", "derby,3,2.2,2,0,1"]


def test_a_name_like_a_formula_is_inert_in_the_table(tmp_path: Path, put: Put) -> None:
    put_match(tmp_path / "library", "x", put(tmp_path / "x.mp4"), [event("Goal", 1.0, player="=HYPERLINK(1)")])
    index = Index(Library(tmp_path / "library"))
    index.refresh()
    assert "\r\n'=HYPERLINK(1),1" in as_csv(index.events(), "player")


def test_a_search_makes_no_library_where_there_is_none(tmp_path: Path) -> None:
    told = CliRunner().invoke(main, ["search", "goal", "--library", str(tmp_path / "nowhere")])
    assert (told.exit_code, (tmp_path / "nowhere").exists()) == (1, False)


def test_the_command_prints_what_it_finds_as_a_table_or_as_json(index: Index, tmp_path: Path) -> None:
    told = CliRunner().invoke(main, ["search", "goal", "smith", "--library", str(tmp_path / "library")])
    assert (told.exit_code, "1 event" in told.stdout, "Smith" in told.stdout) == (0, True, True)
    told = CliRunner().invoke(main, ["search", "muller", "--json", "--library", str(tmp_path / "library")])
    assert [(row["match"], row["player"]) for row in json.loads(told.stdout)] == [("derby", "Müller")]


def test_what_is_found_becomes_a_reel_of_several_matches(index: Index, tmp_path: Path) -> None:
    where = ["--library", str(tmp_path / "library"), "--reel", "all goals"]
    first, second = (CliRunner().invoke(main, ["search", "goal", *where]) for _ in range(2))
    reels = tmp_path / "library" / "reels"
    assert (first.exit_code, first.stdout.splitlines()[-1]) == (0, str(reels / "all goals.mp4"))
    assert second.stdout.splitlines()[-1] == str(reels / "all goals-2.mp4")  # nothing is replaced
    assert (reels / "all goals.mp4").read_bytes() == (reels / "all goals-2.mp4").read_bytes()
    assert CliRunner().invoke(main, ["search", "goal", *where[:2], "--reel", "../x"]).exit_code == 1
    nothing = CliRunner().invoke(main, ["search", "nobody", *where])
    assert (nothing.exit_code, nothing.stdout) == (1, "0 events\n")
    assert "no event was found to make a reel of" in nothing.stderr


def test_a_reel_needs_every_recording_it_shows(index: Index, tmp_path: Path) -> None:
    (tmp_path / "film.mp4").unlink()
    told = CliRunner().invoke(main, ["search", "goal", "--library", str(tmp_path / "library"), "--reel", "x"])
    assert (told.exit_code, "film.mp4" in told.stderr) == (1, True)
    assert list((tmp_path / "library" / "reels").iterdir()) == []
