"""Tables (CSV) as people save them: Excel writes semicolons and decimal commas in half of the world, and a line `sep=;`."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

_QUOTED = re.compile(r'"[^"]*"')
_SEPARATORS = "\t;,"  # of two that are equally frequent, the first: the other one is in the numbers


def lines(text: str) -> Iterator[tuple[int, list[str]]]:
    r"""The cells of each line that has any, without blanks around them, and the line's number.

    >>> list(lines("sep=;\nName ;At\n;\nGoal; 12,5\n"))
    [(2, ['Name', 'At']), (4, ['Goal', '12,5'])]

    Raises:
        csv.Error: the text is not a table.
    """
    first, _, rest = text.partition("\n")
    named = re.fullmatch(r'"?sep=(.)"?[;,\s]*', first, re.IGNORECASE)
    head = _QUOTED.sub("", (rest if named else text).partition("\n")[0])
    separator = named[1] if named else max(_SEPARATORS, key=head.count)
    found = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    for line in found:
        cells = [cell.strip() for cell in line]
        if any(cells) and not (named and found.line_num == 1):
            yield found.line_num, cells


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
