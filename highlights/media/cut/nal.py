"""What a stream copy needs to know about H.264 and HEVC packets: their NAL units, and whether a key frame resets the decoder.

An HEVC key frame that does not (CRA) can be marked as following a broken link (BLA), which exists for splicing. H.264 has
nothing similar: only IDR pictures reset the decoder.

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
    """Whether an H.264 packet contains an IDR picture; other key frames (open GOP) need the frames before them.

    Args:
        data: The packet.
        extradata: The stream's; distinguishes length-prefixed NAL units (MP4, Matroska) from those with start codes (Annex B).

    >>> is_idr(bytes([0, 0, 0, 2, 0x65, 0]), bytes([1, 0x4D, 0x40, 0x0C, 0xFF]))
    True
    >>> is_idr(bytes([0, 0, 1, 0x09, 0xF0, 0, 0, 1, 0x41, 0]), None)
    False
    """
    size_at = 4 if extradata and extradata[0] == 1 else None
    return any(data[at] & 31 == _H264_IDR for at in _headers(data, extradata, size_at))


def with_broken_link(data: bytes, extradata: bytes | None) -> bytes:
    """An HEVC packet whose CRA picture, if any, is marked as following a broken link (BLA).

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
    """Size of the NAL length prefix in bytes (lengthSizeMinusOne + 1); None for Annex B.

    >>> length_size("h264", bytes([1, 0x4D, 0x40, 0x0C, 0xFF])), length_size("hevc", bytes([0, 0, 0, 1]))
    (4, None)
    """
    at = 4 if codec == "h264" else 21
    return (extradata[at] & 3) + 1 if extradata and extradata[0] == 1 and len(extradata) > at else None


def nal_units(data: bytes, size: int | None) -> list[bytes]:
    """The NAL units of a packet with length prefixes of `size` bytes, or None for Annex B.

    >>> nal_units(bytes([0, 0, 1, 0x65, 7, 0, 0, 0, 1, 0x41]), None) == nal_units(bytes([0, 2, 0x65, 7, 0, 1, 0x41]), 2)
    True
    """
    if size is None:
        starts = list(_after_start_codes(data))
        ends = [at - len(_START_CODE) for at in starts[1:]] + [len(data)]
        found = [data[start:end].rstrip(b"\0") for start, end in zip(starts, ends, strict=True)]
    else:
        found = [data[at : at + int.from_bytes(data[at - size : at])] for at in _after_lengths(data, size)]
    return [unit for unit in found if unit]


def join_nal_units(units: Iterable[bytes], size: int | None) -> bytes:
    """A packet of these NAL units, the inverse of `nal_units`."""
    return b"".join((b"\0" + _START_CODE if size is None else len(unit).to_bytes(size)) + unit for unit in units)


def _headers(data: bytes, extradata: bytes | None, size_at: int | None) -> Iterator[int]:
    """The offset of every NAL unit header in a packet."""
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
