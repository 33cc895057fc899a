"""`report.html` written with everything that goes into it: cached thumbnails, and where each clip lies in the reel."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from highlights.cache.recordings import cached_pictures
from highlights.cache.store import Store
from highlights.errors import HighlightsError
from highlights.export import html
from highlights.records import Timeline

# Imported lazily: a run whose pictures are cached, and that cuts no reel, never needs FFmpeg.


def write(timeline: Timeline, target: Path, *, reel: Path | None = None, cut: Path | None = None) -> None:
    """Make `target` the report of a timeline; events whose picture cannot be decoded go without one.

    Args:
        timeline: What is reported.
        target: The page.
        reel: The reel that the page plays, if there is one.
        cut: The file of the reel, where it does not have its final name yet.

    Raises:
        RecordingError: the reel cannot be read.
        OutputError: `target` cannot be written.
    """
    starts_s = _starts_s(timeline, cut or reel) if reel else []
    html.write(timeline, target, _thumbnails(timeline).get, reel, starts_s)


def _starts_s(timeline: Timeline, reel: Path) -> list[float]:
    from highlights.export.reel_places import reel_places

    return [float(start_s) for start_s, _ in reel_places(timeline, reel)]


def write_beside_reel(timeline: Timeline, target: Path) -> None:
    """The report in a folder of results: it plays the `reel.mp4` there, if there is one."""
    reel = target.parent / "reel.mp4"
    write(timeline, target, reel=reel if reel.is_file() else None)


def _thumbnails(timeline: Timeline) -> dict[float, bytes]:
    """The picture of each event's instant as JPEG, by that instant."""
    instants = [event.peak_s for event in timeline.events]
    with suppress(OSError):  # a file that is gone; the others may still be there
        return cached_pictures(timeline.recording, instants, lambda time_s: _thumbnail(timeline, time_s), Store())
    return {time_s: picture for time_s in instants if (picture := _thumbnail(timeline, time_s)) is not None}


def _thumbnail(timeline: Timeline, time_s: float) -> bytes | None:
    from highlights.media.stills import thumbnail

    try:
        return thumbnail(timeline.recording, time_s)
    except HighlightsError:
        return None  # the loss is among the faults that the page lists
