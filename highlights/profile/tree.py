"""YAML text → a tree of nodes with their file, line and dotted path; everything that does not belong in a profile is refused.

Built from the parser's events rather than by a YAML constructor, so nothing in a file can create an object or be multiplied:
tags, anchors, aliases and merge keys are refused altogether (profiles share by `extends`, so they need none of them).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple, TypeAlias

import yaml
from yaml.reader import ReaderError

from highlights.errors import ProfileError

MAX_BYTES = 1_000_000
MAX_DEPTH = 16  # a profile needs 6
MAX_NODES = 10_000  # a profile needs a few hundred

Scalar: TypeAlias = str | int | float | bool | None
Plain: TypeAlias = "Scalar | dict[str, Plain] | list[Plain]"

_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})(\.[0-9]*)?([eE][-+]?[0-9]{1,3})?|[-+]?\.[0-9]+")
_BOOLS = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


class Mistake(NamedTuple):
    """One fault of one file; line 0 is the file as a whole."""

    path: Path
    line: int
    dotted: str
    problem: str

    @property
    def text(self) -> str:
        """The fault, preceded by the dotted path of its key."""
        return f"{self.dotted}: {self.problem}" if self.dotted else self.problem


@dataclass(frozen=True, slots=True)
class Node:
    """A value with its location; `text` is a scalar as written."""

    value: Scalar | dict[str, Node] | list[Node]
    path: Path
    line: int
    dotted: str
    text: str = ""

    def mistake(self, problem: str) -> Mistake:
        """A fault at this node."""
        return Mistake(self.path, self.line, self.dotted, problem)

    def get(self, key: str) -> Node | None:
        """The value under `key`; None if there is none, or this is not a mapping."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    def items(self) -> list[Node]:
        """The values of a list; empty if this is not a list."""
        return self.value if isinstance(self.value, list) else []

    def plain(self) -> Plain:
        """The value alone, as dicts, lists and scalars."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


class _BrokenError(Exception):
    """The file cannot be read past this line."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(problem)
        self.mistake = (line, problem)


def read(path: Path) -> tuple[Node | None, list[Mistake]]:
    """The tree of a file and its faults; None if it could not be read to the end."""
    try:
        return parse(_text(path), path)
    except _BrokenError as broken:
        line, problem = broken.mistake
        return None, [Mistake(path, line, "", problem)]


def parse(text: str, path: Path) -> tuple[Node | None, list[Mistake]]:
    """The tree of a text and its faults; `path` is the file named in them."""
    reader = _Reader(text, path)
    try:
        return reader.document(), reader.mistakes
    except _BrokenError as broken:
        line, problem = broken.mistake
    except yaml.YAMLError as error:
        line, problem = _syntax(error, text)
    except (ValueError, OverflowError):  # PyYAML lets chr() and int() fail on an escape such as "\\UFFFFFFFF"
        line, problem = reader.line, "not valid YAML: a number in an escape or directive is out of range"
    return None, [*reader.mistakes, Mistake(path, line, "", problem)]


def shown(text: str) -> str:
    """A key or value made safe for a one-line message."""
    short = text if len(text) <= 60 else text[:57] + "..."
    return short if short.isprintable() and " " not in short else ascii(short)


def text_of(path: Path) -> str:
    """The text of a file.

    Raises:
        ProfileError: it cannot be read, or its size or encoding is not that of a profile.
    """
    try:
        return _text(path)
    except _BrokenError as broken:
        raise ProfileError(path, [broken.mistake]) from None


def _text(path: Path) -> str:
    try:
        if path.is_dir():
            raise _BrokenError(0, "is a folder, not a profile: give a .yaml file in it")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise _BrokenError(0, "there is no such file") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise _BrokenError(0, f"cannot be read: {reason}") from None
    if len(data) > MAX_BYTES:
        raise _BrokenError(0, "is larger than 1 MB, so it is not an event profile")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _BrokenError(line, "is not UTF-8 text: save it as UTF-8") from None


