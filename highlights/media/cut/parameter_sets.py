"""Parameter sets: what a decoder of H.264 or HEVC is told once about pictures. Those of two encoders side by side in one file.

Every picture names the set that it was coded with by a number, so a second encoder's sets only need numbers of their own.
x264 can be told which to use; x265 cannot, so what it gives is renumbered here: `0`, one bit long, becomes a number whose code
is nine bits long, and all that follows in a picture moves by one whole byte.

Source: Rec. ITU-T H.264 (7.3.2.1, 7.3.2.2) and H.265 (7.3.1.2, 7.3.2.1 to 7.3.2.3, 7.3.3, 7.3.6.1, 9.2), ISO/IEC 14496-15
(5.3.3.1, 8.3.3.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from highlights.media.cut.nal import packed, pieces

_H264_SPS, _H264_PPS = 7, 8
_HEVC_VPS, _HEVC_SPS, _HEVC_PPS = 32, 33, 34
_KINDS = {"h264": (_H264_SPS, _H264_PPS), "hevc": (_HEVC_VPS, _HEVC_SPS, _HEVC_PPS)}

_H264_NUMBERS = range(31, -1, -1)
_HEVC_SPS_NUMBERS = range(15, -1, -1)
_HEVC_PPS_NUMBERS = (30, 26, 22, 18)
"""Their codes are nine bits long and end in 11, so no byte of a picture's header becomes zero where none was."""
_HEVC_IRAP = range(16, 24)
_PROFILE_BITS, _LEVEL_BITS = 88, 8


def kind_of(piece: bytes, codec: str) -> int:
    """The type of a piece (NAL unit) of a packet."""
    return piece[0] & 31 if codec == "h264" else piece[0] >> 1 & 63


def is_parameter_set(piece: bytes, codec: str) -> bool:
    """Whether a piece is a parameter set."""
    return kind_of(piece, codec) in _KINDS[codec]


def is_picture(piece: bytes, codec: str) -> bool:
    """Whether a piece is (a slice of) a picture."""
    return 1 <= kind_of(piece, codec) <= 5 if codec == "h264" else kind_of(piece, codec) < 32


def parameter_sets(codec: str, extradata: bytes | None) -> list[bytes]:
    """The parameter sets that a stream's extradata holds."""
    if not extradata or extradata[0] != 1:
        return [piece for piece in pieces(extradata or b"", None) if is_parameter_set(piece, codec)]
    arrays = _h264_arrays(extradata)[0] if codec == "h264" else list(_hevc_arrays(extradata))
    return [piece for array in arrays for piece in array if piece and is_parameter_set(piece, codec)]


def with_sets(codec: str, extradata: bytes, added: Sequence[bytes]) -> bytes:
    """The extradata with more parameter sets in it."""
    if extradata[0] != 1:
        return extradata + packed(added, None)
    return (_h264_with if codec == "h264" else _hevc_with)(extradata, added)


def _h264_arrays(extradata: bytes) -> tuple[tuple[list[bytes], list[bytes]], int]:
    """The sequence and the picture parameter sets of an `avcC` record, and where they end in it."""
    sequence, at = _listed(extradata, 6, extradata[5] & 31)
    picture, at = _listed(extradata, at + 1, extradata[at])
    return (sequence, picture), at


def _h264_with(extradata: bytes, added: Sequence[bytes]) -> bytes:
    (sequence, picture), end = _h264_arrays(extradata)
    sequence = [*sequence, *(piece for piece in added if piece[0] & 31 == _H264_SPS)]
    picture = [*picture, *(piece for piece in added if piece[0] & 31 == _H264_PPS)]
    counted = bytes([0xE0 | len(sequence)]) + packed(sequence, 2), bytes([len(picture)]) + packed(picture, 2)
    return extradata[:5] + b"".join(counted) + extradata[end:]


def _hevc_arrays(extradata: bytes) -> Iterator[list[bytes]]:
    """The arrays of pieces of an `hvcC` record, each of one type."""
    at = 23
    for _ in range(extradata[22]):
        array, at = _listed(extradata, at + 3, int.from_bytes(extradata[at + 1 : at + 3]))
        yield array


def _hevc_with(extradata: bytes, added: Sequence[bytes]) -> bytes:
    arrays = [array for array in _hevc_arrays(extradata) if array]
    arrays = [[*array, *(piece for piece in added if piece[0] == array[0][0])] for array in arrays]
    complete = 0x80  # all sets are here and none among the pictures
    written = (bytes([complete | array[0][0] >> 1 & 63]) + len(array).to_bytes(2) + packed(array, 2) for array in arrays)
    return extradata[:22] + bytes([len(arrays)]) + b"".join(written)


