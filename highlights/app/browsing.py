"""The folders of this machine, to choose recordings from; they are opened in place, never copied."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from highlights.batch.folders import sorted_out
from highlights.batch.joining import joined, stem_of
from highlights.batch.matches import clip_of_file
from highlights.errors import OutputError, RecordingError
from highlights.media.aside import output_error

MOST_ENTRIES = 5000
MOST_SIBLINGS = 500
"""Recordings of a folder among which those of the same match are searched; each is opened."""


def listed(path: str) -> dict[str, object]:
    """The folders and recordings in a folder, or in that of a file; an empty path is the user's home.

    Raises:
        OutputError: it cannot be read.
    """
    if "\x00" in path:
        raise OutputError(path, "no folder has this name")
    folder = (Path(os.path.expanduser(path)) if path else Path.home()).absolute()  # noqa: PTH111  # of no user: as it is
    if folder.is_file():
        folder = folder.parent
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name.casefold())[:MOST_ENTRIES]
        folders = [entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir()]
        files = {entry.name: entry for entry in entries if entry.is_file()}
    except FileNotFoundError as error:
        raise OutputError(folder, "there is no such folder") from error
    except PermissionError as error:
        raise OutputError(folder, "no permission to look into this folder") from error
    except OSError as error:
        raise output_error(folder, error) from error
    recordings = sorted_out(list(files), lambda name: (folder / name).is_file()).recordings
    return {
        "path": str(folder),
        "shown": _shown(folder),
        "above": str(folder.parent) if folder.parent != folder else "",
        "places": [{"name": place.name or str(place), "path": str(place)} for place in _places()],
        "folders": folders,
        "files": [_file(files[name]) for name in recordings],
    }


def _file(entry: os.DirEntry[str]) -> dict[str, object]:
    state = entry.stat()
    day = datetime.fromtimestamp(state.st_mtime).date().isoformat()
    return {"name": entry.name, "size_bytes": state.st_size, "date": day}


def _shown(folder: Path) -> str:
    """The path as people write it: `~/Videos` in their home."""
    home = Path.home()
    return str(folder) if folder == home or not folder.is_relative_to(home) else f"~{os.sep}{folder.relative_to(home)}"


def _places() -> list[Path]:
    """Where recordings usually are: the home, what people keep there, and other disks."""
    home = Path.home()
    usual = [home, *(home / name for name in ("Videos", "Movies", "Downloads", "Desktop"))]
    user = Path("/media") / home.name
    disks = [entry for root in (user, Path("/Volumes"), Path("/mnt")) for entry in _folders(root) if entry.is_mount()]
    drives = [Path(f"{letter}:\\") for letter in "DEFGHIJ"] if os.name == "nt" else []
    return [place for place in (*usual, *disks, *drives) if place.is_dir()]


def _folders(root: Path) -> list[Path]:
    try:
        return sorted(entry for entry in root.iterdir() if entry.is_dir())
    except OSError:
        return []


def siblings(file: Path) -> dict[str, object]:
    """The files that belong to the same match as `file`, in order, what they are called, and why they belong together.

    Raises:
        RecordingError: the file does not exist.
    """
    if not file.is_file():
        raise RecordingError(file, "no such file: choose the recording again")
    there = [str(entry) for entry in sorted(file.parent.iterdir()) if entry.is_file()][:MOST_ENTRIES]
    names = sorted_out([Path(each).name for each in there], lambda name: (file.parent / name).is_file()).recordings
    files = [str(file.parent / name) for name in names][:MOST_SIBLINGS]
    for group in joined(files, clip_of_file):
        if str(file) in group.files:
            return {"files": list(group.files), "name": group.name, "why": group.why}
    return {"files": [str(file)], "name": stem_of(str(file)), "why": ""}


def named_sport(paths: Sequence[str], sports: Sequence[str]) -> str:
    """The sport that the names of files and their folders tell; empty if they tell none.

    >>> named_sport(["/home/ann/ice hockey/u16.mp4"], ["ice_hockey", "soccer"])
    'ice_hockey'
    """
    text = " ".join(paths).casefold().replace("_", " ").replace("-", " ")
    words = {sport: {sport.replace("_", " "), *ALSO.get(sport, ())} for sport in sports}
    found = [sport for sport, names in words.items() if any(name in text for name in names)]
    return max(found, key=lambda sport: max(len(name) for name in words[sport] if name in text), default="")


def usual_sport(sports: Sequence[str], recent: str) -> str:
    """The sport where nothing tells it: the one chosen last, or else soccer."""
    return recent if recent in sports else "soccer" if "soccer" in sports else next(iter(sports), "")


ALSO = {
    "soccer": ("fussball", "fußball", "futbol", "fútbol", "calcio"),
    "ice_hockey": ("hockey", "eishockey", "nhl"),
    "american_football": ("nfl", "gridiron"),
    "basketball": ("nba", "basket"),
    "handball": ("handbal",),
    "volleyball": ("volley",),
}
"""Other words for a sport in the names of files."""
