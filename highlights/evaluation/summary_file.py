"""`Labels-summary.json` of SoccerHigh: the spans of a match that its published summary shows.

    {"annotations": [{"id": 3, "start": "1 - 00:09:50.500", "end": "1 - 00:10:01.000"}], "summaryLength": "03:14", ...}

Times are half and time from the start of the half's file. Source: https://github.com/IPCV/SoccerHigh, `dataset/README.md`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from highlights.evaluation import entries
from highlights.evaluation.soccernet import Files
from highlights.evaluation.truth import Truth
from highlights.spans import Span

_TIME = re.compile(r"(?P<half>\d)\s*-\s*(?P<hours>\d\d):(?P<minutes>[0-5]\d):(?P<seconds>[0-5]\d(\.\d{1,6})?)")


def is_summary(data: Mapping[str, object]) -> bool:
    """Whether the content of a JSON file is such a file: annotations with a start."""
    notes = data.get("annotations")
    first = notes[0] if isinstance(notes, list) and notes else None
    return isinstance(first, dict) and "start" in first


def of_json(data: Mapping[str, object], files: Files) -> Truth:
    """The summary as truth about the halves that there are files of.

    Raises:
        ValueError: it is not of that form; names the place.
    """
    found = [_span(note, place) for place, note in entries.entries(data, "annotations")]
    starts_s = files.starts([half for half, _ in found])
    return Truth({}, summary=tuple(_moved(span, starts_s[half]) for half, span in found if half in starts_s))


def _moved(span: Span, by_s: float) -> Span:
    return Span(span.start_s + by_s, span.end_s + by_s)


def _span(note: Mapping[str, object], place: str) -> tuple[int, Span]:
    (half, start_s), (other, end_s) = (_time(note.get(key), f"{place}.{key}") for key in ("start", "end"))
    if half != other:
        raise ValueError(f"{place}: must end in the half in which it starts")
    return half, entries.span_of(start_s, end_s, place)


def _time(value: object, place: str) -> tuple[int, float]:
    """The half, and seconds from its start."""
    time = _TIME.fullmatch(value.strip()) if isinstance(value, str) and value.isascii() else None
    if time is None:
        raise ValueError(f"{place}: must be a half and a time, such as 1 - 00:09:50.500")
    return int(time["half"]), 3600 * int(time["hours"]) + 60 * int(time["minutes"]) + float(time["seconds"])
