"""A one-line description of each event, by a model that is shown the window around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from highlights.backends.backend import Backend
from highlights.dialects.dialect import Dialect
from highlights.media.footage.reader import WindowReader
from highlights.records import Event, Recording, Window
from highlights.spans import Span

BEFORE_S, AFTER_S = 10.0, 6.0
"""Around the instant: enough for what led to it and what followed, and little else."""
LONGEST_S = 30.0  # of a window; in a longer one the event is not the main subject


def described(
    events: Sequence[Event], recording: Recording, reader: WindowReader, dialect: Dialect, backend: Backend
) -> tuple[Event, ...]:
    """The events, each with a description if one could be read from the answer."""
    windows = [_around(event, recording) for event in events]
    lines = (
        dialect.read_caption(backend.ask(footage, [dialect.caption()])[0].text, footage.window.span.length_s)
        for footage in reader.read(windows)
    )
    return tuple(replace(event, description=line or event.description) for event, line in zip(events, lines, strict=True))


def _around(event: Event, recording: Recording) -> Window:
    part = recording.part_at(event.peak_s)
    whole = recording.parts[part].span
    start_s = whole.start_s + int(max(0.0, event.peak_s - BEFORE_S - whole.start_s))  # on the grid of frame pairs
    end_s = min(max(event.peak_s + AFTER_S, event.span.end_s), start_s + LONGEST_S, whole.end_s)
    return Window(Span(start_s, end_s), part)
