"""Chapters: lines for a YouTube description, and ffmpeg metadata (`;FFMETADATA1`) for an MP4 or MKV.

Source: YouTube Help, "Video chapters": the first begins at 0:00, there are at least three, each of at least ten seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from highlights.errors import FormatError
from highlights.export.cut_list import CutList, Entry
from highlights.export.naming import one_line, printed
from highlights.records import Clip
from highlights.reel.chapters import Chapter, chapter_title
from highlights.reel.chapters import ffmetadata as written
from highlights.spans import clock

FEWEST = 3
SHORTEST_S = 10
LONGEST_TITLE = 100


@dataclass(frozen=True, slots=True)
class _Stop:
    """A line of the description, in whole seconds."""

    start_s: int
    titles: tuple[str, ...]


def youtube(cuts: CutList) -> str:
    """A line for each chapter; a clip too short for its own shares one with the next.

    Raises:
        FormatError: there are fewer than three.
    """
    stops = _stops(cuts)
    if len(stops) < FEWEST:
        problem = (
            f"is {_end_s(cuts)} s long with {len(cuts.entries)} clips; YouTube needs at least three chapters of ten seconds"
        )
        raise FormatError(cuts.media[0].path, problem)
    return "".join(f"{clock(stop.start_s)} {_title(stop)}\n" for stop in stops)


def _stops(cuts: CutList) -> list[_Stop]:
    starts = sorted((round(cuts.clock_s(entry)[0]), _name(entry)) for entry in cuts.entries)
    stops: list[_Stop] = []
    if cuts.of == "source" and starts and starts[0][0] >= SHORTEST_S:
        stops.append(_Stop(0, ("Start",)))
    for start_s, title in starts:
        if stops and start_s - stops[-1].start_s < SHORTEST_S:
            stops[-1] = replace(stops[-1], titles=(*stops[-1].titles, title))
        else:
            stops.append(_Stop(start_s if stops else 0, (title,)))
    if len(stops) > 1 and _end_s(cuts) - stops[-1].start_s < SHORTEST_S:
        stops[-2:] = [replace(stops[-2], titles=stops[-2].titles + stops[-1].titles)]
    return stops


def _end_s(cuts: CutList) -> int:
    last = cuts.media[-1]
    return int(last.start_s + last.duration_s)


def _title(stop: _Stop) -> str:
    """The names of its clips on one line, without angle brackets, which YouTube rejects."""
    title = " + ".join(dict.fromkeys(stop.titles)).replace("<", "‹").replace(">", "›")
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1] + "…"


def ffmetadata(cuts: CutList) -> str:
    """The list as chapters; one that overlaps the next is shortened."""
    times = [cuts.clock_s(entry) for entry in cuts.entries]
    begins = [*(start_s for start_s, _ in times[1:]), None]
    chapters = [
        Chapter(float(start_s), float(min(end_s, after_s) if after_s and after_s > start_s else end_s), _name(entry))
        for entry, (start_s, end_s), after_s in zip(cuts.entries, times, begins, strict=True)
    ]
    return written(chapters)


def _name(entry: Entry) -> str:
    clip = Clip(entry.span, entry.events, entry.title, entry.subtitle, replay=entry.replay)
    return one_line(printed(chapter_title(clip)))
