"""The list of damaged recordings: which damage is done to which of the undamaged ones."""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from random import Random

import av
import numpy as np
from av.video.frame import VideoFrame

from benchmarks.torture import streams
from benchmarks.torture.damage import BYTE_DAMAGES, Bytes
from benchmarks.torture.seeds import LONG, SHORT, Length, Seed, seed

SLOW = Length("1 fps", 131.0, Fraction(1), 4)
FAST = Length("240 fps", 10.0, Fraction(240), 240)
EIGHT_K = (7680, 4320)
LARGEST = (65_535, 65_535)

Make = Callable[[Path, Random], object]


@dataclass(frozen=True, slots=True)
class Case:
    """A damaged recording: `make` writes it.

    `in_time`: whether times in the file still mean what they did. `unusual`: it is not damaged, so that nothing may be lost.
    """

    damage: str
    seed: Seed
    make: Make
    in_time: bool = True
    unusual: bool = False

    @property
    def name(self) -> str:
        return f"{self.seed.name}: {self.damage}"


def all_cases(made: Sequence[Seed], folder: Path) -> list[Case]:
    """All damaged recordings; `folder` holds the undamaged ones."""
    by_name = {each.name: each for each in made}
    return [
        *_bytes(made),
        *_packets(made),
        *_times(made),
        *_changing(by_name, folder),
        *_sounds(by_name),
        *_unusual(made, folder),
        *_headers(by_name, folder),
    ]


def _bytes(made: Sequence[Seed]) -> Iterator[Case]:
    """Each damage to the bytes of each kind of file, of short and long ones in turn."""
    kinds: dict[str, list[Seed]] = defaultdict(list)
    for each in made:
        kinds[each.kind.name].append(each)
    for number, lengths in enumerate(kinds.values()):
        for place, (damage, change) in enumerate(BYTE_DAMAGES.items()):
            yield _changed(damage, lengths[(number + place) % 3 % len(lengths)], change)


def _changed(damage: str, of: Seed, change: Bytes, *, in_time: bool = True) -> Case:
    return Case(damage, of, lambda path, random: path.write_bytes(change(of.path.read_bytes(), random)), in_time)


def _packets(made: Sequence[Seed]) -> Iterator[Case]:
    for each in made:
        if (
            each.length is SHORT and each.kind.suffix != ".mxf" and each.kind.video != "libsvtav1"
        ):  # these cannot be copied here
            length_s = each.length.duration_s
            losses = {
                "a packet in twenty lost": streams.share_lost(0.05),
                "pictures lost from 45 to 60 %": streams.lost_between("video", 0.45, 0.6, length_s),
                "sound lost from 45 to 60 %": streams.lost_between("audio", 0.45, 0.6, length_s),
                "key frames lost after the middle": streams.keys_lost(0.5, length_s),
                "first key frame lost": streams.first_key_lost,
            }
            if each.kind.name == "MKV, HEVC":
                del losses["first key frame lost"]  # its muxer refuses that
            for damage, keeps in losses.items():
                yield Case(damage, each, lambda path, random, e=each, k=keeps: streams.dropped(e, path, random, k))  # type: ignore[misc]


def _times(made: Sequence[Seed]) -> Iterator[Case]:
    for each in made:
        if each.kind.suffix in (".mp4", ".mkv", ".ts", ".webm", ".flv") and each.kind.video != "libsvtav1":
            half_s = each.length.duration_s / 2
            for name, by_s in (("20 s", 20.0), ("an hour", 3600.0)):
                make = partial(_moved, each, half_s, by_s)
                yield Case(f"times jump on by {name}", each, make, in_time=False)
            back = lambda path, _, e=each: path.write_bytes(streams.times_back(e, 5.0))  # noqa: E731
            yield Case("times go back by 5 s", each, back, in_time=False)


def _moved(of: Seed, from_s: float, by_s: float, path: Path, _: Random) -> None:
    streams.moved(of, path, from_s, by_s)


