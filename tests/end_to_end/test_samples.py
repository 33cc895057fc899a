"""The sample match: its content agrees with its truth file, and its script reproduces the same bytes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.video.reformatter import VideoReformatter

from tests.support.places import SAMPLES

FPS = 25
RATE_HZ = 8000
SUDDEN = 20.0
"""Grey levels: more than the fastest pan changes from frame to frame, less than any cut."""
GRAPHIC = np.s_[20:52, 26:302]
"""Position of the score graphic in the frame."""


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    return json.loads((SAMPLES / "soccer.truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def frames() -> np.ndarray:
    """Every frame, small and grey: uint8 [frames, 90, 160]."""
    with av.open(str(SAMPLES / "soccer.mp4")) as container:
        container.streams.video[0].thread_type = "AUTO"
        small = VideoReformatter()  # shared by all frames: a frame's own one would be set up for each
        return np.stack([small.reformat(frame, 160, 90, "gray").to_ndarray() for frame in container.decode(video=0)])


@pytest.fixture(scope="module")
def loudness_db() -> np.ndarray:
    """One number per half second."""
    resampler = av.AudioResampler("flt", "mono", RATE_HZ)
    with av.open(str(SAMPLES / "soccer.mp4")) as container:
        pieces = [piece.to_ndarray()[0] for frame in container.decode(audio=0) for piece in resampler.resample(frame)]
    sound = np.concatenate(pieces)
    halves = sound[: len(sound) // (RATE_HZ // 2) * (RATE_HZ // 2)].reshape(-1, RATE_HZ // 2)
    return 10 * np.log10((halves**2).mean(axis=1) + 1e-9)


def in_a_replay(truth: dict[str, Any], time_s: float, margin_s: float = 0.0) -> bool:
    return any(start - margin_s <= time_s < end + margin_s for start, end in truth["replays_s"])


def test_video_and_audio_are_as_long_as_the_truth_says(truth: dict[str, Any], frames: np.ndarray) -> None:
    assert len(frames) == truth["duration_s"] * FPS
    with av.open(str(SAMPLES / "soccer.mp4")) as container:
        sound = container.streams.audio[0]
        assert sound.duration is not None
        assert float(sound.duration * sound.time_base) == pytest.approx(truth["duration_s"], abs=0.1)


def test_the_frame_changes_at_exactly_every_cut(truth: dict[str, Any], frames: np.ndarray) -> None:
    change = np.abs(np.diff(frames.astype(np.int16), axis=0)).mean(axis=(1, 2))
    assert len(truth["cuts_s"]) >= 20
    for cut_s in truth["cuts_s"]:
        first = round(cut_s * FPS)
        around = np.delete(change[first - 6 : first + 5], 5)
        assert change[first - 1] > max(SUDDEN, 1.8 * around.max()), f"no cut at {cut_s}"


def test_no_frame_changes_abruptly_without_a_cut_in_the_truth(truth: dict[str, Any], frames: np.ndarray) -> None:
    change = np.abs(np.diff(frames.astype(np.int16), axis=0)).mean(axis=(1, 2))
    wipes = [edge for replay in truth["replays_s"] for edge in replay]
    jumps = [int(i) + 1 for i in np.flatnonzero(change > SUDDEN)]
    unknown = [j / FPS for j in jumps if j / FPS not in truth["cuts_s"] and min(abs(j / FPS - w) for w in wipes) > 0.5]
    assert unknown == []


def test_the_crowd_roars_within_a_second_of_every_goal_and_nowhere_else_as_loudly(
    truth: dict[str, Any], loudness_db: np.ndarray
) -> None:
    usual = np.median(loudness_db)
    roaring = np.zeros(len(loudness_db), bool)
    for goal in truth["events"]:
        first = int(goal["time_s"] * 2) + 2
        assert loudness_db[first : first + 8].min() > usual + 9
        assert loudness_db[first : first + 8].mean() > loudness_db[first - 6 : first - 2].mean() + 5
        roaring[first - 2 : first + 24] = True
    assert loudness_db[~roaring].max() < loudness_db[roaring].max() - 4


def test_the_chance_is_louder_than_usual_but_quieter_than_any_goal(truth: dict[str, Any], loudness_db: np.ndarray) -> None:
    chance = loudness_db[int(69.3 * 2) : int(69.3 * 2) + 4].max()
    goals = [loudness_db[int(g["time_s"] * 2) : int(g["time_s"] * 2) + 8].max() for g in truth["events"]]
    assert np.median(loudness_db) + 4 < chance < min(goals) - 3


def test_the_score_graphic_is_there_except_in_replays(truth: dict[str, Any]) -> None:
    with av.open(str(SAMPLES / "soccer.mp4")) as container:
        container.streams.video[0].thread_type = "AUTO"
        for number, frame in enumerate(container.decode(video=0)):
            time_s = number / FPS
            if number % 15 or (in_a_replay(truth, time_s, 0.5) and not in_a_replay(truth, time_s)):
                continue
            left = frame.to_ndarray(format="gray")[GRAPHIC][3:-3, 2:6]
            assert (left.min() > 180) != in_a_replay(truth, time_s), f"score graphic at {time_s} s"


def test_rapidocr_reads_the_score_before_and_after_every_change(truth: dict[str, Any]) -> None:
    ocr = pytest.importorskip("rapidocr").RapidOCR()
    wanted = {5.0: "1-0"}
    wanted |= {change["time_s"] + 0.6: f"{change['home']}-{change['away']}" for change in truth["score_changes"]}
    read: dict[float, str] = {}
    with av.open(str(SAMPLES / "soccer.mp4")) as container:
        for time_s in wanted:
            container.seek(round(time_s * av.time_base))
            shown = next(f for f in container.decode(video=0) if f.time is not None and f.time >= time_s - 1e-3)
            crop = np.ascontiguousarray(shown.to_ndarray(format="bgr24")[GRAPHIC][:, 148:206])
            read[time_s] = ocr(crop, use_det=False, use_cls=False).txts[0]
    assert read == wanted


def test_goals_are_shown_ten_to_twenty_five_seconds_late(truth: dict[str, Any]) -> None:
    for goal, change in zip(truth["events"], truth["score_changes"], strict=True):
        assert 10 <= change["time_s"] - goal["time_s"] <= 25


def test_the_script_is_deterministic_and_limits_the_truth_to_the_requested_duration(tmp_path: Path) -> None:
    made = []
    for name in ("one.mp4", "two.mp4"):
        command = [sys.executable, str(SAMPLES / "make_soccer.py"), "--out", str(tmp_path / name), "--seconds", "2"]
        subprocess.run(command, check=True, capture_output=True)
        made.append((tmp_path / name).read_bytes())
    assert made[0] == made[1]
    short = json.loads((tmp_path / "one.truth.json").read_text(encoding="utf-8"))
    assert (short["duration_s"], short["events"], short["cuts_s"]) == (2.0, [], [])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.mp4", "one.truth.json", "two.mp4", "two.truth.json"]


def test_the_truth_beside_the_video_is_that_of_the_story(truth: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(SAMPLES))
    from soccer_match import story

    assert truth == story.truth()


def test_the_scorer_celebrates_and_every_player_reaches_his_ball(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(SAMPLES))
    from soccer_match import story
    from soccer_match.closeups import CLOSE_UPS, Person
    from soccer_match.figures import look
    from soccer_match.play import play_out

    play = play_out()
    for goal, view in zip(story.GOALS, ("away scorer", "home scorer", "home captain"), strict=True):
        subject = CLOSE_UPS[view]
        assert isinstance(subject, Person)
        assert subject.look == look(play.scorer(goal))
    for touch, man in zip(story.TOUCHES, play.touched_by, strict=True):
        if man is not None and 0 < touch.time_s < story.DURATION_S:
            spot = play.spots[round(touch.time_s * FPS), man]
            assert np.hypot(spot[0] - touch.x_m, spot[1] - touch.y_m) < 2, f"{touch} is out of reach"
