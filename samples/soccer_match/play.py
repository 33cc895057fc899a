"""Who is where: 22 players and a referee act out the story's touches of the ball, frame by frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from soccer_match import story
from soccer_match.camera import Floats
from soccer_match.coach import CELEBRATION_S, Coach
from soccer_match.story import FPS, MEN, Touch

TURN_TIME_S = 0.3
"""Time constant with which a man changes his velocity."""
KICK_S = 0.3


@dataclass(frozen=True, slots=True)
class Men:
    """All men at one instant; every array has one entry per man, `spots` is [men, 2] in metres."""

    spots: Floats
    headings_rad: Floats
    strides: Floats
    """Phase of the running step in radians."""
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
    """Who takes each of the story's touches."""

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
        return [m for touch, m in zip(story.TOUCHES, self.touched_by, strict=True) if m is not None and touch.time_s <= time_s][
            -1
        ]

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
            cheer[story.outfield(goal.team)] = np.clip(since * 2, 0, 1) * (0.75 + 0.25 * np.sin(since * 7 + np.arange(10)))
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
    """Positions of the ball between two touches; a ball on the ground slows down."""
    gone = part if touch.arc_m or touch.z_m > 1 else 1 - (1 - part) ** 1.3
    way = np.array([after.x_m - touch.x_m, after.y_m - touch.y_m])
    aside = np.array([-way[1], way[0]]) / max(float(np.hypot(*way)), 1e-6)
    ground = np.array([touch.x_m, touch.y_m]) + gone[:, None] * way
    ground += (4 * touch.bend_m * part * (1 - part))[:, None] * aside
    height = touch.z_m + part * (after.z_m - touch.z_m) + 4 * touch.arc_m * part * (1 - part)
    return np.column_stack([ground, np.maximum(height, 0.11)])


def play_out(seed: int = 7) -> Play:
    """Play the story: every man runs where the formation, the ball and his next touch require."""
    ball = ball_path()
    coach = Coach(ball, np.random.default_rng(seed))
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
    return Play(
        ball, spots, _headings(ball, spots, speeds, pace), np.cumsum(pace / FPS * 2.3, axis=0), pace, tuple(coach.touched_by)
    )


def _headings(ball: Floats, spots: Floats, speeds: Floats, pace: Floats) -> Floats:
    """Runners face where they run, celebrating players the main camera, the others the ball; they turn smoothly."""
    to_ball = ball[:, None, :2] - spots
    for goal in story.GOALS:
        party = slice(round(goal.time_s * FPS), round((goal.time_s + CELEBRATION_S) * FPS))
        to_ball[party, story.outfield(goal.team)] = (0, -1)
    looks = np.where(pace[..., None] > 1.2, speeds, to_ball)
    wanted = np.arctan2(looks[..., 1], looks[..., 0])
    turned = wanted.copy()
    for frame in range(1, len(turned)):
        off = (wanted[frame] - turned[frame - 1] + np.pi) % (2 * np.pi) - np.pi
        turned[frame] = turned[frame - 1] + off * 0.2
    return turned
