"""`timeline.csv` read back after a spreadsheet program saved it: rows removed, times and texts changed, rows added."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from fractions import Fraction

from highlights.export import table
from highlights.export.cut_list import CutList
from highlights.export.naming import marks_in
from highlights.export.row import LONGEST_WORDS, Edited, EditedRow, placed
from highlights.export.timeline_csv import FORMULA_STARTS
from highlights.records import EVENT_TEXTS

TEXTS = (*EVENT_TEXTS, "status")


def rows(edited: Edited, cuts: CutList) -> list[EditedRow]:
    """The events of the table, without rejected ones.

    Raises:
        FormatError: the columns `start_s` and `end_s` are missing, or a time in them is invalid.
    """
    found = []
    for number, cells in _table(edited):
        if cells.get("status", "").lower() != "rejected":
            found.append(_row(edited, cuts, cells, f"line {number}"))
    return found


def _row(edited: Edited, cuts: CutList, cells: dict[str, str], place: str) -> EditedRow:
    start_s, end_s = (_seconds(edited, cells[name], place) for name in ("start_s", "end_s"))
    medium = placed(cuts, start_s)
    begins_s = cuts.media[medium].start_s
    words = {name: _shown(cells[name])[:LONGEST_WORDS] for name in TEXTS if name in cells}
    words |= {"status": words["status"].lower()} if "status" in words else {}
    return EditedRow(place, medium, start_s - begins_s, end_s - begins_s, _mark(edited, cells, place), words)


def _mark(edited: Edited, cells: dict[str, str], place: str) -> tuple[str, ...]:
    """The event's mark, rebuilt from kind and instant; if the kind was changed, name and time find the event instead."""
    if not cells.get("peak_s"):
        return ()
    peak_s = float(_seconds(edited, cells["peak_s"], place))
    return marks_in(f"[{_shown(cells.get('name', ''))}@{peak_s:.3f}]")


def _seconds(edited: Edited, text: str, place: str) -> Fraction:
    return edited.seconds(table.decimal(text), place)


def _shown(text: str) -> str:
    """The text without the apostrophe that stops a spreadsheet from evaluating it."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_STARTS) else text


def _table(edited: Edited) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and cells of every non-empty row."""
    names: list[str] = []
    try:
        for number, line in table.lines(edited.text):
            if names:
                yield number, dict.fromkeys(names, "") | dict(zip(names, line, strict=False))
                continue
            names = table.column_names(line)
            if not {"start_s", "end_s"} <= set(names):
                break
    except csv.Error as error:
        edited.refuse(f"is not a table ({error})")
    if not {"start_s", "end_s"} <= set(names):
        edited.refuse("the columns start_s and end_s are missing; give an edited timeline.csv")
