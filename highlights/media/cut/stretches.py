"""The packets that make up a copied reel: `Stretch`, a run of packets that can be decoded on its own, with no frame missing.

wanted           ├──────────────┤
key frames    │      │      │      │
stretch       ├──────────────────┤      from the key frame before it to where all frames up to the end are complete
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise
from math import inf

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from highlights.errors import RenderError
from highlights.media.cut.nal import is_idr
from highlights.media.packets import packets_from, ticks
from highlights.records import Part
from highlights.spans import Span

_REORDER_PACKETS = 32
"""Decoding order differs from presentation order by at most 16 frames (H.264, HEVC); fields count twice."""

_LONGEST_LEAD_S = 12.0
"""The most that is shown before a wanted span: encoders usually set a key frame at least every 10 s."""
_STEP_BACK_S = 3.0
_LONGEST_BACK_S = 3.0
"""Time that runs back by more, and by more than frames are reordered, is that of another piece of the file."""
_LONGEST_HIDDEN_S = 1.0
"""The most that may be shown of what an edit list hides, if the first key frame is in there."""


@dataclass(frozen=True, slots=True)
class Source:
    """One part, open for copying."""

    number: int
    part: Part
    container: InputContainer
    stream: VideoStream
    sound: tuple[InputContainer, AudioStream] | None = None
    """The chosen audio track, in a second handle of the file: audio and video are read independently."""

    def match_s(self, time: int) -> float:
        """The match time of a timestamp of the file."""
        return round(float(time * ticks(self.stream)) - self.part.first_pts_s + self.part.start_s, 6)

    def time(self, match_s: float) -> int:
        """The file's timestamp at a match time."""
        return round((match_s - self.part.start_s + self.part.first_pts_s) / ticks(self.stream))

    def packets(self, time: int) -> Iterator[tuple[int, Packet[VideoStream]]]:
        """Packets with their presentation times, in decoding order, from the key frame at or before `time`.

        Raises:
            RenderError: a packet has no time, or times run backwards, as where a file stands behind itself.
        """
        back = max(_LONGEST_BACK_S, float(_REORDER_PACKETS / self.part.frame_rate)) / float(ticks(self.stream))
        latest = -inf
        for packet in packets_from(self.container, self.stream, time):
            if packet.pts is None:
                raise RenderError(f"{self.part.path}: has frames without a timestamp; use --reel edit")
            if packet.pts < latest - back:
                raise RenderError(f"{self.part.path}: its time runs backwards; use --reel edit")
            latest = max(latest, packet.pts)
            yield packet.pts, packet


@dataclass(frozen=True, slots=True)
class Stretch:
    """The packets of a source with these presentation `times`, in decoding order, shown until `end`; all in the file's ticks.

    `wanted` are the spans that it was made for.
    """

    source: Source
    times: tuple[int, ...]
    end: int
    wanted: tuple[Span, ...]

    @property
    def start(self) -> int:
        """The presentation time of the key frame that it starts with."""
        return self.times[0]

    @property
    def length(self) -> Fraction:
        """Its duration in seconds."""
        return (self.end - self.start) * ticks(self.source.stream)

    @property
    def shown(self) -> list[Span]:
        """The span of the match shown for each wanted span; all but the first start exactly where wanted."""
        source = self.source
        starts_s = max(source.match_s(self.start), source.part.start_s)
        edges_s = [starts_s, *(span.start_s for span in self.wanted[1:]), source.match_s(self.end)]
        return [Span(start_s, end_s) for start_s, end_s in pairwise(edges_s)]

    @property
    def begin_s(self) -> list[float]:
        """When each wanted span starts, in seconds after the start of the stretch."""
        return [0.0, *(span.start_s - self.source.match_s(self.start) for span in self.wanted[1:])]

    def continues_with(self, source: Source, span: Span, key: int) -> bool:
        """Whether a later span, starting at the key frame `key`, would repeat what this stretch shows."""
        later = span.start_s > max(self.wanted[-1].start_s, self.source.match_s(self.start))
        return self.source is source and later and self.start <= key < self.end


