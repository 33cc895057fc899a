"""`Coach`: where every player should be, from the formation, the ball, and the player's next touches."""

from __future__ import annotations

import numpy as np

from soccer_match import story
from soccer_match.camera import Floats
from soccer_match.story import FPS, MEN, REFEREE, Touch

FORMATION = np.array(
    [(-49, 0), (-34, -22), (-37, -7), (-37, 7), (-34, 22), (-14, -25), (-18, -8), (-18, 8), (-14, 25), (1, -9), (1, 9)],
    dtype=float,
)
"""Positions of a team that attacks towards +x, keeper first, with the ball on the centre spot."""
TOP_SPEED_MPS, EASY_SPEED_MPS = 9.5, 6.0
FREE_TIME_S = 0.7
"""Time constant with which a player without a task moves to his position."""
EAGER_S = 4.0
"""How long before his touch a player starts to run."""
DRIFT_RAD_PER_S, DRIFT_M = np.array([[[0.5, 0.37]], [[1.3, 1.1]]]), np.array([[[1.6]], [[0.8]]])
"""How players without a task wander: a slow and a fast wave, along and across the pitch."""
CELEBRATION_S = 12.0
WALK_BACK_S = 8.0


class Coach:
    """Sends every player to a position."""

    def __init__(self, ball: Floats, rng: np.random.Generator) -> None:
        self.ball = ball
        self.touched_by: list[int | None] = [None] * len(story.TOUCHES)
        self.drift = rng.uniform(0, 2 * np.pi, (2, MEN, 2))

    def wishes(self, frame: int, here: Floats) -> Floats:
        """Positions that everybody should go to [men, 2]."""
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
        wish += (DRIFT_M * np.sin(time_s * DRIFT_RAD_PER_S + self.drift)).sum(axis=0)
        self._celebrate(time_s, wish)
        self._press(time_s, wish, here, frame)
        self._set_pieces(time_s, wish)
        return wish

    def speeds(self, frame: int, here: Floats) -> Floats:
        """Velocities at which everybody should run [men, 2] in metres per second."""
        time_s = frame / FPS
        speeds = _limited((self.wishes(frame, here) - here) / FREE_TIME_S, EASY_SPEED_MPS)
        tasks = zip(story.TOUCHES, range(len(story.TOUCHES)), strict=True)
        for touch, number in reversed([task for task in tasks if -0.12 < task[0].time_s - time_s < EAGER_S]):
            man = self._man_for(number, here)
            if man is not None:
                left_s = max(touch.time_s - time_s, 0.15)
                speeds[man] = _limited(((np.array([touch.x_m, touch.y_m]) - here[man]) / left_s)[None], TOP_SPEED_MPS)[0]
        return speeds

    def _man_for(self, number: int, here: Floats) -> int | None:
        """Who takes a touch: decided once, shortly before it."""
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
        far = np.full(MEN, np.inf)
        team = story.outfield("home" if touch.who == "H" else "away")
        far[team] = np.hypot(*(here[team] - (touch.x_m, touch.y_m)).T)
        if before is not None:
            far[before] = np.inf
        return int(np.argmin(far))

    def _press(self, time_s: float, wish: Floats, here: Floats, frame: int) -> None:
        """The two nearest opponents go between the ball and their goal."""
        ball = self.ball[frame, :2]
        if any(0 < time_s - goal.time_s < CELEBRATION_S + WALK_BACK_S for goal in story.GOALS):
            return
        for team, goal_x in ((story.outfield("home"), -52), (story.outfield("away"), 52)):
            far = np.hypot(*(here[team] - ball).T)
            for rank, man in enumerate(team.start + np.argsort(far, kind="stable")[:2]):
                wish[man] = ball + np.array([np.sign(goal_x - ball[0]) * (2.0 + 2.5 * rank), 1.5 * (rank - 0.5)])

    def _celebrate(self, time_s: float, wish: Floats) -> None:
        """The scorer runs to the corner and the others to him; the other team walks back."""
        for goal in story.GOALS:
            if not 0 < time_s - goal.time_s < CELEBRATION_S + WALK_BACK_S:
                continue
            side = 1 if goal.team == "home" else -1
            corner, ring = np.array([side * 44.0, -27.0]), np.linspace(0, 2 * np.pi, 10, endpoint=False)
            team = story.outfield(goal.team)
            wish[team] = corner + 1.6 * np.column_stack([np.cos(ring), np.sin(ring)])
            wish[team.start : team.start + 3] = (side * 8, 0) + FORMATION[1:4] * (0.4, 0.6)
            touches = zip(story.TOUCHES, self.touched_by, strict=True)
            wish[[man for touch, man in touches if touch.time_s < goal.time_s and man is not None][-1]] = corner

    def _set_pieces(self, time_s: float, wish: Floats) -> None:
        """Kick-offs with everybody in their own half, and the wall in front of the free kick."""
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
    """Velocities [n, 2], none faster than `top_mps`."""
    pace = np.hypot(speeds[:, 0], speeds[:, 1])
    return np.asarray(speeds * np.minimum(1, top_mps / np.maximum(pace, 1e-9))[:, None])
