"""Opening a media file safely, and choosing its streams.

A recording is a plain file and nothing else: no protocol, playlist or reference inside a file may make the program open another
file or the network. So the name always goes through the `file:` protocol, no other protocol is allowed, and only demuxers of
self-contained formats are. What may decode it is in `decoders`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import lru_cache
from itertools import islice
from pathlib import Path

import av
from av.codec.context import ThreadType
from av.container import InputContainer
from av.error import FFmpegError
from av.error import MemoryError as TooMany
from av.stream import Discard, Disposition, Stream
from av.video.stream import VideoStream

from highlights.errors import RecordingError
from highlights.media import decoders
from highlights.media.bridged import BridgedFile, bridges
from highlights.media.joined import mp4_boxes
from highlights.supervision import note_file

_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,mpeg,avi,flv,asf,mxf,ogg,dv,wtv,nut,ivf,gif,"
    "wav,w64,aiff,mp3,flac,aac,ac3,eac3,caf,amr"
)
"""Self-contained formats; the audio-only ones are here to be refused with the message that a recording needs video."""

_DISCREET = frozenset({"hevc"})
"""Decoders that show damaged pictures as if they were whole, unless they are strict."""
_STRICT = {"err_detect": "explode"}
_TRIED_PACKETS = 32

_NOT_VIDEO = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image


@contextmanager
def opened(path: Path) -> Iterator[InputContainer]:
    """The open file.

    Raises:
        RecordingError: the file cannot be read as a recording; the message says why and what to do.
    """
    check_file(path)
    note_file(str(path))
    options = {"protocol_whitelist": "file", "format_whitelist": _FORMATS} | decoders.options()
    found = bridges(path)
    with ExitStack() as stack:
        source = f"file:{path.absolute()}" if found is None else stack.enter_context(BridgedFile(path, found))
        try:
            container = stack.enter_context(av.open(source, mode="r", options=options, metadata_errors="replace"))
        except TooMany as error:
            raise RecordingError(path, "has too many streams to be a recording of a match; convert it") from error
        except (FFmpegError, OSError, UnicodeError) as error:
            raise RecordingError(path, _why_unreadable(path)) from error
        yield container


def check_file(path: Path) -> None:
    """Refuse anything but a readable, non-empty, regular file, without opening it."""
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
    if head[4:8] == b"ftyp" and b"moov" not in dict(mp4_boxes(path)):
        return "was cut off before its index (moov) was written; repair it with a tool such as untrunc, or use another copy"
    if b"\0" not in head:
        return "is text, not a video; give the recording itself (MP4, MKV, TS, WebM, ...)"
    return "is not a video that can be read; give an MP4, MKV, TS, WebM or similar file"


def picture_stream(path: Path, container: InputContainer) -> VideoStream:
    """The video stream: the default one, else the largest. Cover art and thumbnails do not count.

    Raises:
        RecordingError: there is none, or no decoder for it that may be used, or its pictures are too large.
    """
    streams = [s for s in container.streams.video if not s.disposition & _NOT_VIDEO]
    if not streams:
        content = "audio but no video" if container.streams.audio else "no video"
        raise RecordingError(path, f"has {content}; give a video of the match")
    usable = [s for s in streams if s.codec_context is not None]
    if not usable:
        raise RecordingError(path, "its video codec cannot be decoded here; convert it to H.264")
    allowed = [s for s in usable if decoders.is_allowed(s)]
    chosen = max(allowed or usable, key=lambda s: (bool(s.disposition & Disposition.default), s.width * s.height, -s.index))
    decoders.prepare(path, chosen)
    if chosen.codec_context.name in _DISCREET and _can_be_strict(path, path.stat().st_size, path.stat().st_mtime_ns):
        chosen.codec_context.options |= _STRICT
    return chosen


@lru_cache(maxsize=64)
def _can_be_strict(path: Path, size: int, mtime_ns: int) -> bool:
    """Whether strictness costs no frame: some files break a rule in every packet, and play all the same."""
    del size, mtime_ns  # a file that changed is tried again
    return _tried(path, _STRICT) >= _tried(path, {})


def _tried(path: Path, options: Mapping[str, str]) -> int:
    """How many frames the first packets give."""
    count = 0
    with opened(path) as container:
        stream = next(each for each in container.streams.video if each.codec_context and each.codec_context.name in _DISCREET)
        stream.thread_type = ThreadType.NONE
        stream.codec_context.options |= options
        with suppress(FFmpegError):
            for packet in islice(container.demux(stream), _TRIED_PACKETS):
                with suppress(FFmpegError):
                    count += len(packet.decode())
    return count


def only(container: InputContainer, stream: Stream) -> None:
    """Discard all other streams while reading the file."""
    for other in container.streams:
        if other.index != stream.index:
            other.discard = Discard.all
