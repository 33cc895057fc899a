"""Encodes video and audio into one MP4, the same bytes every time."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream

from soccer_match import story
from soccer_match.camera import HEIGHT_PX, WIDTH_PX, Floats
from soccer_match.director import Director
from soccer_match.drawing import Picture
from soccer_match.sound import RATE_HZ, soundtrack
from soccer_match.story import FPS

X264 = {
    "crf": "35",
    "preset": "slow",
    "g": "125",
    "x264-params": "aq-mode=2:psy=0:deblock=1,1:bframes=8:rc-lookahead=60:subme=9",
}
"""Flat colours without grain: psychovisual tuning (psy), which makes real video look crisp, only costs bytes here."""
THREADS = 2
"""Fixed, because the bytes that x264 writes depend on the number of threads."""
AUDIO_BIT_RATE = 32_000


def make(target: Path, duration_s: float = story.DURATION_S) -> Path:
    """Write the first `duration_s` seconds of the video to `target`, and its truth beside it; returns the truth's path."""
    frames = round(duration_s * FPS)
    duration_s = frames / FPS
    director = Director()
    aside = target.with_name(f".{target.name}.part")
    try:
        _encode(aside, director, soundtrack(director.play, duration_s), frames)
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)
    truth_path = target.with_suffix(".truth.json")
    truth_aside = truth_path.with_name(f".{truth_path.name}.part")
    truth_aside.write_text(json.dumps(story.truth(duration_s), indent=1) + "\n", encoding="utf-8")
    truth_aside.replace(truth_path)
    return truth_path


def _encode(path: Path, director: Director, sound: Floats, frames: int) -> None:
    """Encode second by second, so that video and audio are interleaved in the file."""
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        video, audio = _video_stream(container), _audio_stream(container)
        for number in range(frames):
            if number % FPS == 0:
                start = number // FPS * RATE_HZ
                _encode_sound(container, audio, sound[start : start + RATE_HZ], start)
            _encode_picture(container, video, director.frame(number), number)
        container.mux(video.encode(None))
        container.mux(audio.encode(None))


def _video_stream(container: OutputContainer) -> VideoStream:
    stream = container.add_stream("libx264", rate=FPS, options=X264)
    stream.width, stream.height, stream.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
    stream.codec_context.thread_count = THREADS
    return stream


def _audio_stream(container: OutputContainer) -> AudioStream:
    return container.add_stream("aac", rate=RATE_HZ, layout="mono", bit_rate=AUDIO_BIT_RATE)


def _encode_picture(container: OutputContainer, stream: VideoStream, picture: Picture, number: int) -> None:
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
    frame.pts, frame.time_base = number, Fraction(1, FPS)
    container.mux(stream.encode(frame))


def _encode_sound(container: OutputContainer, stream: AudioStream, sound: Floats, start: int) -> None:
    frame = av.AudioFrame.from_ndarray(sound.astype(np.float32)[None], format="fltp", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, start, Fraction(1, RATE_HZ)
    container.mux(stream.encode(frame))
