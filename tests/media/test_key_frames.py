"""Key frames found by seeking, and frames decoded as drafts."""

from pathlib import Path

import numpy as np
import pytest

from highlights.media.frames import key_frames_at, read_frames
from highlights.media.probe import open_recording
from tests.support.drawing import Look, draw_video, number_of

QUICK_265 = {"preset": "ultrafast", "x265-params": "log-level=none"}


@pytest.mark.parametrize(
    ("suffix", "look"),
    [
        (".mp4", Look(b_frames=3)),
        (".mkv", Look(b_frames=3)),
        (".ts", Look(b_frames=3)),
        (".flv", Look(b_frames=3)),
        (".mp4", Look(codec="libx265", options=QUICK_265)),
        (".mpg", Look(codec="mpeg2video")),
        (".avi", Look(codec="mpeg4")),
        (".webm", Look(codec="libvpx", b_frames=0, options={"deadline": "realtime", "cpu-used": "8"})),
    ],
)
def test_a_seek_finds_a_key_frame_shortly_before(tmp_path: Path, suffix: str, look: Look) -> None:
    recording = open_recording([draw_video(tmp_path / f"a{suffix}", duration_s=8, start_s=1.0, look=look, sounds=())])
    keys = {frame.time_s: number_of(frame.luma()) for frame in read_frames(recording) if frame.key}
    wanted_s = [0.0, 2.5, 5.02, 7.9]
    found = list(key_frames_at(recording, wanted_s))
    assert all(frame.key for frame in found)
    assert [number_of(frame.luma()) for frame in found] == [keys[frame.time_s] for frame in found]
    assert all(-0.1 < wanted - frame.time_s < 3 for wanted, frame in zip(wanted_s, found, strict=True))


def test_key_frames_of_several_files_are_on_one_clock(tmp_path: Path) -> None:
    first = draw_video(tmp_path / "1.mp4", duration_s=2, start_s=0.3, sounds=())
    second = draw_video(tmp_path / "2.ts", duration_s=3, start_s=5.0, first_number=50, sounds=())
    found = list(key_frames_at(open_recording([first, second]), [1.5, 3.5, 4.9]))
    assert [(frame.part, frame.time_s) for frame in found] == [(0, 1.0), (1, 3.0), (1, 4.0)]
    assert [number_of(frame.luma()) for frame in found] == [25, 75, 100]


@pytest.mark.parametrize("codec", ["libx264", "mpeg2video", "libvpx"])
def test_a_draft_has_the_same_frames_at_the_same_times(tmp_path: Path, codec: str) -> None:
    options = {"preset": "fast", "crf": "40"} if codec == "libx264" else {}
    look = Look(codec=codec, b_frames=0 if codec == "libvpx" else 2, options=options)
    recording = open_recording([draw_video(tmp_path / "a.mkv", duration_s=2, look=look, sounds=())])
    whole, draft = list(read_frames(recording)), list(read_frames(recording, draft=True))
    assert [(f.time_s, number_of(f.luma())) for f in draft] == [(f.time_s, number_of(f.luma())) for f in whole]
    unlike = [one.time_s for one, other in zip(whole, draft, strict=True) if not np.array_equal(one.luma(), other.luma())]
    if codec == "libx264":
        assert 0 < len(unlike) < len(whole)  # only frames that no other frame refers to
    assert not any(frame.time_s in unlike for frame in whole if frame.key)
