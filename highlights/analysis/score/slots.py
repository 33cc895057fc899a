"""The numbers on the score graphic, grouped by place into slots, whose changes tell what they count.

A score stands beside a name and grows by the steps of its sport; a clock runs with the time; a shot clock, a shirt number or
a down do neither. So no layout has to be known in advance.

    reading 0   ARS  0 - 0  CHE  12:34        one row; x grows to the right
    reading 1   ARS  0 - 0  CHE  12:37
    reading 2   ARS  1 - 0  CHE  13:05
                     │   │       │
    slot             A   B       C            same row and x, followed from reading to reading
    values           0   0     12:34
                     0   0     12:37          C advances as fast as the recording: the game clock
                     1   0     13:05          A, B grow by allowed steps beside steady names: the pair (A, B) is the score

- a **slot** is one place of the graphic with the tokens read there;
- a **pair** is two slots that count for the two sides (in cricket: runs and wickets);
- `layouts.py` names the counters of a pair, `rules.py` turns the observations of a slot into believed values.

Measured: 96 of the 97 drawn designs of `benchmarks/scoreboard_designs.py` are read without a fault. The comments below say how
many more failed (`+n`) with another value when that was last measured, in 0.5.0; where they say "no effect", the designs leave
the value free.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import TypeVar

from highlights.analysis.score.rules import Observation
from highlights.analysis.score.tokens import LEGIBLE, SURE, TextRow, Token, clock_seconds

_Number = TypeVar("_Number", int, float)

# Grouping tokens into slots. Distances are in row heights, between the middles of two tokens.
NUMBER_REACH = 0.6  # how far a number moves sideways when it or a neighbour gains a digit; 0.45: +1, 0.3: +3, 0.9 and 1.2: +0
CLOCK_REACH = 1.5  # clocks and decimals are wider, and their middle moves further: 9:59 to 10:00; 0.5 to 3: no effect
FOLLOW = (
    0.3  # share of a move that the slot makes at each reading, so one misplaced reading does not drag it; 0 to 1: no effect
)
MIN_SLOT_SHARE = 1 / 50  # of the readings; a slot with fewer tokens is noise

# Clocks.
TICK_TOLERANCE_S = 1.2  # a clock shows whole seconds and is read between two frames; 0.6 and 2.4: +0
TOO_SOON_S, TOO_LATE_S = 0.5, 10.0  # readings of a clock nearer or further apart than this are not compared
MIN_MOVING_SHARE = (
    0.15  # of the compared readings: a running clock moves in so many, stoppages included; 0.05 to 0.5: no effect
)


@dataclass(frozen=True, slots=True)
class GraphicReading:
    """The graphic's `rows`, shown from `time_s` on; its pixels did not change until `until_s`.

    `read_s`: when the frame was shown that was read, if it was not the first with these rows: a clock has gone on by then.
    """

    time_s: float
    until_s: float
    rows: tuple[TextRow, ...]
    read_s: float | None = None


@dataclass(slots=True)
class Slot:
    """A place on the graphic (row number; `x` and row height `size` in pixels) and its tokens by the index of their reading."""

    row: int
    x: float
    size: float
    tokens: dict[int, Token] = field(default_factory=dict)

    @property
    def last(self) -> Token:
        """The token read last."""
        return self.tokens[next(reversed(self.tokens))]

    def observations(self, readings: Sequence[GraphicReading]) -> list[Observation]:
        """The values read here over time."""
        return [
            Observation(readings[i].time_s, readings[i].until_s, token.value, token.confidence)
            for i, token in self.tokens.items()
        ]


def number_slots(readings: Sequence[GraphicReading]) -> list[Slot]:
    """The slots of numbers, top to bottom and left to right."""
    return _slots(readings, ("number",), NUMBER_REACH)


def decimal_slots(readings: Sequence[GraphicReading]) -> list[Slot]:
    """The slots of decimals (overs of cricket), valued in balls."""
    slots = _slots(readings, ("decimal",), CLOCK_REACH)
    for slot in slots:
        slot.tokens = {index: in_balls(token) for index, token in slot.tokens.items()}
    return slots


def in_balls(overs: Token) -> Token:
    """Overs of cricket with their number of balls as the value: 15.2 are 92."""
    whole, balls = overs.text.split(".")
    return replace(overs, value=6 * int(whole) + int(balls))


def clock_slots(readings: Sequence[GraphicReading]) -> list[Slot]:
    """The slots of clocks; many show tenths in the last minute, `45.3`."""
    slots = _slots(readings, ("clock", "decimal"), CLOCK_REACH)
    return [s for s in slots if any(t.kind == "clock" for t in s.tokens.values())]


def _slots(readings: Sequence[GraphicReading], kinds: tuple[str, ...], reach: float) -> list[Slot]:
    slots: list[Slot] = []
    for index, reading in enumerate(readings):
        for number, row in enumerate(reading.rows):
            _assign([t for t in row.tokens if t.kind in kinds and t.confidence >= LEGIBLE], slots, number, row, index, reach)
    at_least = max(1, int(MIN_SLOT_SHARE * len(readings)))
    return sorted((s for s in slots if len(s.tokens) >= at_least), key=lambda s: (s.row, s.x))


def _assign(tokens: Sequence[Token], slots: list[Slot], number: int, row: TextRow, index: int, reach: float) -> None:
    """Give each token of row `number` to a slot, in order; tokens left over open new slots.

    A token that is legible but not sure counts only where it repeats the last one of its slot.
    """
    here = sorted((s for s in slots if s.row == number), key=lambda s: s.x)
    for token, slot in _aligned(tokens, here, index, reach * row.size):
        if token.confidence < SURE and (slot is None or token.text != slot.last.text):
            continue
        if slot is None:
            slots.append(Slot(number, token.x, row.size, {index: token}))
        else:
            slot.tokens[index] = token
            slot.x += FOLLOW * (token.x - slot.x)


def _aligned(tokens: Sequence[Token], slots: Sequence[Slot], index: int, reach_px: float) -> list[tuple[Token, Slot | None]]:
    """The cheapest order-preserving match of tokens and slots (an edit distance).

    Matching costs the distance in pixels; an unmatched token costs `reach_px`, an unmatched slot `reach_px` times the share of
    readings it was in. So when a row shrinks, each of its numbers stays in its slot, even if another slot is nearer.
    """
    skip_costs = [reach_px * len(slot.tokens) / (index - next(iter(slot.tokens))) for slot in slots]
    costs = [list(accumulate(skip_costs, initial=0.0))]
    for token in tokens:
        above, line = costs[-1], [costs[-1][0] + reach_px]
        for s, slot in enumerate(slots):
            distance = abs(token.x - slot.x)
            matched = above[s] + (distance if distance < reach_px else float("inf"))
            line.append(min(matched, above[s + 1] + reach_px, line[s] + skip_costs[s]))
        costs.append(line)
    return _traced(costs, tokens, slots, skip_costs)


def _traced(
    costs: Sequence[Sequence[float]], tokens: Sequence[Token], slots: Sequence[Slot], skip_costs: Sequence[float]
) -> list[tuple[Token, Slot | None]]:
    """The match whose cost stands in the last corner of `costs`, traced back from there."""
    matches: list[tuple[Token, Slot | None]] = []
    t, s = len(tokens), len(slots)
    while t:
        if s and costs[t][s] == costs[t][s - 1] + skip_costs[s - 1]:
            s -= 1
            continue
        slot = slots[s - 1] if s and costs[t][s] == costs[t - 1][s - 1] + abs(tokens[t - 1].x - slots[s - 1].x) else None
        matches.append((tokens[t - 1], slot))
        t, s = t - 1, s - (slot is not None)
    return matches[::-1]


def running_moves(readings: Sequence[GraphicReading], slot: Slot) -> tuple[float, int]:
    """Share of a clock's moves that were as long as the time that passed, and how many were; 0 if it seldom moves at all."""
    read = [(readings[i].time_s, clock_seconds(token.text)) for i, token in slot.tokens.items()]
    timed = [(time_s, seconds) for time_s, seconds in read if seconds is not None]
    agreed = moved = total = 0
    for (before_s, a), (time_s, b) in _comparable(timed):
        total += 1
        moved += a != b
        agreed += a != b and abs(abs(b - a) - (time_s - before_s)) < TICK_TOLERANCE_S
    return (agreed / moved, agreed) if moved > MIN_MOVING_SHARE * total else (0.0, 0)


