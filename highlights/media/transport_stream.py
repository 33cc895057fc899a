"""MPEG transport streams as bytes: the times in them, and packets with their times moved.

    packet    │47│ PID, flags, counter │ adaptation: PCR │ PES header: PTS, DTS │ ...      188 bytes

Source: ISO/IEC 13818-1.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from highlights.media.program_tables import NULL_PID, Programs, programs_in, renamed
from highlights.media.time_stamps import WRAP, Move, Stamp, apart, is_picture, is_timed, read_ticks, stamps_in, write_ticks

SYNC = 0x47
LENGTH = 188
_LAYOUTS = ((188, 0), (192, 4), (204, 0))
_SURE_PACKETS = 6  # in a row with a sync byte: not by chance
_PIDS = 0x2000
_TABLES = (0x00, 0x10, 0x11)  # PIDs of what a recorder writes first

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


class TransportStream:
    """Reads and moves the times of a transport stream, which begins with the programs that all of it is to have."""

    def __init__(self, layout: Layout, head: bytes) -> None:
        self.reach = 2 * layout.size
        self._layout = layout
        packets = packets_in(head, layout)
        self._programs = _programs(packets)
        self._has_clock = bool(_has_pcr(packets.rows).any())

    def clocks(self, data: bytes) -> list[Stamp]:
        """The program clock references (PCR), or if it has none, the decoding times of its pictures."""
        packets = packets_in(data, self._layout)
        if not self._has_clock:
            return _picture_times(packets, -1)
        pids = packets.pids
        numbers = np.flatnonzero(_has_pcr(packets.rows))
        return [Stamp(int(packets.at[n]), int(pids[n]), _pcr(packets.rows[n])) for n in numbers]

    def pictures(self, data: bytes) -> list[Stamp]:
        """The presentation times (PTS) of pictures."""
        return _picture_times(packets_in(data, self._layout), 0)

    def first_after(self, data: bytes, old: Stamp, new: Stamp) -> int:
        """The first byte after a jump, which is between the last `old` reference and the first `new` one."""
        packets = packets_in(data, self._layout)
        pids = packets.pids
        between = [stamp for stamp in _picture_times(packets, 0) if old.byte < stamp.byte < new.byte]
        if old.stream == new.stream:
            later = (p.byte for p in between if abs(apart(p.ticks, new.ticks)) < abs(apart(p.ticks, old.ticks)))
        else:
            later = (int(byte) for byte in packets.at[(packets.at > old.byte) & (pids == new.stream)])
        first, last = (int(np.searchsorted(packets.at, byte)) for byte in (old.byte, next(later, new.byte)))
        number = next((n for n in range(last, first, -1) if pids[n] == _TABLES[0]), last)
        while number - 1 > first and pids[number - 1] in _TABLES:
            number -= 1
        return int(packets.at[number])

    def following(self, before: bytes, after: bytes) -> Move:
        """How the packets `after` a jump are named and counted so that they follow those before it."""
        packets = packets_in(after, self._layout)
        programs = _programs(packets)
        pids = renamed(programs, self._programs) if programs and self._programs else {}
        last = _counters(packets_in(before, self._layout), last=True)
        first = _counters(packets_in(self.moved(after, Move(pids=pids)), self._layout))
        return Move(0, {pid: (last[pid] + 1 - first[pid]) % 16 for pid in last.keys() & first.keys()}, pids)

    def moved(self, data: bytes, move: Move) -> bytes:
        """The data with its whole packets changed."""
        changed = np.frombuffer(bytearray(data), np.uint8)
        names = np.arange(_PIDS)
        names[list(move.pids)] = list(move.pids.values())
        steps: Bytes = np.zeros(_PIDS, np.uint8)
        steps[list(move.counters)] = list(move.counters.values())
        for at, rows in _runs(changed, self._layout):
            pids = names[Packets(at, rows).pids]
            rows[:, 1] = (rows[:, 1] & 0xE0) | (pids >> 8).astype(np.uint8)
            rows[:, 2] = (pids & 0xFF).astype(np.uint8)
            rows[:, 3] = (rows[:, 3] & 0xF0) | ((rows[:, 3] + steps[pids]) & 0x0F)
            for row in map(rows.__getitem__, np.flatnonzero(_has_pcr(rows))):
                _set_pcr(row, (_pcr(row) + move.ticks) % WRAP)
            for _, view, _, fields in _timed(rows):
                for each in fields:
                    write_ticks(view, each, (read_ticks(view, each) + move.ticks) % WRAP)
        return changed.tobytes()


def transport_stream(head: bytes) -> TransportStream | None:
    """The transport stream that begins so; None for other files."""
    data = np.frombuffer(head, np.uint8)
    layouts = (Layout(*each) for each in _LAYOUTS)
    found = next((each for each in layouts if _first_packet(data, each, each.size) is not None), None)
    return TransportStream(found, head) if found else None


def packets_in(data: bytes, layout: Layout) -> Packets:
    """The whole packets in the data, which may begin anywhere and be interrupted."""
    found = [(np.zeros(0, np.int64), np.zeros((0, LENGTH), np.uint8)), *_runs(np.frombuffer(data, np.uint8), layout)]
    return Packets(np.concatenate([at for at, _ in found]), np.concatenate([rows for _, rows in found]))


def _programs(packets: Packets) -> Programs | None:
    pids = packets.pids
    carrying = np.flatnonzero(packets.rows[:, 3] & 0x10)
    rows = ((int(pids[n]), packets.rows[n]) for n in carrying)
    return programs_in((pid, bool(row[1] & 0x40), row[_payload(row) :].tobytes()) for pid, row in rows)


def _picture_times(packets: Packets, field: int) -> list[Stamp]:
    """The first or last of the times of each picture: PTS or DTS, which is left out where it is the same."""
    pids = packets.pids
    return [
        Stamp(int(packets.at[number]), int(pids[number]), read_ticks(view, fields[field]))
        for number, view, kind, fields in _timed(packets.rows)
        if is_picture(kind)
    ]


def _counters(packets: Packets, *, last: bool = False) -> dict[int, int]:
    """The continuity counter of the first, or `last`, packet with a payload of each PID."""
    pids, carrying = packets.pids, np.flatnonzero(packets.rows[:, 3] & 0x10)
    order = carrying if last else carrying[::-1]
    return {int(pids[n]): int(packets.rows[n, 3] & 0x0F) for n in order if pids[n] != NULL_PID}


def _first_packet(data: Bytes, layout: Layout, within: int) -> int | None:
    """Where, `within` so many bytes, the first packet begins that others follow as far as the data goes; at least one."""
    size, sync = layout
    starts = np.flatnonzero(data[sync : sync + within] == SYNC)
    for number in range(1, _SURE_PACKETS):
        beyond = starts + sync + number * size
        there = data[np.minimum(beyond, len(data) - 1)] == SYNC
        starts = starts[np.where(beyond < len(data), there, number > 1)]
    return int(starts[0]) if len(starts) else None


def _runs(data: Bytes, layout: Layout) -> Iterator[tuple[NDArray[np.int64], Bytes]]:
    """Where packets follow each other without a hole: their first bytes, and the packets as views of the data."""
    at = 0
    while at < len(data):
        start = _first_packet(data[at:], layout, layout.size)
        start = _first_packet(data[at:], layout, len(data)) if start is None else start
        if start is None:
            return
        at += start
        count = (len(data) - at) // layout.size
        rows = data[at : at + count * layout.size].reshape(count, layout.size)
        lost = np.flatnonzero(rows[:, layout.sync] != SYNC)
        count = int(lost[0]) if len(lost) else count
        yield at + layout.size * np.arange(count), rows[:count, layout.sync : layout.sync + LENGTH]
        at += layout.size * max(1, count)


def _has_pcr(rows: Bytes) -> NDArray[np.bool_]:
    return np.asarray((rows[:, 3] & 0x20 > 0) & (rows[:, 4] >= 7) & (rows[:, 5] & 0x10 > 0))


def _timed(rows: Bytes) -> Iterator[tuple[int, memoryview, int, list[int]]]:
    """The packets in which a picture or a piece of sound begins whose time is given.

    Each with its number, its bytes, the stream id, and where its PTS and DTS are.
    """
    for number in np.flatnonzero((rows[:, 1] & 0x40 > 0) & (rows[:, 3] & 0x10 > 0)):
        row, at = rows[number], _payload(rows[number])
        if at + 14 > LENGTH or row[at] or row[at + 1] or row[at + 2] != 1 or not is_timed(int(row[at + 3])):
            continue
        view = memoryview(row).cast("B")
        fields = list(stamps_in(view, at, LENGTH))
        if fields:
            yield int(number), view, int(row[at + 3]), fields


def _payload(row: Bytes) -> int:
    """Where the payload of a packet begins."""
    return 5 + int(row[4]) if row[3] & 0x20 else 4


def _pcr(row: Bytes) -> int:
    return int.from_bytes(row[6:10].tobytes()) << 1 | int(row[10]) >> 7


def _set_pcr(row: Bytes, ticks: int) -> None:
    row[6:10] = np.frombuffer((ticks >> 1).to_bytes(4), np.uint8)
    row[10] = np.uint8(row[10] & 0x7F | (ticks & 1) << 7)
