"""A search as a person types it → the events it finds.

goal smith                    both words, each also as the beginning of one, in kinds, titles, teams, players, notes, matches
"own goal"  -penalty          the words together; without this word
kind:corner  team:rovers  player:smith  match:derby  sport:soccer  date:2026-05  state:equaliser  place:cup
minute:80-90   minute:88   minute:80-
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from highlights.errors import HighlightsError
from highlights.library.folder import Library
from highlights.library.index import Index, Row

MOST = 500
"""Events that a search returns; more than anyone looks at."""
LONGEST = 300  # characters of a search
FIELDS = {
    "kind": "kind title",
    "team": "team teams",
    "player": "player",
    "match": "match",
    "sport": "sport",
    "date": "date",
    "state": "state",
    "note": "description",
    "place": "place",
}
"""The columns that a field of a search names."""

_TERM = re.compile(r'(?P<without>-)?(?:(?P<field>[^\W\d_]+):)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_MINUTES = re.compile(r"(?P<least>\d{1,4})?(?P<to>-)?(?P<most>\d{1,4})?")


class SearchError(HighlightsError):
    """A search that cannot be understood."""


@dataclass(slots=True)
class Asked:
    """A search: an FTS5 expression, and the first and last minute."""

    words: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    minutes: tuple[int, int] = (0, 1 << 30)

    @property
    def expression(self) -> str:
        """The expression; empty if every event is asked for."""
        if not self.words:
            return ""
        return " AND ".join(self.words) + "".join(f" NOT {word}" for word in self.without)


def search(index: Index, text: str, limit: int = MOST) -> list[Row]:
    """The events that a search finds, newest match first, of the index as it is.

    Raises:
        SearchError: a field is unknown, or the minutes are invalid.
    """
    asked = understood(text)
    if not asked.words and asked.without:
        raise SearchError("a search needs at least one word besides those it excludes")
    return index.events(asked.expression, *asked.minutes, limit=limit)


def search_library(library: Library, text: str) -> list[Row]:
    """The events that a search finds in a library, as it is now.

    Raises:
        HighlightsError: as `search`; or the library cannot be read.
    """
    index = Index(library)
    index.refresh()
    return search(index, text)


def understood(text: str) -> Asked:
    """What a text asks for.

    >>> understood('goal smith "own goal" minute:80-90').expression
    '"goal"* AND "smith"* AND "own goal"'
    >>> understood("kind:goal team:rovers -penalty").expression
    '{kind title} : "goal"* AND {team teams} : "rovers"* NOT "penalty"*'

    Raises:
        SearchError: as `search`.
    """
    if len(text) > LONGEST:
        raise SearchError(f"a search of more than {LONGEST} characters is not read: use fewer words")
    asked = Asked()
    for term in _TERM.finditer(text):
        name, value = (term["field"] or "").lower(), term["phrase"] if term["word"] is None else term["word"]
        if name == "minute":
            asked.minutes = _minutes(value)
        elif any(letter.isalnum() for letter in value):
            # quotes make any text a string of FTS5, so that nothing in it is an operator
            words = " ".join(re.findall(r"\w+", value))
            quoted = f'"{words}"' + ("*" if term["word"] is not None else "")
            (asked.without if term["without"] else asked.words).append(f"{_columns(name)}{quoted}")
    return asked


def _columns(name: str) -> str:
    if not name:
        return ""
    if name not in FIELDS:
        raise SearchError(f"unknown field {name}: in a search; use {', '.join(FIELDS)} or minute")
    return f"{{{FIELDS[name]}}} : "


def _minutes(value: str) -> tuple[int, int]:
    match = _MINUTES.fullmatch(value)
    if not match or not (match["least"] or match["most"]):
        raise SearchError(f"minute:{value}: give a minute or a range, such as minute:88 or minute:80-90")
    least = int(match["least"] or 0)
    return least, int(match["most"] or (1 << 30)) if match["to"] else least
