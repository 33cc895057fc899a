"""Watches a score graphic in key frames only, a glance every few seconds, and reports between which of them it changed.

    key frames   A     A     A     B     B            what the graphic shows, apart from its clock
    readings   ├─────────────┤   ├──────────
    gap                      ├───┤                    searched frame by frame for the moment of the change

A glance costs a few subtractions of a few thousand pixels; reading (30 ms) happens on another thread, at every change, and in
between every 12 s, or every 48 s once readings agree and as long as the clock runs; every 8 s while the graphic is hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from highlights.analysis.score.locate import Graphic, read_rows
from highlights.analysis.score.slots import GraphicReading
from highlights.analysis.score.strip import Blocks, Luma, Strip
from highlights.analysis.score.tokens import TextRow, counts_something, join_cells
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
RARELY_S = 48.0  # ... and this often once readings agree, while its clock runs: it has nothing new to tell
AGREE = 3  # readings in a row with the same numbers
SEEK_S = 8.0  # a picture without the graphic is read this often: it may come back in another design
FIRST_SEEK_S = 3.5  # ... and this often until it was recognised once
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
    away_s: float | None = None
    """If the graphic came back in this glance: when it was last seen not to be there."""
    text: list[TextRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Gap:
    """The graphic changed between the glances number `before` and `before + 1`.

    `old` and `new` are the numbers it showed, none while it was hidden.
    """

    before: int
    span: Span
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()


class Taken(NamedTuple):
    """What is needed of one key frame: the pixels of the rows, and pictures of them to be read."""

    time_s: float
    rows: list[Luma]
    crops: Callable[[], list[NDArray[np.uint8]]]


class GlanceWatch:
    """Reads one graphic in key frames: `add` each, search the `gaps` by `narrowing`, then take the `readings`."""

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
        self._agree, self._stood = 0, False
        self._clock = np.zeros(sum(strip.blocks for strip in self._strips), bool)  # where the clock was when it was last read
        # of each block, how often it changes: 0 never, 1 at every glance; lately, and over all `_compared` glances
        self._tick_share = np.zeros(sum(strip.blocks for strip in self._strips))
        self._moved, self._compared = np.zeros(len(self._tick_share), int), 0

    def take(self, frame: Frame, luma: Luma, *, keep: bool = False) -> Taken:
        """What is needed of one key frame; `luma` is its brightness, upright, uint8 [height, width].

        With `keep` the frame itself is no longer needed. Can be called on several threads.
        """
        crops = [frame.crop_bgr(box) for box in self._boxes] if keep else []
        return Taken(
            frame.time_s,
            [strip.cut(luma) for strip in self._strips],
            lambda: crops or [frame.crop_bgr(box) for box in self._boxes],
        )

    def add(self, taken: Taken) -> None:
        """Process one key frame, in order of time."""
        time_s, now, crops = taken
        if time_s - self._before_s < GLANCE_S:
            return
        self._collect(self._count - LAG)
        shown = self._is_shown(now)
        if shown and self._was_shown:
            moved = self._changed(now, self._before)
            self._tick_share += TICK_STEP * (moved - self._tick_share)
            self._moved += moved
            self._compared += 1
            self._stood |= not (moved & self._ticking()).any()
        if self._is_due(time_s, now, shown):
            result = self._reader.submit(read_rows, crops(), self._boxes)
            away_s = self._before_s if shown and not self._was_shown else None
            self._glances.append(_Glance(time_s, time_s, now, self._tick_share.copy(), result, time_s, away_s))
            self._requested_at.append(self._count)
            self._stood = False
        elif shown:
            self._glances[-1].until_s = time_s
        self._before, self._before_s, self._was_shown = now, time_s, shown
        self._count += 1

    def gaps(self, end_s: float) -> list[Gap]:
        """Where the graphic appeared, went or changed its numbers between two glances; `end_s` is when the last one ends."""
        self._collect(self._count)
        if self._was_shown and end_s - self._before_s <= LONGEST_GAP_S:
            self._glances[-1].until_s = end_s
        found = []
        for number, (a, b) in enumerate(pairwise(self._glances)):
            before, after = self._numbers(a), self._numbers(b)
            if not before and b.away_s is not None:
                a.until_s = max(a.until_s, b.away_s)
            if b.time_s - a.until_s > LONGEST_GAP_S:
                continue
            if before != after:
                found.append(Gap(number, Span(a.until_s, b.time_s + 0.001), before, after))
            elif before:
                a.until_s = b.time_s
        return found

    def shown_s(self) -> float:
        """For how long the graphic was on screen, as far as it was read."""
        self._collect(self._count)
        return sum(glance.until_s - glance.time_s for glance in self._glances if self._numbers(glance))

    def narrowing(self, gap: Gap) -> Narrowing | None:
        """The search of a gap; None if nothing in it is worth searching for: the graphic only ticked."""
        a, b = self._glances[gap.before : gap.before + 2]
        lettered = self._lettered(a.rows if gap.old else b.rows)
        ticked = self._ticked(b)
        clock = self._clock_of(a, ticked) | self._clock_of(b, ticked)
        differing = self._changed(a.rows, b.rows) & lettered & ~ticked & ~clock
        if differing.any():
            return Narrowing(self, gap, differing)
        a.until_s = b.time_s if gap.old and gap.new else a.until_s
        return None

    def like(self, gap: Gap, luma: Luma, differing: Blocks) -> tuple[bool, bool]:
        """Whether a frame in a gap is like the glance before it and like the one after it, where these differ."""
        now = [strip.cut(luma) for strip in self._strips]
        shares = [self._changed(now, g.rows)[differing].mean() for g in self._glances[gap.before : gap.before + 2]]
        return shares[0] <= 1 - ALIKE, shares[1] <= 1 - ALIKE

    def move(self, gap: Gap, last_s: float | None, first_s: float | None) -> None:
        """Note when in a gap the old numbers were last shown, and from when on only the new ones were."""
        a, b = self._glances[gap.before : gap.before + 2]
        a.until_s = a.until_s if last_s is None else max(a.until_s, last_s)
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
        news = shown != self._was_shown or (
            shown and bool((self._changed(now, last.rows) & ~self._ticking() & ~self._clock).any())
        )
        repeat_s = RARELY_S if self._agree >= AGREE and not self._stood else REPEAT_S
        seek_s = SEEK_S if self._compared else FIRST_SEEK_S
        due = news or self._confirm or time_s - last.time_s >= (repeat_s if shown else seek_s)
        self._confirm = news and shown
        return due

    def _collect(self, until: int) -> None:
        """Wait for the results of all readings requested before glance number `until`."""
        while self._done < len(self._glances) and self._requested_at[self._done] < until:
            glance = self._glances[self._done]
            glance.text = glance.result.result()
            if counts_something(glance.text):
                self._usual = glance.rows
                self._clock = self._clock_of(glance, self._ticking())
            same = self._done > 0 and self._numbers(glance) == self._numbers(self._glances[self._done - 1])
            self._agree = self._agree + 1 if same else 1
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

    def _clock_of(self, glance: _Glance, ticking: Blocks) -> Blocks:
        """The blocks of a running clock, minutes included: when these change, there is nothing to read."""
        clock, first = np.zeros(len(self._clock), bool), 0
        for strip, row in zip(self._strips, glance.text, strict=True):
            for token in row.tokens:
                at = slice(first + strip.block_at(token.x0), first + strip.block_at(token.x1) + 1)
                if token.kind == "clock" and token.x0 < token.x1 and ticking[at].any():
                    clock[at] = True
            first += strip.blocks
        return clock

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


class Narrowing:
    """Searches a gap for the last frame with the old numbers, and for the first frame from which all have the new ones."""

    def __init__(self, watch: GlanceWatch, gap: Gap, differing: Blocks) -> None:
        self.gap = gap
        self._watch = watch
        self._differing = differing
        self._last_s: float | None = None
        self._first_s: float | None = None

    def add(self, time_s: float, luma: Luma) -> None:
        """Add the next frame in the gap; `luma` is its brightness, upright, uint8 [height, width]."""
        old, new = self._watch.like(self.gap, luma, self._differing)
        self._last_s = time_s if old else self._last_s
        if not new:
            self._first_s = None
        elif self._first_s is None:
            self._first_s = time_s

    def finish(self) -> None:
        """Note the result in the readings of the watch."""
        self._watch.move(self.gap, self._last_s, self._first_s)


def _with_tens(seconds: Blocks) -> Blocks:
    """The blocks of a clock's seconds and of their tens."""
    ticks = seconds.copy()
    for back in range(1, TENS + 1):
        ticks[:-back] |= seconds[back:]
    return ticks
