"""Sportscode, LongoMatch, SoccerNet and LosslessCut, read by other people's readers of them."""

from __future__ import annotations

import csv
import json
import re
import warnings
from fractions import Fraction
from pathlib import Path

import json5
import pytest
from kloppy import sportscode
from kloppy.domain import Code

from highlights.errors import FormatError
from highlights.export import formats, soccernet
from highlights.records import Timeline
from tests.support.lists import NAMES, REEL, event, exported, match, part

HALVES = part("1.mp4", 3000), part("2.mp4", 3000, 3000)


def instances(path: Path) -> list[Code]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # kloppy leaves its copy of the file open
        return sportscode.load(str(path)).codes


def two_halves() -> Timeline:
    events = [
        event(723.5, team="ARS", player="Saka & Co", score="1–0"),
        event(900, "corner", team="che"),
        event(3010.25, "save", team="CHE"),
        event(4000, "dance", "Dance"),
    ]
    return match(events, *HALVES, rolls=False)


def test_kloppy_reads_the_instances_of_sportscode_with_their_labels(tmp_path: Path) -> None:
    codes = instances(exported(two_halves(), "sportscode", tmp_path))
    times = [(code.timestamp.total_seconds(), code.end_timestamp.total_seconds()) for code in codes]
    assert times == [(722.5, 724.5), (899.0, 901.0), (3009.25, 3011.25), (3999.0, 4001.0)]
    assert [code.code for code in codes] == ["Goal", "Corner", "Save", "Dance"]
    first = {"Team": "ARS", "Player": "Saka and Co", "Score": "1–0", "Status": "found", "Event": "[goal@723.500]"}
    assert codes[0].labels == first


def test_sportscode_is_written_as_hudl_wants_it(tmp_path: Path) -> None:
    timeline = match([event(10, title="Hove & <Brighton> \"'"), event(20, title="Tor")], rolls=False)
    text = exported(timeline, "sportscode", tmp_path).read_text(encoding="utf-8")
    assert text.startswith("<file><ALL_INSTANCES><instance><ID>1</ID><start>9.000</start><end>11.000</end><code>Hove and")
    assert "&" not in text
    rows = re.findall(r"<row><code>(.*?)</code><R>(\d+)</R><G>(\d+)</G><B>(\d+)</B></row>", text)
    assert [code for code, *_ in rows] == ["Hove and (Brighton) \"'", "Tor"]
    assert all(0 <= int(level) <= 65535 for _, *levels in rows for level in levels)
    assert len({tuple(levels) for _, *levels in rows}) == 2


def test_longomatch_has_a_block_for_each_category(tmp_path: Path) -> None:
    blocks = exported(two_halves(), "longomatch", tmp_path).read_text(encoding="utf-8").split("\n\n")
    assert blocks[0] == "CATEGORY: Goal\nGoal 001;0:12:02.500;0:12:04.500;LOCAL"
    assert [block.splitlines()[1].split(";")[3] for block in blocks] == ["LOCAL", "VISITOR", "VISITOR", "NONE"]


def test_soccernet_counts_from_the_start_of_each_file_and_leaves_out_what_it_does_not_know(tmp_path: Path) -> None:
    target = tmp_path / "Labels-v2.json"
    notes = formats.export(two_halves(), formats.choice("soccernet", None, None, target), target, REEL)
    assert notes == ("1 of 4 events have no class in this format and are left out",)
    labels = json.loads(target.read_text())
    told = [(a["gameTime"], a["label"], a["position"], a["team"], a["visibility"]) for a in labels["annotations"]]
    assert told == [
        ("1 - 12:03", "Goal", "723500", "home", "visible"),
        ("1 - 15:00", "Corner", "900000", "away", "visible"),
        ("2 - 00:10", "Shots on target", "10250", "away", "visible"),
    ]


