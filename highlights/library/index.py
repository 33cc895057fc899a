"""The index of the library: one SQLite file that is read from the result folders, and can be deleted at any time.

    result folders ──changed since?──► matches, events ──► what home lists, what a search finds, what a season counts

A folder is read again when the size or time of its timeline, or its reel, has changed.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict
from math import inf
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any

from highlights.batch.folders import RESULT
from highlights.errors import OutputError
from highlights.library.entry import EventEntry, MatchEntry, read_match
from highlights.library.folder import Library
from highlights.systems import text_of_path

FILE = ".index.sqlite"
WAIT_S = 5.0
"""How long to wait for another program, or another thread, that writes the index."""
VERSION = 3
"""The version of the tables. An index with another version is rebuilt."""
EMPTY = 0
"""The version of a file without tables."""
TEXTS = ("title", "kind", "team", "player", "description", "state", "match", "teams", "sport", "date", "place")
"""The columns that words are searched in."""

_TABLES = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS matches (name TEXT PRIMARY KEY, stamp TEXT NOT NULL, entry TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, name TEXT NOT NULL, minute INTEGER NOT NULL, entry TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS events_of ON events (name);
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5({", ".join(TEXTS)}, tokenize = "unicode61 remove_diacritics 2");
PRAGMA user_version = {VERSION};
COMMIT;
"""

Row = tuple[MatchEntry, EventEntry]


class Index:
    """The index of a library. Every method may be called from any thread.

    Raises:
        OutputError: the index cannot be written.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._file = library.root / FILE
        self._refreshing = Lock()
        self._making = Lock()

    def refresh(self, most_s: float = inf) -> int:
        """Read the result folders that have changed, and return how many of them are still unread.

        At least one is read, and no further one after about `most_s` seconds. None while another thread reads them for long.
        """
        if not self._refreshing.acquire(timeout=WAIT_S):
            return 1
        try:
            return self._refresh(monotonic() + most_s)
        finally:
            self._refreshing.release()

    def _refresh(self, until_s: float) -> int:
        with self._opened() as base:
            known = dict(base.execute("SELECT name, stamp FROM matches"))
            folders = {text_of_path(name): self._library.root / name for name in self._library.names()}
            now = {name: stamp for name, folder in folders.items() if (stamp := _stamp(folder))}
            with base:
                for name in sorted(known.keys() - now.keys()):
                    _forget(base, name)
            changed = sorted(name for name, stamp in now.items() if known.get(name) != stamp)
            for done, name in enumerate(changed):
                if done and monotonic() >= until_s:
                    return len(changed) - done
                match, events = read_match(folders[name])
                with base:
                    _forget(base, name)
                    _learn(base, match, events, now[name])
        return 0

    def matches(self) -> list[MatchEntry]:
        """All matches, as of the last `refresh`."""
        with self._opened() as base:
            return [_match(entry) for (entry,) in base.execute("SELECT entry FROM matches ORDER BY name")]

    def match(self, name: str) -> MatchEntry | None:
        """The match with this name, or None."""
        with self._opened() as base:
            row = base.execute("SELECT entry FROM matches WHERE name = ?", (name,)).fetchone()
        return _match(row[0]) if row else None

    def events(self, words: str = "", least: int = 0, most: int = 1 << 30, limit: int = 1 << 30) -> list[Row]:
        """Events, newest match first, that `words` (an FTS5 expression; all if empty) find in minutes `least` to `most`."""
        found = "JOIN words ON words.rowid = events.id" if words else ""
        where = "WHERE events.minute BETWEEN ? AND ?" + (" AND words MATCH ?" if words else "")
        order = "json_extract(matches.entry, '$.date') DESC, events.name, events.id"
        query = (
            f"SELECT matches.entry, events.entry FROM events JOIN matches USING (name) {found} {where} ORDER BY {order} LIMIT ?"
        )
        with self._opened() as base:
            rows = base.execute(query, (least, most, *([words] if words else []), limit)).fetchall()
        return [(_match(match), EventEntry(**json.loads(event))) for match, event in rows]

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """The database. It is rebuilt if it has another version or is damaged."""
        try:
            with closing(self._connect()) as base:
                yield base
        except sqlite3.OperationalError as error:
            raise OutputError(self._file, f"cannot be used ({error}); check the disk, or delete this file") from error
        except sqlite3.DatabaseError as error:
            self._remove()
            raise OutputError(self._file, f"was damaged ({error}) and is rebuilt: try again") from error

    def _connect(self) -> sqlite3.Connection:
        base = sqlite3.connect(self._file, timeout=WAIT_S)
        if _version(base) == VERSION:
            return base
        base.close()
        with self._making:  # once, however many threads find it missing
            base = sqlite3.connect(self._file, timeout=WAIT_S)
            if _version(base) not in (EMPTY, VERSION):
                base.close()
                self._remove()
                base = sqlite3.connect(self._file, timeout=WAIT_S)
            base.executescript(_TABLES)
        return base

    def _remove(self) -> None:
        with suppress(OSError):
            self._file.unlink(missing_ok=True)


def _version(base: sqlite3.Connection) -> int:
    """Of the tables; `EMPTY` if there are none, another number if the file is damaged."""
    try:
        return int(base.execute("PRAGMA user_version").fetchone()[0])
    except sqlite3.OperationalError:  # another program has it locked
        raise
    except sqlite3.DatabaseError:
        return -1


def _stamp(folder: Path) -> str:
    """What changes when the results in a folder change; empty if there are none."""
    try:
        state = (folder / RESULT).stat()
    except OSError:
        return ""
    return f"{state.st_mtime_ns} {state.st_size} {(folder / 'reel.mp4').is_file()}"


def _forget(base: sqlite3.Connection, name: str) -> None:
    base.execute("DELETE FROM words WHERE rowid IN (SELECT id FROM events WHERE name = ?)", (name,))
    base.execute("DELETE FROM events WHERE name = ?", (name,))
    base.execute("DELETE FROM matches WHERE name = ?", (name,))


def _learn(base: sqlite3.Connection, match: MatchEntry, events: tuple[EventEntry, ...], stamp: str) -> None:
    base.execute("INSERT INTO matches VALUES (?, ?, ?)", (match.name, stamp, json.dumps(asdict(match))))
    for event in events:
        row = base.execute(
            "INSERT INTO events (name, minute, entry) VALUES (?, ?, ?)", (match.name, event.minute, json.dumps(asdict(event)))
        ).lastrowid
        texts = (event.title, event.kind, event.team, event.player, event.description, event.state)
        place = " ".join(
            text_of_path(" ".join(Path(path).parts[-2:])) for path in match.recordings
        )  # its folder often names the competition
        words = (*texts, match.name, " ".join(match.teams), match.sport, match.date, place)
        marks = ", ".join("?" * (1 + len(TEXTS)))
        base.execute(f"INSERT INTO words (rowid, {', '.join(TEXTS)}) VALUES ({marks})", (row, *words))


def _match(text: str) -> MatchEntry:
    entry: dict[str, Any] = json.loads(text)
    lists: dict[str, Any] = {name: tuple(value) for name, value in entry.items() if isinstance(value, list)}
    return MatchEntry(**{**entry, **lists})
