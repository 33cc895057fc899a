"""Tables (CSV) as spreadsheets save them: commas, semicolons or tabs, a line `sep=;`, UTF-16, decimal commas, empty rows.

name;recordings;;          name,recordings
final;a.mp4;;        =     final,a.mp4
;;;
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

_QUOTED = re.compile(r'"[^"]*"')
_SEPARATORS = "\t;,"  # of two that are equally frequent, the first: the other one is in the numbers


class TableError(csv.Error):
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


def table(text: str) -> Table:
    """The table in a text; its first row that is not empty names the columns. A cell that is missing is empty.

    Raises:
        TableError: it is not a table.
    """
    filled = list(lines(text, strict=True))
    names = filled[0][1] if filled else []
    return Table(tuple(filter(None, names)), tuple(_row(number, names, cells) for number, cells in filled[1:]))


def lines(text: str, *, strict: bool = False) -> Iterator[tuple[int, list[str]]]:
    r"""The cells of each line that has any, without blanks around them, and the line's number.

    >>> list(lines("sep=;\nName ;At\n;\nGoal; 12,5\n"))
    [(2, ['Name', 'At']), (4, ['Goal', '12,5'])]

    Args:
        text: The table.
        strict: Whether a quote inside a cell makes it invalid.

    Raises:
        TableError: the text is not a table.
    """
    head = text.lstrip("\r\n")
    first, _, rest = head.partition("\n")
    named = re.fullmatch(r'"?sep=(.)"?[;,\s]*', first, re.IGNORECASE)
    counted = _QUOTED.sub("", (rest if named else head).partition("\n")[0])
    separator = named[1] if named else max(_SEPARATORS, key=counted.count)
    found = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=strict)
    begun = not named
    try:
        for line in found:
            cells = [cell.strip() for cell in line]
            if any(cells) and begun:
                yield found.line_num, cells
            begun = begun or any(cells)
    except csv.Error as error:
        raise TableError(str(error), found.line_num) from error


def column_names(line: list[str]) -> list[str]:
    """The names of columns in a line: the case does not matter."""
    return [name.lower() for name in line]


def decimal(text: str) -> str:
    """A number with a decimal point and no other marks: the last mark is the decimal one, unless it comes twice.

    >>> decimal("134,74"), decimal("1.234,5"), decimal("1,234.5"), decimal("1 234"), decimal("x")
    ('134.74', '1234.5', '1234.5', '1234', 'x')
    """
    text = re.sub(r"[\s\u00a0\u202f]", "", text)
    if not re.fullmatch(r"[+-]?[\d.,]+", text):
        return text
    mark = max(".,", key=text.rfind)
    return text.replace("," if mark == "." else ".", "").replace(",", ".")


def _row(number: int, names: list[str], cells: list[str]) -> Row:
    pairs = list(zip(names, cells, strict=False))
    named = dict.fromkeys(filter(None, names), "") | {name: cell for name, cell in pairs if name}
    more = [*(cell for name, cell in pairs if not name), *cells[len(names) :]]
    return Row(number, named, tuple(cell for cell in more if cell))
