"""Recordings with high dynamic range are shown, cut and kept in their colours."""

import numpy as np
import pytest

from highlights.media.cut.smart import smart_spans
from highlights.media.faults import FaultCounter
from highlights.media.footage.pyav import PyavFrames
from highlights.media.frames import read_frame
from highlights.media.probe import open_recording
from highlights.records import Box
from highlights.spans import Span
from tests.support.drawing import Look, draw_video, number_of
from tests.support.hdr import draw_hdr, stripes

PITCH: list[tuple[int, int, int]] = [
    (255, 255, 255),
    (200, 30, 30),
    (60, 140, 50),
    (20, 30, 120),
    (128, 128, 128),
    (16, 16, 16),
]


@pytest.mark.parametrize("transfer", ["hlg", "pq"])
@pytest.mark.parametrize("white_nits", [100.0, 203.0])
def test_a_broadcast_converted_to_hdr_is_shown_as_it_was(tmp_path, transfer, white_nits):
    recording = open_recording([draw_hdr(tmp_path / "a.mp4", transfer, PITCH, white_nits=white_nits)])
    frame = read_frame(recording, 0.5)
    assert stripes(frame.rgb(), len(PITCH)) == pytest.approx(np.array(PITCH), abs=4)
    assert stripes(frame.small_bgr(120)[:, :, ::-1], len(PITCH)) == pytest.approx(np.array(PITCH), abs=6)
    whole = Box(0, 0, frame.picture.width, frame.picture.height)
    assert stripes(frame.crop_bgr(whole)[:, :, ::-1], len(PITCH)) == pytest.approx(np.array(PITCH), abs=4)


@pytest.mark.parametrize("transfer", ["hlg", "pq"])
def test_what_is_brighter_than_white_is_compressed_and_not_cut_off(tmp_path, transfer):
    greys = [(level, level, level) for level in (60, 100, 130, 170, 200, 230, 255)]
    recording = open_recording([draw_hdr(tmp_path / "a.mp4", transfer, greys, white_nits=900.0)])
    shown = stripes(read_frame(recording, 0.5).rgb(), len(greys)).mean(axis=1)
    assert (np.diff(shown) >= 2).all()
    usual = 255 * (900 * (60 / 255) ** 2.4 / 203) ** (1 / 2.4)
    assert shown[0] == pytest.approx(usual, abs=3)
    assert shown[-1] > 250


def test_a_model_sees_the_same_colours(tmp_path):
    (part,) = open_recording([draw_hdr(tmp_path / "a.mp4", "hlg", PITCH)]).parts
    (_, picture), *_ = PyavFrames(part, 2.0, (part.width, part.height), FaultCounter()).read([0])
    assert stripes(picture, len(PITCH)) == pytest.approx(np.array(PITCH), abs=5)


def test_a_smart_cut_keeps_high_dynamic_range(tmp_path):
    recording = open_recording([draw_hdr(tmp_path / "a.mp4", "hlg", PITCH, frames=100)])
    smart_spans(recording, [Span(0.52, 3.0)], tmp_path / "reel.mp4")
    reel = open_recording([tmp_path / "reel.mp4"])
    for time_s in (0.1, 2.0):
        frame = read_frame(reel, time_s)
        assert (frame.picture.color_trc, frame.picture.color_primaries, frame.picture.format.name) == (18, 9, "yuv420p10le")
        assert stripes(frame.rgb(), len(PITCH)) == pytest.approx(np.array(PITCH), abs=5)


def test_other_recordings_have_no_peak(tmp_path):
    assert open_recording([draw_video(tmp_path / "a.mp4", duration_s=1, sounds=())]).parts[0].peak_nits == 0


@pytest.mark.parametrize("matrix", ["ictcp", "bt2020c", "ycgco", "chroma-derived-nc"])
def test_a_colour_matrix_that_ffmpeg_does_not_convert_is_read_as_the_nearest(tmp_path, matrix):
    named = f"log-level=none:colormatrix={matrix}:transfer=smpte2084:colorprim=bt2020"
    look = Look("libx265", pix_fmt="yuv420p10le", options={"preset": "ultrafast", "x265-params": named})
    recording = open_recording([draw_video(tmp_path / "a.mp4", duration_s=0.4, look=look, sounds=())])
    frame = read_frame(recording, 0.2)
    assert number_of(frame.luma()) == 5
    assert frame.rgb()[:20, :20].mean() > 150  # the first digit is white
    assert frame.crop_bgr(Box(0, 0, 20, 20)).mean() > 150
