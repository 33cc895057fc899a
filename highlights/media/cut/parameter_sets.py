"""Parameter sets of H.264 and HEVC: those of two encoders side by side in one file.

Every slice refers to its parameter set by id, so the sets of a second encoder only need other ids. x264 has an option for that;
x265 has none, so its output is rewritten here: id `0`, one bit long, becomes an id whose code is nine bits long, and everything
after it in a slice moves by one whole byte.

Source: Rec. ITU-T H.264 (7.3.2.1, 7.3.2.2) and H.265 (7.3.1.2, 7.3.2.1 to 7.3.2.3, 7.3.3, 7.3.6.1, 9.2), ISO/IEC 14496-15
(5.3.3.1, 8.3.3.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from highlights.media.cut.nal import join_nal_units, nal_units

_H264_SPS, _H264_PPS = 7, 8
_HEVC_VPS, _HEVC_SPS, _HEVC_PPS = 32, 33, 34
_SET_TYPES = {"h264": (_H264_SPS, _H264_PPS), "hevc": (_HEVC_VPS, _HEVC_SPS, _HEVC_PPS)}

_H264_IDS = range(31, -1, -1)
_HEVC_SPS_IDS = range(15, -1, -1)
_HEVC_PPS_IDS = (30, 26, 22, 18)
"""Their codes are nine bits long and end in 11, so no byte of a slice header becomes zero that was not zero before."""
_HEVC_IRAP = range(16, 24)
_PROFILE_BITS, _LEVEL_BITS = 88, 8


def unit_type(unit: bytes, codec: str) -> int:
    """The type of a NAL unit (nal_unit_type)."""
    return unit[0] & 31 if codec == "h264" else unit[0] >> 1 & 63


def is_parameter_set(unit: bytes, codec: str) -> bool:
    """Whether a NAL unit is a parameter set."""
    return unit_type(unit, codec) in _SET_TYPES[codec]


def is_slice(unit: bytes, codec: str) -> bool:
    """Whether a NAL unit is a slice of a picture."""
    return 1 <= unit_type(unit, codec) <= 5 if codec == "h264" else unit_type(unit, codec) < 32


def parameter_sets(codec: str, extradata: bytes | None) -> list[bytes]:
    """The parameter sets in a stream's extradata."""
    if not extradata or extradata[0] != 1:
        return [unit for unit in nal_units(extradata or b"", None) if is_parameter_set(unit, codec)]
    arrays = _h264_arrays(extradata)[0] if codec == "h264" else list(_hevc_arrays(extradata))
    return [unit for array in arrays for unit in array if unit and is_parameter_set(unit, codec)]


def with_sets(codec: str, extradata: bytes, added: Sequence[bytes]) -> bytes:
    """The extradata with these parameter sets added."""
    if extradata[0] != 1:
        return extradata + join_nal_units(added, None)
    return (_h264_with if codec == "h264" else _hevc_with)(extradata, added)


def _h264_arrays(extradata: bytes) -> tuple[tuple[list[bytes], list[bytes]], int]:
    """The sequence and picture parameter sets of an `avcC` record, and the offset of their end."""
    sequence, at = _listed(extradata, 6, extradata[5] & 31)
    picture, at = _listed(extradata, at + 1, extradata[at])
    return (sequence, picture), at


def _h264_with(extradata: bytes, added: Sequence[bytes]) -> bytes:
    (sequence, picture), end = _h264_arrays(extradata)
    sequence = [*sequence, *(unit for unit in added if unit[0] & 31 == _H264_SPS)]
    picture = [*picture, *(unit for unit in added if unit[0] & 31 == _H264_PPS)]
    counted = bytes([0xE0 | len(sequence)]) + join_nal_units(sequence, 2), bytes([len(picture)]) + join_nal_units(picture, 2)
    return extradata[:5] + b"".join(counted) + extradata[end:]


def _hevc_arrays(extradata: bytes) -> Iterator[list[bytes]]:
    """The arrays of NAL units in an `hvcC` record, each of one type."""
    at = 23
    for _ in range(extradata[22]):
        array, at = _listed(extradata, at + 3, int.from_bytes(extradata[at + 1 : at + 3]))
        yield array


def _hevc_with(extradata: bytes, added: Sequence[bytes]) -> bytes:
    arrays = [array for array in _hevc_arrays(extradata) if array]
    arrays = [[*array, *(unit for unit in added if unit[0] == array[0][0])] for array in arrays]
    complete = 0x80  # array_completeness: all sets are here, none in the stream itself
    written = (
        bytes([complete | array[0][0] >> 1 & 63]) + len(array).to_bytes(2) + join_nal_units(array, 2) for array in arrays
    )
    return extradata[:22] + bytes([len(arrays)]) + b"".join(written)


