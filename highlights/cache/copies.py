"""Copies of recordings that a browser can play, in a folder whose size is bounded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from highlights.media.aside import remove_left

MOST_COPIES_BYTES = 20_000_000_000  # of all copies together; a match is 1 to 3 GB


def copies_folder(cache_folder: Path) -> Path:
    """The folder of the copies."""
    return cache_folder / "proxies"


def copies(cache_folder: Path) -> Iterator[Path]:
    """Every copy, named after the fingerprint of its recording, sorted."""
    yield from sorted(copies_folder(cache_folder).glob("[!.]*.mp4"))


def trim_copies(folder: Path, keep: Path) -> None:
    """Delete the least recently used copies until the rest fit into `MOST_COPIES_BYTES`; `keep` stays."""
    remove_left(folder)
    states = []
    for file in folder.glob("[!.]*.mp4"):
        with suppress(OSError):  # another program has removed it
            states.append((file != keep, file.stat(), file))
    size = sum(state.st_size for _, state, _ in states)
    for removable, state, file in sorted(states, key=lambda entry: entry[1].st_atime_ns):
        if removable and size > MOST_COPIES_BYTES:
            with suppress(OSError):
                file.unlink()
                size -= state.st_size
