"""The text of a profile with the cells of its score graphic pinned; everything else stays as written, comments too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import yaml

from highlights.profile.rules import Place
from highlights.records import Counter

STEP = 2  # columns by which a block is indented


def starter(parent: str, cells: Mapping[Counter, Place]) -> str:
    """A profile that extends `parent` and pins the cells."""
    return f"extends: {parent}\n\nscoreboard:\n{' ' * STEP}{_block(cells, STEP)}\n"


def pinned(text: str, cells: Mapping[Counter, Place], *, box: bool) -> str:
    """The text of a valid profile with these cells instead of its own; without `box`, the graphic's box is taken back.

    Raises:
        ValueError: it is written in a way in which they cannot be entered.
    """
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    board = _entries(root).get("scoreboard")
    taken_back = {} if box else {"box": "box: null"}
    if board is None:
        lines = [_block(cells, STEP), *taken_back.values()]
        return f"{text.rstrip()}\n\nscoreboard:\n" + "".join(f"{' ' * STEP}{line}\n" for line in lines)
    entries = _entries(board[1])
    if not entries:
        raise ValueError("scoreboard is empty")
    first = next(iter(entries.values()))[0].start_mark
    flow = isinstance(board[1], yaml.CollectionNode) and bool(board[1].flow_style)
    wanted = {"cells": _flow(cells) if flow else _block(cells, first.column)} | taken_back
    edits = [
        (entries[key][0].start_mark.index, _end(entries[key][1]), words) for key, words in wanted.items() if key in entries
    ]
    gap = ", " if flow else "\n" + " " * first.column
    added = "".join(words + gap for key, words in wanted.items() if key not in entries)
    for start, end, words in sorted([*edits, (first.index, first.index, added)], reverse=True):
        text = text[:start] + words + text[end:]
    return text


def _entries(node: yaml.Node | None) -> dict[str, tuple[yaml.Node, yaml.Node]]:
    """The keys and values of a mapping by the key's text."""
    if not isinstance(node, yaml.MappingNode):
        raise ValueError("it is not a mapping")
    return {key.value: (key, value) for key, value in node.value}


def _end(node: yaml.Node) -> int:
    """Where a value ends in the text; the parser's own mark of a block lies behind the blank lines and comments after it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _block(cells: Mapping[Counter, Place], column: int) -> str:
    indent = "\n" + " " * (column + STEP)
    return "cells:" + "".join(f"{indent}{counter}: {_shares(place)}" for counter, place in cells.items())


def _flow(cells: Mapping[Counter, Place]) -> str:
    return f"cells: {{{', '.join(f'{counter}: {_shares(place)}' for counter, place in cells.items())}}}"


def _shares(place: Sequence[float]) -> str:
    return f"[{', '.join(f'{share:g}' for share in place)}]"
