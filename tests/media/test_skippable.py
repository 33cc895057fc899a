"""Which frames of a file can be left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from highlights.media.faults import FaultCounter
from highlights.media.groups import list_packets
from highlights.media.keys import KeyReader
from highlights.media.probe import open_recording
from highlights.media.skippable import skippable
from tests.support.drawing import Look, draw_video
from tests.support.places import FOOTAGE


def test_b_frames_that_no_other_frame_needs_can_be_left_out(tmp_path: Path) -> None:
    recording = open_recording([draw_video(tmp_path / "a.mp4", duration_s=8, look=Look(b_frames=3, gop=150), sounds=())])
    assert skippable(recording.parts[0]) == "BIDIR"


@pytest.mark.parametrize(
    "look",
    [
        Look(codec="libvpx-vp9", gop=100, options={"deadline": "realtime", "cpu-used": "8"}),
        Look(codec="mpeg4", gop=100, b_frames=0),
    ],
)
def test_a_file_in_which_every_frame_is_needed_is_recognised(tmp_path: Path, look: Look) -> None:
    (part,) = open_recording([draw_video(tmp_path / "a.mkv", duration_s=12, look=look, sounds=())]).parts
    assert skippable(part) is None


@pytest.mark.skipif(not FOOTAGE.is_dir(), reason="the footage is not here")
def test_b_frames_from_which_others_are_predicted_are_recognised() -> None:
    (part,) = open_recording([FOOTAGE / "19_cricket_rohit_slowmo.mp4"]).parts
    assert skippable(part) == "NONREF"


def test_the_packets_of_a_file_are_those_that_are_seen_while_its_key_frames_are_read(tmp_path: Path) -> None:
    path = draw_video(tmp_path / "a.mp4", duration_s=4, start_s=1.0, look=Look(b_frames=3), sounds=())
    (part,) = open_recording([path]).parts
    reader = KeyReader(part, 0, FaultCounter())
    assert list(reader.read(lambda frame: frame.time_s))
    listed, seen = list_packets(part), reader.packets
    assert all(np.array_equal(getattr(listed, name), getattr(seen, name)) for name in ("times_s", "sizes", "keys"))
