"""The packets of drawn transport streams, changed."""

from __future__ import annotations


def crc32_mpeg(data: bytes) -> int:
    """The checksum of a table, ISO/IEC 13818-1 annex A."""
    value = 0xFFFFFFFF
    for bit in (byte >> n & 1 for byte in data for n in range(7, -1, -1)):
        value = (value << 1 & 0xFFFFFFFF) ^ (0x04C11DB7 if (value >> 31) ^ bit else 0)
    return value