def _changing(made: dict[str, Seed], folder: Path) -> Iterator[Case]:
    """Size, codec or sound change in the middle."""
    sized = ("TS, H.264", "WebM, VP9", "AVI, MPEG-4", "MPG, MPEG-2", "MOV, Motion JPEG", "MKV, HEVC", "FLV, H.264")
    for kind in sized:
        each = made[f"{kind}, short"]
        yield Case("picture size changes", each, partial(_continued, each, folder, {"size": (320, 180)}))
    for kind in ("TS, H.264", "MPG, MPEG-2", "MKV, HEVC", "AVI, MPEG-4", "FLV, H.264"):
        each = made[f"{kind}, short"]
        yield Case("sound becomes stereo", each, partial(_continued, each, folder, {"layout": "stereo"}))
    for kind in ("TS, H.264", "MPG, MPEG-2", "AVI, MPEG-4"):
        each = made[f"{kind}, short"]
        yield Case("sample rate changes", each, partial(_continued, each, folder, {"rate_hz": 32_000}))
    mpeg2: dict[str, object] = {"video": "mpeg2video", "options": {"b": "1500k"}}
    for kind in ("MKV, HEVC", "AVI, MPEG-4", "MP4, H.264"):
        each = made[f"{kind}, short"]
        yield Case("codec changes", each, partial(_continued, each, folder, mpeg2))
    each = made["TS, H.264, short"]
    yield Case("another file behind, codec changes", each, partial(_joined, each, folder, mpeg2), in_time=False)
    yield Case("another file behind, size changes", each, partial(_joined, each, folder, {"size": (320, 180)}), in_time=False)
    yield Case("another file behind, stereo", each, partial(_joined, each, folder, {"layout": "stereo"}), in_time=False)
    for kind in ("MP4, H.264", "MKV, HEVC", "MPG, MPEG-2", "FLV, H.264"):  # of AVI, players play both
        each = made[f"{kind}, short"]
        yield Case("the same file behind", each, lambda p, _, e=each: streams.joined(e.path, e.path, p), in_time=False)  # type: ignore[misc]


def _continued(of: Seed, folder: Path, changes: dict[str, object], path: Path, _: Random) -> None:
    streams.continued_by(of, streams.variant(of, folder, **changes), path)


def _joined(of: Seed, folder: Path, changes: dict[str, object], path: Path, _: Random) -> None:
    streams.joined(of.path, streams.variant(of, folder, **changes), path)


def _sounds(made: dict[str, Seed]) -> Iterator[Case]:
    """Tracks that hold no sound, or only some."""
    for kind in ("MP4, H.264", "MKV, HEVC", "TS, H.264", "AVI, MPEG-4", "MOV, Motion JPEG", "WebM, VP9"):
        each = made[f"{kind}, short"]
        length_s = each.length.duration_s
        some = {
            "no sound in the track": streams.lost_between("audio", -1.0, 2.0, length_s),
            "one packet of sound": streams.lost_between("audio", 0.002, 2.0, length_s),
            "sound ends early": streams.lost_between("audio", 0.25, 2.0, length_s),
            "sound begins late": streams.lost_between("audio", -1.0, 0.4, length_s),
        }
        if kind == "AVI, MPEG-4":
            del some["sound begins late"]  # AVI does not say when
        for damage, keeps in some.items():
            yield Case(damage, each, lambda path, random, e=each, k=keeps: streams.dropped(e, path, random, k))  # type: ignore[misc]


def _unusual(made: Sequence[Seed], folder: Path) -> Iterator[Case]:
    for kind in (each.kind for each in made if each.length is SHORT and each.kind.suffix in (".mp4", ".mkv", ".webm", ".ts")):
        if kind.name in ("MP4, H.264", "MKV, HEVC", "WebM, VP9", "TS, H.264"):
            lengths = (SLOW, FAST) if kind.name != "WebM, VP9" else (SLOW,)
            for length in lengths:
                of = seed(folder, kind, length)
                yield Case("as it is", of, lambda path, _, e=of: path.write_bytes(e.path.read_bytes()), unusual=True)  # type: ignore[misc]


