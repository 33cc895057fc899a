"""The library's folder: which result folders it has, and what a person may do with one as a whole."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from highlights.batch import remote
from highlights.batch.folders import RESULT, is_video
from highlights.batch.notes import Folder, folded, note_at, note_place, reserve, write_note
from highlights.batch.plan import RESERVED
from highlights.batch.source import source_of
from highlights.errors import HighlightsError, OutputError
from highlights.export import made_files, recording_places
from highlights.media.aside import output_error
from highlights.systems import is_file_name, to_file_name

RECORDINGS = "recordings"
"""The folder of files that were dropped on the page."""
REELS = "reels"
"""The folder of reels of several matches."""
LONGEST_NAME = 120  # characters
LONGEST_BYTES = 240
"""Of a name that is chosen here, with room for a number after it."""
_NO_NAME = re.compile(r"[/\\\x00-\x1f\x7f]")
_RESULTS = re.compile(
    r"(timeline|reel)([.-].*)?|report\.html|thumbnail\.jpg|roster\.json|profile\.yaml|\..*|Thumbs\.db|desktop\.ini"
)
"""What is known to be a result by its name, or written by the system; a video among them needs more than its name."""
_MADE_VIDEOS = {"clips": re.compile(r"\d\d.*\.mp4"), "reels": re.compile(r".*\.mp4"), "": re.compile(r"reel\.mp4")}
"""The videos that a run makes, by the folder that they lie in."""


def default_library() -> Path:
    """Where the library is if the user names no other place."""
    return Path.home() / "Highlights"


class Library:
    """The library in the folder `root`, which is made if it is missing, unless it must be there.

    Raises:
        OutputError: it cannot be made, or it is not there.
    """

    def __init__(self, root: Path, *, make: bool = True) -> None:
        if not make and not root.is_dir():
            raise OutputError(root, "there is no library here: highlights app makes one, or name it with --library")
        try:
            root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise output_error(root, error) from error
        self.root = root.resolve()

    def names(self) -> Iterator[str]:
        """The names of the result folders, in no particular order."""
        with suppress(OSError):
            for entry in self.root.iterdir():
                if not entry.name.startswith(".") and os.path.isfile(entry / RESULT):  # noqa: PTH113  # other users' folders: no
                    yield entry.name

    def match(self, name: str) -> Path:
        """The result folder with this name.

        Raises:
            OutputError: there is none, or the name leads out of the library.
        """
        folder = self._place(name)
        if not (folder / RESULT).is_file():
            raise OutputError(name, "there is no such match in the library")
        return folder

    def reserve(self, wanted: str, recordings: Sequence[str]) -> str:
        """A free name near `wanted` for the results of these recordings, noted so that a batch does not take it.

        Raises:
            OutputError: the library cannot be written to.
        """
        base = _base_name(wanted)
        sources = tuple(map(source_of, recordings))
        taken = {folded(name) for name in (*RESERVED, RECORDINGS, REELS)}
        number = 1
        while True:
            name = base if number == 1 else f"{base}-{number}"
            free = folded(name) not in taken and not (self.root / name).exists()
            if free and reserve(Folder(name, wanted, True, sources), str(self.root)):
                return name
            number += 1

    def release(self, name: str) -> None:
        """Give a reserved name back, if there are no results under it."""
        if not (self.root / name / RESULT).is_file():
            remote.remove(note_place(name, str(self.root)))

    def rename(self, name: str, wanted: str) -> str:
        """Rename a match, and return its new name.

        Raises:
            OutputError: the new name is taken or cannot be used, or the folder cannot be renamed.
        """
        folder, new = self.match(name), to_file_name(wanted.strip()[:LONGEST_NAME])
        if new == name:
            return name
        target = self._place(new)
        same = folded(new) == folded(name)  # only letters changed between upper and lower case
        if folded(new) in {folded(each) for each in (*RESERVED, RECORDINGS, REELS)} or (target.exists() and not same):
            raise OutputError(new, "this name is taken: choose another")
        known = note_at(note_place(name, str(self.root)))
        try:
            folder.rename(target)
        except OSError as error:
            raise output_error(target, error) from error
        if known:
            remote.remove(note_place(name, str(self.root)))
            write_note(Folder(new, wanted, True, known.sources), str(self.root))
        return new

    def delete(self, name: str) -> list[str]:
        """Delete the results of a match; return the files that were kept because they are not results, such as a recording.

        Of a folder that is a link to another place, only the link is deleted.

        Raises:
            OutputError: a file cannot be deleted.
        """
        folder = self.match(name)
        try:
            if folder.is_symlink():
                folder.unlink()
                left = []
            else:
                _delete_results(folder)
                left = sorted(entry.name for entry in folder.iterdir())
                if not left:
                    folder.rmdir()
            remote.remove(note_place(name, str(self.root)))
        except OSError as error:
            raise output_error(folder, error) from error
        return left

    def _place(self, name: str) -> Path:
        if not is_file_name(name) or name.startswith(".") or "\\" in name:
            raise OutputError(name[:LONGEST_NAME], "this cannot be the name of a match")
        return self.root / name


def _base_name(wanted: str) -> str:
    """A name near `wanted` that a match can have.

    >>> _base_name("Final 3/4"), _base_name(" ../x "), _base_name("")
    ('Final 3-4', 'match -x', 'match')
    """
    plain = to_file_name(_NO_NAME.sub("-", wanted).strip()[:LONGEST_NAME])
    plain = plain.encode("utf-8", "replace")[:LONGEST_BYTES].decode("utf-8", "ignore").strip()
    return plain if plain and not plain.startswith(".") else f"match {plain.lstrip('.')}".strip()


def _delete_results(folder: Path) -> None:
    recordings, made = _recordings(folder), made_files.files(folder)
    for entry in sorted(folder.iterdir()):
        if entry.is_dir() and not entry.is_symlink():
            if entry.name in _MADE_VIDEOS:
                for file in sorted(entry.iterdir()):
                    if _is_made_video(file, entry.name, recordings, made):
                        file.unlink()
                with suppress(OSError):  # not empty
                    entry.rmdir()
        elif is_video(entry.name):
            if _is_made_video(entry, "", recordings, made):
                entry.unlink()
        elif entry.name != RESULT and _RESULTS.fullmatch(entry.name) and entry.resolve() not in (recordings or ()):
            entry.unlink()
    (folder / RESULT).unlink()  # last: until then the match is still in the library


def _recordings(folder: Path) -> set[Path] | None:
    """Where the recording of a match is; None if its timeline cannot tell."""
    try:
        parts = recording_places.read(folder / RESULT).recording.parts
    except HighlightsError:
        return None
    return {part.path.resolve() for part in parts}


def _is_made_video(file: Path, below: str, recordings: set[Path] | None, made: Collection[Path]) -> bool:
    """Whether a video was made here; one that may be the recording was not."""
    if recordings is None:
        return file in made
    return (
        file.is_file() and file.resolve() not in recordings and (file in made or bool(_MADE_VIDEOS[below].fullmatch(file.name)))
    )
