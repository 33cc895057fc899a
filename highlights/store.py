"""What is already known about a recording: analysis, models' answers, pictures, kept so that nothing is read or asked twice.

    ask ──► kept? ──yes──────────────────► answer
              └─no──► backend ──► keep ──► answer        one transaction a window, so a killed run loses one window at most

What is kept is found again by what it depends on: the content of the file (not its name) and, for an analysis, the settings of
scenes and score graphic and the code that reads; for an answer, the window and how it is sampled, the model with its revision,
and the words of the question. The file is SQLite in the user's cache folder (`HIGHLIGHTS_CACHE` names another one); several
runs may use it at once.
"""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, replace
from functools import cache
from hashlib import blake2b, file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from pydantic import TypeAdapter, ValidationError

from highlights.backends.backend import Answer, Backend, Token
from highlights.dialects.dialect import Question
from highlights.profile import Profile
from highlights.records import Analysis, Recording

if TYPE_CHECKING:
    from highlights.media.sampling import Footage

T = TypeVar("T")

MOST_BYTES = 500_000_000  # of the file; what is longest unused goes first
MOST_COPIES_BYTES = 20_000_000_000  # of the copies for browsers; a match is 1 to 3 GB
VERSION = 2  # of what is kept; an earlier one is forgotten, a later one is left alone
PROXIES = "proxies"  # the folder of the copies that a browser can play
PATIENCE_S = 30.0  # how long to wait for another run that is writing
JUST_USED_S = 3600  # what was of use so lately is not noted again: most looks only read

Kind = Literal["file", "analysis", "answer", "picture", "copy"]

_TABLE = f"""
create table if not exists kept_{VERSION} (
    key blob primary key, kind text not null, label text not null, value blob not null,
    used integer not null default (unixepoch())
) without rowid
"""
_ELSEWHERE = "nothing is kept for the next run; name another folder with HIGHLIGHTS_CACHE"
_EARLIER = [f"drop table if exists kept_{version}" for version in range(1, VERSION)]


def cache_folder() -> Path:
    """Where what is known is kept."""
    from platformdirs import user_cache_path

    named = os.environ.get("HIGHLIGHTS_CACHE")
    return Path(named) if named else user_cache_path("highlights")


@dataclass(frozen=True, slots=True)
class Kept:
    """How much of one kind is kept, and of which recordings (their names when it was kept)."""

    kind: Kind
    label: str
    count: int
    size_bytes: int
    used_s: int
    """When it was last of use, in seconds since 1970."""


