"""What is read from a recording's score graphic in a few pictures, and what is taken for the score: for `highlights doctor`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from highlights.analysis.score.cells import cell_around, share_of
from highlights.analysis.score.interpret import GraphicScore, doubt_of, ranked_scores
from highlights.analysis.score.locate import Graphic, find_graphics, read_rows
from highlights.analysis.score.slots import GraphicReading, Slot, in_balls
from highlights.analysis.score.survey import Picture, survey
from highlights.analysis.score.tokens import TextRow, Token, join_cells
from highlights.profile import Profile
from highlights.profile.rules import Place, box_of
from highlights.progress import Progress, no_progress
from highlights.records import Box, Counter, Recording

APART_S = 4.0  # between two pictures, for the rules of clocks and scores; the true distance depends on the recording


@dataclass(frozen=True, slots=True)
class Reading:
    """One score graphic: its `place`, in how many of the pictures it was found, and its rows in the one with most text."""

    place: Place
    found_in: int
    pictures: int
    rows: tuple[str, ...]
    box: Box
    """The place in pixels of the surveyed pictures."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The graphics of a recording, and what is taken for the score.

    `counters` gives the value and the place of each; `doubt` says why they would not be used, and is empty if they would.
    """

    readings: tuple[Reading, ...]
    counters: Mapping[Counter, tuple[int, Place]]
    teams: tuple[str, str]
    doubt: str
    picture: Picture | None
    """One of the pictures with a graphic: uint8 [height, width, 3], BGR."""


def diagnose(recording: Recording, profile: Profile, progress: Progress = no_progress) -> Diagnosis:
    """Read the score graphic in pictures spread over the recording, as a run would, and say what is taken for the score.

    Raises:
        RecordingError: nothing of the recording can be read.
    """
    surveyed = survey(recording, lambda time_s: progress("score graphic", time_s / recording.duration_s))
    pictures = max(surveyed.values(), key=len, default=[])
    if not pictures:
        return Diagnosis((), {}, ("", ""), "", None)
    height, width = pictures[0].shape[:2]
    rules = profile.scoreboard
    read = [
        (graphic, read_graphic(graphic, pictures))
        for graphic in find_graphics(pictures, box_of(rules.pinned, width, height) if rules.pinned else None)
    ]
    scores = ranked_scores(read, rules, (width, height))
    readings = tuple(_reading(graphic, looks, len(pictures), (width, height)) for graphic, looks in read)
    if not scores:
        return Diagnosis(readings, {}, ("", ""), "", pictures[len(pictures) // 2])
    best = scores[0]
    return Diagnosis(readings, _counted(best, (width, height)), best.teams, doubt_of(scores), pictures[best.readable[-1]])


def read_graphic(graphic: Graphic, pictures: Sequence[Picture]) -> list[GraphicReading]:
    """What a graphic shows in each of the pictures."""
    looks = []
    for number, picture in enumerate(pictures):
        rows = read_rows([picture[b.y0 : b.y1, b.x0 : b.x1] for b in graphic.rows], graphic.rows)
        looks.append(GraphicReading(number * APART_S, (number + 0.9) * APART_S, join_cells(rows)))
    return looks


def _reading(graphic: Graphic, looks: Sequence[GraphicReading], pictures: int, size: tuple[int, int]) -> Reading:
    x0, y0 = min(b.x0 for b in graphic.rows), min(b.y0 for b in graphic.rows)
    x1, y1 = max(b.x1 for b in graphic.rows), max(b.y1 for b in graphic.rows)
    fullest = max(looks, key=lambda look: (sum(len(row.tokens) for row in look.rows), look.time_s))
    rows = tuple(row.text for row in fullest.rows if row.text)
    return Reading(share_of(x0, y0, x1, y1, size), graphic.support, pictures, rows, Box(x0, y0, x1, y1))


def _counted(score: GraphicScore, size: tuple[int, int]) -> dict[Counter, tuple[int, Place]]:
    """The value of each counter, and the cell around its number, half-way to its neighbours at most."""
    last = {
        name: (slot.tokens[max(slot.tokens)], _row(score, slot)) for name, slot in score.slots.counters.items() if slot.tokens
    }
    found = {name: (token, row) for name, (token, row) in last.items() if _is_shown(token, row)}
    counters = {}
    for name, (token, row) in found.items():
        beside = [
            (other.x + token.x) / 2
            for other, their_row in found.values()
            if abs(their_row.y - row.y) < row.size / 2 and other is not token
        ]
        counters[name] = token.value, cell_around(token, row, beside, size)
    return counters


def _is_shown(token: Token, row: TextRow) -> bool:
    """Whether the number itself is on the graphic: sets won may be counted from the games of each set."""
    numbers = [in_balls(other) if other.kind == "decimal" else other for other in row.tokens]
    return any(number.value == token.value and abs(number.x - token.x) < 1 for number in numbers)


def _row(score: GraphicScore, slot: Slot) -> TextRow:
    """The row in which a slot was read last."""
    return score.readings[max(slot.tokens)].rows[slot.row]
