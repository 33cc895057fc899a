"""A one-line description of each event, by a model that is shown the window around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from queue import Empty, Queue
from threading import Thread

from highlights.backends.backend import Backend
from highlights.dialects.dialect import Dialect
from highlights.errors import HighlightsError, ModelError
from highlights.media.footage.reader import Footage, WindowReader
from highlights.records import Event, Recording, Window
from highlights.spans import Span

BEFORE_S, AFTER_S = 10.0, 6.0
"""Around the instant: enough for what led to it and what followed, and little else."""
LONGEST_S = 30.0  # of a window; in a longer one the event is not the main subject


def described(
    events: Sequence[Event], recording: Recording, reader: WindowReader, dialect: Dialect, backend: Backend
) -> tuple[Event, ...]:
    """The events, each with a description if one could be read from the answer."""

    def line(footage: Footage) -> str:
        return dialect.read_caption(backend.ask(footage, [dialect.caption()])[0].text, footage.window.span.length_s)

    windows = [_around(event, recording) for event in events]
    if backend.at_once == 1:
        lines = [line(footage) for footage in reader.read(windows)]
    else:
        lines = _at_once(lambda window: line(reader.footage(window)), windows, backend.at_once)
    return tuple(replace(event, description=line or event.description) for event, line in zip(events, lines, strict=True))


def _at_once(line: Callable[[Window], str], windows: Sequence[Window], most: int) -> list[str]:
    """The line of each window, in order; at most so many are worked on at the same time."""
    waiting: Queue[tuple[int, Window]] = Queue()
    done: Queue[tuple[int, str | HighlightsError]] = Queue()
    for each in enumerate(windows):
        waiting.put(each)

    def work() -> None:
        with suppress(Empty):
            while True:
                number, window = waiting.get_nowait()
                result: str | HighlightsError = ModelError("a description was dropped")
                try:
                    result = line(window)
                except HighlightsError as error:
                    result = error
                finally:
                    done.put((number, result))

    for _ in range(min(most, len(windows))):
        # daemon threads: ending the program must not wait for a server that stalls
        Thread(target=work, daemon=True).start()
    lines: dict[int, str] = {}
    while len(lines) < len(windows):
        number, result = done.get()
        if isinstance(result, HighlightsError):
            with suppress(Empty):
                while True:
                    waiting.get_nowait()  # nobody begins another
            raise result
        lines[number] = result
    return [lines[number] for number in range(len(windows))]


def _around(event: Event, recording: Recording) -> Window:
    part = recording.part_at(event.peak_s)
    whole = recording.parts[part].span
    start_s = whole.start_s + int(max(0.0, event.peak_s - BEFORE_S - whole.start_s))  # on the grid of frame pairs
    end_s = min(max(event.peak_s + AFTER_S, event.span.end_s), start_s + LONGEST_S, whole.end_s)
    return Window(Span(start_s, end_s), part)
