from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image

from highlights.media import pictures
from highlights.media.faults import FaultCounter
from highlights.media.frames import read_frame, read_frames
from highlights.media.probe import open_recording
from tests.support.drawing import Look, Sound, draw_video, is_white, number_of
from tests.support.places import FOOTAGE

QUICK_265 = {"preset": "ultrafast", "x265-params": "log-level=none"}


def seen(recording, **options):
    return [(frame.time_s, number_of(frame.luma())) for frame in read_frames(recording, **options)]


def pixels_of(recording):
    return [(frame.time_s, number_of(frame.luma()), frame.luma().copy()) for frame in read_frames(recording)]


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    path = tmp_path_factory.mktemp("plain") / "a.mp4"
    return open_recording([draw_video(path, duration_s=4, look=Look(b_frames=3), sounds=())])


@pytest.mark.parametrize(
    ("suffix", "look"),
    [
        (".mp4", Look(b_frames=3)),
        (".mkv", Look(b_frames=3)),
        (".ts", Look(b_frames=3)),
        (".flv", Look(b_frames=3)),
        (".mov", Look(b_frames=5, options={"preset": "fast", "x264-params": "b-pyramid=2:ref=4"})),
        (".ts", Look(b_frames=3, options={"x264-params": "open-gop=1"})),
        (".mp4", Look(pix_fmt="yuv420p10le")),
        (".mp4", Look(pix_fmt="yuv444p")),
        (".mp4", Look(codec="libx265", options=QUICK_265)),
        (".mp4", Look(codec="libx265", pix_fmt="yuv420p10le", options=QUICK_265)),
        (".ts", Look(options={"x264-params": "tff=1"})),
        (".mpg", Look(codec="mpeg2video")),
        (".avi", Look(codec="mpeg4")),
        (".webm", Look(codec="libvpx", b_frames=0, options={"deadline": "realtime", "cpu-used": "8"})),
        (".mkv", Look(codec="ffv1", b_frames=0)),
        (".mkv", Look(codec="mjpeg", pix_fmt="yuvj422p", b_frames=0)),
        (".mov", Look(codec="rawvideo", pix_fmt="rgb24", b_frames=0)),
    ],
)
def test_every_frame_is_read_once_in_order_at_its_time(tmp_path, suffix, look):
    recording = open_recording([draw_video(tmp_path / f"a{suffix}", duration_s=2, start_s=0.4, look=look, sounds=())])
    frames = seen(recording)
    assert [number for _, number in frames] == list(range(50))
    assert [time_s for time_s, _ in frames] == pytest.approx([n / 25 for n in range(50)], abs=0.0006)


def test_times_of_a_variable_frame_rate_are_those_of_the_file(tmp_path):
    times_s = [n * 0.04 + (0.02 if n % 3 else 0) + (1.2 if n > 30 else 0) for n in range(60)]
    for suffix in (".mp4", ".mkv"):
        recording = open_recording([draw_video(tmp_path / f"a{suffix}", frame_times_s=times_s, duration_s=3, sounds=())])
        assert [time_s for time_s, _ in seen(recording)] == pytest.approx(times_s, abs=0.0006)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts", ".avi"])
def test_reading_from_any_time_gives_the_same_frames_as_reading_everything(tmp_path, suffix):
    look = Look(codec="mpeg4") if suffix == ".avi" else Look(b_frames=3)
    path = draw_video(tmp_path / f"a{suffix}", duration_s=6, rate=Fraction(30000, 1001), start_s=0.7, look=look)
    recording = open_recording([path])
    everything = seen(recording)
    for start_s in (0.0, 0.01, 0.999, 1.0, 1.001, 3.337, 5.9, 5.99, 6.5):
        for length_s in (0.034, 1.0):
            wanted = [(t, n) for t, n in everything if start_s <= round(t, 3) < start_s + length_s]
            assert seen(recording, start_s=start_s, end_s=start_s + length_s) == wanted


def test_a_span_that_ends_at_a_cut_excludes_the_frame_after_it(tmp_path):
    path = draw_video(tmp_path / "a.mp4", duration_s=2, rate=Fraction(30000, 1001), sounds=())
    recording = open_recording([path])
    cut_s = round(10 * 1001 / 30000, 3)  # 0.333667 s, which a span rounds to 0.334
    assert [n for _, n in seen(recording, end_s=cut_s)] == list(range(10))
    assert seen(recording, start_s=cut_s)[0][1] == 10


