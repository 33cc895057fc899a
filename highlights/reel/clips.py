"""Every clip of a timeline as a file of its own."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from highlights.errors import RenderError
from highlights.media.aside import output_error
from highlights.records import Clip, Timeline
from highlights.reel.copy import copy
from highlights.reel.edit import EditOptions, Progress, edit
from highlights.reel.plan import NOTHING_TO_SHOW

LONGEST_NAME = 40
"""Letters of a title that go into a file name; with four bytes each that stays under the 255 bytes of a name."""


def write_clips(
    timeline: Timeline, folder: Path, options: EditOptions | None = None, progress: Progress | None = None
) -> list[Path]:
    """Write the clips into `folder` and return their files: edited if `options` are given, without card and music, else copied.

    Raises:
        RenderError: the timeline has no clips, or one cannot be made.
        RecordingError: the recording cannot be read.
        OutputError: the folder or a file cannot be written.
    """
    if not timeline.clips:
        raise RenderError(NOTHING_TO_SHOW)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(folder, error) from error
    tell = progress or (lambda done, doing: None)
    files = [folder / file_name(clip, number, len(timeline.clips)) for number, clip in enumerate(timeline.clips, 1)]
    for number, (clip, file) in enumerate(zip(timeline.clips, files, strict=True)):
        tell(number / len(files), f"writing {file.name}")
        alone = replace(timeline, clips=(clip,))
        if options is None:
            copy(alone, file)
        else:
            edit(alone, file, replace(options, intro=None, music=None))
    tell(1.0, "clips written")
    return files


def file_name(clip: Clip, number: int, count: int) -> str:
    """What the file of a clip is called: its place, title, and in-point on the match clock.

    >>> from highlights.spans import Span
    >>> file_name(Clip(Span(754, 766), (0,), "Goal"), 1, 12)
    '01-goal-12m34s.mp4'
    >>> file_name(Clip(Span(754, 766), (0,), "../../Tor: \\"Müller\\" %s", replay=True), 2, 100)
    '002-tor-müller-s-replay-12m34s.mp4'
    """
    words = re.sub(r"[\W_]+", "-", clip.title.casefold())[:LONGEST_NAME].strip("-") or "clip"
    minutes, seconds = divmod(int(clip.span.start_s), 60)
    place = str(number).zfill(max(2, len(str(count))))
    return f"{place}-{words}{'-replay' if clip.replay else ''}-{minutes}m{seconds:02d}s.mp4"
