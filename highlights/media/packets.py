"""The packets of a stream in decoding order, from any time on and past damage; and the frames decoded from them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from fractions import Fraction
from itertools import islice
from math import inf
from typing import TypeVar, cast

from av.container import InputContainer
from av.error import FFmpegError
from av.frame import Frame
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

_BACK_OFF_S = (0.0, 1.0, 4.0, 16.0, 64.0)
"""A seek can land after the wanted key frame (transport streams, sparse indexes); it is then repeated from further back."""
_BEFORE_THE_START_S = 10
"""Decoding starts before the first frame is shown: a seek to that would miss the first key frame of a transport stream."""
_LONGEST_JUMP_S = 10
_LOOK_AHEAD_PACKETS = 8
"""A timestamp that jumps further ahead than this, and back again within this many packets, is damaged."""
_UNSPECIFIED, _BT2020 = 2, 9
_CONVERTED = (0, 1, _UNSPECIFIED, 4, 5, 6, 7, _BT2020)
"""Colour matrices that FFmpeg converts to RGB. It refuses rare ones (ICtCp, YCgCo): they are read as the nearest of these."""
_GIVE_UP_AFTER = 50
"""Consecutive demuxer errors after which the rest of the file is taken as lost."""

OnDamage = Callable[[], None]
_S = TypeVar("_S", bound=Stream)


def ignore_damage() -> None:
    """For probing: damage is counted when the file is actually read."""


def ticks(stream: Stream) -> Fraction:
    """Seconds per tick of a stream's timestamps (its time base)."""
    if stream.time_base is None:
        raise ValueError(f"stream {stream.index} has no time base")
    return stream.time_base


def frame_time(frame: Frame) -> int:
    """Presentation time in ticks; formats without one (AVI) give the decoding time only."""
    time = frame.pts if frame.pts is not None else frame.dts
    if time is None:
        raise ValueError("a decoded frame has no timestamp")
    return time


def packet_time(packet: Packet[_S]) -> int | None:
    """Presentation time in the stream's ticks; formats without one (AVI) give the decoding time only."""
    return packet.pts if packet.pts is not None else packet.dts


def packets(container: InputContainer, stream: _S, on_damage: OnDamage = ignore_damage) -> Iterator[Packet[_S]]:
    """The remaining packets of `stream` in decoding order, past damage as long as the file continues after it.

    A timestamp far ahead of the one before it and of those that follow it is damaged and removed from its packet.
    """
    limit = round(_LONGEST_JUMP_S / ticks(stream))
    latest: float = -inf  # beyond this, a time is looked at with those that follow it
    ahead: deque[Packet[_S]] = deque()
    following = _demuxed(container, stream, on_damage)
    while (packet := ahead.popleft() if ahead else next(following, None)) is not None:
        pts, dts = packet.pts, packet.dts
        if (pts is not None and pts > latest) or (dts is not None and dts > latest):
            ahead.extend(islice(following, _LOOK_AHEAD_PACKETS - len(ahead)))
            least = min((time for time in map(packet_time, ahead) if time is not None), default=-inf)
            # where pieces of a file are out of order, the last packets before an earlier piece are ahead only of what follows
            if _drop_wild_times(packet, max(latest, least + limit)):
                on_damage()
        time = packet_time(packet)
        latest = latest if time is None else time + limit
        yield packet


def with_following(items: Iterator[Packet[_S]], count: int) -> Iterator[tuple[Packet[_S], deque[Packet[_S]]]]:
    """Each item with the `count` items that follow it, fewer at the end."""
    ahead: deque[Packet[_S]] = deque()
    for item in items:
        ahead.append(item)
        if len(ahead) > count:
            yield ahead.popleft(), ahead
    while ahead:
        yield ahead.popleft(), ahead


def _drop_wild_times(packet: Packet[_S], latest: float) -> bool:
    """Remove timestamps after the `latest` that is possible (-inf: unknown) from a packet; whether there were any."""
    wild = [time is not None and -inf < latest < time for time in (packet.pts, packet.dts)]
    packet.pts = None if wild[0] else packet.pts
    packet.dts = None if wild[1] else packet.dts
    return any(wild)


def _demuxed(container: InputContainer, stream: _S, on_damage: OnDamage) -> Iterator[Packet[_S]]:
    errors = 0
    while errors < _GIVE_UP_AFTER:
        try:
            for packet in container.demux(stream):
                if packet.size:
                    if errors:
                        on_damage()
                    errors = 0
                    yield cast("Packet[_S]", packet)
            return
        except FFmpegError:
            errors += 1
        except IndexError:  # PyAV raises this at the end of a file in which a stream began late
            return


def packets_from(container: InputContainer, stream: _S, time: int, on_damage: OnDamage = ignore_damage) -> Iterator[Packet[_S]]:
    """Packets from the key frame at or before `time` (in the stream's ticks), or from the first packet if there is none."""
    for back_s in _BACK_OFF_S:
        with suppress(FFmpegError):
            container.seek(time - round(back_s / ticks(stream)), stream=stream)
            following = _from_key(packets(container, stream, on_damage))
            first = next(following, None)
            if first is not None and (packet_time(first) or 0) <= time:
                yield first
                yield from following
                return
    rewind(container, stream)
    yield from packets(container, stream, on_damage)


def _from_key(following: Iterator[Packet[_S]]) -> Iterator[Packet[_S]]:
    for packet in following:
        if packet.is_keyframe and packet_time(packet) is not None:
            yield packet
            break
    yield from following


def rewind(container: InputContainer, stream: Stream) -> None:
    """Seek to the start; formats that cannot seek stay where they are."""
    with suppress(FFmpegError):
        container.seek((stream.start_time or 0) - round(_BEFORE_THE_START_S / ticks(stream)), stream=stream)


def decoded(stream: VideoStream, packet: Packet[VideoStream] | None, on_damage: OnDamage = ignore_damage) -> list[VideoFrame]:
    """The frames that the decoder outputs for one packet (None: all that are still buffered); none for a damaged one."""
    try:
        pictures = stream.decode(packet)
    except FFmpegError:
        on_damage()
        return []
    for picture in pictures:
        if picture.colorspace not in _CONVERTED:
            picture.colorspace = _BT2020 if picture.color_primaries == _BT2020 else _UNSPECIFIED
    return [picture for picture in pictures if picture.pts is not None or picture.dts is not None]
