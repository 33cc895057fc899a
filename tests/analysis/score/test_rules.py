from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from highlights.analysis.score.rules import Observation, Rules, ScoreState, believe, explained

GOALS = Rules((1,), largest=30)
BASKETS = Rules((1, 2, 3), largest=250)
POINTS = Rules((1,), resets=True, largest=60)
TENNIS = Rules((1, 10, 15), resets=True, falls=(10,), largest=99)


def read(values: str | Sequence[int], confidence: float = 0.95) -> list[Observation]:
    """Readings 2 s apart, each valid until shortly before the next."""
    numbers = map(int, values.split()) if isinstance(values, str) else values
    return [Observation(2.0 * i, 2.0 * i + 1.9, value, confidence) for i, value in enumerate(numbers)]


def believed(values: str, rules: Rules) -> list[int]:
    return [state.value for state in believe(read(values), rules)]


def test_a_misreading_is_outvoted() -> None:
    assert believed("0 0 8 0 0 1 1 0 1 1 1", GOALS) == [0, 1]


def test_a_disallowed_goal_is_accepted_if_it_was_shown_for_long() -> None:
    assert believed("0 " * 5 + "1 " * 12 + "0 " * 12, GOALS) == [0, 1, 0]
    assert believed("0 " * 5 + "1 " * 2 + "0 " * 12, GOALS) == [0]


def test_a_second_match_in_the_same_file_restarts_the_score() -> None:
    assert believed("3 " * 20 + "0 " * 20, GOALS) == [3, 0]


def test_points_restart_with_each_set() -> None:
    assert believed("23 23 24 24 25 25 0 0 0 1 1 1 2 2", POINTS) == [23, 24, 25, 0, 1, 2]
    assert believed("23 23 0 23 23 24 24", POINTS) == [23, 24]


def test_an_advantage_is_won_and_lost() -> None:
    assert believed("30 30 40 40 50 50 40 40 50 50 0 0 15 15", TENNIS) == [30, 40, 50, 40, 50, 0, 15]


def test_a_change_at_the_end_is_accepted_from_the_second_reading_on() -> None:
    assert believed("0 0 0 0 1", GOALS) == [0]
    assert believed("0 0 0 0 1 1", GOALS) == [0, 1]


def test_a_misreading_at_the_start_is_not_a_change() -> None:
    assert believed("0 1 1 1 1", GOALS) == [1]
    assert believed("7 0 0 0 1 1", GOALS) == [0, 1]


def test_a_state_shown_for_a_few_frames_is_a_misreading() -> None:
    flash = [Observation(8.0, 8.02, 1, 0.9), Observation(8.1, 8.12, 1, 0.9)]
    assert [s.value for s in believe([*read("0 0 0 0"), *flash], GOALS)] == [0]


def test_a_jump_while_the_graphic_was_hidden_is_accepted() -> None:
    before, after = read([40] * 6), [Observation(o.time_s + 600, o.until_s + 600, 61, 0.9) for o in read([61] * 6)]
    assert [s.value for s in believe([*before, *after], BASKETS)] == [40, 61]


def test_numbers_beyond_the_largest_score_are_ignored() -> None:
    assert believed("0 0 99 99 99 99 1 1", GOALS) == [0, 1]


def test_states_have_the_times_of_their_first_and_last_reading() -> None:
    assert believe(read("0 0 1 1 1"), GOALS) == [ScoreState(0, 0.0, 3.9, 1.9, 2), ScoreState(1, 4.0, 9.9, 0.95 * 3, 3)]


def test_without_readings_there_are_no_states() -> None:
    assert believe([], GOALS) == []
    assert explained([], [], GOALS) == 0.0


def test_readings_fit_a_score_but_not_a_shot_clock() -> None:
    score, shots = read("0 0 0 0 1 1 1 1 1 2 2 2"), read("24 22 20 18 16 14 24 22 20 18 16 14")
    assert explained(score, believe(score, GOALS), GOALS) > 0.85
    assert explained(shots, believe(shots, BASKETS), BASKETS) < 0.3


@st.composite
def stories(draw: st.DrawFn) -> tuple[Rules, list[int], list[int]]:
    """Rules, the states of a match, and readings: at least 6 of each state, at most one in four a misreading."""
    rules = draw(st.sampled_from([GOALS, BASKETS]))
    steps = draw(st.lists(st.sampled_from(rules.steps), max_size=6))
    truth = [draw(st.integers(0, 5))]
    for step in steps:
        truth.append(truth[-1] + step)
    values: list[int] = []
    for state in truth:
        length = draw(st.integers(8, 14))
        slips = draw(st.lists(st.integers(2, length - 3), max_size=length // 4, unique=True))
        values += [draw(st.integers(0, rules.largest)) if i in slips else state for i in range(length)]
    return rules, truth, values


@given(stories())
def test_a_growing_score_is_recovered_despite_misreadings(story: tuple[Rules, list[int], list[int]]) -> None:
    rules, truth, values = story
    assert [s.value for s in believe(read(values), rules)] == truth


@given(stories(), st.data())
def test_spans_without_readings_change_only_the_times(story: tuple[Rules, list[int], list[int]], data: st.DataObject) -> None:
    rules, truth, values = story
    at, length_s = data.draw(st.integers(0, len(values))), data.draw(st.floats(0, 600))
    later = [Observation(o.time_s + length_s, o.until_s + length_s, o.value, o.confidence) for o in read(values)[at:]]
    assert [s.value for s in believe([*read(values)[:at], *later], rules)] == truth


@given(st.lists(st.tuples(st.integers(0, 40), st.floats(0.5, 1.0)), max_size=60))
def test_states_never_overlap_and_differ_from_their_neighbours(read_values: list[tuple[int, float]]) -> None:
    observations = [Observation(2.0 * i, 2.0 * i + 1.9, value, sure) for i, (value, sure) in enumerate(read_values)]
    states = believe(observations, BASKETS)
    for old, new in pairwise(states):
        assert old.value != new.value
        assert old.last_s < new.first_s
    assert 0 <= explained(observations, states, BASKETS) <= 1
