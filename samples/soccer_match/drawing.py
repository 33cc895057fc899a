"""Flat shapes with smooth edges, and text, on a picture: uint8 [height, width, 3], RGB. Pixels are floats."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from soccer_match.camera import Floats

Picture: TypeAlias = NDArray[np.uint8]
Colour: TypeAlias = tuple[int, int, int]
Point: TypeAlias = Sequence[float] | Floats
Points: TypeAlias = Floats | Sequence[Point]

SHIFT = 4
"""OpenCV takes coordinates in whole units of 1/16 px."""


def fixed(points: Points) -> NDArray[np.int32]:
    """Points [n, 2] in OpenCV's units; points far outside the picture are clipped so that they fit its integers."""
    return np.round(np.clip(np.asarray(points, dtype=np.float64), -3e4, 3e4) * (1 << SHIFT)).astype(np.int32)


def polygon(picture: Picture, points: Points | None, colour: Colour) -> None:
    """Fill a polygon [n, 2]; None fills nothing."""
    if points is not None:
        cv2.fillPoly(picture, [fixed(points)], colour, cv2.LINE_AA, SHIFT)


def line(picture: Picture, points: Points, colour: Colour, thickness_px: float) -> None:
    """A line with round ends through points [n, 2]."""
    cv2.polylines(picture, [fixed(points)], False, colour, max(1, round(thickness_px)), cv2.LINE_AA, SHIFT)


def ellipse(
    picture: Picture,
    centre: Point,
    axes_px: tuple[float, float],
    colour: Colour,
    *,
    turn_deg: float = 0.0,
    arc_deg: tuple[float, float] = (0.0, 360.0),
) -> None:
    """Fill an ellipse with half-axes `axes_px`, or its slice between two angles (0 is right, 90 is down)."""
    at, axes = fixed([centre])[0], fixed([axes_px])[0]
    place, size = (int(at[0]), int(at[1])), (max(1, int(axes[0])), max(1, int(axes[1])))
    cv2.ellipse(picture, place, size, turn_deg, arc_deg[0], arc_deg[1], colour, -1, cv2.LINE_AA, SHIFT)


def disc(picture: Picture, centre: Point, radius_px: float, colour: Colour) -> None:
    """Fill a circle."""
    at = fixed([centre])[0]
    radius = max(8, round(radius_px * (1 << SHIFT)))
    cv2.circle(picture, (int(at[0]), int(at[1])), radius, colour, -1, cv2.LINE_AA, SHIFT)


def mixed(one: Colour, other: Colour, part: float) -> Colour:
    """The colour `part` of the way from one to the other."""
    return (
        round(one[0] + (other[0] - one[0]) * part),
        round(one[1] + (other[1] - one[1]) * part),
        round(one[2] + (other[2] - one[2]) * part),
    )


@cache
def lettering(text: str, size_px: int, weight_px: float = 0.0) -> Floats:
    """Coverage of a text, 0..1 [height, width], cropped to the ink; `weight_px` makes the letters bolder."""
    font = ImageFont.load_default(size_px)
    left, top, right, bottom = font.getbbox(text, stroke_width=weight_px)
    sheet = Image.new("L", (round(right - left) + 4, round(bottom - top) + 4))
    ImageDraw.Draw(sheet).text((2 - left, 2 - top), text, fill=255, font=font, stroke_width=weight_px, stroke_fill=255)
    ink = np.asarray(sheet, dtype=np.float64) / 255
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def stamp(picture: Picture, ink: Floats, centre: tuple[float, float], colour: Colour) -> None:
    """Blend `colour` in by the coverage `ink`, on whole pixels, clipped at the edges of the picture."""
    height, width = ink.shape
    x0, y0 = round(centre[0] - width / 2), round(centre[1] - height / 2)
    left, top = max(0, -x0), max(0, -y0)
    right, bottom = min(width, picture.shape[1] - x0), min(height, picture.shape[0] - y0)
    if left >= right or top >= bottom:
        return
    place = picture[y0 + top : y0 + bottom, x0 + left : x0 + right]
    part = ink[top:bottom, left:right, None]
    place[:] = np.round(place * (1 - part) + np.array(colour) * part).astype(np.uint8)


def write(
    picture: Picture, text: str, centre: tuple[float, float], size_px: int, colour: Colour, weight_px: float = 0.0
) -> None:
    """Text with its ink centred on `centre`."""
    stamp(picture, lettering(text, size_px, weight_px), centre, colour)


def print_on(picture: Picture, texture: Picture, to_pixels: Floats, outline: Floats | None) -> None:
    """Draw a texture in perspective (float [3, 3], texture to picture pixels) on the part of the picture inside `outline`."""
    if outline is None:
        return
    height, width = picture.shape[:2]
    low, high = np.floor(outline.min(axis=0)).astype(int) - 1, np.ceil(outline.max(axis=0)).astype(int) + 2
    x0, y0, x1, y1 = max(0, int(low[0])), max(0, int(low[1])), min(width, int(high[0])), min(height, int(high[1]))
    if x0 >= x1 or y0 >= y1:
        return
    moved = np.array([[1, 0, -x0], [0, 1, -y0], [0, 0, 1]]) @ to_pixels
    laid = cv2.warpPerspective(texture, moved, (x1 - x0, y1 - y0), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
    cv2.fillPoly(mask, [fixed(outline - (x0, y0))], 255, cv2.LINE_8, SHIFT)
    np.copyto(picture[y0:y1, x0:x1], laid, where=mask[:, :, None] > 0)