def plan_stretches(wanted: Sequence[tuple[Source, Span]]) -> list[Stretch]:
    """The stretches that show the wanted spans in order.

    A span whose key frame is in what the previous one shows continues where that one ends: nothing is shown twice.

    Raises:
        RenderError: a span has no key frame to start with, or the file has no presentation times.
    """
    stretches: list[Stretch] = []
    for source, span in wanted:
        key = key_frame(source, span)
        last = stretches[-1] if stretches else None
        if last and last.continues_with(source, span, key):
            stretches[-1] = stretch(source, last.start, (*last.wanted, span))
        else:
            stretches.append(stretch(source, key, (span,)))
    return stretches


def key_frame(source: Source, span: Span) -> int:
    """The timestamp of the last shown key frame at or before the span's start, else of the first one in the span.

    Raises:
        RenderError: there is none close enough that resets the decoder.
    """
    searched_s = span.start_s
    while True:
        keys = _key_frames(source, source.time(searched_s), span)
        before = [time for time in keys if round(source.match_s(time), 3) <= span.start_s]
        if before or searched_s <= max(0.0, span.start_s - _LONGEST_LEAD_S):
            break
        searched_s -= _STEP_BACK_S
    if not keys:
        where = f"{source.part.path}: from {span.start_s:.3f} to {span.end_s:.3f} s"
        raise RenderError(f"{where} there is no key frame that a copy can start with; use --reel edit")
    return max(before, default=keys[0])


def _key_frames(source: Source, begins: int, span: Span) -> list[int]:
    """Key frames that reset the decoder, from about `begins` to the span's start, or the first one in the span."""
    keys: list[int] = []
    extradata = source.stream.codec_context.extradata
    for packet in packets_from(source.container, source.stream, begins):
        if not packet.is_keyframe or packet.pts is None:
            continue
        at_s = round(source.match_s(packet.pts), 3)
        if at_s >= span.end_s or (keys and at_s > span.start_s):
            break
        visible = not packet.is_discard or at_s >= source.part.start_s - _LONGEST_HIDDEN_S
        if visible and (source.part.video_codec != "h264" or is_idr(bytes(packet), extradata)):
            keys.append(packet.pts)
    return keys


def stretch(source: Source, key: int, wanted: tuple[Span, ...]) -> Stretch:
    """The packets from the key frame at `key` to where all frames of the wanted spans are complete.

    Raises:
        RenderError: the file has no presentation times, or they run backwards.
    """
    times: list[int] = []
    beyond, end_s = 0, max(span.end_s for span in wanted)
    for time, _ in source.packets(key):
        if time < key:
            continue  # leading pictures: they need what is not copied
        times.append(time)
        beyond = beyond + 1 if round(source.match_s(time), 3) >= end_s else 0
        if beyond > _REORDER_PACKETS:
            break
    count = _complete(times, min((t for t in times if round(source.match_s(t), 3) >= end_s), default=None))
    part_end = source.time(source.part.start_s + source.part.duration_s)
    return Stretch(source, tuple(times[:count]), min(times[count:], default=part_end), wanted)


def _complete(times: Sequence[int], end: int | None) -> int:
    """How many packets contain all frames before `end` without a gap between any frames.

    >>> _complete([0, 4, 2, 1, 3, 8, 6, 5, 7], 6)  # 5 needs 8, so 6 and 7 are included as well
    9
    >>> _complete([0, 4, 2, 1, 3, 8, 6, 5, 7], 5)
    5
    """
    if end is None:
        return len(times)
    latest = list(accumulate(times, max))
    earliest_left = [*reversed([*accumulate(reversed(times), min)]), inf]
    ends = (n for n in range(1, len(times) + 1) if earliest_left[n] >= end and latest[n - 1] < earliest_left[n])
    return next(ends)