def test_the_frame_shown_at_an_instant_is_the_last_that_began(plain):
    for time_s, number in [(0.0, 0), (0.039, 0), (0.04, 1), (1.99, 49), (2.0, 50), (3.999, 99), (60.0, 99)]:
        assert number_of(read_frame(plain, time_s).luma()) == number


@pytest.mark.parametrize(
    ("suffix", "look"),
    [
        (".mp4", Look(b_frames=3, gop=200)),
        (".ts", Look(b_frames=3, gop=200, options={"x264-params": "b-pyramid=2:ref=4:open-gop=1"})),
        (".mpg", Look(codec="mpeg2video", b_frames=2, gop=200)),
        (".mp4", Look(codec="libx265", gop=200, options=QUICK_265)),
    ],
)
def test_the_frame_at_an_instant_far_from_a_key_frame_is_the_same_as_when_all_are_read(tmp_path, suffix, look):
    recording = open_recording([draw_video(tmp_path / f"a{suffix}", duration_s=6, look=look, sounds=())])
    everything = {time_s: (number, luma) for time_s, number, luma in pixels_of(recording)}
    for time_s in [*everything][::7]:
        frame = read_frame(recording, time_s)
        assert number_of(frame.luma()) == everything[time_s][0]
        assert np.array_equal(frame.luma(), everything[time_s][1])


@pytest.mark.parametrize("last", range(40, 44))
def test_a_frame_that_is_shown_for_long_is_found_whichever_it_is(tmp_path, last):
    times_s = [n * 0.04 + (2.5 if n > last else 0) for n in range(80)]
    path = draw_video(tmp_path / "a.mp4", frame_times_s=times_s, duration_s=6, look=Look(b_frames=3, gop=200), sounds=())
    assert number_of(read_frame(open_recording([path]), last * 0.04 + 2.4).luma()) == last


def test_key_frames_read_alone_are_the_same_frames(plain):
    keys = list(read_frames(plain, key_frames_only=True))
    assert [number_of(frame.luma()) for frame in keys] == [0, 25, 50, 75]
    assert [frame.time_s for frame in keys] == [0.0, 1.0, 2.0, 3.0]
    assert all(frame.key for frame in keys)
    assert [frame.time_s for frame in read_frames(plain) if frame.key] == [0.0, 1.0, 2.0, 3.0]


def test_two_halves_share_one_match_clock(tmp_path):
    first = draw_video(tmp_path / "1.mp4", duration_s=1, start_s=0.3)
    second = draw_video(tmp_path / "2.ts", duration_s=1, start_s=5.0, first_number=25)
    recording = open_recording([first, second])
    frames = list(read_frames(recording))
    assert [number_of(frame.luma()) for frame in frames] == list(range(50))
    assert [frame.time_s for frame in frames] == pytest.approx([n / 25 for n in range(50)])
    assert [frame.part for frame in frames] == [0] * 25 + [1] * 25
    across = [number_of(frame.luma()) for frame in read_frames(recording, start_s=0.8, end_s=1.2)]
    assert across == list(range(20, 30))
    assert number_of(read_frame(recording, 1.3).luma()) == 32


def test_flashes_are_where_they_were_drawn(tmp_path):
    path = draw_video(tmp_path / "a.ts", duration_s=3, start_s=2.0, flashes_s=(0.4, 1.96), sounds=())
    assert [f.time_s for f in read_frames(open_recording([path])) if is_white(f.luma())] == pytest.approx([0.4, 1.96])


