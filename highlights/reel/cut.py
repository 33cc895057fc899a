"""A film of a timeline by any of the ways to cut."""

from __future__ import annotations

from pathlib import Path

from highlights.choices import CutKind
from highlights.progress import StageProgress, no_stage_progress
from highlights.records import Timeline
from highlights.reel.copy import check_copied, copy
from highlights.reel.edit import EditOptions, edit
from highlights.reel.smart import Way, fastest, smart


def way_of(kind: CutKind, timeline: Timeline, options: EditOptions) -> Way:
    """The way to cut that is asked for; for `auto` the fastest that is exact for the options.

    Raises:
        RecordingError: the recording cannot be read.
    """
    if kind == "auto":
        return fastest(timeline, options)
    return "edit" if kind == "none" else kind


def cut(
    timeline: Timeline, target: Path, kind: CutKind, options: EditOptions, progress: StageProgress = no_stage_progress
) -> None:
    """Write the clips of a timeline to `target` as an MP4.

    Raises:
        RenderError: there is nothing to show, the film cannot be made, or not in this way.
        RecordingError: the recording cannot be read.
        OutputError: `target` cannot be written.
    """
    way = way_of(kind, timeline, options)
    if way != "edit":
        check_copied(options)
    if way == "edit":
        edit(timeline, target, options, progress)
    elif way == "smart":
        smart(timeline, target, progress)
    else:
        copy(timeline, target)
