"""`PartReader`: decodes one file's frames from any time on, past damage. `key_pictures`: single key frames by seeking."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, suppress
from itertools import dropwhile, groupby
from math import ceil, inf

from av.codec.context import ThreadType
from av.filter import Graph
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from highlights.media.faults import FaultCounter
from highlights.media.packets import OnDamage, decoded, frame_time, packet_time, packets, packets_from, ticks, with_following
from highlights.media.source import only, opened, picture_stream
from highlights.records import Part

LONGEST_STILL_S = 1.5
"""No recording of a match shows one frame for longer: the frames in between are lost."""
_REORDERED_PACKETS = 16
"""How far apart in a file two frames that are shown one after the other usually are."""
_SLACK_S = 0.002  # more than rounding to 1 ms can shift a time


def threads_on(cores: int) -> int:
    """How many threads decode, two more than cores: they work ahead while a frame is being processed.

    Not four: with exactly so many, FFmpeg's VP9 decoder (8.1) keeps its errors to itself.
    """
    return cores + 2 if cores != 2 else 5


THREADS = threads_on(os.cpu_count() or 1)
_HELD_BACK_FRAMES = 8
"""A frame may be predicted from one that is shown this much later (H.264: 16, but encoders use up to 4)."""
_UNDAMAGED_FRAMES = 250
"""So many frames without damage, and then a key frame: several threads decode again."""

_NEVER_REFERRED_TO = ("h264", "mpeg2video")
"""Decoders whose non-reference frames are needed by no other frame; in HEVC, those of a higher temporal layer may need them."""


class _DamageError(Exception):
    """Several threads met damage."""


def _stop() -> None:
    raise _DamageError


def _held_back(pictures: Iterable[tuple[float, VideoFrame]]) -> Iterator[tuple[float, VideoFrame]]:
    """The frames, each only when those that it may be predicted from were decoded without damage."""
    held: deque[tuple[float, VideoFrame]] = deque()
    for each in pictures:
        held.append(each)
        if len(held) > _HELD_BACK_FRAMES:
            yield held.popleft()
    yield from held


def _after(shown_s: float, pictures: Iterable[tuple[float, VideoFrame]]) -> Iterator[tuple[float, VideoFrame]]:
    """The frames from the first one on that is shown after `shown_s`."""
    return dropwhile(lambda each: each[0] <= shown_s, pictures)


class PartReader:
    """Reads the frames of one part, each with its time since the part's first one, in seconds.

    With `rate_hz`, frames that are not shown at a multiple of 1 / `rate_hz` seconds may be skipped: non-reference frames are
    then not decoded, which saves a third to half of the work on broadcast material. With `thin_before`, so may frames
    that are shown more than `LONGEST_STILL_S` before the start of `read`.
    """

    def __init__(
        self,
        part: Part,
        faults: FaultCounter,
        *,
        key_frames_only: bool = False,
        deinterlace: bool = False,
        rate_hz: float | None = None,
        thin_before: bool = False,
        draft: bool = False,
    ) -> None:
        self._part = part
        self._faults = faults
        self._key_frames_only = key_frames_only
        self._deinterlace = deinterlace
        self._rate_hz = rate_hz
        self._thin_before = thin_before
        self._draft = draft
        self._damage = 0  # how often damage was met

    def read(self, start_s: float) -> Iterator[tuple[float, VideoFrame]]:
        """Frames from the key frame at or before `start_s` on, in presentation order."""
        yield from self._in_order(self._same_in_every_run(start_s))

    def _same_in_every_run(self, start_s: float) -> Iterator[tuple[float, VideoFrame]]:
        """Decode on several threads, and around damage on one: threads decode damaged frames differently in each run."""
        shown_s = -inf
        while True:
            with suppress(_DamageError):
                for time_s, picture in _after(shown_s, _held_back(self._decode(start_s, THREADS, _stop, _stop))):
                    yield time_s, picture
                    shown_s = max(shown_s, time_s)
                return
            undamaged, damage, before = 0, self._damage, self._damage
            for time_s, picture in self._past_damage(start_s, shown_s):
                yield time_s, picture
                undamaged, damage = undamaged + 1 if damage == self._damage else 0, self._damage
                if picture.key_frame and undamaged > _UNDAMAGED_FRAMES and time_s > shown_s:
                    break  # never where time runs backwards: the damage would be met again and again
                shown_s = max(shown_s, time_s)
            else:
                self._count_unseen(before)
                return
            self._count_unseen(before)
            start_s = shown_s = time_s

    def _past_damage(self, start_s: float, shown_s: float) -> Iterator[tuple[float, VideoFrame]]:
        """The frames after `shown_s`, on one thread; from `start_s` on if frames are missed by a seek to `shown_s`.

        In a file that is out of order, frames with these times can be before the place that a seek finds.
        """
        with closing(self._on_one_thread(max(start_s, shown_s))) as pictures:
            following = _after(shown_s, pictures)
            first = next(following, None)
            missed = shown_s > start_s and self._is_missed(shown_s, inf if first is None else first[0])
            if first and not missed:
                yield first
                yield from following
        if missed:
            yield from _after(shown_s, self._on_one_thread(start_s))

    def _is_missed(self, shown_s: float, first_s: float) -> bool:
        """Whether a seek to `shown_s` skips packets of frames before `first_s`, the next one that was decoded after it."""
        if first_s - shown_s < LONGEST_STILL_S:
            return False

        def count(following: Iterator[Packet[VideoStream]]) -> int:
            times = (packet_time(packet) for packet in following)
            all_s = (float(time * ticks(stream)) - self._part.first_pts_s for time in times if time is not None)
            return sum(shown_s + _SLACK_S < time_s < first_s - _SLACK_S for time_s in all_s)

        with opened(self._part.path) as container:
            stream = picture_stream(self._part.path, container)
            only(container, stream)
            there = count(packets(container, stream))
            return count(packets_from(container, stream, int((shown_s + self._part.first_pts_s) / ticks(stream)))) < there

    def _count_unseen(self, before: int) -> None:
        """Count the damage that several threads met and one did not: a seek in a damaged file may land behind it."""
        if self._damage == before:
            self._damaged()

    def _on_one_thread(self, start_s: float) -> Generator[tuple[float, VideoFrame], None, None]:
        return self._decode(start_s, 1, self._damaged, self._damaged_place)

    def _decode(
        self, start_s: float, threads: int, damaged: OnDamage, damaged_place: OnDamage
    ) -> Generator[tuple[float, VideoFrame], None, None]:
        part = self._part
        with opened(part.path) as container:
            stream = picture_stream(part.path, container)
            only(container, stream)
            stream.thread_type = ThreadType.NONE if threads == 1 else ThreadType.AUTO
            # with a single thread dav1d decodes nothing more after an error
            stream.codec_context.thread_count = 2 if threads == 1 and stream.codec_context.name == "libdav1d" else threads
            if self._key_frames_only:
                stream.codec_context.skip_frame = "NONKEY"
            if self._draft:
                # only in non-reference frames, so that the error does not accumulate
                stream.codec_context.options |= {"skip_loop_filter": "noref"}
            if start_s > 0:
                following = packets_from(container, stream, int((start_s + part.first_pts_s) / ticks(stream)), damaged_place)
            else:
                following = packets(container, stream, damaged_place)
            if self._rate_hz:
                following = self._thinned(stream, following)
            elif self._thin_before and stream.codec_context.name in _NEVER_REFERRED_TO:
                following = self._thinned_before(stream, following, start_s - LONGEST_STILL_S)
            pictures = self._pictures(stream, following, damaged)
            if self._deinterlace:
                pictures = deinterlaced(stream, pictures)
            for picture in pictures:
                yield round(float(frame_time(picture) * ticks(stream)) - part.first_pts_s, 6), picture

    def _pictures(
        self, stream: VideoStream, following: Iterator[Packet[VideoStream]], damaged: OnDamage
    ) -> Iterator[VideoFrame]:
        for packet in following:
            if packet.is_corrupt:
                damaged()
            if self._key_frames_only and not packet.is_keyframe:
                continue
            yield from noting_damage(decoded(stream, packet, damaged), damaged)
        yield from noting_damage(decoded(stream, None, damaged), damaged)

    def _thinned(self, stream: VideoStream, following: Iterator[Packet[VideoStream]]) -> Iterator[Packet[VideoStream]]:
        """The packets; before each, the decoder is set to skip its frame or not."""
        before: deque[int | None] = deque(maxlen=_REORDERED_PACKETS)
        for packet, after in with_following(following, _REORDERED_PACKETS):
            near = [time for time in (*before, *map(packet_time, after)) if time is not None]
            stream.codec_context.skip_frame = "DEFAULT" if self._on_grid(stream, packet, near) else "NONREF"
            before.append(packet_time(packet))
            yield packet

    def _thinned_before(
        self, stream: VideoStream, following: Iterator[Packet[VideoStream]], until_s: float
    ) -> Iterator[Packet[VideoStream]]:
        """The packets; before each, the decoder is set to skip its frame or not."""
        until = (until_s + self._part.first_pts_s) / ticks(stream)
        for packet in following:
            time = packet_time(packet)
            stream.codec_context.skip_frame = "DEFAULT" if time is None or time >= until else "NONREF"
            yield packet

    def _on_grid(self, stream: VideoStream, packet: Packet[VideoStream], near: list[int]) -> bool:
        """Whether a packet's frame may be shown at an instant of the grid; `near` are the times of the packets around it.

        If the next frame is not among them, this may be a false yes, but never a false no.
        """
        if packet.pts is None or self._rate_hz is None:
            return True
        until = min((time for time in near if time > packet.pts), default=None)
        first_s, until_s = (
            inf if time is None else float(time * ticks(stream)) - self._part.first_pts_s for time in (packet.pts, until)
        )
        due_s = ceil((first_s - _SLACK_S) * self._rate_hz) / self._rate_hz
        return due_s <= until_s + _SLACK_S

    def _in_order(self, pictures: Iterable[tuple[float, VideoFrame]]) -> Iterator[tuple[float, VideoFrame]]:
        """Drop what a player would not show: frames before the part's first one, and those whose time runs backwards."""
        last_s = -1e-6
        for time_s, picture in pictures:
            if time_s > last_s:
                if last_s >= 0:
                    self._count_gap(time_s - last_s)
                last_s = time_s
                yield time_s, picture
            elif last_s >= 0:
                self._faults.add(self._part.path, "pictures left out because their time runs backwards")

    def _count_gap(self, length_s: float) -> None:
        if length_s > LONGEST_STILL_S and not self._key_frames_only:
            self._faults.add(self._part.path, "seconds without a picture", round(length_s))

    def _damaged(self) -> None:
        self._damage += 1
        self._faults.add(self._part.path, "damaged pictures")

    def _damaged_place(self) -> None:
        self._damage += 1
        self._faults.add(self._part.path, "damaged places between pictures")