@pytest.mark.parametrize(("pix_fmt", "codec"), [("yuv420p", "libx264"), ("yuv420p10le", "libx264"), ("rgb24", "rawvideo")])
def test_all_pixel_formats_give_8_bit_arrays(tmp_path, pix_fmt, codec):
    look = Look(codec=codec, pix_fmt=pix_fmt, size=(322, 180), b_frames=0)
    path = draw_video(tmp_path / "a.mov", duration_s=0.2, look=look, flashes_s=(0.04,), sounds=())
    frame = list(read_frames(open_recording([path])))[1]
    assert frame.luma().shape == (180, 322)
    assert frame.luma().dtype == np.uint8
    assert 225 <= frame.luma()[100:].mean() <= 245  # white in video levels
    assert frame.small_bgr(160).shape == (89, 160, 3)
    assert frame.small_bgr(160)[50:].mean() > 250
    assert frame.rgb().shape == (180, 322, 3)
    assert frame.rgb(width=161).shape == (90, 161, 3)
    assert frame.rgb(height=90).shape == (90, 161, 3)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_rgb_is_upright(tmp_path, degrees):
    upright, turned = (
        read_frame(open_recording([draw_video(tmp_path / f"{d}.mp4", duration_s=0.2, look=Look(rotation_deg=d), sounds=())]), 0)
        for d in (0, degrees)
    )
    assert np.array_equal(turned.rgb(), np.rot90(upright.rgb(), degrees // 90))
    assert turned.rgb(width=90).shape[1] == 90


def test_rgb_has_square_pixels(tmp_path):
    look = Look(size=(360, 288), pixel_aspect=Fraction(64, 45))
    recording = open_recording([draw_video(tmp_path / "a.mp4", duration_s=0.2, look=look, sounds=())])
    assert read_frame(recording, 0).rgb().shape == (288, 512, 3)
    assert read_frame(recording, 0).rgb(width=256).shape == (144, 256, 3)


def test_deinterlacing_keeps_the_number_and_times_of_the_frames(tmp_path):
    look = Look(options={"x264-params": "tff=1"})
    recording = open_recording([draw_video(tmp_path / "a.ts", duration_s=1, look=look, sounds=())])
    combed, whole = (list(read_frames(recording, deinterlace=on)) for on in (False, True))
    assert combed[3].picture.interlaced_frame
    assert [f.time_s for f in whole] == [f.time_s for f in combed]
    assert [number_of(f.luma()) for f in whole] == list(range(25))
    assert any(not np.array_equal(a.luma(), b.luma()) for a, b in zip(combed, whole, strict=True))


def test_deinterlacing_goes_on_where_the_size_of_the_frames_changes(tmp_path):
    looks = [Look(size=size, options={"x264-params": "tff=1"}) for size in ((320, 180), (160, 96), (320, 180))]
    pieces = [
        draw_video(tmp_path / f"{n}.ts", duration_s=1, start_s=10 + n, first_number=n * 25, look=look, sounds=())
        for n, look in enumerate(looks)
    ]
    (tmp_path / "a.ts").write_bytes(b"".join(piece.read_bytes() for piece in pieces))
    frames = list(read_frames(open_recording([tmp_path / "a.ts"]), deinterlace=True))
    assert [(round(f.time_s, 3), number_of(f.luma())) for f in frames] == [(round(n / 25, 3), n) for n in range(75)]
    assert [f.picture.width for f in frames] == [320] * 25 + [160] * 25 + [320] * 25
    assert not any(f.picture.interlaced_frame for f in frames)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_damage_in_the_middle_is_counted_and_reading_continues(tmp_path, suffix):
    whole = bytearray(draw_video(tmp_path / f"whole{suffix}", duration_s=12, sounds=()).read_bytes())
    whole[len(whole) * 3 // 10 : len(whole) * 5 // 10] = bytes(len(whole) * 5 // 10 - len(whole) * 3 // 10)
    path = tmp_path / f"a{suffix}"
    path.write_bytes(whole)
    faults = FaultCounter()
    frames = seen(open_recording([path]), faults=faults)
    good = {(time_s, number) for time_s, number in frames if number == round(time_s * 25)}
    assert {n for _, n in good} >= {*range(75), *range(200, 300)}
    assert [t for t, _ in frames] == sorted({t for t, _ in frames})
    assert {"damaged pictures", "seconds without a picture"} <= {fault.problem for fault in faults.faults}
    assert all(fault.path == path and fault.count >= 1 for fault in faults.faults)


@pytest.mark.parametrize("rate_hz", [None, 5.0])
def test_damaged_frames_are_the_same_at_any_number_of_threads(tmp_path, monkeypatch, rate_hz):
    content = bytearray(draw_video(tmp_path / "whole.mp4", duration_s=24, look=Look(b_frames=3), sounds=()).read_bytes())
    for at in range(len(content) // 5, len(content) // 3, 997):
        content[at] ^= 0xFF
    (tmp_path / "a.mp4").write_bytes(content)

    def read(threads):
        monkeypatch.setattr(pictures, "THREADS", threads)
        faults, part = FaultCounter(), open_recording([tmp_path / "a.mp4"]).parts[0]
        shown = [
            (at_s, frame.to_ndarray().tobytes()) for at_s, frame in pictures.PartReader(part, faults, rate_hz=rate_hz).read(0)
        ]
        return shown, faults.faults

    on_one = read(1)
    assert on_one[1]
    assert len(on_one[0]) > 60
    for threads in (2, 4, 7):
        assert read(threads) == on_one


def test_reading_continues_after_an_error_of_the_demuxer(tmp_path):
    whole = draw_video(tmp_path / "whole.ts", duration_s=4, sounds=()).read_bytes()
    middle = len(whole) // 188 // 2 * 188
    (tmp_path / "a.ts").write_bytes(whole[:middle] + bytes(200_000) + whole[middle:])
    faults = FaultCounter()
    frames = [number for _, number in seen(open_recording([tmp_path / "a.ts"]), faults=faults)]
    assert len(set(frames)) >= 98
    assert "damaged places between pictures" in {fault.problem for fault in faults.faults}


@pytest.mark.parametrize(
    ("suffix", "look"),
    [
        (".webm", Look("libvpx-vp9", b_frames=0, options={"deadline": "realtime", "cpu-used": "8"})),
        (".mkv", Look(codec="libx265", options=QUICK_265)),
        (".mp4", Look()),
        (".avi", Look(codec="mpeg4")),
    ],
)
@pytest.mark.parametrize("cores", [1, 2, 4])
def test_damage_is_counted_in_every_codec_and_on_any_number_of_cores(tmp_path, monkeypatch, suffix, look, cores):
    monkeypatch.setattr(pictures, "THREADS", pictures.threads_on(cores))
    path = draw_video(tmp_path / f"a{suffix}", duration_s=2, look=look, sounds=())
    recording, faults = open_recording([path]), FaultCounter()
    with av.open(str(path)) as container:
        packet = bytes([*container.demux(video=0)][10])
    path.write_bytes(path.read_bytes().replace(packet, b"\xff" * len(packet)))
    assert len(seen(recording, faults=faults)) > 20
    assert {fault.problem for fault in faults.faults} >= {"damaged pictures"}


def test_av1_is_read_on_from_the_key_frame_after_damage(tmp_path):
    look = Look("libsvtav1", size=(192, 108), options={"preset": "12", "svtav1-params": "keyint=25"})
    path, faults = draw_video(tmp_path / "a.webm", duration_s=3, look=look, sounds=()), FaultCounter()
    recording = open_recording([path])
    with av.open(str(path)) as container:
        packet = bytes([*container.demux(video=0)][25])
    path.write_bytes(path.read_bytes().replace(packet, b"\xff" * len(packet)))
    numbers = {number for _, number in seen(recording, faults=faults)}
    assert {*range(25), *range(50, 75)} <= numbers
    assert {fault.problem for fault in faults.faults} == {"damaged pictures"}


def test_a_file_behind_which_it_stands_again_is_read_to_its_end(tmp_path):
    path = draw_video(tmp_path / "a.mkv", duration_s=14, rate=25, look=Look(size=(64, 36), options={"g": "25"}), sounds=())
    path.write_bytes(path.read_bytes() * 2)
    recording, faults = open_recording([path]), FaultCounter()
    assert {*range(340)} <= {number for _, number in seen(recording, faults=faults)}
    assert "pictures left out because their time runs backwards" in {fault.problem for fault in faults.faults}


def test_a_later_piece_that_comes_too_early_is_read_to_its_end(tmp_path):
    look = Look("libvpx-vp9", (64, 36), gop=25, b_frames=0, options={"deadline": "realtime", "cpu-used": "8"})
    whole = draw_video(tmp_path / "whole.webm", duration_s=60, rate=25, look=look, sounds=()).read_bytes()
    a, b, c = (len(whole) * share // 10 for share in (2, 6, 8))
    (tmp_path / "a.webm").write_bytes(whole[:a] + whole[b:c] + whole[a:b] + whole[c:])
    faults = FaultCounter()
    frames = {number for _, number in seen(open_recording([tmp_path / "a.webm"]), faults=faults)}
    assert {*range(925, 1190)} <= frames
    assert "seconds without a picture" in {fault.problem for fault in faults.faults}


def test_a_damaged_time_stamp_costs_at_most_one_frame_and_no_duration(tmp_path):
    whole = bytearray(draw_video(tmp_path / "whole.ts", duration_s=4, look=Look(b_frames=0), sounds=()).read_bytes())
    headers = [at for at in range(len(whole) - 14) if whole[at : at + 4] == b"\0\0\1\xe0"]
    whole[headers[60] + 9] |= 0x0E  # the three highest bits of a presentation time: 26 hours later
    whole[headers[99] + 9] |= 0x0E
    (tmp_path / "a.ts").write_bytes(whole)
    faults = FaultCounter()
    recording = open_recording([tmp_path / "a.ts"], faults=faults)
    assert recording.duration_s == pytest.approx(4.0, abs=0.05)
    frames = [number for _, number in seen(recording, faults=faults)]
    assert set(range(99)) - {60} <= set(frames) <= set(range(100))
    assert {fault.problem for fault in faults.faults} == {"damaged places between pictures"}


@pytest.mark.parametrize("suffix", [".mkv", ".ts", ".mp4"])
def test_a_truncated_file_is_read_to_its_end(tmp_path, suffix):
    options = {"movflags": "faststart"} if suffix == ".mp4" else None
    whole = draw_video(tmp_path / f"whole{suffix}", duration_s=8, container_options=options).read_bytes()
    path = tmp_path / f"a{suffix}"
    path.write_bytes(whole[: len(whole) // 2])
    recording = open_recording([path])
    frames = seen(recording)
    assert 60 < len(frames) < 130
    assert [n for _, n in frames][:-1] == list(range(len(frames) - 1))
    assert recording.duration_s == pytest.approx(len(frames) / 25, abs=0.4)


def test_a_recording_that_begins_between_key_frames_starts_at_the_first_complete_frame(tmp_path):
    whole = draw_video(tmp_path / "whole.ts", duration_s=4, sounds=()).read_bytes()
    (tmp_path / "a.ts").write_bytes(whole[188 * 60 :])
    recording = open_recording([tmp_path / "a.ts"])
    frames = seen(recording)
    assert frames[0][0] == 0.0
    assert frames[0][1] in (25, 50)
    assert [n for _, n in frames] == list(range(frames[0][1], 100))
    assert recording.duration_s == pytest.approx(len(frames) / 25)


def test_an_animated_gif_is_read(tmp_path):
    pictures = [Image.new("RGB", (64, 48), (10 * i, 0, 0)) for i in range(20)]
    pictures[0].save(tmp_path / "a.gif", save_all=True, append_images=pictures[1:], duration=40, loop=0)
    frames = list(read_frames(open_recording([tmp_path / "a.gif"])))
    assert [frame.time_s for frame in frames] == pytest.approx([0.04 * i for i in range(20)])
    assert frames[0].luma().mean() < frames[-1].luma().mean()


def test_frames_kept_by_the_caller_do_not_change(plain):
    frames = list(read_frames(plain, end_s=1.0))
    views = [frame.luma() for frame in frames]
    list(read_frames(plain, start_s=1.0))
    assert [number_of(view) for view in views] == list(range(25))


@pytest.mark.skipif(not FOOTAGE.is_dir(), reason="no footage beside the repository")
def test_frames_hidden_by_an_edit_list_are_not_read():
    recording = open_recording([FOOTAGE / "02_soccer_realmadrid_sevilla_goal.mp4"])
    times = [frame.time_s for frame in read_frames(recording)]
    assert len(times) == 630
    assert times == pytest.approx([n * 1001 / 30000 for n in range(630)], abs=1e-5)


def test_an_edit_list_that_hides_the_start_is_honoured(tmp_path):
    path = draw_video(tmp_path / "a.mp4", duration_s=3, start_s=-1.0, sounds=[Sound()])
    recording = open_recording([path])
    assert [n for _, n in seen(recording)] == list(range(25, 75))
    assert recording.duration_s == pytest.approx(2.0)


def test_an_edit_list_that_hides_the_end_is_honoured(tmp_path):
    whole = bytearray(draw_video(tmp_path / "whole.mp4", duration_s=3, sounds=()).read_bytes())
    length = whole.index(b"elst") + 12  # of the only edit, in the movie's time scale of 1 ms
    assert int.from_bytes(whole[length : length + 4]) == 3000
    whole[length : length + 4] = (2000).to_bytes(4)
    (tmp_path / "a.mp4").write_bytes(whole)
    recording = open_recording([tmp_path / "a.mp4"])
    assert recording.duration_s == pytest.approx(2.0)
    assert [n for _, n in seen(recording)] == list(range(50))
