import sys
import threading
from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from highlights.errors import ModelError, RecordingError
from highlights.media.faults import FaultCounter
from highlights.media.footage import torchcodec as torchcodec_frames
from highlights.media.footage.cache import FrameCache
from highlights.media.footage.reader import Footage, WindowReader
from highlights.media.footage.size import frame_size
from highlights.media.frames import read_frame, read_frames
from highlights.media.pictures import PartReader
from highlights.media.probe import open_recording
from highlights.records import Part, Sampling, Window
from highlights.spans import Span
from tests.support.drawing import Look, Sound, draw_video, number_of

AS_DRAWN = Sampling(size=(320, 180))
QUICK_265 = {"preset": "ultrafast", "x265-params": "log-level=none"}
UNEVEN_S = [n * 0.04 + (0.02 if n % 3 else 0) + (1.2 if n > 30 else 0) for n in range(90)]


def hiding_its_end(path: Path) -> Path:
    """A file of 3 s whose edit list shows 2 s."""
    whole = bytearray(draw_video(path, duration_s=3, sounds=()).read_bytes())
    length = whole.index(b"elst") + 12
    whole[length : length + 4] = (2000).to_bytes(4)
    path.write_bytes(whole)
    return path


def drawn(suffix: str, look: Look | None = None, **how):
    return lambda folder: draw_video(folder / f"a{suffix}", look=look, **{"duration_s": 3.0, "sounds": (), **how})


B_FRAMES = Look(b_frames=3)
CLIPS = {
    "constant": drawn(".mp4", B_FRAMES),
    "film": drawn(".mkv", Look(b_frames=5, gop=250), rate=Fraction(30000, 1001), duration_s=4.0),
    "variable": drawn(".mkv", frame_times_s=UNEVEN_S, duration_s=5.0),
    "late": drawn(".mp4", B_FRAMES, start_s=1.3),
    "hidden start": drawn(".mp4", start_s=-1.0, sounds=[Sound()]),
    "hidden end": lambda folder: hiding_its_end(folder / "a.mp4"),
    "rotated": drawn(".mp4", Look(rotation_deg=90)),
    "upside down": drawn(".mp4", Look(rotation_deg=180)),
    "anamorphic": drawn(".mp4", Look(size=(360, 288), pixel_aspect=Fraction(64, 45))),
    "10 bits": drawn(".mp4", Look(pix_fmt="yuv420p10le")),
    "HEVC": drawn(".mp4", Look(codec="libx265", options=QUICK_265)),
    "all key frames": drawn(".mkv", Look(codec="mjpeg", pix_fmt="yuvj422p", b_frames=0)),
    "transport stream": drawn(".ts", Look(b_frames=3, options={"x264-params": "open-gop=1"}), start_s=1.3),
    "AVI": drawn(".avi", Look(codec="mpeg4")),
}
FOR_PYAV_ALONE = ("transport stream", "AVI")


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """Every kind of clip as a recording, drawn once."""
    recordings = {}
    for kind, draw in CLIPS.items():
        recordings[kind] = open_recording([draw(tmp_path_factory.mktemp("clip"))])
    return recordings


@pytest.fixture(scope="module")
def match(tmp_path_factory):
    """Half a minute in two parts, of 20 s and of 10.52 s."""
    folder = tmp_path_factory.mktemp("match")
    first = draw_video(folder / "1.mp4", duration_s=20, rate=5, start_s=0.3, look=B_FRAMES, sounds=())
    second = draw_video(folder / "2.mp4", duration_s=10.52, first_number=1000, sounds=())
    return open_recording([first, second])


@pytest.fixture(scope="module")
def torchcodec():
    """Skip the test if torchcodec cannot be loaded."""
    if problem := torchcodec_frames.problem():
        pytest.skip(f"no torchcodec: {problem}")


def numbers_in(pictures) -> list[int]:
    return [number_of(picture.mean(axis=2)) for picture in pictures]


def whole(recording) -> Window:
    return Window(recording.parts[0].span)


def decoder_of(reader: WindowReader) -> str:
    """The decoder that currently reads the first part."""
    return "torchcodec" if 0 in reader._torchcodec_parts else "pyav"


def upright(pictures, kind: str):
    """The frames as they were drawn."""
    return {"rotated": np.rot90(pictures, 3, axes=(1, 2)), "upside down": pictures[:, ::-1, ::-1]}.get(kind, pictures)


def sampling_of(kind: str) -> Sampling:
    return Sampling(size=(180, 320)) if kind == "rotated" else AS_DRAWN


