"""Who is where: the story's touches of the ball played out by 22 players and a referee, frame by frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from soccer_match import story
from soccer_match.camera import Floats
from soccer_match.story import FPS, Touch

PLAYERS = 22
REFEREE = 22
MEN = 23
"""Men 0..10 are the home team, 11..21 the away team, each with its keeper first."""

FORMATION = np.array(
    [(-49, 0), (-34, -22), (-37, -7), (-37, 7), (-34, 22), (-14, -25), (-18, -8), (-18, 8), (-14, 25), (1, -9), (1, 9)], dtype=float
)
TOP_SPEED_MPS = 9.5
FREE_TIME_S = 0.7
"""How fast a man without a task goes where he wants to be."""
TURN_TIME_S = 0.3
EAGER_S = 4.0
"""How long before his touch a player sets off."""
KICK_S = 0.3
DRIFT_HZ = np.array([[0.5, 0.37], [1.3, 1.1]])
"""How quickly men without a task wander about, along and across the pitch."""
CELEBRATION_S = 12.0


@dataclass(frozen=True, slots=True)
class Men:
    """All men at one instant; every array has one entry per man, `spots` is [men, 2] in metres."""

    spots: Floats
    headings_rad: Floats
    strides: Floats
    """Where in the running step, in radians."""
    hurry: Floats
    """0 standing .. 1 sprinting."""
    cheer: Floats
    """0 arms down .. 1 arms up."""
    dive: Floats
    """-1 flat on the right side .. 1 flat on the left side."""
    kick: Floats
    """-1 leg drawn back .. 1 leg swung through, 0 no kick."""


@dataclass(frozen=True, slots=True)
class Play:
    """The whole match at 25 frames per second: `ball` is [frames, 3] in metres, the others are [frames, men, ...]."""

    ball: Floats
    spots: Floats
    headings_rad: Floats
    strides: Floats
    speeds_mps: Floats
    touched_by: tuple[int | None, ...]
    """Which man each of the story's touches belongs to."""

    def men(self, time_s: float) -> Men:
        """All men at any instant, also between two frames."""
        return Men(
            spots=_between(self.spots, time_s),
            headings_rad=_between(self.headings_rad, time_s),
            strides=_between(self.strides, time_s),
            hurry=np.clip(_between(self.speeds_mps, time_s) / 7, 0, 1),
            cheer=_cheer(time_s) + np.where(np.isin(np.arange(MEN), (0, 11)), np.abs(_dive(time_s)), 0),
            dive=_dive(time_s),
            kick=self._kick(time_s),
        )

    def ball_at(self, time_s: float) -> Floats:
        """The ball [3] at any instant, also between two frames."""
        return _between(self.ball, time_s)

    def owner(self, time_s: float) -> int:
        """Who touched the ball last."""
        return [m for touch, m in zip(story.TOUCHES, self.touched_by, strict=True) if m is not None and touch.time_s <= time_s][-1]

    def scorer(self, goal: story.Goal) -> int:
        """Who touched the ball last before a goal."""
        return self.owner(goal.time_s)

    def _kick(self, time_s: float) -> Floats:
        kick = np.zeros(MEN)
        for touch, man in zip(story.TOUCHES, self.touched_by, strict=True):
            if man is not None and abs(touch.time_s - time_s) < KICK_S and touch.z_m < 1:
                kick[man] = np.sin((time_s - touch.time_s + 0.05) / KICK_S * np.pi)
        return kick


def _between(track: Floats, time_s: float) -> Floats:
    place = min(max(time_s * FPS, 0.0), len(track) - 1.0)
    low = min(int(place + 1e-6), len(track) - 2)
    part = max(0.0, place - low)
    return np.asarray(track[low] * (1 - part) + track[low + 1] * part)


def _dive(time_s: float) -> Floats:
    dive = np.zeros(MEN)
    for one in story.DIVES:
        since = time_s - one.time_s
        down, up = np.clip((since + 0.3) / 0.45, 0, 1), np.clip((since - 1.3) / 0.6, 0, 1)
        dive[0 if one.team == "home" else 11] += one.side * (down - up)
    return dive


def _cheer(time_s: float) -> Floats:
    cheer = np.zeros(MEN)
    for goal in story.GOALS:
        since = time_s - goal.time_s
        if 0 < since < CELEBRATION_S:
            first = 1 if goal.team == "home" else 12
            cheer[first : first + 10] = np.clip(since * 2, 0, 1) * (0.75 + 0.25 * np.sin(since * 7 + np.arange(10)))
    return cheer


