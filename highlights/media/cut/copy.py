"""`copy_spans`: a reel made by stream copy. Nothing is decoded or encoded, so it takes seconds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import chain
from pathlib import Path

from av.packet import Packet
from av.video.stream import VideoStream

from highlights.errors import RenderError
from highlights.media.cut.mux import open_sources, write_reel
from highlights.media.cut.nal import with_broken_link
from highlights.media.cut.stretches import Source, Stretch, plan_stretches
from highlights.media.packets import packets_from
from highlights.records import Recording
from highlights.spans import Span

_FITTING_CODECS = frozenset({"h264", "hevc", "av1", "vp9"})


def copy_spans(recording: Recording, spans: Sequence[Span], target: Path, *, titles: Sequence[str] = ()) -> list[Span]:
    """Write the MP4 reel of `spans`, in their order, and return the spans of the match that it actually shows for them.

    Each span starts at the key frame before it. A span that would repeat what was just shown continues from there instead, so
    the lengths of the returned spans add up to the reel.

    Args:
        recording: As returned by `open_recording`.
        spans: Spans of the match clock; one that extends into the next part is cut at the end of its part.
        target: The file to write; an earlier one stays until the reel is complete.
        titles: A chapter title for each span; empty for a reel without chapters.

    Raises:
        RenderError: the recording cannot be copied into an MP4; use the edited reel.
        OutputError: `target` cannot be written.
    """
    if not spans or (titles and len(titles) != len(spans)):
        raise ValueError(f"copy_spans needs spans, and as many titles or none; got {len(spans)} and {len(titles)}")
    with ExitStack() as stack:
        return write_copy(recording, plan_copy(open_sources(recording, spans, stack), spans), target, titles=titles)


def write_copy(recording: Recording, stretches: Sequence[Stretch], target: Path, *, titles: Sequence[str] = ()) -> list[Span]:
    """Write the MP4 reel of a plan whose sources are open; see `copy_spans`."""
    packets = chain.from_iterable(map(copied_packets, stretches))
    write_reel(recording, stretches, packets, target, titles=titles)
    return [span for stretch in stretches for span in stretch.shown]


def plan_copy(sources: Sequence[Source], spans: Sequence[Span]) -> list[Stretch]:
    """The stretches that make up a copied reel of `spans`, each with the source it starts in.

    Raises:
        RenderError: the recording cannot be copied into an MP4.
    """
    for source in sources:
        codec = source.part.video_codec
        if codec not in _FITTING_CODECS:
            raise RenderError(f"{source.part.path}: {codec} video does not play from an MP4; use --reel edit")
    return plan_stretches(list(zip(sources, spans, strict=True)))


def copied_packets(stretch: Stretch) -> Iterator[Packet[VideoStream]]:
    """The packets of a stretch in decoding order; the first one is a random access point."""
    source, left = stretch.source, len(stretch.times)
    for packet in packets_from(source.container, source.stream, stretch.start):
        if left and packet.pts is not None and packet.pts >= stretch.start:
            if left == len(stretch.times) and source.part.video_codec == "hevc":
                packet.update(with_broken_link(bytes(packet), source.stream.codec_context.extradata))
            yield packet
            left -= 1
        if not left:
            return