@pytest.mark.parametrize("kind", CLIPS)
def test_footage_has_the_frames_shown_at_the_times_of_the_grid(clips, kind):
    recording = clips[kind]
    footage = WindowReader(recording, sampling_of(kind), decoder="pyav").footage(whole(recording))
    began = [(round(frame.time_s, 3), number_of(frame.luma())) for frame in read_frames(recording)]
    if kind in ("rotated", "upside down"):  # they are not upright as decoded
        began = [(time_s, number) for number, (time_s, _) in enumerate(began)]
    due = [max(n for time_s, n in began if time_s <= number / 2) for number in footage.numbers]
    assert numbers_in(upright(footage.pictures(), kind)) == due


@pytest.mark.parametrize("kind", CLIPS)
def test_both_decoders_give_the_same_frames(clips, torchcodec, kind):
    recording, sampling = clips[kind], sampling_of(kind)
    readers = [WindowReader(recording, sampling, decoder=name) for name in ("torchcodec", "pyav")]
    one, other = (reader.footage(whole(recording)).pictures().astype(int) for reader in readers)
    apart = np.abs(one - other)
    most, mean = (60, 1.5) if kind == "10 bits" else (2, 0.02)  # versions of FFmpeg convert 10-bit colours differently
    assert apart.max() <= most
    assert apart.mean() <= mean
    assert [decoder_of(reader) for reader in readers] == ["pyav" if kind in FOR_PYAV_ALONE else "torchcodec", "pyav"]


@pytest.mark.parametrize("start_s", [0, 1])  # it would show a later frame in one and none in the other
def test_recordings_that_torchcodec_cannot_read_are_left_to_pyav(clips, torchcodec, monkeypatch, start_s):
    monkeypatch.setattr(torchcodec_frames, "_WITHOUT_INDEX", ())
    reader = WindowReader(clips["transport stream"], AS_DRAWN, decoder="torchcodec")
    pictures = reader.footage(Window(Span(start_s, start_s + 2))).pictures()
    assert numbers_in(pictures) == [int((start_s + n / 2) * 25) for n in range(4)]
    assert decoder_of(reader) == "pyav"


@pytest.mark.parametrize("decoder", ["pyav", "torchcodec"])
def test_windows_in_any_order_have_the_same_frames_as_in_order(match, decoder, request):
    if decoder == "torchcodec":
        request.getfixturevalue("torchcodec")
    windows = [Window(Span(start_s, start_s + 5)) for start_s in range(0, 16, 3)] + [Window(Span(22, 28), 1)]
    in_order = [footage.pictures() for footage in WindowReader(match, AS_DRAWN, decoder=decoder).read(windows)]
    for number in (4, 6, 1, 5, 0):
        another = WindowReader(match, AS_DRAWN, decoder=decoder)
        another.footage(windows[3]).pictures()
        assert np.array_equal(another.footage(windows[number]).pictures(), in_order[number])


def test_footage_has_the_times_of_its_frames(match):
    reader = WindowReader(match, AS_DRAWN, decoder="pyav")
    first = reader.footage(Window(Span(3, 6)))
    assert first.times_s == (0.0, 0.5, 1.0, 1.5, 2.0, 2.5)
    assert first.numbers == (6, 7, 8, 9, 10, 11)
    assert numbers_in(first.pictures()) == [15, 17, 20, 22, 25, 27]
    second = reader.footage(Window(Span(23, 25), 1))
    assert (second.times_s, second.numbers) == ((0.0, 0.5, 1.0, 1.5), (6, 7, 8, 9))
    assert numbers_in(second.pictures()) == [1075, 1087, 1100, 1112]
    beside = reader.footage(Window(Span(3.3, 6)))
    assert (beside.times_s[:2], beside.numbers[0]) == ((0.2, 0.7), 7)


def test_a_part_that_begins_off_the_millisecond_keeps_its_grid(tmp_path):
    parts = [draw_video(tmp_path / f"{n}.mp4", duration_s=1.04, rate=Fraction(30000, 1001), sounds=()) for n in (1, 2)]
    recording = open_recording(parts)
    start_s = recording.parts[1].start_s
    assert round(start_s, 3) != start_s
    footage = WindowReader(recording, AS_DRAWN, decoder="pyav").footage(Window(Span(start_s, start_s + 1), 1))
    assert (footage.times_s, footage.numbers) == ((0.0, 0.5, 1.0, 1.5), (0, 1, 2, 3))


def test_frames_come_in_pairs_with_the_last_one_repeated_at_the_end_of_a_part(match):
    reader = WindowReader(match, AS_DRAWN, decoder="pyav")
    footage = reader.footage(Window(Span(28, 30.52), 1))
    assert footage.numbers == (16, 17, 18, 19, 20, 21)
    assert footage.times_s == (0.0, 0.5, 1.0, 1.5, 2.0, 2.5)
    odd = reader.footage(Window(Span(28.5, 30.52), 1))
    assert numbers_in(odd.pictures()) == [1212, 1225, 1237, 1250, 1262, 1262]
    short = reader.footage(Window(Span(30, 30.52), 1))
    assert numbers_in(short.pictures()) == [1250, 1262, 1262, 1262]


