"""Files joined with `cat` of which only the first is read are never read in silence."""

import pytest

from highlights.media.faults import FaultCounter
from highlights.media.frames import read_frames
from highlights.media.joined import unread_from
from highlights.media.probe import open_recording
from tests.support.drawing import Look, Sound, draw_video, number_of

SMALL = Look(size=(160, 90))
FAST_START = {"movflags": "faststart"}
FRAGMENTS = {"movflags": "frag_keyframe+empty_moov"}


def drawn(path, first_number, look=SMALL, options=None):
    sounds = [Sound((0.5,), rate_hz=44100)]
    draw_video(path, duration_s=1, first_number=first_number, look=look, sounds=sounds, container_options=options)
    return path.read_bytes()


@pytest.mark.parametrize(("suffix", "options"), [(".mp4", None), (".mp4", FAST_START), (".mov", None), (".flv", None)])
def test_a_second_file_is_reported_with_where_it_begins(tmp_path, suffix, options):
    first, second = (drawn(tmp_path / f"{n}{suffix}", 25 * n, SMALL, options) for n in range(2))
    path = tmp_path / f"a{suffix}"
    path.write_bytes(first + second)
    faults = FaultCounter()
    recording = open_recording([path], faults=faults)
    assert [number_of(frame.luma()) for frame in read_frames(recording)] == list(range(25))
    (fault,) = faults.faults
    assert fault.problem == f"holds a second file that is not read; save it as one (tail -c +{len(first) + 1}) and give both"
    path.write_bytes(path.read_bytes()[len(first) :])
    assert [number_of(frame.luma()) for frame in read_frames(open_recording([path]))] == list(range(25, 50))


@pytest.mark.parametrize(("suffix", "options"), [(".mp4", None), (".mp4", FAST_START), (".mp4", FRAGMENTS), (".flv", None)])
def test_a_file_alone_has_none(tmp_path, suffix, options):
    drawn(tmp_path / f"a{suffix}", 0, SMALL, options)
    assert unread_from(tmp_path / f"a{suffix}") is None


@pytest.mark.parametrize("content", [b"", b"FLV\x01", b"\0\0\0\x08ftyp", b"\0\0\0\0ftyp" * 9])
def test_other_contents_have_none(tmp_path, content):
    (tmp_path / "a").write_bytes(content)
    assert unread_from(tmp_path / "a") is None


def test_a_second_avi_is_read_on(tmp_path):
    first, second = (drawn(tmp_path / f"{n}.avi", 25 * n, Look("mpeg4", (160, 90))) for n in range(2))
    (tmp_path / "a.avi").write_bytes(first + second)
    frames = list(read_frames(open_recording([tmp_path / "a.avi"])))
    assert [(round(frame.time_s, 3), number_of(frame.luma())) for frame in frames] == [(n / 25, n) for n in range(50)]
