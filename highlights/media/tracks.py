"""The audio tracks of a file: whether they can be decoded, and how loud they are.

A camera's default track may be coded in a way that no decoder here knows, and a recorder's may be a microphone that was off.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError

from highlights.media.decoders import is_allowed
from highlights.media.packets import packets, packets_from, ticks
from highlights.media.source import only, opened
from highlights.records import SILENCE_DB, AudioTrack, Part

PLACES = 12  # of a file, in which its sound is looked at
PACKETS = 24  # read in each: about half a second
MOST = 0.5  # of the packets
LOWEST_DB = -120.0
_SCALES = {"u8": (128.0, 128.0), "s16": (0.0, float(1 << 15)), "s32": (0.0, float(1 << 31)), "s64": (0.0, float(1 << 63))}
"""Silence and full scale of the sample formats; others have 0 and 1."""


def is_decodable(path: Path, number: int) -> bool:
    """Whether most of an audio track can be decoded, by some places of it; a track without packets cannot.

    Raises:
        RecordingError: the file cannot be opened.
    """
    with opened(path) as container:
        stream = container.streams.audio[number]
        if not is_allowed(stream) or not stream.codec_context.sample_rate:
            return False
        good = [frames is not None for frames in _decoded(container, stream, 0)]
        if not good or sum(good) < MOST * len(good):
            good = [frames is not None for frames in _sampled(container, stream)]
        return bool(good) and sum(good) >= MOST * len(good)


def loudest_db(part: Part, number: int) -> float:
    """The loudness of the loudest of some places of a track, in dBFS; -120 where there is nothing.

    Raises:
        RecordingError: the file cannot be opened.
    """
    with opened(part.path) as container:
        stream = container.streams.audio[number]
        sampled = _sampled(container, stream) if is_allowed(stream) else ()
        levels = [_level_db(frame) for frames in sampled for frame in frames or ()]
    return max(levels, default=LOWEST_DB)


def listed(tracks: Iterable[AudioTrack]) -> str:
    """Tracks as they are named to the user."""
    return ", ".join(f"{t.number} ({t.title or t.language or t.codec})" for t in tracks) or "none"


def silence_note(part: Part) -> str:
    """A note about a part whose chosen track is silent: which others have sound, and how to choose one.

    Raises:
        RecordingError: the file cannot be opened.
    """
    others = [t for t in part.audio_tracks if t.number != part.audio_track and loudest_db(part, t.number) >= SILENCE_DB]
    problem = f"{part.path}: audio track {part.audio_track} is silent"
    if not others:
        return f"{problem} from beginning to end" + (", and so are the others" if len(part.audio_tracks) > 1 else "")
    has = "has" if len(others) == 1 else "have"
    return f"{problem}; {listed(others)} {has} sound: choose one with --audio-track {others[0].number}"


def _sampled(container: InputContainer, stream: AudioStream) -> Iterator[list[AudioFrame] | None]:
    """The frames of each packet in places spread over the file, or None for one that cannot be decoded."""
    length_s = float(container.duration or 0) / 1_000_000
    first = stream.start_time or 0
    for place in range(PLACES):
        yield from _decoded(container, stream, first + round(length_s * (place + 0.5) / PLACES / ticks(stream)))


def _decoded(container: InputContainer, stream: AudioStream, time: int) -> Iterator[list[AudioFrame] | None]:
    only(container, stream)
    following = packets_from(container, stream, time) if time else packets(container, stream)
    for packet in islice(following, PACKETS):
        try:
            yield stream.decode(packet)
        except FFmpegError:
            yield None


def _level_db(frame: AudioFrame) -> float:
    samples = frame.to_ndarray().astype(np.float64)
    middle, full = _SCALES.get(frame.format.packed.name, (0.0, 1.0))
    power = float(np.mean(np.square((samples - middle) / full))) if samples.size else 0.0
    return float(10 * np.log10(max(power, 10 ** (LOWEST_DB / 10))))
