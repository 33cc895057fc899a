"""Scenes: drawn frames with known cuts, and television clips where they are available."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from av.video.reformatter import VideoReformatter
from scenedetect.common import FrameTimecode
from scenedetect.detectors import AdaptiveDetector, ContentDetector

from highlights.analysis.scenes.detect import _DETECTORS, SceneWatch
from highlights.profile import SceneRules
from highlights.records import Part, Recording, Scene
from tests.support.places import FOOTAGE

FPS = 25


def view(seed: int) -> np.ndarray:
    """What one camera sees: patches of colour twice as wide as the picture, so that the camera can pan."""
    blots = np.random.default_rng(seed).integers(20, 235, (9, 32, 3), np.uint8)
    return cv2.resize(blots, (512, 144), interpolation=cv2.INTER_CUBIC).astype(np.float32)


def shot(seed: int, frames: int, pan: float = 0.15) -> list[np.ndarray]:
    """`frames` frames of one view; the camera pans by `pan` pixels a frame and the sensor is noisy."""
    rng, wide = np.random.default_rng(seed), view(seed)
    moved = (cv2.warpAffine(wide, np.array([[1, 0, -pan * i], [0, 1, 0.0]]), (256, 144)) for i in range(frames))
    return [picture + rng.normal(0, 2, picture.shape) for picture in moved]


def dissolve(one: list[np.ndarray], other: list[np.ndarray], frames: int) -> list[np.ndarray]:
    """Two shots blended over `frames` frames."""
    shares = np.arange(1, frames + 1) / (frames + 1)
    mixed = [a * (1 - s) + b * s for a, b, s in zip(one[-frames:], other[:frames], shares, strict=True)]
    return [*one[:-frames], *mixed, *other[frames:]]


def recording_of(*lengths_s: float) -> Recording:
    """A recording with parts of these lengths, end to end."""
    starts = [sum(lengths_s[:number]) for number in range(len(lengths_s))]
    parts = [Part(Path("x"), starts[i], lengths_s[i], 256, 144, Fraction(FPS), "h264") for i in range(len(lengths_s))]
    return Recording(tuple(parts))


def scenes_of(pictures: Iterable[np.ndarray], rules: SceneRules | None = None) -> tuple[Scene, ...]:
    """The scenes of pictures shown at 25 frames a second."""
    watch, count = SceneWatch(rules or SceneRules()), 0
    for picture in pictures:
        watch.add(count / FPS, np.clip(picture, 0, 255).astype(np.uint8), 0)
        count += 1
    return watch.result(recording_of(count / FPS))


def begins(scenes: tuple[Scene, ...]) -> list[tuple[float, str]]:
    return [(scene.span.start_s, scene.transition) for scene in scenes]


@pytest.mark.parametrize("detector", ["adaptive", "content"])
def test_a_cut_is_placed_at_the_first_frame_of_the_new_scene(detector):
    scenes = scenes_of([*shot(1, 40), *shot(2, 35), *shot(3, 50)], SceneRules(detector))
    assert begins(scenes) == [(0.0, "start"), (1.6, "cut"), (3.0, "cut")]


def test_cuts_fall_on_presentation_times_when_the_frame_rate_varies():
    pictures = [*shot(1, 40), *shot(2, 40)]
    times = np.cumsum(np.random.default_rng(0).choice([0.02, 0.04, 0.12], len(pictures)))
    watch = SceneWatch(SceneRules())
    for time_s, picture in zip(times, pictures, strict=True):
        watch.add(float(time_s), np.clip(picture, 0, 255).astype(np.uint8), 0)
    assert watch.result(recording_of(60.0))[1].span.start_s == round(times[40], 3)


def test_a_cut_with_one_blended_frame_begins_with_that_frame():
    one, other = shot(1, 40), shot(2, 40)
    scenes = scenes_of([*one, 0.65 * one[-1] + 0.35 * other[0], *other])
    assert begins(scenes)[1:] == [(1.6, "cut")]


@pytest.mark.parametrize("frames", [4, 8, 12, 18, 25])
def test_a_dissolve_is_one_boundary_at_its_middle(frames):
    scenes = scenes_of(dissolve(shot(1, 60), shot(2, 60), frames))
    ((_, _), (time_s, kind)) = begins(scenes)
    assert kind == "gradual"
    assert time_s == pytest.approx((60 - frames / 2) / FPS, abs=0.09)


@pytest.mark.parametrize("frames", [10, 18])
def test_a_wipe_is_one_boundary_at_its_middle(frames):
    one, other = shot(1, 60), shot(2, 60)
    wiped = []
    for i in range(frames):
        edge = round(256 * (i + 1) / (frames + 1))
        wiped.append(np.hstack([other[i][:, :edge], one[-frames + i][:, edge:]]))
    scenes = scenes_of([*one[:-frames], *wiped, *other[frames:]])
    ((_, _), (time_s, kind)) = begins(scenes)
    assert kind == "gradual"
    assert time_s == pytest.approx((60 - frames / 2) / FPS, abs=0.2)


def test_a_logo_that_sweeps_over_the_picture_is_one_boundary():
    logo = np.full((144, 256, 3), (60, 20, 10), np.float32)
    cv2.circle(logo, (128, 72), 40, (0, 200, 255), -1)
    edges = [round(256 * i / 9) for i in range(1, 9)]
    in_sweep = [np.hstack([logo[:, :e], p[:, e:]]) for e, p in zip(edges, shot(1, 68)[60:], strict=True)]
    out_sweep = [np.hstack([p[:, :e], logo[:, e:]]) for e, p in zip(edges, shot(2, 8), strict=True)]
    scenes = scenes_of([*shot(1, 60), *in_sweep, *[logo] * 4, *out_sweep, *shot(2, 60)])
    ((_, _), (time_s, kind)) = begins(scenes)
    assert kind == "gradual"
    assert time_s == pytest.approx(70 / FPS, abs=0.15)


@pytest.mark.parametrize("frames", [1, 2])
@pytest.mark.parametrize("detector", ["adaptive", "content"])
def test_a_flash_is_not_a_cut(detector, frames):
    pictures = shot(1, 100)
    for i in range(50, 50 + frames):
        pictures[i] = pictures[i] * 0.3 + 178
    assert begins(scenes_of(pictures, SceneRules(detector))) == [(0.0, "start")]


@pytest.mark.parametrize("pan", [0.5, 2.0])
def test_a_pan_is_not_a_boundary(pan):
    assert len(scenes_of(shot(1, 110, pan))) == 1


def test_scenes_cover_the_recording_and_every_part_begins_one():
    watch = SceneWatch(SceneRules())
    for number in range(2):
        for i, picture in enumerate([*shot(1, 40), *shot(2, 40)]):
            watch.add(number * 3.2 + i / FPS, np.clip(picture, 0, 255).astype(np.uint8), number)
    scenes = watch.result(recording_of(3.2, 3.2, 5.0))
    assert [(s.span.start_s, s.part, s.transition) for s in scenes] == [
        (0.0, 0, "start"), (1.6, 0, "cut"), (3.2, 1, "start"), (4.8, 1, "cut"), (6.4, 2, "start"),
    ]  # fmt: skip
    assert all(one.span.end_s == other.span.start_s for one, other in pairwise(scenes))
    assert scenes[-1].span.end_s == 11.4


def test_scenes_shorter_than_the_minimum_length_are_not_split_off():
    pictures = [*shot(1, 40), *shot(2, 10), *shot(3, 40)]
    assert [s.span.start_s for s in scenes_of(pictures, SceneRules(min_length_s=0.2))] == [0.0, 1.6, 2.0]
    assert [s.span.start_s for s in scenes_of(pictures, SceneRules(min_length_s=0.8))] == [0.0, 1.6]


def test_a_higher_threshold_keeps_the_content_detector_quiet():
    pictures = [*shot(1, 40, 0.0), *(picture + 8 for picture in shot(1, 40, 0.0))]
    assert len(scenes_of(pictures, SceneRules("content", threshold=3.0))) == 2
    assert len(scenes_of(pictures, SceneRules("content", threshold=250.0))) == 1


def test_the_threshold_detector_finds_the_middle_of_a_dark_span():
    pictures = [*shot(1, 40), *[np.zeros((144, 256, 3))] * 20, *shot(2, 40)]
    assert begins(scenes_of(pictures, SceneRules("threshold"))) == [(0.0, "start"), (2.0, "cut")]


def footage_scenes(name: str, rules: SceneRules) -> list[tuple[float, str]]:
    """Starts and transitions of the scenes of a television clip, without the first."""
    path = FOOTAGE / name
    if not path.exists():
        pytest.skip("no footage beside the repository")
    watch, last_s = SceneWatch(rules), 0.0
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        small = VideoReformatter()
        first_s = None
        for frame in container.decode(video=0):
            first_s = frame.time if first_s is None else first_s
            last_s = frame.time - first_s
            watch.add(last_s, small.reformat(frame, 256, 144, "bgr24", interpolation="FAST_BILINEAR").to_ndarray(), 0)
    return begins(watch.result(recording_of(last_s + 0.04)))[1:]


def test_the_cuts_and_dissolves_of_a_goal_on_television_are_found():
    found = footage_scenes("01_soccer_barca_lyon_goal_replays.webm", SceneRules())
    assert [kind for _, kind in found] == ["cut"] * 6 + ["gradual"] * 2
    assert [time_s for time_s, _ in found] == pytest.approx([10.28, 18.78, 23.2, 26.3, 30.72, 33.2, 42.5, 51.0], abs=0.15)


def test_cuts_in_a_clip_of_variable_frame_rate_are_found_to_the_frame():
    assert footage_scenes("90_psd_goldeneye_vfr_drop3.mp4", SceneRules()) == [(3.754, "cut"), (8.759, "cut")]


def test_fades_through_black_are_where_the_data_set_marks_them():
    found = footage_scenes("90_psd_testvideo.mp4", SceneRules("threshold"))
    assert [round(time_s * 30000 / 1001) for time_s, _ in found][:3] == [15, 198, 377]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("03_basketball_phx_lal_basket_score_change.mp4", [(7.54, "gradual")]),  # there is also a camera flash at 4.74
        ("02_soccer_realmadrid_sevilla_goal.mp4", [(4.3, "gradual")]),
        ("13_soccer_wc2002_final_goalkick.mp4", [(1.96, "cut")]),
        ("07_soccer_inter_napoli_chance_clock.mp4", []),
    ],
)
def test_television_clips_have_no_other_boundaries(name, found):
    seen = footage_scenes(name, SceneRules())
    assert [kind for _, kind in seen] == [kind for _, kind in found]
    assert [time_s for time_s, _ in seen] == pytest.approx([time_s for time_s, _ in found], abs=0.06)


@pytest.mark.parametrize("name", ["adaptive", "content"])
def test_the_fast_detectors_score_as_pyscenedetect_does(name):
    quick, _ = _DETECTORS[name]
    own = {"adaptive": AdaptiveDetector, "content": ContentDetector}[name](min_scene_len=0)
    watching = quick(min_scene_len=0)
    for number, picture in enumerate([*shot(1, 8), *shot(2, 8)]):
        small, timecode = np.clip(picture, 0, 255).astype(np.uint8), FrameTimecode(number, 25.0)
        assert watching.process_frame(timecode, small) == own.process_frame(timecode, small)
        assert watching._frame_score == pytest.approx(own._frame_score, abs=1e-9)
