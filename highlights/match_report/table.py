"""The rows of a report that is a table (CSV) or a feed (JSON), by the usual names of columns and keys.

minute,added,event,player,team        [{"minute": 23, "type": {"name": "Goal"}, "team": {"name": "Elks"}}, ...]
45,2,Yellow card,Jones,away           {"goals": [{"minute": 23, "scorer": {"name": "Smith"}}], "bookings": [...]}
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from highlights.errors import FormatError
from highlights.match_report import report_time
from highlights.match_report.report_time import ReportTime

MOST_ROWS = 2_001  # one more than is allowed, so that more are noticed
DEEPEST = 4  # lists of a feed lie at most so deep

_ALIASES = {
    "minute": ("minute", "min", "minutes", "elapsed", "match_minute", "game_minute"),
    "added": ("added", "added_time", "stoppage", "extra", "extra_minute", "injury_time", "stoppage_time", "injurytime"),
    "second": ("second", "seconds", "sec"),
    "clock": ("clock", "game_clock", "match_clock", "gameclock", "matchclock", "game_time", "match_time"),
    "video": ("video", "video_time", "time_s", "start_s", "position_s", "video_s", "at_s", "videotime"),
    "day": ("time_of_day", "wall_clock", "local_time", "datetime", "date_time", "timestamp", "real_time"),
    "time": ("time", "at", "t", "when"),
    "period": ("period", "half", "quarter", "periodnumber", "qtr"),
    "kind": ("event", "type", "kind", "action", "label", "what", "incident", "event_type", "eventtype", "class"),
    "detail": ("detail", "subtype", "outcome", "card", "qualifier", "result"),
    "player": ("player", "name", "scorer", "who", "player_name", "playername", "by"),
    "team": ("team", "side", "club", "team_name", "teamname", "for"),
    "score": ("score", "result_after", "score_after"),
    "note": ("note", "notes", "comment", "comments", "text", "description", "remark"),
}
_NAMES = {alias: name for name, aliases in _ALIASES.items() for alias in aliases}
_TIMES = frozenset({"minute", "clock", "video", "day", "time"})
_LISTS = {
    "goals": "Goal",
    "bookings": "Booking",
    "cards": "",
    "substitutions": "Substitution",
    "saves": "Save",
    "corners": "Corner",
    "tries": "Try",
}
"""Lists in a feed whose name says what their entries are, if those do not."""
_TYPES = {"regular": "Goal", "own": "Own goal", "penalty": "Penalty goal"}
"""The types of goals in a list of goals."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row or entry, as text by what its columns mean."""

    number: int
    text: str
    time: ReportTime | None
    kind: str = ""
    player: str = ""
    team: str = ""
    score: tuple[int, int] | None = None
    note: str = ""
    fault: str = ""


def has_header(text: str) -> bool:
    """Whether the first line that is not empty names the columns of a table: a time, and something else."""
    first = next((line for line in text.splitlines() if line.strip() and not line.lower().startswith("sep=")), "")
    known = {name for cell in _cells(first) if (name := _NAMES.get(_column(cell)))}
    return bool(known & _TIMES) and len(known) > 1


def of_csv(text: str, path: Path) -> Iterator[Row]:
    """The rows of a table.

    Raises:
        FormatError: it is not a table.
    """
    lines = text.splitlines()
    at = next(n for n, line in enumerate(lines) if line.strip() and not line.lower().startswith("sep="))
    names = [_NAMES.get(_column(cell), "") for cell in _cells(lines[at])]
    found = csv.reader(io.StringIO("\n".join(lines[at + 1 :])), delimiter=_separator(lines[at]), skipinitialspace=True)
    try:
        for cells in islice(found, 50 * MOST_ROWS):
            if any(cell.strip() for cell in cells):
                values: dict[str, str] = {}
                for name, cell in zip(names, cells, strict=False):
                    if name and cell.strip():
                        values.setdefault(name, cell.strip())
                yield _row(at + 1 + found.line_num, ", ".join(filter(None, map(str.strip, cells))), values)
    except csv.Error as error:
        raise FormatError(path, f"is not a table ({error})", f"line {at + 1 + found.line_num}") from error


def of_json(text: str, path: Path) -> Iterator[Row]:
    """The entries of a feed that have a time.

    Raises:
        FormatError: it is not JSON, or has no entry with a time.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError(path, f"is not JSON ({str(error)[:100]}); give a match report: text, CSV or JSON") from error
    entries = list(islice(_entries(content, "", DEEPEST), MOST_ROWS))
    if not any(_NAMES.get(_column(key)) in _TIMES for entry, _ in entries for key in entry):
        raise FormatError(path, 'is JSON without a list of entries that have a time, such as [{"minute": 23, "type": "Goal"}]')
    for number, (entry, kind) in enumerate(entries, 1):
        values = _values(entry)
        if kind == "Goal" and (named := _TYPES.get(values.get("kind", "").lower())):
            values["kind"] = named
        elif kind and not _said(values):
            values["kind"] = kind
        yield _row(number, json.dumps(entry, ensure_ascii=False)[:300], values)


def _said(values: Mapping[str, str]) -> bool:
    return any(values.get(name) for name in ("kind", "detail", "note"))


def _entries(value: Any, kind: str, deep: int) -> Iterator[tuple[dict[str, Any], str]]:
    """The objects in a feed's lists, with what the name of their list says."""
    if isinstance(value, list):
        for entry in value:
            if isinstance(entry, dict) and (any(_NAMES.get(_column(key)) in _TIMES for key in entry) or not deep):
                yield entry, kind
            elif deep:
                yield from _entries(entry, kind, deep - 1)
    elif isinstance(value, dict) and deep:
        for key, inner in value.items():
            if isinstance(inner, list | dict):
                yield from _entries(inner, _LISTS.get(str(key).lower(), ""), deep - 1)


