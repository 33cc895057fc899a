"""Reading a whole file with most of its frames left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from highlights.media.faults import FaultCounter
from highlights.media.frames import read_frames
from highlights.media.groups import KeyReader, list_packets
from highlights.media.probe import open_recording
from highlights.media.thinned import ThinReader, skippable
from highlights.spans import Span
from tests.support.drawing import Look, draw_video, number_of
from tests.support.places import FOOTAGE

LOOKS = [
    (".mp4", Look(b_frames=3, gop=150)),
    (".ts", Look(b_frames=3, gop=60, options={"x264-params": "open-gop=1"})),
    (".mkv", Look(codec="libx265", gop=150, options={"preset": "ultrafast", "x265-params": "log-level=none"})),
    (".mpg", Look(codec="mpeg2video", gop=12)),
    (".webm", Look(codec="libvpx-vp9", gop=150, options={"deadline": "realtime", "cpu-used": "8"})),
]
WANTED = [Span(1.3, 2.1), Span(5.0, 5.6)]


@pytest.mark.parametrize(("suffix", "look"), LOOKS)
def test_wanted_spans_are_whole_and_the_rest_has_only_frames_of_the_recording(tmp_path: Path, suffix: str, look: Look) -> None:
    recording = open_recording([draw_video(tmp_path / f"a{suffix}", duration_s=8, start_s=1.0, look=look, sounds=())])
    part, faults = recording.parts[0], FaultCounter()
    everything = {frame.time_s: number_of(frame.luma()) for frame in read_frames(recording)}
    read = {f.time_s: number_of(f.luma()) for f in ThinReader(part, 0, skippable(part) or "NONREF", WANTED, faults).read()}
    assert read.items() <= everything.items()
    assert list(read) == sorted(read)
    assert {time_s for time_s in everything if any(span.holds(round(time_s, 3)) for span in WANTED)} <= read.keys()
    assert max(np.diff(list(read))) < 0.5
    assert not faults.faults


def test_most_frames_between_are_left_out_where_b_frames_are_not_needed(tmp_path: Path) -> None:
    recording = open_recording([draw_video(tmp_path / "a.mp4", duration_s=8, look=Look(b_frames=3, gop=150), sounds=())])
    part = recording.parts[0]
    assert skippable(part) == "BIDIR"
    frames = [frame.time_s for frame in ThinReader(part, 0, "BIDIR", WANTED, FaultCounter()).read()]
    assert len([time_s for time_s in frames if time_s > 6.5]) < 0.5 * 1.5 * 25


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
    assert list(reader.read())
    listed, seen = list_packets(part), reader.packets
    assert all(np.array_equal(getattr(listed, name), getattr(seen, name)) for name in ("times_s", "sizes", "keys"))


def test_damage_is_counted(tmp_path: Path) -> None:
    path = draw_video(tmp_path / "a.mp4", duration_s=6, look=Look(gop=100), sounds=())
    content = bytearray(path.read_bytes())
    for at in range(len(content) // 4, len(content) // 2, 97):
        content[at] ^= 0xFF
    path.write_bytes(content)
    (part,) = open_recording([path]).parts
    faults = FaultCounter()
    assert list(ThinReader(part, 0, "NONREF", (), faults).read())
    assert faults.faults
