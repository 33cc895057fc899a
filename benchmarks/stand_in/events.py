"""Analyses of matches built by code: score changes, roars, replays, tones at known times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

from highlights.finders import signals
from highlights.merge import Merged, merge
from highlights.profile import load
from highlights.records import (
    Analysis,
    Event,
    Excitement,
    Moment,
    Part,
    Recording,
    Replay,
    Scene,
    Scoreboard,
    ScoreChange,
    ScoreReading,
    Tone,
)
from highlights.spans import Span, gaps

STEP_S = 0.5
profile = cache(load)


def recording(*parts_s: float) -> Recording:
    """A recording with parts of these durations in seconds; one of ten minutes by default."""
    parts, start_s = [], 0.0
    for number, length_s in enumerate(parts_s or (600.0,)):
        parts.append(Part(Path(f"part{number}.mp4"), start_s, length_s, 1280, 720, Fraction(25), "h264"))
        start_s += length_s
    return Recording(tuple(parts))


def change(
    shown_s: float, before: dict[str, int], after: dict[str, int], *, hidden_s: float = 0.2, confidence: float = 1.0
) -> ScoreChange:
    """A change first seen `hidden_s` after the last reading of the old score."""
    seen = Span(max(0.0, shown_s - hidden_s), shown_s)
    return ScoreChange(seen.end_s if hidden_s <= 1 else seen.middle_s, seen, before, after, confidence=confidence)


def goals(*shown: tuple[float, int, int]) -> tuple[ScoreChange, ...]:
    """Changes of `home` and `away`, from 0–0 on, as (shown, home, away)."""
    scores = [(0, 0), *((home, away) for _, home, away in shown)]
    return tuple(
        change(at_s, {"home": b[0], "away": b[1]}, {"home": home, "away": away})
        for b, (at_s, home, away) in zip(scores, shown, strict=False)
    )


def board(
    *changes: ScoreChange, until_s: float = 600.0, teams: tuple[str, str] = ("ELK", "JAY"), from_s: float = 0.0
) -> Scoreboard:
    """A graphic that is always visible, except during the spans in which a change was hidden."""
    hidden = [c.seen for c in changes if c.seen.length_s > 1]
    first = changes[0].before if changes else {"home": 0, "away": 0}
    looks = [(from_s, first), *((c.seen.end_s, c.after) for c in changes), (until_s, changes[-1].after if changes else first)]
    readings = tuple(
        ScoreReading(t, "", counters, 3600 + t, f"{60 + int(t) // 60}:{int(t) % 60:02}", "2ND") for t, counters in looks
    )
    return Scoreboard((), teams, readings, changes, tuple(gaps(hidden, Span(from_s, until_s))))


def crowd(duration_s: float, *roars: tuple[float, float]) -> Excitement:
    """A murmur with roars at these (instant, duration), all at full level."""
    steps = range(round(duration_s / STEP_S))
    loud = [any(at_s <= i * STEP_S < at_s + length_s for at_s, length_s in roars) for i in steps]
    return Excitement(STEP_S, tuple(1.0 if x else 0.0 for x in loud), tuple(-18.0 if x else -30.0 for x in loud))


def replay(start_s: float, end_s: float, confidence: float = 0.9) -> Replay:
    return Replay(Span(start_s, end_s), confidence, "a dissolve or wipe at both ends")


def tone(kind: str, start_s: float) -> Tone:
    return Tone("buzzer" if kind == "buzzer" else "whistle", Span(start_s, start_s + 1), 1.0)


def scenes(*cuts_s: float, until_s: float = 600.0) -> tuple[Scene, ...]:
    """Scenes that begin at 0 and at these cuts."""
    edges = [0.0, *cuts_s, until_s]
    kinds = ["start", *["cut"] * len(cuts_s)]
    return tuple(Scene(Span(a, b), 0, k) for a, b, k in zip(edges, edges[1:], kinds, strict=False))  # type: ignore[arg-type]


def found(analysis: Analysis, sport: str = "soccer", match: Recording | None = None) -> list[Moment]:
    """The moments that the signals claim."""
    return signals.find(match or recording(), profile(sport), analysis)


def merged(analysis: Analysis, sport: str = "soccer", match: Recording | None = None) -> Merged:
    """The events that the merger makes of the signals."""
    match = match or recording()
    return merge(found(analysis, sport, match), profile(sport), match, analysis.scoreboard)


def named(events: Sequence[Event], name: str) -> list[Event]:
    return [event for event in events if event.name == name]


def event(peak_s: float, name: str = "goal", *, around_s: float = 4.0, **fields: object) -> Event:
    """An event with its span around the instant."""
    priority = {"goal": 10, "save": 6, "shot": 5}[name]
    span = Span(max(0.0, peak_s - around_s), peak_s + around_s)
    base = Event(name, name.capitalize(), span, peak_s, 0.9, (), priority)
    return replace(base, **fields)  # type: ignore[arg-type]
