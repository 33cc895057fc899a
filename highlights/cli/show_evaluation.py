"""What `highlights evaluate` prints: a table for each group of metrics, then the mistakes, then what is different."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.text import Text

from highlights.cli.show import new_table, print_table
from highlights.evaluation.tables import Table, tables
from highlights.export.naming import one_line
from highlights.spans import clock

if TYPE_CHECKING:
    from highlights.evaluation.comparison import Change, Comparison, Happening
    from highlights.evaluation.evaluation import Evaluation

MOST_MISTAKES = 20
MOST_CHANGES = 30


def evaluation(found: Evaluation, told: dict[str, Any], compared: Comparison | None, *, as_json: bool = False) -> None:
    """An evaluation, and how it differs from another."""
    for note in found.notes:
        print(f"Note: {one_line(note)}", file=sys.stderr)
    if as_json:
        print(json.dumps(told | ({"against": asdict(compared)} if compared else {}), indent=1))
        return
    for number, table in enumerate(tables(found)):
        if number:
            print()
        _print(table)
    _mistakes(found)
    if compared is not None:
        _comparison(compared)


def _print(table: Table) -> None:
    print(table.title)
    printed = new_table(*table.heads)
    for column in printed.columns[1:]:
        column.no_wrap = True  # in 80 columns names wrap, numbers do not
    for row in table.rows:
        printed.add_row(Text(one_line(row[0])), *row[1:])
    print_table(printed)


def _mistakes(one: Evaluation) -> None:
    if not one.mistakes:
        return
    print()
    for mistake in one.mistakes[:MOST_MISTAKES]:
        match = f" in {mistake.match}" if len(one.matches) > 1 else ""
        sure = f", {mistake.confidence:.0%} sure" if mistake.confidence is not None and mistake.what != "missed" else ""
        print(one_line(f"{mistake.what}: {mistake.kind} at {mistake.at}{match}{sure}: {'; '.join(mistake.why[:3])}"))
    if (more := len(one.mistakes) - MOST_MISTAKES) > 0:
        print(f"and {more} more: see --json or --page")


def _comparison(compared: Comparison) -> None:
    print("\nagainst the other:")
    for note in compared.notes:
        print(f"  Note: {one_line(note)}")
    for words, happenings in (
        ("gained", compared.gained),
        ("lost", compared.lost),
        ("new false alarm", compared.new_alarms),
        ("gone false alarm", compared.gone_alarms),
    ):
        for happening in happenings:
            print(f"  {words}: {one_line(_named(happening))}")
    if not compared.changes:
        print("  no metric differs")
        return
    said = {True: "better", False: "worse", None: ""}
    rows = [
        (change.name, f"{change.before:.4g}", f"{change.now:.4g}", said[change.better]) for change in _shown(compared.changes)
    ]
    _print(Table("metrics that differ", ("metric", "before", "now", ""), tuple(rows)))
    if (more := len(compared.changes) - len(rows)) > 0:
        print(f"and {more} more: see --json")


def _shown(changes: Sequence[Change]) -> Sequence[Change]:
    """The changes that are printed: those whose direction says something first."""
    return sorted(changes, key=lambda change: change.better is None)[:MOST_CHANGES]


def _named(happening: Happening) -> str:
    return f"{happening.kind} at {happening.at or clock(happening.time_s)} in {happening.match}"
