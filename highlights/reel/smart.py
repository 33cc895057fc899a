"""`smart`: the clips of a timeline as one film, exact to the frame, with only the pictures around the cuts made anew."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Literal

from highlights.errors import RenderError
from highlights.media.cut.copy import plan_copy
from highlights.media.cut.mux import open_sources
from highlights.media.cut.smart import plan_cuts, smart_spans
from highlights.media.cut.stretches import Source, Stretch
from highlights.progress import StageProgress, no_stage_progress
from highlights.records import Timeline
from highlights.reel.chapters import chapter_title
from highlights.reel.edit import EditOptions
from highlights.reel.plan import NOTHING_TO_SHOW
from highlights.spans import Span

Way = Literal["copy", "smart", "edit"]

_UNTOUCHED = EditOptions(titles=False, fade_s=0.0)


def smart(timeline: Timeline, target: Path, progress: StageProgress = no_stage_progress) -> list[Span]:
    """Write the clips of a timeline to `target` as an MP4 with chapters, and return what is shown for each.

    A clip is what an edited one is, without titles and fades: from the first picture at or after its in-point to the last one
    before its out-point, in the recording's own codec and size.

    Raises:
        RenderError: the timeline has no clips, or the recording cannot be cut like that.
        RecordingError: the recording cannot be read.
        OutputError: `target` cannot be written.
    """
    if not timeline.clips:
        raise RenderError(NOTHING_TO_SHOW)
    titles = [chapter_title(clip) for clip in timeline.clips]
    return smart_spans(
        timeline.recording,
        _spans(timeline),
        target,
        titles=titles,
        progress=progress,
    )


def why_not_smart(timeline: Timeline) -> str:
    """Why the clips of a timeline cannot be cut like that, in one line; empty if they can.

    Raises:
        RecordingError: the recording cannot be read.
    """
    try:
        with ExitStack() as stack:
            plan_cuts(_opened(timeline, stack), _spans(timeline))
    except RenderError as error:
        return str(error)
    return ""


def fastest(timeline: Timeline, options: EditOptions | None = None) -> Way:
    """The fastest way to a reel that is exactly what was asked for.

    That is `copy` where it begins and ends no clip elsewhere, `smart` where nothing is to be drawn, cropped, faded or mixed.

    Args:
        timeline: What is to be shown.
        options: What is to be done to it; None for nothing.

    Raises:
        RecordingError: the recording cannot be read.
    """
    if not timeline.clips or (options is not None and not _leaves_pictures(options)):
        return "edit"
    with ExitStack() as stack:
        try:
            sources = _opened(timeline, stack)
        except RenderError:
            return "edit"
        if _copies_exactly(sources, _spans(timeline)):
            return "copy"
        return "smart" if _can_be_cut(sources, _spans(timeline)) else "edit"


def _leaves_pictures(options: EditOptions) -> bool:
    """Whether nothing is to be done to picture and sound."""
    asked = replace(options, trail=(), crf=_UNTOUCHED.crf, preset=_UNTOUCHED.preset, audio_kbps=_UNTOUCHED.audio_kbps)
    return asked == _UNTOUCHED


def _copies_exactly(sources: Sequence[Source], spans: Sequence[Span]) -> bool:
    """Whether a copied reel shows neither more nor less."""
    try:
        return all(_is_exact(stretch) for stretch in plan_copy(sources, spans))
    except RenderError:
        return False


def _is_exact(stretch: Stretch) -> bool:
    first_s, last_s = (round(stretch.source.match_s(time), 3) for time in (stretch.start, max(stretch.times)))
    return [span.start_s for span in stretch.wanted] == [first_s] and last_s < stretch.wanted[0].end_s


def _can_be_cut(sources: Sequence[Source], spans: Sequence[Span]) -> bool:
    try:
        return bool(plan_cuts(sources, spans))
    except RenderError:
        return False


def _spans(timeline: Timeline) -> list[Span]:
    return [clip.span for clip in timeline.clips]


def _opened(timeline: Timeline, stack: ExitStack) -> list[Source]:
    return open_sources(timeline.recording, _spans(timeline), stack)
