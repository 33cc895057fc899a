"""Which numbers on the score graphic are the score: they are grouped by place into slots, which are judged by how they change.

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

Measured: 95 of the 97 drawn designs of `benchmarks/scoreboard_designs.py` are read without a fault. The comments below say how
many more fail (`+n`) with another value; where they say "no effect", the designs leave the value free.
"""

from __future__ import annotations

import re
from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise
from statistics import fmean

from highlights.analysis.score.rules import Observation, Rules, believe, explained
from highlights.analysis.score.tokens import LEGIBLE, SURE, TextRow, Token, clock_seconds

# Grouping tokens into slots. Distances are in row heights, between the middles of two tokens.
NUMBER_REACH = 0.6  # how far a number moves sideways when it or a neighbour gains a digit; 0.45: +1, 0.3: +3, 0.9 and 1.2: +0
CLOCK_REACH = 1.5  # clocks and decimals are wider, and their middle moves further: 9:59 to 10:00; 0.5 to 3: no effect
FOLLOW = (
    0.3  # share of a move that the slot makes at each reading, so one misplaced reading does not drag it; 0 to 1: no effect
)
MIN_SLOT_SHARE = 1 / 50  # of the readings; a slot with fewer tokens is noise

# Which pairs of slots can be a score.
STACKED_REACH = 1.5  # row heights between stacked numbers' x: a digit behind a wide gap is located roughly; 0.5: +1, 3: +0
MIN_READ_SHARE = 0.3  # of the readings with any number: those in which both must be legible; 0.1 to 0.45: +0, 0.6: +1, 0.8: +2
MIN_EXPLAINED = 0.6  # share of a slot's observations that the sport's rules explain; 0.45: a ticker passes, 0.75: +0, 0.9: +4

# How much each sign adds to the quality of a pair, whose base is read share (0..1) + explained share (0..1).
SEPARATOR_WEIGHT = 0.6  # 2-1, 2:1; 0 and 0.3: +0, 1.2: +1
ADJACENT_WEIGHT = 0.2  # at most one token between the two; 0: +2 (tennis), 0.4: +1
NOT_A_COUNT_WEIGHT = -0.5  # for each number with a leading zero (07) or attached to a word or sign (U21, #4); 0: +3
SAME_SIZE_WEIGHT, SAME_SIZE_TOLERANCE = 0.2, 0.3  # 0 to twice the weight: no effect
NAME_WEIGHT = 0.25  # for each side, times how steady the name beside it is, -1..1; 0 to twice the weight: no effect
CHANGED_WEIGHT = 0.15  # for each side that changed at all; 0: +3, 0.3 and 0.6: +0

# Clocks.
TICK_TOLERANCE_S = 1.2  # a clock shows whole seconds and is read between two frames; 0.6 and 2.4: +0
TOO_SOON_S, TOO_LATE_S = 0.5, 10.0  # readings of a clock nearer or further apart than this are not compared
MIN_MOVING_SHARE = (
    0.15  # of the compared readings: a running clock moves in so many, stoppages included; 0.05 to 0.5: no effect
)

LABEL = re.compile(
    r"[A-Z]|FOULS?|TOL?|BONUS|OUTS?|BALLS?|STRIKES?|PITCHES|INN|SETS?|GAMES?|NEED|TARGET|C?RR|RRR|OV|OVERS?|NO", re.IGNORECASE
)
"""Words that say what the number beside them counts, and single letters: not the name of a side."""


@dataclass(frozen=True, slots=True)
class GraphicReading:
    """The graphic's `rows` as read at `time_s`; its pixels did not change until `until_s`."""

    time_s: float
    until_s: float
    rows: tuple[TextRow, ...]


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


@dataclass(frozen=True, slots=True)
class Pair:
    """Two slots that count for two sides; of two pairs, the one with the higher `quality` is more likely the score."""

    home: Slot
    away: Slot
    quality: float

    @property
    def common(self) -> set[int]:
        """The indices of the readings in which both numbers were read."""
        return self.home.tokens.keys() & self.away.tokens.keys()

    def restrict(self, slot: Slot) -> Slot:
        """A slot with its tokens of these readings only: a number read alone is more often a misreading of a hidden graphic."""
        common = self.common
        return replace(slot, tokens={i: token for i, token in slot.tokens.items() if i in common})


def number_slots(readings: Sequence[GraphicReading]) -> list[Slot]:
    """The slots of numbers, top to bottom and left to right."""
    return _slots(readings, ("number",), NUMBER_REACH)


def decimal_slots(readings: Sequence[GraphicReading]) -> list[Slot]:
    """The slots of decimals (overs of cricket), valued in balls: 15.2 overs are 92 balls."""
    slots = _slots(readings, ("decimal",), CLOCK_REACH)
    for slot in slots:
        for index, token in slot.tokens.items():
            overs, balls = token.text.split(".")
            slot.tokens[index] = replace(token, value=6 * int(overs) + int(balls))
    return slots


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


