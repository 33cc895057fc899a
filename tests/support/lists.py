"""Matches with clips at chosen times, for lists that other programs read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from highlights.export import formats
from highlights.export.cut_list import Of
from highlights.profile import load
from highlights.records import Analysis, AudioTrack, Clip, Event, Moment, Part, Recording, Scoreboard, Timeline
from highlights.spans import Span
from highlights.timeline import build

REEL = Path("no such reel.mp4")
RATES = [
    Fraction(24_000, 1001),
    Fraction(24),
    Fraction(25),
    Fraction(30_000, 1001),
    Fraction(30),
    Fraction(50),
    Fraction(60_000, 1001),
    Fraction(60),
]
NAMES = [
    "half one.mp4",
    'it\'s "the" final.mp4',
    "Brighton & Hove <1>.mp4",
    "鹿島アントラーズ 第一.mp4",
    "⚽😀 100%#?.mp4",
]
STEREO = AudioTrack(0, 1, "aac", 2, 48_000)


def part(
    path: Path | str, duration_s: float = 3000.0, start_s: float = 0.0, rate: Fraction = Fraction(25), sound: int = 1
) -> Part:
    tracks = tuple(replace(STEREO, number=number, stream_index=number + 1) for number in range(sound))
    return Part(
        Path(path), start_s, duration_s, 1280, 720, rate, "h264", audio_tracks=tracks, audio_track=0 if tracks else None
    )


def event(peak_s: float, name: str = "goal", title: str = "", **more: object) -> Event:
    claim = Moment(name, Span(peak_s - 1, peak_s + 1), peak_s, "crowd", 2.0, f"a roar at {peak_s:g}")
    title = title or name.replace("_", " ").capitalize()
    return Event(name, title, Span(peak_s - 1, peak_s + 1), peak_s, 0.9, (claim,), **more)  # type: ignore[arg-type]


def match(events: Sequence[Event], *parts: Part, teams: tuple[str, str] = ("ARS", "CHE"), rolls: bool = True) -> Timeline:
    """A soccer match with its clips as the profile cuts them, or exactly as long as the events."""
    recording = Recording(parts or (part("match.mp4"),))
    analysis = Analysis(scoreboard=Scoreboard(teams=teams))
    if rolls:
        return build(recording, load("soccer"), tuple(events), (), analysis)
    clips = tuple(Clip(e.span, (n,), e.title, "", recording.part_at(e.peak_s)) for n, e in enumerate(events))
    return Timeline(recording, "soccer", tuple(events), (), clips, analysis)


def exported(timeline: Timeline, name: str, folder: Path, of: Of | None = None, part: int | None = None) -> Path:
    """The file of a timeline in a format."""
    target = folder / f"list{formats.FORMATS[name].suffix}"
    formats.export(timeline, formats.choice(name, of, part, target), target, REEL)
    return target
