"""Files as cameras, recorders and stations hand them over: what a reel needs of each is right, or refused in a clear word."""

import shutil
import subprocess
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial

import av
import numpy as np
import pytest

from highlights.errors import RenderError
from highlights.media.audio import read_audio
from highlights.media.cut.copy import copy_spans
from highlights.media.cut.smart import smart_spans
from highlights.media.faults import FaultCounter
from highlights.media.frames import read_frame, read_frames
from highlights.media.probe import open_recording, start_code
from highlights.media.time_stamps import WRAP
from highlights.reel.edit import edit
from highlights.reel.film import EditOptions
from highlights.spans import Span
from highlights.timeline import Clip, Timeline
from tests.support.drawing import Look, Sound, beep_times, draw_video, number_of
from tests.support.packets import crc32_mpeg

LENGTH_S, BEEPS_S = 3.0, (0.5, 1.5, 2.5)
SIZE = (160, 96)
NTSC, NTSC_FAST = Fraction(30000, 1001), Fraction(60000, 1001)
PLAIN = EditOptions(titles=False, fade_s=0, crf=10, preset="ultrafast")
QUICK_265 = {"preset": "ultrafast", "x265-params": "log-level=none:open-gop=1:bframes=3"}
INTRA_422 = Look(size=SIZE, pix_fmt="yuv422p10le", gop=1, b_frames=0)
INTERLACED = Look(size=SIZE, options={"x264-params": "tff=1"})
PAL = Look("mpeg2video", SIZE, pixel_aspect=Fraction(16, 15), options={"b": "2000000"})
WEB = Look("libvpx", SIZE, b_frames=0, options={"deadline": "realtime", "cpu-used": "8"})
WITH_FFMPEG = pytest.mark.skipif(not shutil.which("ffmpeg"), reason="drawing these files needs ffmpeg on the PATH")

METADATA = b"\x26\x0d\xff\xffID3 \xffID3 \x00\x0f"  # the descriptor of a stream of ID3 tags


@dataclass(frozen=True)
class Kind:
    """How a file is drawn, what FFmpeg's muxer then makes of it, and how a part of it can be cut out."""

    suffix: str = ".mp4"
    look: Look = field(default_factory=partial(Look, size=SIZE))
    rate: Fraction | int = 25
    sounds: tuple[Sound, ...] = (Sound(BEEPS_S),)
    start_s: float = 0.0
    muxed: tuple[str, ...] = ()
    data: bool = False
    cover: bool = False
    drawn_as: str = ""
    shown: tuple[int, int] = SIZE
    cuts: str = "smart"
    every: int = 1
    """Frames of the recording for one of the edited reel."""