def find_pairs(readings: Sequence[GraphicReading], slots: Sequence[Slot], first: Rules, second: Rules) -> list[Pair]:
    """Pairs of slots that could be a score by the rules of its `first` and `second` number, best first."""
    with_numbers = set().union(*(s.tokens for s in slots)) if slots else set()
    explained_by = [(_explained(readings, slot, first), _explained(readings, slot, second)) for slot in slots]
    pairs = []
    for i, one in enumerate(slots):
        for j, other in enumerate(slots[i + 1 :], i + 1):
            common = one.tokens.keys() & other.tokens.keys()
            fit = min(explained_by[i][0], explained_by[j][1])
            if len(common) < MIN_READ_SHARE * len(with_numbers) or fit < MIN_EXPLAINED or not _can_be_two_sides(one, other):
                continue
            quality = len(common) / len(with_numbers) + fit + _neighbourhood(readings, one, other, common)
            changed = (changes(one) > 0) + (changes(other) > 0)
            pairs.append(Pair(one, other, quality + CHANGED_WEIGHT * changed))
    return sorted(pairs, key=lambda p: -p.quality)


def _explained(readings: Sequence[GraphicReading], slot: Slot, rules: Rules) -> float:
    observations = slot.observations(readings)
    return explained(observations, believe(observations, rules), rules)


def changes(slot: Slot) -> int:
    """How often the number of a slot changed, misreadings included."""
    return sum(a.value != b.value for a, b in pairwise(slot.tokens.values()))


def _can_be_two_sides(a: Slot, b: Slot) -> bool:
    """Whether two slots are in one row, or stacked."""
    return a.row == b.row or _offset(a, b) < 1


def _offset(a: Slot, b: Slot) -> float:
    """How far two slots are from being stacked exactly; 1 is the largest error of the recogniser."""
    return abs(a.x - b.x) / (STACKED_REACH * max(a.size, b.size))


def _neighbourhood(readings: Sequence[GraphicReading], home: Slot, away: Slot, common: Iterable[int]) -> float:
    """How much like a score two slots look: joined by a dash, beside names that stay, nothing in between."""
    points: list[float] = []
    names: tuple[list[str], list[str]] = ([], [])
    for i in sorted(common):
        home_row, away_row = readings[i].rows[home.row].tokens, readings[i].rows[away.row].tokens
        one, two = home.tokens[i], away.tokens[i]
        h, a = home_row.index(one), away_row.index(two)
        names[0].append(_name_beside(home_row, h))
        names[1].append(_name_beside(away_row, a))
        joined = bool(two.joined) and home.row == away.row and a == h + 1
        adjacent = a - h <= 2 if home.row == away.row else 1 - _offset(home, away)
        no_counts = sum(t.attached or (len(t.text) > 1 and t.text[0] == "0") for t in (one, two))
        points.append(SEPARATOR_WEIGHT * joined + ADJACENT_WEIGHT * adjacent + NOT_A_COUNT_WEIGHT * no_counts)
    if not points:
        return 0.0
    same_size = abs(home.size - away.size) < SAME_SIZE_TOLERANCE * max(home.size, away.size)
    return fmean(points) + SAME_SIZE_WEIGHT * same_size + NAME_WEIGHT * sum(map(_steadiness, names))


def _name_beside(tokens: Sequence[Token], index: int) -> str:
    """The name beside a number; empty where there is none, or a word that says what else it counts."""
    if index and LABEL.fullmatch(tokens[index - 1].text):
        return ""
    near = [tokens[i] for i in (index - 1, index + 1) if 0 <= i < len(tokens)]
    return next((t.text for t in near if t.kind == "word" and not LABEL.fullmatch(t.text)), "")


def _steadiness(names: Sequence[str]) -> float:
    """1 for a number that always has the same name, 0 for one without, -1 if the names come and go: a ticker."""
    named = [name for name in names if name]
    if not named:
        return 0.0
    same = max(Tally(named).values()) / len(named)
    return (2 * same - 1) * len(named) / len(names)


def running_share(readings: Sequence[GraphicReading], slot: Slot) -> float:
    """Share of a clock's moves that were as long as the time that passed; 0 if it seldom moves at all."""
    read = [(readings[i].time_s, clock_seconds(token.text)) for i, token in slot.tokens.items()]
    timed = [(time_s, seconds) for time_s, seconds in read if seconds is not None]
    agreed = moved = total = 0
    for (before_s, a), (time_s, b) in _comparable(timed):
        total += 1
        moved += a != b
        agreed += a != b and abs(abs(b - a) - (time_s - before_s)) < TICK_TOLERANCE_S
    return agreed / moved if moved > MIN_MOVING_SHARE * total else 0.0


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
        Token("number", left, x - 2 * digit_px, clock.confidence, int(left)),
        Token("number", right, x + 2 * digit_px, clock.confidence, int(right), ":"),
    )
    tokens = tuple(t for old in row.tokens for t in (pair if old is clock else (old,)))
    return replace(reading, rows=(*reading.rows[:number], replace(row, tokens=tokens), *reading.rows[number + 1 :]))