def _syntax(error: yaml.YAMLError, text: str) -> tuple[int, str]:
    """The line and the problem, from any of PyYAML's errors."""
    if isinstance(error, ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return line, f"a character that YAML does not allow ({chr(error.character)!a})"
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return 1, f"not valid YAML: {str(error)!a}"
    problem = " ".join(part for part in (error.context, error.problem) if part)
    hint = " (indent with spaces)" if "'\\t'" in problem else ""
    return error.problem_mark.line + 1, f"not valid YAML: {problem}{hint}"


class _Reader:
    """Builds nodes from the parser's events."""

    def __init__(self, text: str, path: Path) -> None:
        self.events: Iterator[yaml.Event] = yaml.parse(text, Loader=yaml.SafeLoader)
        self.path = path
        self.line = 1
        self.nodes = 0
        self.mistakes: list[Mistake] = []

    def document(self) -> Node:
        """The only document of the text."""
        self._next()
        if isinstance(self._next(), yaml.StreamEndEvent):
            raise _BrokenError(0, "is empty: `highlights profiles new` writes a profile to start with")
        root = self._node(self._next(), "", 0)
        self._next()
        if not isinstance(self._next(), yaml.StreamEndEvent):
            raise _BrokenError(self.line, "a second document starts here (---): use one file per profile")
        if not isinstance(root.value, dict):
            raise _BrokenError(root.line, "a profile is a mapping of keys such as sport, title, scoreboard, events")
        return root

    def _next(self) -> yaml.Event:
        event = next(self.events)
        if event.start_mark is not None:
            self.line = event.start_mark.line + 1
        return event

    def _until(self, end: type[yaml.Event]) -> Iterator[yaml.Event]:
        """The first event of every child, up to the end of the collection."""
        while not isinstance(event := self._next(), end):
            yield event

    def _node(self, event: yaml.Event, dotted: str, depth: int, line: int = 0) -> Node:
        """The node that starts with `event`, on `line` if given (the line of its key)."""
        node = Node(None, self.path, line or self.line, dotted)
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise _BrokenError(node.line, f"too large for a profile: over {MAX_DEPTH} levels deep or over {MAX_NODES} values")
        if isinstance(event, yaml.AliasEvent):
            self.mistakes.append(node.mistake(f"aliases (*{event.anchor}) are not supported: write it out, or use extends"))
        elif isinstance(event, yaml.NodeEvent):
            self._refuse(event, node)
        if isinstance(event, yaml.MappingStartEvent):
            return replace(node, value=self._mapping(dotted, depth))
        if isinstance(event, yaml.SequenceStartEvent):
            children = enumerate(self._until(yaml.SequenceEndEvent))
            return replace(node, value=[self._node(child, f"{dotted}.{index}", depth + 1) for index, child in children])
        if isinstance(event, yaml.ScalarEvent):
            value = event.value if event.style or event.tag else scalar(event.value)
            return replace(node, value=value, text=event.value)
        return node

    def _refuse(self, event: yaml.NodeEvent, node: Node) -> None:
        if event.anchor is not None:
            self.mistakes.append(node.mistake(f"anchors (&{event.anchor}) are not supported: write it out, or use extends"))
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag is not None:
            self.mistakes.append(node.mistake(f"tags ({shown(event.tag)}) are not supported: remove it"))

    def _mapping(self, dotted: str, depth: int) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for event in self._until(yaml.MappingEndEvent):
            key = self._node(event, dotted, depth + 1)
            name = self._key(key)
            below = f"{dotted}.{shown(name)}".lstrip(".") if name else dotted
            value = self._node(self._next(), below, depth + 1, key.line)
            if name in found:
                self.mistakes.append(value.mistake(f"given twice, first on line {found[name].line}"))
            elif name:
                found[name] = value
        return found

    def _key(self, key: Node) -> str:
        """The text of a key; if it is not text, empty and a mistake."""
        if isinstance(key.value, str) and key.value:
            return key.value
        if isinstance(key.value, bool):
            self.mistakes.append(key.mistake(f"the key {key.text} reads as {str(key.value).lower()}: quote it"))
        else:
            self.mistakes.append(key.mistake("a key must be text"))
        return ""


def scalar(text: str) -> Scalar:
    """The value of an unquoted scalar.

    The words for true and false in YAML 1.1 count as such, so that an unquoted `no` is reported; of its numbers only plain
    decimal ones count, so `12:30` is text and not 750.
    """
    if text.lower() in ("", "~", "null"):
        return None
    if text.lower() in _BOOLS:
        return _BOOLS[text.lower()]
    if not _DECIMAL.fullmatch(text):
        return text
    return float(text) if set(text) & set(".eE") else int(text)
