"""What a stream copy must know of H.264 and HEVC packets: whether a key frame makes a decoder forget everything before it,
and of what pieces a packet is made.

In HEVC a key frame that does not (CRA) can be marked as one behind a broken link (BLA), a mark made for splicing. H.264 has
none, there only IDR pictures will do.

Source: Rec. ITU-T H.264 (7.3.1, table 7-1) and H.265 (7.3.1.2, table 7-1).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_H264_IDR = 5
_HEVC_CRA = 21
_HEVC_BLA_N_LP = 18
"""Broken link without leading pictures: those are not copied."""
_START_CODE = b"\0\0\1"


def is_idr(data: bytes, extradata: bytes | None) -> bool:
    """Whether an H.264 packet holds an IDR picture; others (open GOP) only decode well after the pictures before them.

    Args:
        data: The packet.
        extradata: The stream's; says whether pieces of a packet have their length in front (MP4, Matroska) or a start code.

    >>> is_idr(bytes([0, 0, 0, 2, 0x65, 0]), bytes([1, 0x4D, 0x40, 0x0C, 0xFF]))
    True
    >>> is_idr(bytes([0, 0, 1, 0x09, 0xF0, 0, 0, 1, 0x41, 0]), None)
    False
    """
    size_at = 4 if extradata and extradata[0] == 1 else None
    return any(data[at] & 31 == _H264_IDR for at in _headers(data, extradata, size_at))


def with_broken_link(data: bytes, extradata: bytes | None) -> bytes:
    """An HEVC packet whose CRA picture, if it holds one, is marked as following a broken link.

    >>> with_broken_link(bytes([0, 0, 0, 2, 21 << 1, 1]), None) == bytes([0, 0, 0, 2, 21 << 1, 1])  # no start code
    True
    >>> with_broken_link(bytes([0, 0, 1, 21 << 1, 1]), None) == bytes([0, 0, 1, 18 << 1, 1])
    True
    """
    marked = bytearray(data)
    for at in _headers(data, extradata, 21 if extradata and extradata[0] == 1 else None):
        if data[at] >> 1 & 63 == _HEVC_CRA:
            marked[at] = data[at] & 0x81 | _HEVC_BLA_N_LP << 1
    return bytes(marked)


def length_size(codec: str, extradata: bytes | None) -> int | None:
    """In how many bytes the length in front of each piece of a packet is written; None where they have start codes.

    >>> length_size("h264", bytes([1, 0x4D, 0x40, 0x0C, 0xFF])), length_size("hevc", bytes([0, 0, 0, 1]))
    (4, None)
    """
    at = 4 if codec == "h264" else 21
    return (extradata[at] & 3) + 1 if extradata and extradata[0] == 1 and len(extradata) > at else None


def pieces(data: bytes, size: int | None) -> list[bytes]:
    """The pieces (NAL units) of a packet whose lengths take `size` bytes, or that has start codes.

    >>> pieces(bytes([0, 0, 1, 0x65, 7, 0, 0, 0, 1, 0x41]), None) == pieces(bytes([0, 2, 0x65, 7, 0, 1, 0x41]), 2)
    True
    """
    if size is None:
        starts = list(_after_start_codes(data))
        ends = [at - len(_START_CODE) for at in starts[1:]] + [len(data)]
        found = [data[start:end].rstrip(b"\0") for start, end in zip(starts, ends, strict=True)]
    else:
        found = [data[at : at + int.from_bytes(data[at - size : at])] for at in _after_lengths(data, size)]
    return [piece for piece in found if piece]


def packed(pieces: Iterable[bytes], size: int | None) -> bytes:
    """The packet of these pieces, the inverse of `pieces`."""
    return b"".join((b"\0" + _START_CODE if size is None else len(piece).to_bytes(size)) + piece for piece in pieces)


def _headers(data: bytes, extradata: bytes | None, size_at: int | None) -> Iterator[int]:
    """Where the header of every piece (NAL unit) of a packet begins."""
    if extradata is not None and size_at is not None and len(extradata) > size_at:
        yield from _after_lengths(data, (extradata[size_at] & 3) + 1)
    else:
        yield from _after_start_codes(data)


def _after_lengths(data: bytes, size: int) -> Iterator[int]:
    at = 0
    while at + size < len(data):
        yield at + size
        at += size + int.from_bytes(data[at : at + size])


def _after_start_codes(data: bytes) -> Iterator[int]:
    at = data.find(_START_CODE)
    while 0 <= at < len(data) - len(_START_CODE):
        yield at + len(_START_CODE)
        at = data.find(_START_CODE, at + len(_START_CODE))
