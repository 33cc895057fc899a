"""Two evaluations compared, and an evaluation printed earlier read back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.stand_in.events import event, recording
from highlights.errors import TimelineError
from highlights.evaluation.cases import case_of_timeline
from highlights.evaluation.comparison import Happening, compared, read_data
from highlights.evaluation.data import as_data
from highlights.evaluation.evaluation import evaluate
from highlights.evaluation.inputs import Inputs
from highlights.evaluation.truth import truth_of_times
from highlights.records import Timeline

TRUTH = truth_of_times({"goal": (100, 200, 300)})


def told(*peaks_s: float, name: str = "final") -> dict[str, Any]:
    timeline = Timeline(recording(), "soccer", tuple(map(event, peaks_s)))
    return as_data(evaluate(Inputs((case_of_timeline(name, timeline, TRUTH),))))


def test_what_was_gained_and_lost_and_how_each_metric_changed() -> None:
    found = compared(told(100, 201, 501.5, 550), told(104, 300, 500, 400))
    assert found.gained == (Happening("final", "goal", 200),)
    assert found.lost == (Happening("final", "goal", 300),)
    assert found.new_alarms == (Happening("final", "goal", 550, "9:10"),)
    assert found.gone_alarms == (Happening("final", "goal", 400, "6:40"),)
    changes = {change.name: change for change in found.changes}
    assert "events.goal.f1" not in changes  # two of three, as before
    error = changes["events.goal.median_error_s"]
    assert (error.before, error.now, error.better) == (2.0, 0.5, True)
    assert changes["events_at.1.goal.f1"].better
    assert changes["events.goal.late_s"].better is None


def test_a_false_alarm_near_an_earlier_one_is_new_if_that_is_taken() -> None:
    found = compared(told(500, 501.5), told(500.5))
    assert found.new_alarms == (Happening("final", "goal", 501.5, "8:21"),)


def test_nothing_differs_from_the_same_result_and_worse_is_said_to_be_worse() -> None:
    same = compared(told(100), told(100))
    assert (same.gained, same.lost, same.new_alarms, same.gone_alarms, same.changes) == ((), (), (), (), ())
    worse = {change.name: change.better for change in compared(told(100), told(100, 200)).changes}
    assert (worse["events.goal.recall"], worse["events.goal.f1"]) == (False, False)
    assert worse["review.seen"] is False
    assert worse["review.saved_s"] is True


def test_other_matches_or_tolerances_are_pointed_out() -> None:
    two = told(100) | {"matches": [*told(100)["matches"], *told(100, name="semi")["matches"]]}
    assert compared(told(100), two | {"tolerance_s": 3.0}).notes == (
        "the tolerance was 3 s before and is 5 s now",
        "not in both: semi; the metrics are of different matches",
    )


def test_two_results_of_one_match_may_have_different_names() -> None:
    found = compared(told(100, 550, name="final"), told(104, 550, 300, name="final before"))
    assert (found.lost, found.gained, found.new_alarms, found.notes) == ((Happening("final", "goal", 300),), (), (), ())


def test_an_evaluation_printed_as_json_compares_as_it_did(tmp_path: Path) -> None:
    path = tmp_path / "before.json"
    path.write_text(json.dumps(told(104, 300, 500), indent=1))
    read = read_data(path)
    assert read
    assert compared(told(100, 201), read) == compared(told(100, 201), told(104, 300, 500))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"evaluation": 2}, "evaluation: is not of version 1; evaluate that result again"),
        ({"metrics": 3}, "metrics: must be an entry"),
        ({"metrics": {"events": {"goal": {"f1": int("9" * 400)}}}}, "metrics.events.goal.f1: must be a number"),
        ({"metrics": {"a": json.loads('{"a":' * 500 + "1" + "}" * 500)}}, "is nested too deeply"),
        ({"matches": [{"name": "x", "found": [{"kind": "goal"}]}]}, "matches.0.found.0.time_s: must be seconds"),
        ({"mistakes": [{"kind": "goal", "time_s": 3}]}, "mistakes.0.match: must be a text"),
    ],
)
def test_a_faulty_evaluation_is_refused_with_the_place(tmp_path: Path, change: dict[str, Any], problem: str) -> None:
    path = tmp_path / "before.json"
    path.write_text(json.dumps(told(100) | change))
    with pytest.raises(TimelineError) as raised:
        read_data(path)
    assert problem in str(raised.value)


def test_another_file_is_no_evaluation(tmp_path: Path) -> None:
    path = tmp_path / "timeline.json"
    path.write_text('{"version": 1}')
    assert read_data(path) is None