def test_a_window_of_too_many_frames_is_thinned_evenly(match):
    footage = WindowReader(match, Sampling(size=(320, 180), max_frames=9), decoder="pyav").footage(Window(Span(0, 20)))
    assert footage.numbers == (0, 6, 11, 17, 22, 28, 33, 39)
    assert footage.times_s == (0.0, 3.0, 5.5, 8.5, 11.0, 14.0, 16.5, 19.5)
    assert len(footage.pictures()) == 8


def part_of(width: int, height: int) -> Part:
    return Part(Path("a.mp4"), 0.0, 1.0, width, height, Fraction(25), "h264")


@pytest.mark.parametrize(
    ("shown", "seen"),
    [((1920, 1080), (576, 320)), ((1280, 720), (576, 320)), ((640, 360), (576, 320)), ((1080, 1920), (320, 576))],
)
def test_common_frame_sizes_become_those_of_training(shown, seen):
    assert frame_size(part_of(*shown), Sampling()) == seen


@settings(deadline=None)
@given(st.integers(16, 4096), st.floats(1 / 3, 3), st.sampled_from([28, 32]), st.sampled_from([200_704, 262_144, 786_432]))
def test_sizes_match_the_library_used_in_training(width, shape, multiple, max_pixels):
    library = pytest.importorskip("qwen_vl_utils.vision_process")
    height = max(8, round(width * shape))
    least = min(library.VIDEO_MIN_TOKEN_NUM * multiple**2, max_pixels // 2)
    seen = frame_size(part_of(width, height), Sampling(max_pixels=max_pixels, multiple=multiple))
    assert seen[::-1] == library.smart_resize(height, width, multiple, min_pixels=least, max_pixels=max_pixels)
    assert seen[0] * seen[1] <= max_pixels


def test_a_fixed_size_is_used_unchanged(match):
    footage = WindowReader(match, Sampling(size=(378, 378)), decoder="pyav").footage(Window(Span(0, 2)))
    assert (footage.width, footage.height) == (378, 378)
    assert footage.pictures().shape == (4, 378, 378, 3)


@pytest.mark.parametrize("size", [(136, 96), (320, 180), (448, 320)])
def test_resizing_differs_from_training_by_2_grey_levels_at_most(match, size):
    torch = pytest.importorskip("torch")
    resize = pytest.importorskip("torchvision.transforms.v2.functional").resize
    mine = WindowReader(match, Sampling(size=size), decoder="pyav").footage(Window(Span(0, 2))).pictures()
    full = torch.from_numpy(np.ascontiguousarray(read_frame(match, 0).rgb()))
    bicubic = pytest.importorskip("torchvision.transforms").InterpolationMode.BICUBIC
    theirs = resize(full.permute(2, 0, 1), [size[1], size[0]], bicubic, antialias=True).permute(1, 2, 0).numpy()
    apart = np.abs(mine[0].astype(int) - theirs)
    assert apart.max() <= 2
    assert apart.mean() < 0.02


def test_frames_are_decoded_once_and_only_when_used():
    made = []

    def make():
        made.append(1)
        return np.zeros((4, 2, 2, 3), np.uint8)

    footage = Footage(Window(Span(0, 2)), Sampling(), (0.0, 0.5, 1.0, 1.5), (0, 1, 2, 3), 2, 2, make)
    assert not made
    assert footage.pictures() is footage.pictures()
    assert len(made) == 1


def vanishing(tmp_path, parts: int = 1):
    """A recording, and its files."""
    paths = [draw_video(tmp_path / f"{n}.mp4", duration_s=8, rate=5, sounds=()) for n in range(parts)]
    return open_recording(paths), paths


def test_footage_that_is_never_decoded_does_not_even_open_the_file(tmp_path):
    recording, (path,) = vanishing(tmp_path)
    path.unlink()
    windows = [Window(Span(start_s, start_s + 2)) for start_s in (0, 2, 4)]
    footage = list(WindowReader(recording, AS_DRAWN, decoder="pyav").read(windows))
    assert [one.window for one in footage] == windows
    with pytest.raises(RecordingError, match="no such file"):
        footage[1].pictures()


def test_frames_shared_by_windows_are_decoded_once(tmp_path):
    recording, (path,) = vanishing(tmp_path)
    reader = WindowReader(recording, AS_DRAWN, decoder="pyav")
    before = reader.footage(Window(Span(0, 8))).pictures()
    path.unlink()
    assert np.array_equal(reader.footage(Window(Span(2, 6))).pictures(), before[4:12])
    reader.close()
    with pytest.raises(RecordingError, match="no such file"):
        reader.footage(Window(Span(2, 6))).pictures()


def decoding_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith(("footage", "resizing"))]


