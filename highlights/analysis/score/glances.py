"""Watches a score graphic in key frames only, a glance every few seconds, and reports between which of them it changed.

    key frames   A     A     A     B     B            what the graphic shows, apart from its clock
    readings   ├─────────────┤   ├──────────
    gap                      ├───┤                    searched frame by frame for the moment of the change

A glance costs a few subtractions of a few thousand pixels; reading (15 ms) happens on another thread, about every 8 s.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from highlights.analysis.score.locate import Graphic, read_rows
from highlights.analysis.score.slots import GraphicReading
from highlights.analysis.score.tokens import TextRow, counts_something, join_cells
from highlights.analysis.score.watch import Blocks, Luma, Strip
from highlights.media.frames import Frame
from highlights.spans import Span

SHOWN = 0.3  # share of the lettered blocks that must match the last reading: without the graphic hardly any does
TICKS, TICK_STEP = 0.4, 0.25  # share of the glances in which a block of a clock changes; weight of one glance in that share
SURE_TICKS = 0.6  # the share from which a block is ignored in the search for a change: baskets come in up to every fifth glance
BESIDE_TICKS = 0.25  # the share beside such a block: a digit covers several blocks, not all of which change each time
LEAST_COMPARED = 5  # glances needed for such a share
TENS = 3  # blocks left of a clock's seconds that hold their tens
CLOCK = 5  # blocks from the middle of a clock to its seconds, at most
GLANCE_S = 0.9  # closer key frames are skipped: a clock must have moved between two glances
REPEAT_S = 12.0  # a graphic that is unchanged, or only ticks, is read this often, so that no state rests on one reading
SEEK_S = 3.5  # a picture without the graphic is read this often: it may come back in another design
LAG = 4  # glances between a frame and its reading; beyond it the decoder waits, so that every run is the same
LONGEST_GAP_S = 12.0  # longer gaps are not searched
ALIKE = 0.75  # of the blocks in which two readings differ: the share by which a frame between them belongs to one of them


@dataclass(slots=True)
class _Glance:
    """The pixels of the rows at `time_s`, unchanged in the glances until `until_s`; their `text` once `result` has arrived.

    `read_s` is when the frame that is read was shown, `time_s` in the end that of the first frame like it.
    """

    time_s: float
    until_s: float
    rows: list[Luma]
    tick_share: NDArray[np.float64]
    result: Future[list[TextRow]]
    read_s: float
    text: list[TextRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Gap:
    """The graphic changed between the glances number `before` and `before + 1`."""

    before: int
    span: Span


class GlanceWatch:
    """Reads one graphic in key frames: `add` each, `narrow` the `gaps`, then take the `readings`."""

    def __init__(self, graphic: Graphic, reader: Executor) -> None:
        self._boxes = list(graphic.rows)
        self._strips = [Strip(box) for box in graphic.rows]
        self._reader = reader
        self._glances: list[_Glance] = []
        self._requested_at: list[int] = []
        self._done = self._count = 0
        self._usual: list[Luma] = []  # the rows as they were when they were last legible
        self._before: list[Luma] = []
        self._before_s = -GLANCE_S
        self._was_shown = self._confirm = False
        # of each block, how often it changes: 0 never, 1 at every glance; lately, and over all `_compared` glances
        self._tick_share = np.zeros(sum(strip.blocks for strip in self._strips))
        self._moved, self._compared = np.zeros(len(self._tick_share), int), 0

    def add(self, frame: Frame, luma: Luma) -> None:
        """Process one key frame; `luma` is its brightness, upright, uint8 [height, width]."""
        if frame.time_s - self._before_s < GLANCE_S:
            return
        self._collect(self._count - LAG)
        now = [strip.cut(luma) for strip in self._strips]
        shown = self._is_shown(now)
        if shown and self._was_shown:
            moved = self._changed(now, self._before)
            self._tick_share += TICK_STEP * (moved - self._tick_share)
            self._moved += moved
            self._compared += 1
        if self._is_due(frame.time_s, now, shown):
            result = self._reader.submit(read_rows, [frame.crop_bgr(box) for box in self._boxes], self._boxes)
            self._glances.append(_Glance(frame.time_s, frame.time_s, now, self._tick_share.copy(), result, frame.time_s))
            self._requested_at.append(self._count)
        elif shown:
            self._glances[-1].until_s = frame.time_s
        self._before, self._before_s, self._was_shown = now, frame.time_s, shown
        self._count += 1

    def gaps(self, end_s: float) -> list[Gap]:
        """Where the graphic appeared, went or changed its numbers between two glances; `end_s` is when the last one ends."""
        self._collect(self._count)
        if self._was_shown and end_s - self._before_s <= LONGEST_GAP_S:
            self._glances[-1].until_s = end_s
        found = []
        for number, (a, b) in enumerate(pairwise(self._glances)):
            before, after = self._numbers(a), self._numbers(b)
            if b.time_s - a.until_s > LONGEST_GAP_S:
                continue
            if before != after:
                found.append(Gap(number, Span(a.until_s, b.time_s + 0.001)))
            elif before:
                a.until_s = b.time_s
        return found

    def narrow(self, gap: Gap, frames: Iterable[tuple[float, Luma]]) -> None:
        """Search a gap for the last frame with the old numbers, and for the first frame from which all have the new ones."""
        a, b = self._glances[gap.before : gap.before + 2]
        lettered = self._lettered(a.rows if self._numbers(a) else b.rows)
        differing = self._changed(a.rows, b.rows) & lettered & ~self._ticked(b)
        if not differing.any():
            a.until_s = b.time_s if self._numbers(a) and self._numbers(b) else a.until_s
            return
        first_s: float | None = None
        for time_s, luma in frames:
            now = [strip.cut(luma) for strip in self._strips]
            if (self._changed(now, a.rows)[differing]).mean() <= 1 - ALIKE:
                a.until_s = max(a.until_s, time_s)
            if (self._changed(now, b.rows)[differing]).mean() > 1 - ALIKE:
                first_s = None
            elif first_s is None:
                first_s = time_s
        b.time_s = max(a.until_s + 0.001, b.time_s if first_s is None else min(first_s, b.time_s))

    def readings(self) -> list[GraphicReading]:
        """All readings in order of time."""
        return [GraphicReading(g.time_s, g.until_s, join_cells(g.text), g.read_s) for g in self._glances]

    def _is_shown(self, now: Sequence[Luma]) -> bool:
        if not self._usual:
            return False
        lettered = self._lettered(self._usual)
        still = lettered & ~self._ticking()
        compared = still if still.any() else lettered
        return bool(compared.any() and 1 - self._changed(now, self._usual)[compared].mean() >= SHOWN)

    def _is_due(self, time_s: float, now: Sequence[Luma], shown: bool) -> bool:
        if not self._glances:
            return True
        last = self._glances[-1]
        news = shown != self._was_shown or (shown and bool((self._changed(now, last.rows) & ~self._ticking()).any()))
        due = news or self._confirm or time_s - last.time_s >= (REPEAT_S if shown else SEEK_S)
        self._confirm = news and shown
        return due

    def _collect(self, until: int) -> None:
        """Wait for the results of all readings requested before glance number `until`."""
        while self._done < len(self._glances) and self._requested_at[self._done] < until:
            glance = self._glances[self._done]
            glance.text = glance.result.result()
            if counts_something(glance.text):
                self._usual = glance.rows
            self._done += 1

    def _numbers(self, glance: _Glance) -> tuple[str, ...]:
        """The numbers on the graphic that do not tick, after the word `shown`; empty while the graphic is off screen."""
        if not counts_something(glance.text):
            return ()
        ticking, numbers = iter(self._ticked(glance)), ["shown"]
        for strip, row in zip(self._strips, glance.text, strict=True):
            ticks = np.array([next(ticking) for _ in range(strip.blocks)])
            for token in row.tokens:
                at = strip.block_at(token.x)
                reach = CLOCK if token.kind == "clock" else 1  # a score can be written like a clock, 21:18
                if token.kind in ("number", "decimal", "clock") and not ticks[at : at + reach].any():
                    numbers.append(token.text)
        return tuple(numbers)

    def _ticking(self) -> Blocks:
        return _with_tens(self._tick_share >= TICKS)

    def _ticked(self, glance: _Glance) -> Blocks:
        """Which blocks ticked around a glance, or over the whole match: at its beginning the former is still unknown."""
        share = np.maximum(glance.tick_share, self._moved / max(LEAST_COMPARED, self._compared))
        sure = share >= SURE_TICKS
        return _with_tens(sure) | (_with_tens(_with_tens(sure)[::-1])[::-1] & (share >= BESIDE_TICKS))

    def _lettered(self, rows: Sequence[Luma]) -> Blocks:
        return np.concatenate([strip.lettered(row) for strip, row in zip(self._strips, rows, strict=True)])

    def _changed(self, a: Sequence[Luma], b: Sequence[Luma]) -> Blocks:
        return np.concatenate([strip.changed(*rows) for strip, *rows in zip(self._strips, a, b, strict=True)])


def _with_tens(seconds: Blocks) -> Blocks:
    """The blocks of a clock's seconds and of their tens."""
    ticks = seconds.copy()
    for back in range(1, TENS + 1):
        ticks[:-back] |= seconds[back:]
    return ticks
