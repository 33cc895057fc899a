"""Score graphics of many designs, drawn over moving video, with the truth of what they show.

    Design ──► frames(design) ──► Frame, Frame, ...     as from a decoder, but never encoded
           └─► design.story.states                      what is shown, and from when

A design is rows of cells; a cell is a text with fields in braces (`{home}`, `{clock}`) that follow the story.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from highlights.analysis.score.interpret import interpret
from highlights.analysis.score.locate import Graphic, find_graphics
from highlights.analysis.score.slots import GraphicReading
from highlights.analysis.score.survey import LARGEST_WIDTH, PICTURES, enlarged
from highlights.analysis.score.watch import ScoreWatch
from highlights.media.frames import Frame
from highlights.profile import ScoreboardRules
from highlights.records import Scoreboard
from highlights.spans import Span

RATE_HZ = 12.5
OLD_S = 0.3  # the last reading of the old value is this close
BACK_S = 0.7  # a graphic that reappears is read within this time
SHOT_S = 3.7  # interval between cuts
FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/Library/Fonts"), Path("/System/Library/Fonts"))

Counters = Mapping[str, int]
Painter = Callable[[Image.Image, float], None]


@dataclass(frozen=True)
class Story:
    """The counters from each time on, and the text of other fields at any time."""

    states: tuple[tuple[float, Counters], ...]
    fields: Mapping[str, Callable[[float, Counters], str]] = field(default_factory=dict)
    length_s: float = 40.0

    def at(self, time_s: float) -> Counters:
        """The counters shown at `time_s`."""
        return next(counters for start_s, counters in reversed(self.states) if start_s <= time_s)

    def texts(self, time_s: float) -> dict[str, str]:
        """The text of every field at `time_s`."""
        counters = self.at(time_s)
        return {k: str(v) for k, v in counters.items()} | {k: make(time_s, counters) for k, make in self.fields.items()}


@dataclass(frozen=True)
class Cell:
    """A text on a background; without one the plate below is visible; `room` is the minimum width in line heights.

    `scale` is the size of its letters relative to the design's; a line break makes two small lines.
    """

    text: str
    ink: str = "white"
    ground: str = ""
    room: float = 0.0
    scale: float = 1.0


@dataclass(frozen=True)
class Design:
    """A score graphic and its surroundings. `place` is its middle as a share of the frame's width and height."""

    name: str
    rules: ScoreboardRules
    story: Story
    rows: tuple[tuple[Cell, ...], ...]
    size: tuple[int, int] = (1280, 720)
    place: tuple[float, float] = (0.18, 0.08)
    text_px: int = 28
    font: str = ""
    bold: int = 0
    plate: str = "#101c38"
    opacity: float = 1.0
    gap: float = 0.35
    hidden: tuple[tuple[float, float], ...] = ()
    extras: tuple[Painter, ...] = ()
    later: tuple[float, Design] | None = None
    """When another design takes over, and that design."""
    still: bool = False
    """Whether the camera never moves."""

    def shown(self, time_s: float) -> bool:
        """Whether the graphic is visible."""
        return not any(start_s <= time_s < end_s for start_s, end_s in self.hidden)


def read(design: Design, rate_hz: float = RATE_HZ, pictures: int = PICTURES) -> Scoreboard:
    """The scoreboard that the program reads from a design: survey, watch, interpretation, as for a recording."""
    times = [round(i / rate_hz, 3) for i in range(round(design.story.length_s * rate_hz))]
    spread = [times[round(i * (len(times) - 1) / (pictures - 1))] for i in range(pictures)]
    width = min(LARGEST_WIDTH, design.size[0])
    found = find_graphics([frame.small_bgr(width) for frame in frames(design, spread)])
    graphics = [replace(g, rows=tuple(enlarged(b, design.size[0] / width) for b in g.rows)) for g in found]
    return interpret(readings_of(graphics, frames(design, times)), design.rules)


def readings_of(graphics: Sequence[Graphic], shown: Iterator[Frame]) -> list[tuple[Graphic, list[GraphicReading]]]:
    """The readings of each graphic."""
    with ThreadPoolExecutor(max_workers=1) as reader:
        watches = [ScoreWatch(graphic, reader) for graphic in graphics]
        for frame in shown:
            luma = frame.luma()
            for watch in watches:
                watch.add(frame, luma)
        return [(graphic, watch.readings()) for graphic, watch in zip(graphics, watches, strict=True)]


def frames(design: Design, times_s: Sequence[float]) -> Iterator[Frame]:
    """The design over moving video at each of the times."""
    for time_s in times_s:
        planes = cv2.cvtColor(np.asarray(draw(design, time_s)), cv2.COLOR_RGB2YUV_I420)
        yield Frame(time_s, 0, True, VideoFrame.from_ndarray(np.asarray(planes, np.uint8), "yuv420p"))


def draw(design: Design, time_s: float) -> Image.Image:
    """One frame of the match, RGB."""
    if design.later and time_s >= design.later[0]:
        design = design.later[1]
    picture = _scenery(design.size, 0.0 if design.still else time_s)
    for paint in design.extras:
        paint(picture, time_s)
    if design.shown(time_s):
        texts = design.story.texts(time_s)
        rows = tuple(tuple(replace(c, text=c.text.format(**texts)) for c in row) for row in design.rows)
        graphic = _graphic(_Style.of(design), rows)
        x = round(design.place[0] * design.size[0] - graphic.width / 2)
        y = round(design.place[1] * design.size[1] - graphic.height / 2)
        picture.paste(graphic, (x, y), graphic)
    return picture


