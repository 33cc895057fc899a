"""The report that a run or an import is given, and the messages about its result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from highlights.choices import Times
from highlights.match_report.anchors import read_anchors
from highlights.match_report.apply import Applied, LineResult, State, apply
from highlights.match_report.game_times import KickOff
from highlights.match_report.lines import read
from highlights.profile import Profile
from highlights.records import Timeline

MOST_TOLD = 12  # lines and notes that are printed one by one
STATES: dict[State, str] = {
    "matched": "found before",
    "added": "added",
    "doubtful": "in doubt",
    "contradicts": "against the score graphic",
    "unreadable": "not understood",
}


@dataclass(frozen=True, slots=True)
class GivenReport:
    """The file of a match report, and how its times are to be read: see `Anchors`."""

    path: Path
    kick_offs: tuple[KickOff, ...] = ()
    times: Times = "auto"
    starts_at_s: float | None = None


def take_over(timeline: Timeline, profile: Profile, report: GivenReport) -> Applied:
    """The timeline with the events of a report.

    Raises:
        FormatError: the report cannot be used.
    """
    lines = read(report.path, profile, timeline.analysis.scoreboard.teams)
    anchors = read_anchors(timeline.recording, report.kick_offs, report.times, report.starts_at_s)
    return apply(timeline, profile, lines, anchors)


def told(applied: Applied, path: Path) -> tuple[str, ...]:
    """A few lines about what became of a report: how many lines of each state, then what is not simply so."""
    counts = ", ".join(f"{applied.count(state)} {words}" for state, words in STATES.items() if applied.count(state))
    each = [*unsettled(applied, path), *(f"{path.name}: {note}" for note in applied.notes)]
    more = [f"{path.name}: and {len(each) - MOST_TOLD} more"] if len(each) > MOST_TOLD else []
    return (f"{path.name}: {counts or 'no event'}", *each[:MOST_TOLD], *more)


def unsettled(applied: Applied, path: Path) -> Iterator[str]:
    """Each line that is not simply an event, as `file:line: what it says: why not`."""
    for line in applied.lines:
        if line.state in ("doubtful", "contradicts", "unreadable"):
            yield f"{path.name}:{line.number}: {_short(line)}: {line.reason}"


def _short(line: LineResult) -> str:
    return line.text if len(line.text) <= 60 else f"{line.text[:57]}..."
