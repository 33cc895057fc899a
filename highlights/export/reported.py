"""A match report imported into a timeline: its events become events of the timeline, whose clips are rebuilt."""

from __future__ import annotations

from pathlib import Path

from highlights import match_report
from highlights.errors import FormatError
from highlights.export import edited
from highlights.export.cut_list import Of
from highlights.export.edited import Outcome, with_clips
from highlights.export.formats import recognised
from highlights.export.naming import one_line
from highlights.export.row import Edited
from highlights.match_report import GivenReport, LineResult
from highlights.match_report.lines import of_text
from highlights.profile import load
from highlights.records import Timeline
from highlights.spans import clock

REPORT = "report"
"""The name of the format; it can be imported, not exported."""


def is_report(given: GivenReport, sport: str) -> bool:
    """Whether a file of no known format has a line that can be read as one of a match report.

    Raises:
        FormatError: it cannot be read.
    """
    content = Edited.at(given.path)
    try:
        recognised(content)
    except FormatError:
        pass
    else:
        return False
    try:
        return any(line.time and not line.fault for line in of_text(content.text, given.path, load(sport)))
    except FormatError:
        return False


def read(
    timeline: Timeline, given: GivenReport, reel: Path, *, name: str | None, of: Of | None, part: int | None, sport: str | None
) -> Outcome:
    """The timeline with what a file of another program changes, or with the events of a match report, by its format.

    Raises:
        FormatError: the file cannot be used.
        ProfileError: the profile of the sport cannot be used.
    """
    if name == REPORT or (name is None and is_report(given, sport or timeline.sport)):
        return taken_over(timeline, given, sport)
    return edited.read(timeline, given.path, reel, name=name, of=of, part=part, sport=sport)


def taken_over(timeline: Timeline, given: GivenReport, sport: str | None) -> Outcome:
    """The timeline with the events of a report.

    Raises:
        FormatError: the report cannot be used.
        ProfileError: the profile of the sport cannot be used.
    """
    profile = load(sport or timeline.sport)
    applied = match_report.take_over(timeline, profile, given)
    changes = [_change(line) for line in applied.lines if line.state in ("matched", "added")]
    unused = tuple(match_report.unsettled(applied, given.path))
    notes = tuple(f"{given.path.name}: {note}" for note in applied.notes)
    made = timeline if applied.timeline is timeline else with_clips(timeline, applied.timeline, profile)
    return Outcome(made, tuple(changes), unused, notes)


def _change(line: LineResult) -> str:
    told = "is in the report" if line.state == "matched" else "added"
    return f"{clock(line.at_s or 0.0)} {one_line(line.event)}: {told}, line {line.number}" + (
        f" ({line.reason})" if line.reason else ""
    )
