"""What is already known about a recording: answers of models, kept so that nothing is asked twice.

    ask ──► kept? ──yes──────────────────► answer
              └─no──► backend ──► keep ──► answer        one transaction a window, so a killed run loses one window at most

Answers are found again by what they depend on: the content of the file (not its name), the window and how it is sampled, the
model with its revision, and the words of the question. The file is SQLite in the user's cache folder (`HIGHLIGHTS_CACHE` names
another one); several runs may use it at once.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import asdict
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

from highlights.backends.backend import Answer, Backend, Token
from highlights.dialects.dialect import Question
from highlights.media.sampling import Footage
from highlights.records import Recording

T = TypeVar("T")

MOST_BYTES = 200_000_000  # of the file; the answers longest unused go first
VERSION = 1  # of what is kept; another one is not read
SAMPLES, SAMPLE_BYTES = 32, 65_536  # of a file, to tell it from all others without reading gigabytes
PATIENCE_S = 30.0  # how long to wait for another run that is writing

_TABLE = f"""
create table if not exists answers_{VERSION} (
    key blob primary key, answer text not null, used integer not null default (unixepoch())
) without rowid
"""


def cache_folder() -> Path:
    """Where what is known is kept."""
    from platformdirs import user_cache_path

    named = os.environ.get("HIGHLIGHTS_CACHE")
    return Path(named) if named else user_cache_path("highlights")


@cache
def fingerprint(path: Path, size: int, changed_ns: int) -> str:
    """What tells a file's content from all others: its size and samples of it from the first to the last byte.

    `size` and `changed_ns` are those of the file now; they make the answer of an earlier call worth nothing once it changed.
    """
    digest = blake2b(str(size).encode(), digest_size=16)
    with path.open("rb") as file:
        for i in range(SAMPLES):
            file.seek(max(0, size - SAMPLE_BYTES) * i // (SAMPLES - 1))
            digest.update(file.read(SAMPLE_BYTES))
    return digest.hexdigest()


class Store:
    """The answers kept in one folder. Where nothing can be kept, nothing is: a run must not fail for want of a cache."""

    def __init__(self, folder: Path | None = None) -> None:
        self.path = (folder or cache_folder()) / "answers.sqlite"
        self.problem = ""
        """Why nothing is kept, in words; empty when all is well."""

    def get(self, keys: Sequence[bytes]) -> list[Answer | None]:
        """The answer kept under each key, or None."""
        select = f"update answers_{VERSION} set used = unixepoch() where key = ? returning answer"
        rows = self._do(lambda base: [base.execute(select, (key,)).fetchone() for key in keys], [None] * len(keys))
        return [_read(row[0]) if row else None for row in rows]

    def put(self, answers: Sequence[tuple[bytes, Answer]]) -> None:
        """Keep answers under their keys."""
        rows = [(key, json.dumps(asdict(answer), ensure_ascii=False)) for key, answer in answers]
        insert = f"insert or replace into answers_{VERSION} (key, answer) values (?, ?)"

        def keep(base: sqlite3.Connection) -> None:
            base.executemany(insert, rows)
            _trim(base)

        self._do(keep, None)

    def _do(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """What `work` gives in one transaction, or `otherwise`; a file that is no database any more is begun anew."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=PATIENCE_S)) as base, base:
                base.execute(_TABLE)
                return work(base)
        except sqlite3.OperationalError as error:
            self.problem = f"{self.path}: {error}"
        except sqlite3.DatabaseError as error:
            self.problem = f"{self.path}: {error}; begun anew"
            with suppress(OSError):
                self.path.unlink()
        except OSError as error:
            self.problem = f"{self.path}: {error.strerror}"
        return otherwise


class KeptAnswers:
    """A backend that asks another one only what it has not answered before."""

    def __init__(self, backend: Backend, store: Store, recording: Recording) -> None:
        self.name = backend.name
        self.identity = backend.identity
        self.known = 0
        """How many questions were answered from what was kept."""
        self.unanswered = 0
        """How many were not answered at all: a server that failed on them gives an empty answer."""
        self._backend = backend
        self._store = store
        self._files = [fingerprint(p.path, *_state(p.path)) for p in recording.parts]
        self._starts_s = [p.start_s for p in recording.parts]

    def ask(self, footage: Footage, questions: Sequence[Question]) -> list[Answer]:
        """One answer per question; the footage is not even decoded when all of them are known."""
        keys = [self._key(footage, question) for question in questions]
        answers = self._store.get(keys)
        new = [i for i, answer in enumerate(answers) if answer is None]
        self.known += len(questions) - len(new)
        if new:
            given = self._backend.ask(footage, [questions[i] for i in new])
            self.unanswered += sum(not answer.text for answer in given)
            # an empty answer is one that failed; it is asked again next time
            self._store.put([(keys[i], answer) for i, answer in zip(new, given, strict=True) if answer.text])
            for i, answer in zip(new, given, strict=True):
                answers[i] = answer
        return [answer for answer in answers if answer is not None]

    def close(self) -> None:
        """Close the other one."""
        self._backend.close()

    def _key(self, footage: Footage, question: Question) -> bytes:
        part = footage.window.part
        start_s = footage.window.span.start_s - self._starts_s[part]
        what = (
            self._files[part],
            self.identity,
            round(start_s, 3),
            footage.times_s,
            asdict(footage.sampling),
            asdict(question),
        )
        return blake2b(json.dumps(what).encode(), digest_size=20).digest()


def _state(path: Path) -> tuple[int, int]:
    state = path.stat()
    return state.st_size, state.st_mtime_ns


def _read(text: str) -> Answer:
    fields = json.loads(text)
    return Answer(**fields | {"tokens": tuple(Token(**token) for token in fields["tokens"])})


def _trim(base: sqlite3.Connection) -> None:
    """Forget the tenth of the answers that is longest unused while the file is too large."""
    pages, page_bytes = (base.execute(f"pragma {name}").fetchone()[0] for name in ("page_count", "page_size"))
    free = base.execute("pragma freelist_count").fetchone()[0]
    if (pages - free) * page_bytes > MOST_BYTES:
        table = f"answers_{VERSION}"
        oldest = f"select key from {table} order by used limit (select count(*) / 10 + 1 from {table})"
        base.execute(f"delete from {table} where key in ({oldest})")
