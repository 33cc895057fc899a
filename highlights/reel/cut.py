"""The reel of a timeline, cut in any of the ways."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from pathlib import Path

from highlights.choices import CutKind
from highlights.errors import RenderError
from highlights.media.aside import output_error, work_folder
from highlights.media.playback import plays
from highlights.progress import Note, StageProgress, no_note, no_stage_progress
from highlights.records import Timeline
from highlights.reel.copy import check_copied, copy
from highlights.reel.edit import EditOptions, edit, may_be_damaged
from highlights.reel.size_limit import size_text
from highlights.reel.smart import Plan, fastest_plan, smart, write_plan

LOG = logging.getLogger(__name__)


_DAMAGED = (
    "the recording is damaged in what was copied, so that players may stop there; --reel edit decodes past damage instead"
)

ROUGHLY = 2.0
"""A reel copied from a recording may take less per second than the whole of it, but hardly half of that."""


def cut(
    timeline: Timeline,
    target: Path,
    kind: CutKind,
    options: EditOptions,
    progress: StageProgress = no_stage_progress,
    on_note: Note = no_note,
) -> None:
    """Write the clips of a timeline to `target` as an MP4; `auto` takes the fastest way that is exact for the options.

    A reel that would be larger than the options allow is encoded to fit, and `on_note` told how.

    Raises:
        RenderError: there is nothing to show, or the reel cannot be made in this way, or not so small.
        RecordingError: the recording cannot be read.
        OutputError: `target` cannot be written.
    """
    LOG.info("cutting %d clips: %s", len(timeline.clips), kind)
    most_bytes = options.max_bytes
    if kind in ("copy", "smart"):
        check_copied(options)
        if kind == "copy":
            copy(timeline, target)
        else:
            smart(timeline, target, progress)
        _check_size(target, kind, most_bytes)
        if may_be_damaged(timeline) and not plays(target):
            on_note(_DAMAGED)
        return
    if kind == "auto":
        with ExitStack() as stack:
            plan = fastest_plan(timeline, options, stack)
            LOG.info("the fastest exact way is %s", plan.way)
            if plan.way != "edit" and _is_written(plan, timeline, target, most_bytes, progress):
                return
    edit(timeline, target, options, progress, on_note)


def _check_size(made: Path, kind: CutKind, most_bytes: int | None) -> None:
    """Refuse, and remove, a reel that is too large."""
    if most_bytes is not None and (size := made.stat().st_size) > most_bytes:
        made.unlink()
        raise RenderError(
            f"the reel takes {size_text(size)}, more than {size_text(most_bytes)}, and --reel {kind} does not encode it again; "
            "use --reel auto or edit"
        )


def _is_written(plan: Plan, timeline: Timeline, target: Path, most_bytes: int | None, progress: StageProgress) -> bool:
    """Write the reel of a plan; False if it is too large, and nothing is written then, or if the recording is damaged there."""
    try:
        return _is_small(plan, timeline, target, most_bytes, progress) and (not may_be_damaged(timeline) or plays(target))
    except RenderError as error:
        if not may_be_damaged(timeline):
            raise
        LOG.info("%s", error)
        return False


def _is_small(plan: Plan, timeline: Timeline, target: Path, most_bytes: int | None, progress: StageProgress) -> bool:
    if most_bytes is None:
        write_plan(plan, timeline, target, progress)
        return True
    if _rough_bytes(timeline) > ROUGHLY * most_bytes:
        return False
    try:
        with work_folder(target) as work:
            made = work / "reel.mp4"
            write_plan(plan, timeline, made, progress)
            if made.stat().st_size > most_bytes:
                return False
            made.replace(target)
    except OSError as error:
        raise output_error(target, error) from error
    return True


def _rough_bytes(timeline: Timeline) -> float:
    """The bytes that the clips take in the recording's files, on average; 0 if the files' sizes are not known."""
    parts = timeline.recording.parts
    return sum(clip.span.length_s * parts[clip.part].size_bytes / parts[clip.part].duration_s for clip in timeline.clips)