@lru_cache
def letters(name: str, size_px: int) -> ImageFont.FreeTypeFont:
    """A system font by file name, or Pillow's own."""
    path = font_path(name)
    return ImageFont.truetype(str(path), size_px) if path else ImageFont.load_default(size_px)  # type: ignore[return-value]


@lru_cache
def font_path(name: str) -> Path | None:
    """The path of a system font; None if it is not installed."""
    return next((path for folder in FONT_FOLDERS for path in sorted(folder.rglob(f"{name}.ttf"))), None) if name else None


@dataclass(frozen=True)
class _Style:
    text_px: int
    font: str
    bold: int
    plate: str
    opacity: float
    gap: float

    @classmethod
    def of(cls, design: Design) -> _Style:
        return cls(design.text_px, design.font, design.bold, design.plate, design.opacity, design.gap)


@lru_cache(maxsize=64)
def _graphic(style: _Style, rows: tuple[tuple[Cell, ...], ...]) -> Image.Image:
    height = round(1.5 * style.text_px)
    # every digit is as wide as a 0, so that a running clock does not move its neighbours
    widths = [[_width(cell, style) for cell in row] for row in rows]
    whole = max(sum(row) for row in widths)
    image = Image.new("RGBA", (whole, height * len(rows)))
    paint = ImageDraw.Draw(image)
    alpha = round(255 * style.opacity)
    for number, (row, cells) in enumerate(zip(rows, widths, strict=True)):
        x, y = 0, number * height
        if style.plate:
            paint.rectangle((0, y, whole, y + height), fill=_rgba(style.plate, alpha))
        for cell, width in zip(row, cells, strict=True):
            if cell.ground:
                paint.rectangle((x, y, x + width - 1, y + height - 1), fill=_rgba(cell.ground, alpha))
            lines = cell.text.split("\n")
            for line, text in enumerate(lines):
                middle = (x + width / 2, y + height * (line + 0.5) / len(lines))
                font = letters(style.font, round(cell.scale * style.text_px))
                paint.text(middle, text, font=font, fill=cell.ink, anchor="mm", stroke_width=style.bold, stroke_fill=cell.ink)
            x += width
    return image


def _width(cell: Cell, style: _Style) -> int:
    font = letters(style.font, round(cell.scale * style.text_px))
    lines = "".join("0" if c.isdigit() else c for c in cell.text).split("\n")
    return round(max(max(map(font.getlength, lines)) + 2 * style.gap * style.text_px, cell.room * style.text_px))


def _rgba(colour: str, alpha: int) -> tuple[int, int, int, int]:
    red, green, blue = Image.new("RGB", (1, 1), colour).getpixel((0, 0))  # type: ignore[misc]
    return red, green, blue, alpha


def _scenery(size: tuple[int, int], time_s: float) -> Image.Image:
    """A camera that pans over a pitch or a stand, and cuts."""
    shot = int(time_s / SHOT_S)
    pan, scene = time_s - shot * SHOT_S, _stand(size, shot % 3)
    random = np.random.default_rng(shot)
    x = int(random.integers(0, size[0] // 2) + pan * size[0] / 12)
    y = int(random.integers(0, size[1] // 2) + pan * size[1] / 40)
    return Image.fromarray(scene[y : y + size[1], x : x + size[0]])


@lru_cache(maxsize=3)
def _stand(size: tuple[int, int], kind: int) -> NDArray[np.uint8]:
    """Patches of three sizes in the colours of grass, crowd or night; uint8 [2 height, 2 width, 3]."""
    random = np.random.default_rng(kind)
    base = np.array([(60, 120, 50), (120, 100, 95), (40, 44, 60)][kind])
    whole = np.zeros((2 * size[1], 2 * size[0], 3))
    for blotch, strength in ((160, 40), (24, 30), (6, 22)):
        coarse = random.integers(-strength, strength + 1, (2 * size[1] // blotch + 2, 2 * size[0] // blotch + 2, 3))
        fine = Image.fromarray((coarse[..., :] + 128).astype(np.uint8)).resize((2 * size[0], 2 * size[1]))
        whole += np.asarray(fine).astype(float) - 128
    return np.asarray(np.clip(whole + base, 0, 255), np.uint8)


def faults(design: Design, scoreboard: Scoreboard, rate_hz: float = RATE_HZ) -> list[str]:
    """The errors of a scoreboard that was read from a design, as texts; empty if it is correct."""
    truth, found = list(design.story.states[1:]), list(scoreboard.changes)
    wrong = []
    for change in found:
        same = [t for t in truth if t[1] == change.after and _timely(design, t[0], change.seen, rate_hz)]
        if same:
            truth.remove(same[0])
        else:
            wrong.append(f"invented {change.after} at {change.shown_s:.2f} s (seen {change.seen.start_s}-{change.seen.end_s})")
    return wrong + [f"missed {dict(counters)} at {time_s} s" for time_s, counters in truth]


def _timely(design: Design, time_s: float, seen: Span, rate_hz: float) -> bool:
    """Whether the span contains the instant and ends with the second frame, or later if the graphic was hidden."""
    near_s = 2.1 / rate_hz
    around = [s for s in design.hidden if s[0] - near_s <= time_s <= s[1] + near_s]
    least_s = min([time_s - OLD_S, *(s[0] - near_s for s in around)])
    most_s = max([time_s + near_s, *(s[1] + BACK_S for s in around)])
    return least_s <= seen.start_s <= time_s + 0.001 and time_s - 0.001 <= seen.end_s <= most_s
