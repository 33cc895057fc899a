"""The surroundings of the pitch: four stands full of people, advertising boards, the roof and the evening sky."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import cv2
import numpy as np

from soccer_match.camera import HEIGHT_PX, WIDTH_PX, Camera, Floats
from soccer_match.drawing import Colour, Picture, disc, mixed, polygon, print_on, write

Mood = Literal["calm", "home", "away", "chance"]

STAND_M, ROWS_M = 136.0, 30.0
"""Length of the long stands, and of their slope."""
FIRST_ROW_M = 1.5
SEAT_M, ROW_M = 0.85, 1.2
CROWD_PX_PER_M = 9
AWAY_FANS_FROM_M = 100.0
BOARD_M, BOARD_LENGTH_M, BOARD_PX_PER_M = 0.95, 8.0, 26
BEATS = 4
"""A jump is drawn in this many steps."""

HOME_SHIRTS: tuple[Colour, ...] = ((188, 48, 52), (168, 36, 44), (214, 206, 200), (120, 40, 48), (60, 58, 68))
AWAY_SHIRTS: tuple[Colour, ...] = ((52, 88, 178), (214, 186, 74), (40, 64, 140), (200, 204, 214), (56, 60, 76))
FACES: tuple[Colour, ...] = ((214, 178, 148), (190, 148, 116), (132, 94, 68))
SHADE: Colour = (44, 40, 54)
"""The stands are in the dark behind the floodlights."""
AISLE: Colour = (58, 60, 70)
SPONSORS: tuple[tuple[str, Colour, Colour], ...] = (
    ("KITE COLA", (196, 30, 40), (255, 255, 255)),
    ("moss & daughters", (22, 92, 66), (236, 244, 220)),
    ("PIXEL TEA", (250, 196, 40), (40, 28, 20)),
    ("northwind rail", (24, 52, 112), (255, 255, 255)),
    ("BOOT CO", (240, 240, 240), (20, 20, 24)),
    ("HELLO SOUP", (230, 110, 30), (255, 250, 230)),
    ("quiet bank", (80, 40, 120), (230, 220, 250)),
)


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the ground: where its first row begins, the direction of the rows, and the direction towards the pitch."""

    corner: tuple[float, float]
    along: tuple[float, float]
    inward: tuple[float, float]
    length_m: float
    board_gap_m: float


SIDES = (
    Side((-68, 41), (1, 0), (0, -1), 136, 3.0),
    Side((68, -41), (-1, 0), (0, 1), 136, 3.0),
    Side((63, 41), (0, -1), (-1, 0), 82, 5.0),
    Side((-63, -41), (0, 1), (1, 0), 82, 5.0),
)


@cache
def sky() -> Picture:
    """Evening: dark above, lighter towards the roofs."""
    fade = np.linspace(0, 1, HEIGHT_PX)[:, None, None]
    rows = (1 - fade) * np.array((22, 30, 62)) + fade * np.array((96, 104, 140))
    return np.ascontiguousarray(np.broadcast_to(rows, (HEIGHT_PX, WIDTH_PX, 3)).astype(np.uint8))


@cache
def crowd(mood: Mood, beat: int, blur_px: float = 0.9) -> Picture:
    """A stand full of people, first row at the top of the texture; each jumps to a beat of their own if their team scored.

    `blur_px` is how far out of focus they are.
    """
    rng = np.random.default_rng(11)
    width, height = round(STAND_M * CROWD_PX_PER_M), round(ROWS_M * CROWD_PX_PER_M)
    sheet = np.full((height, width, 3), (34, 36, 48), np.uint8)
    for row in range(round(ROWS_M / ROW_M) - 1, -1, -1):
        for seat in range(round(STAND_M / SEAT_M)):
            place_m, shirt, face, phase, there = (
                seat * SEAT_M,
                rng.integers(5),
                rng.integers(3),
                rng.integers(BEATS),
                rng.random(),
            )
            if there < 0.05 or seat % 24 == 0:
                continue
            away = place_m > AWAY_FANS_FROM_M
            colour = (AWAY_SHIRTS if away else HOME_SHIRTS)[shirt]
            up_m = _hop_m(mood, away, int(phase + beat) % BEATS, there)
            x, y = (place_m + 0.15 * phase / BEATS) * CROWD_PX_PER_M, (row * ROW_M + 0.2 + up_m) * CROWD_PX_PER_M
            _draw_fan(sheet, x, y, mixed(colour, SHADE, 0.35), mixed(FACES[face], SHADE, 0.35))
    return np.asarray(cv2.GaussianBlur(sheet, (0, 0), blur_px), dtype=np.uint8)


