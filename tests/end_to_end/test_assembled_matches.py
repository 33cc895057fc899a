"""Short matches assembled from real television clips, judged against their truth as by `highlights evaluate`."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from highlights import find_events
from highlights.evaluation.cases import case_of_timeline
from highlights.evaluation.cuts import hard_cuts_s
from highlights.evaluation.instants import TOLERANCE_S, Measure, measured
from highlights.evaluation.judged import judge_events
from highlights.evaluation.readings import score_changes
from highlights.evaluation.truth_file import read_truth
from highlights.records import Timeline
from tests.support.places import SHARED

TOOL = SHARED / "tools" / "assemble_match.py"

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not TOOL.exists(), reason="needs ../shared/tools and ../shared/footage"),
    pytest.mark.skipif(not shutil.which("ffmpeg") or not shutil.which("ffprobe"), reason="assembling needs ffmpeg on the PATH"),
]

Read = tuple[Timeline, dict[str, Measure], Any]
"""A timeline, its measures by kind, and the content of its truth file."""


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Read]:
    """Assemble a match with the tool's options and run on it with a profile."""
    folder = tmp_path_factory.mktemp("assembled")

    def assemble_and_read(options: str, profile: str) -> Read:
        match = folder / f"{options.replace(' ', '')}.mp4"
        command = [sys.executable, str(TOOL), str(SHARED / "footage"), str(match), "--crf", "30", *options.split()]
        subprocess.run(command, check=True)
        file = match.with_suffix(".truth.json")
        timeline, truth = find_events(match, profile), read_truth(file)
        found = [
            *judge_events(case_of_timeline(match.stem, timeline, truth), TOLERANCE_S),
            score_changes(timeline, truth.score_changes or ()),
            measured("cuts", truth.cuts_s or (), hard_cuts_s(timeline), 0.1),
        ]
        return timeline, {measure.kind: measure for measure in found}, json.loads(file.read_text())

    return assemble_and_read


def check_goals(timeline: Timeline, measures: dict[str, Measure], truth: Any) -> None:
    """Check that exactly the goals are found, each span contains its instant, none is in a replay, and the score is right."""
    goal = measures["goal"]
    assert goal.true == goal.found == goal.matched == goal.held == len(truth["events"])
    for event in timeline.events:
        assert not any(start_s <= event.peak_s < end_s for start_s, end_s in truth["replays_s"])
    assert measures["score changes"].f1 == 1
    assert measures["cuts"].recall == 1


@pytest.mark.parametrize(
    ("options", "profile"),
    [
        ("--minutes 2.5 --seed 4 --style clock-first --gop 125", "soccer"),
        ("--minutes 2 --seed 3 --style period", "ice_hockey"),
    ],
)
def test_goals_are_found_by_score_and_crowd(options: str, profile: str, read: Callable[..., Read]) -> None:
    check_goals(*read(options, profile))


def test_without_a_score_graphic_goals_still_rank_first(read: Callable[..., Read]) -> None:
    timeline, _, truth = read("--minutes 2.5 --seed 11 --style none", "soccer")
    claimed = [event for event in (*timeline.events, *timeline.near_misses) if event.name == "goal"]
    best = sorted(claimed, key=lambda event: -event.confidence)[: len(truth["events"])]
    assert sorted(round(event.peak_s) for event in best) == [
        pytest.approx(event["time_s"], abs=5) for event in sorted(truth["events"], key=lambda event: event["time_s"])
    ]
    assert not timeline.analysis.scoreboard.changes


@pytest.mark.parametrize(
    ("options", "profile", "kinds"),
    [
        (
            "--minutes 2 --seed 16 --style plain --sport basketball",
            "basketball",
            ["free_throw", "three_pointer", "two_pointer"],
        ),
        ("--minutes 2 --seed 15 --style bottom --sport cricket", "cricket", ["six", "wicket"]),
    ],
)
def test_every_change_of_a_score_graphic_is_read(
    options: str, profile: str, kinds: list[str], read: Callable[..., Read]
) -> None:
    timeline, measures, truth = read(options, profile)
    assert sorted({event["label"] for event in truth["events"]}) == kinds
    assert measures["score changes"].f1 == 1
    assert measures["score changes"].error_s is not None
    assert measures["score changes"].error_s <= 2
    judged = {"three_pointer", "four", "six", "wicket"}
    for kind in judged & measures.keys():
        measure = measures[kind]
        assert measure.true == measure.found == measure.held, kind
    assert not [event.name for event in timeline.events if event.name in judged - measures.keys()]
