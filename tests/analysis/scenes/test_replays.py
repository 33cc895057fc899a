"""Replays: each kind of evidence alone on drawn frames, and a goal with two replays on television."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable
from fractions import Fraction

import av
import numpy as np
import pytest
from av.video.reformatter import VideoReformatter

from highlights.analysis.scenes.detect import SceneWatch
from highlights.analysis.scenes.replays import ReplayWatch
from highlights.profile import SceneRules
from highlights.records import Part, Recording, Replay, Scene
from highlights.spans import Span, gaps
from tests.support.places import FOOTAGE

GOAL = FOOTAGE / "01_soccer_barca_lyon_goal_replays.webm"
FPS = 25


def scenes_of(*begins: tuple[float, str], end_s: float) -> list[Scene]:
    """Scenes that begin at these times in this way."""
    edges = [start_s for start_s, _ in begins] + [end_s]
    return [Scene(Span(edges[i], edges[i + 1]), 0, how) for i, (_, how) in enumerate(begins)]


def replays(scenes: list[Scene], visible: list[Span] | None = None) -> list[tuple[float, float]]:
    """The replays of a match whose frames give no evidence."""
    found = ReplayWatch().result(scenes, visible or [], scenes[-1].span.end_s)
    return [(replay.span.start_s, replay.span.end_s) for replay in found]


def pitch(time_s: float) -> np.ndarray:
    """A still camera over grass and stands; eight players run along paths that never repeat."""
    picture = np.full((144, 256, 3), (40, 120, 40), np.uint8)
    picture[:30] = np.random.default_rng(0).integers(0, 200, (30, 256, 3), np.uint8)
    for player in range(8):
        x = 128 + 110 * np.sin(0.31 * time_s * (1 + player / 7) + player)
        y = 88 + 45 * np.sin(0.23 * time_s * (1 + player / 5) + 2 * player)
        picture[round(y) - 5 : round(y) + 6, round(x) - 4 : round(x) + 5] = (30, 30, 220) if player % 2 else (240, 240, 240)
    return picture


def tour(pixels: list[int]) -> list[np.ndarray]:
    """A camera that pans in a loop, by these numbers of pixels from frame to frame."""
    picture = np.random.default_rng(0).integers(0, 255, (9, 16, 3), np.uint8).repeat(16, 0).repeat(16, 1)
    return [np.roll(picture, shift, axis=1) for shift in np.cumsum(pixels)]


def film(pictures: Iterable[np.ndarray]) -> ReplayWatch:
    """A watch that was shown these frames, 25 a second."""
    watch = ReplayWatch()
    for number, picture in enumerate(pictures):
        watch.add(number / FPS, picture, 0)
    return watch


def test_a_long_scene_of_repeated_footage_does_not_fill_the_memory():
    watch = ReplayWatch()
    for number in range(2000):
        watch.add(number / 5, pitch(number / 5 % 100), 0)
    tracemalloc.start()
    found = watch.result([Scene(Span(0, 400), 0, "start")], [], 400)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == ()
    assert peak < 1e6  # 100 times as much to compare every frame with every other


def test_scenes_without_the_score_graphic_are_a_replay():
    scenes = scenes_of((0, "start"), (30, "cut"), (38, "cut"), (44, "cut"), end_s=90)
    assert replays(scenes, gaps([Span(29.2, 44.6)], Span(0, 90))) == [(30, 44)]


def test_a_graphic_hidden_in_the_middle_of_a_scene_is_not_a_replay():
    scenes = scenes_of((0, "start"), (30, "cut"), (38, "cut"), (60, "cut"), end_s=90)
    assert replays(scenes, gaps([Span(38.4, 43.4)], Span(0, 90))) == []
    assert replays(scenes, gaps([Span(47.0, 52.0)], Span(0, 90))) == []


def test_the_absence_of_a_rarely_shown_graphic_is_not_a_replay():
    scenes = scenes_of((0, "start"), (30, "cut"), (38, "cut"), (60, "cut"), end_s=90)
    assert replays(scenes, [Span(28, 30), Span(38, 40)]) == []


def test_a_short_scene_between_two_dissolves_is_a_replay():
    scenes = scenes_of((0, "start"), (30, "gradual"), (38, "gradual"), (44, "cut"), end_s=90)
    assert replays(scenes) == [(30, 38)]


def test_a_cut_does_not_split_a_replay_but_a_dissolve_does():
    scenes = scenes_of((0, "start"), (30, "gradual"), (34, "cut"), (38, "gradual"), (44, "gradual"), end_s=90)
    assert replays(scenes) == [(30, 38), (38, 44)]


def test_play_between_two_replays_is_live():
    scenes = scenes_of((0, "start"), (30, "gradual"), (38, "gradual"), (70, "gradual"), (76, "gradual"), end_s=120)
    assert replays(scenes) == [(30, 38), (70, 76)]


def test_a_visible_graphic_is_evidence_against_a_replay():
    scenes = scenes_of((0, "start"), (30, "gradual"), (38, "gradual"), end_s=90)
    assert replays(scenes, [Span(0, 90)]) == []


def test_one_dissolve_is_not_a_replay():
    assert replays(scenes_of((0, "start"), (30, "gradual"), (38, "cut"), end_s=90)) == []


def test_frames_repeated_in_slow_motion_are_a_replay():
    play, again = np.arange(0, 20, 1 / FPS), np.arange(8, 12, 0.5 / FPS)
    watch = film(map(pitch, [*play, *again, *np.arange(40, 50, 1 / FPS)]))
    (found,) = watch.result(scenes_of((0, "start"), (20, "cut"), (28, "cut"), end_s=38), [], 38)
    assert found == Replay(Span(20, 28), found.confidence, "repeats earlier pictures at 0.5 of their speed")
    assert found.confidence > 0.7


def test_frames_repeated_at_full_speed_alone_are_not_a_replay():
    play = np.arange(0, 20, 1 / FPS)
    watch = film(map(pitch, [*play, *play]))
    assert watch.result(scenes_of((0, "start"), (20, "cut"), end_s=40), [], 40) == ()


def test_different_play_in_the_same_view_is_not_a_repeat():
    watch = film(map(pitch, np.arange(0, 60, 1 / FPS)))
    assert watch.result(scenes_of((0, "start"), (20, "cut"), (34, "cut"), (46, "cut"), end_s=60), [], 60) == ()


def test_duplicated_frames_strengthen_a_dissolve_at_both_ends():
    once = tour([3] * 28 * FPS)
    twice_over = [*once[:250], *(once[250 + number // 2] for number in range(200)), *once[450:]]
    scenes = scenes_of((0, "start"), (10, "gradual"), (18, "gradual"), end_s=28)
    (plain,) = film(once).result(scenes, [], 28)
    (twice,) = film(twice_over).result(scenes, [], 28)
    assert "frames are shown twice" in twice.because
    assert twice.confidence > plain.confidence


@pytest.mark.parametrize(("pixels", "found"), [(5, [(10, 18), (18, 24)]), (1, [(18, 24)])])
def test_a_scene_that_dissolves_into_a_replay_is_one_if_its_motion_is_alike(pixels, found):
    watch = film(tour([1] * 10 * FPS + [pixels] * 8 * FPS + [5] * 6 * FPS + [1] * 10 * FPS))
    scenes = scenes_of((0, "start"), (10, "cut"), (18, "gradual"), (24, "gradual"), end_s=34)
    assert [(replay.span.start_s, replay.span.end_s) for replay in watch.result(scenes, [], 34)] == found


def test_only_the_two_replays_of_a_goal_on_television_are_found():
    if not GOAL.exists():
        pytest.skip("no footage beside the repository")
    scene_watch, replay_watch, time_s = SceneWatch(SceneRules()), ReplayWatch(), 0.0
    with av.open(str(GOAL)) as container:
        container.streams.video[0].thread_type = "AUTO"
        small = VideoReformatter()
        for frame in container.decode(video=0):
            time_s = frame.time
            picture = small.reformat(frame, 256, 144, "bgr24", interpolation="FAST_BILINEAR").to_ndarray()
            scene_watch.add(time_s, picture, 0)
            replay_watch.add(time_s, picture, 0)
    part = Part(GOAL, 0.0, time_s + 0.04, 512, 384, Fraction(FPS), "vp8")
    found = replay_watch.result(scene_watch.result(Recording((part,))), [], part.duration_s)
    edges = [edge for replay in found for edge in (replay.span.start_s, replay.span.end_s)]
    assert edges == pytest.approx([33.2, 42.4, 42.4, 50.95], abs=0.3)
