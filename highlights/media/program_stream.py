"""MPEG program streams (MPG, VOB) as bytes: the times in them, and the bytes with these times moved.

    pack      │000001BA│ SCR │ PES packet: │000001E0│ length │ PTS, DTS │ ... │ PES packet │ ...

Source: ISO/IEC 13818-1, 2.5; ISO/IEC 11172-1, 2.4.3 (MPEG-1, whose headers are shorter).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from highlights.media.time_stamps import WRAP, Move, Stamp, is_picture, is_timed, read_ticks, stamps_in, write_ticks

_PACK = 0xBA
_PICTURE, _GROUP = 0x00, 0xB8
_IN_PICTURES = re.compile(rb"\x00\x00\x01[\x00\xb8\xba-\xff]", re.DOTALL)
_HEADERS = re.compile(rb"\x00\x00\x01[\xba\xbd\xc0-\xef\xfd]", re.DOTALL)
_LONGEST_HEADER = 64  # bytes up to the end of its times
_PACK_HEADER = 12
_ONE_CLOCK = 0


class ProgramStream:
    """Reads and moves the times of a program stream."""

    reach = _LONGEST_HEADER

    def clocks(self, data: bytes) -> list[Stamp]:
        """The system clock references (SCR)."""
        view = memoryview(data)
        return [Stamp(at, _ONE_CLOCK, _read_scr(view, at)) for at, kind in _headers(view) if kind == _PACK]

    def pictures(self, data: bytes) -> list[Stamp]:
        """The presentation times of pictures."""
        return all_times(list(_pictures(memoryview(data))))

    def first_after(self, data: bytes, old: Stamp, new: Stamp) -> int:
        """The first byte after a jump: a clock reference comes first in its pack."""
        del data, old
        return new.byte

    def following(self, before: bytes, after: bytes) -> Move:
        """Nothing but the clock is changed."""
        del before, after
        return Move()

    def moved(self, data: bytes, move: Move) -> bytes:
        """The data with its times moved."""
        changed = bytearray(data)
        for at, kind in _headers(memoryview(data)):
            if kind == _PACK:
                _write_scr(changed, at, (_read_scr(changed, at) + move.ticks) % WRAP)
                continue
            for field in stamps_in(changed, at, len(data)):
                write_ticks(changed, field, (read_ticks(changed, field) + move.ticks) % WRAP)
        return bytes(changed)


class Picture(NamedTuple):
    """A picture: where it begins, its group, its place in the group's order of time, and its time if its packet has one."""

    byte: int
    group: int
    place: int
    ticks: int | None


def all_times(pictures: Sequence[Picture]) -> list[Stamp]:
    """The times of the pictures, also of those between two times: a packet may hold several, and has the time of the first."""
    timed: dict[int, list[tuple[int, int]]] = {}
    for _, group, place, ticks in pictures:
        if ticks is not None:
            timed.setdefault(group, []).append((place, ticks))
    steps = [
        (after[1] - before[1]) / (after[0] - before[0])
        for each in timed.values()
        for before, after in pairwise(sorted(each))
        if after[0] > before[0] and after[1] > before[1]
    ]
    step = median(steps) if steps else 0
    found = []
    for byte, group, place, ticks in pictures:
        if group in timed and (step or ticks is not None):
            near = timed[group][0]
            found.append(Stamp(byte, 0, round(near[1] + (place - near[0]) * step) % WRAP if ticks is None else ticks))
    return found


def _pictures(data: memoryview) -> Iterator[Picture]:
    """The pictures of the first video stream; of other codecs than MPEG-1 and MPEG-2 those with a time."""
    coded = b"\x00\x00\x01\xb3" in bytes(data)
    stream = ticks = None
    inside, group, place = False, 0, 0
    for found in _IN_PICTURES.finditer(data):
        at, kind = found.start(), data[found.end() - 1]
        if kind >= _PACK:
            inside = is_picture(kind) and kind == (stream or kind)
            if inside:
                stream = kind
                field = next(stamps_in(data, at, len(data)), None)
                ticks = ticks if field is None else read_ticks(data, field)
                if not coded and field is not None:
                    yield Picture(at, place := place + 1, 0, ticks)
        elif inside and kind == _GROUP:
            group += 1
        elif inside and coded and at + 6 <= len(data):
            place = data[at + 4] << 2 | data[at + 5] >> 6
            yield Picture(at, group, place, ticks)
            ticks = None


def program_stream(head: bytes) -> ProgramStream | None:
    """The program stream that begins so; None for other files."""
    first = next(_headers(memoryview(head[:_LONGEST_HEADER])), None)
    return ProgramStream() if first == (0, _PACK) else None


def _headers(data: memoryview) -> Iterator[tuple[int, int]]:
    """Where the headers of packs and of PES packets begin that may have times, and their kinds."""
    for found in _HEADERS.finditer(data):
        at, kind = found.start(), data[found.end() - 1]
        if kind == _PACK:
            if at + _PACK_HEADER <= len(data) and _is_pack(data, at):
                yield at, kind
        elif is_timed(kind):
            yield at, kind


def _is_mpeg2(data: memoryview | bytearray, at: int) -> bool:
    return data[at + 4] & 0xC0 == 0x40


def _is_pack(data: memoryview, at: int) -> bool:
    """Whether the bits that are the same in every pack are set."""
    if _is_mpeg2(data, at):
        return data[at + 4] & 0x04 == 0x04 and data[at + 6] & 0x04 == 0x04 and data[at + 8] & 0x04 == 0x04
    return data[at + 4] & 0xF1 == 0x21 and data[at + 6] & 0x01 == 0x01 and data[at + 8] & 0x01 == 0x01


def _read_scr(data: memoryview | bytearray, at: int) -> int:
    """The clock of a pack. MPEG-2 has two more bits in front of its fields, and two of its extension at the end."""
    if not _is_mpeg2(data, at):
        return read_ticks(data, at + 4)
    bits = int.from_bytes(data[at + 4 : at + 9])  # 01 3 bits 1 15 bits 1 15 bits 1 2 bits
    return (bits >> 35 & 0x07) << 30 | (bits >> 19 & 0x7FFF) << 15 | bits >> 3 & 0x7FFF


def _write_scr(data: bytearray, at: int, ticks: int) -> None:
    if not _is_mpeg2(data, at):
        write_ticks(data, at + 4, ticks)
        return
    others = int.from_bytes(data[at + 4 : at + 9]) & ~(0x07 << 35 | 0x7FFF << 19 | 0x7FFF << 3)
    bits = others | (ticks >> 30) << 35 | (ticks >> 15 & 0x7FFF) << 19 | (ticks & 0x7FFF) << 3
    data[at + 4 : at + 9] = bits.to_bytes(5)
