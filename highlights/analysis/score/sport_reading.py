"""A recording → the sport that its score graphic tells, from a few key frames: fast, and often unsure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from highlights.analysis.score.ink import with_ink
from highlights.analysis.score.locate import Picture, glimpsed
from highlights.analysis.score.ocr import on_all_cores, read_lines
from highlights.analysis.score.slots import spread
from highlights.analysis.score.sport_guess import Look, sport_of
from highlights.analysis.score.survey import surveyed
from highlights.media.faults import FaultCounter
from highlights.media.frames import key_frames_at, read_frames
from highlights.records import Box, Recording

PICTURES = 8
GRAPHICS = 2  # places that are read
MOST_ROWS = 6  # of one place; a table has more
FIRST = 3  # pictures in which all rows are read; in the others only those with a digit
FEW, SHORT_S = 3, 12.0  # key frames; a recording with fewer that is shorter is decoded whole
LEGIBLE = 0.6  # average confidence of a line's characters


def sport_shown(recording: Recording, sports: Collection[str]) -> str:
    """The one of the sports that the score graphic tells; empty if it tells none for certain.

    Raises:
        RecordingError: the recording cannot be read.
    """
    told = {sport_of(looks) for looks in graphics_of(recording)} - {""}
    return told.pop() if len(told) == 1 and told <= set(sports) else ""


def graphics_of(recording: Recording) -> Iterator[list[Look]]:
    """What is read of each place that may be a score graphic, in pictures spread over the recording."""
    times_s = [(number + 0.5) / PICTURES * recording.duration_s for number in range(PICTURES)]
    shown = {frame.time_s: surveyed(frame) for frame in key_frames_at(recording, times_s)}
    if len(shown) < FEW and recording.duration_s < SHORT_S:
        shown = _all_through(recording)
    sizes = [picture.shape for picture in shown.values()]
    usual = max(sizes, key=sizes.count, default=None)
    return read_graphics({time_s: picture for time_s, picture in shown.items() if picture.shape == usual})


def _all_through(recording: Recording) -> dict[float, Picture]:
    """Pictures of a recording so short that it has hardly any key frames."""
    shown: dict[float, Picture] = {}
    for frame in read_frames(recording, faults=FaultCounter()):
        if frame.time_s >= (len(shown) + 0.5) / PICTURES * recording.duration_s:
            shown[frame.time_s] = surveyed(frame)
    return shown


def read_graphics(shown: dict[float, Picture]) -> Iterator[list[Look]]:
    """What is read of each place that may be a score graphic, in pictures by their time, all of one size."""
    times_s = sorted(shown)
    for rows in glimpsed([shown[time_s] for time_s in times_s], GRAPHICS) if len(times_s) > 1 else ():
        first = spread(times_s, FIRST)
        read = _read(shown, [(time_s, row) for time_s in first for row in rows[:MOST_ROWS]])
        counting = [row for row in rows if any(any(map(str.isdigit, read.get((time_s, row), ""))) for time_s in first)]
        read |= _read(shown, [(time_s, row) for time_s in times_s if time_s not in first for row in counting])
        lines = {time_s: tuple(text for row in counting if (text := read[time_s, row])) for time_s in times_s}
        yield [Look(time_s, text) for time_s, text in lines.items() if text]


def _read(shown: dict[float, Picture], places: Sequence[tuple[float, Box]]) -> dict[tuple[float, Box], str]:
    """The text of rows in pictures; empty where it is not legible."""
    return dict(zip(places, on_all_cores(lambda place: _line(shown[place[0]], place[1]), places), strict=True))


def _line(picture: Picture, row: Box) -> str:
    strip = picture[row.y0 : row.y1, row.x0 : row.x1]
    if not strip.size:
        return ""
    glyphs = with_ink(strip, read_lines([strip])[0])
    written = [glyph.confidence for glyph in glyphs if not glyph.char.isspace()]
    legible = bool(written) and sum(written) >= LEGIBLE * len(written)
    return "".join(glyph.char for glyph in glyphs) if legible else ""
