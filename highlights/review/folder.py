"""The opened folder: which of its files the page may read and download."""

from __future__ import annotations

from pathlib import Path

from highlights.errors import OutputError
from highlights.systems import is_file_name

MUSIC = frozenset({".mp3", ".m4a", ".aac", ".ogg", ".opus", ".flac", ".wav"})
LOGOS = frozenset({".png", ".webp", ".jpg", ".jpeg", ".gif"})
HIDDEN = "."


def file_in(folder: Path, name: str) -> Path:
    """The file called `name` that lies in `folder` itself.

    Raises:
        OutputError: there is none, or the name leads out of the folder (a path, `..`, a link).
    """
    file = folder / name
    plain = is_file_name(name) and not name.startswith(HIDDEN) and "\\" not in name
    if not plain or not file.is_file() or file.resolve().parent != folder.resolve():
        raise OutputError(name, "there is no such file in the opened folder")
    return file


def names(folder: Path, suffixes: frozenset[str]) -> list[str]:
    """Names of the folder's own files with one of the suffixes, sorted."""
    listed = (entry for entry in folder.iterdir() if entry.suffix.lower() in suffixes and not entry.name.startswith(HIDDEN))
    return sorted(entry.name for entry in listed if entry.is_file() and entry.resolve().parent == folder.resolve())
