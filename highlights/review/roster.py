"""The roster of a match: the players of both teams, in `roster.json` beside the timeline, offered while a person types.

10 Smith        7, Jones        #3 Miller (C)        Ann Lee 12        Taylor
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from highlights.media.aside import write_aside

FILE = "roster.json"
MOST_PLAYERS = 100
LONGEST_NAME = 80
LONGEST_LINE = 200
"""Characters of a line that are read: the time that a line takes grows with the square of its length."""

_NUMBER_FIRST = re.compile(r"#?(?P<number>\d{1,3})\s*[.,;:\t )-]*\s*(?P<name>\D.*)?")
_NUMBER_LAST = re.compile(r"(?P<name>.*?\D)\s*[,;:\t (#-]+\s*(?P<number>\d{1,3})\)?")
_HEADINGS = frozenset({"number", "no", "no.", "nr", "nr.", "#", "name", "player", "spieler", "nummer", "rückennummer"})


@dataclass(frozen=True, slots=True)
class Player:
    """A player; the number is empty if it is not known."""

    number: str
    name: str


@dataclass(frozen=True, slots=True)
class Team:
    """A team and its players."""

    name: str
    players: tuple[Player, ...]


def parsed(texts: Iterable[tuple[str, str]]) -> tuple[Team, ...]:
    """The teams out of their names and the players as pasted, one in each line, or as CSV with number and name."""
    return tuple(Team(name.strip(), _players(text)) for name, text in texts)


def read(folder: Path) -> tuple[Team, ...]:
    """The roster in a folder; empty if there is none, or it cannot be read."""
    try:
        file = _RosterFile.model_validate_json((folder / FILE).read_bytes())
    except (OSError, ValidationError):
        return ()
    return tuple(Team(team.name, tuple(Player(one.number, one.name) for one in team.players)) for team in file.teams)


def write(folder: Path, teams: Sequence[Team]) -> None:
    """Write the roster into a folder.

    Raises:
        OutputError: it cannot be written.
    """
    with write_aside(folder / FILE) as aside:
        aside.write_text(json.dumps({"teams": as_json(teams)}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def as_json(teams: Sequence[Team]) -> list[dict[str, object]]:
    """The roster as plain JSON."""
    return [asdict(team) for team in teams]


def _players(text: str) -> tuple[Player, ...]:
    lines = (" ".join(line.replace('"', " ").split())[:LONGEST_LINE] for line in text.splitlines())
    found = (_player(line) for line in lines if line)
    return tuple(dict.fromkeys(player for player in found if player))[:MOST_PLAYERS]


def _player(line: str) -> Player | None:
    """The player of a line; None for the heading of a table."""
    if {word.strip().lower() for word in re.split(r"[,;\t]", line)} <= _HEADINGS:
        return None
    match = _NUMBER_FIRST.fullmatch(line) or _NUMBER_LAST.fullmatch(line)
    number, name = (match["number"], match["name"] or "") if match else ("", line)
    return Player(number, name.strip(" ,;:.-(\t")[:LONGEST_NAME])


class _PlayerFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    number: str
    name: str


class _TeamFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    players: list[_PlayerFile]


class _RosterFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    teams: list[_TeamFile]