def _listed(data: bytes, at: int, count: int) -> tuple[list[bytes], int]:
    """`count` pieces, each with its length in two bytes in front, and where they end."""
    found = []
    for _ in range(count):
        end = at + 2 + int.from_bytes(data[at : at + 2])
        found.append(data[at + 2 : end])
        at = end
    return found, at


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers of parameter sets that another encoder has not used: video (HEVC only), sequence, picture."""

    video: int
    sequence: int
    picture: int


def free_numbers(codec: str, sets: Iterable[bytes]) -> Numbers:
    """Numbers that none of these parameter sets has.

    Raises:
        ValueError: there are none left.
    """
    used: dict[int, set[int]] = {kind: set() for kind in _KINDS[codec]}
    for piece in sets:
        used[kind_of(piece, codec)].add(_number(piece, codec))
    if codec == "h264":
        both = _first(_H264_NUMBERS, used[_H264_SPS] | used[_H264_PPS])  # x264 gives both the same one
        return Numbers(0, both, both)
    sequence = _first(_HEVC_SPS_NUMBERS, used[_HEVC_SPS])
    return Numbers(_first(_HEVC_SPS_NUMBERS, used[_HEVC_VPS]), sequence, _first(_HEVC_PPS_NUMBERS, used[_HEVC_PPS]))


def _first(numbers: Iterable[int], used: set[int]) -> int:
    free = next((number for number in numbers if number not in used), None)
    if free is None:
        raise ValueError("every number of a parameter set is in use")
    return free


def _number(piece: bytes, codec: str) -> int:
    """The number of a parameter set."""
    bits = _bits(piece)
    if kind_of(piece, codec) == _HEVC_VPS:
        return int(bits[16:20], 2)
    return _read_code(bits, _number_at(bits, kind_of(piece, codec)))[0]


def _number_at(bits: str, kind: int) -> int:
    """Where the number of a sequence or picture parameter set begins."""
    if kind == _HEVC_SPS:
        return _after_profile(bits, 24, int(bits[20:23], 2))
    return {_H264_SPS: 32, _H264_PPS: 8, _HEVC_PPS: 16}[kind]


def _after_profile(bits: str, at: int, sub_layers: int) -> int:
    """Where the profile, tier and level that begin at `at` end, in a stream with so many sub-layers."""
    at += _PROFILE_BITS + _LEVEL_BITS
    if not sub_layers:
        return at
    flags = bits[at : at + 2 * sub_layers]
    return at + 16 + flags[0::2].count("1") * _PROFILE_BITS + flags[1::2].count("1") * _LEVEL_BITS


def renumbered(piece: bytes, numbers: Numbers) -> bytes:
    """A piece of HEVC whose parameter sets all have number 0, with these numbers instead."""
    kind = kind_of(piece, "hevc")
    if kind < 32:
        return _renumbered_slice(piece, numbers.picture)
    bits = _bits(piece)
    video, sequence, picture = f"{numbers.video:04b}", _code(numbers.sequence), _code(numbers.picture)
    if kind == _HEVC_VPS:
        return _piece(bits[:16] + video + bits[20:])
    if kind == _HEVC_SPS:
        at = _number_at(bits, kind)
        return _piece(bits[:16] + video + bits[20:at] + sequence + bits[at + 1 :])
    if kind == _HEVC_PPS:
        return _piece(bits[:16] + picture + sequence + bits[18:])
    return piece


def _renumbered_slice(piece: bytes, number: int) -> bytes:
    """The picture parameter set's number follows a flag, or two in pictures that decoding can begin with."""
    at = 2 if kind_of(piece, "hevc") in _HEVC_IRAP else 1
    first = f"{piece[2]:08b}"
    if first[at] != "1":
        raise ValueError("a slice to be renumbered does not have number 0")
    return piece[:2] + int(first[:at] + _code(number) + first[at + 1 :], 2).to_bytes(2) + piece[3:]


def _bits(piece: bytes) -> str:
    """A piece as zeros and ones, without the bytes that keep start codes out of it."""
    plain = piece.replace(b"\0\0\3", b"\0\0")
    return f"{int.from_bytes(plain):0{8 * len(plain)}b}"


def _piece(bits: str) -> bytes:
    """The inverse of `_bits`, the last 1 being the stop bit that is filled up to a whole byte."""
    bits = bits.rstrip("0")
    bits += "0" * (-len(bits) % 8)
    return re.sub(rb"\0\0(?=[\0-\3])", b"\0\0\3", int(bits, 2).to_bytes(len(bits) // 8))


def _read_code(bits: str, at: int) -> tuple[int, int]:
    """The number in the exponential Golomb code at `at`, and where that ends.

    >>> _read_code("00101", 0)
    (4, 5)
    """
    zeros = bits.index("1", at) - at
    end = at + 2 * zeros + 1
    return int(bits[at + zeros : end], 2) - 1, end


def _code(number: int) -> str:
    """The exponential Golomb code of a number.

    >>> _code(0), _code(4), _code(30)
    ('1', '00101', '000011111')
    """
    return "0" * ((number + 1).bit_length() - 1) + f"{number + 1:b}"
