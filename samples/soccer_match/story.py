"""What happens in the match, and when: every touch of the ball, every goal, every cut; and the truth computed from it.

Times are seconds of the video. Positions are metres from the centre spot: x along the pitch (the home team attacks towards
+x), y across it (away from the main camera), z up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

Team = Literal["home", "away"]

FPS = 25
DURATION_S = 150.0
KICKOFF_CLOCK_S = 67 * 60 + 30
"""The game clock on the first frame."""
TEAMS = ("ELK", "JAY")
START_SCORE = (1, 0)
WIPE_S = 0.8
"""How long a wipe takes; the shot behind it changes halfway."""

MEN, REFEREE = 23, 22
"""Men 0..10 are the home team, 11..21 the away team, each with its keeper first, then the referee."""

HALF_LENGTH_M, HALF_WIDTH_M = 52.5, 34.0
BAR_HEIGHT_M, HALF_GOAL_M = 2.44, 3.66


@dataclass(frozen=True, slots=True)
class Touch:
    """A position of the ball, and its path to the next touch: straight, and up to `arc_m` above the straight line.

    `who`: `H` or `A` is the nearest player of that team, `h` or `a` whoever had it before, `HK` or `AK` a keeper, `-` nobody.
    """

    time_s: float
    x_m: float
    y_m: float
    who: str
    z_m: float = 0.11
    arc_m: float = 0.0
    bend_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Goal:
    """`time_s`: the instant the ball is in the net. `shown_s`: when the score graphic first shows it."""

    time_s: float
    team: Team
    shown_s: float


@dataclass(frozen=True, slots=True)
class Dive:
    """A keeper's dive; `side` is +1 to his left."""

    time_s: float
    team: Team
    side: int


@dataclass(frozen=True, slots=True)
class Shot:
    """The video between two cuts or wipes.

    `view` names the camera. A replay shows the match from `replay_from_s` on at `speed`; it begins with a wipe if `wiped`.
    """

    start_s: float
    view: str
    replay_from_s: float | None = None
    speed: float = 1.0
    wiped: bool = False


class Truth(TypedDict):
    """The truth file."""

    duration_s: float
    sport: str
    teams: list[str]
    events: list[dict[str, str | float]]
    score_changes: list[dict[str, float]]
    cuts_s: list[float]
    replays_s: list[list[float]]
    transitions: list[dict[str, str | float]]
    score_at_start: dict[str, int]
    game_clock: list[dict[str, str | float]]
    graphic_s: list[list[float]]
    summary_s: list[list[float]]


