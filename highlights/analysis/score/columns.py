"""Sets, games and points in columns beside two stacked names, read look by look: a new column opens with every set.

WILLIAMS    4  6  6  5       two finished sets, games of this set, points      1–1 6–6 5–1
SHARAPOVA   6  3  6  1
ARG         2 22             sets, points                                      2–0 22–15
THA         0 15
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, median

from highlights.analysis.score.pairs import CLEARLY_READ, is_label, is_small
from highlights.analysis.score.slots import NUMBER_REACH, GraphicReading, Slot
from highlights.analysis.score.tokens import LEGIBLE, SURE, TextRow, Token

ADVANTAGE, ADVANTAGE_WORDS = 50, ("AD", "ADV", "A")
TENNIS_POINTS = frozenset({0, 15, 30, 40, ADVANTAGE})
DIGIT_LIKE = {"i": 1, "I": 1, "l": 1, "O": 0, "o": 0}
"""What a lone digit is sometimes read as; below or above a number it is one."""
ROW_STEP = 2.5  # row heights between the middles of two rows of one table, at most
MOST_SETS = 3  # won by one side: more is a set's games or points
FEWEST_POINTS = 11  # that win a set in any sport but tennis; table tennis has the fewest

Column = tuple[Token, Token]
Values = Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of one reading: `columns` left to right, of the rows number `rows`."""

    rows: tuple[int, int]
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class TableSlots:
    """What the columns count over a match: a slot for each counter, and the first column, which stands beside the names."""

    counters: Mapping[str, Slot]
    first: tuple[Slot, Slot]
    share: float
    """Of the readings with numbers: those whose columns could be explained."""
    named: float
    """Of their rows: those with a name before the columns."""
    confidence: float
    """How surely their numbers were read, on average."""
    width: float
    """How many columns they have, on average."""


def read_tables(readings: Sequence[GraphicReading], *, tennis: bool) -> TableSlots | None:
    """The counters of a table of columns, or None where no reading shows one that can be explained."""
    explain = _tennis if tennis else _sets
    numbered = sum(any(t.kind == "number" for row in reading.rows for t in row.tokens) for reading in readings)
    explained = [
        (i, table, values)
        for i, table in enumerate(map(table_of, readings))
        if table and (values := explain([(a.value, b.value) for a, b in table.columns])) is not None
    ]
    if not explained:
        return None
    rows = Counter(table.rows for _, table, _ in explained).most_common(1)[0][0]
    explained = [each for each in explained if each[1].rows == rows]
    counters: dict[str, Slot] = {}
    first: dict[int, Slot] = {}
    for i, table, values in explained:
        for row, token in zip(rows, table.columns[0], strict=True):
            first.setdefault(row, _slot(readings[i], row, token)).tokens[i] = token
        columns = list(table.columns)
        for name, sides in values.items():
            while len(columns) > 1 and (columns[-1][0].value, columns[-1][1].value) != sides:
                columns.pop()  # the smaller the unit, the further right it stands
            for side, number, row, token, shown in zip(
                ("home", "away"), sides, rows, table.columns[0], columns.pop() if columns else table.columns[0], strict=True
            ):
                slot = counters.setdefault(f"{side}_{name}", _slot(readings[i], row, token))
                slot.tokens[i] = replace(token, value=number, text=str(number), x=shown.x, x0=shown.x0, x1=shown.x1)
    named = [_named(readings[i].rows[row]) for i, _, _ in explained for row in rows]
    confidences = [token.confidence for _, table, _ in explained for column in table.columns for token in column]
    width = len(confidences) / (2 * len(explained))
    share = len(explained) / numbered
    return TableSlots(counters, (first[rows[0]], first[rows[1]]), share, fmean(named), fmean(confidences), width)


def _named(row: TextRow) -> bool:
    return any(t.kind == "word" and t.confidence >= SURE and not is_label(t.text) for t in row.tokens)


def _slot(reading: GraphicReading, row: int, token: Token) -> Slot:
    return Slot(row, token.x, reading.rows[row].size)


