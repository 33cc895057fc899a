"""Tracks become a trail that a vertical crop follows."""

from __future__ import annotations

from fractions import Fraction

import pytest

from benchmarks.stand_in.trial import Blank
from highlights.backends.backend import Answer
from highlights.dialects.molmo2 import MOLMO2
from highlights.dialects.pointing import Point, Track, compose_tracks
from highlights.finders.tracking import trail
from highlights.records import Clip, Scene
from highlights.reel.reframe import crop_path
from highlights.spans import Span
from tests.support.scripted import Scripted


def clip(start_s: float, end_s: float, part: int = 0) -> Clip:
    return Clip(Span(start_s, end_s), (0,), "Goal", "", part=part)


def ask(says, *clips):
    backend = Scripted(lambda window, question: Answer(says(window)))
    return trail(clips, Blank(MOLMO2), MOLMO2.sampling, backend), backend.asked


def way(*points: tuple[float, float], number: int = 1) -> Track:
    return Track(number, tuple(Point(time_s, number, x, 0.5) for time_s, x in points))


def test_tracked_positions_are_on_the_match_clock():
    places, asked = ask(lambda window: compose_tracks("player", [way((0.0, 0.25), (0.5, 0.3))]), clip(100.0, 110.0))
    assert places == ((100.0, 0.25, 0.5), (100.5, 0.3, 0.5))
    assert [question.text for _, (question,) in asked] == ["Track the player with the ball at 2 FPS"]


def test_a_long_clip_is_asked_about_in_equal_pieces_and_every_clip_once_in_order():
    places, asked = ask(
        lambda window: compose_tracks("player", [way((1.0, 0.5))]), clip(200.0, 270.0), clip(100.0, 110.0), clip(200.0, 270.0)
    )
    assert [window.span.length_s for window, _ in asked] == pytest.approx([10, 70 / 3, 70 / 3, 70 / 3], abs=2e-3)
    assert [place[0] for place in places] == pytest.approx([101, 201, 224.333, 247.667])


def test_a_clip_is_read_from_its_own_part():
    assert ask(lambda window: "No tracks available.", clip(5.0, 9.0, part=1))[1][0][0].part == 1


def test_of_several_tracks_only_the_longest_is_used():
    both = [way((0.0, 0.1), number=1), way((0.0, 0.8), (0.5, 0.82), (1.0, 0.84), number=2)]
    places, _ = ask(lambda window: compose_tracks("player", both), clip(0.0, 10.0))
    assert [x for _, x, _ in places] == [0.8, 0.82, 0.84]


def test_positions_past_the_end_of_a_clip_are_dropped_without_hiding_those_of_the_next():
    says = {100.0: [way((1.0, 0.2), (12.0, 0.2))], 110.0: [way((2.0, 0.7))]}
    places, _ = ask(lambda w: compose_tracks("player", says[w.span.start_s]), clip(100.0, 110.0), clip(110.0, 120.0))
    assert places == ((101.0, 0.2, 0.5), (112.0, 0.7, 0.5))


@pytest.mark.parametrize("answer", ["", "No tracks available.", "There are none.", "He runs."])
def test_the_trail_has_a_gap_where_nothing_is_tracked(answer):
    assert ask(lambda window: answer, clip(100.0, 110.0))[0] == ()


def test_a_crop_follows_the_trail():
    steps = [(step / 2, 0.3 + 0.02 * step) for step in range(20)]
    places, _ = ask(lambda window: compose_tracks("player", [way(*steps)]), clip(100.0, 110.0))
    path = crop_path(places, [Scene(Span(0, 200))], Span(100, 110), Fraction(9, 16), Fraction(16, 9))
    middles = [sum(path.box_at(time_s)[::2]) / 2 for time_s in (103.0, 107.0)]
    assert middles == pytest.approx([0.42, 0.58], abs=0.05)
