"""The stand-in misbehaves as intended, and its false claims are rejected nevertheless."""

from __future__ import annotations

import random
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context
from statistics import mean

import pytest

from benchmarks.stand_in.events import profile
from benchmarks.stand_in.match import Incident
from benchmarks.stand_in.model import StandIn
from benchmarks.stand_in.trial import Settings, blank, iou, soccer_trial, trial
from highlights.dialects.marlin import MARLIN
from highlights.records import Window
from highlights.spans import Span

SOCCER = profile("soccer")
RULES = {rule.name: rule for rule in SOCCER.events}
THERE = Incident("corner", Span(112.0, 118.0), 115.0)
WINDOWS = [Window(Span(start_s, start_s + 30.0)) for start_s in (100 - step * 0.05 for step in range(240))]
EMPTY = [Window(Span(start_s, start_s + 30.0)) for start_s in range(1000, 2000, 2)]


def answers(stand_in: StandIn, windows: list[Window], kind: str = "corner", dialect=MARLIN):
    questions = [dialect.find_question(RULES[kind], RULES[kind].queries[0]), dialect.check_question(RULES[kind])]
    return [stand_in.ask(blank(window, dialect), questions) for window in windows]


def spans(stand_in: StandIn, windows: list[Window]) -> list[Span | None]:
    """The spans it names on the match clock; None for an unreadable answer."""
    read = [MARLIN.read_find(find.text, 30.0).spans for find, _ in answers(stand_in, windows)]
    starts = [window.span.start_s for window in windows]
    return [Span(s + r[0].start_s, s + r[0].end_s) if r else None for s, r in zip(starts, read, strict=True)]


@pytest.mark.parametrize("seed", range(3))
def test_the_stand_in_names_events_as_well_as_small_models_do(seed):
    named = spans(StandIn(SOCCER, MARLIN, [THERE], seed=seed), WINDOWS)
    ious = [iou(span, THERE.span) if span else 0.0 for span in named]
    for least, share in ((0.3, 0.70), (0.5, 0.56), (0.7, 0.33)):
        assert sum(iou >= least for iou in ious) / len(ious) == pytest.approx(share, abs=0.11)
    assert mean(ious) == pytest.approx(0.5, abs=0.08)


def test_the_stand_in_nearly_always_names_a_span_where_nothing_happens_and_rarely_the_same():
    named = spans(StandIn(SOCCER, MARLIN, []), EMPTY)
    readable = [span for span in named if span]
    assert len(readable) > 0.9 * len(EMPTY)
    pairs = pairwise(named)
    assert sum(bool(a and b and iou(a, b) > 0.5) for a, b in pairs) < 0.2 * len(EMPTY)


def test_windows_agree_on_look_alikes():
    named = [span for span in spans(StandIn(SOCCER, MARLIN, [], [THERE]), WINDOWS) if span]
    assert sum(abs(span.middle_s - 115) < 4 for span in named) > 0.65 * len(named)


@pytest.mark.parametrize("true", [[], [THERE]])
def test_the_check_is_wrong_in_15_of_100_windows_either_way(true):
    yes = [check.yes > 0.5 for _, check in answers(StandIn(SOCCER, MARLIN, true, [THERE]), WINDOWS)]
    assert sum(yes) / len(yes) == pytest.approx(0.85 if true else 0.15, abs=0.07)


def test_an_error_tied_to_an_incident_recurs_in_every_window():
    fooled = [
        {check.yes > 0.5 for _, check in answers(StandIn(SOCCER, MARLIN, [], [THERE], seed, errors="tied"), WINDOWS[:9])}
        for seed in range(40)
    ]
    assert all(len(verdicts) == 1 for verdicts in fooled)
    assert 1 <= fooled.count({True}) <= 12


def test_the_stand_in_is_deterministic_and_depends_on_its_seed():
    first, again, other = (answers(StandIn(SOCCER, MARLIN, [THERE], seed=seed), WINDOWS[:20]) for seed in (1, 1, 2))
    assert first == again != other


def test_the_answers_of_the_stand_in_cover_every_form():
    found = answers(StandIn(SOCCER, MARLIN, []), EMPTY)
    assert {MARLIN.read_find(find.text, 30.0).how for find, _ in found} == {"clean", "repaired", "none"}


def test_false_claims_of_the_stand_in_are_rejected_in_a_match():
    one = trial(random.Random("any").randrange(5), SOCCER, MARLIN, Settings(match_s=1800.0))
    assert one.face_value < 0.2
    assert one.alone > 0.75
    assert one.with_signals > 0.8


def test_a_second_model_that_checks_replaces_a_check_that_says_nothing():
    checked = trial(1, SOCCER, MARLIN, Settings(match_s=1800.0, check="silent", checker="works"))
    assert min(checked.alone, checked.with_signals) > 0.85


@pytest.mark.long
def test_false_claims_of_the_stand_in_are_rejected_in_ten_matches_of_ninety_minutes():
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        trials = list(pool.map(soccer_trial, range(10)))
    assert max(one.face_value for one in trials) < 0.2
    assert mean(one.alone for one in trials) >= 0.9
    assert min(one.alone for one in trials) >= 0.8
    assert mean(one.with_signals for one in trials) >= 0.95
    assert min(one.with_signals for one in trials) >= 0.9
    assert max(sum(one.near_misses) for one in trials) < 150
