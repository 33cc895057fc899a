"""The lower third: event, game clock and description, on a plate at the bottom left, as on television."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from moviepy import Effect, VideoClip
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from highlights.reel.footage import Picture
from highlights.reel.lettering import Ink, Line, font_for, set_line, set_rows

Edges = tuple[float, float, float, float]
"""x0, y0, x1, y1 in pixels."""

ACCENT: Ink = (255, 196, 0)
WHITE: Ink = (255, 255, 255)
GREY: Ink = (208, 216, 230)
NAVY: Ink = (10, 16, 30)
PLATE_ALPHA = 218
"""Opacity of the plate (of 255): its text has a contrast over 7:1 even on a white picture."""

APPEAR_S = 0.35
"""Delay of the plate, so that the viewer sees the picture first."""
SHOWN_S = 4.0
READ_PER_S = 20
"""Reading speed in characters per second; a description prolongs the plate accordingly, up to `LONGEST_S`."""
LONGEST_S = 8.0
FADE_S = 0.4


@dataclass(frozen=True, slots=True)
class Plate:
    """A drawn graphic, uint8 [height, width, 4] RGBA, the place of its upper left corner, and how long it is shown."""

    pixels: NDArray[np.uint8]
    x: int
    y: int
    shown_s: float = SHOWN_S

    @property
    def edges(self) -> Edges:
        """Its edges in the frame."""
        return self.x, self.y, self.x + self.pixels.shape[1], self.y + self.pixels.shape[0]


@dataclass
class LowerThird(Effect):  # type: ignore[misc]  # moviepy has no types
    """Lays a plate over a clip's first seconds, from `from_s` on, with a soft fade in and out."""

    plate: Plate
    from_s: float = APPEAR_S

    def apply(self, clip: VideoClip) -> VideoClip:
        """The clip with the plate on it."""
        end_s = min(self.from_s + self.plate.shown_s, clip.duration)

        def with_plate(get_frame: Callable[[float], Picture], time_s: float) -> Picture:
            return blend(get_frame(time_s), self.plate, opacity_at(time_s, end_s, self.from_s))

        return clip.transform(with_plate)


@dataclass
class Overlay(Effect):  # type: ignore[misc]  # moviepy has no types
    """Lays a plate over the whole of a clip."""

    plate: Plate

    def apply(self, clip: VideoClip) -> VideoClip:
        """The clip with the plate on it."""
        return clip.image_transform(lambda picture: blend(picture, self.plate, 1.0))


def opacity_at(time_s: float, end_s: float, from_s: float = APPEAR_S) -> float:
    """Opacity of the plate `time_s` into the clip, 0..1, eased at both ends."""
    ramp = min(1.0, max(0.0, min(time_s - from_s, end_s - time_s) / FADE_S))
    return ramp * ramp * (3 - 2 * ramp)


def blend(picture: Picture, plate: Plate, opacity: float) -> Picture:
    """A copy of `picture` with the plate on it."""
    if opacity <= 0:
        return picture
    height, width = plate.pixels.shape[:2]
    place = np.s_[plate.y : plate.y + height, plate.x : plate.x + width]
    alpha = plate.pixels[..., 3:] * np.float32(opacity / 255)
    shown = picture.copy()
    shown[place] = picture[place] * (1 - alpha) + plate.pixels[..., :3] * alpha + 0.5
    return shown


def draw_plate(
    title: str,
    subtitle: str,
    size: tuple[int, int],
    *,
    description: str = "",
    tag: str = "",
    keep_clear: Sequence[Edges] = (),
) -> Plate | None:
    """The graphic for a frame of `size`, or None if there is no text.

    It stands on the lower left safe margin, or above what it must `keep_clear` of, such as the score graphic.
    """
    width, height = size
    unit, upright = min(width, height), width < height
    room = _room(size)
    font = font_for(title.upper(), subtitle, description)
    rows = set_rows(description, font, max(13, 0.034 * unit), room, 2 if width > height else 3)
    lines = [
        (set_line(title.upper(), font, max(20, 0.06 * unit), room), WHITE),
        (set_line(subtitle, font, max(14, 0.036 * unit), room), GREY),
        *((row, WHITE) for row in rows),
    ]
    lines = [(line, ink) for line, ink in lines if line.text]
    if not lines and not tag:
        return None
    image = _draw(lines, set_line(tag, None, max(11, 0.026 * unit), room), unit)
    x = round(0.06 * width)
    y = round((0.84 if upright else 0.91) * height) - image.height
    pixels = np.asarray(image)[:height, : width - x]
    return Plate(pixels, x, max(0, _clear_of(keep_clear, x, y, image)), shown_s(description))


def shown_s(description: str) -> float:
    """How long a plate is shown, including the time to read the description."""
    return min(LONGEST_S, SHOWN_S + len(description) / READ_PER_S)


def _room(size: tuple[int, int]) -> float:
    """Largest text width: over half of a wide frame, else from margin to margin minus the plate's own edges."""
    width, height = size
    bar, pad = _edges(min(size))
    return 0.56 * width if width > 1.4 * height else 0.88 * width - bar - 2.5 * pad


def _edges(unit: int) -> tuple[int, int]:
    """Width of the plate's bar, and padding around its text."""
    return max(4, round(0.011 * unit)), max(8, round(0.026 * unit))


def _clear_of(boxes: Sequence[Edges], x: int, y: int, image: Image.Image) -> int:
    """The lowest top edge, at most `y`, at which the image covers none of the boxes."""
    for x0, y0, x1, y1 in sorted(boxes, key=lambda box: -box[3]):
        if x < x1 and x0 < x + image.width and y < y1 and y0 < y + image.height:
            y = round(y0 - 0.35 * (y1 - y0)) - image.height
    return y


def _draw(lines: Sequence[tuple[Line, Ink]], flag: Line, unit: int) -> Image.Image:
    """The plate with its bar and lines, and the flag on top if it has text; mirrored for right-to-left text."""
    bar, pad = _edges(unit)
    top = flag.height_px + pad // 2 if flag.text else 0
    flag_px = bar + pad + flag.width_px if flag.text else 0
    width = max(flag_px + 1, *(bar + pad + line.width_px + round(1.5 * pad) for line, _ in lines), 0)
    height = top + sum(line.height_px for line, _ in lines) + (round(1.1 * pad) if lines else 0)
    image = Image.new("RGBA", (width, height))
    pen = ImageDraw.Draw(image)
    mirrored = bool(lines) and lines[0][0].right_to_left
    if lines:
        pen.rectangle((0, top, width, height), fill=(*NAVY, PLATE_ALPHA))
        pen.rectangle((width - bar, top, width, height) if mirrored else (0, top, bar - 1, height), fill=ACCENT)
    if flag.text:
        flag_x = width - flag_px - 1 if mirrored else 0
        pen.rectangle((flag_x, 0, flag_x + flag_px, top - 1), fill=ACCENT)
        flag.draw(pen, flag_x + (bar + pad) / 2, pad / 4, NAVY)
    line_top = top + 0.5 * pad
    for line, ink in lines:
        line.draw(pen, width - bar - pad - line.width_px if mirrored else bar + pad, line_top, ink)
        line_top += line.height_px
    return image
