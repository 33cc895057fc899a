"""The broadcaster's graphics: the score graphic with the game clock, and the wipe around replays."""

from __future__ import annotations

from functools import cache

import numpy as np

from soccer_match import story
from soccer_match.camera import HEIGHT_PX, WIDTH_PX
from soccer_match.drawing import Colour, Picture, disc, polygon, write
from soccer_match.figures import AWAY, HOME

NIGHT: Colour = (16, 20, 40)
GOLD: Colour = (244, 186, 58)
LEFT_PX, TOP_PX, BAR_PX = 26, 20, 32
TEXT_PX = 26
CELLS_PX = (80, 68, 58, 70)
"""Widths of clock, home team, score, away team."""


@cache
def score_graphic(clock: str, score: str) -> Picture:
    """Only the graphic: `67:30 | ELK | 1-0 | JAY`."""
    graphic = np.zeros((BAR_PX, sum(CELLS_PX), 3), np.uint8)
    cells = (
        (clock, (240, 242, 246), NIGHT),
        (story.TEAMS[0], NIGHT, (255, 255, 255)),
        (score, GOLD, NIGHT),
        (story.TEAMS[1], NIGHT, (255, 255, 255)),
    )
    left = 0
    for width, (text, ground, ink) in zip(CELLS_PX, cells, strict=True):
        graphic[:, left : left + width] = ground
        write(graphic, text, (left + width / 2 + 2, BAR_PX / 2), TEXT_PX, ink, 0.6)
        left += width
    graphic[:, CELLS_PX[0] : CELLS_PX[0] + 6] = HOME.shirt
    graphic[:, -6:] = AWAY.shirt
    return graphic


def draw_score(picture: Picture, time_s: float) -> None:
    """Draw the graphic as it is at `time_s`."""
    clock_s = int(story.KICKOFF_CLOCK_S + time_s + 1e-6)
    home, away = story.score_at(time_s)
    graphic = score_graphic(f"{clock_s // 60}:{clock_s % 60:02d}", f"{home}-{away}")
    height, width = graphic.shape[:2]
    picture[TOP_PX : TOP_PX + height, LEFT_PX : LEFT_PX + width] = graphic


def draw_wipe(picture: Picture, part: float) -> None:
    """A slanted band that sweeps over the picture, `part` 0..1; halfway it covers everything and shows a ball."""
    slant, reach = 90, WIDTH_PX + 220
    front = -30 + min(1.0, part / 0.42) * reach
    rear = -30 + max(0.0, (part - 0.58) / 0.42) * reach
    for grow, colour in ((20, GOLD), (10, (255, 255, 255)), (0, NIGHT)):
        band = [
            (rear - grow - slant, 0),
            (front + grow, 0),
            (front + grow - slant, HEIGHT_PX),
            (rear - grow - 2 * slant, HEIGHT_PX),
        ]
        polygon(picture, band, colour)
    _draw_logo(picture, (front + rear) / 2 - slant, part)


def _draw_logo(picture: Picture, x: float, part: float) -> None:
    """A golden ring with a turning ball in it."""
    centre = np.array([x, HEIGHT_PX / 2])
    disc(picture, centre, 70, GOLD)
    disc(picture, centre, 62, NIGHT)
    disc(picture, centre, 49, (250, 250, 250))
    for turn in range(5):
        angle = turn * 2 * np.pi / 5 + part * 4
        _draw_patch(picture, centre + 44 * np.array([np.cos(angle), np.sin(angle)]), 17, angle)
    _draw_patch(picture, centre, 18, part * 4)


def _draw_patch(picture: Picture, centre: np.ndarray, radius_px: float, turn_rad: float) -> None:
    corners = turn_rad + np.arange(5) * 2 * np.pi / 5
    polygon(picture, centre + radius_px * np.column_stack([np.cos(corners), np.sin(corners)]), NIGHT)
