"""Watches a score graphic by key frames alone, a glance every few seconds, and says between which of them it did something.

    key frames   A     A     A     B     B            what stands on the graphic, its clock aside
    looks      ├─────────────┤   ├──────────
    gap                      ├───┤                    looked through picture by picture for the moment of the change

A glance costs a few subtractions of a few thousand pixels; reading (15 ms) happens on another thread, about once in 8 s.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from highlights.analysis.score.locate import Graphic, read_rows
from highlights.analysis.score.slots import Look
from highlights.analysis.score.tokens import Row, counts_something, side_by_side
from highlights.analysis.score.watch import Blocks, Luma, Strip
from highlights.media.frames import Frame
from highlights.spans import Span

SHOWN = 0.3  # share of the lettered blocks that look as when last read: in front of another picture hardly one does
TICKS, TICK_STEP = 0.4, 0.25  # a block that changes in so many glances is a clock's; how fast one is taken for that
SURE_TICKS = 0.6  # the same, to be left out when it is looked for what changed: baskets come as often as one glance in five
BESIDE_TICKS = 0.25  # the same, beside such a block: one digit lies in several blocks, not all of them change each time
LEAST_COMPARED = 5  # glances that such shares are of
TENS = 3  # blocks to the left of a clock's seconds: their tens
CLOCK = 5  # blocks from the middle of a clock to its seconds, at the most
GLANCE_S = 0.9  # nearer key frames are passed over: a clock must have moved between two glances
REPEAT_S = 12.0  # a graphic that stands, or only ticks, is read this often, so that no state rests on one reading
SEEK_S = 3.5  # and a picture without it this often: it may come back in another design
LAG = 4  # glances between a picture and its reading; then the decoder waits, so that all runs go alike
LONGEST_GAP_S = 12.0  # more is not looked through
ALIKE = 0.75  # share of the blocks in which two looks differ, by which a picture between them belongs to one


@dataclass(slots=True)
class _Glance:
    """The rows as they were at `time_s`, unchanged at the glances until `until_s`; `read` once they are."""

    time_s: float
    until_s: float
    rows: list[Luma]
    moves: NDArray[np.float64]
    answer: Future[list[Row]]
    read: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Gap:
    """Something happened on the graphic between the glances number `before` and `before + 1`."""

    before: int
    span: Span


class GlanceWatch:
    """Reads one graphic by key frames: `see` each, `narrow` the `gaps`, then take the `looks`."""

    def __init__(self, graphic: Graphic, reader: Executor) -> None:
        self._boxes = list(graphic.rows)
        self._strips = [Strip(box) for box in graphic.rows]
        self._reader = reader
        self._glances: list[_Glance] = []
        self._asked_at: list[int] = []
        self._heard = self._count = 0
        self._usual: list[Luma] = []  # the rows as they were when they last said something
        self._before: list[Luma] = []
        self._before_s = -GLANCE_S
        self._was_shown = self._confirm = False
        self._moves = np.zeros(sum(strip.blocks for strip in self._strips))  # of each block, 0 never to 1 at every glance
        self._moved, self._compared = np.zeros(len(self._moves), int), 0

    def see(self, frame: Frame, luma: Luma) -> None:
        """Glance at one key frame; `luma` is its brightness, upright, uint8 [height, width]."""
        if frame.time_s - self._before_s < GLANCE_S:
            return
        self._hear(self._count - LAG)
        now = [strip.cut(luma) for strip in self._strips]
        shown = self._is_shown(now)
        if shown and self._was_shown:
            moved = self._changed(now, self._before)
            self._moves += TICK_STEP * (moved - self._moves)
            self._moved += moved
            self._compared += 1
        if self._is_due(frame.time_s, now, shown):
            answer = self._reader.submit(read_rows, [frame.crop_bgr(box) for box in self._boxes], self._boxes)
            self._glances.append(_Glance(frame.time_s, frame.time_s, now, self._moves.copy(), answer))
            self._asked_at.append(self._count)
        elif shown:
            self._glances[-1].until_s = frame.time_s
        self._before, self._before_s, self._was_shown = now, frame.time_s, shown
        self._count += 1

    def gaps(self, end_s: float) -> list[Gap]:
        """Where the graphic came, went or counted between two glances; `end_s` is when the last of them ends."""
        self._hear(self._count)
        if self._was_shown and end_s - self._before_s <= LONGEST_GAP_S:
            self._glances[-1].until_s = end_s
        found = []
        for number, (a, b) in enumerate(pairwise(self._glances)):
            stood, stands = self._stands(a), self._stands(b)
            if b.time_s - a.until_s > LONGEST_GAP_S:
                continue
            if stood != stands:
                found.append(Gap(number, Span(a.until_s, b.time_s + 0.001)))
            elif stood:
                a.until_s = b.time_s
        return found

    def narrow(self, gap: Gap, pictures: Iterable[tuple[float, Luma]]) -> None:
        """Look through a gap for the last picture that shows what was before it, and the first one from which on it is past."""
        a, b = self._glances[gap.before : gap.before + 2]
        lettered = self._lettered(a.rows if self._stands(a) else b.rows)
        apart = self._changed(a.rows, b.rows) & lettered & ~self._ticked(b)
        if not apart.any():
            a.until_s = b.time_s if self._stands(a) and self._stands(b) else a.until_s
            return
        first_s: float | None = None
        for time_s, luma in pictures:
            now = [strip.cut(luma) for strip in self._strips]
            if (self._changed(now, a.rows)[apart]).mean() <= 1 - ALIKE:
                a.until_s = max(a.until_s, time_s)
            if (self._changed(now, b.rows)[apart]).mean() > 1 - ALIKE:
                first_s = None
            elif first_s is None:
                first_s = time_s
        b.time_s = max(a.until_s + 0.001, b.time_s if first_s is None else min(first_s, b.time_s))

    def looks(self) -> list[Look]:
        """All looks in order of time."""
        return [Look(glance.time_s, glance.until_s, side_by_side(glance.read)) for glance in self._glances]

    def _is_shown(self, now: Sequence[Luma]) -> bool:
        if not self._usual:
            return False
        lettered = self._lettered(self._usual)
        still = lettered & ~self._ticking()
        known = still if still.any() else lettered
        return bool(known.any() and 1 - self._changed(now, self._usual)[known].mean() >= SHOWN)

    def _is_due(self, time_s: float, now: Sequence[Luma], shown: bool) -> bool:
        if not self._glances:
            return True
        last = self._glances[-1]
        news = shown != self._was_shown or (shown and bool((self._changed(now, last.rows) & ~self._ticking()).any()))
        due = news or self._confirm or time_s - last.time_s >= (REPEAT_S if shown else SEEK_S)
        self._confirm = news and shown
        return due

    def _hear(self, until: int) -> None:
        """Wait for the answers to all that was asked before glance number `until`."""
        while self._heard < len(self._glances) and self._asked_at[self._heard] < until:
            glance = self._glances[self._heard]
            glance.read = glance.answer.result()
            if counts_something(glance.read):
                self._usual = glance.rows
            self._heard += 1

    def _stands(self, glance: _Glance) -> tuple[str, ...]:
        """The numbers on the graphic, those left out that tick; none while it is away."""
        if not counts_something(glance.read):
            return ()
        ticking, told = iter(self._ticked(glance)), ["shown"]
        for strip, row in zip(self._strips, glance.read, strict=True):
            ticks = np.array([next(ticking) for _ in range(strip.blocks)])
            for token in row.tokens:
                at = strip.block_at(token.x)
                reach = CLOCK if token.kind == "clock" else 1  # a score can be written like a clock, 21:18
                if token.kind in ("number", "decimal", "clock") and not ticks[at : at + reach].any():
                    told.append(token.text)
        return tuple(told)

    def _ticking(self) -> Blocks:
        return _with_tens(self._moves >= TICKS)

    def _ticked(self, glance: _Glance) -> Blocks:
        """What ticked at a glance, or most of the time: at the beginning that is not known yet."""
        share = np.maximum(glance.moves, self._moved / max(LEAST_COMPARED, self._compared))
        sure = share >= SURE_TICKS
        return _with_tens(sure) | (_with_tens(_with_tens(sure)[::-1])[::-1] & (share >= BESIDE_TICKS))

    def _lettered(self, rows: Sequence[Luma]) -> Blocks:
        return np.concatenate([strip.lettered(row) for strip, row in zip(self._strips, rows, strict=True)])

    def _changed(self, a: Sequence[Luma], b: Sequence[Luma]) -> Blocks:
        return np.concatenate([strip.changed(*rows) for strip, *rows in zip(self._strips, a, b, strict=True)])


def _with_tens(seconds: Blocks) -> Blocks:
    """The blocks of a clock's seconds and those of their tens."""
    ticks = seconds.copy()
    for back in range(1, TENS + 1):
        ticks[:-back] |= seconds[back:]
    return ticks
