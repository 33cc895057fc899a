"""Rows: the content of another program's file, the same for all formats."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import NoReturn
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from highlights.errors import FormatError
from highlights.export.cut_list import CutList
from highlights.export.xml_text import XmlError, parsed
from highlights.systems import path_of_file_url
from highlights.texts import read_text

MOST_ROWS = 50_000
LONGEST_WORDS = 2_000
"""Longest text of one field in characters."""

_NUMBER = re.compile(r"[+-]?\d{1,8}(\.\d{1,20})?(e-?\d)?", re.IGNORECASE)  # no exponent that takes a day to compute


@dataclass(frozen=True, slots=True)
class EditedRow:
    """One clip in another program's file; `place` is the line or entry.

    Without `out_s` it is an instant. `words` are the texts of an event that the format carries.
    """

    place: str
    medium: int | None
    in_s: Fraction
    out_s: Fraction | None = None
    marks: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Edited:
    """The edited file."""

    path: Path
    text: str

    @classmethod
    def at(cls, path: Path) -> Edited:
        """The file at a path, as UTF-8, or UTF-16 if it says so.

        Raises:
            FormatError: it cannot be read, is too large, or is not text.
        """
        path = path / "Info.fcpxml" if path.is_dir() else path  # Final Cut Pro saves a folder
        advice = "save it as UTF-8 (in Excel: CSV UTF-8)"
        return cls(path, read_text(path, "a list of clips that the other program saved", FormatError, advice=advice))

    def refuse(self, problem: str, place: str = "") -> NoReturn:
        """Raise the error for a problem, with its place."""
        raise FormatError(self.path, problem, place)

    def xml(self, root: str) -> Element:
        """The document's root element, which must have this name."""
        try:
            element = parsed(self.text)
        except XmlError as error:
            raise FormatError(self.path, str(error), f"line {error.line}") from error
        if element.tag != root:
            self.refuse(f"is XML, but begins with <{element.tag[:40]}> instead of <{root}>")
        return element

    def seconds(self, value: object, place: str) -> Fraction:
        """A time in seconds, from a number or its text."""
        text = str(value).strip()[:40]
        if not _NUMBER.fullmatch(text):
            self.refuse(f"{text!r} is not a time in seconds", place)
        return Fraction(text)


def medium_named(cuts: CutList, name: str) -> int | None:
    """The index of the list's file with this URL or path: the same path, or else the only file of that name."""
    path = path_of_file_url(unquote(name)) if name.startswith("file:") else name
    path = path.replace("\\", "/")
    same = [
        n
        for n, medium in enumerate(cuts.media)
        if path in (str(medium.path), medium.path.as_posix(), str(medium.path.absolute()))
    ]
    alike = [n for n, medium in enumerate(cuts.media) if medium.path.name == path.rsplit("/", 1)[-1]]
    found = same or alike
    return found[0] if len(found) == 1 or same else None


def placed(cuts: CutList, time_s: Fraction) -> int:
    """The index of the file at a time, with the list's files laid end to end."""
    begun = [n for n, medium in enumerate(cuts.media) if medium.start_s <= time_s]
    return begun[-1] if begun else 0
