"""The logo that opens and closes replays: learned from transitions that show it again and again."""

from __future__ import annotations

import numpy as np
import pytest

from highlights.analysis.scenes.detect import SceneWatch
from highlights.analysis.scenes.logos import Look, recurring
from highlights.analysis.scenes.replays import ReplayWatch
from highlights.profile import SceneRules
from highlights.records import Part, Recording
from tests.analysis.scenes.test_replays import scenes_of
from tests.support.places import ROOT

FPS = 25
SIZE = (144, 256, 3)
FLIGHT = 18  # frames for which a logo is on its way across the picture


def scene(seed: int, length_s: float) -> np.ndarray:
    """A scene of slowly moving blocks, uint8 `[num_frames, 144, 256, 3]`; each seed has its own colours."""
    blocks = np.random.default_rng(seed).integers(0, 255, (9, 16, 3), np.uint8).repeat(16, 0).repeat(16, 1)
    return np.stack([np.roll(blocks, number // 5, axis=1) for number in range(round(length_s * FPS))])


def logo() -> np.ndarray:
    """A badge that covers most of the picture: bright bars on blue."""
    badge = np.full(SIZE, (200, 60, 20), np.uint8)
    badge[::48], badge[20:60, 60:200], badge[80:120, 90:170] = 0, (30, 240, 250), (250, 250, 250)
    return badge


def flown(before: np.ndarray, after: np.ndarray, badge: np.ndarray) -> np.ndarray:
    """Both scenes, with the badge flying from left to right while one replaces the other behind it."""
    film = np.concatenate([before, after])
    for number in range(FLIGHT):
        x = round(np.interp(number, [0, 7, 10, FLIGHT - 1], [-256, 0, 0, 256]))
        frame = film[len(before) - FLIGHT // 2 + number]
        frame[:, max(0, x) : 256 + min(0, x)] = badge[:, max(0, -x) : 256 - max(0, x)]
    return film


def match(lengths_s: list[float], badges: list[np.ndarray | None]) -> tuple[SceneWatch, ReplayWatch, list[float]]:
    """Scenes of these lengths, with a badge or a hard cut between each and the next, as shown to both watches."""
    film, edges_s = scene(0, lengths_s[0]), [lengths_s[0]]
    for number, (length_s, badge) in enumerate(zip(lengths_s[1:], badges, strict=True), 1):
        following = scene(number, length_s)
        film = np.concatenate([film, following]) if badge is None else flown(film, following, badge)
        edges_s.append(edges_s[-1] + length_s)
    scene_watch, replay_watch = SceneWatch(SceneRules()), ReplayWatch()
    for number, picture in enumerate(film):
        scene_watch.add(number / FPS, picture, 0)
        replay_watch.add(number / FPS, picture, 0)
    return scene_watch, replay_watch, edges_s


def test_a_logo_is_learned_from_the_match_and_what_is_between_two_of_them_is_a_replay():
    lengths_s = [8, 5, 4, 30, 6, 30, 5, 6, 8]
    shown = logo()
    badges = [None, shown, shown, shown, shown, shown, shown, None]
    scenes, replays, edges_s = match(lengths_s, badges)
    learned_s = scenes.logos_s()
    assert learned_s == pytest.approx(edges_s[1:7], abs=0.4)
    duration_s = sum(lengths_s)
    part = Part(ROOT / "match.mp4", 0.0, duration_s, 256, 144, FPS, "h264")
    found = replays.result(scenes.result(Recording((part,))), [], duration_s, learned_s)
    spans = [(replay.span.start_s, replay.span.end_s) for replay in found if "replay logo at both ends" in replay.because]
    assert spans == [pytest.approx(span, abs=0.5) for span in ((13, 17), (47, 53), (83, 88))]


def looks(count: int, badge: np.ndarray | None = None, *, same: bool = False) -> list[tuple[float, Look]]:
    """Transitions a minute apart, drawn from their thumbnails: a dissolve, or a badge in the middle."""
    found = []
    for number in range(count):
        rng = np.random.default_rng(0 if same else number)
        before, after = rng.integers(0, 255, (2, 18, 32, 3)).astype(np.float32)
        shares = np.linspace(0, 1, 49)[:, None, None, None]
        views = (1 - shares) * before + shares * after
        if badge is not None:
            views[20:29] = badge
        found.append((60.0 * number, Look.of(views.reshape(49, -1).astype(np.float32), 24)))
    return found


def small(picture: np.ndarray) -> np.ndarray:
    """A drawn picture at the size of a thumbnail."""
    return picture[::8, ::8].astype(np.float32)


def test_a_logo_at_several_places_is_found_among_dissolves():
    dissolves = [(7.0 + time_s, look) for time_s, look in looks(6)]
    assert recurring(sorted([*looks(4, small(logo())), *dissolves], key=lambda one: one[0])) == (0, 60, 120, 180)


def test_dissolves_have_no_logo():
    assert recurring(looks(12)) == ()


def test_three_times_may_be_chance():
    assert recurring(looks(3, small(logo()))) == ()


@pytest.mark.parametrize("level", [0, 255])
def test_a_plain_picture_is_not_a_logo(level):
    assert recurring(looks(5, np.full((18, 32, 3), level, np.float32))) == ()


def test_the_same_footage_shown_again_and_again_has_no_logo():
    assert recurring(looks(5, small(logo()), same=True)) == ()


def test_repeated_footage_has_no_logo_even_if_it_begins_differently_once():
    repeated = looks(5, small(logo()), same=True)
    _, once = looks(2, small(logo()))[1]
    assert recurring([*repeated, (400.0, once)]) == ()


def test_a_logo_that_comes_at_one_place_only_is_not_the_matchs():
    assert recurring([(time_s / 12, look) for time_s, look in looks(6, small(logo()))]) == ()


def replays(logos_s: tuple[float, ...], *begins: float) -> list[tuple[float, float]]:
    scenes = scenes_of((0, "start"), *((start_s, "cut") for start_s in begins), end_s=200)
    found = ReplayWatch().result(scenes, [], 200, logos_s)
    return [(replay.span.start_s, replay.span.end_s) for replay in found]


def test_all_scenes_between_two_logos_are_one_replay():
    assert replays((50.2, 70.3), 30, 50, 55, 62, 70, 90) == [(50, 70)]


def test_play_between_two_replays_is_live():
    assert replays((50, 60, 85, 95), 30, 50, 60, 72, 85, 95, 120) == [(50, 60), (85, 95)]


def test_a_logo_without_another_one_near_is_not_enough():
    assert replays((50,), 30, 50, 60, 70) == []
    assert replays((50, 170), 30, 50, 60, 170, 180) == []


def test_a_scene_longer_than_a_replay_is_live_even_between_logos():
    assert replays((50, 90), 30, 50, 90) == []
