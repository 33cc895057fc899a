"""What the library tells about a match, and about each of its events: read from its timeline, kept in the index."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from highlights.analysis.score.notation import score_text
from highlights.batch.folders import RESULT
from highlights.errors import HighlightsError
from highlights.export import recording_places
from highlights.media.probe import file_clock
from highlights.records import Event, Recording, Timeline
from highlights.spans import Span
from highlights.systems import text_of_path
from highlights.timeline import moments_note

_WRITTEN = re.compile(r"(?P<minute>\d{1,3})(\+(?P<added>\d{1,2}))?'")
"""A minute as a match report gives it, where the graphic showed none."""


@dataclass(frozen=True, slots=True)
class MatchEntry:
    """A match. `score` is the last one on the graphic, `date` an ISO date, `kinds` the number of events by title.

    `undecided` counts the events that no person has accepted yet. `missing` are recordings that are not where they were.
    `error` says why the timeline cannot be read; all but the name is empty then.
    """

    name: str
    sport: str = ""
    teams: tuple[str, ...] = ()
    score: str = ""
    date: str = ""
    length_s: float = 0.0
    kinds: dict[str, int] = field(default_factory=dict)
    undecided: int = 0
    note: str = ""
    reel: bool = False
    recordings: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    picture_s: float = 0.0
    error: str = ""


@dataclass(frozen=True, slots=True)
class EventEntry:
    """An event of a match as it can be found: `number` is its index in the timeline, `in_s` and `out_s` its clip.

    `minute` is the minute of the game clock, or of the recording without one. `state` are words for what it did to the score.
    `part` is the file of the recording that the clip is in, `file_s` where it begins on that file's own clock.
    """

    number: int
    kind: str
    title: str
    in_s: float
    out_s: float
    peak_s: float
    part: int = 0
    file_s: float = 0.0
    team: str = ""
    player: str = ""
    score: str = ""
    clock: str = ""
    period: str = ""
    description: str = ""
    minute: int = 0
    state: str = ""
    status: str = "found"
    confidence: float = 0.0


def read_match(folder: Path) -> tuple[MatchEntry, tuple[EventEntry, ...]]:
    """The match in a result folder and its events; never raises for a damaged one."""
    if (plain := text_of_path(folder.name)) != folder.name:
        return MatchEntry(plain, error="the name of its folder is not UTF-8: rename the folder"), ()
    try:
        timeline = recording_places.read(folder / RESULT)
    except HighlightsError as error:
        return MatchEntry(folder.name, error=str(error)), ()
    return _match(folder, timeline), () if timeline.only_moments else _events(timeline)


def _match(folder: Path, timeline: Timeline) -> MatchEntry:
    board, recording = timeline.analysis.scoreboard, timeline.recording
    titles = [] if timeline.only_moments else [event.title for event in timeline.events]
    return MatchEntry(
        name=folder.name,
        sport=timeline.sport,
        teams=tuple(team for team in board.teams if team),
        score=score_text(board.readings[-1].counters) if board.readings else "",
        date=_date(recording, folder / RESULT),
        length_s=recording.duration_s,
        kinds={title: titles.count(title) for title in dict.fromkeys(titles)},
        undecided=0 if timeline.only_moments else sum(event.status == "found" for event in timeline.events),
        note=moments_note(timeline),
        reel=(folder / "reel.mp4").is_file(),
        recordings=tuple(str(part.path) for part in recording.parts),
        missing=tuple(part.path.name for part in recording.parts if not part.path.is_file()),
        picture_s=timeline.events[0].peak_s if timeline.events else recording.duration_s / 2,
    )


def _date(recording: Recording, result: Path) -> str:
    """The day the recording was made, as the camera wrote it; else that of the file, or of the result."""
    path = recording.parts[0].path
    with suppress(HighlightsError, OSError):
        if (recorded_s := file_clock(path).recorded_s) is not None:
            return datetime.fromtimestamp(recorded_s).date().isoformat()
    with suppress(OSError):
        return datetime.fromtimestamp((path if path.is_file() else result).stat().st_mtime).date().isoformat()
    return ""


def _events(timeline: Timeline) -> tuple[EventEntry, ...]:
    clips = {index: clip.span for clip in timeline.clips if not clip.replay for index in clip.events}
    states = _states(timeline.events)
    return tuple(
        _event(number, event, event.shown or clips.get(number, event.span), states[number], timeline.recording)
        for number, event in enumerate(timeline.events)
    )


def _event(number: int, event: Event, shown: Span, state: str, recording: Recording) -> EventEntry:
    part = recording.part_at(shown.middle_s)
    file = recording.parts[part]
    return EventEntry(
        number=number,
        kind=event.name,
        title=event.title,
        in_s=shown.start_s,
        out_s=shown.end_s,
        peak_s=event.peak_s,
        part=part,
        file_s=round(shown.start_s - file.start_s + file.first_pts_s, 3),
        team=event.team,
        player=event.player,
        score=event.score,
        clock=event.game_clock,
        period=event.period,
        description=event.description,
        minute=_minute(event),
        state=state,
        status=event.status,
        confidence=event.confidence,
    )


def _minute(event: Event) -> int:
    """The minute in which an event lies, counted from 1 as reports do; those write `69'` and `45+2'`."""
    if minute := _WRITTEN.fullmatch(event.game_clock):
        return int(minute["minute"]) + int(minute["added"] or 0)
    minutes, _, seconds = event.game_clock.partition(":")
    if _is_number(minutes.strip()) and seconds[:2].isdecimal():
        return int(minutes) + 1
    return int(event.peak_s // 60) + 1


def _states(events: Sequence[Event]) -> list[str]:
    """What each event did to a score of two numbers: opener, equaliser, lead; empty for any other."""
    states, before = [], (0, 0)
    for event in events:
        after = _pair(event.score)
        states.append(_state(before, after) if after else "")
        before = after or before
    return states


def _pair(score: str) -> tuple[int, int] | None:
    home, dash, away = score.partition("–")
    return (int(home), int(away)) if dash and _is_number(home) and _is_number(away) else None


def _is_number(text: str) -> bool:
    """Whether a text, which may be a person's, is a number of minutes or of points: the index has no room for any other."""
    return text.isdecimal() and len(text) <= 6


def _state(before: tuple[int, int], after: tuple[int, int]) -> str:
    if after == before or after < before:
        return ""
    if after[0] == after[1]:
        return "equaliser equalizer"
    if not sum(before) and min(after):
        return ""  # the recording begins later, or what led to this score was not found
    words = ["opener"] if sum(before) == 0 else []
    return " ".join([*words, "lead"] if before[0] == before[1] else words)
