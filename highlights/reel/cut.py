"""The reel of a timeline, cut in any of the ways."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from pathlib import Path

from highlights.choices import CutKind
from highlights.progress import StageProgress, no_stage_progress
from highlights.records import Timeline
from highlights.reel.copy import check_copied, copy
from highlights.reel.edit import EditOptions, edit
from highlights.reel.smart import fastest_plan, smart, write_plan

LOG = logging.getLogger(__name__)


def cut(
    timeline: Timeline, target: Path, kind: CutKind, options: EditOptions, progress: StageProgress = no_stage_progress
) -> None:
    """Write the clips of a timeline to `target` as an MP4; `auto` takes the fastest way that is exact for the options.

    Raises:
        RenderError: there is nothing to show, or the reel cannot be made in this way.
        RecordingError: the recording cannot be read.
        OutputError: `target` cannot be written.
    """
    LOG.info("cutting %d clips: %s", len(timeline.clips), kind)
    if kind in ("copy", "smart"):
        check_copied(options)
    if kind == "copy":
        copy(timeline, target)
        return
    if kind == "smart":
        smart(timeline, target, progress)
        return
    if kind == "auto":
        with ExitStack() as stack:
            plan = fastest_plan(timeline, options, stack)
            LOG.info("the fastest exact way is %s", plan.way)
            if plan.way != "edit":
                write_plan(plan, timeline, target, progress)
                return
    edit(timeline, target, options, progress)
