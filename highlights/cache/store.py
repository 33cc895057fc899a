"""The cache of analyses, models' answers and pictures, so that nothing is read or asked twice.

    request ──► cached? ──yes───────────────────► answer
                  └─no──► backend ──► cached ──► answer      one transaction a window, so a killed run loses one window at most

An entry is found by what it depends on: the content of the file (not its name) and, for an analysis, the settings of scenes and
score graphic and the code that reads (`recordings.py`); for an answer, the window and how it is sampled, the model with its
revision, and the words of the question (`answers.py`). The file is SQLite in the user's cache folder (`HIGHLIGHTS_CACHE` names
another one); several runs may use it at once.
"""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Literal, TypeVar

from highlights.cache.copies import copies
from highlights.systems import text_of_path

T = TypeVar("T")

MOST_BYTES = 500_000_000  # of the file; the least recently used tenth is deleted first
VERSION = 2  # of the table; tables of earlier versions are dropped, one of a later version is left alone
PATIENCE_S = 30.0  # how long to wait for another run that is writing
JUST_USED_S = 3600  # an entry used this recently is not marked as used again: most reads stay reads

EntryKind = Literal["file", "recording", "analysis", "cut", "answer", "picture", "copy", "made"]
"""`made`: which files a run made in a folder; not listed, as it is about no recording."""

_TABLE = f"""
create table if not exists kept_{VERSION} (
    key blob primary key, kind text not null, label text not null, value blob not null,
    used integer not null default (unixepoch())
) without rowid
"""
_ELSEWHERE = "nothing is cached for the next run; set HIGHLIGHTS_CACHE to another folder"
_EARLIER = [f"drop table if exists kept_{version}" for version in range(1, VERSION)]


def cache_folder() -> Path:
    """The cache folder: `HIGHLIGHTS_CACHE`, or `highlights` in the user's cache folder."""
    from platformdirs import user_cache_path

    named = os.environ.get("HIGHLIGHTS_CACHE")
    return Path(named) if named else user_cache_path("highlights")


def digest(*what: object) -> bytes:
    """The key of an entry, 20 bytes that depend on all of `what` (values that JSON can hold)."""
    return blake2b(json.dumps(what).encode(), digest_size=20).digest()


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """How much of one kind is cached for one recording, by the name it had then."""

    kind: EntryKind
    label: str
    count: int
    size_bytes: int
    used_s: int
    """When it was last used, in seconds since 1970."""


class Store:
    """The cache in one folder. If it cannot be used, nothing is cached: a run must not fail for lack of a cache."""

    def __init__(self, folder: Path | None = None) -> None:
        self.path = (folder or cache_folder()) / "known.sqlite"
        self.problem = ""
        """The last problem with the file; empty if there was none."""

    def get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """The value of each key, or None."""
        select = f"select value, used < unixepoch() - {JUST_USED_S} from kept_{VERSION} where key = ?"
        rows = self._do(lambda base: [base.execute(select, (key,)).fetchone() for key in keys], [None] * len(keys))
        if old := [(key,) for key, row in zip(keys, rows, strict=True) if row and row[1]]:
            update = f"update kept_{VERSION} set used = unixepoch() where key = ?"
            self._do(lambda base: base.executemany(update, old), None)
        return [_unpacked(row[0]) if row else None for row in rows]

    def put(self, kind: EntryKind, label: str, values: Sequence[tuple[bytes, bytes]]) -> None:
        """Store values under their keys, compressed."""
        rows = [(key, kind, text_of_path(label), zlib.compress(value)) for key, value in values]
        insert = f"insert or replace into kept_{VERSION} (key, kind, label, value) values (?, ?, ?, ?)"

        def insert_all(base: sqlite3.Connection) -> None:
            base.executemany(insert, rows)
            _trim(base)

        self._do(insert_all, None)

    def listed(self) -> list[CacheEntry]:
        """All entries by recording and kind, the last used first."""
        select = f"select kind, label, count(*), sum(length(value)), max(used) from kept_{VERSION} where kind != 'made'"
        select += " group by label, kind"
        nothing: list[CacheEntry] = []
        entries = [*self._do(lambda base: [CacheEntry(*row) for row in base.execute(select)], nothing), *self._copies()]
        return sorted(entries, key=lambda entry: (-entry.used_s, entry.label, entry.kind))

    def _copies(self) -> Iterator[CacheEntry]:
        """The copies for browsers, which are named after the fingerprint of their recording."""
        select = f"select value, label from kept_{VERSION} where kind = 'file'"
        nothing: list[tuple[bytes, str]] = []
        files = self._do(lambda base: base.execute(select).fetchall(), nothing)
        labels = {(_unpacked(value) or b"").hex(): label for value, label in files}
        for file in copies(self.path.parent):
            with suppress(OSError):  # just deleted by another program
                state = file.stat()
                yield CacheEntry("copy", labels.get(file.stem, file.name), 1, state.st_size, int(state.st_atime))

    def clear(self) -> int:
        """Delete everything, copies for browsers too, and return how many bytes that freed."""
        files = [file for file in (self.path, *copies(self.path.parent)) if file.is_file()]
        size = sum(file.stat().st_size for file in files)
        for file in files:
            file.unlink(missing_ok=True)
        return size

    def _do(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """The result of `work` in one transaction, or `otherwise`; a damaged file is deleted and recreated next time."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=PATIENCE_S)) as base, base:
                for forgets in _EARLIER:
                    base.execute(forgets)
                base.execute(_TABLE)
                return work(base)
        except sqlite3.OperationalError as error:
            self.problem = f"{error}; {_ELSEWHERE}"
        except sqlite3.DatabaseError as error:
            self.problem = f"{error}; the cache was recreated"
            with suppress(OSError):
                for file in (
                    self.path,
                    self.path.with_name(f"{self.path.name}-journal"),
                ):
                    file.unlink(missing_ok=True)
        except OSError as error:
            self.problem = f"{error.strerror}; {_ELSEWHERE}"
        return otherwise


def _unpacked(value: bytes) -> bytes | None:
    try:
        return zlib.decompress(value)
    except zlib.error:
        return None


def _trim(base: sqlite3.Connection) -> None:
    """Delete the least recently used tenth of the entries if the file is too large."""
    pages, page_bytes = (base.execute(f"pragma {name}").fetchone()[0] for name in ("page_count", "page_size"))
    free = base.execute("pragma freelist_count").fetchone()[0]
    if (pages - free) * page_bytes > MOST_BYTES:
        table = f"kept_{VERSION}"
        oldest = f"select key from {table} order by used limit (select count(*) / 10 + 1 from {table})"
        base.execute(f"delete from {table} where key in ({oldest})")
