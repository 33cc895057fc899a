"""When the exact frame of a cut matters."""

from __future__ import annotations

import pytest

from highlights.analysis.exactness import BESIDE_AWAY_S, around_changes, around_clearest
from highlights.analysis.score.glances import Gap
from highlights.analysis.sound.roars import Roar
from highlights.profile import load
from highlights.spans import Span

NIL, ONE = ("shown", "0", "0"), ("shown", "1", "0")
SOCCER = load("soccer")
LONGEST_S = 60.0  # after a goal, the graphic changes at most so much later


def gap(start_s: float, end_s: float, old: tuple[str, ...], new: tuple[str, ...]) -> Gap:
    return Gap(0, Span(start_s, end_s), old, new)


def test_before_a_change_of_the_score_cuts_are_exact_for_as_long_as_the_graphic_can_be_late() -> None:
    assert around_changes([gap(100.0, 102.0, NIL, ONE)], SOCCER) == [Span(100.0 - LONGEST_S, 102.0)]


def test_around_the_time_without_the_graphic_cuts_are_exact() -> None:
    gaps = [gap(100.0, 102.0, NIL, ()), gap(120.0, 122.0, (), NIL)]
    assert around_changes(gaps, SOCCER) == [Span(100.0 - BESIDE_AWAY_S, 122.0 + BESIDE_AWAY_S)]


def test_a_score_that_changed_meanwhile_counts_as_well() -> None:
    gaps = [gap(100.0, 102.0, NIL, ()), gap(120.0, 122.0, (), ONE)]
    assert around_changes(gaps, SOCCER) == [Span(100.0 - LONGEST_S, 122.0 + BESIDE_AWAY_S)]


def test_a_break_is_no_row_of_replays() -> None:
    assert around_changes([gap(100.0, 102.0, NIL, ()), gap(800.0, 802.0, (), NIL)], SOCCER) == []


@pytest.mark.parametrize("gaps", [[], [gap(5.0, 7.0, NIL, ())], [gap(5.0, 7.0, (), NIL)]])
def test_a_graphic_that_only_comes_or_goes_asks_for_nothing(gaps: list[Gap]) -> None:
    assert around_changes(gaps, SOCCER) == []


def test_the_clearest_roars_are_looked_around() -> None:
    loud = [
        Roar(Span(at_s, at_s + 5), at_s, at_s + 2, strength, 0.0)
        for at_s, strength in ((10.0, 0.9), (300.0, 0.5), (500.0, 0.88))
    ]
    assert around_clearest(loud, 600.0) == [Span(0.0, 85.0), Span(485.0, 575.0)]
    assert around_clearest([], 600.0) == []


def test_of_many_clear_roars_the_strongest_and_earliest_are_looked_around() -> None:
    loud = [
        Roar(Span(at_s, at_s + 5), at_s, at_s + 2, strength) for at_s, strength in ((100.0, 0.9), (400.0, 0.9), (900.0, 0.92))
    ]
    assert around_clearest(loud, 899.0) == [Span(85.0, 175.0), Span(885.0, 975.0)]
    assert len(around_clearest(loud, 900.0)) == 3
