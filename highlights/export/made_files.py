"""The files that a result may have or not, such as the reel: which of those in its folder this program made.

A run removes what an earlier run into the same folder made and it does not, so that no reel lies beside the timeline of another
match. The cache knows the fingerprint of each file; one that it does not know, or that was changed since, is the user's and
stays.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

from highlights.cache.store import Store, digest
from highlights.media.identity import fingerprint
from highlights.systems import is_file_name

OPTIONAL = ("reel", "thumbnail.jpg", "clips", "reels")
"""How the names of these files begin."""


def update(folder: Path, made: Iterable[Path], *, replaces: str = "") -> None:
    """Note the optional files made now, and remove those made earlier whose name begins with `replaces`.

    What cannot be noted or removed stays; the result itself is complete.
    """
    earlier, now = _noted(folder), {}
    for path in made:
        name = path.relative_to(folder).as_posix()
        if name.startswith(OPTIONAL):
            now[name] = fingerprint(path)
    stale = {name for name in earlier if name not in now and name.startswith(replaces)}
    for name in stale:
        _remove(folder / name, earlier[name])
    if earlier or now:
        _note(folder, {name: mark for name, mark in earlier.items() if name not in stale} | now)


def files(folder: Path) -> tuple[Path, ...]:
    """The optional files made in a folder that are there, unchanged."""
    return tuple(folder / name for name, mark in _noted(folder).items() if _is(folder / name, mark))


def _noted(folder: Path) -> dict[str, str]:
    """The fingerprint of each file, by its name in the folder; empty if nothing is known of the folder."""
    noted = Store().get([_key(folder)])[0]
    found = json.loads(noted) if noted else {}
    return {name: mark for name, mark in found.items() if _is_within(name)}


def _is_within(name: str) -> bool:
    """Whether this can be the name of an optional file, in the folder or one below it."""
    parts = PurePosixPath(name).parts
    return name.startswith(OPTIONAL) and len(parts) in (1, 2) and all(map(is_file_name, parts))


def _note(folder: Path, marks: Mapping[str, str]) -> None:
    Store().put("made", folder.name, [(_key(folder), json.dumps(marks).encode())])


def _key(folder: Path) -> bytes:
    return digest("made", str(folder.resolve()))


def _is(path: Path, mark: str) -> bool:
    try:
        return not path.is_symlink() and path.is_file() and fingerprint(path) == mark
    except OSError:
        return False


def _remove(path: Path, mark: str) -> None:
    with suppress(OSError):
        if _is(path, mark):
            path.unlink()
        if path.parent.name in OPTIONAL:
            path.parent.rmdir()  # unless something else is in it
