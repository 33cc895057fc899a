"""The bytes of an MPEG transport stream: its packets, the times in them, and packets with their times moved.

    packet    │47│ PID, flags, counter │ adaptation: PCR │ PES header: PTS, DTS │ ...      188 bytes

Source: ISO/IEC 13818-1. All times are in ticks of 1/90,000 s, modulo 2**33.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

TICKS_PER_S = 90_000
WRAP = 1 << 33
SYNC = 0x47
LENGTH = 188
_LAYOUTS = ((188, 0), (192, 4), (204, 0))
_SURE_PACKETS = 6  # in a row with a sync byte: not by chance
_PIDS, _NULL_PID = 0x2000, 0x1FFF

Bytes = NDArray[np.uint8]


class Layout(NamedTuple):
    """The size of a packet and where its sync byte is: broadcast, camcorders (a time stamp first), with error correction."""

    size: int
    sync: int


class Packets(NamedTuple):
    """Packets, uint8 [num_packets, 188], from the sync byte on, and the byte of the data at which each begins."""

    at: NDArray[np.int64]
    rows: Bytes

    @property
    def pids(self) -> NDArray[np.int64]:
        """The PID of each packet: int64 [num_packets]."""
        return (self.rows[:, 1].astype(np.int64) & 0x1F) << 8 | self.rows[:, 2]


class Stamp(NamedTuple):
    """A time in a stream: the number of its packet, the packet's PID, and the ticks."""

    number: int
    pid: int
    ticks: int


@dataclass(frozen=True, slots=True)
class Move:
    """How packets are changed: `ticks` are added to their times, and to the continuity counters of a PID its `counters`."""

    ticks: int
    counters: Mapping[int, int]


def layout_of(data: bytes) -> Layout | None:
    """The layout of the packets that the data begins with; None if it is not a transport stream."""
    layouts = (Layout(*each) for each in _LAYOUTS)
    return next((each for each in layouts if _first_packet(np.frombuffer(data, np.uint8), each) is not None), None)


def packets_in(data: bytes, layout: Layout) -> Packets:
    """The whole packets in the data, which may begin anywhere and be interrupted."""
    found = [(np.zeros(0, np.int64), np.zeros((0, LENGTH), np.uint8)), *_runs(np.frombuffer(data, np.uint8), layout)]
    return Packets(np.concatenate([at for at, _ in found]), np.concatenate([rows for _, rows in found]))


def clock_references(packets: Packets) -> list[Stamp]:
    """The program clock references (PCR)."""
    pids = packets.pids
    return [Stamp(int(n), int(pids[n]), _pcr(packets.rows[n])) for n in np.flatnonzero(_has_pcr(packets.rows))]


def picture_times(packets: Packets) -> list[Stamp]:
    """The presentation times (PTS) of pictures."""
    pids, found = packets.pids, []
    for number in _timed(packets.rows):
        row = packets.rows[number]
        at = _payload(row)
        if row[at + 3] & 0xF0 == 0xE0:
            found.append(Stamp(int(number), int(pids[number]), _stamp(row[at + 9 :])))
    return found


def counters(packets: Packets, *, last: bool = False) -> dict[int, int]:
    """The continuity counter of the first, or `last`, packet with a payload of each PID."""
    pids, carrying = packets.pids, np.flatnonzero(packets.rows[:, 3] & 0x10)
    order = carrying if last else carrying[::-1]
    return {int(pids[n]): int(packets.rows[n, 3] & 0x0F) for n in order if pids[n] != _NULL_PID}


