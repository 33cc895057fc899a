"""Score and clock by the second and by single readings, by hand."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.stand_in.events import board, goals, recording
from highlights.evaluation.readings import Counts, judge, pooled
from highlights.evaluation.truth import ClockPiece, Look, Truth
from highlights.records import Analysis, ScoreReading, Timeline
from highlights.spans import Span

KNOWN = Timeline(recording(), "soccer", analysis=Analysis(scoreboard=board(*goals((100, 1, 0), (200, 1, 1)), from_s=10.0)))
CHANGES = ((90.0, {"home": 1, "away": 0}), (200.0, {"home": 1, "away": 1}))
TRUTH = Truth({}, CHANGES, score_at_start={"home": 0, "away": 0}, graphic=(Span(0, 300),))


def test_each_second_of_the_graphic_is_right_wrong_or_missed():
    found = judge(KNOWN, TRUTH)
    assert found
    # missed until the first reading at 10 s; wrong from 2 s after the true change until it is known; nothing just after changes
    assert found.score == Counts(right=300 - 10 - 8 - 4, wrong=8, missed=10, readings=3, readings_right=3)
    assert (found.clock, found.by_second) == (None, True)


def test_seconds_without_the_graphic_are_not_judged():
    found = judge(KNOWN, replace(TRUTH, graphic=(Span(0, 5.5), Span(150.2, 160))))
    assert found
    assert found.score
    assert (found.score.looks, found.score.missed) == (5 + 9, 5)


def test_the_clock_is_right_within_a_second_and_a_half():
    found = judge(KNOWN, Truth({}, clock=(ClockPiece(0, 3600), ClockPiece(300, 3890)), graphic=(Span(20, 40), Span(520, 540))))
    assert found
    assert found.clock
    assert (found.clock.right, found.clock.wrong, found.clock.missed) == (20, 20, 0)
    assert (found.clock.readings, found.clock.readings_right) == (4, 3)


def test_a_stopped_clock_stands_and_one_that_counts_down_ends_at_zero():
    assert [ClockPiece(10, 60, way).at(30) for way in ("up", "down", "stopped")] == [80, 40, 60]
    assert ClockPiece(0, 5, "down").at(9) == 0


def test_readings_by_hand_are_judged_where_they_were_made():
    looks = (Look(5, {"home": 0, "away": 0}), Look(50, {"home": 0, "away": 1}), Look(250, {"home": 1}, 3850.0))
    found = judge(KNOWN, Truth({}, looks=looks))
    assert found
    assert (found.score, found.by_second) == (Counts(right=1, wrong=1, missed=1), False)
    assert found.clock == Counts(right=1)


def test_a_single_reading_that_was_misread_is_counted():
    misread = ScoreReading(150.0, "", {"home": 7, "away": 0})
    seen = replace(KNOWN.analysis.scoreboard, readings=(*KNOWN.analysis.scoreboard.readings, misread))
    found = judge(replace(KNOWN, analysis=Analysis(scoreboard=seen)), TRUTH)
    assert found
    assert found.score
    assert (found.score.readings, found.score.readings_right) == (4, 3)


def test_nothing_is_judged_without_marks_and_several_matches_are_added():
    assert judge(KNOWN, Truth({}, CHANGES)) is None
    one = judge(KNOWN, TRUTH)
    assert one
    both = pooled([one, one])
    assert both
    assert both.score
    assert both.score.looks == 2 * 296
    assert pooled([]) is None
