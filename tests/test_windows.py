"""Windows: what must hold for every match, and where they begin and end in one."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from highlights.profile import WindowRules
from highlights.records import Scene
from highlights.spans import Span, gaps
from highlights.windows import windows

LENGTHS_S = st.lists(st.integers(100, 90_000).map(lambda ms: ms / 1000), min_size=1, max_size=30)
RULES = st.builds(WindowRules, length_s=st.floats(4, 60), overlap_s=st.floats(0, 3.5))


def scenes_of(*parts: list[float]) -> list[Scene]:
    """Scenes of these lengths in seconds, part after part, laid end to end."""
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
def test_no_window_is_longer_than_asked(lengths, rules):
    assert all(window.span.length_s <= rules.length_s + 0.002 for window in windows(scenes_of(lengths), rules))


@given(LENGTHS_S, RULES)
def test_neighbours_share_the_overlap_and_at_most_twice_as_much(lengths, rules):
    for one, other in pairwise(windows(scenes_of(lengths), rules)):
        shared_s = one.span.overlap_s(other.span)
        assert rules.overlap_s - 0.002 <= shared_s <= 2 * rules.overlap_s + 0.002


@given(LENGTHS_S, RULES)
def test_a_window_ends_inside_a_scene_only_when_no_cut_lies_in_the_second_half_of_its_advance(lengths, rules):
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


def test_a_match_without_cuts_is_cut_evenly():
    spans = [window.span for window in windows(scenes_of([70.0]), WindowRules(30.0, 5.0))]
    assert spans == [Span(0, 30), Span(25, 55), Span(50, 70)]


def test_an_overlap_as_long_as_the_window_is_refused():
    with pytest.raises(ValueError, match="overlap < length"):
        windows(scenes_of([10.0]), WindowRules(5.0, 5.0))


def test_no_scenes_make_no_windows():
    assert windows([], WindowRules()) == ()
