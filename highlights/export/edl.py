"""CMX 3600 edit decision list (`.edl`): the oldest of the formats, read by every editing program and LosslessCut.

    001  HALF1    AA/V  C        00:12:03:00 00:12:15:00 01:00:00:00 01:00:12:00
    * FROM CLIP NAME: half1.mp4
    * LOC: 01:00:05:00 GREEN   Goal
    * COMMENT: [goal@728.000]

The first two time codes belong to the source file, the last two to the finished film, which begins at one hour. Event numbers
have three digits, more after the 999th.

Source: SMPTE 258M as OpenTimelineIO, Resolve and Premiere read it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from highlights.export.cut_list import CutList, Entry
from highlights.export.naming import marked, marks_in, one_line
from highlights.export.row import Edited, EditedRow, medium_named
from highlights.export.timecode import Rate, frame_of, timecode

FILM_STARTS = "01:00:00;00"
LONGEST_LINE = 200
"""Longest text on a line in characters; some readers take no more."""

_EVENT = re.compile(r"\d+\s+(\S.*?)\s+([ABV][\w/]*)\s+(?:C|D\s+\d+|W\d+\s+\d+)\s+(\S+)\s+(\S+)\s+\S+\s+\S+\s*")
_LOCATED = re.compile(r"\*\s*LOC:\s*\S+\s+[A-Z]+\s+(.*)", re.IGNORECASE)
_NAMED = re.compile(r"\*\s*(?:FROM CLIP NAME|FROM CLIP|SOURCE FILE):\s*(.*)", re.IGNORECASE)
NO_TAPE = "AX"
"""Stands for a reel name where there is none."""


def text(cuts: CutList) -> str:
    """The list in the order in which it is shown, end to end."""
    mode = "DROP FRAME" if cuts.rate.drops else "NON-DROP FRAME"
    lines = [f"TITLE: {one_line(cuts.name)[:70]}", f"FCM: {mode}", ""]
    shown = frame_of(FILM_STARTS, cuts.rate)
    reels = _reels(cuts)
    for number, entry in enumerate(cuts.entries, 1):
        lines += _event(cuts, entry, number, reels[entry.medium], shown)
        shown += cuts.frames(entry)[1]
    return "\n".join(lines) + "\n"


def _event(cuts: CutList, entry: Entry, number: int, reel: str, shown: int) -> list[str]:
    medium = cuts.media[entry.medium]
    first, count = cuts.frames(entry)
    source = [cuts.code(medium, frame) for frame in (first, first + count)]
    codes = " ".join([*source, *(timecode(frame, cuts.rate) for frame in (shown, shown + count))])
    return [
        f"{number:03}  {reel:<8} {'AA/V' if medium.channels else 'V':<5} C        {codes}",
        f"* FROM CLIP NAME: {one_line(medium.path.name)[:LONGEST_LINE]}",
        f"* LOC: {timecode(shown + _first_instant(cuts, entry), cuts.rate)} GREEN   {one_line(entry.title)[:LONGEST_LINE]}",
        f"* COMMENT: {marked(cuts.marks_of(entry))}",
    ]


def _first_instant(cuts: CutList, entry: Entry) -> int:
    return min((cuts.instant(entry, number) for number in entry.events), default=0)


def _reels(cuts: CutList) -> list[str]:
    """A unique name of at most eight letters for each file."""
    names: list[str] = []
    for number, medium in enumerate(cuts.media, 1):
        name = re.sub(r"[^A-Z0-9]", "", medium.path.stem.upper())[:8] or NO_TAPE
        names.append(name if name not in names else f"{name[:5]}{number:03}")
    return names


def rows(edited: Edited, cuts: CutList) -> list[EditedRow]:
    """The events that show pictures.

    Raises:
        FormatError: the file is not an EDL, or a time code is invalid.
    """
    lines = [line.strip() for line in edited.text.splitlines()]
    short = ((number, line) for number, line in enumerate(lines) if len(line) <= LONGEST_LINE)
    begins = [(number, found) for number, line in short if (found := _EVENT.fullmatch(line))]
    if not begins and not any(line.startswith("TITLE:") for line in lines):
        edited.refuse("is not a CMX 3600 list: it has neither a title nor events")
    ends = [number for number, _ in begins[1:]] + [len(lines)]
    shown: list[EditedRow] = []
    for (number, event), end in zip(begins, ends, strict=False):
        if "V" in event[2] or event[2] == "B":
            shown += _row(edited, cuts, event, lines[number + 1 : end], f"line {number + 1}")
    return shown


def _row(edited: Edited, cuts: CutList, event: re.Match[str], below: Sequence[str], place: str) -> Iterator[EditedRow]:
    titles = [found[1] for line in below if (found := _LOCATED.fullmatch(line))]
    medium = _medium(cuts, event[1], [found[1] for line in below if (found := _NAMED.fullmatch(line))])
    start = cuts.start_frame(cuts.media[medium or 0])
    in_s, out_s = (_seconds(edited, event[group], cuts.rate, start, place) for group in (3, 4))
    if out_s > in_s:
        yield EditedRow(place, medium, in_s, out_s, marks_in(" ".join(below)), {"title": titles[0]} if titles else {})


def _medium(cuts: CutList, reel: str, names: Sequence[str]) -> int | None:
    """The index of the file, by its name or else by its reel name; without either, the only file there is."""
    alike = [n for n, medium in enumerate(cuts.media) if one_line(medium.path.name)[:LONGEST_LINE] in names]
    meant = [n for n in (medium_named(cuts, name) for name in names) if n is not None]
    reels = _reels(cuts)
    if len(alike) == 1 or (meant and not alike):
        return (alike or meant)[0]
    if reel in reels:
        return reels.index(reel)
    return 0 if reel == NO_TAPE and len(cuts.media) == 1 else None


def _seconds(edited: Edited, code: str, rate: Rate, start: int, place: str) -> Fraction:
    try:
        return rate.seconds(frame_of(code, rate) - start)
    except ValueError as error:
        edited.refuse(str(error), place)
