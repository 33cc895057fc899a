"""The game clock on the score graphic: its cleaned readings, and the clock at any time between them, replays included."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from highlights.analysis.score.slots import GraphicReading, Slot, clock_slots, running_moves
from highlights.analysis.score.tokens import clock_seconds
from highlights.records import Scoreboard

RUNS_SHARE = 0.6  # of a clock's moves that must be as long as the time that passed
AGREE_S = 1.5  # a clock shows whole seconds and is read between frames
NEIGHBOURS = 8  # readings on either side that may confirm one
REACH_S = 90.0  # a hidden clock is assumed to run on for this long, as in a long replay


@dataclass(frozen=True, slots=True)
class GameClock:
    """Cleaned readings `(time_s, clock_s)`; `way` is 1 if it counts up, -1 if down, 0 if it stands."""

    readings: tuple[tuple[float, float], ...] = ()
    way: int = 1
    two_digits: bool = True

    @classmethod
    def of(cls, scoreboard: Scoreboard) -> GameClock:
        """The clock of a scoreboard, of which timelines store the readings only, as `text_at` wrote them."""
        timed = [(r.time_s, r.clock_s) for r in scoreboard.readings if r.clock_s is not None]
        return cls(tuple(timed), _way(timed), all(len(r.clock) > 4 for r in scoreboard.readings if r.clock))

    def at(self, time_s: float) -> float | None:
        """Seconds on the clock at `time_s`; None if there is no reading nearby."""
        index = bisect_right(self.readings, (time_s, float("inf")))
        before = self.readings[index - 1] if index else None
        after = self.readings[index] if index < len(self.readings) else None
        guesses = [c + self.way * (time_s - t) for t, c in (r for r in (before, after) if r) if abs(time_s - t) <= REACH_S]
        if not guesses:
            return None
        clock_s = self._within_its_second(guesses[0], time_s, index)
        if before and after and time_s - before[0] <= REACH_S and abs(after[1] - before[1]) < REACH_S:
            # between two readings the clock is between them too: it may have been stopped for a while
            clock_s = min(max(clock_s, min(before[1], after[1])), max(before[1], after[1]))
        return max(0.0, clock_s)

    def _within_its_second(self, clock_s: float, time_s: float, index: int) -> float:
        """The clock from the readings before and after that agree: each shows whole seconds, so it is up to one second further.

        The first one that does not agree ends the search on its side: the clock was stopped.
        """
        best = clock_s
        for side in (reversed(self.readings[max(0, index - NEIGHBOURS) : index]), self.readings[index : index + NEIGHBOURS]):
            for t, c in side:
                guess = c + self.way * (time_s - t)
                if abs(guess - clock_s) >= 1:
                    break
                best = max(best, guess)
        return best

    def text_at(self, time_s: float) -> str:
        """The clock at `time_s` in the notation of the graphic, `07:14`; empty if unknown."""
        clock_s = self.at(time_s)
        if clock_s is None:
            return ""
        minutes, seconds = divmod(int(clock_s), 60)
        return f"{minutes:02d}:{seconds:02d}" if self.two_digits else f"{minutes}:{seconds:02d}"


def running_clock(readings: Sequence[GraphicReading]) -> Slot | None:
    """The slot of the graphic's running clock, or None."""
    rated = [(*running_moves(readings, slot), slot) for slot in clock_slots(readings)]
    running = [(agreed, share, slot) for share, agreed, slot in rated if share >= RUNS_SHARE]
    return max(running, key=lambda r: r[:2])[2] if running else None


def standing_clock(readings: Sequence[GraphicReading]) -> Slot | None:
    """The slot of the only clock on the graphic, which shows the same in all readings; None if there are others."""
    slots = [s for s in clock_slots(readings) if 2 * len(s.tokens) > len(readings)]
    return slots[0] if len(slots) == 1 and len({t.text for t in slots[0].tokens.values()}) == 1 else None


def read_clock(readings: Sequence[GraphicReading], slot: Slot | None) -> GameClock:
    """The game clock in one slot of the graphic; an empty one without a slot."""
    if slot is None:
        return GameClock()
    read = ((_read_s(readings[i]), clock_seconds(slot.tokens[i].text)) for i in sorted(slot.tokens))
    raw = [(time_s, seconds) for time_s, seconds in read if seconds is not None]
    way = _way(raw)
    confirmed = tuple(r for i, r in enumerate(raw) if _confirmed(raw, i, way))
    texts = [token.text for token in slot.tokens.values() if token.kind == "clock"]
    two_digits = any(text[0] == "0" for text in texts) or all(len(text) > 4 for text in texts)
    return GameClock(confirmed, way, two_digits)


def _read_s(reading: GraphicReading) -> float:
    return reading.time_s if reading.read_s is None else reading.read_s


def _way(readings: Sequence[tuple[float, float]]) -> int:
    """1 if the clock counts up in most steps, -1 if down, 0 if it shows the same in all of several readings."""
    if len(readings) > 1 and len({clock_s for _, clock_s in readings}) == 1:
        return 0
    return 1 if sum((b > a) - (b < a) for (_, a), (_, b) in pairwise(readings)) >= 0 else -1


def _confirmed(raw: Sequence[tuple[float, float]], index: int, way: int) -> bool:
    """Whether a reading agrees with a neighbour, the clock running or stopped."""
    time_s, clock_s = raw[index]
    near = [*raw[max(0, index - NEIGHBOURS) : index], *raw[index + 1 : index + 1 + NEIGHBOURS]]
    return (
        any(abs((c - clock_s) - way * (t - time_s)) < AGREE_S or (c == clock_s and abs(t - time_s) > 0) for t, c in near)
        or len(raw) == 1
    )
