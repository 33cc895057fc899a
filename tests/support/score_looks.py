"""Readings of fictional score graphics, written as text, as the reader would give them."""

from __future__ import annotations

from collections.abc import Sequence

from highlights.analysis.score.ocr import Glyph
from highlights.analysis.score.slots import GraphicReading
from highlights.analysis.score.tokens import TextRow, row_of
from highlights.records import Box

PITCH_PX = 12
HEIGHT_PX = 30


def glyphs(text: str, confidence: float = 0.99) -> list[Glyph]:
    """The characters of a line, evenly spaced; several spaces leave a wider gap."""
    return [Glyph(c, PITCH_PX * (i + 0.5), 1.0 if c == " " else confidence) for i, c in enumerate(text)]


def row(text: str, line: int = 0, confidence: float = 0.99) -> TextRow:
    """One row of a graphic; `line` counts rows from the top."""
    box = Box(100, 50 + line * HEIGHT_PX, 100 + PITCH_PX * len(text), 50 + (line + 1) * HEIGHT_PX)
    return row_of(glyphs(text, confidence), box)


def look(time_s: float, *lines: str, lasts_s: float = 1.0) -> GraphicReading:
    """One reading: its rows of text from top to bottom."""
    return GraphicReading(time_s, time_s + lasts_s, tuple(row(text, line) for line, text in enumerate(lines)))


def looks(*texts: str, every_s: float = 2.0) -> list[GraphicReading]:
    """Readings of one row, evenly spaced in time."""
    return [look(i * every_s, text, lasts_s=every_s * 0.9) for i, text in enumerate(texts)]


def clock(seconds: float) -> str:
    """Seconds formatted as a clock."""
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"


def match(scores: Sequence[str], every_s: float = 2.0, start_s: float = 600.0) -> list[GraphicReading]:
    """Readings of `ARS 2-1 CHE 12:34` with a running clock."""
    return looks(*(f"ARS  {score}  CHE  {clock(start_s + i * every_s)}" for i, score in enumerate(scores)), every_s=every_s)
