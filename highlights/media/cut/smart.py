"""`smart_spans`: a reel that shows exactly the wanted spans, by stream copy as far as possible.

wanted           ├──────────────────────────┤
key frames    │         │         │         │
copied                  ├─────────────────┤        from the first key frame that resets the decoder, while frames are complete
re-encoded       ├──────┤                 ├─┤      in H.264 or HEVC like the recording's

Leading pictures (shown before a key frame but coded after it, in an open GOP) are re-encoded with those before them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import accumulate
from math import inf
from pathlib import Path

from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from highlights.errors import RenderError
from highlights.media.cut.copy import copied_packets
from highlights.media.cut.matching_encoder import MatchingEncoder, check_matching
from highlights.media.cut.mux import open_sources, write_reel
from highlights.media.cut.nal import is_idr, length_size, nal_units
from highlights.media.cut.parameter_sets import is_parameter_set, parameter_sets
from highlights.media.cut.stretches import Source, Stretch
from highlights.media.packets import decoded, frame_time, packets_from
from highlights.progress import StageProgress, no_stage_progress
from highlights.records import Recording
from highlights.spans import Span

_REORDER_PACKETS = 32
"""Decoding order differs from presentation order by at most 16 frames (H.264, HEVC); fields count twice."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A stretch of which `before` frames are re-encoded, then `copied` packets are copied, and the rest is re-encoded."""

    stretch: Stretch
    before: int
    copied: int

    @property
    def pieces(self) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
        """The times of the frames re-encoded, of the packets copied, and of the frames re-encoded after those."""
        times, end = self.stretch.times, self.before + self.copied
        return times[: self.before], times[self.before : end], times[end:]


def smart_spans(
    recording: Recording,
    spans: Sequence[Span],
    target: Path,
    *,
    titles: Sequence[str] = (),
    progress: StageProgress = no_stage_progress,
) -> list[Span]:
    """Write the MP4 reel of `spans`, in their order, and return the spans of the match that it shows for them.

    Each span starts with the first frame at or after its start and ends before the first one at or after its end.

    Args:
        recording: As returned by `open_recording`.
        spans: Spans of the match clock; one that extends into the next part is cut at the end of its part.
        target: The file to write; an earlier one stays until the reel is complete.
        titles: A chapter title for each span; empty for a reel without chapters.
        progress: Called after every frame.

    Raises:
        RenderError: the recording cannot be cut like that; use the edited reel.
        OutputError: `target` cannot be written.
    """
    if not spans or (titles and len(titles) != len(spans)):
        raise ValueError(f"smart_spans needs spans, and as many titles or none; got {len(spans)} and {len(titles)}")
    with ExitStack() as stack:
        cuts = plan_cuts(open_sources(recording, spans, stack), spans)
        return write_cuts(recording, cuts, target, titles=titles, progress=progress)


def write_cuts(
    recording: Recording,
    cuts: Sequence[Cut],
    target: Path,
    *,
    titles: Sequence[str] = (),
    progress: StageProgress = no_stage_progress,
) -> list[Span]:
    """Write the MP4 reel of a plan whose sources are open; see `smart_spans`."""
    encoder = MatchingEncoder(cuts[0].stretch.source)
    stretches = [cut.stretch for cut in cuts]
    packets = _counted(cuts, encoder, progress)
    write_reel(recording, stretches, packets, target, titles=titles, extradata=encoder.extradata)
    return [span for stretch in stretches for span in stretch.shown]


def plan_cuts(sources: Sequence[Source], spans: Sequence[Span]) -> list[Cut]:
    """The cuts that make up the reel of `spans`, each with the source it starts in; spans that touch are cut as one.

    Raises:
        RenderError: the recording cannot be cut like that, or no frame starts in a span.
    """
    for source in set(sources):
        check_matching(source)
    joined: list[tuple[Source, tuple[Span, ...]]] = []
    for source, span in zip(sources, spans, strict=True):
        if joined and joined[-1][0] is source and joined[-1][1][-1].end_s == span.start_s:
            joined[-1] = source, (*joined[-1][1], span)
        else:
            joined.append((source, (span,)))
    return [_cut(source, wanted) for source, wanted in joined]


def _cut(source: Source, wanted: tuple[Span, ...]) -> Cut:
    span = Span(wanted[0].start_s, wanted[-1].end_s)
    coded, starts = coded_times(source, span)
    shown = sorted(time for time in coded if span.holds(_match_s(source, time)))
    if not shown:
        raise RenderError(f"{source.part.path}: no frame starts from {span.start_s:.3f} to {span.end_s:.3f} s; make it longer")
    part_end = source.time(source.part.start_s + source.part.duration_s)
    end = min((time for time in coded if time > shown[-1]), default=max(part_end, shown[-1] + 1))
    own = whole_packets(coded, min((time for time in starts if time in set(shown)), default=None), shown[-1])
    before = [time for time in shown if not own or time < own[0]]
    after = [time for time in shown if own and time > max(own)]
    return Cut(Stretch(source, (*before, *own, *after), end, wanted), len(before), len(own))


