"""Damage to the bytes of a recording, whatever is in them. All of it is drawn from a seed, so that it can be repeated."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

Bytes = Callable[[bytes, Random], bytes]

BAD_SECTOR = 4096


def flipped(count: int, start: float = 0.02, end: float = 1.0) -> Bytes:
    """Bits of so many bytes between two shares of the file are flipped."""

    def make(data: bytes, random: Random) -> bytes:
        changed = bytearray(data)
        first, last = round(start * len(data)), round(end * len(data)) - 1
        for _ in range(count):
            changed[random.randint(first, last)] ^= 1 << random.randrange(8)
        return bytes(changed)

    return make


def zeroed(start: float, length: float) -> Bytes:
    """A share of the file is zeros."""

    def make(data: bytes, random: Random) -> bytes:
        first, size = round(start * len(data)), max(BAD_SECTOR, round(length * len(data)))
        size = min(size, len(data) - first)
        return data[:first] + bytes(size) + data[first + size :]

    return make


def bad_sectors(count: int) -> Bytes:
    """Some sectors hold noise, as from a failing disk."""

    def make(data: bytes, random: Random) -> bytes:
        changed = bytearray(data)
        for _ in range(count):
            at = random.randrange(1, max(2, len(data) // BAD_SECTOR)) * BAD_SECTOR
            size = len(changed[at : at + BAD_SECTOR])
            changed[at : at + size] = random.randbytes(size)
        return bytes(changed)

    return make


def cut_off(share: float) -> Bytes:
    """Only the first share is left, as of a copy that was stopped."""
    return lambda data, _: data[: round(share * len(data))]


def headless(share: float) -> Bytes:
    """The first share is missing."""
    return lambda data, _: data[round(share * len(data)) :]


def removed(start: float, length: float) -> Bytes:
    """A piece in the middle is missing."""
    return lambda data, _: data[: round(start * len(data))] + data[round((start + length) * len(data)) :]


def inserted(size: int) -> Bytes:
    """Noise in the middle."""

    def make(data: bytes, random: Random) -> bytes:
        at = random.randrange(len(data) // 4, 3 * len(data) // 4)
        return data[:at] + random.randbytes(size) + data[at:]

    return make


def doubled(length: float) -> Bytes:
    """A piece in the middle is there twice."""

    def make(data: bytes, random: Random) -> bytes:
        at, size = random.randrange(len(data) // 4, len(data) // 2), round(length * len(data))
        return data[: at + size] + data[at:]

    return make


def swapped(length: float) -> Bytes:
    """Two pieces stand in each other's place."""

    def make(data: bytes, random: Random) -> bytes:
        size = round(length * len(data))
        one, two = random.randrange(len(data) // 8, len(data) // 3), random.randrange(len(data) // 2, 2 * len(data) // 3)
        first, second = data[one : one + size], data[two : two + size]
        return data[:one] + second + data[one + size : two] + first + data[two + size :]

    return make


BYTE_DAMAGES: dict[str, Bytes] = {
    "one byte flipped": flipped(1),
    "20 bytes flipped": flipped(20),
    "500 bytes flipped": flipped(500),
    "3 bytes flipped in the header": flipped(3, 0.0, 0.002),
    "40 bytes flipped in the header": flipped(40, 0.0, 0.01),
    "20 bytes flipped at the end": flipped(20, 0.99, 1.0),
    "header zeroed": zeroed(0.0, 0.0),
    "a sector zeroed": zeroed(0.45, 0.0),
    "a tenth zeroed": zeroed(0.3, 0.1),
    "second half zeroed": zeroed(0.5, 0.5),
    "end zeroed": zeroed(0.98, 0.02),
    "five bad sectors": bad_sectors(5),
    "cut off at 3 %": cut_off(0.03),
    "cut off at 40 %": cut_off(0.4),
    "cut off at 97 %": cut_off(0.97),
    "first tenth missing": headless(0.1),
    "a twentieth removed": removed(0.6, 0.05),
    "noise inserted": inserted(20_000),
    "a twentieth doubled": doubled(0.05),
    "two pieces swapped": swapped(0.04),
}
