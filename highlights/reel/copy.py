"""`copy`: the clips of a timeline as one film, by stream copy. Nothing is re-encoded."""

from __future__ import annotations

from pathlib import Path

from highlights.errors import RenderError
from highlights.media.cut.copy import copy_spans
from highlights.records import Timeline
from highlights.reel.chapters import chapter_title
from highlights.reel.edit import EditOptions
from highlights.reel.plan import NOTHING_TO_SHOW
from highlights.spans import Span


def copy(timeline: Timeline, target: Path) -> list[Span]:
    """Write the clips of a timeline to `target` as an MP4 with chapters, and return the span that is actually shown for each.

    A clip begins at the key frame before its in-point, some seconds earlier than an edited one.

    Raises:
        RenderError: the timeline has no clips, or the recording cannot be copied into an MP4.
        RecordingError: the recording cannot be read.
        OutputError: `target` cannot be written.
    """
    if not timeline.clips:
        raise RenderError(NOTHING_TO_SHOW)
    spans = [clip.span for clip in timeline.clips]
    return copy_spans(timeline.recording, spans, target, titles=[chapter_title(clip) for clip in timeline.clips])


def check_copied(options: EditOptions) -> None:
    """Check that a reel made by stream copy can satisfy the options.

    Raises:
        RenderError: they ask for a crop, which needs re-encoding.
    """
    if options.aspect is not None:
        raise RenderError("a copied reel keeps its frames unchanged, so --aspect needs --reel edit")