def _match_s(source: Source, time: int) -> float:
    return round(source.match_s(time), 3)


def coded_times(source: Source, span: Span) -> tuple[list[int], list[int]]:
    """The times of the packets around a span in decoding order, and those of key frames that reset the decoder.

    Raises:
        RenderError: the file has no presentation times, they run backwards, or the encoding changes.
    """
    times: list[int] = []
    starts: list[int] = []
    beyond = 0
    for time, packet in source.packets(source.time(span.start_s)):
        times.append(time)
        if packet.is_keyframe and _resets_decoder(source, packet):
            starts.append(time)
        beyond = beyond + 1 if _match_s(source, time) >= span.end_s else 0
        if beyond > _REORDER_PACKETS:
            break
    return times, starts


def _resets_decoder(source: Source, packet: Packet[VideoStream]) -> bool:
    codec, extradata, data = source.part.video_codec, source.stream.codec_context.extradata, bytes(packet)
    declared = parameter_sets(codec, extradata)
    in_packet = [unit for unit in nal_units(data, length_size(codec, extradata)) if is_parameter_set(unit, codec)]
    if any(unit not in declared for unit in in_packet):
        where = f"{source.part.path}: at {_match_s(source, packet.pts or 0):.3f} s"
        raise RenderError(f"{where} the video encoding changes; use --reel edit")
    return codec != "h264" or is_idr(data, extradata)


def whole_packets(coded: Sequence[int], key: int | None, last: int) -> list[int]:
    """The packets from `key` on, in decoding order, with all frames up to a time not after `last`, and no others.

    >>> whole_packets([0, 4, 2, 1, 3, 8, 6, 5, 7], 0, 5)  # 5 needs 8, which is not wanted
    [0, 4, 2, 1, 3]
    >>> whole_packets([0, 3, 1, 2, 8, 5, 6, 7], 8, 9)  # leading pictures need what is before the key frame
    [8]
    """
    if key is None:
        return []
    times = [time for time in coded[coded.index(key) :] if time >= key]
    latest = list(accumulate(times, max))
    earliest_left = [*reversed([*accumulate(reversed(times), min)]), inf]
    whole = [n for n in range(1, len(times) + 1) if latest[n - 1] <= last and latest[n - 1] < earliest_left[n]]
    return times[: max(whole)]


def _counted(cuts: Sequence[Cut], encoder: MatchingEncoder, progress: StageProgress) -> Iterator[Packet[VideoStream]]:
    total = sum(len(cut.stretch.times) for cut in cuts)
    packets = (packet for cut in cuts for packet in _packets(cut, encoder))
    for number, packet in enumerate(packets, 1):
        yield packet
        progress(number / total)


def _packets(cut: Cut, encoder: MatchingEncoder) -> Iterator[Packet[VideoStream]]:
    source, (before, own, after) = cut.stretch.source, cut.pieces
    yield from encoder.encode(_pictures(source, before))
    if own:
        yield from copied_packets(Stretch(source, own, cut.stretch.end, cut.stretch.wanted))
    yield from encoder.encode(_pictures(source, after))


def _pictures(source: Source, times: Sequence[int]) -> Iterator[VideoFrame]:
    """The frame of each time; if it is damaged, the one before it, as a player would show."""
    left = list(reversed(times))
    shown: VideoFrame | None = None
    for picture in _decoded(source, times[0]) if times else ():
        while left and left[-1] < frame_time(picture):
            left.pop()
            yield shown or picture
        if left and left[-1] == frame_time(picture):
            left.pop()
            yield picture
        shown = picture
        if not left:
            return
    for _ in left:
        if shown is None:
            where = f"{source.part.path}: from {_match_s(source, times[0]):.3f} s"
            raise RenderError(f"{where} no frame can be decoded; leave out that clip")
        yield shown


def _decoded(source: Source, time: int) -> Iterator[VideoFrame]:
    """Frames in presentation order; those from `time` on are as complete as in the file."""
    for packet in packets_from(source.container, source.stream, _decodable_from(source, time)):
        yield from decoded(source.stream, packet)
    yield from decoded(source.stream, None)


def _decodable_from(source: Source, time: int) -> int:
    """The time to seek to for decoding from `time` on: frames soon after a key frame that is not IDR may be incomplete."""
    key = next(packets_from(source.container, source.stream, time))
    if source.part.video_codec != "h264" or key.pts is None or is_idr(bytes(key), source.stream.codec_context.extradata):
        return time
    return key.pts - 1
