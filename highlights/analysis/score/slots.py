"""Which number on the score graphic is what: slots are the places where numbers recur, and each is judged by how it moves.

A score stands beside a name and grows by the steps of its sport; a clock runs with the time; a shot clock, a shirt number or
a down do neither. So no layout needs to be known beforehand.
"""

from __future__ import annotations

import re
from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, dropwhile, pairwise, takewhile
from statistics import fmean

from highlights.analysis.score.rules import Observation, Rules, believe, explained
from highlights.analysis.score.tokens import HEARD, SURE, Row, Token, clock_seconds

SLOT_REACH = 0.6  # of the row's height: how far a number moves sideways when a neighbour gains a digit
FOLLOW = 0.3  # how far a slot goes after its number at each look, so that one stray reading does not drag it away
CLOCK_REACH = 1.5
STACKED_REACH = 1.5  # heights: the place of a digit behind a wide gap is known so badly
PRESENT = 0.3  # share of the looks with any number that a score must be readable in
EXPLAINED = 0.6  # share of a slot's readings that the rules of the sport must explain
LIVELY = 0.15  # what it speaks for a score that a side of it changed at all
TICK_S = 1.2  # a clock shows whole seconds and is read between frames
MOVES = 0.15  # share of the looks between which a running clock moves at least, breaks and all
LABEL = re.compile(
    r"[A-Z]|FOULS?|TOL?|BONUS|OUTS?|BALLS?|STRIKES?|PITCHES|INN|SETS?|GAMES?|NEED|TARGET|C?RR|RRR|OV|OVERS?|NO", re.IGNORECASE
)
"""Words that say what the number beside them counts; a lone letter is no name either."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a graphic: `rows` read at `time_s`, unchanged on the picture until `until_s`."""

    time_s: float
    until_s: float
    rows: tuple[Row, ...]


