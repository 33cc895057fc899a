"""The cards of a reel: intro, outro and recap."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from highlights.reel.footage import Picture
from highlights.reel.lettering import Ink, font_for, set_line, set_lines
from highlights.reel.lower_third import ACCENT, GREY, WHITE
from highlights.reel.recap import RECAP_TITLE, Recap

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
    """A gradient from top to bottom; a little fixed noise prevents banding by the encoder."""
    width, height = size
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    colours = np.array(TOP_COLOUR) * (1 - down) + np.array(BOTTOM_COLOUR) * down
    noise = np.random.default_rng(0).uniform(-1, 1, (height, width, 1))
    return Image.fromarray(np.clip(colours + noise + 0.5, 0, 255).astype(np.uint8))


def draw_recap(recap: Recap, size: tuple[int, int]) -> Picture:
    """The recap card, uint8 [height, width, 3] RGB: teams and score on top, the events below."""
    width, height = size
    unit = min(width, height)
    result = recap.result or RECAP_TITLE
    lines = set_lines(result, font_for(result), max(22, 0.1 * unit), 0.84 * width)
    rule, gap = max(2, 0.007 * unit), 0.035 * unit
    head_px = sum(line.height_px for line in lines) + rule + 2 * gap
    step = min((0.095 if width < height else 0.078) * unit, (0.86 * height - head_px) / max(1, len(recap.rows)))
    image = _background(size)
    pen = ImageDraw.Draw(image)
    top = (height - head_px - step * len(recap.rows)) / 2
    for line in lines:
        line.draw(pen, (width - line.width_px) / 2, top, WHITE)
        top += line.height_px
    top += gap
    pen.rectangle((width / 2 - 0.07 * unit, top, width / 2 + 0.07 * unit, top + rule), fill=ACCENT)
    _draw_rows(pen, recap, size, top + rule + gap, step)
    return np.asarray(image)


def _draw_rows(pen: ImageDraw.ImageDraw, recap: Recap, size: tuple[int, int], top: float, step: float) -> None:
    """The events, one line every `step` pixels as clock, text and score; the table is centred."""
    width, height = size
    room = 0.88 * width if width < 1.2 * height else 0.66 * width
    left, size_px = (width - room) / 2, max(8, step / 1.6)
    font = font_for(*(f"{row.clock} {row.words} {row.score}" for row in recap.rows))
    clocks = [set_line(row.clock, font, size_px, room / 4) for row in recap.rows]
    scores = [set_line(row.score, font, size_px, room / 4) for row in recap.rows]
    clock_px, score_px = (max((line.width_px for line in column), default=0) for column in (clocks, scores))
    gap = 0.7 * size_px
    for row, clock, score in zip(recap.rows, clocks, scores, strict=True):
        words = set_line(row.words, font, size_px, room - clock_px - score_px - 2 * gap)
        for line, x, ink in (
            (clock, left + clock_px - clock.width_px, GREY),
            (words, left + clock_px + gap, WHITE),
            (score, left + room - score.width_px, ACCENT),
        ):
            line.draw(pen, x, top + (step - line.height_px) / 2, ink)
        top += step