class Store:
    """What is kept in one folder. Where nothing can be kept, nothing is: a run must not fail for want of a cache."""

    def __init__(self, folder: Path | None = None) -> None:
        self.path = (folder or cache_folder()) / "known.sqlite"
        self.problem = ""
        """What was wrong with the file the last time that something was, in words; empty when all is well."""

    def get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """What is kept under each key, or None."""
        select = f"select value, used < unixepoch() - {JUST_USED_S} from kept_{VERSION} where key = ?"
        rows = self._do(lambda base: [base.execute(select, (key,)).fetchone() for key in keys], [None] * len(keys))
        if old := [(key,) for key, row in zip(keys, rows, strict=True) if row and row[1]]:
            update = f"update kept_{VERSION} set used = unixepoch() where key = ?"
            self._do(lambda base: base.executemany(update, old), None)
        return [_unpacked(row[0]) if row else None for row in rows]

    def put(self, kind: Kind, label: str, values: Sequence[tuple[bytes, bytes]]) -> None:
        """Keep values under their keys, packed."""
        rows = [(key, kind, label, zlib.compress(value)) for key, value in values]
        insert = f"insert or replace into kept_{VERSION} (key, kind, label, value) values (?, ?, ?, ?)"

        def keep(base: sqlite3.Connection) -> None:
            base.executemany(insert, rows)
            _trim(base)

        self._do(keep, None)

    def listed(self) -> list[Kept]:
        """What is kept, by recording, the last used first."""
        select = f"select kind, label, count(*), sum(length(value)), max(used) from kept_{VERSION} group by label, kind"
        nothing: list[Kept] = []
        kept = [*self._do(lambda base: [Kept(*row) for row in base.execute(select)], nothing), *self._copies()]
        return sorted(kept, key=lambda one: (-one.used_s, one.label, one.kind))

    def _copies(self) -> Iterator[Kept]:
        """The copies for browsers, which are named after the content of a recording."""
        select = f"select value, label from kept_{VERSION} where kind = 'file'"
        nothing: list[tuple[bytes, str]] = []
        files = self._do(lambda base: base.execute(select).fetchall(), nothing)
        labels = {(_unpacked(value) or b"").hex(): label for value, label in files}
        for file in sorted((self.path.parent / PROXIES).glob("*.mp4")):
            with suppress(OSError):  # one that was just removed
                state = file.stat()
                yield Kept("copy", labels.get(file.stem, file.name), 1, state.st_size, int(state.st_atime))

    def clear(self) -> int:
        """Forget everything, copies for browsers too; how many bytes of the disk that gave back."""
        copies = [*(self.path.parent / PROXIES).glob("*.mp4")]
        files = [file for file in (self.path, *copies) if file.is_file()]
        size = sum(file.stat().st_size for file in files)
        for file in files:
            file.unlink(missing_ok=True)
        return size

    def _do(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """What `work` gives in one transaction, or `otherwise`; a file that is no database any more is begun anew."""
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
            self.problem = f"{error}; begun anew"
            with suppress(OSError):
                for file in (self.path, self.path.with_name(f"{self.path.name}-journal")):  # it was of the damaged one
                    file.unlink(missing_ok=True)
        except OSError as error:
            self.problem = f"{error.strerror}; {_ELSEWHERE}"
        return otherwise


def fingerprint(path: Path, store: Store) -> str:
    """What tells a file's content from all others; the file is read for it once, and again only when it has changed."""
    state = path.stat()
    key = _digest("file", str(path.resolve()), state.st_ino, state.st_size, state.st_mtime_ns)
    known = store.get([key])[0]
    if known is None:
        with path.open("rb") as file:
            known = file_digest(file, "sha256").digest()  # processors compute it faster than disks read
        store.put("file", path.name, [(key, known)])
    return known.hex()


def kept_analysis(recording: Recording, profile: Profile, read: Callable[[], Analysis], store: Store) -> Analysis:
    """The analysis of a recording: the one that is kept, or else what `read` gives, which is kept from then on."""
    key = _digest(_files(recording, store), [part.audio_track for part in recording.parts], _settings(profile), _code())
    paths = [str(part.path) for part in recording.parts]
    value = store.get([key])[0]
    if value is not None:
        with suppress(ValidationError):
            return _unfolded(value, paths)
    value = _KEPT_ANALYSIS().dump_json(_KeptAnalysis(tuple(paths), read()))
    store.put("analysis", ", ".join(part.path.name for part in recording.parts), [(key, value)])
    return _unfolded(value, paths)  # the very same as next time


@dataclass(frozen=True, slots=True)
class _KeptAnalysis:
    paths: tuple[str, ...]
    analysis: Analysis


@cache
def _KEPT_ANALYSIS() -> TypeAdapter[_KeptAnalysis]:  # noqa: N802  # a constant that is only made when it is needed
    return TypeAdapter(_KeptAnalysis)


def _unfolded(value: bytes, now: Sequence[str]) -> Analysis:
    """A kept analysis with the names that its files have now."""
    kept = _KEPT_ANALYSIS().validate_json(value)
    paths, analysis = dict(zip(kept.paths, now, strict=True)), kept.analysis
    faults = tuple(replace(fault, path=Path(paths.get(str(fault.path), str(fault.path)))) for fault in analysis.faults)
    return replace(analysis, faults=faults)


def kept_pictures(
    recording: Recording, times_s: Sequence[float], make: Callable[[float], bytes | None], store: Store
) -> dict[float, bytes]:
    """A picture of each instant that has one: those that are kept, or else what `make` gives, which are kept from then on."""
    files = _files(recording, store)
    keys = {time_s: _picture_key(recording, files, time_s) for time_s in times_s}
    kept = dict(zip(keys, store.get([*keys.values()]), strict=True))
    made = {time_s: make(time_s) for time_s, picture in kept.items() if picture is None}
    new = {time_s: picture for time_s, picture in made.items() if picture is not None}
    if new:
        label = ", ".join(part.path.name for part in recording.parts)
        store.put("picture", label, [(keys[time_s], picture) for time_s, picture in new.items()])
    return {time_s: picture for time_s, picture in (kept | new).items() if picture is not None}


def _picture_key(recording: Recording, files: Sequence[str], time_s: float) -> bytes:
    number = recording.part_at(time_s)
    return _digest("picture", files[number], round(time_s - recording.parts[number].start_s, 3), _code())


def trim_copies(folder: Path, keep: Path) -> None:
    """Remove the copies for browsers that are longest unused while there is too much of them; `keep` stays."""
    states = []
    for file in folder.glob("*.mp4"):
        with suppress(OSError):  # another program has removed it
            states.append((file != keep, file.stat(), file))
    size = sum(state.st_size for _, state, _ in states)
    for old, state, file in sorted(states, key=lambda one: one[1].st_atime_ns):
        if old and size > MOST_COPIES_BYTES:
            with suppress(OSError):
                file.unlink()
                size -= state.st_size


def _settings(profile: Profile) -> object:
    """What of a profile the reading of a recording depends on."""
    rules = profile.scoreboard
    steps = {counter: list(step) for counter, step in sorted(rules.steps.items())}
    return [asdict(profile.scenes), rules.layout, steps, rules.clock, rules.max_score]


@cache
def _code() -> str:
    """What tells this program's way of reading from every other: a change of it makes what was kept worth nothing."""
    root = Path(__file__).parent
    files = sorted(file for folder in ("analysis", "media") for file in (root / folder).glob("*.py"))
    return blake2b(b"\0".join(file.read_bytes() for file in [*files, root / "records.py"]), digest_size=16).hexdigest()


def _files(recording: Recording, store: Store) -> list[str]:
    return [fingerprint(part.path, store) for part in recording.parts]


def _digest(*what: object) -> bytes:
    return blake2b(json.dumps(what).encode(), digest_size=20).digest()


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
        self._files = _files(recording, store)
        self._labels = [part.path.name for part in recording.parts]
        self._starts_s = [p.start_s for p in recording.parts]

    def ask(self, footage: Footage, questions: Sequence[Question]) -> list[Answer]:
        """One answer per question; the footage is not even decoded when all of them are known."""
        keys = [self._key(footage, question) for question in questions]
        answers = [None if value is None else _read(value) for value in self._store.get(keys)]
        new = [i for i, answer in enumerate(answers) if answer is None]
        self.known += len(questions) - len(new)
        if new:
            given = self._backend.ask(footage, [questions[i] for i in new])
            self.unanswered += sum(not answer.text for answer in given)
            # an empty answer is one that failed; it is asked again next time
            told = [(keys[i], _packed(answer)) for i, answer in zip(new, given, strict=True) if answer.text]
            self._store.put("answer", self._labels[footage.window.part], told)
            for i, answer in zip(new, given, strict=True):
                answers[i] = answer
        return [answer for answer in answers if answer is not None]

    def close(self) -> None:
        """Close the other one."""
        self._backend.close()

    def _key(self, footage: Footage, question: Question) -> bytes:
        part = footage.window.part
        start_s = footage.window.span.start_s - self._starts_s[part]
        sampling = asdict(footage.sampling)
        return _digest(self._files[part], self.identity, round(start_s, 3), footage.times_s, sampling, asdict(question))


def _packed(answer: Answer) -> bytes:
    return json.dumps(asdict(answer), ensure_ascii=False).encode()


def _unpacked(value: bytes) -> bytes | None:
    try:
        return zlib.decompress(value)
    except zlib.error:
        return None


def _read(value: bytes) -> Answer:
    fields = json.loads(value)
    return Answer(**fields | {"tokens": tuple(Token(**token) for token in fields["tokens"])})


def _trim(base: sqlite3.Connection) -> None:
    """Forget the tenth that is longest unused while the file is too large."""
    pages, page_bytes = (base.execute(f"pragma {name}").fetchone()[0] for name in ("page_count", "page_size"))
    free = base.execute("pragma freelist_count").fetchone()[0]
    if (pages - free) * page_bytes > MOST_BYTES:
        table = f"kept_{VERSION}"
        oldest = f"select key from {table} order by used limit (select count(*) / 10 + 1 from {table})"
        base.execute(f"delete from {table} where key in ({oldest})")