def moved(data: bytes, layout: Layout, move: Move) -> bytes:
    """The data with the times and counters of its whole packets moved."""
    changed = np.frombuffer(bytearray(data), np.uint8)
    steps: Bytes = np.zeros(_PIDS, np.uint8)
    steps[list(move.counters)] = list(move.counters.values())
    for at, rows in _runs(changed, layout):
        counted = rows[:, 3] + steps[Packets(at, rows).pids]
        rows[:, 3] = (rows[:, 3] & 0xF0) | (counted & 0x0F)
        for row in map(rows.__getitem__, np.flatnonzero(_has_pcr(rows))):
            _set_pcr(row, (_pcr(row) + move.ticks) % WRAP)
        for row in map(rows.__getitem__, _timed(rows)):
            at_pts = _payload(row) + 9
            has_dts = row[at_pts - 2] & 0x40 and at_pts + 10 <= LENGTH
            for field in (at_pts, at_pts + 5) if has_dts else (at_pts,):
                _set_stamp(row[field:], (_stamp(row[field:]) + move.ticks) % WRAP)
    return changed.tobytes()


def apart(later: int, earlier: int) -> int:
    """Ticks from one time to another, negative if the clock went back; a clock that wraps goes on."""
    return (later - earlier + WRAP // 2) % WRAP - WRAP // 2


def _first_packet(data: Bytes, layout: Layout) -> int | None:
    for start in range(min(layout.size, len(data))):
        syncs = data[start + layout.sync :: layout.size][:_SURE_PACKETS]
        if len(syncs) >= 2 and (syncs == SYNC).all():
            return start
    return None


def _runs(data: Bytes, layout: Layout) -> Iterator[tuple[NDArray[np.int64], Bytes]]:
    """Where packets follow each other without a hole: their first bytes, and the packets as views of the data."""
    at = 0
    while (start := _first_packet(data[at:], layout)) is not None:
        at += start
        count = (len(data) - at) // layout.size
        rows = data[at : at + count * layout.size].reshape(count, layout.size)
        lost = np.flatnonzero(rows[:, layout.sync] != SYNC)
        count = int(lost[0]) if len(lost) else count
        yield at + layout.size * np.arange(count), rows[:count, layout.sync : layout.sync + LENGTH]
        at += layout.size * max(1, count)


def _has_pcr(rows: Bytes) -> NDArray[np.bool_]:
    return np.asarray((rows[:, 3] & 0x20 > 0) & (rows[:, 4] >= 7) & (rows[:, 5] & 0x10 > 0))


def _timed(rows: Bytes) -> Iterator[int]:
    """The numbers of the packets in which a picture or a piece of sound begins whose presentation time is given."""
    for number in np.flatnonzero((rows[:, 1] & 0x40 > 0) & (rows[:, 3] & 0x10 > 0)):
        row, at = rows[number], _payload(rows[number])
        if at + 14 <= LENGTH and not row[at] and not row[at + 1] and row[at + 2] == 1:
            kind = int(row[at + 3])
            if (kind in (0xBD, 0xFD) or 0xC0 <= kind <= 0xEF) and row[at + 6] & 0xC0 == 0x80 and row[at + 7] & 0x80:
                yield int(number)


def _payload(row: Bytes) -> int:
    """Where the payload of a packet begins."""
    return 5 + int(row[4]) if row[3] & 0x20 else 4


def _pcr(row: Bytes) -> int:
    return int.from_bytes(row[6:10].tobytes()) << 1 | int(row[10]) >> 7


def _set_pcr(row: Bytes, ticks: int) -> None:
    row[6:10] = np.frombuffer((ticks >> 1).to_bytes(4), np.uint8)
    row[10] = np.uint8(row[10] & 0x7F | (ticks & 1) << 7)


def _stamp(field: Bytes) -> int:
    a, b, c, d, e = (int(value) for value in field[:5])
    return (a >> 1 & 0x07) << 30 | b << 22 | c >> 1 << 15 | d << 7 | e >> 1


def _set_stamp(field: Bytes, ticks: int) -> None:
    field[0] = int(field[0]) & 0xF1 | (ticks >> 30 & 0x07) << 1
    field[1] = ticks >> 22 & 0xFF
    field[2] = int(field[2]) & 0x01 | (ticks >> 15 & 0x7F) << 1
    field[3] = ticks >> 7 & 0xFF
    field[4] = int(field[4]) & 0x01 | (ticks & 0x7F) << 1
