"""A timeline with its recording where that is now: files may have been moved, and another film may have taken a name.

as written ──there?──► the same content? ──yes──► used
    │ no                   │ no
    └──► beside the timeline, or where the user says ──the same content?──► used, or refused
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from highlights.errors import RecordingError
from highlights.export import timeline_json
from highlights.media.identity import fingerprint
from highlights.media.source import check_file
from highlights.records import Part, Recording, Timeline
from highlights.systems import text_of_path

_SAME_S = 1.0
"""Durations that differ by more belong to different films; versions of this program may measure a few frames more or less."""
_ADVICE = "say where it is with --recording FILE"


def read(path: Path, given: Sequence[str] = (), *, needed: bool = False) -> Timeline:
    """The timeline in the file at `path`, with its recording where it is now.

    Args:
        path: The file of the timeline.
        given: Where files of the recording are now: `NEW` or `OLD=NEW`, `OLD` being a name or path in the timeline, `NEW` a
            file, or a folder with a file of that name.
        needed: Whether the files must be there; else those not found stay as they are written.

    Raises:
        TimelineError: the file is not a timeline.
        RecordingError: a file is another film, or missing though needed, or `given` names one that does not exist.
    """
    timeline = timeline_json.read(path)
    parts = timeline.recording.parts
    places = _Places(parts, path.parent, given)
    found = tuple(places.of(number) for number in range(len(parts)))
    for part in found if needed else ():
        if not part.path.exists():
            raise RecordingError(part.path, f"no such file; {_ADVICE}, or put it beside the timeline")
    now = {part.path: new.path for part, new in zip(parts, found, strict=True)}
    faults = tuple(replace(fault, path=now.get(fault.path, fault.path)) for fault in timeline.analysis.faults)
    return replace(timeline, recording=Recording(found), analysis=replace(timeline.analysis, faults=faults))


class _Places:
    """Where the parts of a recording may be."""

    def __init__(self, parts: Sequence[Part], folder: Path, given: Sequence[str]) -> None:
        self._parts = parts
        self._given: dict[int, Path] = {}
        for text in given:
            number, path = self._named(text)
            self._given[number] = path
        self._folders = (folder, *(path.parent for path in self._given.values()))

    def of(self, number: int) -> Part:
        """The part at the first place where it is."""
        part = self._parts[number]
        if number in self._given:
            check_same(part, self._given[number])
            return replace(part, path=self._given[number])
        there = part.path.exists()
        if there and not _difference(part, part.path):
            return part
        for place in self._around(number):
            if not _difference(part, place):
                return replace(part, path=place)
        if there:
            check_same(part, part.path)
        return part

    def _around(self, number: int) -> Iterator[Path]:
        """Files of the part's name in the known folders and below, with as much of its path as there is."""
        path = self._parts[number].path
        alike = [part for part in self._parts if part.path.name == path.name and part.path != path]
        yield from _not_text(path.parent, path)
        for folder in self._folders:
            for length in range(min(4, len(path.parts) - 1), 0, -1):
                if length == 1 and alike and not self._parts[number].fingerprint:
                    continue  # which of the two it is cannot be told
                place = folder.joinpath(*path.parts[-length:])
                if place != path and place.is_file():
                    yield place
            yield from _not_text(folder, path)

    def _named(self, text: str) -> tuple[int, Path]:
        """The part that `NEW` or `OLD=NEW` is about, and its new path."""
        if Path(text).exists() or "=" not in text:
            return self._number_for(Path(text))
        splits = [(text[:at], text[at + 1 :]) for at, sign in enumerate(text) if sign == "="]
        for old, new in splits:
            if (number := self._number_named(old)) is not None:
                return number, _file(Path(new), self._parts[number])
        names = ", ".join(str(part.path) for part in self._parts)
        raise RecordingError(splits[0][0], f"does not belong to this timeline; its files are {names}")

    def _number_named(self, old: str) -> int | None:
        """The part with this path, or else the only one with this name or end of a path."""
        paths = [part.path for part in self._parts]
        whole = [n for n, path in enumerate(paths) if old in (str(path), text_of_path(path)) or Path(old).absolute() == path]
        ending = [n for n, path in enumerate(paths) if Path(old).parts == path.parts[-len(Path(old).parts) :]]
        found = whole or ending
        return found[0] if len(found) == 1 else None

    def _number_for(self, new: Path) -> tuple[int, Path]:
        """The part that a file without `OLD=` is: by content, by name, or because there is only one."""
        if len(self._parts) == 1:
            return 0, _file(new, self._parts[0])
        files = [
            (n, _file(new, part)) for n, part in enumerate(self._parts) if new.is_file() or (new / part.path.name).is_file()
        ]
        same = [(n, file) for n, file in files if n not in self._given and not _difference(self._parts[n], file)]
        named = [(n, file) for n, file in same if self._parts[n].path.name == file.name]
        found = [pair for pair in same if self._parts[pair[0]].fingerprint] or named
        if not found:
            if not new.exists():
                check_file(new)
            names = ", ".join(part.path.name for part in self._parts)
            raise RecordingError(new, f"is none of this timeline's files ({names}); say which with --recording OLD=NEW")
        return found[0]


def _file(new: Path, part: Part) -> Path:
    """The new file of a part, which may be given by its folder."""
    file = new / part.path.name if new.is_dir() else new
    check_file(file)
    return Path(file.absolute())


def _not_text(folder: Path, path: Path) -> Iterator[Path]:
    """Files whose names are not UTF-8, which a timeline stores with `?`."""
    if "?" in path.name and folder.is_dir():
        yield from sorted(file for file in folder.iterdir() if text_of_path(file.name) == path.name and file.name != path.name)


def check_same(part: Part, path: Path) -> None:
    """Refuse a file that is not the part.

    Raises:
        RecordingError: it is another film, or cannot be read.
    """
    check_file(path)
    if difference := _difference(part, path):
        raise RecordingError(
            path,
            f"is not the recording of this timeline: {difference}; {_ADVICE}, or run again on this file with another --out",
        )


def _difference(part: Part, path: Path) -> str:
    """How a file differs from a part; empty if it is the same."""
    if not path.is_file():  # a pipe would be waited for
        return "it is not a file"
    try:
        return _by_content(part, path) if part.fingerprint else _by_picture(part, path)
    except RecordingError as error:
        return error.problem
    except OSError as error:
        return f"it cannot be read ({error.strerror})"


def _by_content(part: Part, path: Path) -> str:
    size = path.stat().st_size
    if part.size_bytes and size != part.size_bytes:
        return f"it has {size:,} bytes, the recording {part.size_bytes:,}"
    return "" if fingerprint(path) == part.fingerprint else "its content differs"


def _by_picture(part: Part, path: Path) -> str:
    """For timelines from before there were fingerprints."""
    from highlights.media.probe import probe

    now = probe(path)
    if abs(now.duration_s - part.duration_s) > _SAME_S:
        return f"it is {now.duration_s:.0f} s long, the recording {part.duration_s:.0f} s"
    if {now.width, now.height} != {part.width, part.height}:
        return f"its picture is {now.width}x{now.height}, that of the recording {part.width}x{part.height}"
    return ""
