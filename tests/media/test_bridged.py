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
from highlights.media.time_stamps import WRAP
from highlights.spans import Span
from tests.support.drawing import Look, Sound, beep_times, draw_video, number_of
from tests.support.packets import crc32_mpeg

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


def numbers_and_beeps(path):
    """The numbers of the pictures that are read from a file, and when it beeps."""
    recording = open_recording([path])
    samples = np.concatenate([block for _, block in read_audio(recording, rate_hz=16000)])
    return [number_of(frame.luma()) for frame in read_frames(recording)], beep_times(samples, 16000)


def with_pids(piece, first_pid):
    """A drawn transport stream with other PIDs, as another channel or another encoder would give it."""
    names = {0x100: first_pid, 0x101: first_pid + 1}
    changed = bytearray(piece)
    for at in range(0, len(piece), 188):
        pid = int.from_bytes(piece[at + 1 : at + 3]) & 0x1FFF
        changed[at + 1 : at + 3] = (int.from_bytes(piece[at + 1 : at + 3]) & 0xE000 | names.get(pid, pid)).to_bytes(2)
        if pid == 0x1000:
            section = bytearray(piece[at + 5 : at + 188])
            length = 3 + (int.from_bytes(section[1:3]) & 0x0FFF)
            section[8:10] = (0xE000 | first_pid).to_bytes(2)
            section[13:15], section[18:20] = ((0xE000 | each).to_bytes(2) for each in (first_pid, first_pid + 1))
            section[length - 4 : length] = crc32_mpeg(section[: length - 4]).to_bytes(4)
            changed[at + 5 : at + 188] = section
    return bytes(changed)


@pytest.mark.parametrize("start_s", [0.0, 9.0 + LENGTH_S])
@pytest.mark.parametrize("first_pid", [0x200, 0xFF])
def test_a_second_stretch_with_other_pids_is_read_as_the_first(tmp_path, start_s, first_pid):
    first, second = drawn(tmp_path, "1.ts", 9.0, 0), drawn(tmp_path, "2.ts", start_s, 150)
    (tmp_path / "a.ts").write_bytes(first + with_pids(second, first_pid))
    numbers, beeps_s = numbers_and_beeps(tmp_path / "a.ts")
    assert numbers == list(range(300))
    assert beeps_s == pytest.approx([1, 4, 7, 10], abs=0.03)


def test_a_break_in_between_with_other_pids_size_and_sound_is_a_part_of_the_recording(tmp_path):
    sound = [Sound((0.5,), rate_hz=44100)]
    look = Look(size=(320, 240))
    path = draw_video(tmp_path / "b.ts", duration_s=2, start_s=8000, first_number=150, look=look, sounds=sound)
    before, after = drawn(tmp_path, "1.ts", 9.0, 0), drawn(tmp_path, "3.ts", 17.0, 200)
    (tmp_path / "a.ts").write_bytes(before + with_pids(path.read_bytes(), 0x300) + after)
    numbers, beeps_s = numbers_and_beeps(tmp_path / "a.ts")
    assert numbers == list(range(350))
    assert beeps_s == pytest.approx([1, 4, 6.5, 9, 12], abs=0.03)


def test_many_short_segments_that_each_start_anew_follow_each_other(tmp_path):
    look = Look(size=(160, 90))
    segments = [
        draw_video(tmp_path / f"{n}.ts", duration_s=1, start_s=1.4, first_number=n * 25, look=look, sounds=[Sound((0.5,))])
        for n in range(6)
    ]
    (tmp_path / "a.ts").write_bytes(b"".join(path.read_bytes() for path in segments) * 20)
    numbers, beeps_s = numbers_and_beeps(tmp_path / "a.ts")
    assert numbers == list(range(150)) * 20
    assert beeps_s == pytest.approx([n + 0.5 for n in range(120)], abs=0.03)


def test_a_clock_that_goes_back_by_half_a_second_loses_no_picture(tmp_path):
    (tmp_path / "a.ts").write_bytes(drawn(tmp_path, "1.ts", 9.0, 0) + drawn(tmp_path, "2.ts", 14.5, 150))
    assert numbers_and_beeps(tmp_path / "a.ts")[0] == list(range(300))


def test_a_stream_without_a_clock_has_the_times_of_its_pictures(tmp_path):
    stream = bytearray(drawn(tmp_path, "1.ts", 9.0, 0) + drawn(tmp_path, "2.ts", 0.0, 150))
    for at in range(0, len(stream), 188):
        if stream[at + 3] & 0x20 and stream[at + 4] >= 7 and stream[at + 5] & 0x10:
            stream[at + 5] &= ~0x10
    (tmp_path / "a.ts").write_bytes(stream)
    assert numbers_and_beeps(tmp_path / "a.ts")[0] == list(range(300))


