"""A stream whose clock starts anew or jumps in the middle, read as if its clock went on.

    file      ├─ 0 s ... 75 s ─┤├─ 0 s ... 75 s ─┤        two recordings joined, or a receiver that lost its signal
    read      ├─ 0 s ... 75 s ─┤├─ 75 s .. 150 s ┤        one clock, in the order of the bytes

FFmpeg takes the times as they are, and would play the second stretch over the first. So the bytes are changed while they are
read; the file stays as it is. Short files are looked at whole, longer ones in some hundred places: between two that are not as
far apart by the clock as by the bytes, it is looked closer. If the second stretch of a transport stream has other PIDs, it gets
those of the first. Fragments of an MP4 have their own way.
"""

from __future__ import annotations

import io
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import BinaryIO, NamedTuple, Protocol

from highlights.media.fragments import patched
from highlights.media.program_stream import program_stream
from highlights.media.time_stamps import TICKS_PER_S, Move, Stamp, apart
from highlights.media.transport_stream import transport_stream

JUMP_S, BACK_S = 10.0, 0.1  # the clock jumps if it goes on by more than the first, or back by more than the second, at once
PLACES = 600  # at which the clock of a long file is looked at
LOOK, LONGEST_LOOK = 1 << 16, 1 << 22  # bytes read in one place, and in one without a clock
AT_ONCE = 1 << 20  # bytes that are read whole
OVERLAP = 1 << 18  # bytes read after them: in these there is a clock
SEVERAL = 8  # clocks in a row: among these is one of each program, if there are several
UNEVEN = 1.5  # times faster or slower than usual: nothing jumped
EDGE = 1 << 21  # bytes on both sides of a jump: where the last picture is before it, and the first one after it
PICTURES = 40  # among so many, in the order of the bytes, is the first or last one in the order of time
USUAL_STEP = 3600  # ticks that a last picture is shown, if there is no other


class Timed(Protocol):
    """A kind of stream in which times are found and moved."""

    reach: int
    """Bytes around a read that may hold the other end of what it cuts through."""

    def clocks(self, data: bytes) -> list[Stamp]:
        """The clock references."""

    def pictures(self, data: bytes) -> list[Stamp]:
        """The presentation times of pictures."""

    def first_after(self, data: bytes, old: Stamp, new: Stamp) -> int:
        """The first byte after a jump between two clock references."""

    def following(self, before: bytes, after: bytes) -> Move:
        """What must be changed, but for the clock, in the data after a jump."""

    def moved(self, data: bytes, move: Move) -> bytes:
        """The data with its times moved."""


class Stretch(NamedTuple):
    """From `first_byte` on, packets are changed by `move`; its first picture is then shown at `begins`, in ticks."""

    first_byte: int
    move: Move
    begins: int = 0


class Bridged(Protocol):
    """How to read a file on one clock."""

    def jumps(self) -> list[int]:
        """When its clock jumps, in ticks of the one clock."""

    def part(self, file: BinaryIO, start: int, end: int) -> bytes:
        """The bytes from one place in the file to another, changed."""


@dataclass(frozen=True, slots=True)
class Bridges:
    """How to read a stream on one clock: at least two stretches."""

    stream: Timed
    stretches: tuple[Stretch, ...]

    def jumps(self) -> list[int]:
        """When the clock jumps, in ticks of the one clock."""
        return [after.begins for before, after in pairwise(self.stretches) if after.move.ticks != before.move.ticks]

    def part(self, file: BinaryIO, start: int, end: int) -> bytes:
        """The bytes from one place to another, changed. Packets that these cut through are read whole."""
        pieces = []
        number = bisect_right(self.stretches, start, key=lambda each: each.first_byte) - 1
        while start < end:
            after = self.stretches[number + 1].first_byte if number + 1 < len(self.stretches) else end + self.stream.reach
            pieces.append(self._piece(file, self.stretches[number], after, start, min(end, after)))
            start, number = after, number + 1
        return b"".join(pieces)

    def _piece(self, file: BinaryIO, this: Stretch, after: int, start: int, end: int) -> bytes:
        """What lies in one stretch, which ends where the one `after` it begins."""
        reach = self.stream.reach if this.move else 0
        first = max(this.first_byte, start - reach)
        data = _read(file, first, min(after, end + reach) - first)
        return (self.stream.moved(data, this.move) if reach else data)[start - first : end - first]


def bridges(path: Path) -> Bridged | None:
    """How to read a file on one clock; None if its clock never jumps, and for other files than MPEG streams and fragments."""
    status = path.stat()
    return _bridges(path, status.st_size, status.st_mtime_ns)


class BridgedFile(io.RawIOBase):
    """A file on one clock, for reading."""

    def __init__(self, path: Path, found: Bridged) -> None:
        super().__init__()
        self._file = path.open("rb")
        self._size = path.stat().st_size
        self._found = found
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
        data = self._found.part(self._file, self._at, end)
        self._at = max(self._at, end)
        return data

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


@lru_cache(maxsize=64)
def _bridges(path: Path, size: int, mtime_ns: int) -> Bridged | None:
    del mtime_ns  # a file that changed is looked at again
    with path.open("rb") as file:
        head = _read(file, 0, LONGEST_LOOK)
        stream = transport_stream(head) or program_stream(head)
        if stream is None:
            return patched(path, BACK_S, JUMP_S)
        search = _Search(file, stream, size)
        found = [Stretch(0, Move())]
        for byte, end in pairwise([*search.jumps(), size]):
            found += search.bridge(found[-1], byte, end)
    return Bridges(stream, tuple(found)) if len(found) > 1 else None


