"""What real score graphics show, read by eye, and how well a scoreboard agrees with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from highlights.records import Scoreboard, ScoreReading

Verdict = Literal["right", "wrong", "unsure", "not found"]
VERDICTS: tuple[Verdict, ...] = ("right", "wrong", "unsure", "not found")
FIELDS = ("score", "clock", "period", "names")

CHANGE_S = 2.0  # a reading this close to a change may show either score
CLOCK_S = 2.0  # how far a clock's reading may be off


@dataclass(frozen=True, slots=True)
class Label:
    """The truth of one recording: the score from each second on, and what else its graphic shows at the beginning."""

    file: str
    sport: str
    scores: tuple[tuple[float, Mapping[str, int]], ...]
    teams: tuple[str, str] | None
    clock: str
    period: str


def read_labels(path: Path) -> list[Label]:
    """The labels of a YAML file; `real.yaml` explains its keys."""
    return [_label(file, entry) for file, entry in yaml.safe_load(path.read_text(encoding="utf-8")).items()]


def _label(file: str, entry: Mapping[str, Any]) -> Label:
    score = entry["score"]
    scores = [(0.0, score)] if isinstance(score, dict) else [(float(at), counters) for at, counters in score]
    teams = tuple(entry["teams"]) if "teams" in entry else None
    return Label(file, entry["sport"], tuple(scores), teams, entry.get("clock", ""), entry.get("period", ""))


def judge(label: Label, board: Scoreboard) -> dict[str, Verdict]:
    """For each field that the label gives: whether the scoreboard has it right."""
    verdicts: dict[str, Verdict] = {"score": _score(label, board)}
    if label.clock:
        verdicts["clock"] = _same([r.clock for r in board.readings][:1], label.clock, _clock_agrees)
    if label.period:
        verdicts["period"] = _same([r.period for r in board.readings][:1], label.period, _text_agrees)
    if label.teams:
        sides = [_same([found], truth, _text_agrees) for found, truth in zip(board.teams, label.teams, strict=True)]
        verdicts["names"] = next(v for v in ("wrong", "not found", "right") if v in sides)
    return verdicts


def _score(label: Label, board: Scoreboard) -> Verdict:
    if not board.readings:
        return "unsure" if board.doubt else "not found"
    if any(reading.counters not in _possible(label, reading) for reading in board.readings):
        return "wrong"
    missed = [at for at, truth in label.scores if not any(truth == r.counters for r in board.readings)]
    return "not found" if missed else "right"


def _possible(label: Label, reading: ScoreReading) -> list[Mapping[str, int]]:
    """The scores that a reading may show: two near a change."""
    near = (reading.time_s - CHANGE_S, reading.time_s, reading.time_s + CHANGE_S)
    return [[truth for at, truth in label.scores if at <= max(0.0, time_s)][-1] for time_s in near]


def _same(found: Sequence[str], truth: str, agrees: Any) -> Verdict:
    shown = [text for text in found if text]
    if not shown:
        return "not found"
    return "right" if all(agrees(text, truth) for text in shown) else "wrong"


def _text_agrees(found: str, truth: str) -> bool:
    return _letters(found) == _letters(truth)


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _clock_agrees(found: str, truth: str) -> bool:
    return abs(_seconds(found) - _seconds(truth)) <= CLOCK_S


def _seconds(clock: str) -> int:
    minutes, seconds = clock.split(":")
    return 60 * int(minutes) + int(seconds)
