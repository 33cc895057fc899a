"""Two evaluations of the same truth: events gained and lost, false alarms new and gone, and how each metric changed.

A true event is the same in both if match, kind and time are; a false alarm if match and kind are and the times are at most
`SAME_S` apart, as another run can move an instant a little.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from highlights.errors import TimelineError
from highlights.evaluation import entries
from highlights.evaluation.data import VERSION, numbers
from highlights.texts import read_text

SAME_S = 2.0
DEEPEST = 20  # points in the path of a metric, which may be in the name of a kind too
LESS_IS_BETTER = (
    "_error_s",
    "wrong",
    "missed",
    "unanswered",
    "ece",
    "brier",
    "watched_s",
    "wrong_per_minute",
    "missed_per_minute",
)
"""The ends of the names of metrics that are better when smaller."""
NEITHER = (
    *("true", "found", "tolerance_s", "claims", "queries", "late_s", "match_s", "events_s", "readings"),
    *("reel_s", "summary_s", "shared_s", "chance"),
)
"""Those whose size is not good or bad in itself."""


@dataclass(frozen=True, slots=True)
class Happening:
    """A true event or a false alarm of a match."""

    match: str
    kind: str
    time_s: float
    at: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A metric that differs: its path, before and now; `better` None if that cannot be said."""

    name: str
    before: float
    now: float
    better: bool | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is different now; `notes` say why something cannot be compared."""

    gained: tuple[Happening, ...]
    lost: tuple[Happening, ...]
    new_alarms: tuple[Happening, ...]
    gone_alarms: tuple[Happening, ...]
    changes: tuple[Change, ...]
    notes: tuple[str, ...] = ()


def compared(now: Mapping[str, Any], before: Mapping[str, Any]) -> Comparison:
    """The evaluation `now` against the one `before`, both as data; two single matches are the same one by any name."""
    before = _renamed(before, now["matches"][0]["name"]) if len(now["matches"]) == len(before["matches"]) == 1 else before
    found, found_before = _found(now), _found(before)
    alarms, alarms_before = _alarms(now), _alarms(before)
    notes = []
    if now["tolerance_s"] != before["tolerance_s"]:
        notes.append(f"the tolerance was {before['tolerance_s']:g} s before and is {now['tolerance_s']:g} s now")
    names, names_before = ({match["name"] for match in one["matches"]} for one in (now, before))
    if names != names_before:
        notes.append(f"not in both: {', '.join(sorted(names ^ names_before))}; the metrics are of different matches")
    return Comparison(
        _without(found, found_before, 0.0),
        _without(found_before, found, 0.0),
        _without(alarms, alarms_before, SAME_S),
        _without(alarms_before, alarms, SAME_S),
        _changes(numbers(now["metrics"]), numbers(before["metrics"])),
        tuple(notes),
    )


def _renamed(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The evaluation of one match as that of a match with another name."""
    matches = [match | {"name": name} for match in data["matches"]]
    return {**data, "matches": matches, "mistakes": [mistake | {"match": name} for mistake in data["mistakes"]]}


def _found(data: Mapping[str, Any]) -> list[Happening]:
    return [Happening(match["name"], one["kind"], one["time_s"]) for match in data["matches"] for one in match["found"]]


def _alarms(data: Mapping[str, Any]) -> list[Happening]:
    told = (one for one in data["mistakes"] if one["what"] == "false alarm")
    return [Happening(one["match"], one["kind"], one["time_s"], one["at"]) for one in told]


def _without(some: Sequence[Happening], others: Sequence[Happening], same_s: float) -> tuple[Happening, ...]:
    """Those of `some` that are not among the others, each of which excludes one."""
    left = list(others)
    alone = []
    for one in some:
        alike = [o for o in left if (o.match, o.kind) == (one.match, one.kind) and abs(o.time_s - one.time_s) <= same_s]
        if alike:
            left.remove(min(alike, key=lambda o: abs(o.time_s - one.time_s)))
        else:
            alone.append(one)
    return tuple(alone)


def _changes(now: Mapping[str, float], before: Mapping[str, float]) -> tuple[Change, ...]:
    both = [name for name in now if name in before and abs(now[name] - before[name]) > 1e-9]
    return tuple(Change(name, before[name], now[name], _better(name, now[name] - before[name])) for name in both)


def _better(name: str, more: float) -> bool | None:
    last = name.rsplit(".", 1)[-1]
    if last in NEITHER:
        return None
    return (more < 0) == last.endswith(LESS_IS_BETTER)


def read_data(path: Path) -> dict[str, Any] | None:
    """An evaluation that was printed as JSON before; None if the file is something else.

    Raises:
        TimelineError: it cannot be read, or is an evaluation of another version.
    """
    text = read_text(path, "a result, or the JSON of an evaluation", TimelineError)
    if '"evaluation"' not in text[:200]:
        return None
    return entries.parsed(path, text, _data)


def _data(text: str) -> dict[str, Any]:
    """The checked content of such a file."""
    data = dict(entries.entry(entries.json_of(text), "file"))
    if data.get("evaluation") != VERSION:
        raise ValueError(f"evaluation: is not of version {VERSION}; evaluate that result again")
    data["tolerance_s"] = entries.seconds(data.get("tolerance_s"), "tolerance_s")
    data["metrics"] = _metrics(data.get("metrics"), "metrics")
    data["matches"] = [
        {
            "name": entries.words(match.get("name"), f"{place}.name", "a name"),
            "found": [_happening(one, f"{place}.{where}") for where, one in entries.entries(match, "found")],
        }
        for place, match in entries.entries(data, "matches")
    ]
    data["mistakes"] = [
        _happening(one, place)
        | {key: entries.words(one.get(key), f"{place}.{key}", "a text") for key in ("match", "what", "at")}
        for place, one in entries.entries(data, "mistakes")
    ]
    return data


def _metrics(value: object, place: str) -> dict[str, Any]:
    """The numbers of an evaluation by group; what else is in it is not compared."""
    if place.count(".") > DEEPEST:
        raise ValueError(f"{place[:80]}: is nested too deeply")
    groups = entries.entry(value, place).items()
    inner = {key: _metrics(one, f"{place}.{key}") for key, one in groups if isinstance(one, dict)}
    plain = {key: one for key, one in groups if isinstance(one, int | float) and not isinstance(one, bool)}
    return inner | {key: entries.number(one, f"{place}.{key}") for key, one in plain.items()}


def _happening(one: Mapping[str, object], place: str) -> dict[str, Any]:
    kind = entries.words(one.get("kind"), f"{place}.kind", "the name of an event")
    return {"kind": kind, "time_s": entries.seconds(one.get("time_s"), f"{place}.time_s")}
