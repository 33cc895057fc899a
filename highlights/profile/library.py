"""Where profiles are: built in, in the user's folder, or in files anywhere.

A bare name (`soccer`) is searched in the user's folder, then among the built-in ones. Anything with a folder or `.yaml` in it
is a path, and `mine/futsal` is `mine/futsal.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path, PurePath

import platformdirs

from highlights.errors import ProfileError

_SUFFIXES = (".yaml", ".yml")
_PACKAGE = Path(__file__).resolve().parents[1]
_NO_PROFILE = "no event profile has this name"


def builtin_folder() -> Path:
    """The built-in profiles: inside the installed package, or beside it in a source checkout."""
    inside = _PACKAGE / "event_profiles"
    return inside if inside.is_dir() else _PACKAGE.parent / "event_profiles"


def user_folder() -> Path:
    """The user's own profiles; the folder may not exist."""
    return platformdirs.user_config_path("highlights", appauthor=False) / "event_profiles"


def available() -> dict[str, Path]:
    """All profile names with their files; the user's take precedence over built-in ones."""
    files = [*_yaml_files(builtin_folder()), *_yaml_files(user_folder())]
    return dict(sorted({path.stem: path for path in files}.items()))


def find(name_or_path: str | Path) -> Path:
    """The file of a profile's name or path.

    Raises:
        ProfileError: there is none.
    """
    if isinstance(name_or_path, PurePath) or _is_path(name_or_path):
        return _file(Path(name_or_path))
    named = available()
    if name_or_path in named:
        return named[name_or_path]
    if _is_file(Path(name_or_path)):
        return Path(name_or_path)
    if _is_file(Path(f"{name_or_path}.yaml")):
        raise ProfileError(name_or_path, [(0, f"{_NO_PROFILE} (did you mean ./{name_or_path}.yaml?)")])
    raise _unknown(name_or_path or "''", _NO_PROFILE, named)


def find_parent(name_or_path: str, child: Path) -> Path:
    """The file that a profile extends.

    A path is relative to the child's folder; a name is searched there, in the user's folder, and among the built-in ones. A
    child may have the name of its parent: the user's `soccer.yaml` that extends soccer extends the built-in one.

    Raises:
        ProfileError: there is none.
    """
    if _is_path(name_or_path):
        return _file(child.parent / name_or_path)
    folders = (child.parent, user_folder(), builtin_folder())
    files = {path.stem: path for folder in reversed(folders) for path in _yaml_files(folder) if not same(path, child)}
    if name_or_path in files:
        return files[name_or_path]
    raise _unknown(name_or_path or "''", _NO_PROFILE, files)


def source_text(name_or_path: str | Path) -> str:
    """The text of a profile's file.

    Raises:
        ProfileError: there is none, or it is not text.
    """
    from highlights.profile.tree import text_of

    return text_of(find(name_or_path))


def same(one: Path, other: Path) -> bool:
    """Whether two paths are the same file."""
    try:
        return one.samefile(other)
    except OSError:
        return one == other


def _is_file(path: Path) -> bool:
    """Whether it is a file; a name too long for any file is not."""
    try:
        return path.is_file()
    except OSError:
        return False


def _is_path(text: str) -> bool:
    return "/" in text or "\\" in text or text.endswith(_SUFFIXES)


def _file(path: Path) -> Path:
    """The path, with `.yaml` if only that exists."""
    added = path.with_name(path.name + ".yaml") if path.name else path
    if not _is_file(path) and _is_file(added):
        return added
    try:
        if path.exists():
            return path
    except OSError as error:
        raise ProfileError(path, [(0, f"cannot be read: {error.strerror}")]) from None
    near = {**available(), **{file.name: file for file in _yaml_files(path.parent)}}
    raise _unknown(path, "no such file", near)


def _yaml_files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix in _SUFFIXES)
    except (OSError, ValueError):  # no such folder, no permission to read it, or not a valid name
        return []


def _unknown(name: str | Path, problem: str, names: Iterable[str]) -> ProfileError:
    near = get_close_matches(PurePath(name).name, list(names), 1)
    hint = f"did you mean {near[0]}?" if near else "`highlights profiles list` shows all profiles"
    return ProfileError(name, [(0, f"{problem} ({hint})")])
