"""A reel as a file: the packets of stretches one after another in an MP4, video and audio, with chapters.

Frames keep their distances; decoding times are rebuilt for the whole reel from the presentation times, which ascend because
stretches follow each other. Audio is written packet after packet without a gap: for every stretch the packets closest to their
position, so it is never off by more than half a packet (about 11 ms), however many clips there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from heapq import merge
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import av
from av.audio.stream import AudioStream
from av.codec.context import ThreadType
from av.container import OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.stream import VideoStream

from highlights.errors import RenderError
from highlights.media.aside import write_aside
from highlights.media.cut.sound import copied_sound, encoded_sound, same_sound
from highlights.media.cut.stretches import Source, Stretch
from highlights.media.packets import ticks
from highlights.media.source import only, opened, picture_stream
from highlights.records import Recording
from highlights.spans import Span

if TYPE_CHECKING:
    from av.container.core import Chapter

_CHAPTER_TICKS = Fraction(1, 1000)

Pictures = Iterator["Packet[VideoStream]"]
Timed = tuple[Fraction, "Packet[VideoStream] | Packet[AudioStream]"]
"""A packet for the reel and its decoding time in seconds."""


def open_sources(recording: Recording, spans: Sequence[Span], stack: ExitStack) -> list[Source]:
    """The part that each span starts in, open until `stack` closes; each part is opened once.

    Raises:
        RenderError: the parts are encoded too differently for their packets to follow each other.
        RecordingError: a part cannot be read.
    """
    numbers = [recording.part_at(span.start_s) for span in spans]
    sources = {number: _source(recording, number, stack) for number in sorted(set(numbers))}
    first = next(iter(sources.values()))
    for source in sources.values():
        if _coding(source) != _coding(first):
            raise RenderError(f"{source.part.path}: is encoded differently from {first.part.path}; use --reel edit")
    return [sources[number] for number in numbers]


def _source(recording: Recording, number: int, stack: ExitStack) -> Source:
    part = recording.parts[number]
    container = stack.enter_context(opened(part.path))
    stream = picture_stream(part.path, container)
    only(container, stream)
    stream.thread_type = ThreadType.AUTO
    if part.audio_track is None:
        return Source(number, part, container, stream)
    audio_container = stack.enter_context(opened(part.path))
    sound = audio_container.streams.audio[part.audio_track]
    only(audio_container, sound)
    return Source(number, part, container, stream, (audio_container, sound))


def _coding(source: Source) -> tuple[object, ...]:
    context, part = source.stream.codec_context, source.part
    size = (context.width, context.height, context.pix_fmt, part.pixel_aspect, part.rotation_deg, part.mirrored)
    return (part.video_codec, context.extradata, *size)


def write_reel(
    recording: Recording,
    stretches: Sequence[Stretch],
    pictures: Pictures,
    target: Path,
    *,
    titles: Sequence[str] = (),
    extradata: bytes | None = None,
) -> None:
    """Write the MP4 at `target`; an earlier one stays until the reel is complete.

    Args:
        recording: The recording of the stretches.
        stretches: What is shown, in order.
        pictures: A packet for each of the stretches' times.
        target: The file.
        titles: A chapter title for each span that the stretches were made for; empty for a reel without chapters.
        extradata: The decoder configuration, if it is not that of the first source.

    Raises:
        RenderError: the packets do not fit into an MP4.
        OutputError: `target` cannot be written.
    """
    with write_aside(target) as aside, fitting(target):
        _write(recording, stretches, pictures, aside, _chapters(stretches, titles), extradata)


@contextmanager
def fitting(target: Path) -> Iterator[None]:
    """Report packets that cannot be written to `target`.

    Raises:
        RenderError: they do not fit into an MP4.
    """
    try:
        yield
    except FFmpegError as error:
        if isinstance(error, OSError) and error.errno:
            raise
        raise RenderError(f"{target}: the packets do not fit into an MP4 ({error.strerror}); use --reel edit") from error


def _chapters(stretches: Sequence[Stretch], titles: Sequence[str]) -> list[Chapter]:
    begins, at_s = [], 0.0
    for stretch in stretches:
        begins += [at_s + begin_s for begin_s in stretch.begin_s]
        at_s += float(stretch.length)
    times = zip(pairwise([*begins, at_s]), titles, strict=False)
    return [_chapter(number, *between, title) for number, (between, title) in enumerate(times)]


def _chapter(number: int, start_s: float, end_s: float, title: str) -> Chapter:
    return {
        "id": number,
        "start": round(start_s / _CHAPTER_TICKS),
        "end": round(end_s / _CHAPTER_TICKS),
        "time_base": _CHAPTER_TICKS,
        "metadata": {"title": title},
    }


def _write(
    recording: Recording,
    stretches: Sequence[Stretch],
    pictures: Pictures,
    target: Path,
    chapters: list[Chapter],
    extradata: bytes | None,
) -> None:
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    with av.open(f"file:{target.absolute()}", "w", format="mp4", options=options) as reel:
        stream = add_like(reel, stretches[0].source.stream, extradata)
        sound = _sound_packets(recording, reel, stretches)
        reel.set_chapters(chapters)
        for _, packet in merge(_retimed(stream, stretches, pictures), sound, key=lambda timed: timed[0]):
            reel.mux_one(packet)


def add_like(reel: OutputContainer, stream: VideoStream, extradata: bytes | None) -> VideoStream:
    """A video stream for copied packets of `stream`, with another decoder configuration if given; added to the reel."""
    copied = reel.add_stream_from_template(stream)
    copied.time_base = stream.time_base
    copied.codec_context.codec_tag = "hvc1" if stream.codec_context.name == "hevc" else copied.codec_context.codec_tag
    if extradata is not None:
        copied.codec_context.extradata = extradata
    return copied


def _sound_packets(recording: Recording, reel: OutputContainer, stretches: Sequence[Stretch]) -> Iterator[Timed]:
    parts = [stretch.source.part for stretch in stretches]
    if all(part.audio_track is None for part in parts):
        return iter(())
    if same_sound(parts):
        return copied_sound(reel, stretches)
    return encoded_sound(recording, reel, stretches)


def _retimed(reel_stream: VideoStream, stretches: Sequence[Stretch], pictures: Pictures) -> Iterator[Timed]:
    """The packets with new times: the decoding times are the sorted presentation times, shifted by the reordering delay."""
    tick = ticks(reel_stream)
    coded = _reel_times(stretches, tick)
    shown = sorted(coded)
    delay = reordering_delay(coded, shown)
    step = shown[1] - shown[0] if len(shown) > 1 else 1
    decoded = [shown[0] - (delay - n) * step for n in range(delay)] + shown
    end = round(sum(stretch.length for stretch in stretches) / tick)
    following = dict(pairwise([*shown, max(end, shown[-1] + 1)]))
    for number, packet in enumerate(pictures):
        packet.stream = reel_stream
        packet.time_base = tick
        packet.pts, packet.dts = coded[number], decoded[number]
        packet.duration = following[coded[number]] - coded[number]
        yield packet.dts * tick, packet


def _reel_times(stretches: Sequence[Stretch], tick: Fraction) -> list[int]:
    """The presentation time in the reel of every packet, in decoding order."""
    times: list[int] = []
    begins = Fraction(0)
    for stretch in stretches:
        own_tick = ticks(stretch.source.stream)
        times += [round((begins + (time - stretch.start) * own_tick) / tick) for time in stretch.times]
        begins += stretch.length
    return times


def reordering_delay(coded: Sequence[int], shown: Sequence[int]) -> int:
    """By how many frames decoding must be ahead of presentation.

    >>> reordering_delay([0, 4, 2, 1, 3], [0, 1, 2, 3, 4])
    2
    """
    place = {time: number for number, time in enumerate(shown)}
    return max(number - place[time] for number, time in enumerate(coded))
