"""Pictures for the page: thumbnails along the timeline, and the score graphic before and after an event."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

from PIL import Image

from highlights.errors import RecordingError
from highlights.media.frames import Frame, read_frame
from highlights.media.pictures import key_pictures
from highlights.records import Event, Recording, ScoreReading, Timeline

GRID_S = 0.5
"""Thumbnails are made for multiples of this, so that a small move of the pointer finds a cached one."""
KEPT = 2000
MARGIN = 0.15
"""Margin around the graphic as a share of its height."""


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
            frame = Frame(part.start_s + at_s, number, True, picture, part.rotation_deg, part.pixel_aspect)
            return _jpeg(Image.fromarray(frame.rgb(height=height)))
        raise RecordingError(part.path, f"no frame can be decoded at {time_s:.3f} s")


def graphic(timeline: Timeline, event: Event, *, after: bool) -> bytes | None:
    """The score graphic as a JPEG at the last reading before an event, or the first after it; None if there is none.

    Raises:
        RecordingError: nothing can be decoded there.
    """
    reading = _reading(timeline, event, after=after)
    boxes = timeline.analysis.scoreboard.boxes
    if reading is None or not boxes:
        return None
    frame = read_frame(timeline.recording, reading.time_s)
    edges = min(b.x0 for b in boxes), min(b.y0 for b in boxes), max(b.x1 for b in boxes), max(b.y1 for b in boxes)
    margin = round(MARGIN * (edges[3] - edges[1]))
    image = Image.fromarray(frame.rgb())
    x_scale, y_scale = image.width / timeline.recording.parts[0].width, image.height / timeline.recording.parts[0].height
    left, top = max(0, edges[0] - margin) * x_scale, max(0, edges[1] - margin) * y_scale
    return _jpeg(
        image.crop((round(left), round(top), round((edges[2] + margin) * x_scale), round((edges[3] + margin) * y_scale)))
    )


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
