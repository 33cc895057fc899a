"""SoccerNet's files as they are: labels (`Labels-v2.json`, `Labels-ball.json`) and predictions (`results_spotting.json`).

    {"annotations": [{"gameTime": "1 - 10:00", "label": "Goal", "position": "600000", "visibility": "visible"}]}
    {"predictions": [{"gameTime": "1 - 10:00", "label": "Goal", "position": "600000", "half": "1", "confidence": "0.9"}]}

`position` is in milliseconds from the start of the half's file. As in SoccerNet's evaluator, halves other than 1 and 2 and
labels of no class are skipped, and a label without `position` is taken to the second of its `gameTime`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from highlights.errors import TimelineError
from highlights.evaluation import entries
from highlights.evaluation.spotting import Half, Key, bin_of
from highlights.evaluation.truth import TrueEvent, Truth
from highlights.export.soccernet import CLASSES, KINDS
from highlights.records import Recording
from highlights.texts import read_text

LABELS = ("Labels-v2.json", "Labels-ball.json")
PREDICTIONS = "results_spotting.json"
HALVES = (1, 2)
HALF_S = 7200.0  # on the clock of a match without files, its second half begins here: no half is longer

SOCCERNET_CLASSES = tuple(dict.fromkeys(CLASSES.values()))
"""In SoccerNet's order."""
SAME_AS = {name: KINDS[label] for name, label in CLASSES.items() if KINDS[label] != name}
"""Kinds of events that SoccerNet has one class for."""
_GAME_TIME = re.compile(r"(?P<half>\d)\s*-\s*(?P<minutes>\d{1,3}):(?P<seconds>\d\d)")
_HALF_FILE = re.compile(r"([12])_")
_MOST_MS = 10**10


@dataclass(frozen=True, slots=True)
class Label:
    """An annotated instant of a half."""

    half: int
    name: str
    position_ms: int
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Prediction:
    """A predicted instant of a half."""

    half: int
    name: str
    position_ms: int
    confidence: float


def read_labels(path: Path) -> tuple[Label, ...]:
    """The labels of a game.

    Raises:
        TimelineError: the file is not of that form; names the place.
    """
    text = read_text(path, "SoccerNet's labels", TimelineError)
    return entries.parsed(path, text, lambda text: labels_in(entries.json_of(text)))


def read_predictions(path: Path) -> tuple[Prediction, ...]:
    """The predictions for a game.

    Raises:
        TimelineError: the file is not of that form; names the place.
    """
    text = read_text(path, "predictions as SoccerNet's evaluator reads them", TimelineError)
    return entries.parsed(path, text, lambda text: _predictions_in(entries.json_of(text)))


def labels_in(data: object) -> tuple[Label, ...]:
    """The labels in the content of a file; raises `ValueError` with the place."""
    return tuple(_label(note, place) for place, note in _list(data, "annotations"))


def _list(data: object, key: str) -> list[tuple[str, Mapping[str, object]]]:
    if not isinstance(data, dict) or not isinstance(data.get(key), list):
        raise ValueError(f"is JSON, but has no list `{key}`")
    return entries.entries(data, key)


def _predictions_in(data: object) -> tuple[Prediction, ...]:
    return tuple(_prediction(note, place) for place, note in _list(data, "predictions"))


def _label(note: Mapping[str, object], place: str) -> Label:
    half, at_ms = _game_time(note.get("gameTime"), f"{place}.gameTime")
    if "position" in note:
        at_ms = _position_ms(note["position"], f"{place}.position")
    name = entries.words(note.get("label"), f"{place}.label", "the name of a class")
    return Label(half, name, at_ms, note.get("visibility") != "not shown")


def _prediction(note: Mapping[str, object], place: str) -> Prediction:
    return Prediction(
        entries.whole(note.get("half"), f"{place}.half"),
        entries.words(note.get("label"), f"{place}.label", "the name of a class"),
        _position_ms(note.get("position"), f"{place}.position"),
        entries.number(note.get("confidence"), f"{place}.confidence"),
    )


def _game_time(value: object, place: str) -> tuple[int, int]:
    """The half, and the milliseconds from its start to the second."""
    time = _GAME_TIME.fullmatch(value.strip()) if isinstance(value, str) and value.isascii() else None
    if time is None:
        raise ValueError(f"{place}: must be a half and a time, such as 1 - 10:00")
    return int(time["half"]), 1000 * (60 * int(time["minutes"]) + int(time["seconds"]))


def _position_ms(value: object, place: str) -> int:
    position = int(entries.number(value, place, "milliseconds from the start of the half"))
    if not 0 <= position <= _MOST_MS:
        raise ValueError(f"{place}: must be milliseconds from the start of the half")
    return position


def classes_of(games: Sequence[tuple[Label, ...]]) -> tuple[str, ...]:
    """The classes that are judged: SoccerNet's 17 if a label is one of them, else all that occur, such as those of the ball."""
    names = sorted({label.name for labels in games for label in labels})
    return SOCCERNET_CLASSES if not names or set(names) & set(SOCCERNET_CLASSES) else tuple(names)


def halves_of(labels: Sequence[Label], predictions: Sequence[Prediction]) -> tuple[Half, ...]:
    """Both halves of a game, binned as SoccerNet's evaluator bins them."""
    halves = []
    for number in HALVES:
        true: dict[Key, bool] = {
            (label.name, bin_of(label.position_ms)): label.shown for label in labels if label.half == number
        }
        found: dict[Key, float] = {
            (one.name, bin_of(one.position_ms)): one.confidence for one in predictions if one.half == number
        }
        halves.append(Half(true, found))
    return tuple(halves)


@dataclass(frozen=True, slots=True)
class Files:
    """Where the files of a match begin on its clock; a single file is `half`, or if unknown the one with most labels."""

    starts_s: tuple[float, ...] = (0.0, HALF_S)
    half: int | None = None

    @classmethod
    def of(cls, recording: Recording) -> Files:
        """Those of a recording; SoccerNet names its files by the half, `2_224p.mkv`."""
        first = _HALF_FILE.match(recording.parts[0].path.name)
        return cls(tuple(part.start_s for part in recording.parts), int(first[1]) if first else None)

    def starts(self, halves: Sequence[int]) -> Mapping[int, float]:
        """Where each half begins that there is a file of; `halves` are those of the labels."""
        if len(self.starts_s) > 1:
            return dict(enumerate(self.starts_s, 1))
        return {self.half or max(halves, key=list(halves).count, default=HALVES[0]): self.starts_s[0]}


def truth_of(labels: Sequence[Label], files: Files, classes: Sequence[str] = SOCCERNET_CLASSES) -> Truth:
    """Labels as truth about the halves that there are files of.

    Kinds are named as in the soccer profile where a class is one of its kinds.
    """
    starts_s = files.starts([label.half for label in labels])
    found: dict[str, list[TrueEvent]] = {kind_of(name): [] for name in classes}
    for label in labels:
        if label.name in classes and label.half in starts_s:
            found[kind_of(label.name)].append(TrueEvent(starts_s[label.half] + label.position_ms / 1000, shown=label.shown))
    events = {kind: tuple(sorted(times, key=lambda event: event.time_s)) for kind, times in found.items()}
    return Truth(events, same_as=SAME_AS)


def kind_of(label: str) -> str:
    """The kind of a class: that of the soccer profile, or its own name as profiles write names."""
    return KINDS.get(label, "_".join(label.lower().split()))
