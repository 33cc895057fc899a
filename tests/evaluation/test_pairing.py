"""Pairings compared with all possible ones."""

from __future__ import annotations

from itertools import combinations, permutations

from hypothesis import given
from hypothesis import strategies as st

from highlights.evaluation.pairing import in_order, match, paired

TIMES = st.lists(st.integers(0, 12), max_size=4)


@given(TIMES, TIMES, st.integers(0, 5))
def test_no_pairing_has_more_pairs_or_the_same_number_at_smaller_distances(true, found, tolerance):
    pairs = paired(true, found, tolerance)
    assert all(abs(true[a] - found[b]) <= tolerance for a, b in pairs)
    assert len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs)
    error = sum(abs(true[a] - found[b]) for a, b in pairs)
    assert (-len(pairs), error) == best_of_all(true, found, tolerance)


@given(TIMES, TIMES, st.integers(0, 5))
def test_pairing_in_order_gives_as_many_pairs(true, found, tolerance):
    numbered = [sorted((float(time), index) for index, time in enumerate(times)) for times in (true, found)]
    pairs = in_order(*numbered, tolerance)
    assert all(abs(true[a] - found[b]) <= tolerance for a, b in pairs)
    assert len(pairs) == -best_of_all(true, found, tolerance)[0]


def test_many_times_close_together_are_paired_without_a_table_of_all():
    assert len(paired([5.0] * 30_000, [6.0] * 20_000, 1.0)) == 20_000


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


def test_times_need_not_be_in_order():
    assert paired([14.0, 10.0], [17.0, 13.0], 4) == [(1, 1), (0, 0)]


def test_a_pair_exactly_at_the_tolerance_counts():
    assert match([10.0], [15.0], 5.0) == [(10.0, 15.0)]
    assert match([10.0], [15.001], 5.0) == []