def _headers(made: dict[str, Seed], folder: Path) -> Iterator[Case]:
    """Headers that promise what is not there."""
    mp4, fragments = made["MP4, H.264, short"], made["MP4 in fragments, short"]
    for name, size in (("8K", EIGHT_K), ("65535 x 65535", LARGEST)):
        yield _changed(f"its index says {name}", mp4, lambda data, _, s=size: _mp4_sized(data, s))  # type: ignore[misc]
        jpeg = made["MOV, Motion JPEG, short"]
        yield _changed(f"its pictures say {name}", jpeg, lambda data, _, s=size: _jpeg_sized(data, s))  # type: ignore[misc]
        avi = made["AVI, MPEG-4, short"]
        yield _changed(f"its header says {name}", avi, lambda data, _, s=size: _avi_sized(data, s))  # type: ignore[misc]
    yield Case("8K decoder settings, small pictures", mp4, partial(_big_settings, mp4, "libx264"))
    yield Case(
        "8K decoder settings, small pictures",
        made["MKV, HEVC, short"],
        partial(_big_settings, made["MKV, HEVC, short"], "libx265"),
    )
    yield Case("first picture 8K", made["WebM, VP9, short"], partial(_big_first, made["WebM, VP9, short"], "libvpx-vp9"))
    yield Case("first picture 8K", made["TS, H.264, short"], partial(_big_first, made["TS, H.264, short"], "libx264"))
    wild: dict[str, tuple[bytes, bytes, int]] = {
        "no moov": (b"moov", b"free", 0),
        "moov of 4 GB": (b"moov", b"\xff\xff\xff\xf0moov", -4),
        "time scale 0": (b"mdhd", bytes(4), 16),
        "duration of years": (b"mdhd", b"\x7f\xff\xff\xff", 20),
        "two billion samples": (b"stsz", b"\x7f\xff\xff\xff", 12),
        "two billion times": (b"stts", b"\x7f\xff\xff\xff", 8),
        "two billion key frames": (b"stss", b"\x7f\xff\xff\xff", 8),
        "wild chunk offsets": (b"stco", b"\x7f\xff\xff\xff" * 4, 12),
        "negative edit": (b"elst", b"\xff\xff\xff\x00\xff\xff\xff\x00", 12),
        "unknown codec": (b"avc1", b"xyz1", 0),
    }
    for damage, (box, content, offset) in wild.items():
        for of in (mp4, fragments):
            if of is mp4 or box in (b"moov", b"mdhd", b"avc1"):
                change = lambda data, _, b=box, c=content, o=offset: _patched(data, b, c, o)  # noqa: E731
                yield _changed(damage, of, change, in_time=damage not in ("two billion times", "negative edit", "time scale 0"))
    yield _changed("fragment of 4 GB", fragments, lambda data, _: _patched(data, b"moof", b"\xff\xff\xff\xf0moof", -4))
    ts = made["TS, H.264, short"]
    yield _changed("program tables missing", ts, lambda data, _: b"".join(p for p in _ts(data) if _pid(p) not in (0, 0x1000)))
    yield _changed("scrambled", ts, lambda data, _: b"".join(p[:3] + bytes([p[3] | 0xC0]) + p[4:] for p in _ts(data)))
    yield _changed("packets in wrong order", ts, lambda data, random: _shuffled(data, random))
    yield _changed(
        "packets of 187 bytes", ts, lambda data, _: b"".join(p[:187] if n % 40 == 7 else p for n, p in enumerate(_ts(data)))
    )
    avi = made["AVI, MPEG-4, short"]
    yield _changed("no index", avi, lambda data, _: data[: data.rindex(b"idx1")])
    yield _changed("rate 0", avi, lambda data, _: _patched(data, b"strh", bytes(8), 24))
    mkv = made["MKV, HEVC, short"]
    yield _changed(
        "time scale 0", mkv, lambda data, _: data.replace(b"\x2a\xd7\xb1\x83\x0f\x42\x40", b"\x2a\xd7\xb1\x83\0\0\0")
    )
    yield _changed("endless duration", mkv, lambda data, _: _patched(data, b"\x44\x89\x88", struct.pack(">d", 1e18), 3))
    yield _changed("no index", mkv, lambda data, _: data.replace(b"\x1c\x53\xbb\x6b", b"\xec\x53\xbb\x6b"))
    for of in (mp4, mkv, ts):
        yield _changed("only zeros", of, lambda data, _: bytes(len(data) // 4))
        yield _changed("only noise", of, lambda data, random: random.randbytes(len(data) // 4))
        yield _changed("only the first 200 bytes", of, lambda data, _: data[:200])


def _patched(data: bytes, box: bytes, content: bytes, offset: int) -> bytes:
    """The bytes with `content` at each place that is `offset` bytes behind the start of a name."""
    return streams.with_box(data, box, lambda changed, at: _put(changed, at - len(box) + (4 - len(box)) * 0 + offset, content))


def _put(changed: bytearray, at: int, content: bytes) -> None:
    changed[at : at + len(content)] = content


def _mp4_sized(data: bytes, size: tuple[int, int]) -> bytes:
    sized = streams.with_box(data, b"avc1", lambda changed, at: _put(changed, at + 24, struct.pack(">HH", *size)))
    fixed = struct.pack(">II", *(min(side, 0x7FFF) << 16 for side in size))
    return streams.with_box(sized, b"tkhd", lambda changed, at: _put(changed, at + 76, fixed))


def _jpeg_sized(data: bytes, size: tuple[int, int]) -> bytes:
    changed, mark = bytearray(data), b"\xff\xc0\x00\x11\x08"
    at = data.find(mark)
    while at >= 0:
        _put(changed, at + 5, struct.pack(">HH", size[1], size[0]))
        at = data.find(mark, at + 1)
    return bytes(changed)


def _avi_sized(data: bytes, size: tuple[int, int]) -> bytes:
    changed = bytearray(data)
    _put(changed, data.index(b"strf") + 12, struct.pack("<II", *size))
    return bytes(changed)


def _ts(data: bytes) -> list[bytes]:
    return [data[at : at + 188] for at in range(0, len(data), 188)]


def _pid(packet: bytes) -> int:
    return (packet[1] & 0x1F) << 8 | packet[2]


def _shuffled(data: bytes, random: Random) -> bytes:
    packets = _ts(data)
    half = len(packets) // 2
    some = packets[half : half + 200]
    random.shuffle(some)
    return b"".join([*packets[:half], *some, *packets[half + 200 :]])


def _one_big(codec: str) -> tuple[bytes, bytes]:
    """The decoder settings and the packet of one grey 8K picture."""
    context = av.CodecContext.create(codec, "w")
    context.width, context.height, context.pix_fmt, context.time_base = *EIGHT_K, "yuv420p", Fraction(1, 25)  # type: ignore[attr-defined]
    quick = {"libx264": {"preset": "ultrafast"}, "libx265": {"preset": "ultrafast", "x265-params": "log-level=none"}}
    context.options = quick.get(codec, {"deadline": "realtime", "cpu-used": "8"})
    if codec != "libvpx-vp9":
        context.flags |= av.codec.context.Flags.global_header
    picture = VideoFrame.from_ndarray(np.full((EIGHT_K[1] * 3 // 2, EIGHT_K[0]), 128, np.uint8), "yuv420p")
    picture.pts = 0
    packets = [*context.encode(picture), *context.encode(None)]  # type: ignore[attr-defined]
    return context.extradata or b"", bytes(packets[0])


def _big_settings(of: Seed, codec: str, path: Path, _: Random) -> None:
    settings, _picture = _one_big(codec)
    with av.open(str(of.path)) as source, av.open(str(path), "w") as target:
        streams_of = {stream.index: target.add_stream_from_template(stream) for stream in source.streams}
        streams_of[source.streams.video[0].index].codec_context.extradata = settings
        for packet in source.demux():
            if packet.size:
                packet.stream = streams_of[packet.stream.index]
                target.mux(packet)


def _big_first(of: Seed, codec: str, path: Path, _: Random) -> None:
    settings, picture = _one_big(codec)
    with av.open(str(of.path)) as source, av.open(str(path), "w") as target:
        streams_of = {stream.index: target.add_stream_from_template(stream) for stream in source.streams}
        first = True
        for packet in source.demux():
            if packet.size:
                index = packet.stream.index
                if first and packet.stream.type == "video":
                    big = av.Packet(
                        (b"\0\0\0\1" + settings if codec == "libx264" and settings[:1] != b"\0" else settings) + picture
                    )
                    big.pts, big.dts, big.time_base, big.is_keyframe = packet.pts, packet.dts, packet.time_base, True
                    packet, first = big, False
                packet.stream = streams_of[index]
                target.mux(packet)


__all__ = ["LONG", "Case", "all_cases", "replace"]
