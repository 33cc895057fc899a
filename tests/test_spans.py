"""Spans: properties of all of them, and invalid ones."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from highlights.spans import Span, clock, gaps, merge

MS = st.integers(0, 400)


@st.composite
def spans(draw):
    """Spans of whole seconds below 400, so that many touch and overlap."""
    start_s = draw(MS)
    return Span(start_s, start_s + draw(st.integers(1, 60)))


def seconds(*of):
    """The whole seconds that spans cover."""
    return {second for span in of for second in range(int(span.start_s), int(span.end_s))}


@given(st.lists(spans()))
def test_merged_spans_cover_the_same_seconds_and_no_others(given_spans):
    assert seconds(*merge(given_spans)) == seconds(*given_spans)


@given(st.lists(spans()), st.integers(0, 20))
def test_merged_spans_are_ordered_and_further_apart_than_the_gap(given_spans, gap_s):
    joined = merge(given_spans, max_gap_s=gap_s)
    assert all(b.start_s - a.end_s > gap_s for a, b in pairwise(joined))


@given(st.lists(spans()), st.integers(0, 20))
def test_merging_twice_changes_nothing(given_spans, gap_s):
    joined = merge(given_spans, max_gap_s=gap_s)
    assert merge(joined, max_gap_s=gap_s) == joined


def test_touching_spans_are_merged_even_without_an_allowed_gap():
    assert merge([Span(1, 2), Span(2, 3)]) == [Span(1, 3)]


@given(st.lists(spans()), spans())
def test_gaps_are_the_seconds_that_no_span_covers(given_spans, within):
    free = gaps(given_spans, within)
    assert seconds(*free) == seconds(within) - seconds(*given_spans)
    assert merge(free) == free


@given(spans(), spans())
def test_clamping_keeps_the_overlap(one, other):
    shared = one.clamp(other)
    assert (seconds(shared) if shared else set()) == seconds(one) & seconds(other)
    assert one.overlap_s(other) == (shared.length_s if shared else 0)


@given(spans(), st.integers(0, 500), st.integers(0, 500))
def test_padding_adds_on_both_sides_but_never_before_the_start(span, before_s, after_s):
    padded = span.pad(before_s, after_s)
    assert padded == Span(max(0, span.start_s - before_s), span.end_s + after_s)


@given(spans(), MS)
def test_a_span_includes_its_start_and_excludes_its_end(span, time_s):
    assert span.holds(time_s) == (time_s in seconds(span))
    assert span.holds(span.start_s)
    assert not span.holds(span.end_s)


def test_times_are_rounded_to_the_millisecond():
    assert Span(1.00049, 2.0006) == Span(1.0, 2.001)
    assert Span(0.1, 0.4).length_s == 0.3
    assert Span(1, 2).middle_s == 1.5


@pytest.mark.parametrize(("start_s", "end_s"), [(2, 2), (2, 1), (-0.001, 1), (0, 0.0004), (float("nan"), 1), (0, float("nan"))])
def test_an_invalid_span_is_refused(start_s, end_s):
    with pytest.raises(ValueError, match="0 <= start < end"):
        Span(start_s, end_s)


@pytest.mark.parametrize(
    ("time_s", "text"), [(0, "0:00"), (59.999, "0:59"), (60, "1:00"), (3599, "59:59"), (36000, "10:00:00")]
)
def test_a_time_is_formatted_for_people(time_s, text):
    assert clock(time_s) == text
