"""Excerpts, leaps, and how far key frames are apart."""

from pathlib import Path

import pytest
from av.video.frame import VideoFrame

from highlights.media import excerpts
from highlights.media.excerpts import ExcerptReader
from highlights.media.faults import FaultCounter
from highlights.media.frames import read_frames
from highlights.media.groups import key_distance_s
from highlights.media.leaps import LeapReader
from highlights.media.packets import decoded
from highlights.media.probe import open_recording
from highlights.media.skippable import skippable
from highlights.spans import Span
from tests.support.drawing import Look, draw_video, number_of

LOOKS = [
    (".mp4", Look(b_frames=3, gop=40)),
    (".ts", Look(b_frames=3, gop=40, options={"x264-params": "open-gop=1"})),
    (".mkv", Look(codec="libx265", gop=40, options={"preset": "ultrafast", "x265-params": "log-level=none"})),
    (".mpg", Look(codec="mpeg2video", gop=12)),
]


@pytest.mark.parametrize(("suffix", "look"), LOOKS)
@pytest.mark.parametrize("span", [(0.0, 0.5), (1.3, 2.1), (3.06, 3.9), (5.4, 9.0)])
def test_an_excerpt_has_the_frames_shown_in_its_span(
    tmp_path: Path, suffix: str, look: Look, span: tuple[float, float]
) -> None:
    recording = open_recording([draw_video(tmp_path / f"a{suffix}", duration_s=6, start_s=1.0, look=look, sounds=())])
    reader = ExcerptReader(recording.parts[0], 0, faults := FaultCounter())
    wanted = [(f.time_s, number_of(f.luma())) for f in read_frames(recording, start_s=span[0], end_s=span[1])]
    assert [(f.time_s, number_of(f.luma())) for f in reader.read(*span)] == wanted
    thin = [(f.time_s, number_of(f.luma())) for f in reader.read(*span, without="NONREF")]
    assert thin == [shown for shown in wanted if shown in thin]
    assert 0 < len(thin) <= len(wanted)
    full = [Span(span[0] + 0.1, span[0] + 0.25), Span(span[0] + 0.4, span[1])]
    some = [
        (f.time_s, number_of(f.luma()))
        for f in reader.read(*span, without=skippable(recording.parts[0]) or "NONREF", full=full)
    ]
    assert some == [shown for shown in wanted if shown in some]
    assert [shown for shown in wanted if any(each.holds(round(shown[0], 3)) for each in full)] == [
        shown for shown in some if any(each.holds(round(shown[0], 3)) for each in full)
    ]
    assert not faults.faults
    reader.close()


@pytest.mark.parametrize("rounding_s", [-1e-6, 0.0])
def test_an_excerpt_from_a_key_frame_on_needs_nothing_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rounding_s: float
) -> None:
    counted: list[VideoFrame] = []
    monkeypatch.setattr(excerpts, "decoded", lambda *given: counted.extend(found := decoded(*given)) or found)
    recording = open_recording([draw_video(tmp_path / "a.mkv", duration_s=6, look=Look(gop=50), sounds=())])
    reader = ExcerptReader(recording.parts[0], 0, FaultCounter())
    assert len(list(reader.read(4.0 + rounding_s, 4.2))) == 5
    assert len(counted) < 20
    reader.close()


@pytest.mark.parametrize("full", [False, True])
def test_a_leap_decodes_the_key_frame_and_the_spans_with_the_next_reference_frames_only(tmp_path: Path, *, full: bool) -> None:
    look = Look(b_frames=3, gop=100, options={"x264-params": "b-adapt=0:b-pyramid=0:scenecut=0"})  # I b b b P b b b P ...
    recording = open_recording([draw_video(tmp_path / "a.mp4", duration_s=8, look=look, sounds=())])
    reader = LeapReader(recording.parts[0], 0)
    frames = [frame.time_s for frame in reader.read(4.0, [Span(4.96, 5.14), Span(6.08, 6.26)], full=full)]
    between = [5.0, 5.04, 5.08, 6.12, 6.16, 6.2] if full else []
    assert sorted(frames) == pytest.approx(sorted([4.0, 4.96, 5.12, 5.28, 6.08, 6.24, 6.4, *between]))
    reader.close()


def test_one_reader_gives_excerpts_in_any_order(tmp_path: Path) -> None:
    first = draw_video(tmp_path / "1.mp4", duration_s=4, sounds=())
    second = draw_video(tmp_path / "2.mp4", duration_s=4, first_number=100, sounds=())
    recording = open_recording([first, second])
    reader = ExcerptReader(recording.parts[1], 1, FaultCounter())
    assert reader.seekable
    numbers = [[number_of(f.luma()) for f in reader.read(start_s, start_s + 0.1)] for start_s in (7.0, 4.4, 6.2, 4.4)]
    assert numbers == [[175, 176, 177], [110, 111, 112], [155, 156, 157], [110, 111, 112]]
    reader.close()


@pytest.mark.parametrize(("gop", "count", "distance_s"), [(25, 3, 2 / 3), (50, 12, 4 / 2), (1000, 12, 4.0)])
def test_how_far_key_frames_are_apart_is_known_before_anything_is_decoded(tmp_path, gop, count, distance_s):
    """The first three of one a second are at 0, 1 and 2 s; a file with fewer than asked for has all of them in its 4 s."""
    path = draw_video(tmp_path / "a.mp4", duration_s=4, rate=25, look=Look(size=(64, 36), gop=gop), sounds=())
    assert key_distance_s(open_recording([path]).parts[0], count) == pytest.approx(distance_s)
