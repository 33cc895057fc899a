"""Drawn matches for the tests of reports: a graphic with a clock, goals, roars and replays where they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from highlights import match_report
from highlights.finders import signals
from highlights.match_report import Anchors, Applied, LineResult
from highlights.match_report.lines import of_text
from highlights.merge import merge
from highlights.profile import load
from highlights.records import Analysis, Excitement, Part, Recording, Scoreboard, ScoreChange, ScoreReading, Timeline
from highlights.spans import Span

Clock = tuple[float, float, str]
"""From this time on, the clock shows this, in this period."""

NO_GRAPHIC = Scoreboard()
NO_ANCHORS = Anchors()


def recording(duration_s: float, files: int = 1) -> Recording:
    each = duration_s / files
    parts = (Part(Path(f"half-{n}.mp4"), n * each, each, 1280, 720, Fraction(25), "h264") for n in range(files))
    return Recording(tuple(parts))


def board(
    duration_s: float, clocks: Sequence[Clock], goals: Sequence[tuple[float, str]] = (), way: int = 1, every_s: float = 20.0
) -> Scoreboard:
    """A graphic read every `every_s`; `goals` are when it changes, and whose they are. A clock that counts down stops at 0."""
    readings, changes, score = [], [], {"home": 0, "away": 0}
    times = sorted({n * every_s for n in range(int(duration_s / every_s) + 1)} | {at_s for at_s, _ in goals})
    due = dict(goals)
    for time_s in times:
        since = [clock for clock in clocks if clock[0] <= time_s]
        if not since:
            continue
        begun_s, shown_s, period = since[-1]
        clock_s = max(0.0, shown_s + way * (time_s - begun_s))
        text = f"{int(clock_s) // 60:02}:{int(clock_s) % 60:02}"
        if time_s in due:
            before, score = score, score | {due[time_s]: score[due[time_s]] + 1}
            changes.append(ScoreChange(time_s, Span(time_s - 1, time_s), before, score, text, period))
        readings.append(ScoreReading(time_s, text, dict(score), float(int(clock_s)), text, period))
    return Scoreboard((), ("ELK", "JAY"), tuple(readings), tuple(changes), (Span(0, duration_s),) if readings else ())


def crowd(duration_s: float, roars: Sequence[float]) -> Excitement:
    values = [0.0] * int(duration_s * 2)
    for at_s in roars:
        for step in range(24):
            values[int(at_s * 2) + step] = 1.0 if step < 20 else 0.5
    return Excitement(0.5, tuple(values), tuple(-30 + 20 * value for value in values))


def timeline(
    duration_s: float, scoreboard: Scoreboard = NO_GRAPHIC, roars: Sequence[float] = (), sport: str = "soccer", files: int = 1
) -> Timeline:
    """What a run finds in such a match."""
    whole, profile = recording(duration_s, files), load(sport)
    analysis = Analysis(crowd=crowd(duration_s, roars) if roars else Excitement(), scoreboard=scoreboard)
    merged = merge(signals.find(whole, profile, analysis), profile, whole, scoreboard)
    return Timeline(whole, sport, merged.events, merged.near_misses, analysis=analysis)


def half_with_goals() -> Timeline:
    """Twenty minutes from 10:00 on: a goal for ELK at 10:00 + 5:00 (15:00), one for JAY at 10:00 + 11:30 (21:30)."""
    goals = [(320.0, "home"), (710.0, "away")]
    return timeline(1200, board(1200, [(0, 600, "")], goals), [300, 690])


def take(game: Timeline, text: str, anchors: Anchors = NO_ANCHORS) -> Applied:
    profile = load(game.sport)
    lines = of_text(text, Path("report.txt"), profile, game.analysis.scoreboard.teams)
    return match_report.apply(game, profile, lines, anchors)


def only(game: Timeline, text: str, anchors: Anchors = NO_ANCHORS) -> LineResult:
    [line] = take(game, text, anchors).lines
    return line