def ball_path() -> Floats:
    """The ball [frames, 3]: from touch to touch, on the ground or in an arc."""
    times = np.arange(round(story.DURATION_S * FPS) + 1) / FPS
    path = np.zeros((len(times), 3))
    for touch, after in zip(story.TOUCHES, story.TOUCHES[1:], strict=False):
        inside = (times >= touch.time_s - 1e-9) & (times <= after.time_s + 1e-9)
        path[inside] = _flight(touch, after, (times[inside] - touch.time_s) / (after.time_s - touch.time_s))
    return path


def _flight(touch: Touch, after: Touch, part: Floats) -> Floats:
    """The ball on its way between two touches; a ball on the ground slows down."""
    gone = part if touch.arc_m or touch.z_m > 1 else 1 - (1 - part) ** 1.3
    way = np.array([after.x_m - touch.x_m, after.y_m - touch.y_m])
    aside = np.array([-way[1], way[0]]) / max(float(np.hypot(*way)), 1e-6)
    ground = np.array([touch.x_m, touch.y_m]) + gone[:, None] * way
    ground += (4 * touch.bend_m * part * (1 - part))[:, None] * aside
    height = touch.z_m + part * (after.z_m - touch.z_m) + 4 * touch.arc_m * part * (1 - part)
    return np.column_stack([ground, np.maximum(height, 0.11)])


def play_out(seed: int = 7) -> Play:
    """Play the story: every man runs where the formation, the ball and his next touch want him."""
    ball = ball_path()
    coach = _Coach(ball, np.random.default_rng(seed))
    spots, speeds = np.zeros((len(ball), MEN, 2)), np.zeros((len(ball), MEN, 2))
    restarts = {round(t * FPS) for t in story.RESTARTS_S}
    for frame in range(len(ball)):
        if frame in restarts:
            spots[frame] = coach.wishes(frame, spots[frame - 1])
            continue
        here, speed = spots[frame - 1], speeds[frame - 1]
        wanted = coach.speeds(frame, here)
        speeds[frame] = speed + (wanted - speed) / (TURN_TIME_S * FPS)
        spots[frame] = here + speeds[frame] / FPS
    pace = np.hypot(speeds[..., 0], speeds[..., 1])
    return Play(ball, spots, _headings(ball, spots, speeds, pace), np.cumsum(pace / FPS * 2.3, axis=0), pace, tuple(coach.touched_by))


def _headings(ball: Floats, spots: Floats, speeds: Floats, pace: Floats) -> Floats:
    """Runners look where they run, those who celebrate at the main camera, the others at the ball; turned smoothly, never more than half round at once."""
    to_ball = ball[:, None, :2] - spots
    for goal in story.GOALS:
        party, first = slice(round(goal.time_s * FPS), round((goal.time_s + CELEBRATION_S) * FPS)), 1 if goal.team == "home" else 12
        to_ball[party, first : first + 10] = (0, -1)
    looks = np.where(pace[..., None] > 1.2, speeds, to_ball)
    wanted = np.arctan2(looks[..., 1], looks[..., 0])
    turned = wanted.copy()
    for frame in range(1, len(turned)):
        off = (wanted[frame] - turned[frame - 1] + np.pi) % (2 * np.pi) - np.pi
        turned[frame] = turned[frame - 1] + off * 0.2
    return turned


