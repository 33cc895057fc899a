"""Opening a media file safely, and its packets in decoding order from any time on.

A recording is a plain file and only ever that: no protocol, playlist or reference inside a file makes the program open
another file or the network. So the name always goes through the `file:` protocol, no other is allowed, and only
demuxers of self-contained formats are.
"""

from __future__ import annotations

import os
import stat
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import TypeVar, cast

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.frame import Frame
from av.packet import Packet
from av.stream import Discard, Disposition, Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from highlights.errors import RecordingError

_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,mpeg,avi,flv,asf,mxf,ogg,dv,wtv,nut,ivf,"
    "wav,w64,aiff,mp3,flac,aac,ac3,eac3,caf,amr"
)
"""Self-contained formats; those of sound alone are there to be told that a recording needs a picture."""

_NOT_THE_PICTURE = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
_BACK_OFF_S = (0.0, 1.0, 4.0, 16.0, 64.0)
"""Seeks can land after the wanted key frame (transport streams, sparse indexes); then it is tried from further back."""
_BEFORE_THE_START_S = 10
"""Decoding begins before the first picture is shown: a seek to that would miss the first key frame of a transport stream."""
_LONGEST_JUMP_S = 10
_LOOK_AHEAD_PACKETS = 8
"""A time stamp that jumps further ahead than that and comes back within so many packets is damaged."""
_GIVE_UP_AFTER = 50
"""So many demuxer errors without one good packet between them mean that the rest of the file is gone."""

OnDamage = Callable[[], None]
_S = TypeVar("_S", bound=Stream)


def ignore_damage() -> None:
    """For looking around in a file: what is damaged is counted when it is read for good."""


@contextmanager
def opened(path: Path) -> Iterator[InputContainer]:
    """The open file.

    Raises:
        RecordingError: it is no file that can be read as a recording; says why and what to do.
    """
    check_file(path)
    options = {"protocol_whitelist": "file", "format_whitelist": _FORMATS}
    try:
        container = av.open(f"file:{path.absolute()}", mode="r", options=options, metadata_errors="replace")
    except (FFmpegError, OSError, UnicodeError) as error:
        raise RecordingError(path, _why_unreadable(path)) from error
    with container:
        yield container


def check_file(path: Path) -> None:
    """Refuse what is no readable, filled, regular file, without opening it."""
    try:
        status = path.stat()
    except OSError as error:
        problem = "no such file" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
        raise RecordingError(path, f"{problem}; give the path of a video file on this machine") from error
    if stat.S_ISDIR(status.st_mode):
        raise RecordingError(path, "is a folder; give the video file(s) in it")
    if not stat.S_ISREG(status.st_mode):
        raise RecordingError(path, "is a device or pipe; save the recording to a file first")
    if not status.st_size:
        raise RecordingError(path, "is empty (0 bytes); copy or record it again")
    if not os.access(path, os.R_OK):
        raise RecordingError(path, "may not be read; change its permissions (chmod +r)")


def _why_unreadable(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(4096)
    if head[4:8] == b"ftyp" and b"moov" not in _top_boxes(path):
        return "was cut off before its index (moov) was written; repair it with a tool such as untrunc, or use another copy"
    if b"\0" not in head:
        return "is text, not a video; give the recording itself (MP4, MKV, TS, WebM, ...)"
    return "is not a video that can be read; give an MP4, MKV, TS, WebM or similar file"


def _top_boxes(path: Path) -> set[bytes]:
    """Names of an MP4's outermost boxes."""
    names, end = set(), path.stat().st_size
    with path.open("rb") as file:
        while file.tell() + 8 <= end:
            at = file.tell()
            size, name = int.from_bytes(file.read(4)), file.read(4)
            names.add(name)
            if size == 1:
                size = int.from_bytes(file.read(8))
            if size < 8:
                break
            file.seek(at + size)
    return names


def picture_stream(path: Path, container: InputContainer) -> VideoStream:
    """The stream of moving pictures: the default one, else the largest. Cover art and thumbnails are none.

    Raises:
        RecordingError: there is none, or no decoder for it.
    """
    streams = [s for s in container.streams.video if not s.disposition & _NOT_THE_PICTURE]
    if not streams:
        held = "sound but no moving picture" if container.streams.audio else "no moving picture"
        raise RecordingError(path, f"holds {held}; give a video of the match")
    usable = [s for s in streams if s.codec_context is not None]
    if not usable:
        raise RecordingError(path, "its picture is in a codec that cannot be decoded here; convert it to H.264")
    return max(usable, key=lambda s: (bool(s.disposition & Disposition.default), s.width * s.height, -s.index))


def only(container: InputContainer, stream: Stream) -> None:
    """Have nothing but `stream` read from the file."""
    for other in container.streams:
        if other.index != stream.index:
            other.discard = Discard.all


def ticks(stream: Stream) -> Fraction:
    """Seconds per tick of a stream's time stamps."""
    if stream.time_base is None:
        raise ValueError(f"stream {stream.index} has no time base")
    return stream.time_base


def frame_time(frame: Frame) -> int:
    """Presentation time in ticks; formats without one (AVI) tell the decoding time only."""
    time = frame.pts if frame.pts is not None else frame.dts
    if time is None:
        raise ValueError("a decoded frame has no time stamp")
    return time


def packet_time(packet: Packet[_S]) -> int | None:
    """Presentation time in the stream's ticks; formats without one (AVI) tell the decoding time only."""
    return packet.pts if packet.pts is not None else packet.dts


def packets(container: InputContainer, stream: _S, on_damage: OnDamage = ignore_damage) -> Iterator[Packet[_S]]:
    """What is left of `stream` in decoding order, over damaged places as long as the file goes on after them.

    A time stamp that is far ahead of those that follow it is damaged and taken off its packet.
    """
    limit = round(_LONGEST_JUMP_S / ticks(stream))
    ahead: deque[Packet[_S]] = deque()
    before: int | None = None
    for packet in chain(_demuxed(container, stream, on_damage), repeat(None)):
        if packet is not None:
            ahead.append(packet)
        if len(ahead) > _LOOK_AHEAD_PACKETS or packet is None:
            if not ahead:
                return
            first = ahead.popleft()
            if _tame(first, min(filter(None, map(packet_time, ahead)), default=before), limit):
                on_damage()
            before = packet_time(first)
            yield first


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
        except IndexError:  # the end of a file in which a stream began late: PyAV stumbles over that when all is read
            return


def packets_from(container: InputContainer, stream: _S, time: int, on_damage: OnDamage = ignore_damage) -> Iterator[Packet[_S]]:
    """Packets from the key frame at or before `time` (in the stream's ticks) on; from the first one if there is none."""
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
    """Go back to the start; formats that cannot seek stay where they are."""
    with suppress(FFmpegError):
        container.seek((stream.start_time or 0) - round(_BEFORE_THE_START_S / ticks(stream)), stream=stream)


def decoded(stream: VideoStream, packet: Packet[VideoStream] | None, on_damage: OnDamage = ignore_damage) -> list[VideoFrame]:
    """The pictures that come out of the decoder for one packet (None: all that it still holds); none for a damaged one."""
    try:
        pictures = stream.decode(packet)
    except FFmpegError:
        on_damage()
        return []
    return [picture for picture in pictures if picture.pts is not None or picture.dts is not None]
