"""Every display matrix of a camera, as FFmpeg's own player turns and mirrors the picture."""

import numpy as np
import pytest

from highlights.media.cut.copy import copy_spans
from highlights.media.cut.smart import smart_spans
from highlights.media.faults import FaultCounter
from highlights.media.footage.pyav import PyavFrames
from highlights.media.frames import read_frame
from highlights.media.playable import plays_in_browsers, write_playable
from highlights.media.probe import open_recording
from highlights.records import Box
from highlights.spans import Span
from tests.support.drawing import draw_video
from tests.support.matrices import set_matrix

MATRICES = {
    "upright": ((1, 0, 0, 1), lambda p: p),
    "mirrored": ((-1, 0, 0, 1), lambda p: p[:, ::-1]),
    "flipped": ((1, 0, 0, -1), lambda p: p[::-1]),
    "upside down": ((-1, 0, 0, -1), lambda p: p[::-1, ::-1]),
    "clockwise": ((0, 1, -1, 0), lambda p: np.rot90(p, -1)),
    "counterclockwise": ((0, -1, 1, 0), lambda p: np.rot90(p)),
    "transposed": ((0, 1, 1, 0), lambda p: p.transpose(1, 0, 2)),
    "transposed upside down": ((0, -1, -1, 0), lambda p: np.rot90(p, 2).transpose(1, 0, 2)),
}


def drawn(folder, matrix, duration_s=0.4):
    path = draw_video(folder / "a.mp4", duration_s=duration_s, sounds=())
    plain = read_frame(open_recording([path]), 0.0).rgb()
    set_matrix(path, *matrix)
    return open_recording([path]), plain


@pytest.mark.parametrize("name", MATRICES)
def test_a_picture_is_shown_as_its_display_matrix_says(tmp_path, name):
    matrix, shown = MATRICES[name]
    recording, plain = drawn(tmp_path, matrix)
    frame, expected = read_frame(recording, 0.0), shown(plain)
    assert np.array_equal(frame.rgb(), expected)
    assert frame.upright(frame.luma()).shape == expected.shape[:2]
    part = recording.parts[0]
    assert (part.height, part.width) == expected.shape[:2]
    whole = frame.crop_bgr(Box(0, 0, part.width, part.height))[:, :, ::-1]
    assert np.abs(whole.astype(int) - expected).mean() < 3
    (_, seen), *_ = PyavFrames(part, 2.0, (part.width, part.height), FaultCounter()).read([0])
    assert np.abs(seen.astype(int) - expected).mean() < 3


@pytest.mark.parametrize("matrix", [(0, 0, 0, 0), (1, 0, 0, 0), (2, 0, 0, 1), (0x7FFF, 1, 1, 0x7FFF)])
def test_a_matrix_that_makes_no_sense_leaves_the_picture_as_it_is(tmp_path, matrix):
    recording, plain = drawn(tmp_path, matrix)
    assert np.array_equal(read_frame(recording, 0.0).rgb(), plain)


@pytest.mark.parametrize("cut", [copy_spans, smart_spans])
def test_a_copied_or_smart_reel_is_mirrored_like_its_recording(tmp_path, cut):
    recording, _ = drawn(tmp_path, (-1, 0, 0, 1), duration_s=4)
    cut(recording, [Span(1.2, 3.0)], tmp_path / "reel.mp4")
    part = open_recording([tmp_path / "reel.mp4"]).parts[0]
    assert (part.rotation_deg, part.mirrored) == (0, True)


def test_a_mirrored_recording_is_copied_for_browsers_as_it_is_shown(tmp_path):
    recording, plain = drawn(tmp_path, (-1, 0, 0, 1), duration_s=1)
    (part,) = recording.parts
    assert not plays_in_browsers(part)
    write_playable(part, tmp_path / "copy.mp4", lambda share: None, again=False)
    copy = open_recording([tmp_path / "copy.mp4"])
    assert not copy.parts[0].mirrored
    assert np.abs(read_frame(copy, 0.0).rgb().astype(int) - plain[:, ::-1]).mean() < 6
