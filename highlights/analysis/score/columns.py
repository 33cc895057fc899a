"""Sets, games and points in columns beside two stacked names, read look by look: a new column opens with every set.

WILLIAMS    4  6  6  5       two finished sets, games of this set, points      1–1 6–6 5–1
SHARAPOVA   6  3  6  1
ARG         2 22             sets, points                                      2–0 22–15
THA         0 15
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from highlights.analysis.score.pairs import CLEARLY_READ, is_label, is_small
from highlights.analysis.score.slots import NUMBER_REACH, GraphicReading, Slot
from highlights.analysis.score.tokens import LEGIBLE, SURE, TextRow, Token

ADVANTAGE, ADVANTAGE_WORDS = 50, ("AD", "ADV", "A")
TENNIS_POINTS = frozenset({0, 15, 30, 40, ADVANTAGE})
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
    counters: dict[str, Slot] = {}
    first: tuple[Slot, Slot] | None = None
    numbered, tables = 0, []
    for index, reading in enumerate(readings):
        numbered += any(t.kind == "number" for row in reading.rows for t in row.tokens)
        table = table_of(reading)
        values = explain([(a.value, b.value) for a, b in table.columns]) if table else None
        if table is None or values is None:
            continue
        tables.append((reading, table))
        one, two = table.columns[0]
        first = first or (_slot(reading, table.rows[0], one), _slot(reading, table.rows[1], two))
        first[0].tokens[index], first[1].tokens[index] = one, two
        for name, sides in values.items():
            for side, number, row, token in zip(("home", "away"), sides, table.rows, (one, two), strict=True):
                slot = counters.setdefault(f"{side}_{name}", _slot(reading, row, token))
                slot.tokens[index] = replace(token, value=number, text=str(number))
    if first is None:
        return None
    named = [_named(reading.rows[row]) for reading, table in tables for row in table.rows]
    confidences = [token.confidence for _, table in tables for column in table.columns for token in column]
    width = len(confidences) / (2 * len(tables))
    return TableSlots(counters, first, len(tables) / numbered, fmean(named), fmean(confidences), width)


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
    tallest = max((t.height for row in (above, below) for t in _numbers(row)), default=0.0)
    one, two = ([t for t in _numbers(row) if not t.height or not is_small(t.height, tallest)] for row in (above, below))
    reach = NUMBER_REACH * max(above.size, below.size)
    columns = []
    for token in one:
        under = min(two, key=lambda t: abs(t.x - token.x), default=None)
        if under is not None and abs(under.x - token.x) < reach and _nearest(under, one) is token:
            columns.append((token, under))
    matched = {id(t) for column in columns for t in column}
    alone = [t for t in (*one, *two) if id(t) not in matched and t.confidence >= (SURE if t.height else CLEARLY_READ)]
    return () if alone else tuple(columns)


def _nearest(token: Token, others: Sequence[Token]) -> Token:
    return min(others, key=lambda t: abs(t.x - token.x))


def _numbers(row: TextRow) -> list[Token]:
    """The numbers of a row behind its name: a rank stands before it."""
    named = [i for i, t in enumerate(row.tokens) if t.kind == "word" and not is_label(t.text)]
    start = named[0] + 1 if named else 0
    return [t for t in row.tokens[start:] if t.kind == "number" and not t.attached and t.confidence >= LEGIBLE]


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
