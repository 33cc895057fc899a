"""Single questions to a model about a recording: when does this happen, what is to be seen here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from highlights.dialects.caption import CaptionEvent, parse_caption
from highlights.errors import RecordingError
from highlights.finders.choice import ModelOptions
from highlights.media.probe import open_recording
from highlights.merge import Merged, merge
from highlights.models import open_models
from highlights.profile import EventRule, Profile, ScoreboardRules
from highlights.progress import Progress
from highlights.records import Recording, Scene, Scoreboard, Window
from highlights.spans import Span, clock

CAPTION_LENGTH_S = 30.0  # what a model is shown at once; it tells more of shorter windows


@dataclass(frozen=True, slots=True)
class Told:
    """What a model said is to be seen in `span`: the scene in words, and what happens when on the match clock."""

    span: Span
    scene: str
    events: tuple[CaptionEvent, ...]


def find(
    recordings: Sequence[Path], query: str, from_s: float | None, to_s: float | None, options: ModelOptions, progress: Progress
) -> Merged:
    """When `query` happens, with what speaks for and against each place; what falls short is a near miss.

    Raises:
        HighlightsError: The recording or the model cannot be had.
    """
    recording = open_recording(recordings)
    asked = _asked_span(recording, from_s, to_s)
    profile = _profile(query)
    with open_models(options.finders, options, recording) as models:
        scenes = [Scene(part.span, number, "start") for number, part in enumerate(recording.parts)]
        windows = [w for w in models.windows(scenes, profile) if w.span.overlap_s(asked)]
        moments = models.find(profile, windows, (), progress)
    return merge([m for m in moments if asked.holds(m.peak_s)], profile, recording, Scoreboard())


def caption(
    recordings: Sequence[Path], from_s: float | None, to_s: float | None, options: ModelOptions, progress: Progress
) -> tuple[Told, ...]:
    """What is to be seen, window by window.

    Raises:
        HighlightsError: The recording or the model cannot be had.
    """
    recording = open_recording(recordings)
    windows = _pieces(recording, _asked_span(recording, from_s, to_s))
    told = []
    with open_models(options.finders, options, recording) as models:
        model = models.finding
        if model is None:
            raise ValueError("a caption needs a model")
        for done, footage in enumerate(model.reader.read(windows), 1):
            answer = model.backend.ask(footage, [model.dialect.caption()])[0].text
            told.append(_told(answer, footage.window.span))
            progress("model", done / len(windows))
    return tuple(told)


def _told(answer: str, window: Span) -> Told:
    read = parse_caption(answer, window.length_s)
    events = (
        CaptionEvent(Span(e.span.start_s + window.start_s, e.span.end_s + window.start_s), e.description) for e in read.events
    )
    return Told(window, read.scene, tuple(events))


def _asked_span(recording: Recording, from_s: float | None, to_s: float | None) -> Span:
    """The stretch that is asked about.

    Raises:
        RecordingError: It is not in the recording.
    """
    start_s, end_s = from_s or 0.0, min(recording.duration_s, to_s or recording.duration_s)
    if start_s >= end_s:
        path = recording.parts[0].path
        raise RecordingError(path, f"lasts {clock(recording.duration_s)}: nothing lies from {clock(start_s)} to {clock(end_s)}")
    return Span(start_s, end_s)


def _pieces(recording: Recording, asked: Span) -> list[Window]:
    """Windows of equal length, one after the other, none over two parts."""
    pieces = []
    for number, part in enumerate(recording.parts):
        within = asked.clamp(part.span)
        if within is None:
            continue
        count = max(1, round(within.length_s / CAPTION_LENGTH_S + 0.4999))
        edges = [within.start_s + within.length_s * i / count for i in range(count + 1)]
        pieces += [Window(Span(edges[i], edges[i + 1]), number) for i in range(count)]
    return pieces


def _profile(query: str) -> Profile:
    """A profile that looks for this one thing."""
    rule = EventRule("query", query, (query,), f"Does this happen in this clip: {query}?", cool_down_s=1.0)
    return Profile("query", query, ScoreboardRules("versus", {}), events=(rule,))
