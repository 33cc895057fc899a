"""An MP4 with nothing but video, at a constant frame rate, from packets that were copied and others that were made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
from av.packet import Packet
from av.video.stream import VideoStream

from highlights.media.cut.mux import add_like, fitting, reordering_delay
from highlights.media.cut.stretches import Source


def write_video_track(
    target: Path,
    like: Source,
    extradata: bytes,
    frame_rate: Fraction,
    shown: Sequence[int],
    pictures: Iterable[Packet[VideoStream]],
) -> None:
    """Write the MP4 at `target`.

    Args:
        target: The file.
        like: A source with the same codec and size.
        extradata: The decoder configuration.
        frame_rate: Frames per second.
        shown: For each packet, in decoding order, the number of its frame.
        pictures: The packets.

    Raises:
        RenderError: the packets do not fit into an MP4.
    """
    options = {"fflags": "+bitexact"}
    with fitting(target), av.open(f"file:{target.absolute()}", "w", format="mp4", options=options) as reel:
        stream = add_like(reel, like.stream, extradata)
        stream.time_base = 1 / frame_rate
        delay = reordering_delay(shown, sorted(shown))
        for number, (frame, packet) in enumerate(zip(shown, pictures, strict=True)):
            packet.stream, packet.time_base = stream, 1 / frame_rate
            packet.pts, packet.dts, packet.duration = frame, number - delay, 1
            reel.mux_one(packet)
