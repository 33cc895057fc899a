"""The truth file of this project, JSON or a table; docs/evaluate.md lists its keys.

{"events": [{"label": "goal", "time_s": 431.2}], "score_changes": [{"time_s": 452.0, "home": 1, "away": 0}], "cuts_s": [6.2]}

Only `events` is required. Every function raises `ValueError` with the place of the first fault.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar, cast, get_args

from highlights.evaluation import entries
from highlights.evaluation.truth import ClockPiece, Gradual, GradualKind, Look, Score, TrueEvent, Truth, Way
from highlights.export import table
from highlights.records import Counter

_CLOCK = re.compile(r"(\d{1,3}):([0-5]\d)(\.\d{1,3})?")
_Made = TypeVar("_Made")


def of_json(data: Mapping[str, object]) -> Truth:
    """The truth in the content of a JSON file."""
    if not isinstance(data.get("events"), list):
        raise ValueError("is JSON but not a truth file: it needs a list named events, of entries with label and time_s")
    events = _by_kind((place, event.get("label"), _event(event, place)) for place, event in entries.entries(data, "events"))
    labels = [entries.words(label, place, "the name of an event") for place, label in entries.values(data, "labels")]
    start = entries.entry(data["score_at_start"], "score_at_start") if "score_at_start" in data else None
    return Truth(
        dict.fromkeys(labels, ()) | events,
        _listed(data, "score_changes", lambda value, place: _change(entries.entry(value, place), place)),
        _listed(data, "cuts_s", entries.seconds),
        _listed(data, "transitions", lambda value, place: _gradual(entries.entry(value, place), place)),
        None if start is None else _counters(start, "score_at_start"),
        _listed(data, "game_clock", lambda value, place: _piece(entries.entry(value, place), place)),
        _listed(data, "readings", lambda value, place: _look(entries.entry(value, place), place)),
        _listed(data, "graphic_s", entries.span),
        _listed(data, "summary_s", entries.span),
    )


def of_table(text: str) -> Truth:
    """The truth in a table with the columns `label,time_s`."""
    try:
        return _of_rows(text)
    except csv.Error as error:
        raise ValueError(str(error)) from error


def is_table_of_truth(text: str) -> bool:
    """Whether the first line of a table names these columns."""
    try:
        return {"label", "time_s"} <= set(table.column_names(next(table.lines(text), (0, []))[1]))
    except csv.Error:
        return True  # so that it is refused with its line


def _of_rows(text: str) -> Truth:
    rows = table.lines(text)
    names = table.column_names(next(rows, (0, []))[1])
    if not {"label", "time_s"} <= set(names):
        raise ValueError("the first line must name the columns label,time_s")
    cells = ((f"line {number}", dict.fromkeys(names, "") | dict(zip(names, line, strict=False))) for number, line in rows)
    return Truth(
        _by_kind((place, kind_of_words(row["label"]), _instant(table.decimal(row["time_s"]), place)) for place, row in cells)
    )


def kind_of_words(label: str) -> str:
    """The name of a kind that a person wrote with capitals and spaces, as profiles write it.

    >>> kind_of_words("Yellow card")
    'yellow_card'
    """
    return "_".join(label.lower().split())


def _listed(data: Mapping[str, object], key: str, read: Callable[[object, str], _Made]) -> tuple[_Made, ...] | None:
    """What `read` makes of each value of a list, with its place; None if the key is missing."""
    return tuple(read(value, place) for place, value in entries.values(data, key)) if key in data else None


def _by_kind(events: Iterable[tuple[str, object, TrueEvent]]) -> dict[str, tuple[TrueEvent, ...]]:
    """Events by label, from (place in the file, label, event)."""
    kinds: dict[str, list[TrueEvent]] = {}
    for place, label, event in events:
        kinds.setdefault(entries.words(label, f"{place}: label", "the name of an event"), []).append(event)
    return {kind: tuple(found) for kind, found in kinds.items()}


def _instant(value: object, place: str) -> TrueEvent:
    return TrueEvent(entries.seconds(value, f"{place}: time_s"))


def _event(event: Mapping[str, object], place: str) -> TrueEvent:
    entries.words(event.get("label"), f"{place}: label", "the name of an event")
    shown, span = event.get("shown", True), None
    if not isinstance(shown, bool):
        raise ValueError(f"{place}: shown: must be true or false")
    if "start_s" in event or "end_s" in event:
        start_s, end_s = (entries.seconds(event.get(key), f"{place}: {key}") for key in ("start_s", "end_s"))
        span = entries.span_of(start_s, end_s, place)
    return TrueEvent(_instant(event.get("time_s"), place).time_s, span, shown)


def _change(change: Mapping[str, object], place: str) -> tuple[float, Score]:
    """The time of a change and all counters after it."""
    return entries.seconds(change.get("time_s"), f"{place}.time_s"), _counters(change, place)


def _counters(entry: Mapping[str, object], place: str) -> dict[Counter, int]:
    """The counters of an entry; overs such as `15.2` are converted to balls."""
    known = ("time_s", "overs", "clock", "clock_s")
    counters = {key: entries.whole(count, f"{place}.{key}") for key, count in entry.items() if key not in known}
    if "overs" in entry:
        overs, _, balls = str(entry["overs"]).partition(".")
        counters["balls"] = 6 * entries.whole(overs, f"{place}.overs") + entries.whole(balls or "0", f"{place}.overs")
    return counters


def _gradual(entry: Mapping[str, object], place: str) -> Gradual:
    start_s, end_s = (entries.seconds(entry.get(key), f"{place}.{key}") for key in ("start_s", "end_s"))
    kind = entry.get("kind")
    if kind not in get_args(GradualKind):
        raise ValueError(f"{place}.kind: must be one of {', '.join(get_args(GradualKind))}")
    return Gradual(entries.span_of(start_s, end_s, place), cast(GradualKind, kind))


def _piece(entry: Mapping[str, object], place: str) -> ClockPiece:
    way = entry.get("way", "up")
    if way not in get_args(Way):
        raise ValueError(f"{place}.way: must be one of {', '.join(get_args(Way))}")
    clock_s = _clock_s(entry, place)
    if clock_s is None:
        raise ValueError(f"{place}: needs clock, such as 67:30, or clock_s")
    return ClockPiece(entries.seconds(entry.get("time_s"), f"{place}.time_s"), clock_s, cast(Way, way))


def _look(entry: Mapping[str, object], place: str) -> Look:
    return Look(entries.seconds(entry.get("time_s"), f"{place}.time_s"), _counters(entry, place), _clock_s(entry, place))


def _clock_s(entry: Mapping[str, object], place: str) -> float | None:
    """The game clock of an entry, as the graphic shows it or in seconds; None if it has none."""
    if "clock" not in entry:
        return entries.seconds(entry["clock_s"], f"{place}.clock_s") if "clock_s" in entry else None
    shown = _CLOCK.fullmatch(entry["clock"]) if isinstance(entry["clock"], str) and entry["clock"].isascii() else None
    if shown is None:
        raise ValueError(f"{place}.clock: must be minutes and seconds, such as 67:30")
    return 60 * int(shown[1]) + int(shown[2]) + float(shown[3] or 0)
