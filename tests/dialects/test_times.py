"""Times and pairs of times found in prose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from highlights.dialects.times import fit, pairs, times, written
from highlights.spans import Span


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3", [3]),
        ("3.25 s, 4,5sec 5 SECONDS", [3.25, 4.5, 5]),
        ("1:02 and 1:02:03.5", [62, 3723.5]),
        ("12:75 1:2:3:4 1.2.3 3rd U21 #10 1080p", []),
        ("the 2nd at .5.", [0.5]),
        ("", []),
    ],
)
def test_times_are_parsed_and_other_numbers_are_not(text, seconds):
    assert [time.seconds for time in times(text)] == seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3 - 5 - 8", [(3, 5, "joined")]),
        ("3-5, 8-9", [(3, 5, "joined"), (8, 9, "joined")]),
        ("3-5 or from 8 to 9", [(8, 9, "from")]),
        ("3 then 5", [(3, 5, "bare")]),
        ("3 then 5 then 8", [(3, 5, "bare")]),
        ("from 3 and then on until 5", []),
        ("-3 to -1", [(-3, -1, "joined")]),
        ("3 to", []),
    ],
)
def test_of_several_forms_of_a_time_pair_the_best_is_used(text, expected):
    assert [(pair.start_s, pair.end_s, pair.how) for pair in pairs(text)] == expected


@given(st.integers(0, 10_000_000).map(lambda ms: ms / 1000))
def test_a_written_time_is_parsed_back(time_s):
    assert [time.seconds for time in times(written(time_s))] == [time_s]


@given(*[st.floats(allow_nan=False)] * 2, st.floats(0.001, 1e4))
def test_a_fitted_span_is_always_in_the_window(start_s, end_s, window_s):
    fitted = fit(start_s, end_s, window_s)
    if fitted:
        assert 0 <= fitted[0].start_s < fitted[0].end_s <= round(window_s, 3)


@given(st.floats(0, 60), st.floats(0, 60))
def test_swapped_times_give_the_same_span_and_report_a_repair(a_s, b_s):
    forth, back = fit(a_s, b_s, 60.0), fit(b_s, a_s, 60.0)
    assert (forth and forth[0]) == (back and back[0])


def test_a_span_in_the_window_is_unchanged():
    assert fit(3.0, 7.5, 30.0) == (Span(3.0, 7.5), ())