def noting_damage(pictures: Iterable[VideoFrame], damaged: OnDamage) -> Iterator[VideoFrame]:
    """The pictures; `damaged` is called before each that the decoder marked as damaged."""
    for picture in pictures:
        if picture.is_corrupt:
            damaged()
        yield picture


def deinterlaced(stream: VideoStream, pictures: Iterator[VideoFrame]) -> Iterator[VideoFrame]:
    """The frames at the same times, interlaced ones deinterlaced (BWDIF, one frame for two fields).

    A filter takes frames of one size and format; where these change, another one goes on.
    """
    for (width, height, pixel_format), same in groupby(pictures, lambda each: (each.width, each.height, each.format.name)):
        graph = Graph()
        source = graph.add_buffer(width=width, height=height, format=pixel_format, time_base=stream.time_base)
        bwdif, sink = graph.add("bwdif", "mode=send_frame:deint=interlaced"), graph.add("buffersink")
        source.link_to(bwdif)
        bwdif.link_to(sink)
        graph.configure()
        for picture in same:
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


def key_pictures(part: Part, times_s: Iterable[float]) -> Iterator[tuple[float, VideoFrame]]:
    """For each time the key frame at or before it, with its own time; none where none can be decoded.

    Times are in seconds since the part's first frame. A file that is not seekable gives its first key frame every time.
    """
    with opened(part.path) as container:
        stream = picture_stream(part.path, container)
        only(container, stream)
        stream.thread_type = ThreadType.NONE  # one frame at a time: threads would have nothing to share
        for wanted_s in times_s:
            wanted = int((wanted_s + part.first_pts_s) / ticks(stream))
            key = next(packets_from(container, stream, wanted), None)
            for picture in [] if key is None else [*decoded(stream, key), *decoded(stream, None)]:
                yield round(float(frame_time(picture) * ticks(stream)) - part.first_pts_s, 6), picture
