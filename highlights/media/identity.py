"""Whether a file is the same as before, by its size and a fingerprint of its content that takes milliseconds."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

_BLOCKS = 32
_BLOCK_BYTES = 65_536


def fingerprint(path: Path) -> str:
    """A hash of the size and of 32 blocks of 64 KB, spread over the file from its start to its end.

    A file of up to 2 MB is read whole; in a longer one of the same size, another match differs in every block.

    Raises:
        OSError: the file cannot be read.
    """
    size = path.stat().st_size
    found = blake2b(str(size).encode(), digest_size=16)
    with path.open("rb") as file:
        if size <= _BLOCKS * _BLOCK_BYTES:
            found.update(file.read())
        else:
            for number in range(_BLOCKS):
                file.seek((size - _BLOCK_BYTES) * number // (_BLOCKS - 1))
                found.update(file.read(_BLOCK_BYTES))
    return found.hexdigest()
