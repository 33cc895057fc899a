"""SoccerNet's action spotting: `Labels-v2.json` (truth) and `results_spotting.json` (predictions).

An event is an instant: `position` is in milliseconds from the start of the half's file, `gameTime` the same to the second. A
recording of several files has one half per file; a single file is the half that its events name, or else the first.

Source: SoccerNet's development kit, `EVENT_DICTIONARY_V2` and its evaluation of action spotting.
"""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

from highlights.export.cut_list import CutList, Entry
from highlights.export.naming import marks_in, one_line
from highlights.export.row import Edited, EditedRow
from highlights.export.timecode import exact

CLASSES = {
    "penalty_kick": "Penalty",
    "kick_off": "Kick-off",
    "goal": "Goal",
    "substitution": "Substitution",
    "offside": "Offside",
    "shot": "Shots on target",
    "save": "Shots on target",
    "shot_off_target": "Shots off target",
    "clearance": "Clearance",
    "out_of_play": "Ball out of play",
    "throw_in": "Throw-in",
    "foul": "Foul",
    "indirect_free_kick": "Indirect free-kick",
    "free_kick": "Direct free-kick",
    "corner": "Corner",
    "yellow_card": "Yellow card",
    "red_card": "Red card",
    "second_yellow_card": "Yellow->red card",
}
"""SoccerNet's class for each kind of event; it has no others."""
KINDS = {label: name for name, label in reversed(CLASSES.items())}


def has_class(cuts: CutList, entry: Entry) -> bool:
    """Whether SoccerNet has a class for the event."""
    return all(cuts.events[number].name in CLASSES for number in entry.events)


def labels(cuts: CutList) -> str:
    """The list as truth."""
    notes = [
        _annotation(cuts, entry)
        | {"team": cuts.side(entry.events[0]) or "not applicable", "visibility": "visible", "event": mark}
        for entry in cuts.entries
        for mark in [f"[{cuts.marks[entry.events[0]]}]"]
    ]
    teams = {"gameHomeTeam": one_line(cuts.teams[0]), "gameAwayTeam": one_line(cuts.teams[1])}
    return _json({"UrlLocal": _game(cuts), **teams, "annotations": notes})


def predictions(cuts: CutList) -> str:
    """The list as predictions, with the confidence of each."""
    predicted = [
        _annotation(cuts, entry)
        | {"half": str(_half(cuts, entry)), "confidence": f"{cuts.events[entry.events[0]].confidence:.3f}"}
        for entry in cuts.entries
    ]
    return _json({"UrlLocal": _game(cuts), "predictions": predicted})


def _annotation(cuts: CutList, entry: Entry) -> dict[str, str]:
    event = cuts.events[entry.events[0]]
    at_ms = max(0, round((exact(event.peak_s) - cuts.media[entry.medium].origin_s) * 1000))
    minutes, seconds = divmod(at_ms // 1000, 60)
    time = f"{_half(cuts, entry)} - {minutes:02}:{seconds:02}"
    return {"gameTime": time, "label": CLASSES[event.name], "position": str(at_ms)}


def _half(cuts: CutList, entry: Entry) -> int:
    """The half that a file is."""
    if len(cuts.media) > 1:
        return entry.medium + 1
    halves = {event.period[:1] for event in cuts.events if event.period}
    return 2 if halves == {"2"} else 1


def _game(cuts: CutList) -> str:
    return one_line(cuts.media[0].path.parent.name)


def _json(value: object) -> str:
    return json.dumps(value, indent=4, ensure_ascii=False) + "\n"


def rows(edited: Edited, cuts: CutList) -> list[EditedRow]:
    """The annotations, each an instant.

    Raises:
        FormatError: the file has no annotations, or one is invalid.
    """
    try:
        content = json.loads(edited.text)
    except (ValueError, RecursionError) as error:
        edited.refuse(f"is not JSON ({error})")
    notes = content.get("annotations") if isinstance(content, dict) else None
    if not isinstance(notes, list):
        edited.refuse("is JSON, but has no list `annotations`")
    return [_row(edited, cuts, note, f"annotation {number}") for number, note in enumerate(notes, 1)]


def _row(edited: Edited, cuts: CutList, note: Any, place: str) -> EditedRow:
    if not isinstance(note, dict):
        edited.refuse("is not an annotation", place)
    label, half = str(note.get("label", "")), str(note.get("gameTime", ""))[:1]
    if label not in KINDS:
        edited.refuse(f"{label[:40]!r} is not a SoccerNet class", place)
    medium = int(half) - 1 if half.isascii() and half.isdigit() and len(cuts.media) > 1 else 0
    if not 0 <= medium < len(cuts.media):
        edited.refuse(f"the recording has no half {half}", place)
    at_s = edited.seconds(note.get("position"), place) / 1000
    return EditedRow(place, medium, Fraction(at_s), None, marks_in(str(note.get("event", ""))), {"name": KINDS[label]})
