"""What a stream copy must know of H.264: which key frames make a decoder forget everything before (IDR)."""

from __future__ import annotations

from collections.abc import Iterator

_IDR = 5
_START_CODE = b"\0\0\1"


def is_idr(data: bytes, extradata: bytes | None) -> bool:
    """Whether a packet holds an IDR picture; others (open GOP) only decode well after the pictures before them.

    Args:
        data: The packet.
        extradata: The stream's; says whether pieces of a packet have their length in front (MP4, Matroska) or a start code.

    >>> is_idr(bytes([0, 0, 0, 2, 0x65, 0]), bytes([1, 0x4D, 0x40, 0x0C, 0xFF]))
    True
    >>> is_idr(bytes([0, 0, 1, 0x09, 0xF0, 0, 0, 1, 0x41, 0]), None)
    False
    """
    pieces = _with_lengths(data, (extradata[4] & 3) + 1) if extradata and extradata[0] == 1 else _with_start_codes(data)
    return any(kind & 31 == _IDR for kind in pieces)


def _with_lengths(data: bytes, size: int) -> Iterator[int]:
    at = 0
    while at + size < len(data):
        yield data[at + size]
        at += size + int.from_bytes(data[at : at + size])


def _with_start_codes(data: bytes) -> Iterator[int]:
    at = data.find(_START_CODE)
    while 0 <= at < len(data) - len(_START_CODE):
        yield data[at + len(_START_CODE)]
        at = data.find(_START_CODE, at + len(_START_CODE))