@dataclass(slots=True)
class Slot:
    """A place of the graphic and the tokens read there, by look."""

    row: int
    x: float
    size: float
    tokens: dict[int, Token] = field(default_factory=dict)

    @property
    def last(self) -> Token:
        """The token read last."""
        return self.tokens[next(reversed(self.tokens))]

    def observations(self, looks: Sequence[Look]) -> list[Observation]:
        """What was counted here over time."""
        return [
            Observation(looks[i].time_s, looks[i].until_s, token.value, token.confidence) for i, token in self.tokens.items()
        ]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two slots that count for two sides."""

    home: Slot
    away: Slot
    quality: float

    @property
    def looks(self) -> set[int]:
        """The looks in which both were read."""
        return self.home.tokens.keys() & self.away.tokens.keys()

    def seen(self, slot: Slot) -> Slot:
        """A place of the graphic in these looks only: a lone number is more often a slip while the graphic is hidden."""
        looks = self.looks
        return replace(slot, tokens={i: token for i, token in slot.tokens.items() if i in looks})


def number_slots(looks: Sequence[Look]) -> list[Slot]:
    """Places where numbers recur, top to bottom and left to right."""
    return _slots(looks, ("number",), SLOT_REACH)


def decimal_slots(looks: Sequence[Look]) -> list[Slot]:
    """Places where decimals recur (overs of cricket), counted in sixths: 15.2 overs are 92 balls."""
    slots = _slots(looks, ("decimal",), CLOCK_REACH)
    for slot in slots:
        for look, token in slot.tokens.items():
            overs, balls = token.text.split(".")
            slot.tokens[look] = replace(token, value=6 * int(overs) + int(balls))
    return slots


def clock_slots(looks: Sequence[Look]) -> list[Slot]:
    """Places where clocks recur; many show tenths in the last minute, `45.3`."""
    slots = _slots(looks, ("clock", "decimal"), CLOCK_REACH)
    return [s for s in slots if any(t.kind == "clock" for t in s.tokens.values())]


def _slots(looks: Sequence[Look], kinds: tuple[str, ...], reach: float) -> list[Slot]:
    slots: list[Slot] = []
    for index, look in enumerate(looks):
        for number, row in enumerate(look.rows):
            _assign([t for t in row.tokens if t.kind in kinds and t.confidence >= HEARD], slots, number, row, index, reach)
    at_least = max(1, len(looks) // 50)
    return sorted((s for s in slots if len(s.tokens) >= at_least), key=lambda s: (s.row, s.x))


def _assign(tokens: Sequence[Token], slots: list[Slot], number: int, row: Row, look: int, reach: float) -> None:
    """Give each token to a slot of its row, in order; what is left opens a new one. Unsure ones can only confirm."""
    here = sorted((s for s in slots if s.row == number), key=lambda s: s.x)
    for token, slot in _aligned(tokens, here, look, reach * row.size):
        if token.confidence < SURE and (slot is None or token.text != slot.last.text):
            continue
        if slot is None:
            slots.append(Slot(number, token.x, row.size, {look: token}))
        else:
            slot.tokens[look] = token
            slot.x += FOLLOW * (token.x - slot.x)


def _aligned(tokens: Sequence[Token], slots: Sequence[Slot], look: int, reach_px: float) -> list[tuple[Token, Slot | None]]:
    """The cheapest match of tokens and slots that keeps both in order.

    A token moved costs its pixels, a token or a usual slot left out the reach: so when a row shrinks, each of its numbers
    stays in its slot, though another may be nearer.
    """
    usual = [reach_px * len(slot.tokens) / (look - next(iter(slot.tokens))) for slot in slots]
    costs = [list(accumulate(usual, initial=0.0))]
    for token in tokens:
        above, line = costs[-1], [costs[-1][0] + reach_px]
        for s, slot in enumerate(slots):
            away = abs(token.x - slot.x)
            matched = above[s] + (away if away < reach_px else float("inf"))
            line.append(min(matched, above[s + 1] + reach_px, line[s] + usual[s]))
        costs.append(line)
    return _traced(costs, tokens, slots, usual)


def _traced(
    costs: Sequence[Sequence[float]], tokens: Sequence[Token], slots: Sequence[Slot], usual: Sequence[float]
) -> list[tuple[Token, Slot | None]]:
    pairs: list[tuple[Token, Slot | None]] = []
    t, s = len(tokens), len(slots)
    while t:
        if s and costs[t][s] == costs[t][s - 1] + usual[s - 1]:
            s -= 1
            continue
        slot = slots[s - 1] if s and costs[t][s] == costs[t - 1][s - 1] + abs(tokens[t - 1].x - slots[s - 1].x) else None
        pairs.append((tokens[t - 1], slot))
        t, s = t - 1, s - (slot is not None)
    return pairs[::-1]


def find_pairs(looks: Sequence[Look], slots: Sequence[Slot], first: Rules, second: Rules) -> list[Pair]:
    """Pairs of slots that could be a score by the rules of its `first` and `second` number, best first."""
    visible = set().union(*(s.tokens for s in slots)) if slots else set()
    fits = [(_fit(looks, slot, first), _fit(looks, slot, second)) for slot in slots]
    pairs = []
    for i, one in enumerate(slots):
        for j, other in enumerate(slots[i + 1 :], i + 1):
            both = one.tokens.keys() & other.tokens.keys()
            fit = min(fits[i][0], fits[j][1])
            if len(both) < PRESENT * len(visible) or fit < EXPLAINED or not _beside(one, other):
                continue
            quality = len(both) / len(visible) + fit + _looks_like_a_score(looks, one, other, both)
            pairs.append(Pair(one, other, quality + LIVELY * ((moves(one) > 0) + (moves(other) > 0))))
    return sorted(pairs, key=lambda p: -p.quality)


def _fit(looks: Sequence[Look], slot: Slot, rules: Rules) -> float:
    observations = slot.observations(looks)
    return explained(observations, believe(observations, rules), rules)


def moves(slot: Slot) -> int:
    """How often the number at a place changed, slips of the reader and all."""
    return sum(a.value != b.value for a, b in pairwise(slot.tokens.values()))


def _beside(a: Slot, b: Slot) -> bool:
    """Two sides of one score: in one row, or above each other."""
    return a.row == b.row or _aside(a, b) < 1


def _aside(a: Slot, b: Slot) -> float:
    """How far two places are from standing above each other; 1 is as far as the recogniser may be mistaken."""
    return abs(a.x - b.x) / (STACKED_REACH * max(a.size, b.size))


def _looks_like_a_score(looks: Sequence[Look], home: Slot, away: Slot, both: Iterable[int]) -> float:
    """How much the neighbourhood speaks for a score: joined by a dash, next to names that stay, nothing between."""
    points: list[float] = []
    names: tuple[list[str], list[str]] = ([], [])
    for i in sorted(both):
        row, other = looks[i].rows[home.row].tokens, looks[i].rows[away.row].tokens
        one, two = home.tokens[i], away.tokens[i]
        h, a = row.index(one), other.index(two)
        names[0].append(_name_beside(row, h))
        names[1].append(_name_beside(other, a))
        joined = bool(two.joined) and home.row == away.row and a == h + 1
        near = a - h <= 2 if home.row == away.row else 1 - _aside(home, away)
        odd = sum(t.attached or (len(t.text) > 1 and t.text[0] == "0") for t in (one, two))
        points.append(0.6 * joined + 0.2 * near - 0.5 * odd)
    if not points:
        return 0.0
    alike = abs(home.size - away.size) < 0.3 * max(home.size, away.size)
    return fmean(points) + 0.2 * alike + 0.25 * sum(map(_steady, names))


def _name_beside(tokens: Sequence[Token], index: int) -> str:
    """The name beside a number; empty where there is none, or a word that says what else it counts."""
    if index and LABEL.fullmatch(tokens[index - 1].text):
        return ""
    near = [tokens[i] for i in (index - 1, index + 1) if 0 <= i < len(tokens)]
    return next((t.text for t in near if t.kind == "word" and not LABEL.fullmatch(t.text)), "")


def _steady(names: Sequence[str]) -> float:
    """1 for a number that always has the same name, 0 for one without, -1 if the names come and go: a ticker."""
    named = [name for name in names if name]
    if not named:
        return 0.0
    same = max(Tally(named).values()) / len(named)
    return (2 * same - 1) * len(named) / len(names)


def team_names(looks: Sequence[Look], pair: Pair) -> tuple[str, str]:
    """What stands beside the two numbers most often, as read; empty where nothing does."""
    home, away = Tally[str](), Tally[str]()
    for i in pair.looks:
        row, other = looks[i].rows[pair.home.row].tokens, looks[i].rows[pair.away.row].tokens
        h, a = row.index(pair.home.tokens[i]), other.index(pair.away.tokens[i])
        if pair.home.row == pair.away.row:
            one, two = _names_in_a_row(row[:h], row[h + 1 : a], row[a + 1 :])
        else:
            one, two = _last_name(row[:h]) or _first_name(row[h + 1 :]), _last_name(other[:a]) or _first_name(other[a + 1 :])
        home[one] += 1
        away[two] += 1
    return _commonest(home), _commonest(away)


def _names_in_a_row(before: Sequence[Token], between: Sequence[Token], after: Sequence[Token]) -> tuple[str, str]:
    """`ARS 2 1 CHE`, `ARS 2 CHE 1` or `2 ARS 1 CHE`."""
    left, right = _last_name(before), _first_name(after)
    if left:
        return left, _last_name(between) or right
    return _first_name(between), right


def _last_name(tokens: Sequence[Token]) -> str:
    return _name(list(_words(tokens[::-1]))[::-1])


def _first_name(tokens: Sequence[Token]) -> str:
    return _name(list(_words(tokens)))


def _words(tokens: Sequence[Token]) -> Iterator[Token]:
    """The nearest words; a number that hangs on one is part of the name: `U21`."""
    named = dropwhile(lambda t: t.kind != "word" and not t.attached, tokens)
    return takewhile(lambda t: t.kind == "word" or t.attached, named)


def _name(tokens: Sequence[Token]) -> str:
    text = ""
    for token in tokens:
        if token.kind == "word":
            text += f" {token.text}"
        elif text:
            text += token.text
    return text.strip()


def _commonest(tally: Mapping[str, int]) -> str:
    named = {text: count for text, count in tally.items() if text}
    return max(named, key=lambda text: (named[text], text), default="")


def runs(looks: Sequence[Look], slot: Slot) -> float:
    """Share of a clock's moves that were as long as the time that passed; 0 if it seldom moves at all."""
    read = [(looks[i].time_s, clock_seconds(token.text)) for i, token in slot.tokens.items()]
    timed = [(time_s, seconds) for time_s, seconds in read if seconds is not None]
    agreed = moved = total = 0
    for (before_s, a), (time_s, b) in _pairs_apart(timed):
        total += 1
        moved += a != b
        agreed += a != b and abs(abs(b - a) - (time_s - before_s)) < TICK_S
    return agreed / moved if moved > MOVES * total else 0.0


