"""The picture of any frame: which camera is on air, what it sees, and the graphics over it."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import numpy as np

from soccer_match import story
from soccer_match.camera import HEIGHT_PX, WIDTH_PX, Camera, Floats
from soccer_match.closeups import CLOSE_UPS, draw_close_up
from soccer_match.drawing import Picture
from soccer_match.figures import draw_man, draw_shadows, seen_men
from soccer_match.graphics import draw_score, draw_wipe
from soccer_match.pitch import draw_ball, draw_ball_shadow, draw_goal, draw_pitch, goal_seen
from soccer_match.play import play_out
from soccer_match.stadium import BEATS, Mood, draw_boards, draw_stadium
from soccer_match.story import FPS, MEN, Shot

ROAR_S, GASP_S = 9.0, 3.0


class Director:
    """Draws the video frame by frame."""

    def __init__(self) -> None:
        self.play = play_out()
        self.tracks = [_smoothed(self.play.spots[:, man], 0.3) for man in range(MEN)]
        self.follow = _smoothed(self.play.ball[:, :2], 1.2)

    def frame(self, number: int) -> Picture:
        """Frame `number` of the video: uint8 [height, width, 3], RGB."""
        time_s = number / FPS
        shot = story.shot_at(time_s)
        picture = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
        if shot.view in CLOSE_UPS:
            draw_close_up(picture, shot.view, time_s - shot.start_s, _beat(time_s))
        else:
            self._draw_match(picture, shot, time_s)
        wipe = story.wipe_at(time_s)
        if shot.replay_from_s is None and wipe is None:
            draw_score(picture, time_s)
        if wipe is not None:
            draw_wipe(picture, wipe)
        return picture

    def _draw_match(self, picture: Picture, shot: Shot, time_s: float) -> None:
        """The pitch as the shot's camera sees it, now or in a replay."""
        if shot.replay_from_s is not None:
            time_s = shot.replay_from_s + (time_s - shot.start_s) * shot.speed
        camera = self._camera(shot, time_s)
        men, ball = self.play.men(time_s), self.play.ball_at(time_s)
        draw_stadium(picture, camera, mood(time_s), _beat(time_s), 2.6 if shot.view == "touchline" else 0.9)
        draw_pitch(picture, camera)
        draw_boards(picture, camera)
        draw_shadows(picture, camera, men)
        draw_ball_shadow(picture, camera, ball)
        layers = [(depth, partial(draw_man, picture, man)) for depth, man in seen_men(camera, men)]
        layers.append((float(camera.depth(ball)), partial(draw_ball, picture, camera, ball)))
        for side in (-1, 1):
            if goal_seen(camera, side):
                depth = float(camera.depth(np.array([side * 53.5, 0, 1])))
                layers.append((depth, partial(draw_goal, picture, camera, side, time_s)))
        for _, draw in sorted(layers, key=lambda layer: -layer[0]):
            draw()

    def _camera(self, shot: Shot, time_s: float) -> Camera:
        place = min(time_s * FPS, len(self.follow) - 1.001)
        low, part = int(place), place % 1
        follow = self.follow[low] * (1 - part) + self.follow[low + 1] * part
        if shot.view == "wide":
            return _wide(follow)
        if shot.view == "touchline":
            return self._touchline(shot, time_s)
        side = 1 if shot.view == "behind east goal" else -1
        return Camera((side * 61.8, -3.0 * side, 4.6), (side * 45, 1.0 * side, 0.4), 440)

    def _touchline(self, shot: Shot, time_s: float) -> Camera:
        """A camera beside the pitch that keeps one man large in the picture: the scorer, or whoever has the ball."""
        celebrated = [goal for goal in story.GOALS if 0 < shot.start_s - goal.time_s < 12]
        man = self.play.scorer(celebrated[0]) if celebrated else self.play.owner(shot.start_s)
        track = self.tracks[man][round(time_s * FPS)]
        eye = np.array([float(track[0]) * 0.8, -39.0, 1.9])
        far = float(np.hypot(*(track - eye[:2])))
        return Camera((eye[0], eye[1], eye[2]), (float(track[0]), float(track[1]), 1.15), 96 * max(far, 8))


def _wide(follow: Floats) -> Camera:
    """The main camera, high on the near side at the halfway line: it pans with the ball and zooms in on the far corners."""
    x, y = float(np.clip(follow[0], -41, 41)), float(np.clip(follow[1], -12, 9))
    far = float(np.hypot(x, y + 60))
    return Camera((0, -60, 19.5), (x, y, 0), 860 * far / 62)


def _smoothed(track: Floats, sigma_s: float) -> Floats:
    """A track [frames, 2] smoothed in time, but never across a restart."""
    edges = [round(t * FPS) for t in story.RESTARTS_S] + [len(track)]
    reach = round(3 * sigma_s * FPS)
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (sigma_s * FPS)) ** 2)
    smooth = np.empty_like(track)
    for start, end in pairwise(edges):
        padded = np.pad(track[start:end], ((reach, reach), (0, 0)), mode="edge")
        for axis in range(2):
            smooth[start:end, axis] = np.convolve(padded[:, axis], bell / bell.sum(), mode="valid")
    return smooth


def mood(time_s: float) -> Mood:
    """Mood of the stands."""
    for goal in story.GOALS:
        if 0.2 < time_s - goal.time_s < ROAR_S:
            return goal.team
    if any(0.1 < time_s - chance < GASP_S for chance in story.CHANCES_S):
        return "chance"
    return "calm"


def _beat(time_s: float) -> int:
    return int(time_s * 6.25) % BEATS
