"""Files in which another whole file follows, joined with `cat`: players, and FFmpeg, read only the first.

    match.mp4     ftyp  moov  mdat │ ftyp  moov  mdat
                                   └ unread_from

MPEG streams and AVI are read on.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

_FLV, _FLV_HEADER_SIZE = b"FLV\x01", (9).to_bytes(4)


def unread_from(path: Path) -> int | None:
    """The byte at which a second file begins that is not read; None if there is none."""
    with path.open("rb") as file:
        head = file.read(8)
    if head[4:8] == b"ftyp":
        return _second_mp4(path)
    return _second_flv(path) if head[:4] == _FLV else None


def mp4_boxes(path: Path) -> Iterator[tuple[bytes, int]]:
    """The names of an MP4's top-level boxes, and where they begin."""
    end = path.stat().st_size
    with path.open("rb") as file:
        while file.tell() + 8 <= end:
            at = file.tell()
            size, name = int.from_bytes(file.read(4)), file.read(4)
            yield name, at
            if size == 1:
                size = int.from_bytes(file.read(8))
            if size < 8:
                break
            file.seek(at + size)


def _second_mp4(path: Path) -> int | None:
    """Where a second index begins, or the file type before it. In fragments all are read, whatever lies between them."""
    boxes = list(mp4_boxes(path))
    if any(name == b"moof" for name, _ in boxes):
        return None
    starts = [at for name, at in boxes if name == b"ftyp"]
    indexes = [at for name, at in boxes if name == b"moov"]
    return next((at for at in chain(starts[1:], indexes[1:]) if len(indexes) > 1), None)


def _second_flv(path: Path) -> int | None:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        at = content.find(_FLV, 1)
        while at >= 0 and content[at + 5 : at + 9] != _FLV_HEADER_SIZE:
            at = content.find(_FLV, at + 1)
        return at if at >= 0 else None
