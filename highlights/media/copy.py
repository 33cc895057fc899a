"""`copy_spans`: a reel out of a recording's own packets. Nothing is decoded or encoded, so it takes seconds.

Pictures keep their distances; decoding times are made new for the whole reel from the presentation times, which come in
order because stretches follow each other. Sound is laid packet after packet without a hole: for every stretch those packets
whose place is nearest, so it is never off by more than half a packet (about 11 ms), however many clips there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from fractions import Fraction
from heapq import merge
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.stream import VideoStream

from highlights.errors import RenderError
from highlights.media.aside import write_aside
from highlights.media.nal import with_broken_link
from highlights.media.packets import packets_from, ticks
from highlights.media.reel_sound import copied_sound, encoded_sound, same_sound
from highlights.media.source import only, opened, picture_stream
from highlights.media.stretches import Source, Stretch, plan_stretches
from highlights.records import Recording
from highlights.spans import Span

if TYPE_CHECKING:
    from av.container.core import Chapter

_FITTING_CODECS = frozenset({"h264", "hevc", "av1", "vp9"})
_CHAPTER_TICKS = Fraction(1, 1000)

Timed = tuple[Fraction, "Packet[VideoStream] | Packet[AudioStream]"]
"""A packet for the reel and its decoding time in seconds."""


def copy_spans(recording: Recording, spans: Sequence[Span], target: Path, *, titles: Sequence[str] = ()) -> list[Span]:
    """Write the MP4 reel of `spans`, in their order, and return what it really shows of the match for each of them.

    Each span begins at the key frame before it. A span that would show again what was just shown goes on from there instead,
    so the lengths of the returned spans add up to the reel.

    Args:
        recording: What `open_recording` gave.
        spans: Pieces of the match clock; the end of a span that reaches into the next part is left out.
        target: The file to write; an earlier one stays until the reel is whole.
        titles: A chapter title for each span; none for a reel without chapters.

    Raises:
        RenderError: the recording cannot be copied into an MP4; use the edited reel.
        OutputError: `target` cannot be written.
    """
    if not spans or (titles and len(titles) != len(spans)):
        raise ValueError(f"copy_spans needs spans and as many titles or none, got {len(spans)} and {len(titles)}")
    with ExitStack() as stack:
        numbers = sorted({recording.part_at(span.start_s) for span in spans})
        sources = {number: _source(recording, number, stack) for number in numbers}
        _check_fitting(list(sources.values()))
        stretches = plan_stretches([(sources[recording.part_at(span.start_s)], span) for span in spans])
        with write_aside(target) as aside:
            try:
                _write(recording, stretches, aside, _chapters(stretches, titles))
            except FFmpegError as error:
                if isinstance(error, OSError) and error.errno:
                    raise
                raise RenderError(
                    f"{target}: the packets do not fit into an MP4 ({error.strerror}); use --reel edit"
                ) from error
        return [span for stretch in stretches for span in stretch.shown]


def _source(recording: Recording, number: int, stack: ExitStack) -> Source:
    part = recording.parts[number]
    container = stack.enter_context(opened(part.path))
    stream = picture_stream(part.path, container)
    only(container, stream)
    if part.audio_track is None:
        return Source(number, part, container, stream)
    sounding = stack.enter_context(opened(part.path))
    sound = sounding.streams.audio[part.audio_track]
    only(sounding, sound)
    return Source(number, part, container, stream, (sounding, sound))


def _check_fitting(sources: Sequence[Source]) -> None:
    first = sources[0]
    for source in sources:
        codec = source.part.video_codec
        if codec not in _FITTING_CODECS:
            raise RenderError(f"{source.part.path}: {codec} pictures do not play from an MP4; use --reel edit")
        if _coding(source) != _coding(first):
            raise RenderError(f"{source.part.path}: is coded differently from {first.part.path}; use --reel edit")


def _coding(source: Source) -> tuple[object, ...]:
    context, part = source.stream.codec_context, source.part
    size = (context.width, context.height, context.pix_fmt, part.pixel_aspect, part.rotation_deg)
    return (part.video_codec, context.extradata, *size)


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


def _write(recording: Recording, stretches: Sequence[Stretch], target: Path, chapters: list[Chapter]) -> None:
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    with av.open(f"file:{target.absolute()}", "w", format="mp4", options=options) as reel:
        pictures = _picture_packets(_like(reel, stretches[0].source.stream), stretches)
        sound = _sound_packets(recording, reel, stretches)
        reel.set_chapters(chapters)
        for _, packet in merge(pictures, sound, key=lambda timed: timed[0]):
            reel.mux_one(packet)


def _like(reel: OutputContainer, stream: VideoStream) -> VideoStream:
    copied = reel.add_stream_from_template(stream)
    copied.time_base = stream.time_base
    copied.codec_context.codec_tag = "hvc1" if stream.codec_context.name == "hevc" else copied.codec_context.codec_tag
    return copied


def _sound_packets(recording: Recording, reel: OutputContainer, stretches: Sequence[Stretch]) -> Iterator[Timed]:
    parts = [stretch.source.part for stretch in stretches]
    if all(part.audio_track is None for part in parts):
        return iter(())
    if same_sound(parts):
        return copied_sound(reel, stretches)
    return encoded_sound(recording, reel, stretches)


def _picture_packets(reel_stream: VideoStream, stretches: Sequence[Stretch]) -> Iterator[Timed]:
    """The stretches' packets one after another, timed anew: decoding times are the presentation times in order."""
    tick = ticks(reel_stream)
    coded = _reel_times(stretches, tick)
    shown = sorted(coded)
    delay = _delay(coded, shown)
    step = shown[1] - shown[0] if len(shown) > 1 else 1
    decoded = [shown[0] - (delay - n) * step for n in range(delay)] + shown
    following = dict(pairwise(shown))
    number = 0
    for stretch in stretches:
        for packet in _packets(stretch):
            packet.stream = reel_stream
            packet.time_base = tick
            packet.pts, packet.dts = coded[number], decoded[number]
            packet.duration = following.get(coded[number], coded[number] + step) - coded[number]
            yield packet.dts * tick, packet
            number += 1


def _packets(stretch: Stretch) -> Iterator[Packet[VideoStream]]:
    source, left = stretch.source, len(stretch.times)
    for packet in packets_from(source.container, source.stream, stretch.start):
        if left and packet.pts is not None and packet.pts >= stretch.start:
            if left == len(stretch.times) and source.part.video_codec == "hevc":
                packet.update(with_broken_link(bytes(packet), source.stream.codec_context.extradata))
            yield packet
            left -= 1
        if not left:
            return


def _reel_times(stretches: Sequence[Stretch], tick: Fraction) -> list[int]:
    """Presentation time in the reel of every packet, in decoding order."""
    times: list[int] = []
    begins = Fraction(0)
    for stretch in stretches:
        own_tick = ticks(stretch.source.stream)
        times += [round((begins + (time - stretch.start) * own_tick) / tick) for time in stretch.times]
        begins += stretch.length
    return times


def _delay(coded: Sequence[int], shown: Sequence[int]) -> int:
    """By how many pictures decoding must run ahead of showing.

    >>> _delay([0, 4, 2, 1, 3], [0, 1, 2, 3, 4])
    2
    """
    place = {time: number for number, time in enumerate(shown)}
    return max(number - place[time] for number, time in enumerate(coded))
