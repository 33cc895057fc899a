"""The chapters that stand in a media file."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from highlights.media.source import opened

_MILLISECOND = Fraction(1, 1000)


@dataclass(frozen=True, slots=True)
class Marked:
    """A named piece of a file."""

    start_s: Fraction
    end_s: Fraction
    title: str


def chapters(path: Path) -> list[Marked]:
    """The chapters of a file in their order; none if it has none.

    Raises:
        RecordingError: the file cannot be opened.
    """
    with opened(path) as container:
        found = [(chapter, chapter["time_base"] or _MILLISECOND) for chapter in container.chapters()]
        return [
            Marked(chapter["start"] * tick, chapter["end"] * tick, chapter["metadata"].get("title", ""))
            for chapter, tick in found
        ]
