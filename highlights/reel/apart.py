"""A match split up: every clip as its own file, or a reel for each kind of event, team or player."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from highlights.choices import CutKind, Each
from highlights.errors import RenderError
from highlights.media.aside import output_error
from highlights.progress import Note, StageProgress, no_note, no_stage_progress, of_file
from highlights.records import Clip, Event, Timeline
from highlights.reel.cut import cut
from highlights.reel.edit import EditOptions
from highlights.reel.plan import NOTHING_TO_SHOW
from highlights.systems import path_of_text

LONGEST_NAME = 40
"""Characters of a title in a file name; at four bytes each, the name stays under the limit of 255 bytes."""


def write_clips(
    timeline: Timeline,
    folder: Path,
    kind: CutKind,
    options: EditOptions,
    progress: StageProgress = no_stage_progress,
    on_note: Note = no_note,
) -> list[Path]:
    """Write the clips into `folder` and return their files: as the reel would be cut, without cards and music.

    Raises:
        RenderError: the timeline has no clips, or one cannot be made.
        RecordingError: the recording cannot be read.
        OutputError: the folder or a file cannot be written.
    """
    count = len(timeline.clips)
    named = [
        (file_name(clip, number, count), replace(timeline, clips=(clip,))) for number, clip in enumerate(timeline.clips, 1)
    ]
    alone = replace(options, intro=None, recap=False, outro=None, music=None, most_s=None)
    return _write(named, folder, kind, alone, progress, on_note)


def write_reels(
    timeline: Timeline,
    folder: Path,
    each: Iterable[Each],
    kind: CutKind,
    options: EditOptions,
    progress: StageProgress = no_stage_progress,
    on_note: Note = no_note,
) -> list[Path]:
    """Write a reel for each kind of event, team or player into `folder` and return the files; none if nothing is labelled.

    Raises:
        RenderError: the timeline has no clips, or a reel cannot be made.
        RecordingError: the recording cannot be read.
        OutputError: the folder or a file cannot be written.
    """
    named: dict[str, Timeline] = {}
    for label in each:
        for value, some in split_by(timeline, label):
            name = free = f"{label}-{_words(value) or 'other'}"
            while f"{free}.mp4" in named:
                free = f"{name}-{len(named) + 1}"
            named[f"{free}.mp4"] = some
    return _write(list(named.items()), folder, kind, options, progress, on_note) if named else []


def split_by(timeline: Timeline, each: Each) -> Iterator[tuple[str, Timeline]]:
    """Every kind of event, team or player, in the order of the match, and the timeline with only its clips."""
    labels = [_label(event, each) for event in timeline.events]
    for value in dict.fromkeys(label for label in labels if label):
        shown = {index for index, label in enumerate(labels) if label == value}
        clips = tuple(clip for clip in timeline.clips if shown & set(clip.events))
        if clips:
            yield value, replace(timeline, clips=clips)


def _label(event: Event, each: Each) -> str:
    text = event.title if each == "event" else event.team if each == "team" else event.player
    return " ".join(text.split())


def _write(
    named: Sequence[tuple[str, Timeline]],
    folder: Path,
    kind: CutKind,
    options: EditOptions,
    progress: StageProgress,
    on_note: Note,
) -> list[Path]:
    if not named:
        raise RenderError(NOTHING_TO_SHOW)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(folder, error) from error
    for number, (name, timeline) in enumerate(named):
        progress(number / len(named))
        target = folder / path_of_text(name)
        cut(timeline, target, kind, options, on_note=of_file(on_note, target))
    progress(1.0)
    return [folder / path_of_text(name) for name, _ in named]


def file_name(clip: Clip, number: int, count: int) -> str:
    """The file name of a clip: its number, title, and in-point on the match clock.

    >>> from highlights.spans import Span
    >>> file_name(Clip(Span(754, 766), (0,), "Goal"), 1, 12)
    '01-goal-12m34s.mp4'
    >>> file_name(Clip(Span(754, 766), (0,), "../../Tor: \\"Müller\\" %s", replay=True), 2, 100)
    '002-tor-müller-s-replay-12m34s.mp4'
    """
    minutes, seconds = divmod(int(clip.span.start_s), 60)
    place = str(number).zfill(max(2, len(str(count))))
    return f"{place}-{_words(clip.title) or 'clip'}{'-replay' if clip.replay else ''}-{minutes}m{seconds:02d}s.mp4"


def _words(text: str) -> str:
    """The text reduced to what every file system accepts."""
    return re.sub(r"[\W_]+", "-", text.casefold())[:LONGEST_NAME].strip("-")