def _comparable(timed: Sequence[tuple[float, float]]) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """Successive readings of a clock, `(time_s, seconds)`, neither too close together to show a move nor too far apart."""
    before: tuple[float, float] | None = None
    for reading in timed:
        if before is None or reading[0] - before[0] > TOO_SOON_S:
            if before is not None and reading[0] - before[0] < TOO_LATE_S:
                yield before, reading
            before = reading


def clock_as_pair(readings: Sequence[GraphicReading], slot: Slot) -> list[GraphicReading]:
    """The readings with the clock of a slot split into two numbers: a `21:19` that does not run may be a score."""
    clocks = {i: token for i, token in slot.tokens.items() if token.kind == "clock"}
    return [_split(reading, clocks[i], slot.row) if i in clocks else reading for i, reading in enumerate(readings)]


def _split(reading: GraphicReading, clock: Token, number: int) -> GraphicReading:
    row = reading.rows[number]
    left, right = clock.text[:-3], clock.text[-2:]
    x, digit_px = clock.x, row.size * 0.35
    pair = (
        Token("number", left, x - 2 * digit_px, clock.confidence, int(left), height=clock.height),
        Token("number", right, x + 2 * digit_px, clock.confidence, int(right), ":", height=clock.height),
    )
    tokens = tuple(t for old in row.tokens for t in (pair if old is clock else (old,)))
    return replace(reading, rows=(*reading.rows[:number], replace(row, tokens=tokens), *reading.rows[number + 1 :]))


def spread(indices: Sequence[_Number], count: int) -> list[_Number]:
    """At most `count` of the indices or times, evenly spread."""
    if len(indices) <= count:
        return list(indices)
    return [indices[round(i * (len(indices) - 1) / (count - 1))] for i in range(count)]
