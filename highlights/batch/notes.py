"""The notes in `.matches` about the folders of results: what each folder is made from.

{"folder": "league-half1", "asked": "half1", "named": false, "recordings": [{"place": …, "key": …, "size_bytes": …, …}]}
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from typing import Any
from unicodedata import normalize

from highlights.batch import remote
from highlights.batch.source import Source, gone, source_of
from highlights.batch.summary import READ_AT_ONCE, Outcome
from highlights.errors import HighlightsError

NOTES = ".matches"


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of results: its name, what it is made from, and its outcome if it is finished.

    `asked` is the name that was asked for, by a person if `named`.
    """

    name: str
    asked: str
    named: bool
    sources: tuple[Source, ...]
    outcome: Outcome | None = None

    def is_called(self, name: str) -> bool:
        """Whether it has this name, or was meant to."""
        return folded(name) in (folded(self.name), folded(self.asked))


def folders_in(out: str, finished: dict[str, Outcome]) -> list[Folder]:
    """The folders of results, by the notes about them, and by their timelines if they are of an earlier version."""
    with ThreadPoolExecutor(READ_AT_ONCE) as readers:
        noted = [folder for folder in readers.map(note_at, remote.below(out, f"{NOTES}/*.json")) if folder]
    names = {folder.name for folder in noted}
    with ThreadPoolExecutor(READ_AT_ONCE) as readers:
        outcomes = [outcome for name, outcome in finished.items() if name not in names]
        places = list(readers.map(lambda outcome: tuple(map(source_of, outcome.match.recordings)), outcomes))
    older = [
        Folder(outcome.match.name, outcome.match.name, False, sources, outcome)
        for outcome, sources in zip(outcomes, places, strict=True)
    ]
    noted = [replace(folder, outcome=finished.get(folder.name)) for folder in noted]
    # a name stays reserved for a match that failed, unless its recordings were never there: then it was a wrong path
    return [*(folder for folder in noted if folder.outcome or not gone(folder.sources)), *older]


def note_at(place: str) -> Folder | None:
    """The folder that a note is about; None if it cannot be used."""
    with suppress(HighlightsError, ValueError, KeyError, TypeError):
        told: dict[str, Any] = json.loads(remote.read(place))
        return Folder(told["folder"], told["asked"], told["named"], tuple(Source(**source) for source in told["recordings"]))
    return None


def reserve(folder: Folder, out: str) -> bool:
    """Note what a new folder will be made from; False if there is a note about one of this name, perhaps made just now."""
    return remote.create(note_place(folder.name, out), _content(folder))


def write_note(folder: Folder, out: str) -> None:
    """Note what a folder is made from.

    Raises:
        OutputError: it cannot be written.
    """
    remote.replace(note_place(folder.name, out), _content(folder))


def _content(folder: Folder) -> bytes:
    recordings = [asdict(source) for source in folder.sources]
    told = {"folder": folder.name, "asked": folder.asked, "named": folder.named, "recordings": recordings}
    return (json.dumps(told, indent=1) + "\n").encode()


def note_place(name: str, out: str) -> str:
    """The place of the note about a folder; one for all names that a file system may take for the same."""
    digest = blake2b(folded(name).encode("utf-8", "surrogateescape"), digest_size=12).hexdigest()
    return remote.at(out, NOTES, f"{digest}.json")


def folded(name: str) -> str:
    """What names have in common that some file systems take for the same."""
    return normalize("NFC", normalize("NFC", name).casefold())
