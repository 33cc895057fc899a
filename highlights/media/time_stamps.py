"""Times in MPEG streams, in ticks of 1/90,000 s modulo 2**33, and how they are moved.

Source: ISO/IEC 13818-1, 2.4.3.7 (PES packets: PTS, DTS); ISO/IEC 11172-1, 2.4.3.3 (their older form).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

TICKS_PER_S = 90_000
WRAP = 1 << 33


class Stamp(NamedTuple):
    """A time in some data: the byte at which its packet begins, the stream's number (of a transport stream its PID), ticks."""

    byte: int
    stream: int
    ticks: int


@dataclass(frozen=True, slots=True)
class Move:
    """How packets are changed, of a program stream only by `ticks`.

    `ticks` are added to their times; their PIDs become those in `pids`, and `counters` are added to their continuity counters
    by those new PIDs.
    """

    ticks: int = 0
    counters: Mapping[int, int] = field(default_factory=dict)
    pids: Mapping[int, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether anything is changed."""
        return bool(self.ticks or self.pids or any(self.counters.values()))


def apart(later: int, earlier: int) -> int:
    """Ticks from one time to another, negative if the clock went back; a clock that wraps goes on."""
    return (later - earlier + WRAP // 2) % WRAP - WRAP // 2


def is_timed(kind: int) -> bool:
    """Whether PES packets with this stream id may carry times: private ones (AC-3), audio, video, extended ones (VC-1)."""
    return kind in (0xBD, 0xFD) or 0xC0 <= kind <= 0xEF


def is_picture(kind: int) -> bool:
    """Whether PES packets with this stream id carry pictures."""
    return kind & 0xF0 == 0xE0 or kind == 0xFD


def stamps_in(data: memoryview | bytearray, at: int, end: int) -> Iterator[int]:
    """Where the PTS and the DTS lie in the PES packet whose start code is at `at`; nothing if it has none before `end`."""
    if at + 9 > end:
        return
    if data[at + 6] & 0xC0 == 0x80:
        count, field_at = {0x80: 1, 0xC0: 2}.get(data[at + 7] & 0xC0, 0), at + 9
    else:
        count, field_at = _older(data, at + 6, end)
    for number in range(count):
        if field_at + 5 * number + 5 <= end:
            yield field_at + 5 * number


def _older(data: memoryview | bytearray, at: int, end: int) -> tuple[int, int]:
    """The number of times in the packet of an MPEG-1 stream, and where they begin."""
    while at < end and data[at] == 0xFF:
        at += 1
    if at + 2 < end and data[at] & 0xC0 == 0x40:
        at += 2
    return ({0x20: 1, 0x30: 2}.get(data[at] & 0xF0, 0) if at < end else 0), at


def read_ticks(data: memoryview | bytearray, at: int) -> int:
    """The time in five bytes."""
    a, b, c, d, e = data[at : at + 5]
    return (a >> 1 & 0x07) << 30 | b << 22 | c >> 1 << 15 | d << 7 | e >> 1


def write_ticks(data: memoryview | bytearray, at: int, ticks: int) -> None:
    """Replace the time in five bytes."""
    data[at] = data[at] & 0xF1 | (ticks >> 30 & 0x07) << 1
    data[at + 1] = ticks >> 22 & 0xFF
    data[at + 2] = data[at + 2] & 0x01 | (ticks >> 15 & 0x7F) << 1
    data[at + 3] = ticks >> 7 & 0xFF
    data[at + 4] = data[at + 4] & 0x01 | (ticks & 0x7F) << 1
