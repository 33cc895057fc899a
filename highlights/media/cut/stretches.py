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
from highlights.media.cut.nal import is_idr
from highlights.media.packets import packets_from, ticks
from highlights.records import Part
from highlights.spans import Span

_REORDER_PACKETS = 32
"""Pictures are coded at most 16 places out of the order in which they are shown (H.264, HEVC); fields count twice."""

_LONGEST_LEAD_S = 12.0
"""More than this is not shown before what was wanted: encoders set a key frame every 10 s at the latest, as a rule."""
_STEP_BACK_S = 3.0
_LONGEST_HIDDEN_S = 1.0
"""Of what an edit list hides before the first picture, this much may be shown where the first key frame lies in it."""


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
    """Packets `times` (presentation times in decoding order) of a source, shown until `end`; all in the file's ticks.

    `wanted` are the spans that it was made for.
    """

    source: Source
    times: tuple[int, ...]
    end: int
    wanted: tuple[Span, ...]

    @property
    def start(self) -> int:
        """Presentation time of the key frame that it begins with."""
        return self.times[0]

    @property
    def length(self) -> Fraction:
        """How long it is shown, in seconds."""
        return (self.end - self.start) * ticks(self.source.stream)

    @property
    def shown(self) -> list[Span]:
        """What is shown of the match for each wanted span: a later one begins where it was wanted to."""
        source = self.source
        starts_s = max(source.match_s(self.start), source.part.start_s)
        edges_s = [starts_s, *(span.start_s for span in self.wanted[1:]), source.match_s(self.end)]
        return [Span(start_s, end_s) for start_s, end_s in pairwise(edges_s)]

    @property
    def begin_s(self) -> list[float]:
        """When each wanted span begins, in seconds after the start of the stretch."""
        return [0.0, *(span.start_s - self.source.match_s(self.start) for span in self.wanted[1:])]

    def goes_on_with(self, source: Source, span: Span, key: int) -> bool:
        """Whether a later span, to be begun at `key`, would show again what this stretch shows."""
        later = span.start_s > max(self.wanted[-1].start_s, self.source.match_s(self.start))
        return self.source is source and later and self.start <= key < self.end


def plan_stretches(wanted: Sequence[tuple[Source, Span]]) -> list[Stretch]:
    """The stretches that show the wanted spans in their order.

    A span whose key frame lies in what the one before it shows goes on where that one stops: nothing is shown twice.

    Raises:
        RenderError: a span holds no place to begin, or the file does not say when its pictures are shown.
    """
    stretches: list[Stretch] = []
    for source, span in wanted:
        key = key_frame(source, span)
        last = stretches[-1] if stretches else None
        if last and last.goes_on_with(source, span, key):
            stretches[-1] = stretch(source, last.start, (*last.wanted, span))
        else:
            stretches.append(stretch(source, key, (span,)))
    return stretches


def key_frame(source: Source, span: Span) -> int:
    """Time stamp of the last shown key frame at or before the span's start, else of the first one in the span.

    Raises:
        RenderError: there is none that near which can follow other pictures.
    """
    begins, looked_from_s = source.time(span.start_s), span.start_s
    while True:
        keys = _key_frames(source, begins, span)
        before = [time for time in keys if round(source.match_s(time), 3) <= span.start_s]
        if before or looked_from_s <= max(0.0, span.start_s - _LONGEST_LEAD_S):
            break
        looked_from_s -= _STEP_BACK_S
        begins = source.time(looked_from_s)
    if not keys:
        where = f"{source.part.path}: from {span.start_s:.3f} to {span.end_s:.3f} s"
        raise RenderError(f"{where} there is no key frame that a copy can begin with; use --reel edit")
    return max(before, default=keys[0])


def _key_frames(source: Source, begins: int, span: Span) -> list[int]:
    """Key frames that can follow anything, from about `begins` to the span's start, or the first one in the span."""
    keys: list[int] = []
    extradata = source.stream.codec_context.extradata
    for packet in packets_from(source.container, source.stream, begins):
        if not packet.is_keyframe or packet.pts is None:
            continue
        at_s = round(source.match_s(packet.pts), 3)
        if at_s >= span.end_s or (keys and at_s > span.start_s):
            break
        seen = not packet.is_discard or at_s >= source.part.start_s - _LONGEST_HIDDEN_S
        if seen and (source.part.video_codec != "h264" or is_idr(bytes(packet), extradata)):
            keys.append(packet.pts)
    return keys


def stretch(source: Source, key: int, wanted: tuple[Span, ...]) -> Stretch:
    """The packets from the key frame at `key` to where all pictures of the wanted spans are there.

    Raises:
        RenderError: the file does not say when its pictures are shown.
    """
    times: list[int] = []
    beyond, end_s = 0, max(span.end_s for span in wanted)
    for packet in packets_from(source.container, source.stream, key):
        if packet.pts is None:
            raise RenderError(f"{source.part.path}: has pictures without a time stamp; use --reel edit")
        if packet.pts < key:
            continue  # pictures that are shown before the key frame need what is not copied
        times.append(packet.pts)
        beyond = beyond + 1 if round(source.match_s(packet.pts), 3) >= end_s else 0
        if beyond > _REORDER_PACKETS:
            break
    count = _complete(times, min((t for t in times if round(source.match_s(t), 3) >= end_s), default=None))
    part_end = source.time(source.part.start_s + source.part.duration_s)
    return Stretch(source, tuple(times[:count]), min(times[count:], default=part_end), wanted)


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
