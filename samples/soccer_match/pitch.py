"""The grass with its stripes and lines, the goals with their nets, and the ball."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from soccer_match import story
from soccer_match.camera import HEIGHT_PX, WIDTH_PX, Camera, Floats
from soccer_match.drawing import Colour, Picture, disc, line, polygon
from soccer_match.story import BAR_HEIGHT_M, HALF_GOAL_M, HALF_LENGTH_M, HALF_WIDTH_M

APRON: Colour = (46, 104, 56)
LIGHT: Colour = (78, 152, 72)
DARK: Colour = (66, 138, 64)
CHALK: Colour = (238, 244, 236)
STRIPES = 18
LINE_M = 0.14
NET_DEPTH_M = 2.0
MESH_M = 0.61
BALL_M = 0.17
"""Half again as large as a real one, so that it is visible."""


def draw_pitch(picture: Picture, camera: Camera) -> None:
    """Grass and lines."""
    polygon(picture, camera.outline(_rectangle(-63, 63, -41, 41)), APRON)
    polygon(
        picture,
        camera.outline(_rectangle(-HALF_LENGTH_M - 1.5, HALF_LENGTH_M + 1.5, -HALF_WIDTH_M - 1.5, HALF_WIDTH_M + 1.5)),
        DARK,
    )
    edges = np.linspace(-HALF_LENGTH_M, HALF_LENGTH_M, STRIPES + 1)
    for left, right in zip(edges[::2], edges[1::2], strict=False):
        polygon(picture, camera.outline(_rectangle(left, right, -HALF_WIDTH_M - 1.5, HALF_WIDTH_M + 1.5)), LIGHT)
    for marking in markings():
        polygon(picture, camera.outline(marking), CHALK)


def _rectangle(x0: float, x1: float, y0: float, y1: float) -> Floats:
    return np.array([(x0, y0, 0), (x1, y0, 0), (x1, y1, 0), (x0, y1, 0)], dtype=np.float64)


def _stroke(x0: float, y0: float, x1: float, y1: float) -> Floats:
    """A straight line of chalk along x or y."""
    half = LINE_M / 2
    return _rectangle(min(x0, x1) - half, max(x0, x1) + half, min(y0, y1) - half, max(y0, y1) + half)


def _arc(x: float, y: float, radius: float, from_rad: float, to_rad: float) -> Floats:
    around = np.linspace(from_rad, to_rad, 28)
    ring = np.column_stack([np.cos(around), np.sin(around)])
    band = np.concatenate([ring * (radius - LINE_M / 2), ring[::-1] * (radius + LINE_M / 2)])
    ground = np.array([x, y]) + band
    return np.column_stack([ground, np.zeros(len(ground))])


@cache
def markings() -> tuple[Floats, ...]:
    """Every line of the pitch as a polygon [n, 3]; sizes are those of the Laws of the Game."""
    length, width = HALF_LENGTH_M, HALF_WIDTH_M
    shapes = [_stroke(-length, y, length, y) for y in (-width, width)] + [
        _stroke(x, -width, x, width) for x in (-length, 0, length)
    ]
    shapes += [_arc(0, 0, 9.15, start, start + np.pi) for start in (0, np.pi)]
    shapes.append(_rectangle(-0.2, 0.2, -0.2, 0.2))
    for side in (-1, 1):
        for depth, half in ((16.5, 20.15), (5.5, 9.16)):
            front = side * (length - depth)
            shapes += [_stroke(front, -half, front, half)]
            shapes += [_stroke(front, y, side * length, y) for y in (-half, half)]
        spot = side * (length - 11)
        shapes.append(_rectangle(spot - 0.15, spot + 0.15, -0.15, 0.15))
        turn = np.pi if side > 0 else 0.0
        shapes.append(_arc(spot, 0, 9.15, turn - 0.926, turn + 0.926))
        shapes += [_arc(side * length, y * width, 1.0, *_corner(side, y)) for y in (-1, 1)]
    return tuple(shapes)


def _corner(side: int, y: int) -> tuple[float, float]:
    """The quarter circle that lies inside the pitch."""
    start = {(-1, -1): 0.0, (1, -1): np.pi / 2, (1, 1): np.pi, (-1, 1): 1.5 * np.pi}[side, y]
    return start, start + np.pi / 2


def draw_goal(picture: Picture, camera: Camera, side: int, time_s: float) -> None:
    """One goal (`side` is -1 or 1): a see-through net, then posts and bar."""
    overlay = picture.copy()
    for thread in _net(side, time_s):
        pixels, _ = camera.project(thread)
        line(overlay, pixels, (226, 230, 228), 1)
    cv2.addWeighted(overlay, 0.42, picture, 0.58, 0, dst=picture)
    x = side * HALF_LENGTH_M
    frame = np.array(
        [(x, -HALF_GOAL_M, 0), (x, -HALF_GOAL_M, BAR_HEIGHT_M), (x, HALF_GOAL_M, BAR_HEIGHT_M), (x, HALF_GOAL_M, 0)]
    )
    pixels, scale = camera.project(frame)
    line(picture, pixels, (250, 250, 250), max(1.6, 0.14 * float(scale.mean())))


def goal_seen(camera: Camera, side: int) -> bool:
    """Whether any part of a goal is in the picture."""
    x = side * HALF_LENGTH_M
    corners = np.array(
        [(x, y, z) for x in (x, x + side * NET_DEPTH_M) for y in (-HALF_GOAL_M, HALF_GOAL_M) for z in (0, BAR_HEIGHT_M)]
    )
    if (camera.depth(corners) < 1).any():
        return False
    pixels, _ = camera.project(corners)
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    return bool(high[0] > 0 and low[0] < WIDTH_PX and high[1] > 0 and low[1] < HEIGHT_PX)


def _net(side: int, time_s: float) -> list[Floats]:
    """Threads [n, 3] of back, roof and sides, bulging where a ball has just gone in."""
    across = np.linspace(-HALF_GOAL_M, HALF_GOAL_M, round(2 * HALF_GOAL_M / MESH_M) + 1)
    profile = _profile()
    sheet = np.array([[(out, y, z) for out, z in profile] for y in across])
    sheet[..., 0] += _bulge(side, sheet, time_s)
    threads = [*sheet, *sheet.transpose(1, 0, 2)]
    for y in (-HALF_GOAL_M, HALF_GOAL_M):
        threads += [np.array([(0.0, y, z), (out, y, z)]) for out, z in profile[3:]]
        threads += [np.array([(out, y, 0.0), (out, y, z)]) for out, z in profile[:4]]
    return [thread * (side, 1, 1) + (side * HALF_LENGTH_M, 0, 0) for thread in threads]


def _profile() -> list[tuple[float, float]]:
    """The net seen from the side: metres behind the line and above the grass, from the bar to the ground."""
    roof = [(out, BAR_HEIGHT_M - 0.1 * out) for out in (0.0, 0.4, 0.8, 1.2)]
    back = [(1.2 + 0.8 * part, 2.32 * (1 - part)) for part in (0.2, 0.4, 0.6, 0.8, 1.0)]
    return roof + back


def _bulge(side: int, sheet: Floats, time_s: float) -> Floats:
    """How far the net bulges in metres, for a net sheet [..., 3]."""
    pushed = np.zeros(sheet.shape[:-1])
    for goal in story.GOALS:
        since = time_s - goal.time_s
        if (goal.team == "home") == (side > 0) and 0 < since < 1.6:
            hit = next(touch for touch in story.TOUCHES if touch.time_s > goal.time_s)
            near = np.exp(-((sheet[..., 1] - hit.y_m) ** 2 + (sheet[..., 2] - hit.z_m) ** 2) / 0.9)
            pushed += near * 0.75 * np.exp(-since * 2.2) * np.sin(min(since / 0.2, 1) * np.pi / 2)
    return pushed


def draw_ball_shadow(picture: Picture, camera: Camera, ball: Floats) -> None:
    """The higher the ball, the further away its shadow."""
    if abs(ball[0]) > HALF_LENGTH_M + 4:
        return
    around = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    at = np.array([ball[0] + 0.25 * ball[2], ball[1] + 0.08 * ball[2], 0.0])
    polygon(
        picture, camera.outline(at + np.column_stack([0.26 * np.cos(around), 0.2 * np.sin(around), np.zeros(12)])), (38, 84, 44)
    )


def draw_ball(picture: Picture, camera: Camera, ball: Floats) -> None:
    """White, with rolling dark patches if it is close enough to see them."""
    pixels, scale = camera.project(ball + np.array([0, 0, BALL_M - 0.11]))
    radius = max(1.9, BALL_M * float(scale))
    disc(picture, pixels, radius + 0.8, (70, 78, 72))
    disc(picture, pixels, radius, (255, 255, 255))
    if radius < 6:
        return
    roll = float(ball[0] + ball[1]) * 2.5
    for turn in range(3):
        angle = roll + turn * 2 * np.pi / 3
        disc(picture, pixels + 0.5 * radius * np.array([np.cos(angle), np.sin(angle) * 0.8]), 0.26 * radius, (40, 40, 46))
