"""How large a reel may be, and what picture and sound that leaves room for. Pure.

    16 MB, 80 s  ─► sound 160 kbit/s, the rest for the picture ─► 1280x720 at 1,410 kbit/s

A smaller picture that is clear looks better than a large one full of blocks, so it is made smaller before it looks poor.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, pow

SMALLEST_BYTES = 10_000
"""No reel is smaller: a lower limit is a unit forgotten."""

SIDES = (1080, 720, 540, 360, 240)
"""Shorter sides of the picture in pixels, tried from the largest that is not larger than the film's."""

ENOUGH = 2.4
"""Bits per second that a picture needs, for each pixel per second to the power of 0.75: 920 kbit/s for 720p at 30 frames a
second. With less, the next smaller size was closer to the recording (SSIM, basketball; soccer needs half of it).
Source: J. Ozer's rule that a picture four times as large needs 2.8 times the bits."""
OF_EASY = 0.25
"""A film that takes few bits anyway (a still camera, a clear sky) looks good with this share of them."""
LEAST = 0.4
"""Share of `ENOUGH` below which the smallest picture is not worth watching."""

AUDIO_KBPS = (160, 128, 96, 64, 48, 32)
AUDIO_SHARE = 0.15
"""The share of the reel that sound may take."""
MONO_KBPS = 48
"""With so few or fewer, two channels sound worse than one."""

_UNITS = {"": 1, "b": 1, "bytes": 1, "k": 10**3, "m": 10**6, "g": 10**9, "ki": 2**10, "mi": 2**20, "gi": 2**30}


def bytes_of(text: str) -> int:
    """The bytes that a size in words means.

    >>> bytes_of("16MB"), bytes_of("16 MB"), bytes_of("16000k"), bytes_of("16MiB"), bytes_of("500000")
    (16000000, 16000000, 16000000, 16777216, 500000)

    Raises:
        ValueError: it is none, or too small for any reel; says what to write.
    """
    written = re.fullmatch(r"(\d+(?:\.\d+)?) *([a-z]*)", text.strip().casefold())
    unit = written[2] if written else "?"
    factor = _UNITS.get(unit) or _UNITS.get(unit.removesuffix("b"))
    if written is None or factor is None:
        raise ValueError(f"{text!r} is not a size; use 16MB, 16MiB, 500k or a number of bytes")
    size = int(Fraction(written[1]) * factor)
    if size < SMALLEST_BYTES:
        forgotten = f"; did you mean {written[1]}MB?" if not unit and size else ""
        raise ValueError(f"{text!r} is too small for a reel, which has at least {SMALLEST_BYTES} bytes{forgotten}")
    return size


def size_text(size: int) -> str:
    """A size for people, never rounded up.

    >>> size_text(15_649_000), size_text(16_000_000), size_text(640_499)
    ('15.6 MB', '16 MB', '640 kB')
    """
    if size < 10**6:
        return f"{size // 1000} kB"
    return f"{_tenths(size // 10**5)} MB"


def written_up(size: float) -> str:
    """A size as it can be given as a limit, rounded up.

    >>> written_up(2_310_000), written_up(85_200)
    ('2.4MB', '86k')
    """
    return f"{_tenths(ceil(size / 10**5))}MB" if size >= 10**6 else f"{ceil(size / 1000)}k"


def _tenths(count: int) -> str:
    return f"{count // 10}.{count % 10}".removesuffix(".0")


@dataclass(frozen=True, slots=True)
class Room:
    """What a film is, and how many bytes it may take in all. `around_bytes` are chapters, captions and the index."""

    most_bytes: int
    size: tuple[int, int]
    frame_rate: Fraction
    frames: int
    around_bytes: int

    @property
    def duration_s(self) -> float:
        """Its duration in seconds."""
        return float(self.frames / self.frame_rate)

    def kbps(self, size_bytes: float) -> float:
        """The bitrate of so many bytes over the whole film."""
        return size_bytes * 8 / 1000 / self.duration_s

    def audio_kbps(self, wanted: int) -> int:
        """The bitrate of the sound: as wanted, less where the picture needs the room."""
        share = AUDIO_SHARE * self.kbps(self.most_bytes - self.around_bytes)
        return next((kbps for kbps in AUDIO_KBPS if kbps <= min(wanted, share)), AUDIO_KBPS[-1])

    def sizes(self) -> list[tuple[int, int]]:
        """The sizes of the picture from the film's own down; sides are even."""
        shorter = min(self.size)
        smaller = [Fraction(side, shorter) for side in SIDES if side < shorter]
        return [self.size, *((_even(self.size[0] * scale), _even(self.size[1] * scale)) for scale in smaller)]

    def enough_kbps(self, size: tuple[int, int], had_kbps: float) -> float:
        """The bitrate with which the film looks good in this size.

        Args:
            size: Of the picture.
            had_kbps: What the film takes in its own size if it is not limited.
        """
        return min(_any_kbps(size, self.frame_rate), OF_EASY * had_kbps * pow(_pixels(size) / _pixels(self.size), 0.75))

    def size_for(self, kbps: float, had_kbps: float) -> tuple[int, int] | None:
        """The largest size that looks good at this bitrate, or the smallest if that is worth watching."""
        sizes = self.sizes()
        good = (size for size in sizes if kbps >= self.enough_kbps(size, had_kbps))
        return next(good, sizes[-1] if kbps >= self.least_kbps(had_kbps) else None)

    def least_kbps(self, had_kbps: float) -> float:
        """The bitrate below which the picture is not worth watching in any size."""
        return LEAST * self.enough_kbps(self.sizes()[-1], had_kbps)


def _any_kbps(size: tuple[int, int], frame_rate: Fraction) -> float:
    """The bitrate with which any sport looks good."""
    return ENOUGH * pow(_pixels(size) * frame_rate, 0.75) / 1000


def _pixels(size: tuple[int, int]) -> int:
    return size[0] * size[1]


def _even(pixels: Fraction) -> int:
    return max(16, 2 * round(pixels / 2))
