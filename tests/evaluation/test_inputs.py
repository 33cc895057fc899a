"""Which truth a result is judged by, and the note about a result without one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.stand_in.events import event, recording
from highlights.errors import TimelineError
from highlights.evaluation.inputs import gathered
from highlights.export import timeline_json
from highlights.records import Timeline

TRUTH = '{"events": [{"label": "goal", "time_s": %d}]}'


def result(folder: Path, recording_path: Path | None = None) -> Path:
    """A result folder with one goal, of a recording at a path."""
    part = replace(recording().parts[0], path=recording_path or folder / "half.mp4")
    timeline = Timeline(replace(recording(), parts=(part,)), "soccer", (event(100),))
    folder.mkdir(parents=True)
    timeline_json.write(timeline, folder / "timeline.json")
    return folder


def written(path: Path, text: str = TRUTH % 100) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def times(found: object) -> dict[str, tuple[float, ...]]:
    return {case.name: case.truth.times_s("goal") for case in found.cases}  # type: ignore[attr-defined]


@pytest.mark.parametrize("given", ["final", "final/timeline.json"])
def test_a_result_is_named_by_its_folder(tmp_path: Path, given: str) -> None:
    result(tmp_path / "final")
    assert times(gathered([tmp_path / given], written(tmp_path / "x.json"))) == {"final": (100,)}


def test_each_result_of_a_folder_is_judged_by_the_truth_with_its_name(tmp_path: Path) -> None:
    for name in ("cup/final", "semi", "friendly", "late"):
        result(tmp_path / "results" / name)
    written(tmp_path / "truths" / "cup" / "final.truth.json", TRUTH % 1)
    written(tmp_path / "truths" / "semi.csv", "label,time_s\ngoal,2\n")
    written(tmp_path / "truths" / "late" / "Labels-v2.json", '{"annotations": [{"gameTime": "1 - 00:03", "label": "Goal"}]}')
    found = gathered([tmp_path / "results"], tmp_path / "truths")
    assert times(found) == {"cup/final": (1,), "late": (3,), "semi": (2,)}
    assert found.notes == ("not judged, no truth: friendly",)


def test_a_truth_in_the_folders_of_league_season_and_game_is_found(tmp_path: Path) -> None:
    game = Path("england", "2014-2015", "A 1 - 1 B")
    result(tmp_path / "results" / "A 1 - 1 B", tmp_path / "films" / game / "1_224p.mkv")
    written(tmp_path / "labels" / game / "Labels-v2.json", '{"annotations": [{"gameTime": "1 - 00:03", "label": "Goal"}]}')
    assert times(gathered([tmp_path / "results"], tmp_path / "labels")) == {"A 1 - 1 B": (3,)}


def test_without_a_truth_those_beside_the_recordings_are_used_together(tmp_path: Path) -> None:
    summary = {"annotations": [{"start": "1 - 00:00:10.000", "end": "1 - 00:00:12.000"}]}
    written(tmp_path / "game" / "Labels-v2.json", '{"annotations": [{"gameTime": "1 - 00:03", "label": "Goal"}]}')
    written(tmp_path / "game" / "Labels-summary.json", json.dumps(summary))
    written(tmp_path / "films" / "other.truth.json", TRUTH % 7)
    written(tmp_path / "films" / "third.json", TRUTH % 9)
    result(tmp_path / "results" / "one", tmp_path / "game" / "1_224p.mkv")
    result(tmp_path / "results" / "two", tmp_path / "films" / "other.mp4")
    result(tmp_path / "results" / "three", tmp_path / "films" / "third.mp4")
    found = gathered([tmp_path / "results"], None)
    assert times(found) == {"one": (3,), "two": (7,)}
    assert found.cases[0].truth.summary
    assert found.notes == ("not judged, no truth: three",)


def test_what_cannot_be_judged_is_refused_with_what_to_do(tmp_path: Path) -> None:
    one, other = result(tmp_path / "results" / "a"), result(tmp_path / "results" / "b")
    (tmp_path / "empty").mkdir()
    truth = written(tmp_path / "x.json")
    for results, given, problem in (
        ([one, other], truth, "is one truth for 2 results; give a folder with one for each"),
        ([one], tmp_path / "absent.json", "cannot be read (No such file"),
        ([one], tmp_path / "empty", "has no truth for a, such as a.truth.json; name one with --truth"),
        ([one], None, "has no truth for a, such as half.truth.json; name one with --truth"),
        ([tmp_path / "empty"], truth, "holds no result: give a timeline.json, a folder with some, or predictions"),
        ([tmp_path / "absent"], truth, "holds no result"),
    ):
        with pytest.raises(TimelineError) as raised:
            gathered(results, given)
        assert problem in str(raised.value)


def test_games_without_labels_or_predictions_are_named(tmp_path: Path) -> None:
    goal = '{"annotations": [{"gameTime": "1 - 00:03", "label": "Goal"}]}'
    for game in ("a", "b", "c", "d", "e"):
        written(tmp_path / "labels" / game / "Labels-v2.json", goal)
    for game in ("a", "z"):
        written(tmp_path / "predictions" / game / "results_spotting.json", '{"predictions": []}')
    found = gathered([tmp_path / "predictions"], tmp_path / "labels")
    assert times(found) == {"a": (3,)}
    assert found.notes == ("not judged, no labels: z", "not judged, no predictions: b, c, d, and 1 more")
    single = gathered([tmp_path / "predictions" / "a" / "results_spotting.json"], tmp_path / "labels" / "a" / "Labels-v2.json")
    assert times(single) == {"a": (3,)}
    with pytest.raises(TimelineError, match=r"has no Labels-v2\.json for any of the predictions"):
        gathered([tmp_path / "predictions"], tmp_path)


def test_predictions_count_as_events_from_one_half_on(tmp_path: Path) -> None:
    predictions = [{"label": "Goal", "position": "3000", "half": "1", "confidence": str(sure)} for sure in (0.5, 0.49)] + [
        {"label": "Goal", "position": "9000", "half": "2", "confidence": 0.8}
    ]
    written(tmp_path / "results_spotting.json", json.dumps({"predictions": predictions}))
    written(tmp_path / "Labels-v2.json", '{"annotations": [{"gameTime": "1 - 00:03", "label": "Goal"}]}')
    (case,) = gathered([tmp_path], None).cases
    assert [(claim.time_s, claim.event) for claim in case.claims] == [(3, False), (3, True), (7209, True)]
    assert case.time_text(7209) == "2 - 0:09"
