"""Average-mAP: by hand, and compared with SoccerNet's own evaluator."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.stand_in.events import event, recording
from highlights.cli.main import main
from highlights.evaluation.evaluation import Evaluation, evaluate
from highlights.evaluation.inputs import gathered
from highlights.evaluation.soccernet import SOCCERNET_CLASSES, classes_of, labels_in
from highlights.evaluation.spotting import LOOSE_S, TIGHT_S, Half, spotting
from highlights.export import timeline_json
from highlights.records import Timeline
from tests.conftest import Run

Notes = list[dict[str, str]]

# by hand


def test_the_average_precision_of_three_labels_is_the_one_calculated_by_hand():
    labels = {("goal", 20): True, ("goal", 100): True, ("goal", 200): True}
    found = {("goal", 21): 0.9, ("goal", 60): 0.8, ("goal", 99): 0.7}
    # recalls 1/3, 1/3, 2/3 at precisions 1, 1/2, 2/3: the best at 0, 0.1, 0.2, 0.3 is 1, at 0.4, 0.5, 0.6 it is 2/3
    assert spotting([Half(labels, found)], ["goal"], (1,)).all.mean == pytest.approx((4 * 1 + 3 * 2 / 3) / 11)


def test_a_label_takes_the_surest_prediction_within_reach_not_the_nearest():
    half = Half({("goal", 20): True}, {("goal", 20): 0.5, ("goal", 22): 0.9})
    assert spotting([half], ["goal"], (2,)).all.mean == 1
    assert spotting([half], ["goal"], (1,)).all.mean == pytest.approx(0.5)


def test_classes_without_labels_count_as_zero_and_half_of_delta_is_the_reach():
    half = Half({("goal", 20): True}, {("goal", 25): 1.0})
    found = spotting([half], ["goal", "corner"], TIGHT_S)
    assert found.at == {1: 0, 2: 0, 3: 0, 4: 0, 5: 0.5}
    assert found.all.mean == pytest.approx(0.5 / 2 / 4)


def test_a_prediction_halfway_between_two_labels_is_shown_or_not_like_the_later_one():
    half = Half({("goal", 20): True, ("goal", 30): False}, {("goal", 25): 1.0})
    found = spotting([half], ["goal"], (5,))
    assert (found.shown.mean, found.unshown.mean) == (0, 1)


# SoccerNet's own

CLASSES = ("PASS", "DRIVE", "HEADER")


@contextmanager
def quietly() -> Iterator[None]:
    """SoccerNet's evaluator leaves files open, divides by zero and draws bars."""
    with warnings.catch_warnings(), Path(os.devnull).open("w") as nowhere, redirect_stderr(nowhere), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def soccernets_own(labels: Path, predictions: Path, classes: Sequence[str], metric: str) -> dict[str, Any]:
    judge = pytest.importorskip("SoccerNet.Evaluation.ActionSpotting", reason="pip install --no-deps SoccerNet==0.2.0")
    numbered = {name: number for number, name in enumerate(classes)}
    with quietly():
        found: dict[str, Any] = judge.evaluate(
            str(labels), str(predictions), dataset=None, metric=metric, EVENT_DICTIONARY=numbered
        )
    return found


def differences(ours: Evaluation, labels: Path, predictions: Path, metrics: Sequence[str] = ("tight", "loose")) -> float:
    """The largest difference of any number of ours from SoccerNet's."""
    largest = 0.0
    for metric in metrics:
        found = {"tight": ours.tight, "loose": ours.loose}[metric]
        assert found is not None
        own = soccernets_own(labels, predictions, ours.classes, metric)
        for ending, view in (("", found.all), ("_visible", found.shown), ("_unshown", found.unshown)):
            pairs = [(own[f"a_mAP{ending}"], view.mean), *zip(own[f"a_mAP_per_class{ending}"], view.by_class, strict=True)]
            largest = max(largest, *(abs(float(a) - b) for a, b in pairs))
    return largest


def write(folder: Path, name: str, key: str, notes: Notes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps({"UrlLocal": "x", key: notes}))


