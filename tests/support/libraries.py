"""Result folders for tests of the library: timelines of a drawn recording, without a run."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from highlights.export import timeline_csv, timeline_json
from highlights.media.probe import open_recording
from highlights.records import Analysis, Event, Moment, Scoreboard, ScoreReading, Timeline
from highlights.spans import Span

TEAMS = ("ELK", "JAY")


def event(title: str, peak_s: float, **words: str) -> Event:
    """An event around an instant, with some of its texts."""
    name = title.lower().replace(" ", "_")
    span = Span(max(0.0, peak_s - 0.5), peak_s + 0.5)
    return Event(name, title, span, peak_s, 0.9, (Moment(name, span, peak_s, "crowd", 3.0, "the crowd roared"),), **words)


def put_match(library: Path, name: str, recording: Path, events: Sequence[Event], teams: tuple[str, str] = TEAMS) -> Path:
    """A result folder with a timeline of these events of `recording`, which stays where it is."""
    folder = library / name
    folder.mkdir(parents=True)
    readings = (
        ScoreReading(1.0, "ELK 0-0 JAY", {"home": 0, "away": 0}),
        ScoreReading(2.0, "ELK 2-1 JAY", {"home": 2, "away": 1}),
    )
    board = Scoreboard(teams=teams, readings=readings)
    timeline = Timeline(open_recording([recording]), "soccer", events=tuple(events), analysis=Analysis(scoreboard=board))
    timeline_json.write(timeline, folder / "timeline.json")
    timeline_csv.write(timeline, folder / "timeline.csv")
    return folder


def copied(library: Path, folder: Path, name: str) -> Path:
    """A copy of a result folder under another name."""
    return Path(shutil.copytree(folder, library / name))
