"""Chapters of a reel: one per clip, within the limits of MP4."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from highlights.records import Clip
from highlights.reel.plan import Take

LONGEST_BYTES = 255
"""MP4 stores the length of a chapter title in one byte."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A named part of the reel; times in seconds of the reel."""

    start_s: float
    end_s: float
    title: str


def chapter_title(clip: Clip) -> str:
    """The chapter title of a clip, on one line.

    >>> from highlights.spans import Span
    >>> chapter_title(Clip(Span(0, 1), (0,), "Goal", "12:34", replay=True))
    'Goal · 12:34 (replay)'
    """
    words = " · ".join(" ".join(text.split()) for text in (clip.title, clip.subtitle) if text.strip())
    title = f"{words or 'Clip'}{' (replay)' if clip.replay else ''}".replace("\0", "")
    return title.encode(errors="ignore")[:LONGEST_BYTES].decode(errors="ignore")


def chapters(takes: Sequence[Take]) -> list[Chapter]:
    """A chapter for every clip, with its slow motion, and for every card; each ends where the next begins."""
    named = [take for take in takes if take.shows != "slow"]
    ends_s = [*(take.start_s for take in named[1:]), takes[-1].start_s + takes[-1].duration_s]
    return [Chapter(take.start_s, end_s, chapter_title(take.clip)) for take, end_s in zip(named, ends_s, strict=True)]


def ffmetadata(chapters: Iterable[Chapter]) -> str:
    """The chapters as ffmpeg metadata, times in milliseconds.

    Source: FFmpeg's documentation, "Metadata": `=`, `;`, `#`, `\\` and newlines are escaped by a backslash.
    """
    return ";FFMETADATA1\n" + "".join(map(_section, chapters))


def _section(chapter: Chapter) -> str:
    title = "".join(f"\\{letter}" if letter in "=;#\\\n" else letter for letter in chapter.title)
    times = f"START={round(chapter.start_s * 1000)}\nEND={round(chapter.end_s * 1000)}"
    return f"[CHAPTER]\nTIMEBASE=1/1000\n{times}\ntitle={title}\n"