POSITIONS = st.one_of(st.integers(0, 30_000), st.integers(0, 9_000_000)).map(str)
LABELS = st.lists(
    st.fixed_dictionaries(
        {
            "gameTime": st.sampled_from(["1 - 00:00", "2 - 00:00", "3 - 00:00"]),
            "label": st.sampled_from(CLASSES),
            "position": POSITIONS,
        },
        optional={"visibility": st.sampled_from(["visible", "not shown"])},
    ),
    min_size=1,
    max_size=25,
)
PREDICTIONS = st.lists(
    st.fixed_dictionaries(
        {
            "gameTime": st.just("1 - 00:00"),
            "label": st.sampled_from([*CLASSES, "GOAL"]),
            "position": POSITIONS,
            "half": st.sampled_from(["1", "2", "3"]),
            "confidence": st.one_of(st.sampled_from(["0", "1", "0.5", "-1"]), st.floats(0, 1).map(str)),
        }
    ),
    max_size=40,
)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(LABELS, PREDICTIONS), min_size=1, max_size=3))
def test_random_games_get_what_soccernets_own_evaluator_gives_to_a_billionth(tmp_path_factory, games):
    pytest.importorskip("SoccerNet.Evaluation.ActionSpotting", reason="pip install --no-deps SoccerNet==0.2.0")
    folder = tmp_path_factory.mktemp("games")
    for number, (labels, predictions) in enumerate(games):
        write(folder / "labels" / f"game {number}", "Labels-v2.json", "annotations", labels)
        write(folder / "predictions" / f"game {number}", "results_spotting.json", "predictions", predictions)
    ours = evaluate(gathered([folder / "predictions"], folder / "labels"))
    assert differences(ours, folder / "labels", folder / "predictions") < 1e-9


def test_all_17_classes_are_judged_as_soon_as_one_of_them_is_labelled():
    judge = pytest.importorskip("SoccerNet.Evaluation.ActionSpotting", reason="pip install --no-deps SoccerNet==0.2.0")
    assert classes_of([labels_in({"annotations": [{"gameTime": "1 - 00:10", "label": "Corner"}]})]) == SOCCERNET_CLASSES
    assert set(SOCCERNET_CLASSES) == set(judge.EVENT_DICTIONARY_V2)


def test_a_season_in_soccernets_layout_gets_what_soccernets_own_evaluator_gives(
    sample_run: Run, tmp_path: Path, invoke
) -> None:
    """Exported as SoccerNet's files, the sample and a made-up match with misses and false alarms."""
    other = Timeline(recording(), "soccer", (event(100), event(200, "save"), event(300, confidence=0.6)))
    timeline_json.write(other, tmp_path / "other.json")
    true = Timeline(recording(), "soccer", (event(101.2), event(203, "save"), event(500)))
    timeline_json.write(true, tmp_path / "true.json")
    for game, found, marked in (
        ("one", sample_run.out / "timeline.json", sample_run.out / "timeline.json"),
        ("two", tmp_path / "other.json", tmp_path / "true.json"),
    ):
        for source, kind, name, part in (
            (found, "soccernet-spotting", "results_spotting.json", "predictions"),
            (marked, "soccernet", "Labels-v2.json", "labels"),
        ):
            (tmp_path / part / "league" / game).mkdir(parents=True)
            invoke("export", source, "--to", kind, "--out", tmp_path / part / "league" / game / name)
    told = json.loads(invoke("evaluate", tmp_path / "predictions", "--truth", tmp_path / "labels", "--json"))
    assert [match["name"] for match in told["matches"]] == ["league/one", "league/two"]
    ours = evaluate(gathered([tmp_path / "predictions"], tmp_path / "labels"))
    assert ours.tight
    assert told["metrics"]["spotting"]["tight"]["all"]["mean"] == ours.tight.all.mean > 0
    assert {mistake.at for mistake in ours.mistakes} == {"1 - 5:00", "1 - 8:20"}
    assert differences(ours, tmp_path / "labels", tmp_path / "predictions", ["tight"]) < 1e-9


def test_tolerances_are_soccernets():
    assert tuple(np.arange(5) * 1 + 1) == TIGHT_S
    assert tuple(np.arange(12) * 5 + 5) == LOOSE_S


@pytest.fixture
def invoke():
    from click.testing import CliRunner

    def run(*arguments: object) -> str:
        done = CliRunner().invoke(main, [str(argument) for argument in arguments])
        assert done.exit_code == 0, done.output
        return done.stdout

    return run
