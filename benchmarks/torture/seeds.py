"""The undamaged recordings: one drawn match with a goal, in ten pairs of container and codec, short and long.

    0 s      3.7      7.4      11.1     14.8     18.5        cuts
    ARS 0-0 CHE 12:40          │ ARS 1-0 CHE                 score graphic
                         goal ▲   crowd

A long one is read by its key frames, a short one frame by frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import cv2
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from benchmarks.score_graphics.designs import CLOCK_FIRST, rules
from benchmarks.score_graphics.drawing import SHOT_S, Design, draw
from benchmarks.score_graphics.stories import up, versus

SIZE = (480, 270)
RATE_HZ = 48_000
GOAL_AFTER_S = 0.5  # of the match: the instant of its goal
SHOWN_AFTER_S = 4.0  # the graphic follows the goal
BLOCK = 1152  # samples of sound encoded at once


@dataclass(frozen=True, slots=True)
class Length:
    """How long a match is, and its frames per second."""

    name: str
    duration_s: float
    rate: Fraction
    key_every: int

    @property
    def goal_s(self) -> float:
        """When the goal is scored."""
        return self.duration_s * GOAL_AFTER_S

    @property
    def cuts_s(self) -> list[float]:
        """When scenes begin, the first included."""
        step = 1 / self.rate
        count = int(self.duration_s / SHOT_S) + 1
        first_frames = (-(-Fraction(SHOT_S).limit_denominator(10) * number // step) for number in range(count))
        return [float(frame * step) for frame in first_frames if frame * step < self.duration_s]


SHORT = Length("short", 20.0, Fraction(25), 25)
TINY = Length("tiny", 8.0, Fraction(10), 10)
LONG = Length("long", 131.0, Fraction(5), 8)


@dataclass(frozen=True, slots=True)
class Kind:
    """A container with the codecs in it."""

    name: str
    suffix: str
    video: str
    audio: str
    pix_fmt: str = "yuv420p"
    options: dict[str, str] = field(default_factory=dict)
    muxer: dict[str, str] = field(default_factory=dict)
    lengths: tuple[Length, ...] = (SHORT, LONG)


_FAST = {"preset": "ultrafast", "crf": "23", "bf": "2", "threads": "1"}
KINDS = (
    Kind("MP4, H.264", ".mp4", "libx264", "aac", options=_FAST),
    Kind("MKV, HEVC", ".mkv", "libx265", "ac3", options={"preset": "ultrafast", "x265-params": "log-level=none:pools=1"}),
    Kind("TS, H.264", ".ts", "libx264", "mp2", options=_FAST),
    Kind("WebM, VP9", ".webm", "libvpx-vp9", "libopus", options={"deadline": "realtime", "cpu-used": "8", "b": "600k"}),
    Kind("AVI, MPEG-4", ".avi", "mpeg4", "libmp3lame", options={"b": "900k"}),
    Kind("MOV, Motion JPEG", ".mov", "mjpeg", "pcm_s16le", pix_fmt="yuvj420p", options={"q": "5"}, lengths=(SHORT,)),
    Kind("FLV, H.264", ".flv", "libx264", "aac", options=_FAST),
    Kind("MPG, MPEG-2", ".mpg", "mpeg2video", "mp2", options={"b": "1500k"}, lengths=(SHORT,)),
    Kind("MXF, MPEG-2", ".mxf", "mpeg2video", "pcm_s16le", options={"b": "1500k"}, lengths=(SHORT,)),
    Kind("WebM, AV1", ".webm", "libsvtav1", "libopus", options={"preset": "12", "crf": "40"}, lengths=(SHORT,)),
    Kind("MP4 in fragments", ".mp4", "libx264", "aac", options=_FAST, muxer={"movflags": "frag_keyframe+empty_moov"}),
)


@dataclass(frozen=True, slots=True)
class Seed:
    """An undamaged recording and what it shows."""

    path: Path
    kind: Kind
    length: Length

    @property
    def name(self) -> str:
        return f"{self.kind.name}, {self.length.name}"


def seeds(folder: Path) -> list[Seed]:
    """All undamaged recordings; those of an earlier call are used again."""
    return [seed(folder, kind, length) for kind in KINDS for length in kind.lengths]


def seed(folder: Path, kind: Kind, length: Length) -> Seed:
    """One undamaged recording."""
    plain = kind.name.lower().replace(", ", "-").replace(" ", "-")
    path = folder / f"{plain}-{length.name}{kind.suffix}"
    folder.mkdir(parents=True, exist_ok=True)
    if not path.is_file():
        part = path.with_suffix(f".part{kind.suffix}")
        write(part, kind, length, _pictures(folder, length), sound(length))
        part.replace(path)
    return Seed(path, kind, length)


def design(length: Length, size: tuple[int, int] = SIZE) -> Design:
    """What is drawn."""
    story = versus((0, 0), (length.goal_s + SHOWN_AFTER_S, 1, 0), clock=up(760))
    return Design("torture", rules("soccer"), story, (CLOCK_FIRST,), size, text_px=size[1] // 15, place=(0.25, 0.1))


def _pictures(folder: Path, length: Length) -> Iterator[VideoFrame]:
    """The frames of the match, drawn once and kept without loss."""
    master = folder / f"master-{length.name}.mkv"
    if not master.is_file():
        part = master.with_suffix(".part.mkv")
        with av.open(str(part), "w") as container:
            stream = container.add_stream("libx264", rate=length.rate, options={"qp": "0", "preset": "ultrafast"})
            stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
            shown = design(length)
            for number in range(round(length.duration_s * length.rate)):
                # the clock would else stand on the border of two seconds
                picture = np.asarray(draw(shown, float(number / length.rate) + 1e-6))
                planes = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420), np.uint8)
                container.mux(stream.encode(VideoFrame.from_ndarray(planes, "yuv420p")))
            container.mux(stream.encode(None))
        part.replace(master)
    with av.open(str(master)) as container:
        yield from container.decode(video=0)


def sound(length: Length) -> NDArray[np.float32]:
    """A murmuring crowd that roars at the goal; float32 [samples], full scale at 1."""
    random = np.random.default_rng(3)
    count = round(length.duration_s * RATE_HZ)
    noise = random.normal(size=count)
    shaped = np.convolve(noise, np.ones(24) / 24, "same")
    at_s = np.arange(count) / RATE_HZ
    goal_s = length.goal_s
    level_db = np.interp(at_s, [goal_s - 0.3, goal_s + 0.3, goal_s + 4.5, goal_s + 6], [-32, -14, -14, -32])
    return np.asarray(np.clip(shaped / shaped.std() * 10 ** (level_db / 20), -1, 1), np.float32)


def write(
    path: Path,
    kind: Kind,
    length: Length,
    pictures: Iterable[VideoFrame],
    samples: NDArray[np.float32],
    *,
    size: tuple[int, int] = SIZE,
    layout: str = "mono",
    rate_hz: int = RATE_HZ,
) -> None:
    """Encode the match into a container."""
    with av.open(str(path), "w", options=dict(kind.muxer)) as container:
        video = cast("VideoStream", container.add_stream(kind.video, rate=length.rate, options=dict(kind.options)))
        video.width, video.height, video.pix_fmt = *size, kind.pix_fmt
        video.codec_context.gop_size = length.key_every
        audio = cast("AudioStream", container.add_stream(kind.audio, rate=rate_hz, layout=layout))
        blocks = _blocks(samples, audio.format.name, layout, rate_hz)
        reformatter, heard_s = VideoReformatter(), 0.0
        for number, picture in enumerate(pictures):
            frame = reformatter.reformat(picture, *size, format=kind.pix_fmt)
            frame.pts, frame.time_base, frame.pict_type = number, 1 / length.rate, 0
            container.mux(video.encode(frame))
            while heard_s <= number / length.rate and (block := next(blocks, None)):
                heard_s += block.samples / rate_hz
                container.mux(audio.encode(block))
        container.mux(video.encode(None))
        for block in blocks:
            container.mux(audio.encode(block))
        container.mux(audio.encode(None))


def _blocks(samples: NDArray[np.float32], sample_format: str, layout: str, rate_hz: int) -> Iterator[AudioFrame]:
    resampler = av.AudioResampler(format=sample_format, layout=layout, rate=rate_hz)
    for first in range(0, len(samples), BLOCK):
        frame = AudioFrame.from_ndarray(samples[None, first : first + BLOCK], "fltp", "mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, first, Fraction(1, RATE_HZ)
        yield from resampler.resample(frame)
