"""Where each clip of a timeline lies in an existing reel, by the reel's chapters."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from highlights.media.probe import file_chapters
from highlights.records import Timeline
from highlights.reel.chapters import chapter_title


def reel_places(timeline: Timeline, reel: Path) -> list[tuple[Fraction, Fraction]]:
    """Start and end of each clip in seconds of the reel; empty if its chapters do not match the timeline's clips.

    Raises:
        RecordingError: the reel cannot be read.
    """
    there = iter(file_chapters(reel))
    found = [next((c for c in there if c.title == chapter_title(clip)), None) for clip in timeline.clips]
    places = [(c.start_s, c.end_s) for c in found if c is not None]
    return places if len(places) == len(found) else []
