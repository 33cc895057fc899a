"""Names that were not read surely beside their numbers, read again by themselves: better than in a row with other things.

│ LAD   3 ◆◆│          row      L0 3 S
│ HOU   5   │          name     LAD
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace

import cv2
import numpy as np

from highlights.analysis.score.interpret import GraphicScore, ranked_scores
from highlights.analysis.score.locate import Graphic, read_rows
from highlights.analysis.score.names import full_name, sure_name
from highlights.analysis.score.pairs import NamePlace
from highlights.analysis.score.slots import GraphicReading, Slot, spread
from highlights.media.frames import Frame, key_frames_at, read_frames
from highlights.profile import ScoreboardRules
from highlights.records import Box, Recording, Scoreboard

LOOKS = 8  # key frames in which a name is read
SHORT_S = 120.0  # of shorter recordings every frame is decoded: they may have one key frame only, as a GIF
LINE_PX = 48  # a lower cell is enlarged to this height: the recogniser's own enlargement is coarse
GAP = 0.2  # row heights left out before a number


def with_close_names(
    board: Scoreboard,
    read: Sequence[tuple[Graphic, Sequence[GraphicReading]]],
    rules: ScoreboardRules,
    recording: Recording,
) -> Scoreboard:
    """The scoreboard with the names that can be read to the left of two numbers above each other, where it has none.

    Raises:
        RecordingError: the recording cannot be read.
    """
    if all(board.teams) or not board.readings or rules.layout == "cricket":
        return board
    part = recording.parts[0]
    score = ranked_scores(read, rules, (part.width, part.height))[0]
    pair = score.slots.pair
    if pair.home.row == pair.away.row:
        return board
    times_s = [score.readings[i].time_s for i in spread(score.readable, LOOKS)]
    cells = [_left_of(score, slot) for slot in (pair.home, pair.away)]
    found: list[list[tuple[str, float]]] = [[], []]
    for frame in _frames(recording, times_s):
        for names, cell in zip(found, cells, strict=True):
            if cell.x1 - cell.x0 > cell.y1 - cell.y0:
                names.append(_name_in(frame.crop_bgr(cell)))
    home, away = (known or sure_name(names) for known, names in zip(board.teams, found, strict=True))
    return replace(board, teams=(home, away))


def _frames(recording: Recording, times_s: Sequence[float]) -> Iterator[Frame]:
    """Frames at these instants, in a long recording the key frames before them; each once."""
    if recording.duration_s > SHORT_S:
        yield from {frame.time_s: frame for frame in key_frames_at(recording, times_s)}.values()
        return
    due = deque(times_s)
    for frame in read_frames(recording):
        if due and frame.time_s >= due[0]:
            yield frame
            while due and frame.time_s >= due[0]:
                due.popleft()


def _left_of(score: GraphicScore, slot: Slot) -> Box:
    """From the beginning of a number's row to the number."""
    number = slot.tokens[score.readable[-1]]
    row = score.readings[score.readable[-1]].rows[slot.row]
    boxes = [box for box in score.graphic.rows if (box.y0 + box.y1) / 2 == row.y]
    end = number.x0 if number.height else number.x - row.size / 2
    return Box(min(box.x0 for box in boxes), boxes[0].y0, max(0, round(end - GAP * row.size)), boxes[0].y1)


def _name_in(cell: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> tuple[str, float]:
    """The name in a cell, the one next to its end if there are several words, and how surely it was read."""
    scale = max(1.0, LINE_PX / cell.shape[0])
    large = np.asarray(cv2.resize(cell, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)
    (row,) = read_rows([large], [Box(0, 0, large.shape[1], large.shape[0])])
    words = [i for i, token in enumerate(row.tokens) if token.kind == "word"]
    name, confidence = full_name([row], NamePlace(0, words[-1], -1)) if words else ("", 0.0)
    return (name, confidence) if len(name) > 1 else ("", 0.0)