TOUCHES = (
    # ELK build up, lose the ball, and their keeper saves
    Touch(0.0, -20, 5, "H"), Touch(1.4, -25, -10, "H"), Touch(3.0, -12, -18, "H", arc_m=1.0), Touch(4.6, 2, -12, "H"),
    Touch(5.4, 6, -10, "h"), Touch(6.2, 10, -8, "h"), Touch(7.0, 14, -7, "h"), Touch(7.8, 18, -6, "h"), Touch(8.6, 21, -4, "h"),
    Touch(9.0, 23, -2, "h"), Touch(10.2, 29, 7, "A"), Touch(11.2, 15, 14, "A", arc_m=3.5), Touch(12.6, -6, 15, "A"),
    Touch(13.3, -11, 12, "a"), Touch(14.0, -15, 9, "a"), Touch(14.8, -20, 6, "a"), Touch(15.5, -25, 4, "a", arc_m=0.6),
    Touch(16.3, -51.0, 1.9, "HK", 1.2, arc_m=-0.4), Touch(16.9, -50.6, 1.6, "HK", 0.5), Touch(18.2, -50.0, 1.0, "HK", 1.1),
    Touch(22.0, -46, 0, "HK", 1.1),
    # the keeper's long ball comes back: a cross from the wing, a header, 1-1
    Touch(23.8, -44, 0, "HK", 0.4, arc_m=9), Touch(26.2, 2, 6, "A", 1.9), Touch(27.0, -4, 12, "A"), Touch(28.2, -13, 20, "A"),
    Touch(29.0, -18, 22, "a"), Touch(29.8, -24, 23, "a"), Touch(30.6, -30, 22, "a"), Touch(31.4, -36, 20, "a", arc_m=3.6),
    Touch(32.6, -44.5, -1.5, "A", 1.9, arc_m=0.1), Touch(33.2, -52.7, 2.3, "-", 1.3), Touch(33.4, -54.2, 2.5, "-", 1.1),
    Touch(33.9, -53.8, 2.4, "-"), Touch(50.9, -53.6, 2.4, "-"),
    # kick-off; ELK come down the near side, and the shot goes over the bar
    Touch(51.0, 0, 0, "-"), Touch(54.0, 0, 0, "H"), Touch(55.2, -9, 3, "H"), Touch(56.8, -15, -14, "H"),
    Touch(58.4, 0, -22, "H"), Touch(59.2, 5, -22, "h"), Touch(60.0, 9, -21, "h"), Touch(60.8, 13, -20, "h"),
    Touch(61.6, 17, -18, "h"), Touch(62.4, 21, -17, "h"), Touch(63.2, 25, -15, "h"), Touch(64.4, 31, -2, "H"),
    Touch(65.6, 36, -17, "H"), Touch(66.6, 41, -19, "h", arc_m=1.2), Touch(68.4, 38.5, 3, "H", arc_m=0.9),
    Touch(69.3, 53, 1.6, "-", 3.7, arc_m=0.3), Touch(70.1, 61.5, 1.0, "-", 3.2), Touch(70.7, 60, 1.0, "-"),
    Touch(79.7, 60, 1, "-"),
    # goal kick, a foul, and the free kick curls in: 2-1
    Touch(79.8, 47, 5, "-"), Touch(82.2, 47, 5, "AK", arc_m=11), Touch(84.8, 9, -4, "H", 1.9), Touch(85.6, 14, 1, "H"),
    Touch(86.3, 18, 2, "h"), Touch(87.1, 23, 4, "h"), Touch(88.0, 26, 5, "-"), Touch(90.1, 26, 5, "-"), Touch(90.2, 28, 5, "-"),
    Touch(94.4, 28, 5, "H", arc_m=1.7, bend_m=2.2), Touch(95.6, 52.7, -2.7, "-", 1.9), Touch(95.8, 54.1, -2.9, "-", 1.4),
    Touch(96.4, 53.8, -2.8, "-"), Touch(114.9, 53.6, -2.8, "-"),
    # kick-off; JAY lose the ball, ELK run from the halfway line and chip the keeper: 3-1
    Touch(115.0, 0, 0, "-"), Touch(117.0, 0, 0, "A"), Touch(118.0, 8, 3, "A"), Touch(119.2, 3, 11, "H"),
    Touch(119.9, 7, 13, "h"),
    Touch(120.6, 12, 14, "h"), Touch(121.4, 17, 14, "h"), Touch(122.2, 22, 13, "h"), Touch(123.0, 27, 11, "h"),
    Touch(123.8, 31, 9, "h"), Touch(124.5, 34, 7, "h"), Touch(125.6, 39, -6, "H"), Touch(126.3, 42, -5, "h", arc_m=2.6),
    Touch(127.8, 52.7, 1.4, "-", 1.1), Touch(128.1, 53.9, 1.6, "-", 0.5), Touch(128.5, 53.7, 1.6, "-"),
    Touch(142.3, 53.6, 1.6, "-"),
    # kick-off, and the end
    Touch(142.4, 0, 0, "-"), Touch(145.6, 0, 0, "A"), Touch(146.6, 9, -4, "A"), Touch(148.4, 18, 8, "A"),
    Touch(150.1, 8, 20, "A"),
)  # fmt: skip

GOALS = (Goal(33.2, "away", 53.0), Goal(95.6, "home", 115.4), Goal(127.8, "home", 144.0))
DIVES = (Dive(16.3, "home", 1), Dive(33.1, "home", 1), Dive(69.3, "away", 1), Dive(95.5, "away", 1), Dive(127.6, "away", -1))
CHANCES_S = (69.3,)
SAVES_S = (16.3,)
WHISTLES_S = (53.7, 87.4, 93.3, 116.7, 145.3)
RESTARTS_S = (0.0, 51.0, 79.8, 90.2, 115.0, 142.4)
"""When everybody jumps to a new position; each jump is hidden by a cut."""
KICKOFFS_S = ((51.0, 54.0), (115.0, 117.0), (142.4, 145.6))
WALL_S = (88.0, 94.9)
"""When four JAY players stand in front of the free kick."""

SUMMARY_S = ((27.0, 43.0), (45.0, 51.0), (92.0, 105.0), (107.0, 115.0), (119.2, 135.0))
"""What an editor would show of it: how each goal came about, the celebration, and two of the replays."""