KINDS = {
    "phone held upright": Kind(look=Look(size=SIZE, rotation_deg=90), shown=(96, 160)),
    "GoPro with data tracks": Kind(rate=NTSC_FAST, data=True, muxed=("-timecode", "10:00:00;00")),
    "OBS, MKV with two tracks": Kind(".mkv", rate=60, sounds=(Sound(BEEPS_S), Sound((2.0,)))),
    "wrapped 33-bit clock": Kind(".ts", start_s=WRAP / 90_000 - 1.2),
    "MPEG-2 with 4:3 pixels and 5.1": Kind(".ts", PAL, muxed=("-c:a", "ac3", "-ac", "6"), shown=(171, 96), cuts=""),
    "XAVC 59.94 drop-frame": Kind(look=INTRA_422, rate=NTSC_FAST, muxed=("-timecode", "10:00:00;00"), cuts="copy"),
    "MXF 59.94 drop-frame": Kind(
        ".mxf",
        Look("mpeg2video", SIZE, "yuv422p", options={"b": "4000000"}),
        NTSC_FAST,
        (Sound(BEEPS_S, codec="pcm_s16le"),),
        muxed=("-timecode", "10:00:00;00"),
        drawn_as=".mov",
        cuts="",
    ),
    "WebM without index": Kind(".webm", WEB, sounds=(Sound(BEEPS_S, codec="libopus"),), muxed=("-live", "1"), cuts=""),
    "HEVC Main 10 with open groups": Kind(
        ".ts", Look("libx265", SIZE, "yuv420p10le", 20, options=QUICK_265), NTSC, start_s=1.4
    ),
    "240 frames a second": Kind(look=Look(size=SIZE, gop=60), rate=240, every=4),
    "AVCHD 50i": Kind(".m2ts", INTERLACED, sounds=(Sound(BEEPS_S, codec="ac3"),), start_s=0.6, cuts="copy"),
    "cover": Kind(cover=True),
    "16 channels": Kind(".mov", sounds=(Sound(BEEPS_S, codec="pcm_s16le"),), muxed=("-c:a", "pcm_s24le", "-ac", "16")),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Draws the file of a kind once."""
    folder, made = tmp_path_factory.mktemp("unusual"), {}

    def made_once(name):
        if name not in made:
            made[name] = draw(folder / str(len(made)), KINDS[name])
        return made[name]

    return made_once


def draw(stem, kind):
    drawn = stem.with_name(f"{stem.name} drawn{kind.drawn_as or kind.suffix}")
    draw_video(drawn, duration_s=LENGTH_S, rate=kind.rate, start_s=kind.start_s, look=kind.look, sounds=kind.sounds)
    if kind.data:
        drawn = with_data_track(drawn, stem.with_name(f"{stem.name} data.mp4"))
    if kind.muxed or kind.cover:
        inputs = ["-i", drawn, *(["-f", "lavfi", "-i", "color=red:size=300x300:duration=0.04"] if kind.cover else [])]
        cover = ["-map", "1", "-c:v:1", "png", "-disposition:v:1", "attached_pic"] if kind.cover else []
        out = [*cover, *kind.muxed, stem.with_suffix(kind.suffix)]
        command = ["ffmpeg", "-v", "error", *inputs, "-map", "0", "-c", "copy", *out]
        subprocess.run(command, check=True)
    return stem.with_suffix(kind.suffix) if kind.muxed or kind.cover else drawn


def with_data_track(drawn, path):
    """The file with a third track, in which a camera writes where it is."""
    with av.open(str(drawn)) as source, av.open(str(path), "w") as target:
        streams = {stream.index: target.add_stream_from_template(stream) for stream in source.streams}
        data = target.add_data_stream("bin_data")
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)
        for number in range(round(LENGTH_S)):
            packet = av.Packet(b"DEVC" * 10)
            packet.stream, packet.time_base = data, Fraction(1, 1000)
            packet.pts = packet.dts = number * 1000
            target.mux(packet)
    return path


def numbers(path):
    return [number_of(frame.luma()) for frame in read_frames(open_recording([path]))]


def beeps(recording):
    samples = np.concatenate([block for _, block in read_audio(recording, rate_hz=16000)])
    return beep_times(samples, 16000)


@WITH_FFMPEG
@pytest.mark.parametrize("name", KINDS)
def test_every_frame_and_beep_is_read_at_its_time(files, name):
    kind, faults = KINDS[name], FaultCounter()
    recording = open_recording([files(name)], faults=faults)
    frames = [(frame.time_s, number_of(frame.luma())) for frame in read_frames(recording, faults=faults)]
    count = round(LENGTH_S * kind.rate)
    assert [number for _, number in frames] == list(range(count))
    assert [time_s for time_s, _ in frames] == pytest.approx([float(n / kind.rate) for n in range(count)], abs=0.0011)
    assert beeps(recording) == pytest.approx(BEEPS_S, abs=0.03)
    part = recording.parts[0]
    assert (part.width, part.height) == kind.shown
    assert read_frame(recording, 1.0).rgb().shape[:2] == kind.shown[::-1]
    assert float(part.frame_rate) == pytest.approx(float(kind.rate), rel=0.002)
    assert not faults.faults


@WITH_FFMPEG
@pytest.mark.parametrize("name", KINDS)
def test_any_frame_can_be_sought(files, name):
    recording, rate = open_recording([files(name)]), KINDS[name].rate
    for number in (0, round(rate), round(LENGTH_S * rate) - 1):
        assert number_of(read_frame(recording, float((number + Fraction(1, 2)) / rate)).luma()) == number


@WITH_FFMPEG
@pytest.mark.parametrize("name", KINDS)
def test_an_edited_reel_shows_the_frames_of_its_span(files, name, tmp_path):
    kind, span = KINDS[name], Span(1.2, 2.0)
    recording = open_recording([files(name)])
    edit(Timeline(recording, "soccer", clips=(Clip(span, (0,), "Goal", ""),)), tmp_path / "reel.mp4", PLAIN)
    reel = open_recording([tmp_path / "reel.mp4"])
    shown = [number_of(np.rot90(frame.luma(), -kind.look.rotation_deg // 90)) for frame in read_frames(reel)]
    first = int(1.2 * kind.rate + 1e-6)
    assert shown == list(range(first, first + len(shown) * kind.every, kind.every))
    assert reel.duration_s == pytest.approx(span.length_s, abs=0.04)
    assert (reel.parts[0].width / reel.parts[0].height) == pytest.approx(kind.shown[0] / kind.shown[1], rel=0.03)
    assert beeps(reel) == pytest.approx([0.3], abs=0.05)


@WITH_FFMPEG
@pytest.mark.parametrize("name", KINDS)
def test_a_cut_without_encoding_shows_what_it_reports_or_is_refused(files, name, tmp_path):
    kind, recording = KINDS[name], open_recording([files(name)])
    everything = [(round(frame.time_s, 3), number_of(frame.luma())) for frame in read_frames(recording)]
    for cut in (copy_spans, smart_spans):
        target = tmp_path / f"{cut.__name__}.mp4"
        if not kind.cuts or (kind.cuts, cut) == ("copy", smart_spans):
            with pytest.raises(RenderError, match="use --reel"):
                cut(recording, [Span(1.2, 2.0)], target)
            continue
        (shown,) = cut(recording, [Span(1.2, 2.0)], target)
        assert numbers(target) == [number for time_s, number in everything if shown.holds(time_s)]
        assert shown.start_s < 1.22
        assert beeps(open_recording([target])) == pytest.approx(
            [b - shown.start_s for b in BEEPS_S if shown.holds(b)], abs=0.03
        )


@WITH_FFMPEG
@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if "-timecode" in kind.muxed])
def test_the_time_code_of_a_camera_is_read_with_its_mark(files, name):
    assert start_code(files(name)) == "10:00:00;00"


def test_timed_metadata_in_a_transport_stream_is_no_picture_and_no_sound(tmp_path):
    drawn = draw_video(tmp_path / "a.ts", duration_s=LENGTH_S, start_s=1.4, look=Look(size=SIZE), sounds=[Sound(BEEPS_S)])
    (tmp_path / "id3.ts").write_bytes(with_id3(drawn.read_bytes()))
    with av.open(str(tmp_path / "id3.ts")) as container:
        assert [stream.type for stream in container.streams] == ["video", "audio", "data"]
    faults = FaultCounter()
    recording = open_recording([tmp_path / "id3.ts"], faults=faults)
    assert [number_of(frame.luma()) for frame in read_frames(recording, faults=faults)] == list(range(75))
    assert beeps(recording) == pytest.approx(BEEPS_S, abs=0.03)
    assert not faults.faults
    (shown,) = smart_spans(recording, [Span(1.2, 2.0)], tmp_path / "reel.mp4")
    assert (shown, numbers(tmp_path / "reel.mp4")) == (Span(1.2, 2.0), list(range(30, 50)))


def with_id3(stream):
    """A drawn transport stream in which every second an ID3 tag comes along, as in the segments of live streams."""
    changed, pid, seen = bytearray(), 0x102, 0
    for at in range(0, len(stream), 188):
        packet = bytearray(stream[at : at + 188])
        if int.from_bytes(packet[1:3]) & 0x1FFF == 0x1000:
            length = 3 + (int.from_bytes(packet[6:8]) & 0x0FFF)
            section = packet[5 : 5 + length - 4] + bytes([0x15, 0xE0 | pid >> 8, pid & 0xFF, 0xF0, 15]) + METADATA
            section[1:3] = (0xB000 | len(section) + 4 - 3).to_bytes(2)
            section += crc32_mpeg(section).to_bytes(4)
            packet[5 : 5 + len(section)] = section
        changed += packet
        if at // 188 % 100 == 99:
            tag = b"ID3\x04\x00\x00\x00\x00\x00\x0aTIT2\x00\x00\x00\x00\x00\x00"
            time = 126_000 + seen * 9_000
            stamp = [
                0x21 | time >> 29 & 0x0E,
                time >> 22 & 0xFF,
                0x01 | time >> 14 & 0xFE,
                time >> 7 & 0xFF,
                0x01 | time << 1 & 0xFE,
            ]
            pes = b"\0\0\x01\xbd" + (8 + len(tag)).to_bytes(2) + bytes([0x84, 0x80, 5, *stamp]) + tag
            stuffing = 188 - 4 - 1 - len(pes)
            header = bytes([0x47, 0x40 | pid >> 8, pid & 0xFF, 0x30 | seen % 16, stuffing, 0])
            changed += header + b"\xff" * (stuffing - 1) + pes
            seen += 1
    return bytes(changed)


def test_size_and_channels_that_change_in_the_middle_are_read_and_edited(tmp_path):
    pieces = [
        draw_video(
            tmp_path / f"{n}.ts",
            duration_s=1.6,
            start_s=5 + n * 1.6,
            first_number=n * 40,
            look=Look(size=size),
            sounds=[Sound((0.5,), channels=channels)],
        )
        for n, (size, channels) in enumerate([((160, 90), 2), ((320, 240), 1), ((160, 90), 2)])
    ]
    (tmp_path / "a.ts").write_bytes(b"".join(piece.read_bytes() for piece in pieces))
    recording = open_recording([tmp_path / "a.ts"])
    frames = [(round(frame.time_s, 3), number_of(frame.luma())) for frame in read_frames(recording)]
    assert frames == [(round(n / 25, 3), n) for n in range(120)]
    assert beeps(recording) == pytest.approx([0.5, 2.1, 3.7], abs=0.03)
    edit(Timeline(recording, "soccer", clips=(Clip(Span(1.2, 4.0), (0,), "Goal", ""),)), tmp_path / "reel.mp4", PLAIN)
    assert numbers(tmp_path / "reel.mp4") == list(range(30, 100))
    assert beeps(open_recording([tmp_path / "reel.mp4"])) == pytest.approx([0.9, 2.5], abs=0.05)
