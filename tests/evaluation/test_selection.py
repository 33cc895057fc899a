"""Reels against summaries, SoccerHigh's files, and review time: by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.stand_in.events import event, recording
from highlights.evaluation import summary_file
from highlights.evaluation.cases import case_of_timeline
from highlights.evaluation.review_time import judge as review
from highlights.evaluation.selection import judge, overlap, pooled
from highlights.evaluation.soccernet import Files
from highlights.evaluation.truth import Truth, truth_of_times
from highlights.profile import load
from highlights.records import Analysis, Timeline
from highlights.spans import Span
from highlights.timeline import TimelineOptions, build

SPANS = st.lists(st.tuples(st.integers(0, 80), st.integers(1, 20)).map(lambda pair: Span(pair[0], sum(pair))), max_size=5)


@given(SPANS, SPANS)
def test_overlap_counts_each_second_once(reel, summary):
    ours, theirs = ({at for span in spans for at in range(int(span.start_s), int(span.end_s))} for spans in (reel, summary))
    found = overlap(reel, summary)
    assert (found.reel_s, found.summary_s, found.shared_s) == (len(ours), len(theirs), len(ours & theirs))
    assert found.iou == (len(ours & theirs) / len(ours | theirs) if ours | theirs else 1)


def test_frames_are_counted_as_soccerhigh_counts_them():
    found = overlap([Span(0, 2)], [Span(1, 3)])  # frames 0..4 and 2..6
    assert found.frames_f1 == pytest.approx(2 * 3 / 10)
    assert found.f1 == 0.5


def made(*peaks_s: float, priorities: dict[float, int] | None = None, target_s: float | None = None) -> Timeline:
    events = [event(at_s, priority=(priorities or {}).get(at_s, 1)) for at_s in peaks_s]
    return build(recording(), load("soccer"), events, (), Analysis(), TimelineOptions(target_s=target_s))


def test_the_reel_is_also_judged_at_the_length_of_the_summary_where_the_best_events_come_first():
    timeline = made(100, 300, 500, priorities={300: 9})
    clip = timeline.clips[1].span
    found = judge(timeline, Truth({}, summary=(clip,)))
    assert found
    assert (found.reel.recall, found.reel.precision) == (1, pytest.approx(1 / 3))
    assert found.at_length
    assert (found.at_length.f1, found.at_length.reel_s) == (1, clip.length_s)
    assert found.chance == clip.length_s / 600
    both = pooled([found, found])
    assert both
    assert (both.reel.f1, both.matches) == (found.reel.f1, 2)


def test_a_timeline_of_an_unknown_sport_is_judged_as_it_is():
    found = judge(replace(made(100), sport="quidditch"), Truth({}, summary=(Span(0, 10),)))
    assert found
    assert found.at_length is None


def test_soccerhighs_summaries_are_read_into_both_halves():
    notes = [
        {"id": 3, "start": "1 - 00:09:50.500", "end": "1 - 00:10:01.000"},
        {"id": 4, "start": "2 - 00:00:10", "end": "2 - 00:00:12"},
    ]
    data = {"annotations": notes, "summaryLength": "00:12"}
    assert summary_file.is_summary(data)
    assert summary_file.of_json(data, Files((0.0, 2700.0))).summary == (Span(590.5, 601), Span(2710, 2712))
    assert summary_file.of_json(data, Files((0.0,))).summary == (Span(590.5, 601),)
    assert summary_file.of_json(data, Files((0.0,), half=2)).summary == (Span(10, 12),)


@pytest.mark.parametrize(
    ("note", "problem"),
    [
        ({"start": "00:01"}, "annotations.0.start: must be a half and a time"),
        ({"start": "1 - 00:00:10", "end": "2 - 00:00:12"}, "annotations.0: must end in the half in which it starts"),
        ({"start": "1 - 00:00:10", "end": "1 - 00:00:10"}, "annotations.0: must end after it starts"),
    ],
)
def test_an_invalid_summary_is_refused_with_the_place(note, problem):
    with pytest.raises(ValueError, match=problem):
        summary_file.of_json({"annotations": [note]}, Files())


def test_review_time_is_that_of_all_clips_once_and_says_what_is_not_in_them():
    near = (event(120, confidence=0.3), event(400, "save", confidence=0.3))
    timeline = replace(made(100), near_misses=near)
    rule = load("soccer").event("goal")
    assert rule
    rolls_s = rule.pre_roll_s + rule.post_roll_s
    found = review(case_of_timeline("", timeline, truth_of_times({"goal": (100, 121, 500)})))
    assert found
    assert (found.match_s, found.events_s) == (600, 8 + rolls_s)
    assert found.watched_s == 20 + 8 + rolls_s  # both clips overlap
    assert (found.true, found.seen_in_events, found.seen) == (3, 1 if rule.post_roll_s < 21 else 2, 2)
    assert found.saved_s == 600 - found.watched_s
    assert review(case_of_timeline("", timeline, Truth({}))) is None
