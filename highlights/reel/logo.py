"""A logo in a corner of the film that the score graphic leaves free."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from highlights.errors import RenderError
from highlights.reel.lower_third import Edges, Plate

ACROSS, DOWN = 0.28, 0.1
"""Largest width and height of a logo, as a share of the film's shorter side."""
SIDE, TOP = 0.05, 0.05
"""The safe margin as a share of width and height."""
TOP_UPRIGHT, BOTTOM_UPRIGHT = 0.08, 0.16
"""Share of an upright film's height where phones show their own buttons and text."""
FORMATS = ("PNG", "WEBP", "JPEG")
"""Pillow reads many more, each with a decoder of its own."""
MOST_PIXELS = 50_000_000


def place_logo(path: Path, size: tuple[int, int], keep_clear: Sequence[Edges]) -> Plate:
    """The logo as laid on every frame, with its own transparency.

    Raises:
        RenderError: it is not a usable picture.
    """
    pixels = np.asarray(_fitted(_opened(path), min(size)))
    corners = _corners(size, pixels.shape[1], pixels.shape[0])
    x, y = min(corners, key=lambda corner: _hidden(corner, pixels, keep_clear))
    return Plate(pixels, x, y)


def _opened(path: Path) -> Image.Image:
    try:
        with Image.open(path, formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise RenderError(f"{path}: is too large for a logo; give a picture of up to {MOST_PIXELS:,} pixels")
            logo: Image.Image = image.convert("RGBA")
    except (OSError, UnidentifiedImageError, ValueError) as error:
        raise RenderError(f"{path}: cannot be used as a logo; give a picture (PNG, WebP, JPEG)") from error
    return logo


def _fitted(image: Image.Image, unit: int) -> Image.Image:
    scale = min(ACROSS * unit / image.width, DOWN * unit / image.height)
    # colours are weighted by alpha, so that transparent pixels do not bleed into the edges
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.convert("RGBa").resize(size, Image.Resampling.LANCZOS).convert("RGBA")


def _corners(size: tuple[int, int], across: int, down: int) -> list[tuple[int, int]]:
    """Upper left corners of the logo in order of preference; lower left, where titles are, comes last."""
    width, height = size
    above, below = (TOP_UPRIGHT, BOTTOM_UPRIGHT) if width < height else (TOP, TOP)
    left, right = round(SIDE * width), width - round(SIDE * width) - across
    top, bottom = round(above * height), height - round(below * height) - down
    return [(right, top), (right, bottom), (left, top), (left, bottom)]


def _hidden(corner: tuple[int, int], pixels: NDArray[np.uint8], boxes: Sequence[Edges]) -> float:
    """The area of the boxes under the logo in pixels."""
    (x, y), (height, width) = corner, pixels.shape[:2]
    over = [(min(x + width, x1) - max(x, x0), min(y + height, y1) - max(y, y0)) for x0, y0, x1, y1 in boxes]
    return float(sum(across * down for across, down in over if across > 0 and down > 0))
