"""`PartReader`: decodes one file's pictures from any time on, past what is damaged."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from math import ceil, inf

from av.codec.context import ThreadType
from av.filter import Graph
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from highlights.media.faults import FaultCounter
from highlights.media.packets import decoded, frame_time, packet_time, packets, packets_from, ticks, with_following
from highlights.media.source import only, opened, picture_stream
from highlights.records import Part

LONGEST_STILL_S = 1.5
"""Longer than this no recording of a match keeps one picture: the ones between are lost."""
_REORDERED_PACKETS = 16
"""How far apart two pictures that are shown one after the other usually lie in a file."""
_SLACK_S = 0.002  # more than the rounding of times to 1 ms can move them

_THREADS = (os.cpu_count() or 1) + 2  # so that the decoder has pictures under way while one is being looked at


OnPacket = Callable[["Packet[VideoStream]"], None]


class PartReader:
    """Reads the pictures of one part, each with its time since the part's first one, in seconds.

    With `rate_hz`, pictures that are shown at no multiple of 1 / `rate_hz` seconds may be left out: those that no other picture
    needs are not decoded, which takes a third to half of the work off broadcast material. `on_packet` is shown every packet,
    those of pictures that are left out too.
    """

    def __init__(
        self,
        part: Part,
        faults: FaultCounter,
        *,
        key_frames_only: bool = False,
        deinterlace: bool = False,
        rate_hz: float | None = None,
        draft: bool = False,
        on_packet: OnPacket | None = None,
    ) -> None:
        self._part = part
        self._faults = faults
        self._key_frames_only = key_frames_only
        self._deinterlace = deinterlace
        self._rate_hz = rate_hz
        self._draft = draft
        self._on_packet = on_packet

    def read(self, start_s: float) -> Iterator[tuple[float, VideoFrame]]:
        """Pictures from the key frame at or before `start_s` on, in the order of presentation."""
        part = self._part
        with opened(part.path) as container:
            stream = picture_stream(part.path, container)
            only(container, stream)
            stream.thread_type = ThreadType.NONE if self._key_frames_only else ThreadType.AUTO
            stream.codec_context.thread_count = 1 if self._key_frames_only else _THREADS
            if self._key_frames_only:
                stream.codec_context.skip_frame = "NONKEY"
            if self._draft:
                # only in pictures that no other is made from, so that what is left out does not add up
                stream.codec_context.options = {"skip_loop_filter": "noref"}
            if start_s > 0:
                following = packets_from(
                    container, stream, int((start_s + part.first_pts_s) / ticks(stream)), self._damaged_place
                )
            else:
                following = packets(container, stream, self._damaged_place)
            pictures = self._pictures(stream, following)
            if self._deinterlace:
                pictures = deinterlaced(stream, pictures)
            yield from self._in_order(stream, pictures)

    def _pictures(self, stream: VideoStream, following: Iterator[Packet[VideoStream]]) -> Iterator[VideoFrame]:
        for packet in self._lightened(stream, following) if self._rate_hz else following:
            if packet.is_corrupt:
                self._damaged()
            if self._on_packet:
                self._on_packet(packet)
            if self._key_frames_only and not packet.is_keyframe:
                continue
            yield from decoded(stream, packet, self._damaged)
        yield from decoded(stream, None, self._damaged)

    def _lightened(self, stream: VideoStream, following: Iterator[Packet[VideoStream]]) -> Iterator[Packet[VideoStream]]:
        """The packets, the decoder told before each whether its picture may be left out."""
        before: deque[int | None] = deque(maxlen=_REORDERED_PACKETS)
        for packet, after in with_following(following, _REORDERED_PACKETS):
            near = [time for time in (*before, *map(packet_time, after)) if time is not None]
            stream.codec_context.skip_frame = "DEFAULT" if self._on_grid(stream, packet, near) else "NONREF"
            before.append(packet_time(packet))
            yield packet

    def _on_grid(self, stream: VideoStream, packet: Packet[VideoStream], near: list[int]) -> bool:
        """Whether a packet's picture may be shown at an instant of the grid; `near` are the times of those around it.

        Where the picture that follows is not among them this says yes too often, never no when it should be yes.
        """
        if packet.pts is None or self._rate_hz is None:
            return True
        until = min((time for time in near if time > packet.pts), default=None)
        first_s, until_s = (
            inf if time is None else float(time * ticks(stream)) - self._part.first_pts_s for time in (packet.pts, until)
        )
        due_s = ceil((first_s - _SLACK_S) * self._rate_hz) / self._rate_hz
        return due_s <= until_s + _SLACK_S

    def _in_order(self, stream: VideoStream, pictures: Iterator[VideoFrame]) -> Iterator[tuple[float, VideoFrame]]:
        """Leaves out what a player would not show: pictures before the first one, and time that runs backwards."""
        last_s = -1e-6
        for picture in pictures:
            if picture.is_corrupt:
                self._damaged()
            time_s = round(float(frame_time(picture) * ticks(stream)) - self._part.first_pts_s, 6)
            if time_s > last_s:
                if last_s >= 0:
                    self._count_hole(time_s - last_s)
                last_s = time_s
                yield time_s, picture
            elif last_s >= 0:
                self._faults.add(self._part.path, "pictures left out because their time runs backwards")

    def _count_hole(self, length_s: float) -> None:
        if length_s > LONGEST_STILL_S and not self._key_frames_only:
            self._faults.add(self._part.path, "seconds without a picture", round(length_s))

    def _damaged(self) -> None:
        self._faults.add(self._part.path, "damaged pictures")

    def _damaged_place(self) -> None:
        self._faults.add(self._part.path, "damaged places between pictures")


def deinterlaced(stream: VideoStream, pictures: Iterator[VideoFrame]) -> Iterator[VideoFrame]:
    """As many pictures at the same times, those that are interlaced made whole (BWDIF, one picture for two fields)."""
    graph = Graph()
    source, sink = graph.add_buffer(template=stream), graph.add("buffersink")
    bwdif = graph.add("bwdif", "mode=send_frame:deint=interlaced")
    source.link_to(bwdif)
    bwdif.link_to(sink)
    graph.configure()
    for picture in pictures:
        picture.pts = frame_time(picture)
        graph.push(picture)
        yield from _pulled(graph, stream)
    graph.push(None)
    yield from _pulled(graph, stream)


def _pulled(graph: Graph, stream: VideoStream) -> Iterator[VideoFrame]:
    with suppress(BlockingIOError, EOFError):
        while True:
            picture = graph.vpull()
            picture.pts = round(frame_time(picture) * (picture.time_base or ticks(stream)) / ticks(stream))
            yield picture
