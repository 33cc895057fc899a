"""A profile file → `Profile`, or all of its faults at once."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from highlights.errors import ProfileError
from highlights.profile.between import between, duplicates
from highlights.profile.inherit import alone, overlay
from highlights.profile.library import available, find, find_parent, same
from highlights.profile.rules import Profile
from highlights.profile.schema import ProfileFile
from highlights.profile.tree import Mistake, Node, read, shown
from highlights.profile.words import refused


class Listed(NamedTuple):
    """One available profile; the title of a faulty one says so."""

    name: str
    title: str
    path: Path


class _Family(NamedTuple):
    """A file merged with what it extends; not `whole` if part of that could not be read."""

    root: Node | None
    mistakes: list[Mistake]
    whole: bool


def load(name_or_path: str | Path) -> Profile:
    """The profile with a name, or in a file.

    Raises:
        ProfileError: all faults of it and of what it extends, each with its line.
    """
    path = find(name_or_path)
    root, mistakes, whole = _family(path, ())
    if root is None:
        raise _error(path, mistakes)
    profile = None
    try:
        profile = ProfileFile.model_validate(root.plain())
    except ValidationError as error:
        mistakes = _one_per_key([*mistakes, *refused(error, root, partial=not whole)])
    mistakes = _one_per_key([*mistakes, *between(root)])
    if mistakes or profile is None:
        raise _error(path, mistakes)
    return profile.record(path)


def names() -> list[Listed]:
    """All available profiles, sorted by name."""
    return [Listed(name, _title(path), path) for name, path in available().items()]


def _title(path: Path) -> str:
    try:
        return load(path).title
    except ProfileError:
        return f"(has faults: highlights profiles check {path.stem})"


def _family(path: Path, chain: tuple[Path, ...]) -> _Family:
    root, mistakes = read(path)
    if root is None:
        return _Family(None, mistakes, whole=False)
    mistakes = [*mistakes, *duplicates(root)]
    extends = root.get("extends")
    if extends is None or extends.value is None:
        root, more = alone(root)
        return _Family(root, [*mistakes, *more], whole=True)
    parent = _parent(extends, (*chain, path))
    if parent.root is None:
        return _Family(root, [*mistakes, *parent.mistakes], whole=False)
    merged, more = overlay(parent.root, root)
    return _Family(merged, [*mistakes, *more, *parent.mistakes], parent.whole)


def _parent(extends: Node, chain: tuple[Path, ...]) -> _Family:
    """The profile that the last file of the chain extends."""
    if not isinstance(extends.value, str):
        return _Family(None, [], whole=False)
    try:
        path = find_parent(extends.value, chain[-1])
    except ProfileError as error:
        return _Family(None, [extends.mistake(f"{shown(extends.text)}: {error.faults[0][1]}")], whole=False)
    if any(same(path, earlier) for earlier in chain):
        circle = " → ".join(step.stem for step in (*chain, path))
        return _Family(None, [extends.mistake(f"goes in a circle: {circle}")], whole=False)
    return _family(path, chain)


def _one_per_key(mistakes: list[Mistake]) -> list[Mistake]:
    """The first fault of each key: those after it are consequences."""
    first: dict[tuple[Path, int, str], Mistake] = {}
    for mistake in mistakes:
        first.setdefault(mistake[:3], mistake)
    return list(first.values())


def _error(path: Path, mistakes: list[Mistake]) -> ProfileError:
    """The faults of the file first, then those of the files that it extends, each sorted by line."""
    by_file: dict[Path, list[tuple[int, str]]] = {path: []}
    for mistake in sorted(mistakes, key=lambda mistake: mistake.line):
        by_file.setdefault(mistake.path, []).append((mistake.line, mistake.text))
    own = by_file.pop(path)
    errors = [ProfileError(other, faults) for other, faults in by_file.items()]
    return ProfileError(path, own, tuple(errors)) if own else ProfileError(errors[0].path, errors[0].faults, tuple(errors[1:]))
