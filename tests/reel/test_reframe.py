from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from highlights.records import Scene
from highlights.reel.reframe import AT_EASE, FASTEST, SHARPEST, STEP_S, crop_path
from highlights.spans import Span

WIDE, UPRIGHT = Fraction(16, 9), Fraction(9, 16)
SPAN = Span(100, 112)
EASE = AT_EASE * float(UPRIGHT / WIDE)

places = st.floats(-0.5, 1.5)
trails = st.lists(st.tuples(st.floats(99, 113), places, places), max_size=80).map(sorted)
aspects = st.sampled_from([UPRIGHT, Fraction(1), Fraction(4, 5), WIDE])
cut_times = st.lists(st.floats(100, 112), max_size=3)


def scenes(*cuts_s: float) -> list[Scene]:
    edges = sorted({0.0, *(round(cut, 3) for cut in cuts_s), 200.0})
    return [Scene(Span(start, end)) for start, end in pairwise(edges)]


def middles(trail, *, cuts_s=(), aspect=UPRIGHT, shape=WIDE, times_s=None):
    """Middle of the crop as x, y at the times, every `STEP_S` of the span by default."""
    path = crop_path(trail, scenes(*cuts_s), SPAN, aspect, shape)
    boxes = [path.box_at(time_s) for time_s in (np.arange(100, 112, STEP_S) if times_s is None else times_s)]
    return np.array([((left + right) / 2, (upper + lower) / 2) for left, upper, right, lower in boxes])


def walk(x_at, *, every_s=1 / 6):
    """A trail over the whole span with x by a function of the time."""
    return [(float(time_s), float(x_at(time_s)), 0.5) for time_s in np.arange(100, 112, every_s)]


@settings(deadline=None)
@given(trails, cut_times, aspects, aspects)
def test_the_crop_keeps_its_shape_and_stays_in_the_picture(trail, cuts_s, aspect, shape):
    path = crop_path(trail, scenes(*cuts_s), SPAN, aspect, shape)
    for time_s in np.linspace(99, 113, 200):
        left, upper, right, lower = path.box_at(time_s)
        assert -1e-9 <= left < right <= 1 + 1e-9
        assert -1e-9 <= upper < lower <= 1 + 1e-9
        assert (right - left) * shape / (lower - upper) == pytest.approx(float(aspect))
        assert max(right - left, lower - upper) == pytest.approx(1)


@settings(deadline=None)
@given(trails, aspects, aspects)
def test_within_a_scene_the_crop_moves_smoothly_whatever_the_trail_does(trail, aspect, shape):
    way = np.array([1 - min(1, aspect / shape), 1 - min(1, shape / aspect)], float)
    moves = np.diff(middles(trail, aspect=aspect, shape=shape), axis=0) / STEP_S
    assert (abs(moves) <= FASTEST * way + 1e-6).all()
    assert (abs(np.diff(moves, axis=0)) / STEP_S <= SHARPEST * way + 1e-4).all()


def test_the_crop_restarts_at_a_cut_and_never_looks_ahead_past_one():
    trail = walk(lambda time_s: 0.3 if time_s < 106 else 0.7)
    before, at, after = middles(trail, cuts_s=[106], times_s=[105.96, 106, 111])[:, 0]
    assert before == pytest.approx(0.3)
    assert at == after == pytest.approx(0.7)


def test_spots_may_come_in_any_order():
    trail = walk(lambda time_s: 0.3 + 0.05 * (time_s - 102))
    assert (middles(trail[::-1]) == middles(trail)).all()


def test_the_crop_reaches_a_place_when_the_play_does_and_not_later():
    trail = walk(lambda time_s: 0.3 + 0.05 * (time_s - 102))
    x = middles(trail, times_s=[104, 106, 108])[:, 0]
    assert x == pytest.approx([0.4, 0.5, 0.6], abs=0.01)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 9999))
def test_a_reversed_trail_gives_the_reversed_path(seed):
    xs = np.random.default_rng(seed).uniform(-0.5, 1.5, 71)
    times_s = 106 + np.arange(-35, 36) / 6
    there, back = ([*zip(times_s, way, xs, strict=True)] for way in (xs, xs[::-1]))
    assert middles(there)[::-1, 0] == pytest.approx(middles(back, times_s=np.arange(100, 112, STEP_S) + STEP_S)[:, 0], abs=1e-6)


def test_small_moves_of_the_play_do_not_move_the_crop():
    x = middles(walk(lambda time_s: 0.5 + 0.06 * np.sin(time_s / 2)))[:, 0]
    assert np.ptp(x) < 0.03


def test_two_outliers_do_not_move_the_crop():
    trail = walk(lambda time_s: 0.9 if 105 < time_s < 105.3 else 0.4)
    assert sum(x == 0.9 for _, x, _ in trail) == 2
    assert np.ptp(middles(trail)[:, 0]) == 0


def test_the_crop_holds_still_while_the_trail_has_a_gap_and_moves_on_after_it():
    trail = walk(lambda time_s: 0.3 if time_s < 103 else 0.7)
    x = middles([spot for spot in trail if not 102 < spot[0] < 109], times_s=[101, 104, 106, 107, 111])[:, 0]
    assert x[:4] == pytest.approx(x[0])
    assert x[[0, 4]] == pytest.approx([0.3, 0.7], abs=EASE)


@pytest.mark.parametrize("trail", [[], [(50.0, 0.1, 0.1)]])
def test_without_a_trail_the_crop_shows_the_middle(trail):
    assert (middles(trail) == 0.5).all()


def test_a_picture_of_the_same_shape_is_shown_whole():
    assert crop_path(walk(lambda time_s: 0.1), scenes(), SPAN, WIDE, WIDE).box_at(105) == (0, 0, 1, 1)


def test_an_upright_picture_is_followed_up_and_down():
    trail = [(time_s, 0.1, 0.8) for time_s, _, _ in walk(lambda time_s: 0)]
    assert middles(trail, aspect=WIDE, shape=UPRIGHT, times_s=[105]) == pytest.approx(np.array([[0.5, 0.8]]))
