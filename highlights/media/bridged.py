"""A transport stream whose clock starts anew or jumps in the middle, read as if its clock went on.

    file      ├─ 0 s ... 75 s ─┤├─ 0 s ... 75 s ─┤        two recordings joined, or a receiver that lost its signal
    read      ├─ 0 s ... 75 s ─┤├─ 75 s .. 150 s ┤        one clock, in the order of the bytes

FFmpeg takes the times as they are, and would play the second stretch over the first. So the bytes are changed while they are
read; the file stays as it is. The clock is looked at in some hundred places; between two where it does not go on, the jump is
found by halving the gap.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import BinaryIO, NamedTuple

from highlights.media.transport_stream import (
    TICKS_PER_S,
    Layout,
    Move,
    Packets,
    Stamp,
    apart,
    clock_references,
    counters,
    layout_of,
    moved,
    packets_in,
    picture_times,
)

# A clock is written at least ten times a second.
JUMP_S, BACK_S = 10.0, 0.1  # the clock jumps if it goes on by more than the first, or back by more than the second, at once
PLACES = 600  # at which the clock is looked at first
LOOK, LONGEST_LOOK = 1 << 16, 1 << 22  # bytes read in one place, and in one without a clock
AT_ONCE = 1 << 20  # bytes in which a jump is that are read whole
SLOWER = 2.0  # than usual, by the bytes: a jump may be between two places
EDGE = 1 << 22  # bytes on both sides of a jump: where the last picture is before it, and the first one after it
PICTURES = 40  # among so many, in the order of the bytes, is the first or last one in the order of time
USUAL_STEP = 3600  # ticks that a last picture is shown, if there is no other
TABLES = (0x00, 0x10, 0x11)  # PIDs of what a recorder writes first


class Stretch(NamedTuple):
    """From `first_byte` on, packets are changed by `move`; its first picture is then shown at `begins`, in ticks."""

    first_byte: int
    move: Move
    begins: int = 0


class Bridges(NamedTuple):
    """How to read a transport stream on one clock: its layout, and at least two stretches."""

    layout: Layout
    stretches: tuple[Stretch, ...]


class _Place(NamedTuple):
    """A clock in a file: the first byte of its packet, the PID, and the ticks."""

    byte: int
    pid: int
    ticks: int


def bridges(path: Path) -> Bridges | None:
    """How to read a file on one clock; None if its clock never jumps, and for other files than transport streams."""
    status = path.stat()
    return _bridges(path, status.st_size, status.st_mtime_ns)


class BridgedFile(io.RawIOBase):
    """A transport stream on one clock, for reading."""

    def __init__(self, path: Path, found: Bridges) -> None:
        super().__init__()
        self._file = path.open("rb")
        self._size = path.stat().st_size
        self._layout = found.layout
        self._stretches = (*found.stretches, Stretch(self._size, Move(0, {})))
        self._at = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """The byte that is read next."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a byte."""
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence])
        return self._at

    def read(self, size: int = -1) -> bytes:
        """The bytes that follow; fewer at the end of the file."""
        end = self._size if size < 0 else min(self._size, self._at + size)
        data = b"".join(self._part(this, after, end) for this, after in pairwise(self._stretches))
        self._at = max(self._at, end)
        return data

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()

    def _part(self, this: Stretch, after: Stretch, end: int) -> bytes:
        """What lies in one stretch of the bytes up to `end`. Packets that they cut through are read whole, and changed."""
        a, b = max(self._at, this.first_byte), min(end, after.first_byte)
        if a >= b:
            return b""
        reach = 2 * self._layout.size if this.move.ticks or this.move.counters else 0
        first = max(this.first_byte, a - reach)
        data = _read(self._file, first, min(after.first_byte, b + reach) - first)
        return (moved(data, self._layout, this.move) if reach else data)[a - first : b - first]


@lru_cache(maxsize=64)
def _bridges(path: Path, size: int, mtime_ns: int) -> Bridges | None:
    del mtime_ns  # a file that changed is looked at again
    with path.open("rb") as file:
        layout = layout_of(_read(file, 0, LOOK))
        if layout is None:
            return None
        search = _Search(file, layout, size)
        found = [Stretch(0, Move(0, {}))]
        for byte in search.jumps():
            found.append(search.bridge(found[-1], byte))
    return Bridges(layout, tuple(found)) if len(found) > 1 else None


