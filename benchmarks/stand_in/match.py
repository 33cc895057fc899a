"""A match by seed: true events, look-alikes, and the signals that a broadcast would show.

goal        ├─┤             ├─┤          every kind of soccer.yaml: about fifty events in ninety minutes
look-alike      ├──┤ ├─┤          ├─┤    four times as many of each kind: other events, celebrations, replays
graphic          │               │       the score changes after every goal
crowd       ▁▂█▆▃   ▂▅▂     ▁█▆▃         roars at most goals, at some shots and saves, sometimes at nothing
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from benchmarks.stand_in import events
from highlights.evaluation.truth import Truth, truth_of_times
from highlights.profile import Profile
from highlights.records import Analysis, Excitement, Recording, Replay, Scene, ScoreChange, Tone
from highlights.spans import Span

MATCH_S = 5400.0
STEP_S = 0.5


@dataclass(frozen=True, slots=True)
class Kind:
    """How often a kind occurs in ninety minutes, for how long, and the probability of each signal."""

    often: tuple[int, int]
    lasts_s: tuple[float, float]
    roar: float = 0.0
    loud: tuple[float, float] = (0.5, 0.9)
    replay: float = 0.0
    whistle: float = 0.0


KINDS = {
    "goal": Kind((5, 8), (4, 10), roar=0.9, loud=(0.9, 1.0), replay=0.9),
    "penalty_kick": Kind((0, 2), (4, 10), roar=0.8, replay=0.6, whistle=1.0),
    "red_card": Kind((0, 2), (3, 8), replay=0.8, whistle=1.0),
    "save": Kind((8, 12), (3, 7), roar=0.7, replay=0.5),
    "shot": Kind((10, 14), (3, 7), roar=0.6, replay=0.4),
    "corner": Kind((7, 11), (4, 9), roar=0.3, loud=(0.4, 0.6)),
    "free_kick": Kind((5, 9), (4, 9), roar=0.4, loud=(0.4, 0.7), whistle=0.9),
}
LOOK_ALIKES = 4.0  # look-alikes per true event of each kind
NEARNESS_S = 12.0  # smallest distance of a true event and a look-alike of one kind; replays begin after it


@dataclass(frozen=True, slots=True)
class Incident:
    """A true event or a look-alike: its kind, the span in which it is visible, and its instant."""

    kind: str
    span: Span
    instant_s: float


@dataclass(frozen=True, slots=True)
class Match:
    """A match: true events, look-alikes, and the analysis of its broadcast."""

    recording: Recording
    true: tuple[Incident, ...]
    alike: tuple[Incident, ...]
    analysis: Analysis
    truth: Truth = field(default_factory=lambda: Truth({}))


def draw(seed: int, profile: Profile, *, match_s: float = MATCH_S, look_alikes: float = LOOK_ALIKES) -> Match:
    """The match of a seed, with the kinds of the profile that are in `KINDS`."""
    chance = random.Random(f"match {seed}")
    true = [h for rule in profile.events if rule.name in KINDS for h in _true(rule.name, rule.cool_down_s, match_s, chance)]
    alike = [h for kind in KINDS for h in _alike(kind, true, match_s, look_alikes, chance)]
    truth = truth_of_times({kind: sorted(h.instant_s for h in true if h.kind == kind) for kind in KINDS})
    return Match(events.recording(match_s), tuple(true), tuple(alike), _analysis(true, match_s, chance), truth)


def _true(kind: str, cool_down_s: float, match_s: float, chance: random.Random) -> list[Incident]:
    """The true events of a kind, far enough apart to be separate."""
    least, most = KINDS[kind].often
    number = round(chance.randint(least, most) * match_s / MATCH_S)
    drawn: list[Incident] = []
    while len(drawn) < number:
        event = _incident(kind, chance.uniform(30, match_s - 60), chance)
        if all(abs(event.instant_s - other.instant_s) > max(cool_down_s, 20) for other in drawn):
            drawn.append(event)
    return drawn


def _incident(kind: str, start_s: float, chance: random.Random) -> Incident:
    length_s = chance.uniform(*KINDS[kind].lasts_s)
    # the instant of an event is not exactly in the middle of its span
    return Incident(kind, Span(start_s, start_s + length_s), round(start_s + length_s * chance.uniform(0.35, 0.65), 3))


def _alike(kind: str, true: list[Incident], match_s: float, look_alikes: float, chance: random.Random) -> list[Incident]:
    """Look-alikes of a kind: first other events of the match, then replays of it, the rest anywhere."""
    own = [h for h in true if h.kind == kind]
    least, most = KINDS[kind].often
    number = round(look_alikes * (least + most) / 2 * match_s / MATCH_S)
    others = [h for h in true if h.kind != kind and not _near(h, own)]
    drawn = [Incident(kind, h.span, h.instant_s) for h in chance.sample(others, min(len(others), number // 2))]
    replays = [_incident(kind, h.span.end_s + chance.uniform(NEARNESS_S, 20), chance) for h in own if chance.random() < 0.5]
    drawn += [h for h in replays if not _near(h, own)][: number - len(drawn)]
    while len(drawn) < number:
        anywhere = _incident(kind, chance.uniform(0, match_s - 30), chance)
        if not _near(anywhere, own):
            drawn.append(anywhere)
    return drawn


def _near(one: Incident, others: list[Incident]) -> bool:
    return any(abs(one.instant_s - other.instant_s) < NEARNESS_S for other in others)


def _analysis(true: list[Incident], match_s: float, chance: random.Random) -> Analysis:
    return Analysis(
        scenes=_scenes(match_s, chance),
        crowd=_crowd(true, match_s, chance),
        tones=tuple(sorted(_whistles(true, match_s, chance), key=lambda tone: tone.span)),
        scoreboard=events.board(*_changes(true, chance), until_s=match_s),
        replays=_replays(true, chance),
    )


def _scenes(match_s: float, chance: random.Random) -> tuple[Scene, ...]:
    cuts = [0.0]
    while (cut_s := cuts[-1] + 2 + chance.expovariate(1 / 8)) < match_s - 2:
        cuts.append(cut_s)
    return events.scenes(*cuts[1:], until_s=match_s)


def _crowd(true: list[Incident], match_s: float, chance: random.Random) -> Excitement:
    """Murmur with roars: those of events, and one without cause for every six minutes."""
    values, loudness_db = [0.0] * round(match_s / STEP_S), [-30.0] * round(match_s / STEP_S)
    heard = [(h.instant_s, h.kind) for h in true if chance.random() < KINDS[h.kind].roar]
    heard += [(chance.uniform(0, match_s - 30), "shot") for _ in range(round(match_s / 360))]
    for instant_s, kind in heard:
        level, length_s = chance.uniform(*KINDS[kind].loud), chance.uniform(15, 25) if kind == "goal" else chance.uniform(3, 9)
        first = round((instant_s + chance.uniform(-1, 1.5)) / STEP_S)
        for i in range(first, min(len(values), first + round(length_s / STEP_S))):
            values[i] = max(values[i], level)
            loudness_db[i] = -30 + 14 * values[i]
    return Excitement(STEP_S, tuple(values), tuple(loudness_db))


def _whistles(true: list[Incident], match_s: float, chance: random.Random) -> list[Tone]:
    """Whistles before most free kicks and penalties, at cards, and one every three minutes for something else."""
    blown = [h.span.start_s - chance.uniform(0, 3) for h in true if chance.random() < KINDS[h.kind].whistle]
    blown += [chance.uniform(0, match_s - 10) for _ in range(round(match_s / 180))]
    return [events.tone("whistle", max(0.0, at_s)) for at_s in blown]


def _changes(true: list[Incident], chance: random.Random) -> list[ScoreChange]:
    """The score change after every goal: most are early, a few late."""
    home = away = 0
    shown: list[tuple[float, int, int]] = []
    for goal in sorted((h for h in true if h.kind == "goal"), key=lambda h: h.instant_s):
        home, away = (home + 1, away) if chance.random() < 0.5 else (home, away + 1)
        shown.append((goal.instant_s + chance.triangular(4, 50, 15), home, away))
    in_order = sorted(at_s for at_s, _, _ in shown)
    return list(events.goals(*((at_s, h, a) for at_s, (_, h, a) in zip(in_order, shown, strict=True))))


def _replays(true: list[Incident], chance: random.Random) -> tuple[Replay, ...]:
    drawn: list[Replay] = []
    for h in sorted(true, key=lambda h: h.instant_s):
        start_s = h.span.end_s + chance.uniform(6, 25)
        if chance.random() < KINDS[h.kind].replay and all(start_s > r.span.end_s + 3 for r in drawn):
            drawn.append(events.replay(start_s, start_s + chance.uniform(5, 12), round(chance.uniform(0.6, 0.9), 2)))
    return tuple(drawn)