def table_of(reading: GraphicReading) -> Table | None:
    """The numbers of two stacked rows that stand below each other, behind the names; the widest such table."""
    tables = []
    for a in range(len(reading.rows)):
        for b in range(a + 1, len(reading.rows)):
            above, below = reading.rows[a], reading.rows[b]
            if 0 < below.y - above.y < ROW_STEP * max(above.size, below.size):
                columns = _columns(above, below)
                tables += [Table((a, b), columns)] if columns else []
    return max(tables, key=lambda t: (len(t.columns), -t.rows[0], -t.rows[1]), default=None)


def _columns(above: TextRow, below: TextRow) -> tuple[Column, ...]:
    heights = [t.height for row in (above, below) for t in _numbers(row) if t.height]
    usual = median(heights) if heights else 0.0
    one, two = ([t for t in _numbers(row) if not t.height or not is_small(t.height, usual)] for row in (above, below))
    reach = NUMBER_REACH * max(above.size, below.size)
    columns = []
    for token in one:
        under = min(two, key=lambda t: abs(t.x - token.x), default=None)
        near = under is not None and abs(under.x - token.x) < reach and _nearest(under, one) is token
        if under is not None and near and _as_tall(token, under):
            columns.append((token, under))
    matched = {id(t) for column in columns for t in column}
    alone = [t for t in (*one, *two) if id(t) not in matched and t.confidence >= (SURE if t.height else CLEARLY_READ)]
    if any(t.text not in DIGIT_LIKE for t in alone) or all(t.text in DIGIT_LIKE for column in columns for t in column):
        return ()
    return tuple(columns)


def _as_tall(a: Token, b: Token) -> bool:
    """Whether two numbers have digits of one size, as far as they were measured."""
    return not (a.height and b.height) or not is_small(min(a.height, b.height), max(a.height, b.height))


def _nearest(token: Token, others: Sequence[Token]) -> Token:
    return min(others, key=lambda t: abs(t.x - token.x))


def _numbers(row: TextRow) -> list[Token]:
    """The numbers of a row behind its name, letters that look like one included: a rank stands before it."""
    named = [i for i, t in enumerate(row.tokens) if t.kind == "word" and not is_label(t.text)]
    start = named[0] + 1 if named else 0
    tokens = [t for t in row.tokens[start:] if not t.attached and t.confidence >= LEGIBLE]
    return [t if t.kind == "number" else replace(t, value=DIGIT_LIKE[t.text]) for t in tokens if _is_number(t)]


def _is_number(token: Token) -> bool:
    return token.kind == "number" or (token.kind == "word" and token.text in DIGIT_LIKE)


def _tennis(columns: Sequence[tuple[int, int]]) -> Values | None:
    """Sets won, games of this set and points; None where the columns cannot be those of tennis."""
    *rest, last = columns
    in_tie_break = bool(rest) and rest[-1] == (6, 6)
    opened = bool(rest) and all(map(_finished_set, rest))  # by `last`: games 0-0 rather than points
    values: dict[str, tuple[int, int]] = {}
    if in_tie_break or (TENNIS_POINTS.issuperset(last) and not (opened and last == (0, 0))):
        values["points"] = last
        if not rest:
            return None if last == (0, 0) else values
        *rest, last = rest
    if max(last) > 7:
        return None
    values["games"] = last
    if rest and all(map(_finished_set, rest)):
        values["sets"] = _won(rest)
    elif len(rest) == 1 and max(rest[0]) <= MOST_SETS:
        values["sets"] = rest[0]
    elif rest:
        return None
    return values


def _finished_set(games: tuple[int, int]) -> bool:
    """Whether games are those of a finished set of tennis: 6-4, 7-5, 7-6."""
    low, high = sorted(games)
    return (high == 6 and low <= 4) or (high == 7 and low in (5, 6))


def _sets(columns: Sequence[tuple[int, int]]) -> Values | None:
    """Sets won and points of this set, as in volleyball and badminton."""
    *rest, points = columns
    if rest and max(rest[0]) <= MOST_SETS and all(map(_finished, rest[1:])):
        return {"sets": rest[0], "points": points}
    if rest and all(map(_finished, rest)):
        return {"sets": _won(rest), "points": points}
    return None if rest else {"points": points}


def _finished(points: tuple[int, int]) -> bool:
    low, high = sorted(points)
    return high >= FEWEST_POINTS and high - low >= 2


def _won(sets: Sequence[tuple[int, int]]) -> tuple[int, int]:
    return sum(a > b for a, b in sets), sum(b > a for a, b in sets)
