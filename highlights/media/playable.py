"""A copy of a recording's file for browsers that cannot play the file itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame

from highlights.errors import RenderError
from highlights.media.aside import write_aside
from highlights.media.audio import read_audio
from highlights.media.cut.copy import copy_spans
from highlights.media.frames import read_frames
from highlights.progress import StageProgress
from highlights.records import Part, Recording

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.video.stream import VideoStream

CONTAINERS = frozenset({".mp4", ".m4v", ".mov", ".webm"})
CODECS = frozenset({"h264", "vp8", "vp9", "av1", "libdav1d", "libvpx", "libvpx-vp9"})
SOUNDS = frozenset({"aac", "mp3", "mp3float", "opus", "libopus", "vorbis", "libvorbis", "flac"})
TALLEST = 720
RATE_HZ = 48_000
_TICKS = Fraction(1, 90_000)
_OPTIONS = {"preset": "ultrafast", "crf": "26", "g": "50"}


def plays_in_browsers(part: Part) -> bool:
    """Whether browsers play this kind of file as it is meant; even so, they refuse some variants (10 bits, 4:2:2)."""
    chosen = [track.codec for track in part.audio_tracks if track.number == part.audio_track]
    return not part.mirrored and part.path.suffix.lower() in CONTAINERS and part.video_codec in CODECS and set(chosen) <= SOUNDS


def write_playable(part: Part, target: Path, progress: StageProgress, *, again: bool) -> None:
    """Write `target`, an MP4 that browsers play: a stream copy where its codec allows, else re-encoded and scaled down.

    Args:
        part: The file.
        target: The file to write; it starts with the part's first frame, at 0.
        progress: Called with the share done; an exception that it raises stops the work and leaves nothing behind.
        again: Whether to re-encode even a codec that browsers play.

    Raises:
        HighlightsError: the file cannot be read, or the copy cannot be written.
    """
    alone = Recording((replace(part, start_s=0.0),))
    if part.video_codec in CODECS & {"h264"} and not part.mirrored and not again:
        copy_spans(alone, [alone.span], target)
        return
    with write_aside(target) as aside, av.open(str(aside), "w", format="mp4", options={"movflags": "faststart"}) as file:
        _encode(alone, file, progress)


def _encode(alone: Recording, file: OutputContainer, progress: StageProgress) -> None:
    part = alone.parts[0]
    height = min(TALLEST, part.height) // 2 * 2
    width = round(part.width * height / part.height / 2) * 2
    pictures = file.add_stream("libx264", rate=round(part.frame_rate) or 25, options=_OPTIONS)
    pictures.width, pictures.height, pictures.pix_fmt = width, height, "yuv420p"
    pictures.codec_context.time_base = _TICKS
    sound = file.add_stream("aac", rate=RATE_HZ, layout="stereo") if part.audio_track is not None else None
    blocks = _blocks(alone) if sound else iter(())
    ahead = next(blocks, None)
    for frame in read_frames(alone, deinterlace=True):
        while sound and ahead and ahead[0] <= frame.time_s:
            file.mux(sound.encode(ahead[1]))
            ahead = next(blocks, None)
        picture = VideoFrame.from_ndarray(frame.rgb(width, height), "rgb24")
        picture.pts, picture.time_base = round(Fraction(frame.time_s) / _TICKS), _TICKS
        file.mux(pictures.encode(picture))
        progress(frame.time_s / alone.duration_s)
    _finish(file, pictures, sound, ahead, blocks)


def _finish(
    file: OutputContainer,
    pictures: VideoStream,
    sound: AudioStream | None,
    ahead: tuple[float, AudioFrame] | None,
    blocks: Iterator[tuple[float, AudioFrame]],
) -> None:
    file.mux(pictures.encode(None))
    if sound is None:
        return
    for block in [ahead] if ahead else []:
        file.mux(sound.encode(block[1]))
    for _, samples in blocks:
        file.mux(sound.encode(samples))
    file.mux(sound.encode(None))


def _blocks(alone: Recording) -> Iterator[tuple[float, AudioFrame]]:
    """The audio in blocks with their times, as the encoder needs it."""
    done = 0
    for time_s, samples in read_audio(alone, rate_hz=RATE_HZ, channels=2):
        block = AudioFrame.from_ndarray(np.ascontiguousarray(samples.T), "fltp", "stereo")
        block.sample_rate, block.pts, block.time_base = RATE_HZ, done, Fraction(1, RATE_HZ)
        done += len(samples)
        yield time_s, block
    if not done:
        raise RenderError(f"{alone.parts[0].path}: its audio cannot be read; choose another track with --audio-track")
