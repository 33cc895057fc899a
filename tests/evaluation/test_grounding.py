"""Spans against true ones as TimeLens-Bench judges them, and its files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.stand_in.events import event, recording
from highlights.errors import TimelineError
from highlights.evaluation.evaluation import evaluate
from highlights.evaluation.grounding import Grounding, grounding, iou
from highlights.evaluation.inputs import gathered
from highlights.evaluation.timelens import Query, best_spans, pair_in, read_annotations, read_answers
from highlights.export import timeline_json
from highlights.profile import load
from highlights.records import Timeline
from highlights.spans import Span

ANNOTATIONS = {
    "AB12": {"duration": 30.0, "spans": [[2.0, 10.0], [20.0, 25.5]], "queries": ["a person  sits down. ", "a dog runs"]},
    "CD34": {"duration": 9.5, "spans": [[0, 4]], "queries": ["a door opens"]},
}
PAIRS = st.tuples(st.integers(0, 50), st.integers(0, 50))


@given(PAIRS, PAIRS)
def test_iou_is_the_shared_part_of_the_hull(one, other):
    found = iou(one, other)
    assert found == iou(other, one)
    assert 0 <= found <= 1
    shared = max(0, min(one[1], other[1]) - max(one[0], other[0]))
    if one[0] < one[1] and other[0] < other[1] and shared:
        assert found == pytest.approx(shared / (one[1] - one[0] + other[1] - other[0] - shared))


def test_an_iou_at_a_threshold_counts_and_an_unanswered_query_is_zero():
    assert grounding([0.3, 0.5, 0.7, 0.0], 1) == Grounding(4, 1, (75, 50, 25), pytest.approx(37.5))
    assert grounding([]) is None


@pytest.mark.parametrize(
    ("answer", "pair"),
    [
        ("The event happens in 12.3 - 15 seconds.", (12.3, 15)),
        ("From 3 to 7.5 seconds, and again 9 - 12", (9, 12)),
        ("between 01:05 and 1:02:03.5", (65, 3723.5)),
        ("start: 4, end: 9", (4, 9)),
        ("It never happens", None),
        ("at 5 seconds", None),
        ("7 - 3", (7, 3)),
    ],
)
def test_the_first_pair_of_times_in_an_answer_is_used(answer, pair):
    assert pair_in(answer) == pair


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    path = tmp_path / "charades-timelens.json"
    path.write_text(json.dumps(ANNOTATIONS))
    return path


def results(tmp_path: Path, lines: list[dict[str, object]], name: str = "results.jsonl") -> Path:
    path = tmp_path / name
    path.write_text("\n".join(map(json.dumps, lines)))
    return path


SITS, RUNS = "videos/AB12.mp4>>>a person sits down>>>[2.0, 10.0]", "AB12>>>a dog runs>>>[20.0, 25.5]"


def test_a_result_file_is_judged_by_the_annotations(tmp_path: Path, truth: Path):
    path = results(tmp_path, [{SITS: {"timestamps": [[2, 6], [7, 9]]}}, {RUNS: {"answers": "from 20 to 25 seconds"}}])
    found = evaluate(gathered([path], truth)).grounding
    assert found
    assert (found.queries, found.unanswered, found.recall) == (
        3,
        1,
        (pytest.approx(200 / 3), pytest.approx(200 / 3), pytest.approx(100 / 3)),
    )
    assert found.mean_iou == pytest.approx(100 * (0.5 + 5 / 5.5) / 3)


def test_without_annotations_the_spans_in_the_keys_are_the_truth(tmp_path: Path):
    one = results(tmp_path, [{SITS: {"timestamps": [[2, 10]]}, RUNS: {"timestamps": []}}], "results.json")
    found = evaluate(gathered([one], None)).grounding
    assert found
    assert (found.queries, found.unanswered, found.recall[2]) == (2, 1, 50)


def test_a_query_asked_twice_about_a_video_is_told_apart_by_its_span(tmp_path: Path):
    queries = [Query("AB12", "a dog runs", (0, 4)), Query("AB12", "a dog runs", (20, 25))]
    lines: list[dict[str, object]] = [
        {"AB12>>>a dog runs>>>[20, 25]": {"timestamps": [[20, 25]]}},
        {"AB12>>>a dog runs>>>[0, 4]": {"timestamps": [[0, 4]]}},
    ]
    assert [one.iou for one in read_answers(results(tmp_path, lines), queries).answers] == [1, 1]
    assert [one.found for one in read_answers(results(tmp_path, lines[1:]), queries).answers] == [(0, 4), None]


def test_the_surest_claim_of_the_kind_that_a_query_is_of_is_the_answer_of_a_timeline(tmp_path: Path):
    profile = load("soccer")
    asked = next(rule.queries[0] for rule in profile.events if rule.name == "goal")
    timeline = Timeline(recording(), "soccer", (event(100, confidence=0.7),), (event(300, confidence=0.8), event(50, "save")))
    queries = [Query("part0", asked, (296, 304)), Query("part0", "Save", (50, 60)), Query("part0", "a dog runs", (0, 1))]
    found = best_spans(timeline, queries, profile)
    assert [span for _, _, span in found] == [(296, 304), (46, 54), None]
    timeline_json.write(timeline, tmp_path / "timeline.json")
    (tmp_path / "truth.json").write_text(
        json.dumps({"part0": {"duration": 600, "spans": [[296, 304], [0, 1]], "queries": [asked, "a dog runs"]}})
    )
    judged = evaluate(gathered([tmp_path / "timeline.json"], tmp_path / "truth.json")).grounding
    assert judged
    assert (judged.queries, judged.unanswered, judged.mean_iou) == (2, 1, 50)
    assert Span(296, 304).length_s == 8


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('{"a>>>b": {"timestamps": []}}', "file: 'a>>>b' must be VIDEO>>>QUERY>>>[start, end]"),
        ('{"a>>>b>>>[1, 2]": {"timestamps": 3}}', "timestamps: must be a list"),
        ('{"a>>>b>>>[1, 2]": {"timestamps": [[1, NaN]]}}', "timestamps.0: must be a number"),
        ('{"a>>>b>>>[1, 2]": {"timestamps": [[1]]}}', "timestamps.0: must be [start, end]"),
        ('{"a>>>b>>>[1, 2]": {}}', "needs timestamps or answers"),
        ('{"a>>>b>>>[1, 2]": 7}', "must be an entry with keys"),
        ('{"a>>>b>>>[1, 2]": {"timestamps": []}}\n{', "line 2: is not JSON"),
        ('{"a>>>b>>>__import__(\'os\')": {"timestamps": []}}', "must be VIDEO>>>QUERY>>>[start, end]"),
    ],
)
def test_an_invalid_result_file_is_refused_with_the_place(tmp_path: Path, content: str, problem: str):
    path = tmp_path / "results.jsonl"
    path.write_text(content)
    with pytest.raises(TimelineError) as raised:
        read_answers(path, None)
    assert str(raised.value).startswith(f"{path}: ")
    assert problem in str(raised.value)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('{"a": {"spans": [[1, 2]], "queries": []}}', "a: has 1 spans but 0 queries"),
        ('{"a": {"spans": [[1]], "queries": ["b"]}}', "a: spans.0: must be [start, end]"),
        ('{"a": {"spans": [[1, 2]], "queries": [3]}}', "a: queries.0: must be a text"),
        ('{"a": {"spans": [], "queries": []}, "b": 3}', "b: must be an entry with keys"),
        ("[]", "is no annotation file of TimeLens-Bench"),
    ],
)
def test_an_invalid_annotation_file_is_refused_with_the_place(tmp_path: Path, content: str, problem: str):
    path = tmp_path / "annotations.json"
    path.write_text(content)
    with pytest.raises(TimelineError) as raised:
        read_annotations(path)
    assert problem in str(raised.value)
