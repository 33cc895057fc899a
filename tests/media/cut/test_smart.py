"""Every frame of a smart reel is read back: its drawn number shows whether it is the right one."""

import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from highlights.errors import RenderError
from highlights.media.audio import read_audio
from highlights.media.cut.copy import copy_spans
from highlights.media.cut.mux import open_sources
from highlights.media.cut.nal import nal_units
from highlights.media.cut.parameter_sets import free_ids, is_slice, parameter_sets, unit_type
from highlights.media.cut.smart import plan_cuts, smart_spans
from highlights.media.frames import read_frames
from highlights.media.probe import open_recording
from highlights.records import Recording
from highlights.spans import Span
from tests.support.drawing import Look, Sound, beep_times, draw_video, is_white, number_of
from tests.support.places import FOOTAGE

SIZE = (160, 90)
LENGTH_S = 8
NTSC = Fraction(30000, 1001)
SPANS = [
    Span(1.3, 4.1),  # over several GOPs
    Span(5.12, 5.41),  # inside one
    Span(5.41, 7.3),  # touching it
    Span(0.7, 0.705),  # one frame or none; `spans_for` makes it one
    Span(3.3, 5.02),  # back in time, overlapping what was shown
    Span(5.9, 40.0),  # to the end
]
FLASHES = slice(12, None, 20)
FORTY = [Span(0.48 + 0.8 * n - ahead_s, 0.89 + 0.8 * n - ahead_s) for ahead_s in (0.13, 0.181, 0.227, 0.27) for n in range(10)]
QUICK_265 = {"preset": "ultrafast", "x265-params": "log-level=none:open-gop=1:bframes=3"}
CLOSED_265 = {
    "preset": "ultrafast",
    "x265-params": "log-level=none:open-gop=0:bframes=3:radl=2:repeat-headers=1:temporal-layers=1",
}
PYRAMID = {"preset": "veryfast", "x264-params": "b-pyramid=2:ref=4"}


@dataclass(frozen=True)
class Drawn:
    """A recording and the presentation times of its numbered frames."""

    recording: Recording
    times_s: list[float]

    def numbers(self, spans: list[Span]) -> list[int]:
        """The frames that begin in the spans."""
        return [number for span in spans for number, time_s in enumerate(self.times_s) if span.holds(round(time_s, 3))]

    def one_picture(self, number: int) -> Span:
        """From the start of a frame to that of the next one."""
        return Span(*self.times_s[number : number + 2])


def draw(path, look=None, rate=25, times_s=None, start_s=0.0, **options):
    times_s = times_s or [float(number / Fraction(rate)) for number in range(round(LENGTH_S * rate))]
    flashes_s = times_s[FLASHES]
    look = look or Look(size=SIZE, b_frames=3)
    sounds = options.pop("sounds", [Sound(flashes_s, duration_s=LENGTH_S)])
    options = {"duration_s": LENGTH_S, "frame_times_s": times_s, "flashes_s": flashes_s, "sounds": sounds, **options}
    draw_video(path, rate=rate, look=look, start_s=start_s, **options)
    hidden_s = max(0.0, -start_s)
    return Drawn(open_recording([path]), [time_s - hidden_s for time_s in times_s])


@pytest.fixture(scope="module")
def match(tmp_path_factory):
    return draw(tmp_path_factory.mktemp("match") / "match.mp4")


def numbers(path):
    return [number_of(frame.luma()) for frame in read_frames(open_recording([path]))]


def spans_for(drawn):
    return [drawn.one_picture(117) if span == SPANS[3] else span for span in SPANS]


def check_reel(drawn, spans, target):
    """Cut, and check every frame, the spacing, and that every flash has its beep within half an audio packet."""
    shown = smart_spans(drawn.recording, spans, target)
    reel = open_recording([target])
    frames = list(read_frames(reel))
    wanted = drawn.numbers(spans)
    assert [number_of(frame.luma()) for frame in frames] == wanted
    assert frames[0].time_s == 0
    following = zip(pairwise(wanted), pairwise(frames), strict=True)
    steps = [(drawn.times_s[b] - drawn.times_s[a], y.time_s - x.time_s) for (a, b), (x, y) in following if b == a + 1]
    assert max(abs(was - is_now) for was, is_now in steps) < 0.0011
    assert reel.duration_s == pytest.approx(sum(span.length_s for span in shown), abs=0.002 * len(spans))
    beeps_s = beep_times(np.concatenate([block for _, block in read_audio(reel, rate_hz=48000)]), 48000)
    flashes_s = [frame.time_s for frame in frames if is_white(frame.luma())]
    assert flashes_s
    assert max(min(abs(flash - beep) for beep in beeps_s) for flash in flashes_s) < 0.0125
    return shown


