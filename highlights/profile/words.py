"""Pydantic's validation errors in plain words, with their lines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from highlights.profile.schema import ProfileFile, Section
from highlights.profile.tree import Mistake, Node, shown

_WANTED = {
    "string_type": "text",
    "string_unicode": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a smaller number",
    "float_type": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping of keys",
    "model_type": "a mapping of keys",
}
_LIMITS = {
    "greater_than_equal": ("ge", "must be at least {:g}"),
    "greater_than": ("gt", "must be more than {:g}"),
    "less_than_equal": ("le", "must be at most {:g}"),
    "less_than": ("lt", "must be less than {:g}"),
    "string_too_short": ("min_length", "needs {} or more characters"),
    "string_too_long": ("max_length", "takes {} or fewer characters"),
    "too_short": ("min_length", "needs {} or more entries"),
    "too_long": ("max_length", "takes {} or fewer entries"),
}


def suggestion(word: str, valid: Iterable[str]) -> str:
    """` (did you mean …?)` if one of `valid` is similar to `word`, else ` (one of …)`."""
    names = list(valid)
    near = get_close_matches(word, names, 1, cutoff=0.6)
    return f" (did you mean {near[0]}?)" if near else f" (one of {', '.join(names)})"


def refused(error: ValidationError, root: Node, *, partial: bool) -> list[Mistake]:
    """The faults that pydantic found; `partial`: part of the profile could not be read, so missing keys are not faults."""
    details = error.errors(include_url=False, include_context=True, include_input=False)
    return [_mistake(detail, root) for detail in details if not (partial and detail["type"] == "missing")]


def _mistake(detail: ErrorDetails, root: Node) -> Mistake:
    """One of pydantic's errors, at its node and in our words."""
    loc = [part for part in detail["loc"] if part != "[key]"]
    if detail["type"] == "missing":
        parent = _at(root, loc[:-1])
        about = _section_keys(loc[:-1]).get(str(loc[-1])) or ""
        child = Node(None, parent.path, parent.line, f"{parent.dotted}.{loc[-1]}".lstrip("."))
        return child.mistake(f"missing: {about[:1].lower()}{about[1:].rstrip('.')}")
    node = _at(root, loc)
    if detail["type"] == "extra_forbidden":
        return node.mistake(f"unknown key{suggestion(str(loc[-1]), _section_keys(loc[:-1]))}")
    return node.mistake(_words(detail, node))


def _at(root: Node, loc: Iterable[int | str]) -> Node:
    """The node at a location, or the nearest one above it."""
    node = root
    for part in loc:
        below = node.get(part) if isinstance(part, str) else node.items()[part]
        if below is None:
            break
        node = below
    return node


def _section_keys(loc: Iterable[int | str]) -> dict[str, str | None]:
    """The keys allowed at a location, with their descriptions."""
    section: type[Section] = ProfileFile
    for part in loc:
        if isinstance(part, str):
            section = _inner(section.model_fields[part].annotation) or section
    return {key: field.description for key, field in section.model_fields.items()}


def _inner(annotation: object) -> type[Section] | None:
    """The section in `Section`, `Section | None` or `list[Section]`."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    return next((found for part in get_args(annotation) if (found := _inner(part))), None)


def _words(detail: ErrorDetails, node: Node) -> str:
    context = detail.get("ctx", {})
    kind = detail["type"]
    if kind == "literal_error" and isinstance(node.value, str):
        choices = re.findall("'([^']+)'", str(context["expected"]))
        return f"must not be {shown(node.text)}{suggestion(node.text, choices)}"
    if kind in _WANTED or kind == "literal_error":
        return _wanted(_WANTED.get(kind, "text"), node)
    if kind in _LIMITS:
        return _limit(*_LIMITS[kind], context, node)
    if kind == "string_pattern_mismatch":
        return _pattern(node)
    return str(detail["msg"])


def _wanted(wanted: str, node: Node) -> str:
    if wanted == "text" and isinstance(node.value, bool):
        return f'{node.text} reads as {str(node.value).lower()}: quote it ("{node.text}")'
    if wanted == "text" and isinstance(node.value, int | float):
        return f'{node.text} reads as a number: quote it ("{node.text}")'
    return f"must be {wanted}, {_instead(node)}"


def _instead(node: Node) -> str:
    if node.value is None:
        return "but nothing is given"
    if isinstance(node.value, dict):
        return "not a mapping of keys"
    return "not a list" if isinstance(node.value, list) else f"not {shown(node.text)}"


def _limit(key: str, words: str, context: dict[str, float], node: Node) -> str:
    given = node.value
    count = len(given) if isinstance(given, list | str | dict) else shown(node.text)
    return f"{words.format(context[key])}, not {count}"


def _pattern(node: Node) -> str:
    """Why a text does not have the required form."""
    if node.dotted.endswith("title"):
        return "must be one line without spaces around it"
    if not node.text.strip():
        return "must not be blank"
    return f"{shown(node.text)} is not a valid name: use lower-case words joined by _, such as three_pointer"