SHOTS = (
    Shot(0.0, "wide"),
    Shot(7.0, "touchline"),
    Shot(9.6, "wide"),
    Shot(18.2, "keeper"),
    Shot(20.8, "coach"),
    Shot(23.0, "wide"),
    Shot(35.6, "touchline"),
    Shot(38.2, "away scorer"),
    Shot(41.0, "away fans"),
    Shot(43.0, "sad keeper"),
    Shot(45.0, "behind west goal", replay_from_s=30.8, speed=0.5, wiped=True),
    Shot(51.0, "wide", wiped=True),
    Shot(61.0, "touchline"),
    Shot(63.4, "wide"),
    Shot(71.0, "sad striker"),
    Shot(73.4, "sad fans"),
    Shot(75.4, "behind east goal", replay_from_s=67.8, speed=0.5, wiped=True),
    Shot(79.8, "wide", wiped=True),
    Shot(88.0, "referee"),
    Shot(90.2, "wide"),
    Shot(97.8, "touchline"),
    Shot(100.4, "home scorer"),
    Shot(103.2, "home fans"),
    Shot(105.0, "happy coach"),
    Shot(107.0, "wide", replay_from_s=94.0, speed=0.5, wiped=True),
    Shot(111.0, "behind east goal", replay_from_s=94.0, speed=0.5),
    Shot(115.0, "wide", wiped=True),
    Shot(120.6, "touchline"),
    Shot(123.0, "wide"),
    Shot(130.4, "home captain"),
    Shot(133.0, "home fans"),
    Shot(135.0, "touchline"),
    Shot(137.2, "behind east goal", replay_from_s=125.8, speed=0.5, wiped=True),
    Shot(142.4, "wide", wiped=True),
    Shot(147.0, "home fans"),
)


def outfield(team: Team) -> slice:
    """The ten men of a team other than its keeper."""
    return slice(1, 11) if team == "home" else slice(12, 22)


def shot_at(time_s: float) -> Shot:
    """The shot that contains `time_s`."""
    return max((shot for shot in SHOTS if shot.start_s <= time_s + 1e-6), key=lambda shot: shot.start_s)


def score_at(time_s: float) -> tuple[int, int]:
    """Home and away goals as shown by the score graphic at `time_s`."""
    shown = [goal.team for goal in GOALS if goal.shown_s <= time_s + 1e-6]
    return START_SCORE[0] + shown.count("home"), START_SCORE[1] + shown.count("away")


def wipe_at(time_s: float) -> float | None:
    """Progress of the wipe at `time_s`, 0..1, or None if there is none."""
    for shot in SHOTS:
        part = (time_s - shot.start_s) / WIPE_S + 0.5
        if shot.wiped and 0 <= part < 1:
            return part
    return None


def truth(duration_s: float = DURATION_S) -> Truth:
    """The truth about the first `duration_s` seconds of the video.

    Cuts are hard cuts only; the shot behind a wipe changes at the ends of `replays_s`, the middles of `transitions`.
    """
    wipes = [(_s(s.start_s - WIPE_S / 2), _s(s.start_s + WIPE_S / 2)) for s in SHOTS if s.wiped]
    ends = [shot.start_s for shot in SHOTS[1:]] + [DURATION_S]
    replays: list[list[float]] = []
    for shot, end_s in zip(SHOTS, ends, strict=True):
        if shot.replay_from_s is not None and shot.wiped:
            replays.append([shot.start_s, end_s])
        elif shot.replay_from_s is not None:
            replays[-1][1] = end_s
    return {
        "duration_s": duration_s,
        "sport": "soccer",
        "teams": list(TEAMS),
        "events": [{"label": "goal", "time_s": g.time_s, "team": g.team} for g in GOALS if g.time_s < duration_s],
        "score_changes": [_score_change(g) for g in GOALS if g.shown_s < duration_s],
        "cuts_s": [s.start_s for s in SHOTS[1:] if not s.wiped and s.start_s < duration_s],
        "replays_s": _until(duration_s, replays),
        "transitions": [{"start_s": a, "end_s": b, "kind": "wipe"} for a, b in _until(duration_s, wipes)],
        "score_at_start": {"home": START_SCORE[0], "away": START_SCORE[1]},
        "game_clock": [{"time_s": 0.0, "clock": f"{KICKOFF_CLOCK_S // 60}:{KICKOFF_CLOCK_S % 60:02d}", "way": "up"}],
        "graphic_s": _until(duration_s, _graphic(replays)),
        "summary_s": _until(duration_s, SUMMARY_S),
    }


def _graphic(replays: Sequence[Sequence[float]]) -> list[tuple[float, float]]:
    """When the score graphic is on screen: not in replays, nor in the wipes around them."""
    starts = [0.0, *(_s(end_s + WIPE_S / 2) for _, end_s in replays)]
    ends = [*(_s(start_s - WIPE_S / 2) for start_s, _ in replays), DURATION_S]
    return list(zip(starts, ends, strict=True))


def _until(duration_s: float, spans: Iterable[Sequence[float]]) -> list[list[float]]:
    """The spans, or what of them is before the end of the video."""
    return [[start_s, min(end_s, duration_s)] for start_s, end_s in spans if start_s < duration_s]


def _s(time_s: float) -> float:
    return round(time_s, 3)


def _score_change(goal: Goal) -> dict[str, float]:
    home, away = score_at(goal.shown_s)
    return {"time_s": goal.shown_s, "home": home, "away": away}
