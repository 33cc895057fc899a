from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from highlights.export import timeline_csv
from highlights.records import Moment, Timeline
from highlights.spans import Span
from tests.support.matches import SEEN, short_match


def table(timeline: Timeline, target: Path) -> list[dict[str, str]]:
    timeline_csv.write(timeline, target)
    with target.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def test_every_event_is_a_row_in_the_promised_columns(tmp_path: Path) -> None:
    rows = table(short_match(tmp_path / "match.mp4"), tmp_path / "timeline.csv")
    assert [row["score"] for row in rows] == ["1–0", "1–1"]
    assert list(rows[0]) == list(timeline_csv.COLUMNS)
    assert rows[0] | {"why": ""} == {
        "name": "goal",
        "title": "Goal",
        "start_s": "125.740",
        "end_s": "151.740",
        "peak_s": "134.740",
        "start": "0:02:05.740",
        "game_clock": "24:25",
        "period": "1",
        "score": "1–0",
        "team": "ARS",
        "player": "",
        "status": "found",
        "description": SEEN,
        "confidence": "0.964",
        "why": "",
    }
    why = "score +3.2: the score went from 0–0 to 1–0; crowd +1.6: the crowd roars, 0.94 of its loudest; "
    assert rows[0]["why"].startswith(why)


def test_a_claim_of_a_model_is_written_with_its_signal_and_weight(tmp_path: Path) -> None:
    timeline = short_match(tmp_path / "match.mp4")
    claims = (Moment("goal", Span(1, 2), 1.5, "marlin_check", -1.25, "it says no to the question whether there is a goal"),)
    told = replace(timeline, events=(replace(timeline.events[0], evidence=claims),))
    why = table(told, tmp_path / "timeline.csv")[0]["why"]
    assert why == "marlin check -1.2: it says no to the question whether there is a goal"


@pytest.mark.parametrize("description", ["=1+1", "A shot.\r\nSaved.", 'He says "no", twice; then 鹿島 score'])
def test_a_description_stays_one_cell_of_text(tmp_path: Path, description: str) -> None:
    timeline = short_match(tmp_path / "match.mp4")
    described = replace(timeline, events=(replace(timeline.events[0], description=description),))
    [row] = table(described, tmp_path / "timeline.csv")
    assert row["description"] == ("'=1+1" if description == "=1+1" else description)


@pytest.mark.parametrize("team", ["=1+1", "+49", "-x", '@SUM(A1:A9)","', "\t=1", "\r=1"])
def test_a_team_name_that_begins_like_a_formula_stays_text(tmp_path: Path, team: str) -> None:
    timeline = short_match(tmp_path / "match.mp4")
    hostile = replace(timeline, events=(replace(timeline.events[0], team=team),))
    assert table(hostile, tmp_path / "timeline.csv")[0]["team"] == "'" + team


@pytest.mark.parametrize("team", ['A "B", C', "Zürich\nBern", "鹿島;アントラーズ", "الهلال"])
def test_any_name_comes_back_as_it_was(tmp_path: Path, team: str) -> None:
    timeline = short_match(tmp_path / "match.mp4")
    named = replace(timeline, events=(replace(timeline.events[0], team=team),))
    assert table(named, tmp_path / "timeline.csv")[0]["team"] == team


def test_lines_end_as_rfc_4180_requires_and_a_byte_order_mark_tells_excel_the_encoding(tmp_path: Path) -> None:
    timeline_csv.write(short_match(tmp_path / "match.mp4"), tmp_path / "timeline.csv")
    content = (tmp_path / "timeline.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfname,title,")
    assert content.count(b"\r\n") == content.count(b"\n") == 3


def test_a_match_without_events_is_a_table_with_only_a_header(tmp_path: Path) -> None:
    timeline = replace(short_match(tmp_path / "match.mp4"), events=(), clips=())
    assert table(timeline, tmp_path / "timeline.csv") == []