def _pairs_apart(timed: Sequence[tuple[float, float]]) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """Readings of a clock that follow each other neither too soon to tell nor too late."""
    before: tuple[float, float] | None = None
    for reading in timed:
        if before is None or reading[0] - before[0] > 0.5:
            if before is not None and reading[0] - before[0] < 10:
                yield before, reading
            before = reading


def clock_as_pair(looks: Sequence[Look], slot: Slot) -> list[Look]:
    """The looks with a standing `21:19` taken as two numbers: a score with a colon, not a clock."""
    whole = {i: token for i, token in slot.tokens.items() if token.kind == "clock"}
    return [_split(look, whole[i], slot.row) if i in whole else look for i, look in enumerate(looks)]


def _split(look: Look, token: Token, number: int) -> Look:
    row = look.rows[number]
    left, right = token.text[:-3], token.text[-2:]
    x, digit = token.x, row.size * 0.35
    pair = (
        Token("number", left, x - 2 * digit, token.confidence, int(left)),
        Token("number", right, x + 2 * digit, token.confidence, int(right), ":"),
    )
    tokens = tuple(t for old in row.tokens for t in (pair if old is token else (old,)))
    return replace(look, rows=(*look.rows[:number], replace(row, tokens=tokens), *look.rows[number + 1 :]))
