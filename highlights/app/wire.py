"""The messages between server and home: matches, jobs and events as plain JSON, and validated requests."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from pydantic import Field

from highlights.app.open_reviews import PREFIX
from highlights.library.entry import EventEntry, MatchEntry
from highlights.library.queue import JobView
from highlights.review.wire import Message

Text = Annotated[str, Field(max_length=4096)]
Name = Annotated[str, Field(min_length=1, max_length=255)]
Option = str | float | bool | None


class Named(Message):
    """A match, by its name."""

    name: Name


class Rename(Named):
    """Another name for a match."""

    to: Name


class AtPath(Message):
    """A file or folder of this machine."""

    path: Text


class Recordings(Message):
    """The files of a match, in order."""

    recordings: Annotated[list[Text], Field(min_length=1, max_length=1000)]


class NewJob(Recordings):
    """A match to be run."""

    name: Name
    sport: Name
    options: dict[str, Option] = Field(default_factory=dict)


class Picked(Message):
    """An event of a match."""

    match: Name
    number: Annotated[int, Field(ge=0)]


class NewReel(Message):
    """A reel of events of several matches, in this order."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    picks: Annotated[list[Picked], Field(min_length=1, max_length=1000)]
    options: dict[str, Option] = Field(default_factory=dict)


class JobId(Message):
    """A job."""

    id: Name


class NewFile(Message):
    """A file that the page is about to send."""

    name: Name
    size_bytes: Annotated[int, Field(ge=0, le=1 << 50)]
    modified_ms: int = 0


class FileEnd(Message):
    """A file that has been sent completely."""

    name: Name


def match(entry: MatchEntry) -> dict[str, object]:
    """One match."""
    return asdict(entry) | {"address": _address(entry.name), "recordings": [Path(path).name for path in entry.recordings]}


def job(view: JobView) -> dict[str, object]:
    """One job of the queue."""
    asked = view.job
    return {
        "id": asked.id,
        "name": asked.name,
        "sport": asked.sport,
        "recordings": [Path(path).name for path in asked.recordings],
        "state": asked.state,
        "error": asked.error,
        "stage": view.stage,
        "done": round(view.done, 4),
        "seconds_left": view.seconds_left,
    }


def found(entry: MatchEntry, event: EventEntry) -> dict[str, object]:
    """One event that was found, with what the page needs to play it."""
    return asdict(event) | {
        "match": entry.name,
        "teams": entry.teams,
        "sport": entry.sport,
        "date": entry.date,
        "address": f"{_address(entry.name)}#event={event.number}",
        "media": f"{_address(entry.name)}media/{event.part}",
        "missing": bool(entry.missing),
    }


def _address(name: str) -> str:
    return f"{PREFIX.lstrip('/')}{quote(name, safe='')}/"
