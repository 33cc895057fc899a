"""Captions in Marlin's form: the scene in words, then events with their times.

Scene: A floodlit pitch, two teams in red and white.
Events:
<0.0 - 4.2> A player in red runs down the wing.
<4.2 - 9.0> He crosses the ball into the box.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from highlights.dialects.prose import one_line, sentences, short_line, without_thoughts
from highlights.dialects.times import DASHES, TIME, seconds, within, written
from highlights.spans import Span

SCENE = re.compile(r"[*# ]*Scene[* ]*:[* ]*", re.IGNORECASE)
EVENTS = re.compile(r"[*# ]*Events[* ]*:[* ]*", re.IGNORECASE)
EVENT = re.compile(rf"[-*• ]*[<\[(]? ?({TIME}) ?(?:to|[{DASHES}]) ?({TIME})(.*)", re.IGNORECASE)
SEPARATORS = f" >])*:{DASHES}"  # between an event's times and its description


@dataclass(frozen=True, slots=True)
class CaptionEvent:
    """One thing that happens: when, in seconds from the start of the window, and what, on one line."""

    span: Span
    description: str


@dataclass(frozen=True, slots=True)
class Caption:
    """What the window shows (one line, each sentence once), and what happens, in the order of the answer."""

    scene: str = ""
    events: tuple[CaptionEvent, ...] = ()


def parse_caption(answer: str, window_s: float) -> Caption:
    """The caption of a window of `window_s` seconds, without events outside of it and without lines repeated in a loop.

    Lines with two times are events wherever they are; of the others, those before the events are the scene.
    """
    scene: list[str] = []
    events: list[CaptionEvent] = []
    in_events = False
    for line in map(one_line, without_thoughts(answer).splitlines()):
        if not in_events and (label := SCENE.match(line)):
            scene = [line[label.end() :]]  # what came before was preamble
            continue
        if label := EVENTS.match(line):
            in_events, line = True, line[label.end() :]
        if match := EVENT.match(line):
            in_events = True
            events += _event(match, window_s)
        elif not in_events:
            scene.append(line)
    return Caption(" ".join(sentences(" ".join(scene).lstrip("* "))), _without_loops(events))


def compose_caption(caption: Caption) -> str:
    """The caption in Marlin's form.

    >>> compose_caption(Caption("A pitch.", (CaptionEvent(Span(0, 4.2), "A player shoots."),)))
    'Scene: A pitch.\\nEvents:\\n<0.0 - 4.2> A player shoots.'
    """
    events = (f"<{written(e.span.start_s)} - {written(e.span.end_s)}> {e.description}" for e in caption.events)
    return "\n".join([f"Scene: {caption.scene}", "Events:", *events])


def headline(caption: Caption, window_s: float) -> str:
    """One line about the middle of the window.

    It describes the event nearest the middle, the shorter of two: windows are centred on what they are for. The scene describes
    the place, not what happens, so its first sentence is only used if there is no event.
    """
    middle_s = window_s / 2

    def nearness(event: CaptionEvent) -> tuple[float, float]:
        away_s = max(event.span.start_s - middle_s, middle_s - event.span.end_s, 0.0)
        return away_s, event.span.length_s

    return short_line(min(caption.events, key=nearness).description if caption.events else caption.scene)


def _event(match: re.Match[str], window_s: float) -> list[CaptionEvent]:
    """The event of a line; none if it is outside the window or has no description."""
    span = within(seconds(match[1]), seconds(match[2]), window_s)
    description = match[3].lstrip(SEPARATORS)
    return [CaptionEvent(span, description)] if span and any(map(str.isalnum, description)) else []


def _without_loops(events: Iterable[CaptionEvent]) -> tuple[CaptionEvent, ...]:
    """The events without duplicates, and without those described like the one before."""
    distinct: list[CaptionEvent] = []
    for event in dict.fromkeys(events):
        if not distinct or event.description.casefold() != distinct[-1].description.casefold():
            distinct.append(event)
    return tuple(distinct)
