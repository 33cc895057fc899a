"""Fragmented MP4 whose clock starts anew or jumps: in which bytes its times are, and what they must be to go on.

    file      moov │ moof 0 s  mdat │ moof 2 s  mdat │ moof 0 s  mdat        segments of a live stream, joined
    read      moov │ moof 0 s  mdat │ moof 2 s  mdat │ moof 4 s  mdat

Source: ISO/IEC 14496-12, 8.8 (a fragment's first decoding time is in `tfdt`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, pairwise, takewhile
from pathlib import Path
from typing import BinaryIO, NamedTuple

from highlights.media.joined import mp4_boxes
from highlights.media.time_stamps import TICKS_PER_S

_HEADER = 8
_LONGEST_INDEX = 1 << 26  # bytes of a `moov` or `moof`: others are damaged
_HAS_BASE, _HAS_DESCRIPTION, _HAS_DURATION = 0x01, 0x02, 0x08  # flags of tfhd
_HAS_OFFSET, _HAS_FIRST = 0x01, 0x04  # flags of trun
_OF_SAMPLES = (0x100, 0x200, 0x400, 0x800)


class Track(NamedTuple):
    """Ticks a second, the usual ticks of a sample, and whether it has pictures."""

    ticks_per_s: int
    usual_ticks: int
    is_video: bool


class Patch(NamedTuple):
    """Bytes that are read in place of those in the file."""

    byte: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Run:
    """A track's part of a fragment: where in the file its time is, in how many bytes; its start and length in seconds.

    `base` is where the file says that its samples are, counted from the beginning of the file that was joined.
    """

    track: int
    byte: int
    size: int
    start_s: Fraction
    length_s: Fraction
    base: Patch | None


@dataclass(frozen=True, slots=True)
class Patched:
    """How to read fragments on one clock: what is read in place of some bytes, in their order; and when the clock jumps."""

    patches: tuple[Patch, ...]
    jumps_s: tuple[Fraction, ...]

    def jumps(self) -> list[int]:
        """When the clock jumps, in ticks of the one clock."""
        return [round(jump_s * TICKS_PER_S) for jump_s in self.jumps_s]

    def part(self, file: BinaryIO, start: int, end: int) -> bytes:
        """The bytes from one place in the file to another, changed."""
        file.seek(start)
        data = bytearray(file.read(max(0, end - start)))
        first = bisect_right(self.patches, start - 8, key=lambda each: each.byte)
        for at, content in takewhile(lambda each: each.byte < end, self.patches[first:]):
            for place, byte in enumerate(content, at - start):
                if 0 <= place < len(data):
                    data[place] = byte
        return bytes(data)


def patched(path: Path, back_s: float, gap_s: float) -> Patched | None:
    """How to read fragments on one clock; None if it never jumps, and for other files.

    The clock jumps if it goes back by more than `back_s`, or on by more than `gap_s`.
    """
    boxes = [*mp4_boxes(path), (b"", path.stat().st_size)]
    places = [(name, at, end - at) for (name, at), (_, end) in pairwise(boxes) if end - at <= _LONGEST_INDEX]
    if not any(name == b"moof" for name, _, _ in places):
        return None
    with path.open("rb") as file:
        read = [(name, at, _read(file, at, size)) for name, at, size in places if name in (b"moov", b"moof")]
    tracks = dict(_tracks(next((content for name, _, content in read if name == b"moov"), b"")))
    fragments = [list(_runs(content, at, tracks)) for name, at, content in read if name == b"moof"]
    begins = [at for name, at, _ in places if name == b"ftyp"]
    moves = list(_moves(fragments, tracks, back_s, gap_s))
    jumps_s = [jump_s for _, jump_s in moves if jump_s is not None]
    changed = [
        Patch(run.byte, ticks.to_bytes(run.size))
        for runs, (by_s, _) in zip(fragments, moves, strict=True)
        for run in runs
        if by_s and 0 <= (ticks := round((run.start_s + by_s) * tracks[run.track].ticks_per_s)) < 1 << 8 * run.size
    ]
    changed += [_rebased(run.base, begins) for runs in fragments for run in runs if run.base and begins[1:]]
    return Patched(tuple(sorted(changed)), tuple(jumps_s)) if changed else None


def _rebased(base: Patch, begins: Sequence[int]) -> Patch:
    """Where samples are, counted from the beginning of all files that were joined; these are where files `begin`."""
    begin = max((at for at in begins if at < base.byte), default=0)
    return Patch(base.byte, (int.from_bytes(base.content) + begin).to_bytes(8))


def _moves(
    fragments: Sequence[Sequence[Run]], tracks: dict[int, Track], back_s: float, gap_s: float
) -> Iterator[tuple[Fraction, Fraction | None]]:
    """By how many seconds each fragment is moved; and if the clock jumps before it, when."""
    ends_s: dict[int, Fraction] = {}
    by_s = Fraction(0)
    for number, runs in enumerate(fragments):
        jump_s = None
        gaps_s = [run.start_s + by_s - ends_s[run.track] for run in runs if run.track in ends_s]
        if not all(-back_s <= each <= gap_s for each in gaps_s):
            following = (run for later in islice(fragments, number, None) for run in later)
            picture = next((run for run in following if tracks[run.track].is_video and run.track in ends_s), None)
            if picture is not None:
                jump_s = ends_s[picture.track]
                by_s = jump_s - picture.start_s
        ends_s |= {run.track: run.start_s + by_s + run.length_s for run in runs}
        yield by_s, jump_s


def _read(file: BinaryIO, start: int, length: int) -> bytes:
    file.seek(start)
    return file.read(length)


def _tracks(index: bytes) -> Iterator[tuple[int, Track]]:
    usual = {}
    for _, at, end in _within(index, _HEADER, len(index), b"mvex", b"trex"):
        if at + 16 <= end:
            usual[_number(index, at + 4)] = _number(index, at + 12)
    for _, at, end in _within(index, _HEADER, len(index), b"trak"):
        header = next(_within(index, at, end, b"tkhd"), None)
        media = next(_within(index, at, end, b"mdia", b"mdhd"), None)
        handler = next(_within(index, at, end, b"mdia", b"hdlr"), None)
        if header and media and handler:
            number = _number(index, header[1] + (20 if index[header[1]] else 12))
            ticks_per_s = _number(index, media[1] + (20 if index[media[1]] else 12))
            is_video = index[handler[1] + 8 : handler[1] + 12] == b"vide"
            yield number, Track(max(1, ticks_per_s), usual.get(number, 0), is_video)


def _runs(fragment: bytes, file_byte: int, tracks: dict[int, Track]) -> Iterator[Run]:
    for _, at, end in _within(fragment, _HEADER, len(fragment), b"traf"):
        header, time = next(_within(fragment, at, end, b"tfhd"), None), next(_within(fragment, at, end, b"tfdt"), None)
        if not header or not time or _number(fragment, header[1] + 4) not in tracks:
            continue
        number = _number(fragment, header[1] + 4)
        track = tracks[number]
        flags = _number(fragment, header[1]) & 0xFFFFFF
        duration_at = header[1] + 8 + 8 * bool(flags & _HAS_BASE) + 4 * bool(flags & _HAS_DESCRIPTION)
        usual = _number(fragment, duration_at) if flags & _HAS_DURATION else track.usual_ticks
        length = sum(_length(fragment, start, usual) for _, start, _ in _within(fragment, at, end, b"trun"))
        size = 8 if fragment[time[1]] else 4
        start_ticks = int.from_bytes(fragment[time[1] + 4 : time[1] + 4 + size])
        base = Patch(file_byte + header[1] + 8, fragment[header[1] + 8 : header[1] + 16]) if flags & _HAS_BASE else None
        start_s, length_s = (Fraction(ticks, track.ticks_per_s) for ticks in (start_ticks, length))
        yield Run(number, file_byte + time[1] + 4, size, start_s, length_s, base)


def _length(fragment: bytes, at: int, usual: int) -> int:
    """The ticks of a run of samples."""
    flags, count = _number(fragment, at) & 0xFFFFFF, _number(fragment, at + 4)
    if not flags & _OF_SAMPLES[0]:
        return count * usual
    first = at + 8 + 4 * bool(flags & _HAS_OFFSET) + 4 * bool(flags & _HAS_FIRST)
    step = 4 * sum(bool(flags & each) for each in _OF_SAMPLES)
    return sum(_number(fragment, each) for each in range(first, min(first + count * step, len(fragment)), step))


def _within(data: bytes, start: int, end: int, *names: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The boxes of a path of names: name, and where its content begins and ends."""
    at = start
    while at + _HEADER <= end:
        size, name = _number(data, at), data[at + 4 : at + 8]
        stop = min(at + size, end)
        if size < _HEADER:
            return
        if name == names[0]:
            if len(names) == 1:
                yield name, at + _HEADER, stop
            else:
                yield from _within(data, at + _HEADER, stop, *names[1:])
        at = stop


def _number(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4])