def _values(entry: Mapping[str, Any]) -> dict[str, str]:
    """The texts of an entry by what they mean; of an object its name, of a time its minutes."""
    values: dict[str, str] = {}
    for key, value in entry.items():
        name = _NAMES.get(_column(key))
        if name == "time" and isinstance(value, dict):
            values |= {k: v for k, v in _values(value).items() if k in ("minute", "added", "second", "period")}
        elif name and (text := _text(value)):
            values.setdefault(name, text)
    return values


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        value = next((value[key] for key in ("name", "shortName", "displayName", "value") if key in value), "")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).strip()[:500]


def _row(number: int, text: str, values: Mapping[str, str]) -> Row:
    detail = values.get("detail", "")
    kind = " ".join(filter(None, (values.get("kind", ""), detail)))
    time = _time(values)
    fault = "" if time or not any(values.get(name) for name in _TIMES) else "its time cannot be read"
    return Row(
        number=number,
        text=text,
        time=time,
        kind=_spaced(kind),
        player=values.get("player", ""),
        team=values.get("team", ""),
        score=_score(values.get("score", "")),
        note=values.get("note", ""),
        fault=fault,
    )


def _time(values: Mapping[str, str]) -> ReportTime | None:
    period = report_time.period_of(values.get("period", ""))
    if seconds := values.get("video"):
        return _as("video", seconds, None)
    if day := values.get("day"):
        found = report_time.in_line(day)
        time = found.time if found else None
        return time if time and time.notation == "day" else time and ReportTime("day", time.at_s, time.length_s)
    if clock := values.get("clock"):
        return _as("clock", clock, period)
    if number := values.get("minute"):
        return _minute(number, values, period)
    found = report_time.in_line(values["time"]) if values.get("time") else None
    if found is None and re.fullmatch(r"\d{1,3}", values.get("time", ""), re.ASCII):
        return report_time.minute(int(values["time"]), 0, period)
    if found is None:
        return None
    time = found.time
    return ReportTime("clock", time.at_s, time.length_s, period) if time.notation == "bare" and period else time


def _minute(number: str, values: Mapping[str, str], period: int | None) -> ReportTime | None:
    """A minute of play; with its second it is a time on the clock: 22 and 15 is 22:15."""
    whole = re.fullmatch(r"(\d{1,3})(?:\.0+)?(?:\s*\+\s*(\d{1,2}))?\s*['’′]?", number, re.ASCII)
    if whole is None:
        found = report_time.in_line(number)
        return found.time if found and not found.rest.strip(" '’′") else None
    second, added = values.get("second", ""), values.get("added", "")
    if re.fullmatch(r"[0-5]?\d(\.\d+)?", second, re.ASCII):
        return ReportTime("clock", int(whole[1]) * 60 + float(second), 1.0, period)
    extra = int(whole[2] or 0) or (int(float(added)) if re.fullmatch(r"\d{1,2}(\.0+)?", added, re.ASCII) else 0)
    return report_time.minute(int(whole[1]), extra, period)


def _as(notation: Any, text: str, period: int | None) -> ReportTime | None:
    """A time whose column says what it is: seconds, m:ss or h:mm:ss."""
    plain = text.replace(",", ".")
    if re.fullmatch(r"\d{1,6}(\.\d{1,9})?", plain, re.ASCII):
        return ReportTime(notation, float(plain), 1.0, period)
    found = report_time.in_line(text)
    if found is None or found.time.notation in ("day", "minute"):
        return found.time if found and notation == "clock" else None
    return ReportTime(notation, found.time.at_s, found.time.length_s, found.time.period or period)


def _score(text: str) -> tuple[int, int] | None:
    match = re.fullmatch(r"(\d{1,3})\s*[-–—:]\s*(\d{1,3})", text.strip(), re.ASCII)
    return (int(match[1]), int(match[2])) if match else None


def _spaced(text: str) -> str:
    """`YELLOW_CARD` and `yellowCard` as words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text.replace("_", " "))


def _column(cell: object) -> str:
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", str(cell).strip().strip('"'))
    return re.sub(r"[\s-]+", "_", name).lower()


def _separator(line: str) -> str:
    return max("\t;,|", key=line.count)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split(_separator(line))]
