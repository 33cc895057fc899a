"""A reel of clips from several matches of the library, in `reels/`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from highlights import results
from highlights.batch.folders import RESULT
from highlights.errors import DecisionError, OutputError
from highlights.export import recording_places
from highlights.library.folder import REELS, Library
from highlights.library.jobs import Value
from highlights.media.aside import output_error
from highlights.progress import Note, Progress, no_note, no_progress
from highlights.records import Timeline
from highlights.reel.compilation import Pick, compiled, picked
from highlights.reel.options import options_of
from highlights.systems import is_file_name, to_file_name


def free_place(library: Library, name: str) -> Path:
    """Where a new reel of this name goes: none that is there is replaced.

    Raises:
        OutputError: the name cannot be that of a file, or the folder cannot be made.
    """
    plain = to_file_name(name.strip())
    if not is_file_name(f"{plain}.mp4") or plain.startswith(".") or "\\" in plain:
        raise OutputError(name[:80], "this cannot be the name of a file")
    folder = library.root / REELS
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise output_error(folder, error) from error
    target, number = folder / f"{plain}.mp4", 2
    while target.exists():
        target, number = folder / f"{plain}-{number}.mp4", number + 1
    return target


def write_reel(
    library: Library,
    picks: Sequence[tuple[str, int]],
    target: Path,
    asked: Mapping[str, Value],
    progress: Progress = no_progress,
    on_note: Note = no_note,
) -> Path:
    """Write a reel of events, each the name of a match and its index there, in this order.

    Raises:
        HighlightsError: there is no event, one is not there any more, a recording is missing, or the reel cannot be made.
    """
    if not picks:
        raise DecisionError("no event was found to make a reel of: search for something else")
    timelines = {name: _timeline(library, name) for name in dict.fromkeys(name for name, _ in picks)}
    _, edit, kind = options_of(asked)
    shown = [_pick(timelines[name], number, name) for name, number in picks]
    return results.write_reel(compiled(shown), target, reel=kind, options=edit, progress=progress, on_note=on_note)[0]


def _timeline(library: Library, name: str) -> Timeline:
    return recording_places.read(library.match(name) / RESULT, needed=True)


def _pick(timeline: Timeline, number: int, match: str) -> Pick:
    if not 0 <= number < len(timeline.events):
        raise DecisionError(f"{match}: there is no event {number} any more; search again")
    return picked(timeline, number)
