"""Transport streams whose clock jumps: every drawn picture and beep is found where the order of the bytes puts it."""

import numpy as np
import pytest

from highlights.media.audio import read_audio
from highlights.media.bridged import BridgedFile, bridges
from highlights.media.cut.copy import copy_spans
from highlights.media.cut.smart import smart_spans
from highlights.media.faults import FaultCounter
from highlights.media.frames import key_frames_at, read_frame, read_frames
from highlights.media.probe import open_recording
from highlights.media.transport_stream import WRAP
from highlights.spans import Span
from tests.support.drawing import Look, Sound, beep_times, draw_video, number_of

LENGTH_S, RATE = 6, 25
LOOK = Look(size=(160, 90), b_frames=2)


def drawn(folder, name, start_s, first_number):
    """The bytes of a transport stream that starts at `start_s`; it beeps 1 s and 4 s after its beginning."""
    sounds = [Sound((1.0, 4.0))]
    path = draw_video(folder / name, duration_s=LENGTH_S, start_s=start_s, first_number=first_number, look=LOOK, sounds=sounds)
    return path.read_bytes()


@pytest.fixture(scope="module")
def joined(tmp_path_factory):
    """Three stretches: the second starts anew, the third 5,000 s later."""
    folder = tmp_path_factory.mktemp("joined")
    starts_s = (20.0, 0.0, 5000.0)
    pieces = [drawn(folder, f"{n}.ts", start_s, n * LENGTH_S * RATE) for n, start_s in enumerate(starts_s)]
    (folder / "joined.ts").write_bytes(b"".join(pieces))
    return folder / "joined.ts"


def test_a_clock_that_starts_anew_or_jumps_ahead_goes_on_in_the_order_of_the_bytes(joined):
    faults = FaultCounter()
    recording = open_recording([joined], faults=faults)
    frames = [(round(frame.time_s, 3), number_of(frame.luma())) for frame in read_frames(recording, faults=faults)]
    assert frames == [(round(n / RATE, 3), n) for n in range(3 * LENGTH_S * RATE)]
    assert recording.duration_s == pytest.approx(3 * LENGTH_S)
    problem = "its clock jumps, first at 0:06; it is read as one continuous recording"
    assert [(fault.problem, fault.count) for fault in faults.faults] == [(problem, 2)]


def test_its_sound_goes_on_too(joined):
    samples = np.concatenate([block for _, block in read_audio(open_recording([joined]), rate_hz=16000)])
    assert beep_times(samples, 16000) == pytest.approx([1, 4, 7, 10, 13, 16], abs=0.03)


@pytest.mark.parametrize("time_s", [17.0, 6.0, 12.02, 3.0, 5.97])
def test_any_instant_can_be_sought(joined, time_s):
    recording = open_recording([joined])
    assert number_of(read_frame(recording, time_s).luma()) == int(time_s * RATE + 1e-6)
    (key,) = key_frames_at(recording, [time_s])
    assert number_of(key.luma()) == round(key.time_s * RATE)
    assert time_s - 3 < key.time_s <= time_s


@pytest.mark.parametrize("cut", [copy_spans, smart_spans])
def test_a_clip_across_a_jump_is_cut_as_it_is_shown(joined, tmp_path, cut):
    shown = cut(open_recording([joined]), [Span(5.0, 8.0), Span(11.52, 14.0)], tmp_path / "reel.mp4")
    numbers = [number_of(frame.luma()) for frame in read_frames(open_recording([tmp_path / "reel.mp4"]))]
    spans = [(round(span.start_s * RATE), round(span.end_s * RATE)) for span in shown]
    assert numbers == [n for first, end in spans for n in range(first, end)]
    assert spans[0][0] <= 125 < 200 <= spans[0][1]


def test_reading_in_pieces_gives_the_same_bytes(joined):
    found = bridges(joined)
    assert found is not None
    with BridgedFile(joined, found) as file:
        whole = file.read()
        assert len(whole) == joined.stat().st_size
        for start, length in ((0, 50), (200_000, 9_001), (len(whole) - 70, 200), (3, 188)):
            file.seek(start)
            assert file.read(length) == whole[start : start + length]


def test_a_stretch_that_ends_within_a_packet_is_followed_by_the_next(tmp_path):
    first, second = drawn(tmp_path, "1.ts", 9.0, 0), drawn(tmp_path, "2.ts", 0.0, 150)
    (tmp_path / "a.ts").write_bytes(first[:-100] + second)
    recording = open_recording([tmp_path / "a.ts"])
    numbers = [number_of(frame.luma()) for frame in read_frames(recording)]
    assert numbers[-150:] == list(range(150, 300))
    assert recording.duration_s > 11.9


def test_the_packets_of_a_camcorder_have_a_time_stamp_in_front(tmp_path):
    with_stamps = bytearray()
    for piece in (drawn(tmp_path, "1.ts", 9.0, 0), drawn(tmp_path, "2.ts", 0.0, 150)):
        for at in range(0, len(piece), 188):
            with_stamps += bytes(4) + piece[at : at + 188]
    (tmp_path / "a.m2ts").write_bytes(with_stamps)
    numbers = [number_of(frame.luma()) for frame in read_frames(open_recording([tmp_path / "a.m2ts"]))]
    assert numbers == list(range(300))


def test_a_clock_that_wraps_or_has_a_hole_does_not_jump(tmp_path):
    wrapping = drawn(tmp_path, "1.ts", WRAP / 90_000 - 4.0, 0)
    (tmp_path / "wraps.ts").write_bytes(wrapping)
    assert bridges(tmp_path / "wraps.ts") is None
    assert open_recording([tmp_path / "wraps.ts"]).duration_s == pytest.approx(LENGTH_S)
    (tmp_path / "hole.ts").write_bytes(drawn(tmp_path, "2.ts", 0.0, 0) + drawn(tmp_path, "3.ts", 14.0, 350))
    assert bridges(tmp_path / "hole.ts") is None


@pytest.mark.parametrize("content", [b"", b"\x47", bytes(5000), b"\x47" * 4000, b"\x47\x00\x00\x30\xb7" * 2000])
def test_other_files_have_no_jumps(tmp_path, content):
    (tmp_path / "a.ts").write_bytes(content)
    assert bridges(tmp_path / "a.ts") is None