class _Search:
    """Finds where the clock of a stream jumps, and by how much."""

    def __init__(self, file: BinaryIO, stream: Timed, size: int) -> None:
        self._file = file
        self._stream = stream
        self._size = size

    def jumps(self) -> list[int]:
        """The first byte after each jump, in order."""
        starts = [*range(0, self._size, max(AT_ONCE, self._size // PLACES)), self._size]
        if len(starts) <= PLACES:  # so near to each other that all is read
            found = {byte for start, end in pairwise(starts) for byte in self._between(start, end, 0.0)}
        else:
            paces = [pace for pace in map(self._pace_at, starts) if pace]
            usual = median(paces) if paces else 0.0
            found = {byte for start, end in pairwise(starts) for byte in self._between(start, end, usual)}
        return sorted(found)

    def bridge(self, before: Stretch, byte: int, end: int) -> list[Stretch]:
        """The stretch from a jump on, changed so that it follows the stretch before; none if it does so already.

        A clock may jump without any picture jumping: it is damaged.
        """
        start = max(before.first_byte, byte - EDGE)
        old = self._stream.moved(_read(self._file, start, byte - start), before.move)
        new = _read(self._file, byte, min(EDGE, end - byte))
        move = self._stream.following(old, new)
        starts = self._stream.pictures(self._stream.moved(new, move))
        ends = self._stream.pictures(old)
        if not starts or not ends:
            return []
        stream = Counter(stamp.stream for stamp in starts).most_common(1)[0][0]
        first, _ = _extent([stamp.ticks for stamp in starts if stamp.stream == stream][:PICTURES])
        _, begins = _extent([stamp.ticks for stamp in ends if stamp.stream == stream][-PICTURES:] or [ends[-1].ticks])
        ticks = apart(begins, first)
        if not _is_jump(apart(before.move.ticks, ticks)):
            if move.pids == before.move.pids:
                return []
            ticks = before.move.ticks
        return [Stretch(byte, replace(move, ticks=ticks), begins)]

    def _between(self, start: int, end: int, usual: float) -> Iterator[int]:
        """The jumps between two bytes, some perhaps twice."""
        if end - start <= AT_ONCE:
            yield from self._jumps_in(start, end + OVERLAP)
        elif not self._goes_on(start, end, usual):
            middle = (start + end) // 2
            yield from self._between(start, middle, usual)
            yield from self._between(middle, end, usual)

    def _jumps_in(self, start: int, end: int) -> Iterator[int]:
        """The first byte after each jump between two bytes."""
        data = _read(self._file, start, end - start)
        stamps = self._stream.clocks(data)
        before: dict[int, Stamp] = {}
        for number, stamp in enumerate(stamps):
            old = before.get(stamp.stream)
            if old is None and before and before.keys().isdisjoint(each.stream for each in stamps[number:][:SEVERAL]):
                old = max(before.values())  # the clock has another name from here on
                before.clear()
                yield start + self._stream.first_after(data, old, stamp)
            elif old and _is_jump(apart(stamp.ticks, old.ticks)):
                yield start + self._stream.first_after(data, old, stamp)
            before[stamp.stream] = stamp

    def _goes_on(self, start: int, end: int, usual: float) -> bool:
        """Whether the clock goes on from one place to a later one about as it usually does, in seconds a byte."""
        a, b = self._clocks_at(start), self._clocks_at(end)
        if not a or not b:
            return not a and not b
        first = {stamp.stream: stamp for stamp in reversed(a)}
        both = next(((first[stamp.stream], stamp) for stamp in b if stamp.stream in first), None)
        if both is None:
            return False
        expected_s = usual * (both[1].byte - both[0].byte)
        return expected_s / UNEVEN <= apart(both[1].ticks, both[0].ticks) / TICKS_PER_S <= expected_s * UNEVEN

    def _pace_at(self, start: int) -> float:
        """Seconds a byte; 0 if it is not known."""
        stamps = self._clocks_at(start)
        last = next((stamp for stamp in reversed(stamps) if stamp.stream == stamps[0].stream), None)
        if last is None or last.byte == stamps[0].byte:
            return 0.0
        return max(0.0, apart(last.ticks, stamps[0].ticks) / TICKS_PER_S / (last.byte - stamps[0].byte))

    def _clocks_at(self, byte: int) -> list[Stamp]:
        """The clocks after a byte, at least two if there are any nearby, with their bytes in the file."""
        look, byte = LOOK, min(byte, max(0, self._size - LOOK))
        while look <= LONGEST_LOOK:
            found = [Stamp(byte + stamp.byte, *stamp[1:]) for stamp in self._stream.clocks(_read(self._file, byte, look))]
            if len(found) > 1 or byte + look >= self._size:
                return found
            look *= 4
        return []


def _read(file: BinaryIO, start: int, length: int) -> bytes:
    file.seek(start)
    return file.read(length)


def _is_jump(ticks: int) -> bool:
    """Whether a clock that goes on by so much at once jumps."""
    return not -BACK_S <= ticks / TICKS_PER_S <= JUMP_S


def _extent(times: Sequence[int]) -> tuple[int, int]:
    """When the first of some pictures is shown, and when the last one no longer; a damaged time does not count."""
    middle = round(median(apart(time, times[0]) for time in times))
    shown = sorted(time for time in (apart(time, times[0]) for time in times) if abs(time - middle) <= JUMP_S * TICKS_PER_S)
    step = round(median(b - a for a, b in pairwise(shown))) if len(shown) > 1 else USUAL_STEP
    return times[0] + shown[0], times[0] + shown[-1] + step