class _Search:
    """Finds where the clock of a transport stream jumps, and by how much."""

    def __init__(self, file: BinaryIO, layout: Layout, size: int) -> None:
        self._file = file
        self._layout = layout
        self._size = size

    def jumps(self) -> Iterator[int]:
        """The first byte after each jump, in order."""
        starts = range(0, self._size, max(LOOK, self._size // PLACES))
        last = self._clocks_at(max(0, self._size - LOOK))[::-1]
        places = [place for place in (*map(self._clocks_at, starts), last) if place]
        usual = _usual_pace(places)
        for a, b in pairwise(places):
            yield from self._between(a, b, usual)

    def bridge(self, before: Stretch, byte: int) -> Stretch:
        """The stretch from a jump on, changed so that clock and counters go on from the stretch before."""
        start = max(before.first_byte, byte - EDGE)
        old, new = self._packets(start, byte - start), self._packets(byte, EDGE)
        ends = [stamp.ticks for stamp in picture_times(old)[-PICTURES:]]
        starts = [stamp.ticks for stamp in picture_times(new)[:PICTURES]]
        begins = ticks = 0
        if ends and starts:
            shown = sorted(apart(time, ends[0]) for time in ends)
            step = round(median(b - a for a, b in pairwise(shown))) if len(shown) > 1 else USUAL_STEP
            begins = before.move.ticks + ends[0] + shown[-1] + step
            ticks = begins - (starts[0] + min(apart(time, starts[0]) for time in starts))
        last, first = counters(old, last=True), counters(new)
        steps = {
            pid: (last[pid] + before.move.counters.get(pid, 0) + 1 - first[pid]) % 16 for pid in last.keys() & first.keys()
        }
        return Stretch(byte, Move(ticks, steps), begins)

    def _between(self, a: list[_Place], b: list[_Place], usual: float) -> Iterator[int]:
        """The jumps between two places."""
        while not _goes_on(a, b, usual):
            low, high = a, b
            while high[0].byte - low[0].byte > AT_ONCE:
                middle = self._clocks_at((low[0].byte + high[0].byte) // 2)
                if not middle or not low[0].byte < middle[0].byte < high[0].byte:
                    break
                low, high = (middle, high) if _goes_on(low, middle, usual) else (low, middle)
            byte = self._jump_in(low[0].byte, high[-1].byte + 2 * self._layout.size)
            after = [] if byte is None else self._clocks_at(byte)
            if byte is None or not after:
                return
            yield byte
            a = after

    def _jump_in(self, start: int, end: int) -> int | None:
        """The first byte after the first jump between two bytes."""
        packets = self._packets(start, end - start)
        before: dict[int, Stamp] = {}
        for stamp in clock_references(packets):
            old = before.get(stamp.pid)
            if old and not -BACK_S <= apart(stamp.ticks, old.ticks) / TICKS_PER_S <= JUMP_S:
                return start + int(packets.at[_first_packet(packets, old, stamp)])
            before[stamp.pid] = stamp
        return None

    def _clocks_at(self, byte: int) -> list[_Place]:
        """The clocks after a byte, at least one if there is any nearby."""
        look = LOOK
        while look <= LONGEST_LOOK:
            packets = self._packets(byte, look)
            found = [_Place(byte + int(packets.at[n]), pid, ticks) for n, pid, ticks in clock_references(packets)]
            if found or byte + look >= self._size:
                return found
            look *= 4
        return []

    def _packets(self, start: int, length: int) -> Packets:
        return packets_in(_read(self._file, start, length), self._layout)


def _read(file: BinaryIO, start: int, length: int) -> bytes:
    file.seek(start)
    return file.read(length)


def _first_packet(packets: Packets, old: Stamp, new: Stamp) -> int:
    """The number of the first packet after a jump, which is between the last `old` reference and the first `new` one."""
    pictures = [stamp for stamp in picture_times(packets) if old.number < stamp.number < new.number]
    later = (p.number for p in pictures if abs(apart(p.ticks, new.ticks)) < abs(apart(p.ticks, old.ticks)))
    number = next(later, new.number)
    pids = packets.pids
    number = next((n for n in range(number, old.number, -1) if pids[n] == TABLES[0]), number)
    while number - 1 > old.number and pids[number - 1] in TABLES:
        number -= 1
    return number


def _usual_pace(places: Sequence[list[_Place]]) -> float:
    """Seconds a byte."""
    paces = [
        ticks / TICKS_PER_S / (b[0].byte - a[0].byte)
        for a, b in pairwise(places)
        if b[0].byte > a[0].byte and (ticks := _ticks(a, b)) and ticks > 0
    ]
    return median(paces) if paces else 0.0


def _goes_on(a: Sequence[_Place], b: Sequence[_Place], usual: float) -> bool:
    """Whether the clock may go on from one place to a later one without a jump."""
    ticks = _ticks(a, b)
    return ticks is not None and 0 <= ticks / TICKS_PER_S <= JUMP_S + SLOWER * usual * (b[0].byte - a[0].byte)


def _ticks(a: Sequence[_Place], b: Sequence[_Place]) -> int | None:
    """Ticks from one place to another by a clock that both have; None if they have none in common."""
    first = {place.pid: place.ticks for place in reversed(a)}
    return next((apart(place.ticks, first[place.pid]) for place in b if place.pid in first), None)