def _listed(data: bytes, at: int, count: int) -> tuple[list[bytes], int]:
    """`count` NAL units with length prefixes of two bytes, and the offset of their end."""
    found = []
    for _ in range(count):
        end = at + 2 + int.from_bytes(data[at : at + 2])
        found.append(data[at + 2 : end])
        at = end
    return found, at


@dataclass(frozen=True, slots=True)
class ParameterSetIds:
    """Ids of parameter sets that another encoder has not used: video (HEVC only), sequence, picture."""

    video: int
    sequence: int
    picture: int


def free_ids(codec: str, sets: Iterable[bytes]) -> ParameterSetIds:
    """Ids that none of these parameter sets has.

    Raises:
        ValueError: there are none left.
    """
    used: dict[int, set[int]] = {set_type: set() for set_type in _SET_TYPES[codec]}
    for unit in sets:
        used[unit_type(unit, codec)].add(_id(unit, codec))
    if codec == "h264":
        both = _first(_H264_IDS, used[_H264_SPS] | used[_H264_PPS])  # x264 gives both the same id
        return ParameterSetIds(0, both, both)
    sequence = _first(_HEVC_SPS_IDS, used[_HEVC_SPS])
    return ParameterSetIds(_first(_HEVC_SPS_IDS, used[_HEVC_VPS]), sequence, _first(_HEVC_PPS_IDS, used[_HEVC_PPS]))


def _first(ids: Iterable[int], used: set[int]) -> int:
    free = next((candidate for candidate in ids if candidate not in used), None)
    if free is None:
        raise ValueError("every parameter set id is in use")
    return free


def _id(unit: bytes, codec: str) -> int:
    """The id of a parameter set."""
    bits = _bits(unit)
    if unit_type(unit, codec) == _HEVC_VPS:
        return int(bits[16:20], 2)
    return _read_code(bits, _id_at(bits, unit_type(unit, codec)))[0]


def _id_at(bits: str, nal_type: int) -> int:
    """The bit offset of the id of a sequence or picture parameter set."""
    if nal_type == _HEVC_SPS:
        return _after_profile(bits, 24, int(bits[20:23], 2))
    return {_H264_SPS: 32, _H264_PPS: 8, _HEVC_PPS: 16}[nal_type]


def _after_profile(bits: str, at: int, sub_layers: int) -> int:
    """Where the profile, tier and level that begin at `at` end, in a stream with so many sub-layers."""
    at += _PROFILE_BITS + _LEVEL_BITS
    if not sub_layers:
        return at
    flags = bits[at : at + 2 * sub_layers]
    return at + 16 + flags[0::2].count("1") * _PROFILE_BITS + flags[1::2].count("1") * _LEVEL_BITS


def with_ids(unit: bytes, ids: ParameterSetIds) -> bytes:
    """An HEVC NAL unit of an encoder whose parameter sets all have id 0, with these ids instead."""
    nal_type = unit_type(unit, "hevc")
    if nal_type < 32:
        return _slice_with_id(unit, ids.picture)
    bits = _bits(unit)
    video, sequence, picture = f"{ids.video:04b}", _code(ids.sequence), _code(ids.picture)
    if nal_type == _HEVC_VPS:
        return _unit(bits[:16] + video + bits[20:])
    if nal_type == _HEVC_SPS:
        at = _id_at(bits, nal_type)
        return _unit(bits[:16] + video + bits[20:at] + sequence + bits[at + 1 :])
    if nal_type == _HEVC_PPS:
        return _unit(bits[:16] + picture + sequence + bits[18:])
    return unit


def _slice_with_id(unit: bytes, set_id: int) -> bytes:
    """A slice with this slice_pic_parameter_set_id, which follows one flag, or two in random access pictures (IRAP)."""
    at = 2 if unit_type(unit, "hevc") in _HEVC_IRAP else 1
    first = f"{unit[2]:08b}"
    if first[at] != "1":
        raise ValueError("only slices of parameter set 0 can be given another id")
    return unit[:2] + int(first[:at] + _code(set_id) + first[at + 1 :], 2).to_bytes(2) + unit[3:]


def _bits(unit: bytes) -> str:
    """A NAL unit as zeros and ones, without emulation prevention bytes."""
    plain = unit.replace(b"\0\0\3", b"\0\0")
    return f"{int.from_bytes(plain):0{8 * len(plain)}b}"


def _unit(bits: str) -> bytes:
    """The inverse of `_bits`; the last 1 is the stop bit, padded to a whole byte."""
    bits = bits.rstrip("0")
    bits += "0" * (-len(bits) % 8)
    return re.sub(rb"\0\0(?=[\0-\3])", b"\0\0\3", int(bits, 2).to_bytes(len(bits) // 8))


def _read_code(bits: str, at: int) -> tuple[int, int]:
    """The number in the exponential Golomb code at `at`, and the offset of its end.

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
