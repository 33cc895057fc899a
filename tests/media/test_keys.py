"""Key frames with the packets between them."""

from pathlib import Path

import av
import numpy as np
import pytest

from highlights.media.faults import FaultCounter
from highlights.media.frames import read_frames
from highlights.media.keys import KeyReader
from highlights.media.probe import open_recording
from tests.support.drawing import Look, draw_video, number_of

LOOKS = [
    (".mp4", Look(b_frames=3, gop=40)),
    (".ts", Look(b_frames=3, gop=40, options={"x264-params": "open-gop=1"})),
    (".mkv", Look(codec="libx265", gop=40, options={"preset": "ultrafast", "x265-params": "log-level=none"})),
    (".mpg", Look(codec="mpeg2video", gop=12)),
    (".mp4", Look(b_frames=3, gop=10, options={"flags": "+ildct+ilme"})),
    (".webm", Look(codec="libvpx-vp9", gop=40, options={"deadline": "realtime", "cpu-used": "8"})),
    (".mkv", Look(codec="libsvtav1", gop=40, options={"preset": "12"})),
    (".avi", Look(codec="mpeg4", gop=12)),
]


@pytest.mark.parametrize(("suffix", "look"), LOOKS)
def test_every_frame_has_its_packet_and_every_key_frame_is_decoded(tmp_path: Path, suffix: str, look: Look) -> None:
    recording = open_recording([draw_video(tmp_path / f"a{suffix}", duration_s=6, start_s=1.0, look=look, sounds=())])
    frames = list(read_frames(recording))
    reader = KeyReader(recording.parts[0], 0, faults := FaultCounter())
    keys = dict(reader.read(lambda frame: (frame.time_s, number_of(frame.luma()))))
    packets = reader.packets
    assert not faults.faults
    assert list(keys.items()) == [(frame.time_s, number_of(frame.luma())) for frame in frames if frame.key]
    assert np.sort(packets.times_s) == pytest.approx([frame.time_s for frame in frames], abs=1e-5)
    assert np.sort(packets.times_s[packets.keys]) == pytest.approx(list(keys), abs=1e-5)


def test_the_packet_of_a_new_scene_is_larger_than_those_around_it(tmp_path: Path) -> None:
    look = Look(gop=200, options={"sc_threshold": "0"})
    recording = open_recording([draw_video(tmp_path / "a.mp4", duration_s=6, cuts_s=[3.4], look=look, sounds=())])
    reader = KeyReader(recording.parts[0], 0, FaultCounter())
    assert list(reader.read(lambda frame: frame.time_s)) == [0.0]
    packets = reader.packets
    largest = max(np.flatnonzero(~packets.keys), key=lambda i: packets.sizes[i])
    assert 3.4 - 0.001 <= packets.times_s[largest] <= 3.4 + 0.16  # its frame, or one that was encoded before it


@pytest.mark.parametrize(
    ("suffix", "look", "whole_bytes"),
    [
        (".mp4", Look(gop=5), 64),
        (".mkv", Look(codec="libx265", gop=5, options={"preset": "ultrafast", "x265-params": "log-level=none"}), 64),
        (".webm", Look(codec="libvpx-vp9", gop=5, b_frames=0, options={"deadline": "realtime", "cpu-used": "8"}), 12),
        (".mkv", Look(codec="libsvtav1", gop=5, options={"preset": "12", "svtav1-params": "keyint=5"}), 12),
        (".avi", Look(codec="mpeg4", gop=5), 64),
    ],
)
def test_reading_ends_before_a_damaged_key_frame(tmp_path: Path, suffix: str, look: Look, whole_bytes: int) -> None:
    path = draw_video(tmp_path / f"a{suffix}", duration_s=10, look=look, sounds=())
    (part,) = open_recording([path]).parts
    whole = list(KeyReader(part, 0, FaultCounter()).read(lambda frame: number_of(frame.luma())))
    with av.open(str(path)) as container:
        packet = bytes([packet for packet in container.demux(video=0) if packet.is_keyframe][20])
    path.write_bytes(path.read_bytes().replace(packet, packet[:whole_bytes].ljust(len(packet), b"\0")))
    found = list(KeyReader(part, 0, faults := FaultCounter()).read(lambda frame: number_of(frame.luma())))
    assert len(whole) > 40
    assert found == whole[:16]  # eight are decoded together
    assert {fault.problem for fault in faults.faults} == {"damaged pictures"}


def test_what_follows_is_not_read_once_nobody_wants_it(tmp_path: Path) -> None:
    (part,) = open_recording([draw_video(tmp_path / "a.mp4", duration_s=20, look=Look(gop=5), sounds=())]).parts
    reader = KeyReader(part, 0, FaultCounter())
    reading = reader.read(lambda frame: frame.time_s)
    assert [next(reading) for _ in range(3)] == pytest.approx([0.0, 0.2, 0.4])
    reading.close()
    assert 0 < reader.packets.keys.sum() < 100