@pytest.mark.parametrize(("period", "half"), [("2", "2"), ("2nd", "2"), ("1", "1"), ("", "1")])
def test_the_half_of_a_single_file_follows_from_its_events(period: str, half: str, tmp_path: Path) -> None:
    timeline = match([event(100, period=period)])
    assert json.loads(exported(timeline, "soccernet-spotting", tmp_path).read_text())["predictions"][0]["half"] == half


@pytest.mark.slow
def test_soccernets_own_evaluation_finds_every_prediction_where_the_truth_is(tmp_path: Path) -> None:
    judge = pytest.importorskip("SoccerNet.Evaluation.ActionSpotting", reason="pip install --no-deps SoccerNet==0.2.0")
    assert set(soccernet.CLASSES.values()) == set(judge.EVENT_DICTIONARY_V2)
    game = tmp_path / "game"
    game.mkdir()
    for name, file in (("soccernet", "Labels-v2.json"), ("soccernet-spotting", "results_spotting.json")):
        exported(two_halves(), name, tmp_path).replace(game / file)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it leaves files open
        classes = judge.EVENT_DICTIONARY_V2
        found = judge.evaluate(str(tmp_path), str(tmp_path), dataset=None, metric="tight", EVENT_DICTIONARY=classes)
    seen = [float(share) for share in found["a_mAP_per_class"]]
    wanted = {judge.EVENT_DICTIONARY_V2[label] for label in ("Goal", "Corner", "Shots on target")}
    assert {place for place, share in enumerate(seen) if share == pytest.approx(1.0)} == wanted


@pytest.mark.parametrize("name", NAMES)
def test_a_losslesscut_project_is_json5_for_the_file_beside_it(name: str, tmp_path: Path) -> None:
    timeline = match([event(100, title="Tor \"1\" 'x' \\", team="ARS")], part(tmp_path / name), rolls=False)
    project = json5.loads(exported(timeline, "losslesscut", tmp_path).read_text(encoding="utf-8"))
    assert (project["version"], project["mediaFileName"]) == (2, name)
    [segment] = project["cutSegments"]
    assert segment == {
        "start": 99.0,
        "end": 101.0,
        "name": "Tor \"1\" 'x' \\",
        "tags": {"team": "ARS", "player": "", "event": "[goal@100.000]"},
        "selected": True,
    }


def test_losslesscut_is_asked_for_one_file_at_a_time(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="refers to one file, the recording has 2: use --part 1, then --part 2"):
        exported(two_halves(), "losslesscut", tmp_path)
    second = json5.loads(exported(two_halves(), "losslesscut", tmp_path, part=2).read_text())
    assert (second["mediaFileName"], [s["start"] for s in second["cutSegments"]]) == ("2.mp4", [9.25, 999.0])
    with pytest.raises(FormatError, match="the recording has no part 3, it has 2"):
        exported(two_halves(), "losslesscut", tmp_path, part=3)


def test_the_table_of_losslesscut_is_in_seconds(tmp_path: Path) -> None:
    timeline = match([event(100, title='Tor, "1"')], rolls=False)
    text = exported(timeline, "losslesscut-csv", tmp_path).read_text(encoding="utf-8")
    [head, line] = csv.reader(text.splitlines())
    assert head[:3] == ["Start", "End", "Name"]
    assert (float(line[0]), float(line[1]), line[2]) == (99.0, 101.0, 'Tor, "1"')


def test_events_that_share_a_clip_are_separate_in_a_list_of_events(tmp_path: Path) -> None:
    timeline = match([event(100), event(115, "save")])
    assert len(timeline.clips) == 1
    codes = instances(exported(timeline, "sportscode", tmp_path))
    times = [(code.timestamp.total_seconds(), code.end_timestamp.total_seconds()) for code in codes]
    whole = timeline.clips[0].span
    assert times == [(whole.start_s, 114.0), (101.0, whole.end_s)]


def test_the_reel_is_listed_by_its_own_times(tmp_path: Path) -> None:
    codes = instances(exported(two_halves(), "sportscode", tmp_path, "reel"))
    assert [Fraction(code.timestamp.total_seconds()) for code in codes] == [0, 2, 4, 6]
