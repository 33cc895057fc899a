"""LosslessCut: a project (`.llc`, JSON5) or a table of segments (CSV, in seconds), each for one file.

Source: LosslessCut's `llcProjectV2Schema` and its page on importing and exporting segments.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

from highlights.export import table
from highlights.export.cut_list import CutList, Entry
from highlights.export.naming import marks_in, one_line
from highlights.export.row import LONGEST_WORDS, Edited, EditedRow, medium_named

COLUMNS = ("Start", "End", "Name", "team", "player", "event")

_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*.*?\*/)|(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
    r"""|(?P<word>[A-Za-z_$][\w$]*)|(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<mark>[{}\[\]:,])""",
    re.DOTALL,
)
_ESCAPES = {"'": "'", "\n": "", "v": "\\u000b", "0": "\\u0000"}


def text(cuts: CutList) -> str:
    """The list as a project of its one file, which LosslessCut looks for in the project's folder."""
    segments = [_segment(cuts, entry) for entry in cuts.entries]
    project = {"version": 2, "mediaFileName": one_line(cuts.media[0].path.name), "cutSegments": segments}
    return json.dumps(project, indent=2, ensure_ascii=False) + "\n"


def _segment(cuts: CutList, entry: Entry) -> dict[str, object]:
    times = {"start": float(entry.in_s), "end": float(entry.out_s)}
    return {**times, "name": one_line(entry.title), "tags": _tags(cuts, entry), "selected": True}


def _tags(cuts: CutList, entry: Entry) -> dict[str, str]:
    """Texts of the entry's first event, and the marks of all."""
    event = cuts.events[entry.events[0]] if entry.events else None
    words = {"team": one_line(event.team), "player": one_line(event.player)} if event else {"team": "", "player": ""}
    return words | {"event": " ".join(f"[{mark}]" for mark in cuts.marks_of(entry))}


def csv_text(cuts: CutList) -> str:
    """The list as a table with a header."""
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for entry in cuts.entries:
        rows.writerow(
            [f"{float(entry.in_s):.6f}", f"{float(entry.out_s):.6f}", one_line(entry.title), *_tags(cuts, entry).values()]
        )
    return text.getvalue()


def rows(edited: Edited, cuts: CutList) -> list[EditedRow]:
    """The selected segments of a project; one without an end is a marker, and an instant.

    Raises:
        FormatError: the file is not a project, or a segment is invalid.
    """
    project = _json5(edited)
    segments = project.get("cutSegments") if isinstance(project, dict) else None
    if not isinstance(segments, list):
        edited.refuse("is not a LosslessCut project: it has no list `cutSegments`")
    named = project.get("mediaFileName")
    medium = medium_named(cuts, str(named)) if named else 0
    found = []
    for number, segment in enumerate(segments, 1):
        place = f"segment {number}"
        if not isinstance(segment, dict):
            edited.refuse("is not a segment", place)
        if segment.get("selected", True):
            found.append(_row(edited, medium, segment, place))
    return found


def _row(edited: Edited, medium: int | None, segment: dict[str, Any], place: str) -> EditedRow:
    tags = segment["tags"] if isinstance(segment.get("tags"), dict) else {}
    words = {name: str(tags[name])[:LONGEST_WORDS] for name in ("team", "player") if name in tags}
    words["title"] = str(segment.get("name", ""))[:LONGEST_WORDS]
    start_s, end = edited.seconds(segment.get("start") or 0, place), segment.get("end")
    end_s = None if end is None else edited.seconds(end, place)
    return EditedRow(place, medium, start_s, end_s, marks_in(str(tags.get("event", ""))), words)


def csv_rows(edited: Edited, cuts: CutList) -> list[EditedRow]:
    """The segments of a table; one without an end is a marker, and an instant.

    Raises:
        FormatError: a line is invalid.
    """
    names, found = table.column_names(list(COLUMNS)), []
    try:
        for number, line in table.lines(edited.text):
            if line[0].lower() in ("start", "in"):
                names = ["start" if name == "in" else "end" if name == "out" else name for name in table.column_names(line)]
            else:
                found.append(_csv_row(edited, dict(zip(names, line, strict=False)), f"line {number}"))
    except csv.Error as error:
        edited.refuse(f"is not a table ({error})")
    return found


def _csv_row(edited: Edited, cells: dict[str, str], place: str) -> EditedRow:
    start_s = edited.seconds(table.decimal(cells.get("start", "")) or 0, place)
    end_s = edited.seconds(table.decimal(cells["end"]), place) if cells.get("end") else None
    words = {"title": cells.get("name", "")[:LONGEST_WORDS]}
    words |= {name: cells[name][:LONGEST_WORDS] for name in ("team", "player") if name in cells}
    return EditedRow(place, 0, start_s, end_s, marks_in(cells.get("event", "")), words)


def _json5(edited: Edited) -> Any:
    """The value of a JSON5 text, translated to plain JSON token by token."""
    pieces = list(_tokens(edited))
    plain = [piece for n, piece in enumerate(pieces) if piece != "," or pieces[n + 1 : n + 2] not in (["}"], ["]"])]
    try:
        return json.loads("".join(plain))
    except (ValueError, RecursionError) as error:
        edited.refuse(f"is not JSON5 ({error})")


def _tokens(edited: Edited) -> Iterator[str]:
    at = 0
    while at < len(edited.text):
        token = _TOKEN.match(edited.text, at)
        if token is None:
            line = edited.text.count("\n", 0, at) + 1
            edited.refuse(f"is not JSON5: unexpected {edited.text[at : at + 10]!r}", f"line {line}")
        at = token.end()
        if token.lastgroup == "text":
            yield _quoted(token[0][1:-1])
        elif token.lastgroup == "word":
            yield token[0] if token[0] in ("true", "false", "null") else json.dumps(token[0])
        elif token.lastgroup == "number":
            yield _number(token[0])
        elif token.lastgroup == "mark":
            yield token[0]


def _number(text: str) -> str:
    """A number in JSON: no plus sign, digits on both sides of the point."""
    text = text.removeprefix("+")
    text = re.sub(r"^(-?)\.", r"\g<1>0.", text)
    return re.sub(r"\.(?!\d)", "", text)


def _quoted(inside: str) -> str:
    """The inside of a quoted string in JSON."""
    inside = re.sub(r"\\(x([0-9a-fA-F]{2})|.)", _escape, inside, flags=re.DOTALL)
    inside = re.sub(r'(?<!\\)((?:\\\\)*)"', r'\1\\"', inside)
    return '"' + inside.replace("\n", "\\n").replace("\t", "\\t") + '"'


def _escape(found: re.Match[str]) -> str:
    if found[2]:
        return f"\\u00{found[2]}"
    return _ESCAPES.get(found[1], found[0] if found[1] in '"\\/bfnrtu' else found[1])
