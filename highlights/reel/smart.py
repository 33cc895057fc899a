"""The ways to cut a reel without encoding all of it, and which of them shows exactly what was asked for.

`copy`     packets only; a clip begins at the key frame before its in-point
`smart`    exact to the frame; only the frames around the cuts are re-encoded
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from highlights.errors import RenderError
from highlights.media.cut.copy import plan_copy, write_copy
from highlights.media.cut.mux import open_sources
from highlights.media.cut.smart import Cut, plan_cuts, smart_spans, write_cuts
from highlights.media.cut.stretches import Source, Stretch
from highlights.progress import StageProgress, no_stage_progress
from highlights.records import Timeline
from highlights.reel.chapters import chapter_title
from highlights.reel.edit import EditOptions
from highlights.reel.plan import NOTHING_TO_SHOW
from highlights.spans import Span

Way = Literal["copy", "smart", "edit"]

_UNTOUCHED = EditOptions(titles=False, fade_s=0.0)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a reel is cut. `stretches` are copied or, where `cuts` are given, those are; with neither the reel is edited.

    Its sources are open files: it is valid as long as the stack that they were opened on.
    """

    stretches: tuple[Stretch, ...] = ()
    cuts: tuple[Cut, ...] = ()

    @property
    def way(self) -> Way:
        """The name of the way."""
        return "smart" if self.cuts else "copy" if self.stretches else "edit"


def smart(timeline: Timeline, target: Path, progress: StageProgress = no_stage_progress) -> list[Span]:
    """Write the clips of a timeline to `target` as an MP4 with chapters, and return what is shown for each.

    A clip is the same as an edited one without titles and fades: from the first frame at or after its in-point to the last one
    before its out-point, in the recording's own codec and size.

    Raises:
        RenderError: the timeline has no clips, or the recording cannot be cut like that.
        RecordingError: the recording cannot be read.
        OutputError: `target` cannot be written.
    """
    if not timeline.clips:
        raise RenderError(NOTHING_TO_SHOW)
    return smart_spans(timeline.recording, _spans(timeline), target, titles=_titles(timeline), progress=progress)


def fastest(timeline: Timeline, options: EditOptions | None = None) -> Way:
    """The name of the fastest way; see `fastest_plan`."""
    with ExitStack() as stack:
        return fastest_plan(timeline, options, stack).way


def fastest_plan(timeline: Timeline, options: EditOptions | None, stack: ExitStack) -> Plan:
    """The plan of the fastest way that gives exactly the reel asked for.

    That is `copy` where every clip begins and ends where its packets do, `smart` where nothing is to be drawn, cropped, faded
    or mixed, and `edit` otherwise.

    Args:
        timeline: What is to be shown.
        options: What is done to it; None for nothing.
        stack: Closes the recording's files, which the plan needs open.

    Raises:
        RecordingError: the recording cannot be read.
    """
    if not timeline.clips or (options is not None and not _leaves_pictures(options)):
        return Plan()
    spans = _spans(timeline)
    try:
        sources = open_sources(timeline.recording, spans, stack)
    except RenderError:
        return Plan()
    if stretches := _exact_copy(sources, spans):
        return Plan(stretches=stretches)
    try:
        return Plan(cuts=tuple(plan_cuts(sources, spans)))
    except RenderError:
        return Plan()


def write_plan(plan: Plan, timeline: Timeline, target: Path, progress: StageProgress = no_stage_progress) -> None:
    """Write the reel of a plan that is not `edit`.

    Raises:
        RenderError: the packets do not fit into an MP4.
        OutputError: `target` cannot be written.
    """
    if plan.cuts:
        write_cuts(timeline.recording, plan.cuts, target, titles=_titles(timeline), progress=progress)
    else:
        write_copy(timeline.recording, plan.stretches, target, titles=_titles(timeline))


def _leaves_pictures(options: EditOptions) -> bool:
    """Whether video and audio stay unchanged."""
    asked = replace(
        options, trail=(), max_bytes=None, crf=_UNTOUCHED.crf, preset=_UNTOUCHED.preset, audio_kbps=_UNTOUCHED.audio_kbps
    )
    return asked == _UNTOUCHED


def _exact_copy(sources: Sequence[Source], spans: Sequence[Span]) -> tuple[Stretch, ...]:
    """The stretches of a copied reel, if it shows neither more nor less than the spans; else none."""
    try:
        stretches = plan_copy(sources, spans)
    except RenderError:
        return ()
    return tuple(stretches) if all(map(_is_exact, stretches)) else ()


def _is_exact(stretch: Stretch) -> bool:
    first_s, last_s = (round(stretch.source.match_s(time), 3) for time in (stretch.start, max(stretch.times)))
    return [span.start_s for span in stretch.wanted] == [first_s] and last_s < stretch.wanted[0].end_s


def _spans(timeline: Timeline) -> list[Span]:
    return [clip.span for clip in timeline.clips]


def _titles(timeline: Timeline) -> list[str]:
    return [chapter_title(clip) for clip in timeline.clips]
