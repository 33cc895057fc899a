"""Which packets a copied reel is made of: `Stretch`, a run of packets that decodes by itself and has no picture missing.

wanted           ├──────────────┤
key frames    │      │      │      │
stretch       ├──────────────────┤      from the key frame before, to where the pictures up to the end are complete
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise
from math import inf

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.stream import VideoStream

from highlights.errors import RenderError
from highlights.media.source import packet_time, packets_from, ticks
from highlights.records import Part
from highlights.spans import Span

_REORDER_PACKETS = 32
"""Pictures are coded at most 16 places out of the order in which they are shown (H.264, HEVC); fields count twice."""


@dataclass(frozen=True, slots=True)
class Source:
    """One part, open for copying."""

    number: int
    part: Part
    container: InputContainer
    stream: VideoStream
    sound: tuple[InputContainer, AudioStream] | None = None
    """The chosen audio track in the same file opened once more: sound and picture are read side by side."""

    def match_s(self, time: int) -> float:
        """Match time of a time stamp of the file."""
        return round(float(time * ticks(self.stream)) - self.part.first_pts_s + self.part.start_s, 6)

    def time(self, match_s: float) -> int:
        """The file's time stamp at a match time."""
        return round((match_s - self.part.start_s + self.part.first_pts_s) / ticks(self.stream))


@dataclass(frozen=True, slots=True)
class Stretch:
    """Packets `times` (presentation times in decoding order) of a source, shown until `end`; all in the file's ticks."""

    source: Source
    times: tuple[int, ...]
    end: int

    @property
    def start(self) -> int:
        """Presentation time of the key frame that it begins with."""
        return self.times[0]

    @property
    def length(self) -> Fraction:
        """How long it is shown, in seconds."""
        return (self.end - self.start) * ticks(self.source.stream)


def plan_stretches(wanted: Sequence[tuple[Source, Span]]) -> tuple[list[Stretch], list[Span]]:
    """The stretches that show the wanted spans in their order, and what is shown for each span.

    A span whose key frame lies in what the one before it shows goes on where that one stops: nothing is shown twice.

    Raises:
        RenderError: a span holds no place to begin.
    """
    stretches: list[Stretch] = []
    joined: list[list[Span]] = []
    for source, span in wanted:
        key = key_frame(source, span)
        last = stretches[-1] if stretches else None
        if last and last.source is source and joined[-1][-1].start_s <= span.start_s and last.start <= key < last.end:
            joined[-1].append(span)
            stretches[-1] = stretch(source, last.start, max(span.end_s, *(earlier.end_s for earlier in joined[-1])))
        else:
            joined.append([span])
            stretches.append(stretch(source, key, span.end_s))
    return stretches, [shown for run, spans in zip(stretches, joined, strict=True) for shown in _shown(run, spans)]


def _shown(run: Stretch, spans: Sequence[Span]) -> list[Span]:
    """What is shown of a stretch, cut up where its second, third, ... span begins."""
    edges = [run.source.match_s(run.start), *(span.start_s for span in spans[1:]), run.source.match_s(run.end)]
    return [Span(start_s, end_s) for start_s, end_s in pairwise(edges)]


def key_frame(source: Source, span: Span) -> int:
    """Time stamp of the last shown key frame at or before the span's start, else of the first one in the span.

    Raises:
        RenderError: there is neither.
    """
    found: int | None = None
    for packet in packets_from(source.container, source.stream, source.time(span.start_s)):
        time = packet_time(packet)
        if time is None or not packet.is_keyframe or packet.is_discard:
            continue
        at_s = round(source.match_s(time), 3)
        if at_s >= span.end_s or (found is not None and at_s > span.start_s):
            break
        found = time
        if at_s > span.start_s:
            break
    if found is None:
        where = f"{source.part.path}: from {span.start_s:.3f} to {span.end_s:.3f} s"
        raise RenderError(f"{where} there is no key frame to begin with; use --reel edit")
    return found


def stretch(source: Source, key: int, end_s: float) -> Stretch:
    """The packets from the key frame at `key` to where all pictures before `end_s` are there."""
    times: list[int] = []
    beyond = 0
    for packet in packets_from(source.container, source.stream, key):
        time = packet_time(packet)
        if time is None or time < key:
            continue  # pictures that are shown before the key frame need what is not copied
        times.append(time)
        beyond = beyond + 1 if round(source.match_s(time), 3) >= end_s else 0
        if beyond > _REORDER_PACKETS:
            break
    count = _complete(times, next((t for t in sorted(times) if round(source.match_s(t), 3) >= end_s), None))
    part_end = source.time(source.part.start_s + source.part.duration_s)
    return Stretch(source, tuple(times[:count]), min(times[count:], default=part_end))


def _complete(times: Sequence[int], end: int | None) -> int:
    """How many packets hold all pictures before `end` and leave none out between those that they hold.

    >>> _complete([0, 4, 2, 1, 3, 8, 6, 5, 7], 6)  # 5 needs 8, so 6 and 7 are taken as well
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
