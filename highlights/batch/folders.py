"""Which files of a folder are recordings: not those of the system, of other programs, or of an earlier run.

season/half1.mp4                    a recording
season/._half1.mp4                  what macOS writes beside it on a foreign disk
season/out/half1/reel.mp4           a result
card/M4ROOT/SUB/C0001S03.MP4        a camera's small copy of M4ROOT/CLIP/C0001.MP4
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

SUFFIXES = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".ts", ".m2ts", ".mts", ".mpg", ".mpeg", ".avi", ".flv", ".wmv", ".mxf")
RESULT = "timeline.json"
"""Where this file is, so are a run's results."""

_SYSTEM = frozenset({"__macosx", "@eadir", "#recycle", "$recycle.bin", "system volume information", "lost+found"})
"""Folders of macOS archives, Synology, and Windows, in lower case."""
_UNFINISHED = re.compile(r"\.(part|partial|temp|tmp|crdownload)\.\w+$")
_PROXIES = frozenset({"proxy", "proxies", "sub"})
_OF_PROXY = re.compile(r"([_-]?proxy|s\d\d)$")  # what cameras add to the name of a proxy: Canon, Blackmagic; Sony
_GOPRO_PROXY = re.compile(r"gl(\d{6})")

Holds = Callable[[str], bool]
"""Whether there is a file at a path relative to the folder."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """The recordings among some files, in order, and why each other video was left out."""

    recordings: tuple[str, ...]
    left_out: dict[str, str]


def is_video(name: str) -> bool:
    """Whether a file has the ending of a video."""
    return name.lower().endswith(SUFFIXES)


def files_below(folder: Path) -> list[str]:
    """All files in a folder, also behind links to other folders, relative to it, sorted; each folder is entered once."""
    return sorted(_walked(folder, folder, set()))


def sorted_out(paths: Iterable[str], holds: Holds) -> Sorted:
    """The recordings among the files of a folder; `paths` are relative to it, with `/`."""
    videos = [path for path in paths if is_video(path)]
    stems = {_stem(path) for path in videos}
    reasons = {path: _reason(PurePosixPath(path), holds) or _why_proxy(PurePosixPath(path), stems) for path in videos}
    recordings = tuple(path for path, reason in reasons.items() if not reason)
    return Sorted(recordings, {path: reason for path, reason in reasons.items() if reason})


def _walked(folder: Path, root: Path, entered: set[str]) -> Iterator[str]:
    place = os.path.realpath(folder)
    if place in entered:
        return
    entered.add(place)
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: (entry.is_symlink(), entry.name))
    except OSError:  # another user's folder
        return
    for entry in entries:  # links last, so that a file is found where it lies
        if entry.is_dir():
            yield from _walked(Path(entry.path), root, entered)
        elif entry.is_file():
            yield Path(entry.path).relative_to(root).as_posix()


def _reason(path: PurePosixPath, holds: Holds) -> str:
    """Why a video is not taken for a recording; empty if it is."""
    if path.name.startswith("._"):
        return "written by macOS beside a file"
    if any(part.startswith(".") for part in path.parts):
        return "hidden"
    if any(part.lower() in _SYSTEM for part in path.parts[:-1]):
        return "in a folder of the system"
    if _UNFINISHED.search(path.name.lower()):
        return "an unfinished download"
    folder = path.parent.parent if path.parent.name in ("clips", "reels") else path.parent
    of_a_run = folder != path.parent or path.stem == "reel"
    return "a result of an earlier run" if of_a_run and holds((folder / RESULT).as_posix()) else ""


def _why_proxy(path: PurePosixPath, stems: set[tuple[str, str]]) -> str:
    """The reason if a file is a camera's small copy of another one that is here too."""
    folder, stem = _stem(str(path))
    if (gopro := _GOPRO_PROXY.fullmatch(stem)) and {(folder, f"g{kind}{gopro[1]}") for kind in "hx"} & stems:
        return "a camera's small copy"
    if path.parent.name.lower() not in _PROXIES:
        return ""
    above = path.parent.parent
    names = {stem, _OF_PROXY.sub("", stem)}
    beside = (PurePosixPath(place) for place, name in stems if name in names and place != folder)
    return "a camera's small copy" if any(place == above or place.parent == above for place in beside) else ""


def _stem(path: str) -> tuple[str, str]:
    """The folder of a file, and its name in lower case without ending."""
    pure = PurePosixPath(path)
    return str(pure.parent), pure.stem.lower()