@pytest.mark.parametrize(
    ("suffix", "look", "rate", "start_s"),
    [
        (".mp4", Look(b_frames=3), 25, 0.0),
        (".mp4", Look(b_frames=5, gop=23, options=PYRAMID), NTSC, 1.5),
        (".mp4", Look(b_frames=2, gop=40), 50, -2.0),
        (".ts", Look(b_frames=3), 50, 1.5),
        (".mkv", Look(b_frames=2, options={"x264-params": "open-gop=1"}), NTSC, 0.7),
        (".ts", Look(b_frames=2, options={"x264-params": "open-gop=1:keyint=20"}), 25, 0.0),
        (".mp4", Look(b_frames=0, gop=50, options={"x264-params": "intra-refresh=1"}), 25, 0.0),
        (".mp4", Look(pix_fmt="yuv420p10le"), 25, 0.0),
        (".mp4", Look(codec="libx265", gop=23, options=QUICK_265), 25, 0.0),
        (".mkv", Look(codec="libx265", gop=30, pix_fmt="yuv420p10le", options=QUICK_265), NTSC, 1.5),
        (".ts", Look(codec="libx265", gop=30, options=CLOSED_265), 50, 1.5),
    ],
)
def test_a_reel_shows_exactly_the_frames_that_begin_in_its_spans(tmp_path, suffix, look, rate, start_s):
    look = Look(look.codec, SIZE, look.pix_fmt, look.gop, look.b_frames, options=look.options)
    drawn = draw(tmp_path / f"a{suffix}", look, rate, start_s=start_s)
    check_reel(drawn, spans_for(drawn), tmp_path / "reel.mp4")


def test_unevenly_spaced_frames_keep_their_spacing(tmp_path):
    steps_s = np.tile([0.04, 0.02, 0.08, 0.02, 0.12], 30)
    drawn = draw(tmp_path / "a.mp4", times_s=[0.0, *np.cumsum(steps_s).round(3).tolist()])
    check_reel(drawn, spans_for(drawn), tmp_path / "reel.mp4")


def test_flash_and_beep_stay_together_over_forty_clips(match, tmp_path):
    check_reel(match, FORTY, tmp_path / "reel.mp4")


def test_every_in_point_and_every_duration_is_exact_to_the_frame(match, tmp_path):
    spans = [Span(first / 25, (first + length) / 25) for first in range(20, 32) for length in (1, 2, 7, 30)]
    smart_spans(match.recording, spans, tmp_path / "reel.mp4")
    assert numbers(tmp_path / "reel.mp4") == match.numbers(spans)


def test_the_shown_spans_are_returned_and_chapters_begin_with_them(match, tmp_path):
    spans = [Span(1.3, 2.0), Span(2.0, 3.5), Span(5.01, 6.0)]
    shown = smart_spans(match.recording, spans, tmp_path / "reel.mp4", titles=["a", "Tor für “Köln” ⚽", "c"])
    assert shown == [Span(1.32, 2.0), Span(2.0, 3.52), Span(5.04, 6.0)]
    with av.open(str(tmp_path / "reel.mp4")) as container:
        chapters = [(float(chapter["start"] / 1000), chapter["metadata"]["title"]) for chapter in container.chapters()]
    assert chapters == [(0, "a"), (0.68, "Tor für “Köln” ⚽"), (2.2, "c")]


def picture_packets(path):
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


IDR, BROKEN_LINK = 5, 18


@pytest.mark.parametrize(("codec", "options", "begins"), [("libx264", {}, IDR), ("libx265", QUICK_265, BROKEN_LINK)])
def test_packets_between_the_cuts_are_those_of_the_recording(tmp_path, codec, options, begins):
    drawn = draw(tmp_path / "a.mp4", Look(codec, SIZE, options=options), sounds=())
    source = picture_packets(tmp_path / "a.mp4")
    smart_spans(drawn.recording, [Span(0.5, 6.5)], tmp_path / "reel.mp4")
    reel = picture_packets(tmp_path / "reel.mp4")
    own = [packet in source for packet in reel]
    assert len(reel) == 150
    assert own[14:145] == [True] * 131, "from the key frame at 1.0 s to the last whole group of B pictures"
    assert not any(own[:12])
    name = drawn.recording.parts[0].video_codec
    assert [unit_type(unit, name) for unit in nal_units(reel[12], 4) if is_slice(unit, name)] == [begins]
    shown = smart_spans(drawn.recording, [Span(0, 8)], tmp_path / "whole.mp4")
    assert shown == [Span(0, 8)]
    assert picture_packets(tmp_path / "whole.mp4") == source


def test_at_key_frames_nothing_is_re_encoded(match):
    with ExitStack() as stack:
        spans = [Span(2.0, 4.0), Span(6.0, 7.0)]
        cuts = plan_cuts(open_sources(match.recording, spans, stack), spans)
    assert [(cut.before, cut.copied, len(cut.stretch.times)) for cut in cuts] == [(0, 50, 50), (0, 25, 25)]


