"""Matches made up by code, as a run would have found them: ten minutes in one file, ninety in two."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from pathlib import Path

from highlights.analysis.score.notation import score_text
from highlights.finders.evidence import PRIOR
from highlights.records import (
    Analysis,
    AudioTrack,
    Box,
    Clip,
    Event,
    Excitement,
    Fault,
    Moment,
    Part,
    Recording,
    Replay,
    Scene,
    Scoreboard,
    ScoreChange,
    ScoreReading,
    Timeline,
    Tone,
)
from highlights.spans import Span

TEAMS = ("ARS", "CHE")
FINDERS = ("signals", "Marlin-2B (1a2b3c4, bfloat16 on cuda)")
SEEN = (
    "A striker in red turns past two defenders at the edge of the box and lifts the ball over the keeper into the far corner."
)
SOUND = (AudioTrack(0, 1, "aac", 2, 48000, "eng"),)


def part(path: Path, start_s: float, duration_s: float) -> Part:
    return Part(path, start_s, duration_s, 1280, 720, Fraction(25), "h264", audio_tracks=SOUND, audio_track=0)


def short_match(recording: Path) -> Timeline:
    """Ten minutes, a goal for each side, each shown twice again."""
    cuts = [6.2, 12.4, 27.6, 37.24, 45.36, 55.68, 70.88, 79.8, 86.48, 92.72, 115.84, 128.44, 161.64, 170.94, 180.44, 188.2]
    cuts += [197.72, 207.08, 213.36, 226.84, 234.36, 242.76, 250.84, 258.24, 272.04, 281.44, 307.6, 325.68, 332.68, 359.72]
    cuts += [368.64, 375.8, 395.24, 404.64, 437.84, 447.14, 456.64, 464.92, 475.24, 481.44, 491.64, 500.36, 519.6, 547.44]
    cuts += [554.04, 578.28, 585.56, 592.6]
    return match(
        Recording((part(recording, 0.0, 600.0),)),
        cuts=cuts,
        goals=[(134.74, 155.93, "home"), (410.94, 429.31, "away")],
        replays=[(161.64, 170.74), (170.94, 179.34), (437.84, 446.94), (447.14, 455.54)],
        near_misses=[("goal", 306.9, "no change of the score followed"), ("goal", 548.2, "only the crowd speaks for it")],
        seed=7,
        kick_off_s=-1310.0,
    )


def long_match(first_half: Path, second_half: Path, seed: int = 1) -> Timeline:
    """Ninety-six minutes in two files, two thousand scenes."""
    chance = random.Random(seed)
    recording = Recording((part(first_half, 0.0, 2830.48), part(second_half, 2830.48, 2955.2)))
    cuts = [2830.48]
    at_s = 0.0
    while (at_s := round(at_s + 0.8 + chance.expovariate(1 / 2.2), 2)) < recording.duration_s - 2:
        cuts.append(at_s)
    goals, replays, misses = [], [], []
    for number, at in enumerate(120.0 * minute + 7.32 for minute in sorted(chance.sample(range(1, 47), 7))):
        goals.append((round(at, 2), round(at + 19.4, 2), "home" if number % 3 else "away"))
        replays += [(round(at + 24, 2), round(at + 33, 2)), (round(at + 33.2, 2), round(at + 41, 2))]
    for _ in range(9):
        misses.append(("goal", round(chance.uniform(60, 5700), 2), "no change of the score followed"))
    return match(recording, sorted(cuts), goals, replays, sorted(misses, key=lambda miss: miss[1]), seed, 0.0)


def match(
    recording: Recording,
    cuts: list[float],
    goals: list[tuple[float, float, str]],
    replays: list[tuple[float, float]],
    near_misses: list[tuple[str, float, str]],
    seed: int,
    kick_off_s: float,
) -> Timeline:
    """A match with these goals as `(instant, shown on the graphic, team)`; `kick_off_s` is where the game clock is zero."""
    changes = score_changes(goals, kick_off_s)
    events = tuple(goal(change, at_s, team) for change, (at_s, _, team) in zip(changes, goals, strict=True))
    analysis = Analysis(
        scenes=scenes(recording, cuts, {start_s for start_s, _ in replays}),
        crowd=crowd(recording.duration_s, [at_s for at_s, _, _ in goals], [at_s for _, at_s, _ in near_misses], seed),
        tones=tuple(Tone("whistle", Span(at_s - 4, at_s - 3.2), 0.8) for at_s, _, _ in goals),
        scoreboard=scoreboard(recording, changes, replays, kick_off_s),
        replays=tuple(
            Replay(Span(*replay), 0.93, "the graphic is gone and pictures from before come again") for replay in replays
        ),
        faults=(Fault(recording.parts[-1].path, "a sound packet could not be decoded", 3),),
    )
    clips = tuple(
        Clip(
            event.span,
            (number,),
            f"{event.title} {event.team}",
            f"{event.game_clock} · {event.score}",
            recording.part_at(event.peak_s),
        )
        for number, event in enumerate(events)
    )
    misses = tuple(near_miss(*miss) for miss in near_misses)
    return Timeline(recording, "soccer", events, misses, clips, analysis, FINDERS)


def game_clock(time_s: float, kick_off_s: float) -> str:
    minutes, seconds = divmod(int(time_s - kick_off_s), 60)
    return f"{minutes}:{seconds:02}"


def score_changes(goals: list[tuple[float, float, str]], kick_off_s: float) -> tuple[ScoreChange, ...]:
    changes, score = [], {"home": 0, "away": 0}
    for at_s, shown_s, team in goals:
        before, score = score, score | {team: score[team] + 1}
        clock = game_clock(shown_s, kick_off_s)
        changes.append(ScoreChange(shown_s, Span(at_s - 3, shown_s + 0.5), before, score, clock, "1", 0.98))
    return tuple(changes)


def goal(change: ScoreChange, at_s: float, team: str) -> Event:
    span = Span(at_s - 9, at_s + 17)
    after, before = (score_text(score) for score in (change.after, change.before))
    evidence = (
        Moment("goal", change.seen, at_s, "score", 3.2, f"the score went from {before} to {after}", team),
        Moment("goal", Span(at_s - 1, at_s + 9), at_s, "crowd", 1.6, "the crowd roars, 0.94 of its loudest"),
        Moment("goal", Span(at_s + 27, at_s + 45), at_s, "replay", 0.9, "shown again twice within a minute"),
        Moment("goal", Span(at_s - 4, at_s - 3), at_s - 4, "whistle", -0.4, "a whistle four seconds before"),
    )
    confidence = 1 / (1 + math.exp(-(PRIOR + sum(moment.weight for moment in evidence))))
    return Event(
        name="goal",
        title="Goal",
        span=span,
        peak_s=at_s,
        confidence=round(confidence, 3),
        evidence=evidence,
        priority=10,
        team=TEAMS[team == "away"],
        game_clock=change.clock,
        period=change.period,
        score=after,
        description=SEEN,
    )


def near_miss(name: str, at_s: float, why_not: str) -> Event:
    evidence = (
        Moment(name, Span(at_s - 2, at_s + 6), at_s, "crowd", 1.4, "the crowd roars, 0.71 of its loudest"),
        Moment(name, Span(at_s - 9, at_s + 40), at_s, "score", -2.5, "the score stayed as it was"),
    )
    return Event(name, "Goal", Span(at_s - 9, at_s + 12), at_s, 0.25, evidence, why_not=why_not)


def scenes(recording: Recording, cuts: list[float], gradual: set[float]) -> tuple[Scene, ...]:
    starts = sorted({0.0, *cuts})
    ends = [*starts[1:], recording.duration_s]
    first = {part.start_s for part in recording.parts}
    kinds = ["start" if start_s in first else "gradual" if start_s in gradual else "cut" for start_s in starts]
    spans = [Span(start_s, end_s) for start_s, end_s in zip(starts, ends, strict=True)]
    return tuple(Scene(span, recording.part_at(span.start_s), kind) for span, kind in zip(spans, kinds, strict=True))


def crowd(duration_s: float, roars: list[float], oohs: list[float], seed: int) -> Excitement:
    chance, level, values = random.Random(seed), 0.0, []
    for step in range(int(duration_s * 2)):
        time_s = step / 2
        level = 0.9 * level + chance.gauss(0, 0.035)
        roar = max((swell(time_s - at_s, 1.0) for at_s in roars), default=0.0)
        ooh = max((swell(time_s - at_s, 0.7) for at_s in oohs), default=0.0)
        values.append(round(min(1.0, max(-0.2, level + roar + ooh)), 3))
    return Excitement(0.5, tuple(values), tuple(round(-27 + 13 * value, 3) for value in values))


def swell(since_s: float, height: float) -> float:
    if since_s < -2:
        return 0.0
    return height * (since_s + 2) / 3 if since_s < 1 else height * math.exp(-(since_s - 1) / 9)


def scoreboard(
    recording: Recording, changes: tuple[ScoreChange, ...], replays: list[tuple[float, float]], kick_off_s: float
) -> Scoreboard:
    visible, at_s = [], 4.0
    for start_s, end_s in replays:
        visible.append(Span(at_s, start_s))
        at_s = end_s
    visible.append(Span(at_s, recording.duration_s))
    readings = [reading(4.0, {"home": 0, "away": 0}, kick_off_s)]
    for change in changes:
        readings += [reading(change.shown_s - 30, change.before, kick_off_s), reading(change.shown_s, change.after, kick_off_s)]
    readings.append(reading(recording.duration_s - 1, readings[-1].counters, kick_off_s))
    return Scoreboard((Box(64, 40, 380, 76),), TEAMS, tuple(readings), changes, tuple(visible))


def reading(time_s: float, counters: dict[str, int], kick_off_s: float) -> ScoreReading:
    clock = game_clock(time_s, kick_off_s)
    text = f"{clock} {TEAMS[0]} {counters['home']}-{counters['away']} {TEAMS[1]}"
    return ScoreReading(time_s, text, dict(counters), float(int(time_s - kick_off_s)), clock, "1")
