"""What a match is made from: its recordings by place and content, so that it is known again under any name.

Two files of one name are two matches; a file that was moved, or is reached by another way, is the same one.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from stat import S_ISREG
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from highlights.batch import remote
from highlights.logs import without_secrets
from highlights.media.identity import fingerprint

_SIGNATURES = ("x-amz-", "x-goog-", "signature", "expires", "awsaccesskeyid", "googleaccessid", "key-pair-id", "policy")
"""Parts of a signed address (S3, Google, CloudFront) that differ each time it is signed."""


@dataclass(frozen=True, slots=True)
class Source:
    """One recording of a match.

    `place` is where it is, as it may be printed; `key` differs for every place. `size_bytes` and `content` change with its
    content; they are None and empty if they are not known.
    """

    place: str
    key: str
    size_bytes: int | None = None
    content: str = ""


def source_of(recording: str) -> Source:
    """The source at a path or URL; nothing is raised for one that does not exist."""
    key = place_key(recording)
    if remote.is_url(recording):
        return Source(without_secrets(recording), key, *remote.state_of(recording))
    place = _local(recording)
    try:
        state = Path(place).stat()
        if S_ISREG(state.st_mode):  # reading from a pipe would wait
            return Source(place, key, state.st_size, fingerprint(Path(place)))
    except OSError:
        pass
    return Source(place, key)


def place_key(recording: str) -> str:
    """A hash of where a recording is, however its place is written; it holds no signature."""
    where = _unsigned(recording) if remote.is_url(recording) else _local(recording)
    return blake2b(where.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()


def _local(path: str) -> str:
    """The one spelling of a path: absolute, without links, and on Windows in lower case."""
    return os.path.normcase(os.path.realpath(path))


def same_places(one: Sequence[Source], other: Sequence[Source]) -> bool:
    """Whether the recordings are at the same places, in the same order."""
    return [source.key for source in one] == [source.key for source in other]


def same_content(one: Sequence[Source], other: Sequence[Source]) -> bool:
    """Whether nothing that is known tells the contents apart."""

    def alike(a: Source, b: Source) -> bool:
        sizes = {a.size_bytes, b.size_bytes} - {None}
        return len(sizes) < 2 and len({a.content, b.content} - {""}) < 2

    return len(one) == len(other) and all(map(alike, one, other))


def gone(sources: Sequence[Source]) -> bool:
    """Whether none of the recordings is there; an object in a store that was there once is taken to be there still."""

    def missing(source: Source) -> bool:
        if remote.is_url(source.place):
            return source.size_bytes is None and not remote.is_web(source.place)
        return not Path(source.place).exists()

    return all(map(missing, sources))


def moved(earlier: Sequence[Source], now: Sequence[Source]) -> bool:
    """Whether the recordings were moved here: the same content, and nothing is where it was."""
    known = all(source.content for source in (*earlier, *now))
    return bool(earlier) and known and gone(earlier) and same_content(earlier, now)


def grown(earlier: Sequence[Source], now: Sequence[Source]) -> bool:
    """Whether further recordings were added to a match: all that it had are still there, in their order."""
    keys = iter(source.key for source in now)
    return 0 < len(earlier) < len(now) and all(source.key in keys for source in earlier)


def _unsigned(url: str) -> str:
    """The URL without what differs each time it is signed."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        return url
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if not _signs(name)]
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, urlencode(kept), ""))


def _signs(name: str) -> bool:
    return name.lower().startswith(_SIGNATURES)
