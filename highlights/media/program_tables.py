"""What a transport stream says of itself: which PIDs carry pictures and sound, and which their clock.

    PID 0: PAT ──► PMT of a program ──► PID of its clock, kind and PID of each of its streams

Source: ISO/IEC 13818-1, 2.4.4.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

NULL_PID = 0x1FFF
_PAT_PID, _PAT, _PMT = 0, 0x00, 0x02


class Programs(NamedTuple):
    """The PIDs of a stream's programs: of their tables, of their clocks, and (kind, PID) of what they carry."""

    tables: tuple[int, ...]
    clocks: tuple[int, ...]
    streams: tuple[tuple[int, int], ...]


def programs_in(payloads: Iterable[tuple[int, bool, bytes]]) -> Programs | None:
    """The programs described in packets: (PID, whether a section begins in it, payload); None if none is described whole."""
    packets = list(payloads)
    pat = next(_sections(packets, _PAT_PID, _PAT), b"")
    entries = [pat[at : at + 4] for at in range(8, len(pat) - 4, 4)]
    tables = [_pid(entry[2:]) for entry in entries if entry[:2] != b"\0\0"]
    found = [(pid, next(_sections(packets, pid, _PMT), b"")) for pid in tables]
    known = [(pid, pmt) for pid, pmt in found if pmt]
    if not known:
        return None
    streams = (stream for _, pmt in known for stream in _streams(pmt))
    return Programs(tuple(pid for pid, _ in known), tuple(_pid(pmt[8:]) for _, pmt in known), tuple(streams))


def renamed(programs: Programs, wanted: Programs) -> dict[int, int]:
    """The PIDs to give to what `programs` describe, so that `wanted` describe it; empty if they already do.

    Their tables become null packets. The first streams of a kind are the first of that kind, and so on.
    """
    if programs == wanted:
        return {}
    places: dict[int, list[int]] = defaultdict(list)
    for kind, pid in wanted.streams:
        places[kind].append(pid)
    names = dict.fromkeys(programs.tables, NULL_PID) | {_PAT_PID: NULL_PID}
    names |= dict(zip(programs.clocks, wanted.clocks, strict=False))
    names |= {pid: places[kind].pop(0) if places[kind] else NULL_PID for kind, pid in programs.streams}
    return names


def _sections(packets: Iterable[tuple[int, bool, bytes]], wanted: int, table: int) -> Iterator[bytes]:
    """The whole sections of a table, without damaged ones."""
    section = b""
    for pid, begins, payload in packets:
        if pid != wanted or not payload:
            continue
        section = payload[1 + payload[0] :] if begins else section + payload if section else b""
        size = 3 + (int.from_bytes(section[1:3]) & 0x0FFF)
        if len(section) >= max(size, 16) and section[0] == table and not _crc(section[:size]):
            yield section[:size]
            section = b""


def _streams(pmt: bytes) -> Iterator[tuple[int, int]]:
    at = 12 + (int.from_bytes(pmt[10:12]) & 0x0FFF)
    while at + 5 <= len(pmt) - 4:
        yield pmt[at], _pid(pmt[at + 1 :])
        at += 5 + (int.from_bytes(pmt[at + 3 : at + 5]) & 0x0FFF)


def _pid(two: bytes) -> int:
    return int.from_bytes(two[:2]) & 0x1FFF


def _crc(section: bytes) -> int:
    """0 for a section without damage."""
    value = 0xFFFFFFFF
    for byte in section:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value & 0x80000000 else 0)) & 0xFFFFFFFF
    return value
