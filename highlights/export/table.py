"""Tables as spreadsheet programs save them: commas, semicolons or tabs; UTF-8 or UTF-16; empty rows and columns.

name;recordings;;          name,recordings
final;a.mp4;;        =     final,a.mp4
;;;
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS = ",;\t"
_OWN_DELIMITER = "sep="
"""Excel itself writes `sep=;` into a first line, and hides it."""


class TableError(ValueError):
    """Text that is not a table, and the line where that shows."""

    def __init__(self, problem: str, line: int) -> None:
        super().__init__(problem)
        self.line = line


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row by the name of their column; `more` are those that are not empty but belong to no column."""

    line: int
    cells: dict[str, str]
    more: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """The names of the columns, without the blanks around them, and the rows that are not empty."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def decoded(content: bytes) -> str:
    """The text of a file, as UTF-8, or UTF-16 if it says so.

    Raises:
        UnicodeDecodeError: it is neither.
    """
    return content.decode("utf-16" if content[:2] in _UTF_16 else "utf-8-sig")


def table(text: str) -> Table:
    """The table in a text; its first row that is not empty names the columns. A cell that is missing is empty.

    Raises:
        TableError: it is not a table.
    """
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    filled: list[tuple[int, list[str]]] = []
    try:
        for line in lines:
            if any(cell.strip() for cell in line) and (filled or not line[0].startswith(_OWN_DELIMITER)):
                filled.append((lines.line_num, line))
    except csv.Error as error:
        raise TableError(str(error), lines.line_num) from error
    names = [name.strip() for name in filled[0][1]] if filled else []
    return Table(tuple(filter(None, names)), tuple(_row(number, names, cells) for number, cells in filled[1:]))


def _row(number: int, names: list[str], cells: list[str]) -> Row:
    pairs = list(zip(names, cells, strict=False))
    named = dict.fromkeys(filter(None, names), "") | {name: cell for name, cell in pairs if name}
    more = [*(cell for name, cell in pairs if not name), *cells[len(names) :]]
    return Row(number, named, tuple(cell for cell in more if cell.strip()))


def _delimiter(text: str) -> str:
    """The one that the file names, or else the most frequent one in the first line."""
    head = text.lstrip("\r\n").partition("\n")[0]
    if head.startswith(_OWN_DELIMITER) and head[len(_OWN_DELIMITER) :][:1] in tuple(_DELIMITERS):
        return head[len(_OWN_DELIMITER)]
    return max(_DELIMITERS, key=head.count)
