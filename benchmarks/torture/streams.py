"""Damage to the packets and times of a recording: what is in a file is whole, but not what should be there, or not then."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from random import Random

import av
from av.packet import Packet

from benchmarks.torture.seeds import Length, Seed, sound, write

Keeps = Callable[["Packet[av.stream.Stream]", float, Random], bool]
"""Whether a packet stays; its time in seconds from the start is given."""

TICKS = 90_000  # of MPEG clocks, in a second


def dropped(seed: Seed, path: Path, random: Random, keeps: Keeps) -> None:
    """Write the recording without some of its packets."""
    _remuxed(seed, path, lambda packet, time_s: packet if keeps(packet, time_s, random) else None)


def share_lost(share: float) -> Keeps:
    """A share of all packets is lost."""
    return lambda _, __, random: random.random() > share


def lost_between(kind: str, start: float, end: float, duration_s: float) -> Keeps:
    """All packets of a kind (`video`, `audio`) are lost between two shares of the time."""
    return lambda packet, time_s, _: packet.stream.type != kind or not start * duration_s <= time_s < end * duration_s


def keys_lost(start: float, duration_s: float) -> Keeps:
    """All key frames after a share of the time are lost."""
    return lambda packet, time_s, _: (
        packet.stream.type != "video" or not packet.is_keyframe or time_s < start * duration_s or time_s == 0
    )


def first_key_lost(packet: Packet[av.stream.Stream], time_s: float, random: Random) -> bool:
    """The recording begins in the middle of a GOP."""
    return packet.stream.type != "video" or time_s > 0.02


def moved(seed: Seed, path: Path, from_s: float, by_s: float) -> None:
    """Write the recording with all times from `from_s` on later by `by_s`."""

    def move(packet: Packet[av.stream.Stream], time_s: float) -> Packet[av.stream.Stream]:
        if time_s >= from_s and packet.time_base:
            ticks = round(Fraction(by_s) / packet.time_base)
            packet.pts = None if packet.pts is None else packet.pts + ticks
            packet.dts = None if packet.dts is None else packet.dts + ticks
        return packet

    _remuxed(seed, path, move)


def _remuxed(
    seed: Seed,
    path: Path,
    change: Callable[[Packet[av.stream.Stream], float], Packet[av.stream.Stream] | None],
) -> None:
    """Copy the packets of a recording, each changed or left out."""
    with av.open(str(seed.path)) as source, av.open(str(path), "w", options=dict(seed.kind.muxer)) as target:
        streams = {stream.index: target.add_stream_from_template(stream) for stream in source.streams}
        begin_s = float(source.start_time or 0) / av.time_base
        for packet in source.demux():
            if packet.size == 0 or packet.stream.index not in streams:
                continue
            time = packet.dts if packet.dts is not None else packet.pts
            time_s = float((time or 0) * (packet.time_base or 0)) - begin_s
            index = packet.stream.index
            changed = change(packet, time_s)
            if changed is not None:
                changed.stream = streams[index]
                target.mux(changed)


def continued_by(seed: Seed, other: Path, path: Path) -> None:
    """Write the first half of the recording, then the second half of another one, in the same streams."""
    half_s = seed.length.duration_s / 2
    with av.open(str(path), "w", options=dict(seed.kind.muxer)) as target, av.open(str(seed.path)) as first:
        streams = {stream.type: target.add_stream_from_template(stream) for stream in first.streams}
        for source, second in ((seed.path, False), (other, True)):
            with av.open(str(source)) as container:
                begin_s = float(container.start_time or 0) / av.time_base
                for packet in container.demux():
                    time = packet.dts if packet.dts is not None else packet.pts
                    if not packet.size or time is None or packet.time_base is None or packet.stream.type not in streams:
                        continue
                    if (float(time * packet.time_base) - begin_s >= half_s) == second:
                        packet.stream = streams[packet.stream.type]
                        target.mux(packet)


def joined(one: Path, two: Path, path: Path) -> None:
    """Two files, one behind the other."""
    path.write_bytes(one.read_bytes() + two.read_bytes())


def variant(seed: Seed, folder: Path, **changes: object) -> Path:
    """The same match with another picture size (`size`), codec (`video`), channels or sample rate (`layout`, `rate_hz`)."""
    name = "-".join(str(value) for value in changes.values())
    name = re.sub(r"[^\w]+", "x", name)
    path = folder / f"{seed.path.stem}-{name}{seed.path.suffix}"
    if not path.is_file():
        part = path.with_suffix(f".part{path.suffix}")
        kind = replace(seed.kind, **{k: v for k, v in changes.items() if k in ("video", "options")})  # type: ignore[arg-type]
        others = {k: v for k, v in changes.items() if k in ("size", "layout", "rate_hz")}
        with av.open(str(folder / f"master-{seed.length.name}.mkv")) as master:
            write(part, kind, seed.length, master.decode(video=0), sound(seed.length), **others)  # type: ignore[arg-type]
        part.replace(path)
    return path


def times_back(seed: Seed, by_s: float) -> bytes:
    """The bytes of the recording, whose clock goes back by so much in the middle; its packets stay as they are."""
    data = bytearray(seed.path.read_bytes())
    change = {".ts": _ts_clock, ".flv": _flv_clock, ".mkv": _cluster_clock, ".webm": _cluster_clock, ".mp4": _mp4_clock}
    change[seed.path.suffix](data, by_s)
    return bytes(data)


def _ts_clock(data: bytearray, by_s: float) -> None:
    """The time stamps of the pictures and the sound in a transport stream's second half."""
    for at in range(len(data) // 376 * 188, len(data) - 188, 188):
        begins = data[at + 1] & 0x40
        payload = at + 4 + (1 + data[at + 4] if data[at + 3] & 0x20 else 0)
        if not begins or payload + 19 > at + 188 or data[payload : payload + 3] != b"\0\0\1":
            continue
        stamps = {2: 1, 3: 2}.get(data[payload + 7] >> 6, 0)
        for number in range(stamps):
            _move_stamp(data, payload + 9 + 5 * number, -round(by_s * TICKS))


def _move_stamp(data: bytearray, at: int, by: int) -> None:
    """A 33-bit time stamp, in the five bytes that MPEG writes it in."""
    bits = [(data[at] >> 1) & 7, data[at + 1] << 7 | data[at + 2] >> 1, data[at + 3] << 7 | data[at + 4] >> 1]
    time = ((bits[0] << 30 | bits[1] << 15 | bits[2]) + by) % (1 << 33)
    data[at] = data[at] & 0xF1 | (time >> 30 & 7) << 1
    data[at + 1], data[at + 2] = time >> 22 & 0xFF, time >> 14 & 0xFE | 1
    data[at + 3], data[at + 4] = time >> 7 & 0xFF, time << 1 & 0xFE | 1


def _flv_clock(data: bytearray, by_s: float) -> None:
    at = 13
    while at + 15 < len(data):
        size = int.from_bytes(data[at + 1 : at + 4])
        time = int.from_bytes(data[at + 4 : at + 7]) | data[at + 7] << 24
        if at > len(data) // 2:
            time = max(0, time - round(by_s * 1000))
            data[at + 4 : at + 7], data[at + 7] = (time & 0xFFFFFF).to_bytes(3), time >> 24
        at += 15 + size


def _cluster_clock(data: bytearray, by_s: float) -> None:
    """The times of Matroska's clusters."""
    for found in re.finditer(rb"\x1f\x43\xb6\x75.{1,14}?\xe7([\x81-\x84])", data, re.DOTALL):
        if found.start() > len(data) // 2:
            size = found[1][0] & 0x0F
            time = int.from_bytes(data[found.end() : found.end() + size])
            data[found.end() : found.end() + size] = max(0, time - round(by_s * 1000)).to_bytes(size)


def _mp4_clock(data: bytearray, by_s: float) -> None:
    """The times of fragments, or how long the first samples of the index last."""
    for found in re.finditer(rb"tfdt\x01\0\0\0", data):
        if found.start() > len(data) // 2:
            time = int.from_bytes(data[found.end() : found.end() + 8])
            data[found.end() : found.end() + 8] = max(0, time - round(by_s * 12_800)).to_bytes(8)
    if b"moof" not in data:
        for found in re.finditer(rb"stts", data):
            data[found.end() + 12 : found.end() + 16] = (0xFFFF_FFF0).to_bytes(4)


def of_length(seed: Seed, rate: Fraction, duration_s: float, name: str) -> Seed:
    """The seed's kind with another length."""
    return replace(seed, length=Length(name, duration_s, rate, max(1, round(rate))))


def with_box(data: bytes, name: bytes, change: Callable[[bytearray, int], None]) -> bytes:
    """The bytes of an MP4 after `change`, which gets them and where each box of that name has its content."""
    changed = bytearray(data)
    for at in _all(data, name):
        change(changed, at + 4)
    return bytes(changed)


def _all(data: bytes, name: bytes) -> Iterator[int]:
    at = data.find(name)
    while at >= 0:
        yield at
        at = data.find(name, at + 1)