@pytest.mark.parametrize(
    ("codec", "options", "tag"),
    [("libx264", {}, "avc1"), ("libx264", {"x264-params": "open-gop=1"}, "avc1"), ("libx265", QUICK_265, "hvc1")],
)
def test_another_decoder_reads_the_same_frames_without_errors(tmp_path, codec, options, tag):
    drawn = draw(tmp_path / "a.mp4", Look(codec, SIZE, gop=20, b_frames=3, options=options))
    spans = spans_for(drawn)
    smart_spans(drawn.recording, spans, tmp_path / "reel.mp4")
    repacked = ["ffmpeg", "-v", "error", "-i", tmp_path / "reel.mp4", "-c", "copy", tmp_path / "reel.ts"]
    subprocess.run(repacked, check=True)  # where parameter sets are in the stream
    for name, level in (("reel.mp4", "warning"), ("reel.ts", "error")):
        command = ["ffmpeg", "-v", level, "-i", tmp_path / name, "-map", "0:v", "-fps_mode", "passthrough"]
        read = subprocess.run([*command, "-f", "rawvideo", "-pix_fmt", "gray", "-"], capture_output=True, check=True)
        pictures = np.frombuffer(read.stdout, np.uint8).reshape(-1, SIZE[1], SIZE[0])
        assert [number_of(picture) for picture in pictures] == drawn.numbers(spans)
        assert not read.stderr
    with av.open(str(tmp_path / "reel.mp4")) as container:
        assert container.streams.video[0].codec_context.codec_tag == tag


@pytest.mark.parametrize(("codec", "options"), [("libx264", {}), ("libx265", QUICK_265)])
def test_the_parameter_sets_of_both_encoders_have_different_ids(tmp_path, codec, options):
    drawn = draw(tmp_path / "a.mp4", Look(codec, SIZE, options=options), sounds=())
    smart_spans(drawn.recording, [Span(0.5, 2.5)], tmp_path / "reel.mp4")
    with av.open(str(tmp_path / "a.mp4")) as source, av.open(str(tmp_path / "reel.mp4")) as reel:
        name = source.streams.video[0].codec_context.name
        before, after = (
            parameter_sets(name, container.streams.video[0].codec_context.extradata) for container in (source, reel)
        )
    assert len(after) == 2 * len(before)
    assert set(before) < set(after)
    assert free_ids(name, before) != free_ids(name, after)


def test_re_encoded_frames_look_like_those_they_replace(tmp_path):
    colours = {"color_primaries": "bt709", "color_trc": "bt709", "colorspace": "bt709", "color_range": "tv"}
    look = Look(size=SIZE, pixel_aspect=Fraction(4, 3), rotation_deg=90, options=colours)
    drawn = draw(tmp_path / "a.mp4", look, sounds=())
    smart_spans(drawn.recording, [Span(0.2, 3.5)], tmp_path / "reel.mp4")
    part, source = open_recording([tmp_path / "reel.mp4"]).parts[0], drawn.recording.parts[0]
    for name in ("width", "height", "rotation_deg", "pixel_aspect", "frame_rate", "video_codec"):
        assert getattr(part, name) == getattr(source, name)
    wanted = list(read_frames(drawn.recording, start_s=0.2, end_s=3.5))
    made = list(read_frames(open_recording([tmp_path / "reel.mp4"])))
    assert max(np.abs(a.luma().astype(int) - b.luma()).mean() for a, b in zip(wanted, made, strict=True)) < 1.5
    with av.open(str(tmp_path / "reel.mp4")) as container:
        colours = {
            (f.colorspace, f.color_range, f.color_trc, f.color_primaries, f.format.name) for f in container.decode(video=0)
        }
        assert container.streams.video[0].codec_context.profile == "Main"
    assert colours == {(1, 1, 1, 1, "yuv420p")}


def test_the_same_reel_has_the_same_bytes(match, tmp_path):
    for name in ("a.mp4", "b.mp4"):
        smart_spans(match.recording, SPANS[:3], tmp_path / name, titles=list("abc"))
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_clips_of_two_halves_make_one_reel(match, tmp_path):
    draw(tmp_path / "2.mp4", first_number=1000)
    both = open_recording([match.recording.parts[0].path, tmp_path / "2.mp4"])
    spans = [Span(9.3, 11.1), Span(7.5, 8.0), Span(8.0, 8.5), Span(2.2, 3.3)]
    smart_spans(both, spans, tmp_path / "reel.mp4")
    assert numbers(tmp_path / "reel.mp4") == [*range(1033, 1078), *range(188, 200), *range(1000, 1013), *range(55, 83)]


