"""Pictures for the page: thumbnails along the timeline, and the score graphic before and after an event."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

from PIL import Image

from highlights.errors import RecordingError
from highlights.media.frames import frame_of, read_frame
from highlights.media.pictures import key_pictures
from highlights.media.stills import score_graphic
from highlights.records import Event, Recording, ScoreReading, Timeline

GRID_S = 0.5
"""Thumbnails are made for multiples of this, so that a small move of the pointer finds a cached one."""
KEPT = 2000
STILL_PX = 1920  # the longer side of a large picture


class Thumbnails:
    """Thumbnails of a recording, of the key frame at or before a time: fast, and at most a few seconds early."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._made = lru_cache(maxsize=KEPT)(self._make)

    def at(self, time_s: float, height: int) -> bytes:
        """A JPEG `height` pixels high.

        Raises:
            RecordingError: nothing can be decoded there.
        """
        end_s = self._recording.duration_s
        return self._made(round(min(max(0.0, time_s), end_s) / GRID_S) * GRID_S, height)

    def _make(self, time_s: float, height: int) -> bytes:
        number = self._recording.part_at(time_s)
        part = self._recording.parts[number]
        for at_s, picture in key_pictures(part, [min(time_s - part.start_s, part.duration_s)]):
            return _jpeg(Image.fromarray(frame_of(part, number, at_s, picture).rgb(height=height)))
        raise RecordingError(part.path, f"no frame can be decoded at {time_s:.3f} s")


def still(recording: Recording, time_s: float) -> bytes:
    """The frame shown at a time as a JPEG, upright, large enough to point at a number of the score graphic.

    Raises:
        RecordingError: nothing can be decoded there.
    """
    image = Image.fromarray(read_frame(recording, time_s).rgb())
    image.thumbnail((STILL_PX, STILL_PX))
    return _jpeg(image)


def graphic(timeline: Timeline, event: Event, *, after: bool) -> bytes | None:
    """The score graphic as a JPEG at the last reading before an event, or the first after it; None if there is none.

    Raises:
        RecordingError: nothing can be decoded there.
    """
    reading = _reading(timeline, event, after=after)
    boxes = timeline.analysis.scoreboard.boxes
    if reading is None or not boxes:
        return None
    return score_graphic(timeline.recording, boxes, reading.time_s)


def _reading(timeline: Timeline, event: Event, *, after: bool) -> ScoreReading | None:
    """The nearest reading on that side of the event; `after` its score change, if it has one."""
    readings = timeline.analysis.scoreboard.readings
    before = next((r for r in reversed(readings) if r.time_s <= event.span.start_s), None)
    if not after:
        return before
    later = [r for r in readings if r.time_s >= event.span.end_s]
    scored = any(m.signal == "score" and m.weight > 0 for m in event.evidence)
    changed = (r for r in later if scored and before and r.counters != before.counters)
    return next(changed, None) or next(iter(later), None)


def _jpeg(image: Image.Image) -> bytes:
    jpeg = BytesIO()
    image.save(jpeg, "JPEG", quality=80)
    return jpeg.getvalue()
