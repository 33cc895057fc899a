"""Events, score changes, calibration and mistakes of one match: numbers calculated by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.stand_in.events import board, change, event, goals, recording, scenes
from highlights.evaluation.calibration import calibration
from highlights.evaluation.cases import case_of_timeline
from highlights.evaluation.evaluation import Evaluation, evaluate
from highlights.evaluation.inputs import Inputs
from highlights.evaluation.instants import Measure, measured, together
from highlights.evaluation.judged import Judged, judge
from highlights.evaluation.readings import score_changes
from highlights.evaluation.truth import TrueEvent, Truth, truth_of_times
from highlights.records import Analysis, Event, Moment, Scene, ScoreChange, Timeline
from highlights.spans import Span


def timeline(
    *events: Event, near: tuple[Event, ...] = (), changes: tuple[ScoreChange, ...] = (), cuts: tuple[Scene, ...] = ()
) -> Timeline:
    return Timeline(recording(), "soccer", events, near, analysis=Analysis(cuts, scoreboard=board(*changes)))


def judged(made: Timeline, truth: Truth, tolerance_s: float = 5.0) -> Judged:
    return judge(case_of_timeline("final", made, truth), tolerance_s)


def whole(made: Timeline, truth: Truth) -> Evaluation:
    return evaluate(Inputs((case_of_timeline("final", made, truth),)))


def test_precision_recall_f1_and_errors_of_one_kind():
    made = timeline(event(101), event(203), event(400), event(500))
    (goal,) = judged(made, truth_of_times({"goal": (100, 200, 300)})).measures
    assert goal == Measure("goal", true=3, found=4, matched=2, tolerance_s=5.0, errors_s=(1.0, 3.0), held=2)
    assert (goal.precision, goal.recall, goal.f1) == (0.5, pytest.approx(2 / 3), pytest.approx(4 / 7))
    assert (goal.error_s, goal.late_s, goal.error_at_s(0.5), goal.error_at_s(0.9)) == (2.0, 2.0, 1.0, 3.0)


@pytest.mark.parametrize(
    ("true", "found", "precision", "recall", "f1"),
    [((), (), 1, 1, 1), ((100.0,), (), 1, 0, 0), ((), (100.0,), 0, 1, 0), ((100.0,), (100.0,), 1, 1, 1)],
)
def test_kinds_without_truth_or_without_findings_are_counted_too(true, found, precision, recall, f1):
    (goal,) = judged(timeline(*map(event, found)), truth_of_times({"goal": true})).measures
    assert (goal.precision, goal.recall, goal.f1) == (precision, recall, f1)
    assert goal.error_s == (0 if true and found else None)


def test_an_event_near_two_true_instants_is_used_once():
    (goal,) = judged(timeline(event(100)), truth_of_times({"goal": (98, 102)})).measures
    assert (goal.matched, goal.found, goal.recall) == (1, 1, 0.5)


def test_the_caller_chooses_the_tolerance():
    made, truth = timeline(event(108)), truth_of_times({"goal": (100,)})
    assert [judged(made, truth, t).measures[0].matched for t in (7.9, 8)] == [0, 1]


def test_a_span_may_contain_an_instant_far_from_its_peak():
    (goal,) = judged(timeline(event(100, span=Span(60, 104))), truth_of_times({"goal": (70,)})).measures
    assert (goal.matched, goal.held) == (0, 1)


def test_kinds_are_judged_separately_and_only_those_in_the_truth():
    made = timeline(event(100), event(102, "shot"), event(200, "save"))
    found = judged(made, truth_of_times({"shot": (100,), "goal": (200,)})).measures
    assert [(m.kind, m.matched) for m in found] == [("goal", 0), ("shot", 1)]
    assert judged(made, Truth({})).measures == ()


def test_a_timeline_is_perfect_against_itself():
    made = timeline(event(100), event(250, "save"), changes=goals((120, 1, 0)), cuts=scenes(10, 20))
    truth = replace(
        truth_of_times({"goal": (100,), "save": (250,)}), score_changes=((120.0, {"home": 1, "away": 0}),), cuts_s=(10.0, 20.0)
    )
    found = whole(made, truth)
    assert [(m.f1, m.error_s) for m in (*found.measures, found.score) if m] == [(1, 0)] * 4
    assert found.tight
    assert (found.tight.all.mean, found.mistakes) == (1, ())


def test_measures_of_several_matches_are_pooled_before_shares_are_taken():
    one, other = measured("goal", [10, 20], [10], 5), measured("goal", [50], [51, 90, 99], 5)
    both = together([one, other], "goal")
    assert (both.true, both.found, both.matched, both.errors_s, both.held) == (3, 4, 2, (0, 1), None)
    assert together([replace(one, held=1), replace(other, held=2)], "goal").held == 3
    assert both.f1 == pytest.approx(4 / 7)


# score changes


def test_score_changes_count_only_with_the_exact_value_and_near_the_time():
    made = timeline(changes=goals((100, 1, 0), (200, 1, 1), (300, 2, 1)))
    true = ((100.5, {"home": 1, "away": 0}), (200.0, {"home": 2, "away": 0}), (302.1, {"home": 2, "away": 1}))
    assert score_changes(made, true) == Measure("score changes", 3, 3, 1, 2.0, (-0.5,))
    told = [(m.what, m.time_s, m.why) for m in judged(made, Truth({}, true)).mistakes]
    assert told == [
        ("false alarm", 200.0, ("from 1–0 to 1–1",)),
        ("missed", 200.0, ("it is 2–0; 1–1 was read",)),
        ("false alarm", 300.0, ("from 1–1 to 2–1",)),
        ("missed", 302.1, ("it is 2–1; 2–1 was read",)),
    ]


def test_a_hidden_score_change_matches_any_time_of_its_span():
    made = timeline(changes=(change(100, {"home": 0}, {"home": 1}, hidden_s=30),))
    assert [score_changes(made, ((at_s, {"home": 1}),)).matched for at_s in (67.9, 68, 80, 102, 102.1)] == [0, 1, 1, 1, 0]


def test_a_score_change_is_used_once():
    found = score_changes(timeline(changes=goals((100, 1, 0))), ((99.0, {"home": 1}), (100.0, {"home": 1})))
    assert (found.matched, found.recall) == (1, 0.5)


def test_a_truth_with_fewer_counters_matches_a_graphic_that_shows_more():
    seen = change(50, {"runs": 128, "wickets": 3, "balls": 91}, {"runs": 134, "wickets": 3, "balls": 92})
    assert score_changes(timeline(changes=(seen,)), ((50.0, {"runs": 134, "wickets": 3}),)).f1 == 1


# calibration


def test_events_take_true_instants_before_near_misses_do():
    near = event(99, confidence=0.4, why_not="x"), event(201, confidence=0.3), event(400, confidence=0.2)
    told = judged(timeline(event(100), near=near), truth_of_times({"goal": (100, 200)})).told
    assert sorted(told) == [(0.2, False), (0.3, True), (0.4, False), (0.9, True)]


def test_rejected_near_misses_are_no_claims():
    near = (event(300, confidence=0.4, status="rejected"),)
    assert judged(timeline(near=near), truth_of_times({"goal": ()})).told == ()


def test_the_reliability_curve_ece_and_brier_are_those_calculated_by_hand():
    found = calibration([(0.95, True), (0.95, True), (0.95, False), (0.15, False), (0.1, True), (1.0, True)])
    assert found
    low, high = found.bins
    assert (low.low, low.claims, low.confidence, low.true) == (0.1, 2, pytest.approx(0.125), 0.5)
    assert (high.low, high.claims, high.confidence, high.true) == (0.9, 4, pytest.approx(0.9625), 0.75)
    assert found.ece == pytest.approx((2 * 0.375 + 4 * 0.2125) / 6)
    assert found.brier == pytest.approx((2 * 0.05**2 + 0.95**2 + 0.15**2 + 0.9**2 + 0) / 6)


def test_scores_that_are_no_probabilities_have_no_calibration():
    assert calibration([(1.2, True)]) is None
    assert calibration([]) is None


# mistakes


def test_a_missed_event_names_the_near_miss_that_it_is_and_a_false_alarm_its_evidence():
    because = Moment("goal", Span(400, 404), 402, "crowd", 2.0, "the crowd roared at 6:42")
    made = timeline(
        event(402, evidence=(because,)),
        near=(event(104, confidence=0.31, why_not="no change of the score followed"),),
    )
    found = judged(made, truth_of_times({"goal": (100, 410, 550)})).mistakes
    assert [(m.what, m.time_s, m.at, m.confidence) for m in found] == [
        ("missed", 100, "1:40", 0.31),
        ("false alarm", 402, "6:42", 0.9),
        ("missed", 410, "6:50", None),
        ("missed", 550, "9:10", None),
    ]
    assert found[0].why == ("near miss: goal at 1:44, 31% sure", "no change of the score followed")
    assert found[1].why == ("8.0 s from the true goal at 6:50", "the crowd roared at 6:42")
    assert found[3].why == ("nothing was claimed within 60 s",)


def test_spans_of_events_are_judged_where_they_were_marked():
    marked = TrueEvent(100.0, Span(96, 104)), TrueEvent(300.0, Span(298, 302)), TrueEvent(500.0)
    found = whole(timeline(event(101), event(400)), Truth({"goal": marked})).grounding
    assert found
    assert (found.queries, found.recall) == (2, (50, 50, 50))
    assert found.mean_iou == pytest.approx(100 * (7 / 9) / 2)
