"""Display matrices: how a camera says that its pictures are turned or mirrored."""

from __future__ import annotations

import struct
from pathlib import Path

_AFTER_NAME = 44  # bytes from the name of a track's header (tkhd, version 0) to its matrix


def set_matrix(path: Path, a: int, b: int, c: int, d: int) -> None:
    """Write a display matrix into an MP4: a point (x, y) is shown at (a x + c y, b x + d y), y downwards."""
    content = bytearray(path.read_bytes())
    at = content.index(b"tkhd") + _AFTER_NAME
    content[at : at + 36] = struct.pack(">9i", a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)
    path.write_bytes(content)
