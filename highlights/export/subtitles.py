"""WebVTT (`.vtt`) and SubRip (`.srt`): a caption for each clip, with its title in the first line.

Source: W3C, "WebVTT: The Web Video Text Tracks Format"; for SubRip what players commonly accept.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from fractions import Fraction

from highlights.export.cut_list import CutList, Entry
from highlights.export.naming import marked, marks_in, one_line
from highlights.export.row import LONGEST_WORDS, Edited, EditedRow, placed

_TIMES = re.compile(r"((?:\d{1,4}:)?\d\d:\d\d[.,]\d{3})\s+-->\s+((?:\d{1,4}:)?\d\d:\d\d[.,]\d{3})\b.*")


def webvtt(cuts: CutList) -> str:
    """The list as WebVTT; the identifier of a cue is the mark of its events."""
    cues = [
        f"{marked(cuts.marks_of(entry))}\n{_times(cuts, entry, '.')}\n{html.escape(_words(cuts, entry), quote=False)}\n"
        for entry in cuts.entries
    ]
    return "\n".join(["WEBVTT\n", *cues])


def srt(cuts: CutList) -> str:
    """The list as SubRip."""
    cues = [f"{number}\n{_times(cuts, entry, ',')}\n{_words(cuts, entry)}\n" for number, entry in enumerate(cuts.entries, 1)]
    return "\n".join(cues)


def _words(cuts: CutList, entry: Entry) -> str:
    """Title, clock and score, description; one line each, without empty ones."""
    seen = [cuts.events[number].description for number in entry.events]
    title = one_line(entry.title) or "Clip"
    return "\n".join(line for line in (title, one_line(entry.subtitle), *map(one_line, seen)) if line)


def _times(cuts: CutList, entry: Entry, point: str) -> str:
    start, end = (_clock(time_s, point) for time_s in cuts.clock_s(entry))
    return f"{start} --> {end}"


def _clock(time_s: Fraction, point: str) -> str:
    seconds, milliseconds = divmod(round(time_s * 1000), 1000)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}{point}{milliseconds:03}"


def rows(edited: Edited, cuts: CutList) -> list[EditedRow]:
    """The captions of either format.

    Raises:
        FormatError: there are none.
    """
    found = [_row(edited, cuts, *cue) for cue in _cues(edited)]
    if not found and not edited.text.startswith("WEBVTT") and edited.text.strip():
        edited.refuse("has no line such as 00:00:01,000 --> 00:00:02,000")
    return found


def _cues(edited: Edited) -> Iterator[tuple[int, re.Match[str], str, str]]:
    """Line number of the times, the times, the line before and the first line after."""
    lines = ["", *(line.strip() for line in edited.text.splitlines()), ""]
    for number, line in enumerate(lines):
        times = _TIMES.fullmatch(line)
        if times:
            yield number, times, lines[number - 1], lines[number + 1]


def _row(edited: Edited, cuts: CutList, number: int, times: re.Match[str], before: str, after: str) -> EditedRow:
    start_s, end_s = (_seconds(times[group]) for group in (1, 2))
    medium = placed(cuts, start_s)
    begins_s = cuts.media[medium].start_s
    title = html.unescape(re.sub(r"<[^>]*>", "", after)) if edited.text.startswith("WEBVTT") else after
    words = {"title": title[:LONGEST_WORDS]}
    return EditedRow(f"line {number}", medium, start_s - begins_s, end_s - begins_s, marks_in(before), words)


def _seconds(text: str) -> Fraction:
    *hours, minutes, seconds = text.replace(",", ".").split(":")
    return 3600 * int(hours[0] if hours else 0) + 60 * int(minutes) + Fraction(seconds)