def test_the_next_window_is_decoded_ahead_only_after_a_window_was_used(match):
    windows = [Window(Span(start_s, start_s + 3)) for start_s in (0, 3, 6, 9)]
    reading = WindowReader(match, AS_DRAWN, decoder="pyav").read(windows)
    next(reading)
    second = next(reading)
    assert not decoding_threads()
    second.pictures()
    assert decoding_threads()
    assert numbers_in(next(reading).pictures()) == [30, 32, 35, 37, 40, 42]
    reading.close()
    assert not decoding_threads()
    assert numbers_in(second.pictures())[0] == 15


def test_footage_can_be_used_after_its_reader_was_closed(match):
    windows = [Window(Span(start_s, start_s + 3)) for start_s in (0, 3)]
    reading = WindowReader(match, AS_DRAWN, decoder="pyav").read(windows)
    first, second = next(reading), next(reading)
    first.pictures()
    reading.close()
    assert numbers_in(second.pictures())[0] == 15


def test_an_error_while_reading_ahead_is_raised_when_the_frames_are_used(tmp_path):
    recording, paths = vanishing(tmp_path, parts=2)
    paths[1].unlink()
    windows = [Window(Span(0, 4)), Window(Span(8, 12), 1)]
    reading = WindowReader(recording, AS_DRAWN, decoder="pyav").read(windows)
    assert next(reading).pictures().any()
    footage = next(reading)
    with pytest.raises(RecordingError, match="no such file"):
        footage.pictures()


@pytest.mark.parametrize("decoder", ["pyav", "torchcodec"])
def test_damaged_frames_are_counted_and_replaced_by_earlier_ones(tmp_path, decoder, request):
    if decoder == "torchcodec":
        request.getfixturevalue("torchcodec")
    whole = bytearray(draw_video(tmp_path / "whole.mp4", duration_s=12, sounds=()).read_bytes())
    whole[len(whole) * 3 // 10 : len(whole) * 5 // 10] = bytes(len(whole) * 5 // 10 - len(whole) * 3 // 10)
    (tmp_path / "a.mp4").write_bytes(whole)
    faults = FaultCounter()
    recording = open_recording([tmp_path / "a.mp4"])
    reader = WindowReader(recording, AS_DRAWN, decoder=decoder, faults=faults)
    seen = numbers_in(reader.footage(Window(Span(0, 12))).pictures())
    due = [int(number * 12.5) for number in range(24)]
    assert seen[:6] == due[:6]
    assert seen[17:] == due[17:]
    assert "damaged pictures" in {fault.problem for fault in faults.faults}
    assert decoder_of(reader) == "pyav"
    from_inside = WindowReader(recording, AS_DRAWN, decoder=decoder).footage(Window(Span(5, 12)))
    assert numbers_in(from_inside.pictures())[7:] == due[17:]


def test_reading_from_the_middle_counts_no_damage(match):
    faults = FaultCounter()
    WindowReader(match, AS_DRAWN, decoder="pyav", faults=faults).footage(Window(Span(12, 15))).pictures()
    assert faults.faults == ()


def test_frames_that_are_not_on_the_grid_are_not_decoded(clips):
    part = clips["constant"].parts[0]
    every, some = ([time_s for time_s, _ in PartReader(part, FaultCounter(), rate_hz=rate_hz).read(0)] for rate_hz in (None, 2))
    assert len(some) < 0.6 * len(every)
    for instant, times in product(range(6), (every, some)):
        assert max(time_s for time_s in times if time_s <= instant / 2) == pytest.approx(instant / 2, abs=0.021)


def test_without_torchcodec_pyav_decodes(match, monkeypatch):
    monkeypatch.setitem(sys.modules, "torchcodec", None)
    monkeypatch.setitem(sys.modules, "torchcodec.decoders", None)
    assert decoder_of(WindowReader(match, AS_DRAWN)) == "pyav"
    with pytest.raises(ModelError, match=r"torchcodec can't be used .*: install FFmpeg's libraries, or let PyAV decode"):
        WindowReader(match, AS_DRAWN, decoder="torchcodec")


def test_the_most_recently_used_frames_are_cached():
    cache = FrameCache(300)
    pictures = [np.full(100, n, np.uint8) for n in range(4)]
    for number in range(3):
        cache.put((0, number), pictures[number])
    assert cache.get((0, 0)) is pictures[0]
    cache.put((0, 3), pictures[3])
    assert [cache.get((0, number)) is not None for number in range(4)] == [True, False, True, True]
