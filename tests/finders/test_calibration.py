"""What a check is worth is learned from its answers in the same match."""

from __future__ import annotations

import math
import random

import pytest

from benchmarks.stand_in.events import profile
from benchmarks.stand_in.match import draw
from benchmarks.stand_in.trial import Settings, f1, judge, trial
from highlights.dialects.marlin import MARLIN
from highlights.finders import signals
from highlights.finders.calibration import centre, knows
from highlights.finders.looks import Reply
from highlights.merge import merge
from highlights.records import Window
from highlights.spans import Span

SHORT = 1800.0
SOCCER = profile("soccer")


def replies(odds: list[float]) -> list[Reply]:
    """Answers with these log-odds of yes, in windows of 30 s that begin every 15 s."""
    windows = [Window(Span(15.0 * n, 15.0 * n + 30.0)) for n in range(len(odds))]
    return [Reply(window, yes=1 / (1 + math.exp(-value))) for window, value in zip(windows, odds, strict=True)]


def answered(seed: int, share: float, *, shift: float = 0.0, count: int = 300) -> list[float]:
    """Log-odds about 2 apart from the middle on either side; `share` of the windows hold the event."""
    chance = random.Random(seed)
    return [chance.gauss(2.0 if chance.random() < share else -2.0, 0.7) + shift for _ in range(count)]


@pytest.mark.parametrize("share", [0.03, 0.1, 0.3])
@pytest.mark.parametrize("shift", [-4.0, 0.0, 4.0])
def test_the_centre_lies_between_no_and_yes_however_a_check_leans(share: float, shift: float) -> None:
    assert -1.6 < centre(replies(answered(1, share, shift=shift))) - shift < 1.0


def test_yes_that_most_windows_hold_is_left_alone() -> None:
    assert centre(replies(answered(1, 0.8))) == 0.0


def test_one_frequent_event_does_not_make_a_check_look_wrong() -> None:
    assert knows([replies(answered(1, 0.8))])
    assert knows([replies(answered(1, 0.8)), *(replies(answered(seed, 0.1)) for seed in range(2, 5))])


def test_few_windows_do_not_show_what_is_usual() -> None:
    assert centre(replies(answered(1, 0.1, shift=3.0, count=20))) == 0.0
    assert knows([replies(answered(1, 0.9, count=20))])


def test_a_check_that_says_no_where_it_should_say_yes_knows_nothing() -> None:
    assert knows([replies(answered(seed, 0.1)) for seed in range(5)])
    assert not knows([replies([-value for value in answered(seed, 0.1)]) for seed in range(5)])


def test_answers_by_chance_know_nothing() -> None:
    chance = random.Random(3)
    assert not knows([replies([chance.uniform(-4, 4) for _ in range(400)]) for _ in range(5)])


def test_a_match_has_the_same_events_however_its_check_leans() -> None:
    no, upright, yes = (trial(2, SOCCER, MARLIN, Settings(match_s=SHORT, shift=shift)) for shift in (-4.0, 0.0, 2.0))
    assert no.alone == pytest.approx(upright.alone, abs=0.001) == yes.alone
    assert no.with_signals == pytest.approx(upright.with_signals, abs=0.001) == yes.with_signals
    assert upright.with_signals > 0.8


@pytest.mark.parametrize("check", ["flipped", "noisy", "silent"])
def test_a_check_that_knows_nothing_is_never_worse_than_signals_alone(check) -> None:
    match = draw(0, SOCCER, match_s=SHORT)
    found = signals.find(match.recording, SOCCER, match.analysis)
    without = f1(judge(match, SOCCER, merge(found, SOCCER, match.recording, match.analysis.scoreboard).events))
    blind = trial(0, SOCCER, MARLIN, Settings(match_s=SHORT, check=check))
    assert blind.with_signals >= without - 0.01
    assert min(blind.alone, blind.with_signals) > 0.7  # by its descriptions
