"""`profiles new`: a starter profile, short, commented and valid as written."""

from __future__ import annotations

import json
import re
from pathlib import Path

from highlights.errors import OutputError, ProfileError
from highlights.profile.library import available, builtin_folder
from highlights.profile.load import load
from highlights.profile.rules import Profile
from highlights.profile.tree import scalar

_TEXT = """\
# yaml-language-server: $schema={schema}
#
# An event profile: what to look for in one sport. Keys missing here are taken from the profile that it extends.
#   highlights profiles check {file}   lists all faults with their lines
#   highlights profiles show {parent}   prints the extended profile

extends: {parent}
sport: {sport}
title: {title}

# It has these events already:
{events}

events:
  # To change one, give its name and only the keys that differ.
  - name: {first.name}
    pre_roll_s: {first.pre_roll_s:g}   # seconds shown before it
    post_roll_s: {first.post_roll_s:g}   # seconds shown after it

  # To remove one:
  # - name: {last.name}
  #   remove: true

  # To add one (every key not given here has a default):
  # - name: great_pass
  #   title: Great pass
  #   queries: [a player plays a long pass that reaches a teammate near the goal]
  #   check: Does a long pass reach a teammate near the goal?
"""


def new(name: str, from_: str, target: Path) -> Path:
    """Write a profile that extends `from_` and return its file; in a folder `target`, that is `<name>.yaml`.

    Raises:
        ProfileError: the name is invalid, or `from_` has faults.
        OutputError: the file exists already or cannot be written.
    """
    path = target / f"{name}.yaml" if target.is_dir() else target
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
        raise ProfileError(path, [(0, f"{name!r} is not a valid name: use lower-case words joined by _, such as my_soccer")])
    text = _text(name, load(from_), from_, path)
    if path.exists():
        raise OutputError(path, "exists already: choose another name, or remove it first")
    try:
        _write(path, text)
    except OSError as error:
        raise OutputError(path, f"cannot be written: {error.strerror}") from None
    return path


def _text(name: str, parent: Profile, from_: str, path: Path) -> str:
    width = max(len(event.name) for event in parent.events)
    return _TEXT.format(
        schema=(builtin_folder() / "schema.json").as_posix(),
        file=path.name,
        parent=from_ if from_ in available() else json.dumps(parent.path.resolve().as_posix(), ensure_ascii=False),
        sport=_quoted(name),
        title=_quoted(name.replace("_", " ").capitalize()),
        events="\n".join(f"#   {event.name:<{width}}  {event.title}" for event in parent.events),
        first=parent.events[0],
        last=parent.events[-1],
    )


def _quoted(text: str) -> str:
    """Text quoted if YAML would not read it back as text: a sport named `on` needs quotes."""
    return text if isinstance(scalar(text), str) else f'"{text}"'


def _write(path: Path, text: str) -> None:
    """Write the whole file, or nothing."""
    aside = path.with_name(f".{path.name}.new")
    try:
        aside.write_text(text, encoding="utf-8")
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
