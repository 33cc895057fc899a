"""Counts in every form, and points without a number, which are counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from highlights.dialects.counting import Count, parse_count
from tests.support import published
from tests.support.answers import garbage

ONE = '<points coords="1.0 1 100 200">goals</points>'
TWO = '<points coords="0.5 1 911 800;12.5 2 400 333">goals</points>'


@pytest.mark.parametrize(
    ("answer", "number"),
    [
        ("3", 3),
        (" 3.\n", 3),
        ("0", 0),
        (f"Counting the {TWO} shows a total of 2.", 2),
        ('Counting the <points coords="0.1 1 900 400 2 911 800">aasdf</points> shows a total of 2.', 2),
        ('Counting the <points label="aasdf" coords="0.1 1 900 400 2 911 800"/> shows a total of 2.', 2),
        ('There are 3 <points coords="1.0 1 100 200;2.0 2 300 400;3.0 3 500 600">goals</points>.', 3),
        (f"There is 1 {ONE}.", 1),
        ("There is 1", 1),
        ("the total number of x is: 3", 3),
        ("the total number of red cards shown is: 3.", 3),
        ("The total number is: 3", 3),
        ("There are none.", 0),
        (TWO, 2),
        ('<tracks coords="0.0 1 259 340;0.5 1 138 427 2 248 335">players</tracks>', 2),
    ],
)
def test_a_count_is_parsed_in_every_form(answer, number):
    assert parse_count(answer) == Count("absent" if answer == "There are none." else "clean", number)


@pytest.mark.parametrize(
    ("answer", "number", "repair"),
    [
        (f"Counting the {TWO} shows a total of 3.", 3, "says 3, points at 2"),
        (f"Counting the {TWO} shows a total of 0.", 0, "says 0, points at 2"),
        ('There are 1 <points coords="1.0 1 100 200;2.0', 1, "cut short"),
        ('<points coords="1.0 1 100 200;2.0', 1, "cut short"),
    ],
)
def test_a_count_that_differs_from_its_points_is_reported(answer, number, repair):
    assert parse_count(answer) == Count("repaired", number, (repair,))


@pytest.mark.parametrize(
    ("answer", "how"),
    [
        ("Sorry, I can't count L.", "unable"),
        ("No tracks available.", "untracked"),
        ("", "unreadable"),
        ("many", "unreadable"),
        ("9" * 50, "unreadable"),
        (f"It shows a total of {'9' * 50}.", "unreadable"),
        ("²", "unreadable"),
    ],
)
def test_an_answer_without_a_number_counts_nothing(answer, how):
    assert parse_count(answer) == Count(how)


@given(
    st.integers(0, 99),
    st.sampled_from(["{}", "shows a total of {}.", "the total number of goals is: {}", "the total number is: {}."]),
)
def test_matches_of_the_published_pattern_are_parsed_the_same(number, form):
    answer = form.format(number)
    assert published.count(answer) == number
    assert parse_count(answer).number == number


@given(garbage)
def test_any_answer_gives_a_count_or_none(answer):
    count = parse_count(answer)
    assert (count.number is not None) == (count.how in ("clean", "repaired", "absent"))
