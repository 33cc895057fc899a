"""`timeline.csv` read back after a spreadsheet program saved it: rows removed, times and texts changed, rows added."""

from __future__ import annotations

from fractions import Fraction

from highlights.export.cut_list import CutList
from highlights.export.naming import marks_in
from highlights.export.row import LONGEST_WORDS, Edited, EditedRow, placed
from highlights.export.table import Table, TableError, table
from highlights.export.timeline_csv import FORMULA_STARTS
from highlights.records import EVENT_TEXTS

TEXTS = (*EVENT_TEXTS, "status")


def rows(edited: Edited, cuts: CutList) -> list[EditedRow]:
    """The events of the table, without rejected ones.

    Raises:
        FormatError: the columns `start_s` and `end_s` are missing, or a time in them is invalid.
    """
    found = []
    for row in _table(edited).rows:
        if row.cells.get("status", "").strip().lower() != "rejected":
            found.append(_row(edited, cuts, row.cells, f"line {row.line}"))
    return found


def _row(edited: Edited, cuts: CutList, cells: dict[str, str], place: str) -> EditedRow:
    start_s, end_s = (_seconds(edited, cells[name], place) for name in ("start_s", "end_s"))
    medium = placed(cuts, start_s)
    begins_s = cuts.media[medium].start_s
    words = {name: _shown(cells[name])[:LONGEST_WORDS] for name in TEXTS if name in cells}
    return EditedRow(place, medium, start_s - begins_s, end_s - begins_s, _mark(edited, cells, place), words)


def _mark(edited: Edited, cells: dict[str, str], place: str) -> tuple[str, ...]:
    """The event's mark, rebuilt from kind and instant; if the kind was changed, name and time find the event instead."""
    if not cells.get("peak_s", "").strip():
        return ()
    peak_s = float(_seconds(edited, cells["peak_s"], place))
    return marks_in(f"[{_shown(cells.get('name', ''))}@{peak_s:.3f}]")


def _seconds(edited: Edited, text: str, place: str) -> Fraction:
    return edited.seconds(text.replace(",", "."), place)


def _shown(text: str) -> str:
    """The text without the apostrophe that stops a spreadsheet from evaluating it."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_STARTS) else text


def _table(edited: Edited) -> Table:
    try:
        read = table(edited.text)
    except TableError as error:
        edited.refuse(f"is not a table ({error})", f"line {error.line}")
    if not {"start_s", "end_s"} <= set(read.columns):
        edited.refuse("the columns start_s and end_s are missing; give an edited timeline.csv")
    return read