def _hop_m(mood: Mood, away: bool, beat: int, calmness: float) -> float:
    if mood == "chance":
        return 0.4 if calmness > 0.5 else 0.0
    if mood == ("away" if away else "home"):
        return (0.0, 0.4, 0.6, 0.4)[beat]
    return 0.0


def _draw_fan(sheet: Picture, x: float, y: float, shirt: Colour, face: Colour) -> None:
    """`y` is the position of the feet; the texture is upside down."""
    left, feet = round(x), round(y)
    sheet[max(0, feet) : feet + 7, left : left + 6] = shirt
    disc(sheet, (x + 2.5, y + 8), 2.2, face)


@cache
def boards() -> Picture:
    """The advertising boards of one side."""
    height, width = round(BOARD_M * BOARD_PX_PER_M), round(BOARD_LENGTH_M * BOARD_PX_PER_M)
    sheet = np.zeros((height, width * 17, 3), np.uint8)
    for number in range(17):
        name, ground, ink = SPONSORS[number * 3 % len(SPONSORS)]
        board = sheet[:, number * width : (number + 1) * width]
        board[:] = ground
        write(board, name, (width / 2, height / 2), round(height * 0.72), ink, 0.5)
    return sheet


def draw_stadium(picture: Picture, camera: Camera, mood: Mood, beat: int, blur_px: float) -> None:
    """Sky, roofs, stands, walls: everything behind the grass."""
    picture[:] = sky()
    for side in SIDES:
        origin = np.array([*side.corner, FIRST_ROW_M])
        along = np.array([*side.along, 0.0])
        up = np.array([-0.8 * side.inward[0], -0.8 * side.inward[1], 0.6])
        if not _faces(camera, origin, np.cross(along, up)):
            continue
        _draw_roof(picture, camera, side, origin + up * ROWS_M)
        polygon(
            picture, _panel(camera, origin - (0, 0, FIRST_ROW_M), along, np.array([0, 0, FIRST_ROW_M]), side.length_m), AISLE
        )
        texture = crowd(mood, beat, blur_px)
        scale = np.diag([1 / CROWD_PX_PER_M, 1 / CROWD_PX_PER_M, 1.0])
        print_on(
            picture,
            texture,
            camera.homography(origin, along, up) @ scale,
            _panel(camera, origin, along, up * ROWS_M, side.length_m),
        )


def draw_boards(picture: Picture, camera: Camera) -> None:
    """The boards whose printed side faces the camera."""
    for side in SIDES:
        gap = np.array([*side.inward, 0.0]) * side.board_gap_m
        along = np.array([*side.along, 0.0])
        length = side.length_m - 20
        origin = np.array([*side.corner, BOARD_M]) + gap + along * 10
        if not _faces(camera, origin, np.array([*side.inward, 0.0])):
            continue
        scale = np.diag([1 / BOARD_PX_PER_M, 1 / BOARD_PX_PER_M, 1.0])
        down = np.array([0.0, 0.0, -1.0])
        print_on(
            picture,
            boards(),
            camera.homography(origin, along, down) @ scale,
            _panel(camera, origin, along, down * BOARD_M, length),
        )


def _faces(camera: Camera, origin: Floats, normal: Floats) -> bool:
    towards = normal if normal[2] >= 0 else -normal
    return float((camera.eye - origin) @ towards) > 0


def _panel(camera: Camera, origin: Floats, along: Floats, up: Floats, length_m: float) -> Floats | None:
    end = origin + along * length_m
    return camera.outline(np.array([origin, end, end + up, origin + up]))


def _draw_roof(picture: Picture, camera: Camera, side: Side, top: Floats) -> None:
    """A dark roof over the last rows, with a row of lights at its edge."""
    along = np.array([*side.along, 0.0])
    reach, edge = np.array([*side.inward, 0.0]) * 9, np.array([0.0, 0.0, 5.0])
    polygon(picture, _panel(camera, top, along, edge, side.length_m), (26, 28, 38))
    polygon(picture, _panel(camera, top + edge, along, reach, side.length_m), (46, 50, 62))
    polygon(picture, _panel(camera, top + reach + edge, along, np.array([0, 0, 1.2]), side.length_m), (70, 76, 92))
    for place_m in np.arange(6, side.length_m, 10):
        lamp = top + reach + along * place_m + (0, 0, 4.6)
        if camera.depth(lamp) > 2:
            pixels, scale = camera.project(lamp)
            disc(picture, pixels, 0.5 * float(scale), (250, 248, 226))
