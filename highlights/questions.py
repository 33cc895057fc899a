"""Single questions to a model about a recording: when does this happen, what is visible here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from highlights.dialects.caption import CaptionEvent, parse_caption
from highlights.errors import RecordingError
from highlights.finders.choice import ModelOptions
from highlights.media.faults import FaultCounter
from highlights.media.probe import open_recording
from highlights.merge import Merged, merge
from highlights.models import open_models
from highlights.profile import EventRule, Profile, ScoreboardRules
from highlights.progress import Progress
from highlights.records import Recording, Scene, Scoreboard, Window
from highlights.spans import Span, clock

CAPTION_LENGTH_S = 30.0  # of a window; a model describes shorter ones in more detail


@dataclass(frozen=True, slots=True)
class Caption:
    """A model's description of `span`: the scene in words, and what happens when, on the match clock."""

    span: Span
    scene: str
    events: tuple[CaptionEvent, ...]


def find(
    recordings: Sequence[Path],
    query: str,
    from_s: float | None,
    to_s: float | None,
    options: ModelOptions,
    progress: Progress,
    faults: FaultCounter | None = None,
) -> Merged:
    """When `query` happens, with the evidence for and against each span; what falls short is a near miss.

    `faults` counts what the model could not answer.

    Raises:
        HighlightsError: The recording cannot be read, or the model cannot be loaded.
    """
    recording = open_recording(recordings)
    asked = _asked_span(recording, from_s, to_s)
    profile = _profile(query)
    with open_models(options.finders, options, recording, faults=faults) as models:
        scenes = [Scene(part.span, number, "start") for number, part in enumerate(recording.parts)]
        windows = [w for w in models.windows(scenes, profile) if w.span.overlap_s(asked)]
        moments = models.find(profile, windows, (), progress)
    return merge([m for m in moments if asked.holds(m.peak_s)], profile, recording, Scoreboard())


def caption(
    recordings: Sequence[Path],
    from_s: float | None,
    to_s: float | None,
    options: ModelOptions,
    progress: Progress,
    faults: FaultCounter | None = None,
) -> tuple[Caption, ...]:
    """Descriptions of a recording, window by window.

    `faults` counts what the model could not answer.

    Raises:
        HighlightsError: The recording cannot be read, or the model cannot be loaded.
    """
    recording = open_recording(recordings)
    windows = _equal_windows(recording, _asked_span(recording, from_s, to_s))
    captions = []
    with open_models(options.finders, replace(options, checker=None), recording, faults=faults) as models:
        model = models.finding
        if model is None:
            raise ValueError("a caption needs a model")
        for done, footage in enumerate(model.reader.read(windows), 1):
            answer = model.backend.ask(footage, [model.dialect.caption()])[0].text
            captions.append(_caption(answer, footage.window.span))
            progress("model", done / len(windows))
        models.count_unanswered(model)
    return tuple(captions)


def _caption(answer: str, window: Span) -> Caption:
    read = parse_caption(answer, window.length_s)
    events = (
        CaptionEvent(Span(e.span.start_s + window.start_s, e.span.end_s + window.start_s), e.description) for e in read.events
    )
    return Caption(window, read.scene, tuple(events))


def _asked_span(recording: Recording, from_s: float | None, to_s: float | None) -> Span:
    """The span that is asked about.

    Raises:
        RecordingError: It lies outside the recording.
    """
    start_s, end_s = from_s or 0.0, recording.duration_s if to_s is None else min(recording.duration_s, to_s)
    if start_s >= end_s:
        path = recording.parts[0].path
        raise RecordingError(path, f"lasts {clock(recording.duration_s)}: {clock(start_s)} to {clock(end_s)} lies outside")
    return Span(start_s, end_s)


def _equal_windows(recording: Recording, asked: Span) -> list[Window]:
    """Consecutive windows of equal length, none across two parts."""
    windows = []
    for number, part in enumerate(recording.parts):
        within = asked.clamp(part.span)
        if within is None:
            continue
        count = max(1, round(within.length_s / CAPTION_LENGTH_S + 0.4999))
        edges = [within.start_s + within.length_s * i / count for i in range(count + 1)]
        windows += [Window(Span(edges[i], edges[i + 1]), number) for i in range(count)]
    return windows


def _profile(query: str) -> Profile:
    """A profile with one event, which the query describes."""
    rule = EventRule("query", query, (query,), f"Does this happen in this clip: {query}?", cool_down_s=1.0)
    return Profile("query", query, ScoreboardRules("versus", {}), events=(rule,))
