"""The intro card: what was played, by whom."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from highlights.reel.footage import Picture
from highlights.reel.lettering import Ink, font_for, set_line, set_lines
from highlights.reel.lower_third import ACCENT, GREY, WHITE

CARD_S = 2.5
TOP_COLOUR: Ink = (24, 38, 66)
BOTTOM_COLOUR: Ink = (6, 10, 20)


def draw_card(headline: str, small_line: str, size: tuple[int, int]) -> Picture:
    """The card, uint8 [height, width, 3] RGB: a small line, an accent rule and the headline, centred as one block."""
    width, height = size
    unit = min(width, height)
    room = 0.84 * width
    font = font_for(small_line.upper(), headline)
    above = set_line(small_line.upper(), font, max(12, 0.042 * unit), room)
    below = set_lines(headline, font, max(22, 0.105 * unit), room)
    image = _background(size)
    pen = ImageDraw.Draw(image)
    gap, rule = 0.03 * unit, max(2, 0.007 * unit)
    top = (height - sum(line.height_px for line in (above, *below)) - 2 * gap - rule) / 2
    above.draw(pen, (width - above.width_px) / 2, top, GREY)
    top += above.height_px + gap
    pen.rectangle((width / 2 - 0.07 * unit, top, width / 2 + 0.07 * unit, top + rule), fill=ACCENT)
    top += rule + gap
    for line in below:
        line.draw(pen, (width - line.width_px) / 2, top, WHITE)
        top += line.height_px
    return np.asarray(image)


def _background(size: tuple[int, int]) -> Image.Image:
    """A plain gradient from top to bottom; a little fixed noise keeps the encoder from making steps of it."""
    width, height = size
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    colours = np.array(TOP_COLOUR) * (1 - down) + np.array(BOTTOM_COLOUR) * down
    noise = np.random.default_rng(0).uniform(-1, 1, (height, width, 1))
    return Image.fromarray(np.clip(colours + noise + 0.5, 0, 255).astype(np.uint8))
