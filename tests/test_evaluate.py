"""Evaluation: numbers calculated by hand, pairings compared with all possible ones, and invalid truth files."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations, permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.stand_in.events import board, change, event, goals, recording, scenes
from highlights.errors import TimelineError
from highlights.evaluate import Measure, Truth, evaluate, match, read_truth
from highlights.records import Analysis, Event, Scene, ScoreChange, Timeline
from highlights.spans import Span


def timeline(*events: Event, changes: tuple[ScoreChange, ...] = (), cuts: tuple[Scene, ...] = ()) -> Timeline:
    return Timeline(recording(), "soccer", events, analysis=Analysis(cuts, scoreboard=board(*changes)))


# pairing


@settings(deadline=None)
@given(st.lists(st.integers(0, 12), max_size=4), st.lists(st.integers(0, 12), max_size=4), st.integers(0, 5))
def test_no_pairing_has_more_pairs_or_the_same_number_at_smaller_distances(true, found, tolerance):
    pairs = match(true, found, tolerance)
    assert all(abs(a - b) <= tolerance for a, b in pairs)
    for index, whole in enumerate((true, found)):
        used = [pair[index] for pair in pairs]
        assert all(used.count(time) <= whole.count(time) for time in used)
    assert (-len(pairs), sum(abs(a - b) for a, b in pairs)) == best_of_all(true, found, tolerance)


def best_of_all(true: list[int], found: list[int], tolerance: int) -> tuple[int, int]:
    """Minus the number of pairs, and their error, of the best of all possible pairings."""
    rated = [(0, 0)]
    for size in range(1, min(len(true), len(found)) + 1):
        for some in combinations(true, size):
            for others in permutations(found, size):
                errors = [abs(a - b) for a, b in zip(some, others, strict=True)]
                if max(errors) <= tolerance:
                    rated.append((-size, sum(errors)))
    return min(rated)


def test_events_are_paired_so_that_both_have_a_partner():
    assert match([10, 14], [13, 17], 4) == [(10, 13), (14, 17)]
    assert match([10], [6, 10], 5) == [(10, 10)]


def test_a_pair_exactly_at_the_tolerance_counts():
    assert match([10.0], [15.0], 5.0) == [(10.0, 15.0)]
    assert match([10.0], [15.001], 5.0) == []


# measures


def test_precision_recall_and_f1_of_one_kind():
    made = timeline(event(101), event(203), event(400), event(500))
    (goal,) = evaluate(made, Truth({"goal": (100.0, 200.0, 300.0)}))
    assert goal == Measure("goal", true=3, found=4, matched=2, tolerance_s=5.0, error_s=2.0, held=2)
    assert (goal.precision, goal.recall, goal.f1) == (0.5, pytest.approx(2 / 3), pytest.approx(4 / 7))


@pytest.mark.parametrize(
    ("true", "found", "precision", "recall", "f1"),
    [((), (), 1, 1, 1), ((100.0,), (), 1, 0, 0), ((), (100.0,), 0, 1, 0), ((100.0,), (100.0,), 1, 1, 1)],
)
def test_kinds_without_truth_or_without_findings_are_counted_too(true, found, precision, recall, f1):
    (goal,) = evaluate(timeline(*map(event, found)), Truth({"goal": true}))
    assert (goal.precision, goal.recall, goal.f1) == (precision, recall, f1)
    assert goal.error_s == (0 if true and found else None)


def test_an_event_near_two_true_instants_is_used_once():
    (goal,) = evaluate(timeline(event(100)), Truth({"goal": (98.0, 102.0)}))
    assert (goal.matched, goal.found, goal.recall) == (1, 1, 0.5)


def test_the_caller_chooses_the_tolerance():
    made = timeline(event(108))
    assert [evaluate(made, Truth({"goal": (100.0,)}), tolerance_s=t)[0].matched for t in (7.9, 8)] == [0, 1]


def test_a_span_may_contain_an_instant_far_from_its_peak():
    far = event(100, span=Span(60, 104))
    (goal,) = evaluate(timeline(far), Truth({"goal": (70.0,)}))
    assert (goal.matched, goal.held) == (0, 1)


def test_kinds_are_judged_separately_and_only_those_in_the_truth():
    made = timeline(event(100), event(102, "shot"), event(200, "save"))
    assert [(m.kind, m.matched) for m in evaluate(made, Truth({"shot": (100.0,), "goal": (200.0,)}))] == [
        ("goal", 0),
        ("shot", 1),
    ]


def test_score_changes_count_only_with_the_exact_value_and_near_the_time():
    made = timeline(changes=goals((100, 1, 0), (200, 1, 1), (300, 2, 1)))
    true = ((100.5, {"home": 1, "away": 0}), (200.0, {"home": 2, "away": 0}), (302.1, {"home": 2, "away": 1}))
    (measure,) = evaluate(made, Truth({}, true))
    assert measure == Measure("score changes", true=3, found=3, matched=1, tolerance_s=2.0, error_s=0.5)


def test_a_hidden_score_change_matches_any_time_of_its_span():
    seen = change(100, {"home": 0}, {"home": 1}, hidden_s=30)
    times = (67.9, 68, 80, 102, 102.1)
    measures = [evaluate(timeline(changes=(seen,)), Truth({}, ((at_s, {"home": 1}),)))[0] for at_s in times]
    assert [m.matched for m in measures] == [0, 1, 1, 1, 0]


def test_a_score_change_is_used_once():
    made = timeline(changes=goals((100, 1, 0)))
    (measure,) = evaluate(made, Truth({}, ((99.0, {"home": 1}), (100.0, {"home": 1}))))
    assert (measure.matched, measure.recall) == (1, 0.5)


def test_a_truth_with_fewer_counters_matches_a_graphic_that_shows_more():
    seen = change(50, {"runs": 128, "wickets": 3, "balls": 91}, {"runs": 134, "wickets": 3, "balls": 92})
    (measure,) = evaluate(timeline(changes=(seen,)), Truth({}, ((50.0, {"runs": 134, "wickets": 3}),)))
    assert measure.f1 == 1


def test_cuts_are_judged_to_a_tenth_of_a_second_without_dissolves_and_starts_of_files():
    others = (Scene(Span(300, 400), 1, "start"), Scene(Span(400, 600), 1, "gradual"))
    made = timeline(cuts=(*scenes(10, 20.08, 30.2, until_s=300), *others))
    (cuts,) = evaluate(made, Truth({}, cuts_s=(10.0, 20.0, 30.0)))
    assert cuts == Measure("cuts", true=3, found=3, matched=2, tolerance_s=0.1, error_s=0.04)


def test_kinds_missing_from_the_truth_are_not_measured():
    assert evaluate(timeline(event(100), changes=goals((100, 1, 0))), Truth({})) == []


# truth files

WHOLE = {
    "duration_s": 360.0,
    "events": [
        {"label": "goal", "time_s": 134.74, "team": "home"},
        {"label": "goal", "time_s": 7},
        {"label": "save", "time_s": 1.5},
    ],
    "labels": ["goal", "red_card"],
    "score_changes": [{"time_s": 155.93, "home": 1, "away": 0}],
    "cuts_s": [6.2, 12.4],
}


def test_truth_is_read_from_json(tmp_path):
    path = tmp_path / "truth.json"
    path.write_text(json.dumps(WHOLE), encoding="utf-8-sig")
    events = {"goal": (134.74, 7.0), "save": (1.5,), "red_card": ()}
    assert read_truth(path) == Truth(events, ((155.93, {"home": 1, "away": 0}),), (6.2, 12.4))


def test_score_changes_and_cuts_missing_from_the_truth_are_not_measured(tmp_path):
    path = tmp_path / "truth.json"
    path.write_text('{"events": []}')
    assert read_truth(path) == Truth({}, None, None)


@pytest.mark.parametrize(("overs", "balls"), [("15.2", 92), (15.2, 92), ("16.0", 96), (16, 96), ("0.5", 5)])
def test_overs_are_counted_in_balls(tmp_path, overs, balls):
    path = tmp_path / "truth.json"
    path.write_text(json.dumps({"events": [], "score_changes": [{"time_s": 1, "runs": 134, "overs": overs}]}))
    assert read_truth(path).score_changes == ((1.0, {"runs": 134, "balls": balls}),)


@pytest.mark.parametrize(
    "text",
    [
        "label,time_s\ngoal,134.74\nsave, 1.5\ngoal,7\n",
        "\ufefflabel, time_s, note\r\ngoal,134.74,late\r\n\r\nsave,1.5,\r\ngoal,7,\r\n",
    ],
)
def test_truth_is_read_from_csv(tmp_path, text):
    path = tmp_path / "truth.CSV"
    path.write_text(text, encoding="utf-8", newline="")
    assert read_truth(path) == Truth({"goal": (134.74, 7.0), "save": (1.5,)})


def faulty(path: Path) -> str:
    """The error line for an invalid truth file, without its path."""
    with pytest.raises(TimelineError) as raised:
        read_truth(path)
    line = str(raised.value)
    assert line.startswith(f"{path}: ")
    assert "\n" not in line
    assert raised.value.path == path
    return line.removeprefix(f"{path}: ")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is not JSON (Expecting value"),
        ("label,time_s\ngoal,3\n", "the name of a table must end in .csv"),
        ("[" * 100_000, "is not JSON ("),
        ("[]", "is JSON but not a truth file"),
        ('"goal"', "is JSON but not a truth file"),
        ("{}", "it needs a list named events"),
        ('{"events": {}}', "it needs a list named events"),
        ('{"events": [3]}', "events.0: must be an entry"),
        ('{"events": [{"time_s": 3}]}', "events.0: label: must be the name of an event"),
        ('{"events": [{"label": "", "time_s": 3}]}', "events.0: label: must be"),
        ('{"events": [{"label": ["goal"], "time_s": 3}]}', "events.0: label: must be"),
        ('{"events": [{"label": "goal", "time_s": 3}, {"label": "goal"}]}', "events.1: time_s: must be seconds from 0"),
        ('{"events": [{"label": "goal", "time_s": NaN}]}', "events.0: time_s: must be seconds"),
        ('{"events": [{"label": "goal", "time_s": Infinity}]}', "events.0: time_s: must be seconds"),
        ('{"events": [{"label": "goal", "time_s": -1}]}', "events.0: time_s: must be seconds"),
        ('{"events": [{"label": "goal", "time_s": 1e300}]}', "events.0: time_s: must be seconds"),
        ('{"events": [{"label": "goal", "time_s": %s}]}' % ("9" * 400), "events.0: time_s: must be seconds"),
        ('{"events": [{"label": "goal", "time_s": %s}]}' % ("9" * 9000), "is not JSON ("),
        ('{"events": [{"label": "goal", "time_s": true}]}', "events.0: time_s: must be seconds"),
        ('{"events": [{"label": "goal", "time_s": null}]}', "events.0: time_s: must be seconds"),
        ('{"events": [{"label": "goal", "time_s": "late"}]}', "events.0: time_s: must be seconds"),
        ('{"events": [], "cuts_s": 3}', "cuts_s: must be a list"),
        ('{"events": [], "cuts_s": [1, "x"]}', "cuts_s.1: must be seconds"),
        ('{"events": [], "labels": "goal"}', "labels: must be a list"),
        ('{"events": [], "score_changes": [[1]]}', "score_changes.0: must be an entry"),
        ('{"events": [], "score_changes": [{"home": 1}]}', "score_changes.0.time_s: must be seconds"),
        ('{"events": [], "score_changes": [{"time_s": 1, "home": "one"}]}', "score_changes.0.home: must be a whole number"),
        ('{"events": [], "score_changes": [{"time_s": 1, "home": 1.5}]}', "score_changes.0.home: must be a whole number"),
        ('{"events": [], "score_changes": [{"time_s": 1, "home": -1}]}', "score_changes.0.home: must be a whole number"),
        ('{"events": [], "score_changes": [{"time_s": 1, "overs": "x.y"}]}', "score_changes.0.overs: must be a whole number"),
    ],
)
def test_an_invalid_json_truth_is_refused_in_one_line_with_the_place(tmp_path, text, problem):
    path = tmp_path / "truth.json"
    path.write_text(text)
    assert problem in faulty(path)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the first line must name the columns label,time_s"),
        ("event;time\ngoal;3\n", "the first line must name the columns label,time_s"),
        ("label,time_s\ngoal,3\ngoal\n", "line 3: time_s: must be seconds"),
        ("label,time_s\ngoal,nan\n", "line 2: time_s: must be seconds"),
        ("label,time_s\ngoal,inf\n", "line 2: time_s: must be seconds"),
        ("label,time_s\n,3\n", "line 2: label: must be the name of an event"),
        (f"label,time_s\n{'x' * 200_000},3\n", "field larger than field limit"),
    ],
)
def test_an_invalid_csv_truth_is_refused_in_one_line_with_the_place(tmp_path, text, problem):
    path = tmp_path / "truth.csv"
    path.write_text(text)
    assert problem in faulty(path)


def test_a_truth_that_is_missing_or_a_folder_or_not_text_is_refused(tmp_path):
    assert faulty(tmp_path / "absent.json").startswith("cannot be read (No such file")
    assert faulty(tmp_path).startswith("cannot be read (Is a directory)")
    (tmp_path / "match.json").write_bytes(b"\xff\xfe\x00ftyp")
    assert faulty(tmp_path / "match.json").startswith("is not text")


def test_an_implausibly_large_truth_file_is_refused_without_reading_it(tmp_path):
    path = tmp_path / "match.json"
    with path.open("wb") as file:
        file.truncate(50_000_001)
    assert faulty(path).startswith("is larger than 50 MB")


def test_a_timeline_scores_perfectly_against_itself():
    made = timeline(event(100), event(250, "save"), changes=goals((120, 1, 0)), cuts=scenes(10, 20))
    truth = Truth({"goal": (100.0,), "save": (250.0,)}, ((120.0, {"home": 1, "away": 0}),), (10.0, 20.0))
    assert all(m.f1 == 1 and m.error_s == 0 for m in evaluate(made, truth))
    assert all(m.f1 == 1 for m in evaluate(replace(made, events=made.events[::-1]), truth))


def test_truth_saved_by_excel_is_read(tmp_path):
    path = tmp_path / "truth.csv"
    path.write_text(
        "sep=;\r\nTime_s ;Label ;\r\n134,74;Goal ;\r\n;;\r\n1.200,5 ; Yellow card;\r\n", encoding="utf-8-sig", newline=""
    )
    assert read_truth(path).events == {"goal": (134.74,), "yellow_card": (1200.5,)}
