"""Watches a score graphic frame by frame, and reads a row only when it has changed.

Every frame costs two subtractions of a few thousand pixels per row; reading (15 ms) happens on another thread, about every
3 s and immediately where something new is shown.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Executor, Future
from dataclasses import dataclass

import numpy as np

from highlights.analysis.score.locate import Graphic, read_rows
from highlights.analysis.score.slots import GraphicReading
from highlights.analysis.score.strip import Blocks, Luma, Strip
from highlights.analysis.score.tokens import SURE, TextRow, join_cells
from highlights.media.frames import Frame
from highlights.records import Box

MOTION_STEP = 0.2  # weight of one frame in the moving average that separates moving picture from still plate
RESTLESS_S = 0.5  # how long to wait for a row that never becomes still (moving picture behind it, or no graphic)
REPEAT_S = 3.0  # a row that is unchanged, or only ticks, is read this often, so that no state rests on one reading
TICKS, TICK_S, LONGEST_TICK_S = 3, 0.15, 3.2  # so many changes, this close to whole seconds apart, are a clock
CONFIRM_S = 0.1  # a change is read a second time this soon, in case the picture cuts away
BURST, BURST_S = 6, 3.0  # more changes in this time are read less often: a translucent plate changes all the time
LONG_AGO_S = 1e6
LAG_S = 1.0  # of match time between a frame and its reading; beyond it the decoder waits, so that every run is the same


@dataclass(slots=True)
class _PendingReading:
    """A reading of some rows, `numbers`; `rows` are those of the whole graphic once `result` has arrived."""

    time_s: float
    until_s: float
    numbers: list[int]
    result: Future[list[TextRow]]
    rows: tuple[TextRow, ...] = ()


class ScoreWatch:
    """Reads one graphic through a recording: `add` every frame, then take the `readings`."""

    def __init__(self, graphic: Graphic, reader: Executor) -> None:
        self._watches = [_RowWatch(box) for box in graphic.rows]
        self._rows = [TextRow((), 0.0, 1.0) for _ in graphic.rows]
        self._reader = reader
        self._pending: list[_PendingReading] = []
        self._done = 0

    def add(self, frame: Frame, luma: Luma) -> None:
        """Process one frame; `luma` is its brightness, upright, uint8 [height, width]."""
        due = [i for i, watch in enumerate(self._watches) if watch.due(frame.time_s, luma)]
        if due:
            boxes = [self._watches[i].box for i in due]
            result = self._reader.submit(read_rows, [frame.crop_bgr(box) for box in boxes], boxes)
            self._pending.append(_PendingReading(frame.time_s, frame.time_s, due, result))
        elif self._pending and not any(watch.differs for watch in self._watches):
            self._pending[-1].until_s = frame.time_s
        self._collect(frame.time_s - LAG_S)

    def readings(self) -> list[GraphicReading]:
        """All readings in order of time; waits for the last one."""
        self._collect(float("inf"))
        return [GraphicReading(pending.time_s, pending.until_s, pending.rows) for pending in self._pending]

    def _collect(self, until_s: float) -> None:
        """Wait for the results of all readings before `until_s`."""
        while self._done < len(self._pending) and self._pending[self._done].time_s < until_s:
            pending = self._pending[self._done]
            for i, row in zip(pending.numbers, pending.result.result(), strict=True):
                self._rows[i] = row
                self._watches[i].legible = any(t.kind != "word" and t.confidence >= SURE for t in row.tokens)
            pending.rows = join_cells(self._rows)
            self._done += 1


class _RowWatch:
    """One row of a graphic: decides when it is worth reading.

    A block that changes in most frames shows the picture behind it and is ignored; one that changes every second is a clock and
    is read now and then; any other that changes and then stays still is read at once.
    """

    def __init__(self, box: Box) -> None:
        self.box = box
        self.differs = False
        """Whether the row now differs from what was last read, apart from ticking and moving blocks."""
        self.legible = True
        """Whether the last reading of it contained a number, clock or period."""
        self._strip = Strip(box)
        self._read_s = -LONG_AGO_S
        self._news_s = deque([-LONG_AGO_S] * BURST, maxlen=BURST)
        self._confirm = True
        self._read: Luma | None = None
        self._before: Luma = np.zeros((0, 0), np.uint8)
        self._restless = False
        self._motion = np.zeros(0)  # of each block, 0 at rest to 1 in motion
        self._moved_s = np.zeros((TICKS, 0))  # the last times each block moved, latest at the end

    def due(self, time_s: float, luma: Luma) -> bool:
        """Whether to read the row now."""
        now = self._strip.cut(luma)
        if self._read is None:
            self._start(time_s, now)
            return True
        moved, changed = self._strip.changed(now, self._before), self._strip.changed(now, self._read)
        self._before = now
        calm = self._track(time_s, moved)
        changed &= calm
        self.differs = bool(changed.any() and (changed & ~self._ticking(time_s)).any())
        if not self._worth_reading(time_s, news=self.differs and not (moved & calm).any()):
            return False
        self._read, self._read_s, self.differs = now, time_s, False
        return True

    def _start(self, time_s: float, now: Luma) -> None:
        self._read = self._before = now
        self._read_s = time_s
        self._motion = np.zeros(self._strip.blocks)
        self._moved_s = np.full((TICKS, self._strip.blocks), -LONG_AGO_S)

    def _track(self, time_s: float, moved: Blocks) -> Blocks:
        """Update the motion of the blocks; returns those that do not show a moving picture."""
        self._motion += MOTION_STEP * (moved - self._motion)
        calm = self._motion < 0.5
        if moved.any():
            self._moved_s[:, moved] = np.roll(self._moved_s[:, moved], -1, axis=0)
            self._moved_s[-1, moved] = time_s
        if not calm.all():
            self._moved_s[:, ~calm] = -LONG_AGO_S
        self._restless = bool(2 * calm.sum() < len(calm))
        return calm

    def _ticking(self, time_s: float) -> Blocks:
        """Which blocks changed like the seconds of a clock, one or a few seconds apart, until now."""
        apart_s = np.diff(self._moved_s, axis=0)
        regular = (np.abs(apart_s - np.round(apart_s)) < TICK_S) & (apart_s > 0.5) & (apart_s < LONGEST_TICK_S)
        return np.asarray(regular.all(axis=0) & (time_s - self._moved_s[-1] < LONGEST_TICK_S))

    def _worth_reading(self, time_s: float, *, news: bool) -> bool:
        waited_s = time_s - self._read_s
        news = news and (waited_s >= RESTLESS_S or (self.legible and time_s - self._news_s[0] > BURST_S))
        if news:
            self._news_s.append(time_s)
        if news or (self._confirm and waited_s >= CONFIRM_S):
            self._confirm = news
            return True
        return waited_s >= (RESTLESS_S if self._restless and self.legible else REPEAT_S)