class _Coach:
    """Tells every man where to be."""

    def __init__(self, ball: Floats, rng: np.random.Generator) -> None:
        self.ball = ball
        self.touched_by: list[int | None] = [None] * len(story.TOUCHES)
        self.drift = rng.uniform(0, 2 * np.pi, (MEN, 2, 2))

    def wishes(self, frame: int, here: Floats) -> Floats:
        """Where everybody would like to be [men, 2]."""
        time_s = frame / FPS
        ball_x, ball_y = self.ball[frame, :2]
        wish = np.zeros((MEN, 2))
        for first, sign in ((0, 1), (11, -1)):
            team = FORMATION * sign + (ball_x * 0.72, 0)
            team[:, 1] = FORMATION[:, 1] * sign * 0.85 + ball_y * 0.35
            team[:, 0] = np.clip(team[:, 0], -47, 47)
            team[0] = (-sign * (50.5 - 0.06 * abs(ball_x + sign * 52)), ball_y * 0.1)
            wish[first : first + 11] = team
        wish[REFEREE] = (ball_x * 0.85 - 5, ball_y * 0.6 - 9)
        wish += 1.6 * np.sin(time_s * DRIFT_HZ[0] + self.drift[..., 0]) + 0.8 * np.sin(time_s * DRIFT_HZ[1] + self.drift[..., 1])
        self._celebrate(time_s, wish)
        self._press(time_s, wish, here, frame)
        self._set_pieces(time_s, wish)
        return wish

    def speeds(self, frame: int, here: Floats) -> Floats:
        """How fast everybody wants to run [men, 2] in metres per second."""
        time_s = frame / FPS
        speeds = _limited((self.wishes(frame, here) - here) / FREE_TIME_S, 6.0)
        tasks = zip(story.TOUCHES, range(len(story.TOUCHES)), strict=True)
        for touch, number in reversed([task for task in tasks if -0.12 < task[0].time_s - time_s < EAGER_S]):
            man = self._man_for(number, here)
            if man is not None:
                left_s = max(touch.time_s - time_s, 0.15)
                speeds[man] = _limited(((np.array([touch.x_m, touch.y_m]) - here[man]) / left_s)[None], TOP_SPEED_MPS)[0]
        return speeds

    def _man_for(self, number: int, here: Floats) -> int | None:
        """Who takes a touch: settled once, when it comes near."""
        touch = story.TOUCHES[number]
        if touch.who == "-":
            return None
        if self.touched_by[number] is None:
            self.touched_by[number] = self._chosen(touch, number, here)
        return self.touched_by[number]

    def _chosen(self, touch: Touch, number: int, here: Floats) -> int | None:
        if touch.who in ("HK", "AK"):
            return 0 if touch.who == "HK" else 11
        before = self._man_for(number - 1, here) if number else None
        if touch.who in ("h", "a"):
            return before
        first = 1 if touch.who == "H" else 12
        far = np.hypot(*(here[first : first + 10] - (touch.x_m, touch.y_m)).T)
        if before is not None and first <= before < first + 10:
            far[before - first] = np.inf
        return first + int(np.argmin(far))

    def _press(self, time_s: float, wish: Floats, here: Floats, frame: int) -> None:
        """The nearest two opponents go between the ball and their goal."""
        ball = self.ball[frame, :2]
        if any(0 < time_s - goal.time_s < CELEBRATION_S + 8 for goal in story.GOALS):
            return
        for first, goal_x in ((1, -52), (12, 52)):
            far = np.hypot(*(here[first : first + 10] - ball).T)
            for rank, man in enumerate(first + np.argsort(far, kind="stable")[:2]):
                wish[man] = ball + (np.sign(goal_x - ball[0]) * (2.0 + 2.5 * rank), 1.5 * (rank - 0.5))

    def _celebrate(self, time_s: float, wish: Floats) -> None:
        """The scorer runs to the corner and the others to him; the beaten team walks back."""
        for goal in story.GOALS:
            if not 0 < time_s - goal.time_s < CELEBRATION_S + 8:
                continue
            side = 1 if goal.team == "home" else -1
            first = 1 if goal.team == "home" else 12
            scorer = self.touched_by[[i for i, touch in enumerate(story.TOUCHES) if touch.time_s < goal.time_s and touch.who != "-"][-1]]
            corner = np.array([side * 44.0, -27.0])
            ring = np.linspace(0, 2 * np.pi, 10, endpoint=False)
            wish[first : first + 10] = corner + 1.6 * np.column_stack([np.cos(ring), np.sin(ring)])
            wish[first : first + 3] = (side * 8, 0) + FORMATION[1:4] * (0.4, 0.6)
            if scorer is not None:
                wish[scorer] = corner

    def _set_pieces(self, time_s: float, wish: Floats) -> None:
        """Kick-offs with everybody in his own half, and the wall in front of the free kick."""
        for from_s, kick_s in story.KICKOFFS_S:
            if from_s <= time_s < kick_s:
                wish[:11] = np.minimum(FORMATION, (-1.2, 99)) * (0.85, 0.9)
                wish[11:22] = -np.minimum(FORMATION, (-1.2, 99)) * (0.85, 0.9)
                kicker = 9 if (from_s, kick_s) == story.KICKOFFS_S[0] else 20
                wish[kicker] = (-0.6 if kicker == 9 else 0.6, 0.3)
                wish[REFEREE] = (-3, -7)
        if story.WALL_S[0] <= time_s < story.WALL_S[1]:
            wish[16:20] = [(36.8, 3.0), (36.9, 3.7), (36.9, 4.4), (36.8, 5.1)]
            wish[1:11, 0] = np.minimum(wish[1:11, 0], 40)
            wish[10] = (25.2, 6.4)
            wish[REFEREE] = (31, -3)


def _limited(speeds: Floats, top_mps: float) -> Floats:
    """Speeds [n, 2] with none faster than `top_mps`."""
    pace = np.hypot(speeds[:, 0], speeds[:, 1])
    return np.asarray(speeds * np.minimum(1, top_mps / np.maximum(pace, 1e-9))[:, None])
