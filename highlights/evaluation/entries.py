"""Values of a file that a stranger wrote: each is checked, and an error names its place.

    events.3.time_s: must be seconds from 0 to 10000000

Every function raises `ValueError` with such a line; the reader of the file adds the path.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from highlights.errors import TimelineError
from highlights.spans import Span

LONGEST_S = 10_000_000.0  # 115 days; a later time is an error in the file
MOST_ENTRIES = 100_000
LONGEST_WORDS = 2_000

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")


def parsed(path: Path, content: _Given, read: Callable[[_Given], _Made]) -> _Made:
    """What `read` makes of the content of a file, with the path in its errors.

    Raises:
        TimelineError: `read` refuses it.
    """
    try:
        return read(content)
    except ValueError as error:
        raise TimelineError(path, str(error)) from error


def json_of(text: str) -> object:
    """The value of a JSON text."""
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is not JSON ({error})") from error
    return value


def entry(value: object, place: str) -> Mapping[str, object]:
    """An entry with keys."""
    if not isinstance(value, dict):
        raise ValueError(f"{place}: must be an entry with keys")
    return value


def entries(data: Mapping[str, object], key: str) -> list[tuple[str, Mapping[str, object]]]:
    """The entries of a list, each with its place; none if the key is missing."""
    return [(place, entry(value, place)) for place, value in values(data, key)]


def values(data: Mapping[str, object], key: str) -> list[tuple[str, object]]:
    """The values of a list, each with its place; none if the key is missing."""
    found = data.get(key, [])
    if not isinstance(found, list):
        raise ValueError(f"{key}: must be a list")
    if len(found) > MOST_ENTRIES:
        raise ValueError(f"{key}: has {len(found)} entries; the limit is {MOST_ENTRIES}")
    return [(f"{key}.{number}", value) for number, value in enumerate(found)]


def number(value: object, place: str, what: str = "a number") -> float:
    """A finite number, or its text."""
    try:
        found = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        found = math.nan
    if not math.isfinite(found):
        raise ValueError(f"{place}: must be {what}")
    return found


def seconds(value: object, place: str) -> float:
    """Seconds from 0 on."""
    what = f"seconds from 0 to {LONGEST_S:.0f}"
    time_s = number(value, place, what)
    if not 0 <= time_s <= LONGEST_S:
        raise ValueError(f"{place}: must be {what}")
    return time_s


def whole(value: object, place: str) -> int:
    """A whole number, 0 or more."""
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise ValueError(f"{place}: must be a whole number, 0 or more")
    return int(text)


def words(value: object, place: str, what: str) -> str:
    """A text that is not empty, without blanks around it."""
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_WORDS:
        raise ValueError(f"{place}: must be {what}")
    return value.strip()


def span(value: object, place: str) -> Span:
    """A list of two times, start and end."""
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError(f"{place}: must be [start_s, end_s]")
    return span_of(seconds(value[0], place), seconds(value[1], place), place)


def span_of(start_s: float, end_s: float, place: str) -> Span:
    """A span of two times."""
    try:
        return Span(start_s, end_s)
    except ValueError as error:
        raise ValueError(f"{place}: must end after it starts") from error
