"""Small real videos with known contents: scenes, cuts, flashes and beeps at known times, every frame carrying its number.

frame 37    ┌──────────────┐
            │■□□■□■□□□□□□□□□□│   the frame's number, lowest bit first, in the upper quarter
            │    texture     │   a different one in every scene
            └──────────────┘
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

BITS = 16
BEEP_S = 0.1
BEEP_HZ = 1000


@dataclass(frozen=True)
class Sound:
    """One audio track: silence with beeps, or the `wave` (a function of the times in seconds, full scale at 1)."""

    beeps_s: Sequence[float] = ()
    wave: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None = None
    codec: str = "aac"
    rate_hz: int = 48000
    channels: int = 2
    start_s: float = 0.0
    duration_s: float | None = None
    language: str = ""
    title: str = ""


@dataclass(frozen=True)
class Look:
    """How the video is encoded."""

    codec: str = "libx264"
    size: tuple[int, int] = (320, 180)
    pix_fmt: str = "yuv420p"
    gop: int = 25
    b_frames: int = 2
    rotation_deg: int = 0
    pixel_aspect: Fraction = Fraction(1)
    options: dict[str, str] = field(default_factory=dict)


def draw_video(
    path: Path,
    *,
    duration_s: float = 4.0,
    rate: Fraction | int = 25,
    frame_times_s: Sequence[float] | None = None,
    start_s: float = 0.0,
    cuts_s: Sequence[float] = (),
    flashes_s: Sequence[float] = (),
    look: Look | None = None,
    sounds: Sequence[Sound] = (Sound(),),
    first_number: int = 0,
    container_options: dict[str, str] | None = None,
) -> Path:
    """Draw a video; the container follows from the suffix of `path`.

    Args:
        path: The file to write.
        duration_s: Length of video and audio.
        rate: Frames per second.
        frame_times_s: Time of every frame instead of `rate` (variable frame rate).
        start_s: Time stamp of the first frame in the file; audio is shifted too.
        cuts_s: When the next scene begins.
        flashes_s: The frame at each of these times is white below its number.
        look: How the video is encoded.
        sounds: The audio tracks; none for a file without audio.
        first_number: The number that the first frame carries.
        container_options: Options of the muxer.
    """
    look = look or Look()
    times_s = (
        frame_times_s if frame_times_s is not None else [float(i / Fraction(rate)) for i in range(round(duration_s * rate))]
    )
    with av.open(str(path), "w", options=container_options or {}) as container:
        picture = _add_picture(container, look, Fraction(rate))
        reformatter = VideoReformatter()  # shared by all frames: a frame's own one would be set up for each
        tracks = [_Track(container, sound, start_s, duration_s) for sound in sounds]
        for number, time_s in enumerate(times_s):
            scene = sum(cut <= time_s + 1e-9 for cut in cuts_s)
            white = any(abs(time_s - flash) < 1e-6 for flash in flashes_s)
            frame = av.VideoFrame.from_ndarray(draw_frame(first_number + number, scene, white, look.size), "rgb24")
            frame = reformatter.reformat(frame, format=look.pix_fmt)
            frame.time_base = picture.codec_context.time_base
            frame.pts = round((time_s + start_s) / frame.time_base)
            container.mux(picture.encode(frame))
            for track in tracks:
                track.write_until(time_s)
        container.mux(picture.encode(None))
        for track in tracks:
            track.finish()
    return path


def draw_frame(number: int, scene: int, white: bool, size: tuple[int, int]) -> NDArray[np.uint8]:
    """uint8 [height, width, 3], RGB."""
    width, height = size
    image = _texture(scene, size).copy()
    image[height // 2 : height // 2 + 8, (number * 4) % width :][:, :16] = 255  # something moves
    if white:
        image[:] = 255
    image[: height // 4] = 0
    for bit in range(BITS):
        if number >> bit & 1:
            image[: height // 4, bit * width // BITS : (bit + 1) * width // BITS] = 255
    return image


@lru_cache(maxsize=8)
def _texture(scene: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    """The texture of a scene: patches of its own colours."""
    width, height = size
    coarse = np.random.default_rng(scene).integers(30, 220, (9, 16, 3), dtype=np.uint8)
    return np.kron(coarse, np.ones((height // 9 + 1, width // 16 + 1, 1), np.uint8))[:height, :width]


def number_of(luma: NDArray[np.uint8]) -> int:
    """The number that a drawn frame carries, read from its brightness, uint8 [height, width]."""
    height, width = luma.shape
    row = luma[height // 16 : height // 6].mean(axis=0)
    middles = [(2 * bit + 1) * width // (2 * BITS) for bit in range(BITS)]
    return sum(int(row[x - 2 : x + 3].mean() > 128) << bit for bit, x in enumerate(middles))


def is_white(luma: NDArray[np.uint8]) -> bool:
    """Whether a drawn frame is a flash."""
    return bool(luma[luma.shape[0] // 3 :].mean() > 220)


def beep_times(samples: NDArray[np.float32], rate_hz: int) -> list[float]:
    """When beeps begin in float32 [samples], in seconds from the first sample."""
    loud = np.flatnonzero(np.abs(samples) > 0.1)
    if not len(loud):
        return []
    starts = loud[np.concatenate([[True], np.diff(loud) > BEEP_S * rate_hz / 2])]
    return [float(at / rate_hz) for at in starts]


def _add_picture(container: av.container.OutputContainer, look: Look, rate: Fraction) -> av.VideoStream:
    stream = container.add_stream(look.codec, rate=rate)
    stream.width, stream.height = look.size
    stream.pix_fmt = look.pix_fmt
    stream.codec_context.time_base = Fraction(1, 90000) if look.codec.startswith(("libx26", "libvpx", "ffv1")) else 1 / rate
    stream.codec_context.gop_size = look.gop
    stream.codec_context.max_b_frames = look.b_frames
    stream.codec_context.sample_aspect_ratio = look.pixel_aspect
    fast = {"preset": "ultrafast", "bf": str(look.b_frames), "b-adapt": "0", "sc_threshold": "0", "threads": "1"}
    stream.options = {**(fast if look.codec.startswith("libx264") else {}), **look.options}
    if look.rotation_deg:
        stream.set_display_rotation(look.rotation_deg)
    return stream


class _Track:
    """Encodes one audio track step by step beside the video."""

    def __init__(self, container: av.container.OutputContainer, sound: Sound, start_s: float, duration_s: float) -> None:
        self._container, self._sound = container, sound
        self._stream = container.add_stream(sound.codec, rate=sound.rate_hz, layout="mono" if sound.channels == 1 else "stereo")
        if sound.language:
            self._stream.metadata["language"] = sound.language
        if sound.title:
            self._stream.metadata["title"] = sound.title
        self._first_pts = round((start_s + sound.start_s) * sound.rate_hz)
        self._pieces = self._cut_up(sound.duration_s if sound.duration_s is not None else duration_s - sound.start_s)
        self._at_s = sound.start_s

    def write_until(self, time_s: float) -> None:
        """Write the audio up to a little after `time_s`."""
        while self._at_s <= time_s:
            frame = next(self._pieces, None)
            if frame is None:
                return
            self._at_s += frame.samples / frame.sample_rate
            self._container.mux(self._stream.encode(frame))

    def finish(self) -> None:
        """Write the rest."""
        self.write_until(1e9)
        self._container.mux(self._stream.encode(None))

    def _cut_up(self, length_s: float) -> Iterator[av.AudioFrame]:
        sound, samples = self._sound, round(length_s * self._sound.rate_hz)
        size = self._stream.codec_context.frame_size or 1024
        for first in range(0, samples, size):
            times = np.arange(first, min(first + size, samples)) / sound.rate_hz + sound.start_s
            mono = sound.wave(times) if sound.wave else _beeps(times, sound.beeps_s)
            piece = np.tile((mono * 32767).astype(np.int16)[:, None], (1, sound.channels)).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(piece, "s16", "mono" if sound.channels == 1 else "stereo")
            frame.sample_rate, frame.pts, frame.time_base = sound.rate_hz, self._first_pts + first, Fraction(1, sound.rate_hz)
            yield frame


def _beeps(times: NDArray[np.float64], beeps_s: Sequence[float]) -> NDArray[np.float64]:
    on = np.zeros(len(times), bool)
    for beep_s in (beep_s for beep_s in beeps_s if times[0] - 1 < beep_s < times[-1] + 1):
        on |= (times >= beep_s - 1e-9) & (times < beep_s + BEEP_S)
    return np.where(on, 0.8 * np.sin(2 * np.pi * BEEP_HZ * times + 0.5), 0.0)