def test_a_damaged_clock_alone_is_no_jump(tmp_path):
    stream = bytearray(drawn(tmp_path, "1.ts", 9.0, 0))
    clocks = [
        at for at in range(0, len(stream), 188) if stream[at + 3] & 0x20 and stream[at + 4] >= 7 and stream[at + 5] & 0x10
    ]
    stream[clocks[len(clocks) // 2] + 6] ^= 0x40
    (tmp_path / "a.ts").write_bytes(stream)
    assert bridges(tmp_path / "a.ts") is None


def test_after_damage_all_times_are_still_moved(tmp_path):
    second = bytearray(drawn(tmp_path, "2.ts", 0.0, 150))
    second[len(second) // 3 : len(second) // 3 + 3000] = bytes(3000)
    (tmp_path / "a.ts").write_bytes(drawn(tmp_path, "1.ts", 9.0, 0) + second)
    numbers, beeps_s = numbers_and_beeps(tmp_path / "a.ts")
    assert numbers[:150] == list(range(150))
    assert numbers[-75:] == list(range(225, 300))
    assert (beeps_s[:3], beeps_s[-1]) == (pytest.approx([1, 4, 7], abs=0.03), pytest.approx(10, abs=0.03))


@pytest.mark.parametrize(("suffix", "codec"), [(".mpg", "mpeg1video"), (".mpg", "mpeg2video"), (".vob", "mpeg2video")])
@pytest.mark.parametrize("bits", [400_000, 4_000_000])  # several pictures in a packet, or several packets for a picture
def test_program_streams_that_start_anew_or_jump_go_on(tmp_path, suffix, codec, bits):
    look = Look(codec=codec, size=(320, 180), options={"b": str(bits)})
    sound = [Sound((1.0,), codec="mp2" if suffix == ".mpg" else "ac3")]
    pieces = [
        draw_video(
            tmp_path / f"{n}{suffix}", duration_s=2, start_s=s, first_number=n * 50, look=look, sounds=sound
        ).read_bytes()
        for n, s in enumerate((9.0, 0.0, 5000.0))
    ]
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"".join(pieces))
    numbers, beeps_s = numbers_and_beeps(path)
    assert numbers == list(range(150))
    assert beeps_s == pytest.approx([1, 3, 5], abs=0.03)
    faults = FaultCounter()
    assert open_recording([path], faults=faults).duration_s == pytest.approx(6.0, abs=0.001)
    assert [fault.count for fault in faults.faults] == [2]


FRAGMENTS = "frag_keyframe+empty_moov+default_base_moof"
ABSOLUTE = "frag_keyframe+empty_moov"  # where samples are is counted from the beginning of the file
APART = "frag_keyframe+empty_moov+separate_moof"


def fragments(folder, number, *, flags=FRAGMENTS, whole=True):
    """The bytes of a fragmented MP4 with pictures from 75 x `number` on; not `whole`: of its fragments alone."""
    path = folder / f"{number}.mp4"
    draw_video(
        path,
        duration_s=3,
        first_number=75 * number,
        look=LOOK,
        sounds=[Sound((1.0,))],
        container_options={"movflags": flags},
    )
    content = path.read_bytes()
    return content if whole else content[content.index(b"moof") - 4 :]


@pytest.mark.parametrize(("flags", "whole"), [(FRAGMENTS, True), (FRAGMENTS, False), (ABSOLUTE, True), (APART, True)])
def test_fragments_of_an_mp4_that_start_anew_go_on(tmp_path, flags, whole):
    (tmp_path / "a.mp4").write_bytes(
        b"".join(fragments(tmp_path, number, flags=flags, whole=whole or not number) for number in range(3))
    )
    faults = FaultCounter()
    recording = open_recording([tmp_path / "a.mp4"], faults=faults)
    frames = [(round(frame.time_s, 3), number_of(frame.luma())) for frame in read_frames(recording, faults=faults)]
    assert frames == [(round(n / RATE, 3), n) for n in range(225)]
    assert numbers_and_beeps(tmp_path / "a.mp4")[1] == pytest.approx([1, 4, 7], abs=0.06)
    problem = "its clock jumps, first at 0:03; it is read as one continuous recording"
    assert [(fault.problem, fault.count) for fault in faults.faults] == [(problem, 2)]
    for time_s in (3.0, 2.97, 7.5):
        assert number_of(read_frame(recording, time_s).luma()) == int(time_s * RATE + 1e-6)
    (shown,) = smart_spans(recording, [Span(2.2, 4.0)], tmp_path / "reel.mp4")
    numbers = [number_of(frame.luma()) for frame in read_frames(open_recording([tmp_path / "reel.mp4"]))]
    assert (shown, numbers) == (Span(2.2, 4.0), list(range(55, 100)))


def test_fragments_whose_clock_goes_on_are_read_as_they_are(tmp_path):
    (tmp_path / "a.mp4").write_bytes(fragments(tmp_path, 0))
    assert bridges(tmp_path / "a.mp4") is None
    for content in (b"\0\0\0\x08moof" * 3, b"\0\0\0\x08moov\0\0\0\x10moof\0\0\0\x08traf"):
        (tmp_path / "b.mp4").write_bytes(content)
        assert bridges(tmp_path / "b.mp4") is None
