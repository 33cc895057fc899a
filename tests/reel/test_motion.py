from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from highlights.media.probe import open_recording
from highlights.reel.motion import RATE_HZ, camera_move, motion_path, moving_parts
from highlights.spans import Span
from tests.support.views import recorded, view


def trail_of(path: Path, pictures: Iterable[NDArray[np.uint8]]) -> NDArray[np.float64]:
    recording = open_recording([recorded(path, pictures)])
    return np.array(motion_path(recording, recording.span)).reshape(-1, 3)


def test_the_cameras_own_move_is_found():
    move = camera_move(view(0, (100, 90)), view(9, (110, 90)))
    assert move == pytest.approx(np.array([[1, 0, -9], [0, 1, 0]]), abs=0.05)


def test_under_a_moving_camera_only_what_moves_by_itself_counts():
    before, now = view(0, (200, 90), logo=True), view(6, (212, 90), logo=True)
    moving = moving_parts(before, now, camera_move(before, now))
    assert moving[:, 170:230].sum() > 0.97 * moving.sum() > 0
    assert moving[5:30, 5:80].sum() < 0.01 * moving.sum()


def test_under_a_camera_that_stands_still_the_trail_goes_where_the_player_goes(tmp_path):
    trail = trail_of(tmp_path / "still.mp4", [view(player=(60 + 4 * number, 90), logo=True) for number in range(48)])
    assert len(trail) == pytest.approx(4 * RATE_HZ, abs=2)
    assert trail[:, 1] == pytest.approx((60 + 48 * trail[:, 0]) / 320, abs=0.06)
    assert trail[:, 2] == pytest.approx(0.5, abs=0.05)


def test_a_camera_that_follows_is_trusted_to_have_the_play_in_the_middle(tmp_path):
    still = [view(player=(250 + number % 6, 90)) for number in range(36)]
    moved = [view(5 * number, player=(250 + number % 6, 90)) for number in range(36)]
    off = [
        abs(trail_of(tmp_path / name, pictures)[:, 1].mean() - 0.5) for name, pictures in (("s.mp4", still), ("m.mp4", moved))
    ]
    assert 0.02 < off[1] < 0.4 * off[0]


def test_where_nothing_moves_there_is_no_trail(tmp_path):
    assert not len(trail_of(tmp_path / "nothing.mp4", [view(logo=True)] * 24))


def test_a_cut_is_not_motion(tmp_path):
    pictures = [view(player=(60 + number, 90), seed=number // 24) for number in range(48)]
    times_s = trail_of(tmp_path / "cut.mp4", pictures)[:, 0]
    assert not ((times_s > 1.95) & (times_s < 2.1)).any()
    assert (times_s < 1.95).any()
    assert (times_s > 2.1).any()


def test_only_the_span_is_looked_at(tmp_path):
    pictures = [view(player=(60 + 4 * number, 90)) for number in range(48)]
    recording = open_recording([recorded(tmp_path / "match.mp4", pictures)])
    times_s = [time_s for time_s, _, _ in motion_path(recording, Span(1, 2.5))]
    assert times_s[0] >= 1
    assert times_s[-1] < 2.5
