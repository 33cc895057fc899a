"""Windows: properties for every match, and their bounds in particular ones."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from highlights.profile import WindowRules
from highlights.records import Part, Recording, Scene, Window
from highlights.spans import Span, gaps, merge
from highlights.windows import around, model_windows, proposed, windows

LENGTHS_S = st.lists(st.integers(100, 90_000).map(lambda ms: ms / 1000), min_size=1, max_size=30)
RULES = st.builds(WindowRules, length_s=st.floats(4, 60), overlap_s=st.floats(0, 3.5))


def scenes_of(*parts: list[float]) -> list[Scene]:
    """Scenes of these lengths in seconds, part by part, end to end."""
    scenes, at_s = [], 0.0
    for number, lengths in enumerate(parts):
        for length_s in lengths:
            scenes.append(Scene(Span(at_s, at_s + length_s), number))
            at_s = scenes[-1].span.end_s
    return scenes


@given(LENGTHS_S, LENGTHS_S, RULES)
def test_windows_cover_every_part_and_none_spans_two(first, second, rules):
    scenes = scenes_of(first, second)
    for part in (0, 1):
        spans = [scene.span for scene in scenes if scene.part == part]
        whole = Span(spans[0].start_s, spans[-1].end_s)
        seen = [window.span for window in windows(scenes, rules) if window.part == part]
        assert not gaps(seen, whole)
        assert (min(seen).start_s, max(span.end_s for span in seen)) == (whole.start_s, whole.end_s)


@given(LENGTHS_S, RULES)
def test_no_window_is_longer_than_requested(lengths, rules):
    assert all(window.span.length_s <= rules.length_s + 0.002 for window in windows(scenes_of(lengths), rules))


@given(LENGTHS_S, RULES)
def test_neighbours_share_the_overlap_and_at_most_twice_as_much(lengths, rules):
    for one, other in pairwise(windows(scenes_of(lengths), rules)):
        shared_s = one.span.overlap_s(other.span)
        assert rules.overlap_s - 0.002 <= shared_s <= 2 * rules.overlap_s + 0.002


@given(LENGTHS_S, RULES)
def test_a_window_ends_inside_a_scene_only_if_the_second_half_of_its_advance_has_no_cut(lengths, rules):
    scenes = scenes_of(lengths)
    cuts = {scene.span.start_s for scene in scenes}
    for window in windows(scenes, rules)[:-1]:
        span = window.span
        if span.end_s not in cuts:
            half_s = (rules.length_s - rules.overlap_s) / 2
            assert not any(span.start_s + half_s + rules.overlap_s + 0.002 <= cut <= span.end_s - 0.002 for cut in cuts)


def test_windows_end_and_begin_at_cuts_that_are_near():
    spans = [window.span for window in windows(scenes_of([19.0, 9.0, 40.0]), WindowRules(30.0, 5.0))]
    assert spans[:2] == [Span(0, 28), Span(19, 49)]


def test_a_match_without_cuts_is_divided_evenly():
    spans = [window.span for window in windows(scenes_of([70.0]), WindowRules(30.0, 5.0))]
    assert spans == [Span(0, 30), Span(25, 55), Span(50, 70)]


def test_an_overlap_as_long_as_the_window_is_refused():
    with pytest.raises(ValueError, match="overlap < length"):
        windows(scenes_of([10.0]), WindowRules(5.0, 5.0))


def test_without_scenes_there_are_no_windows():
    assert windows([], WindowRules()) == ()


PAIRS_S = st.sampled_from([1.0, 0.5, 2 / 3])
ANY_RULES = st.floats(0.1, 90).flatmap(
    lambda length_s: st.builds(WindowRules, st.just(length_s), st.floats(0, length_s, exclude_max=True))
)


def recording_of(scenes: list[Scene], shift_s: float = 0.0) -> Recording:
    """A recording whose parts are as long as their scenes; the second begins `shift_s` off the millisecond."""
    parts = []
    for number in sorted({scene.part for scene in scenes}):
        spans = [scene.span for scene in scenes if scene.part == number]
        start_s = spans[0].start_s + (shift_s if number else 0.0)
        parts.append(Part(Path("a.mp4"), start_s, spans[-1].end_s - start_s, 16, 9, Fraction(25), "h264"))
    return Recording(tuple(parts))


def pairs_before(window: Window, recording: Recording, pair_s: float) -> float:
    """Number of pairs of frames between the start of a part and that of a window."""
    return (window.span.start_s - recording.parts[window.part].start_s) / pair_s


def is_on_grid(window: Window, recording: Recording, pair_s: float) -> bool:
    pairs = pairs_before(window, recording, pair_s)
    return abs(pairs - round(pairs)) * pair_s < 0.0011


@given(LENGTHS_S, LENGTHS_S, ANY_RULES, PAIRS_S, st.sampled_from([0.0, 0.0004, -0.0004]))
def test_model_windows_cover_every_part_from_the_grid_of_frame_pairs(first, second, rules, pair_s, shift_s):
    scenes = scenes_of(first, second)
    recording = recording_of(scenes, shift_s)
    found = model_windows(scenes, rules, recording, pair_s)
    assert list(found) == sorted(found, key=lambda window: window.span)
    for part in (0, 1):
        mine = [window.span for window in found if window.part == part]
        spans = [scene.span for scene in scenes if scene.part == part]
        assert merge(mine, max_gap_s=0.001) == [Span(spans[0].start_s, spans[-1].end_s)]
    assert all(is_on_grid(window, recording, pair_s) for window in found)
    assert max(window.span.length_s for window in found) <= max(min(rules.length_s, 60), 2 * pair_s) + 0.002


@given(LENGTHS_S, RULES, PAIRS_S)
def test_neighbouring_model_windows_share_the_overlap_and_at_most_a_pair_more_than_twice_as_much(lengths, rules, pair_s):
    scenes = scenes_of(lengths)
    overlap_s = min(rules.overlap_s, rules.length_s - 2 * pair_s)
    for one, other in pairwise(model_windows(scenes, rules, recording_of(scenes), pair_s)):
        assert overlap_s - 0.002 <= one.span.overlap_s(other.span) <= 2 * overlap_s + pair_s + 0.002


def test_model_windows_begin_a_little_before_a_cut_that_is_off_the_grid():
    scenes = scenes_of([18.6, 9.2, 40.0])
    spans = [window.span for window in model_windows(scenes, WindowRules(30.0, 5.0), recording_of(scenes), 1.0)]
    assert spans[:2] == [Span(0, 27.8), Span(18, 48)]


def test_model_windows_without_overlap_are_side_by_side():
    scenes = scenes_of([70.0])
    spans = [window.span for window in model_windows(scenes, WindowRules(30.0, 0.0), recording_of(scenes), 1.0)]
    assert spans == [Span(0, 30), Span(30, 60), Span(60, 70)]


def test_a_model_is_shown_at_most_a_minute():
    scenes = scenes_of([300.0])
    recording = recording_of(scenes)
    rules = WindowRules(90.0, 5.0)
    assert max(window.span.length_s for window in model_windows(scenes, rules, recording, 1.0)) == 60
    assert around(Span(100, 104), recording, rules, 1.0) == Window(Span(72, 132))


SPANS = st.builds(lambda start, length: Span(start / 10, (start + length) / 10), st.integers(0, 2000), st.integers(1, 500))


@given(LENGTHS_S, LENGTHS_S, st.lists(SPANS, max_size=5))
def test_every_span_has_a_proposed_window_and_every_proposed_window_a_span(first, second, spans):
    every = windows(scenes_of(first, second), WindowRules(20.0, 6.0))
    asked = proposed(every, spans)
    assert list(asked) == [window for window in every if window in asked]
    assert all(any(window.span.overlap_s(span) for span in spans) for window in asked)
    seen = [window.span for window in asked]
    for span in spans:
        holding = [w.span for w in every if span.clamp(w.span) == span]
        assert bool(seen) or not any(span.overlap_s(w.span) for w in every)
        assert not holding or any(span.clamp(one) == span for one in seen)


def test_a_span_is_searched_in_a_window_with_the_time_before_it():
    every = windows(scenes_of([70.0]), WindowRules(30.0, 10.0))
    assert [window.span for window in every] == [Span(0, 30), Span(20, 50), Span(40, 70)]
    assert [window.span for window in proposed(every, [Span(21, 24)])] == [Span(0, 30)]  # 19 to 26 with its margins
    assert [window.span for window in proposed(every, [Span(23, 26)])] == [Span(0, 30), Span(20, 50)]
    assert [window.span for window in proposed(every, [Span(69, 70)])] == [Span(40, 70)]
    assert [window.span for window in proposed(every, [Span(15, 35)])] == [Span(0, 30), Span(20, 50)]
    assert proposed(every, []) == ()


def test_a_span_at_the_end_of_a_part_proposes_no_window_in_the_next_part():
    every = windows(scenes_of([20.0], [20.0]), WindowRules(30.0, 10.0))
    assert proposed(every, [Span(18, 19.5)]) == every[:1]


@given(LENGTHS_S, LENGTHS_S, SPANS, ANY_RULES, PAIRS_S, st.floats(-20, 20))
def test_a_window_around_a_span_contains_it_on_the_grid_and_inside_one_part(first, second, span, rules, pair_s, shift_s):
    recording = recording_of(scenes_of(first, second))
    window = around(span, recording, rules, pair_s, shift_s)
    part = recording.parts[window.part]
    assert window.part == recording.part_at(span.middle_s)
    assert window.span.clamp(part.span) == window.span
    assert is_on_grid(window, recording, pair_s)
    length_s = max(min(rules.length_s, 60), 2 * pair_s)
    assert min(part.duration_s, length_s - pair_s) - 0.002 <= window.span.length_s <= length_s + 0.002
    inside = span.clamp(part.span)
    if inside and inside.length_s <= length_s - pair_s:
        assert window.span.start_s <= inside.start_s + 0.0011
        assert window.span.end_s >= inside.end_s - 0.0011


def test_a_window_around_a_span_has_it_in_the_middle_or_at_the_requested_offset():
    recording = recording_of(scenes_of([100.0]))
    rules = WindowRules(30.0, 5.0)
    assert around(Span(50, 54), recording, rules, 1.0).span == Span(37, 67)
    assert around(Span(50, 54), recording, rules, 1.0, shift_s=7).span == Span(44, 74)
    assert around(Span(50, 54), recording, rules, 1.0, shift_s=40).span == Span(50, 80)
    assert around(Span(50, 54), recording, rules, 1.0, shift_s=-40).span == Span(24, 54)
    assert around(Span(1, 4), recording, rules, 1.0).span == Span(0, 30)
    assert around(Span(97, 99), recording, rules, 1.0).span == Span(70, 100)