def test_a_damaged_frame_is_replaced_by_the_one_before_it(match, tmp_path):
    content = bytearray(match.recording.parts[0].path.read_bytes())
    with av.open(str(match.recording.parts[0].path)) as container:
        hurt = next(
            packet for packet in container.demux(video=0) if packet.pts and packet.pts * packet.time_base == Fraction("1.4")
        )
        content[hurt.pos + 4 : hurt.pos + hurt.size] = bytes([0x1F]) * (hurt.size - 4)  # a NAL unit of unknown type
    (tmp_path / "hurt.mp4").write_bytes(content)
    smart_spans(open_recording([tmp_path / "hurt.mp4"]), [Span(1.2, 1.6)], tmp_path / "reel.mp4")
    seen = numbers(tmp_path / "reel.mp4")
    assert len(seen) == 10
    assert seen[0] == 30
    assert 35 not in seen


@pytest.mark.parametrize(
    ("suffix", "look", "why"),
    [
        (".webm", Look("libvpx", SIZE), "vp8 video cannot be cut between key frames; use --reel edit"),
        (
            ".mp4",
            Look(size=(160, 96), options={"x264-params": "tff=1", "flags": "+ildct"}),
            "interlaced video cannot be cut",
        ),
        (".mp4", Look(size=SIZE, pix_fmt="yuv444p"), r"video with profile High 4:4:4 Predictive \(yuv444p\) cannot be cut"),
    ],
)
def test_a_recording_whose_encoding_cannot_be_matched_is_refused(tmp_path, suffix, look, why):
    draw_video(tmp_path / f"a{suffix}", duration_s=1, look=look, sounds=())
    with pytest.raises(RenderError, match=why):
        smart_spans(open_recording([tmp_path / f"a{suffix}"]), [Span(0.3, 0.7)], tmp_path / "reel.mp4")
    assert not (tmp_path / "reel.mp4").exists()


def test_a_span_with_a_change_of_parameters_is_refused(tmp_path):
    for name, options in (("1.ts", {}), ("2.ts", {"x264-params": "ref=3:cabac=0"})):
        draw_video(tmp_path / name, duration_s=2, start_s=2.0 * (name == "2.ts"), look=Look(options=options), sounds=())
    Path(tmp_path / "a.ts").write_bytes((tmp_path / "1.ts").read_bytes() + (tmp_path / "2.ts").read_bytes())
    recording = open_recording([tmp_path / "a.ts"])
    with pytest.raises(RenderError, match=r"a\.ts: at \d\.\d{3} s the video encoding changes; use --reel edit"):
        smart_spans(recording, [Span(1.3, 2.7)], tmp_path / "reel.mp4")


@pytest.mark.parametrize("cut", [smart_spans, copy_spans])
def test_a_file_that_stands_behind_itself_is_refused_where_its_time_runs_backwards(tmp_path, cut):
    """Its last packets would be given the times of the first ones: a reel that is shown for one frame."""
    path = draw_video(tmp_path / "a.mkv", duration_s=12, look=Look(size=SIZE, gop=25, b_frames=3), sounds=())
    path.write_bytes(path.read_bytes() * 2)
    recording = open_recording([path])
    with pytest.raises(RenderError, match=r"a\.mkv: its time runs backwards; use --reel edit"):
        cut(recording, [Span(10.3, 12.0)], tmp_path / "reel.mp4")
    cut(recording, [Span(3.0, 5.0)], tmp_path / "reel.mp4")
    assert numbers(tmp_path / "reel.mp4") == [*range(75, 125)]


@pytest.mark.skipif(not FOOTAGE.is_dir(), reason="no footage beside the repository")
@pytest.mark.parametrize("name", ["03_basketball_phx_lal_basket_score_change.mp4", "90_psd_goldeneye_vfr_drop3.mp4"])
def test_real_recordings_are_cut_to_the_frame(tmp_path, name):
    recording = open_recording([FOOTAGE / name])
    smart_spans(recording, [Span(2.1, 5.3)], tmp_path / "reel.mp4")
    wanted = list(read_frames(recording, start_s=2.1, end_s=5.3))
    made = list(read_frames(open_recording([tmp_path / "reel.mp4"])))
    differences = [np.abs(a.luma().astype(int) - b.luma()).mean() for a, b in zip(wanted, made, strict=True)]
    assert max(differences) < 2.5
    assert 0 in differences


def test_a_span_between_two_frames_is_refused(match, tmp_path):
    with pytest.raises(RenderError, match=r"no frame starts from 0\.700 to 0\.705 s; make it longer"):
        smart_spans(match.recording, SPANS[3:4], tmp_path / "reel.mp4")


def test_cutting_needs_spans_and_as_many_titles(match, tmp_path):
    with pytest.raises(ValueError, match="as many titles"):
        smart_spans(match.recording, [Span(3.0, 5.0)], tmp_path / "reel.mp4", titles=["a", "b"])
