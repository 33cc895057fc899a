"""Which number on the score graphic is what: slots are the places where numbers recur, and each is judged by how it moves.

A score stands beside a name and grows by the steps of its sport; a clock runs with the time; a shot clock, a shirt number or
a down do neither. So no layout needs to be known beforehand.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from highlights.analysis.score_rules import Observation, Rules, believe, explained
from highlights.analysis.score_text import Row, Token, clock_seconds

SLOT_REACH = 0.6  # of the row's height: how far a number moves sideways when a neighbour gains a digit
FOLLOW = 0.3  # how far a slot goes after its number at each look, so that one stray reading does not drag it away
SURE = 0.5  # confidence below which a reading says nothing: most come from the picture while the graphic is hidden
CLOCK_REACH = 1.5
PRESENT = 0.3  # share of the looks with any number that a score must be readable in
EXPLAINED = 0.6  # share of a slot's readings that the rules of the sport must explain


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
    y: float
    tokens: dict[int, Token] = field(default_factory=dict)

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
    """Places where clocks recur."""
    return _slots(looks, ("clock",), CLOCK_REACH)


def _slots(looks: Sequence[Look], kinds: tuple[str, ...], reach: float) -> list[Slot]:
    slots: list[Slot] = []
    for index, look in enumerate(looks):
        for number, row in enumerate(look.rows):
            _assign([t for t in row.tokens if t.kind in kinds and t.confidence >= SURE], slots, number, row, index, reach)
    at_least = max(1, len(looks) // 50)
    return sorted((s for s in slots if len(s.tokens) >= at_least), key=lambda s: (s.row, s.x))


def _assign(tokens: Sequence[Token], slots: list[Slot], number: int, row: Row, look: int, reach: float) -> None:
    """Give each token to the nearest slot of its row, one to one; what is left opens a new slot."""
    here = [s for s in slots if s.row == number]
    near = sorted(
        (abs(t.x - s.x), ti, si) for ti, t in enumerate(tokens) for si, s in enumerate(here) if abs(t.x - s.x) < reach * row.size
    )
    taken_tokens: set[int] = set()
    taken_slots: set[int] = set()
    for _, ti, si in near:
        if ti in taken_tokens or si in taken_slots:
            continue
        taken_tokens.add(ti)
        taken_slots.add(si)
        here[si].tokens[look] = tokens[ti]
        here[si].x += FOLLOW * (tokens[ti].x - here[si].x)
    slots += [
        Slot(number, t.x, row.size, row.y, {look: t}) for ti, t in enumerate(tokens) if ti not in taken_tokens
    ]


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
            pairs.append(Pair(one, other, len(both) / len(visible) + fit + _looks_like_a_score(looks, one, other, both)))
    return sorted(pairs, key=lambda p: -p.quality)


def _fit(looks: Sequence[Look], slot: Slot, rules: Rules) -> float:
    observations = slot.observations(looks)
    return explained(observations, believe(observations, rules))


def _beside(a: Slot, b: Slot) -> bool:
    """Two sides of one score: in one row, or above each other."""
    return a.row == b.row or abs(a.x - b.x) < max(a.size, b.size)


def _looks_like_a_score(looks: Sequence[Look], home: Slot, away: Slot, both: Iterable[int]) -> float:
    """How much the neighbourhood speaks for a score: joined by a dash, next to names, nothing between."""
    points = []
    for i in both:
        row = looks[i].rows[home.row].tokens
        other = looks[i].rows[away.row].tokens
        h, a = row.index(home.tokens[i]), other.index(away.tokens[i])
        joined = bool(away.tokens[i].joined) and home.row == away.row and a == h + 1
        names = _word_near(row, h) + _word_near(other, a)
        alike = abs(home.size - away.size) < 0.3 * max(home.size, away.size)
        near = home.row != away.row or a - h <= 2
        points.append(0.6 * joined + 0.25 * names + 0.2 * alike + 0.2 * near)
    return sum(points) / len(points) if points else 0.0


def _word_near(tokens: Sequence[Token], index: int) -> bool:
    return any(tokens[i].kind == "word" for i in (index - 1, index + 1) if 0 <= i < len(tokens))


def team_names(looks: Sequence[Look], pair: Pair) -> tuple[str, str]:
    """What stands beside the two numbers most often, as read; empty where nothing does."""
    home, away = Tally[str](), Tally[str]()
    for i in pair.looks:
        row, other = looks[i].rows[pair.home.row].tokens, looks[i].rows[pair.away.row].tokens
        h, a = row.index(pair.home.tokens[i]), other.index(pair.away.tokens[i])
        before = _words(row[:h][::-1])[::-1]
        if pair.home.row == pair.away.row:
            between, after = row[h + 1 : a], _words(row[a + 1 :])
            other_name = [t.text for t in between if t.kind == "word"] or after
            before = before or ([t.text for t in between if t.kind == "word"] if after else [])
            other_name = after if before == other_name else other_name
        else:
            other_name = _words(other[:a][::-1])[::-1] or _words(other[a + 1 :])
            before = before or _words(row[h + 1 :])
        home[" ".join(before)] += 1
        away[" ".join(other_name)] += 1
    return _commonest(home), _commonest(away)


def _words(tokens: Sequence[Token]) -> list[str]:
    words = []
    for token in tokens:
        if token.kind != "word":
            break
        words.append(token.text)
    return words


def _commonest(tally: Mapping[str, int]) -> str:
    named = {text: count for text, count in tally.items() if text}
    return max(named, key=lambda text: (named[text], text), default="")


def runs(looks: Sequence[Look], slot: Slot) -> float:
    """Share of neighbouring looks in which a clock moved as the time did; 0..1."""
    agreed = total = 0
    for i, j in pairwise(sorted(slot.tokens)):
        a, b = clock_seconds(slot.tokens[i].text), clock_seconds(slot.tokens[j].text)
        passed = looks[j].time_s - looks[i].time_s
        if a is None or b is None or not 0.5 < passed < 10:
            continue
        total += 1
        agreed += a != b and abs(abs(b - a) - passed) < 1.2
    return agreed / total if total else 0.0


def clock_as_pair(looks: Sequence[Look], slot: Slot) -> list[Look]:
    """The looks with a standing `21:19` taken as two numbers: a score with a colon, not a clock."""
    return [_split(look, slot.tokens[i], slot.row) if i in slot.tokens else look for i, look in enumerate(looks)]


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
