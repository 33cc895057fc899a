"""Which slot of the graphic holds which counter, by the layout of the sport.

versus      ARS 2-1 CHE                        home, away
sets        ITA 1 22 | POL 0 21                home_sets, home_points, away_sets, ...
tennis      SINNER 1 4 30 | ALCARAZ 0 3 AD     home_sets, home_games, home_points, ...
cricket     IND 128-3 15.2                     runs, wickets, balls
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product
from math import inf

from highlights.analysis.score.cells import numbers_in
from highlights.analysis.score.columns import ADVANTAGE, ADVANTAGE_WORDS, read_tables
from highlights.analysis.score.pairs import (
    CLEARLY_READ,
    DASH_WEIGHT,
    LONE_DASH_WEIGHT,
    NAME_WEIGHT,
    Pair,
    changes,
    find_pairs,
    rival,
)
from highlights.analysis.score.rules import Rules
from highlights.analysis.score.slots import GraphicReading, Slot, decimal_slots, number_slots
from highlights.analysis.score.tokens import Token
from highlights.profile import ScoreboardRules
from highlights.records import Box, Counter

BY_SIZE = ("points", "games", "sets")  # smallest unit first: the smaller the unit, the more often its numbers change
MOST_SETS = 5
LOST_ADVANTAGE = 10  # 50 to 40
PINNED_QUALITY = 10.0  # of numbers in the cells that a profile names: more than anything that is found
TABLE_SHARE = 0.5  # of the readings with numbers whose columns can be explained: from here the graphic is a table
COLUMN_WEIGHT = 0.2  # added to its quality for each column but the first
CANDIDATES = 12  # pairs of slots tried for each of points, games and sets
AS_GOOD = 0.6  # of the quality of the points: from here another pair of numbers may count games or sets
EXCEEDED_SHARE = 0.8  # of the readings, the rest misreadings
EXCEEDED_WEIGHT = -1.0  # runs and wickets that others on the graphic exceed: more than a name and a dash can add
USUAL_ORDER = 0.1  # added to the quality where points, games and sets are in the usual order


@dataclass(frozen=True, slots=True)
class ScoreSlots:
    """The slot of every counter on one graphic; the score is readable where both numbers of `pair` were read."""

    readings: Sequence[GraphicReading]
    counters: Mapping[Counter, Slot]
    pair: Pair
    rival: Pair | None = None
    """The next best pair of numbers, if it shows another score."""
    guessed: bool = False
    """Whether it is unknown which numbers are points, games or sets: they did not change."""


def counter_rules(rules: ScoreboardRules) -> dict[Counter, Rules]:
    """How each counter of a layout may change."""
    steps, largest = rules.steps, rules.max_score
    if rules.layout == "versus":
        return {side: Rules(tuple(steps["score"]), largest=largest) for side in ("home", "away")}
    if rules.layout == "cricket":
        return {
            "runs": Rules(tuple(steps["runs"]), largest=largest),
            "wickets": Rules(tuple(steps["wickets"]), largest=10),
            "balls": Rules((1,)),
        }
    return {f"{side}_{name}": _rule(rules, name) for name in BY_SIZE if name in steps for side in ("home", "away")}


def find_counters(readings: Sequence[GraphicReading], rules: ScoreboardRules) -> ScoreSlots | None:
    """The slots of the score, or None where no numbers behave like one."""
    if rules.labels:
        readings = [_with_labels(reading, rules.labels) for reading in readings]
    if rules.layout == "cricket":
        return _cricket(readings, rules)
    if rules.layout == "versus":
        rule = counter_rules(rules)["home"]
        pairs = find_pairs(readings, number_slots(readings), rule, rule, dash=rules.dash)
        if not pairs:
            return None
        counters = {"home": pairs[0].restrict(pairs[0].home), "away": pairs[0].restrict(pairs[0].away)}
        return ScoreSlots(readings, counters, pairs[0], rival(pairs))
    if rules.layout == "tennis":
        readings = [_with_advantage(reading) for reading in readings]
    table = read_tables(readings, tennis=rules.layout == "tennis")
    if table and table.share >= TABLE_SHARE:
        quality = 1 + table.share + 2 * NAME_WEIGHT * table.named + COLUMN_WEIGHT * (table.width - 1)
        return ScoreSlots(readings, table.counters, Pair(*table.first, quality + min(0.0, table.confidence - CLEARLY_READ)))
    return _points_games_sets(readings, rules)


def pinned_counters(readings: Sequence[GraphicReading], cells: Mapping[Counter, Box]) -> ScoreSlots | None:
    """The numbers in the cells that a profile names, in pixels, home before away; None where one was never read.

    The first two must have been read together, or nothing tells that they are one score.
    """
    counters = numbers_in(readings, cells)
    if len(counters) < len(cells):
        return None
    home, away = list(counters.values())[:2]
    pair = Pair(home, away, quality=PINNED_QUALITY)
    return ScoreSlots(readings, counters, pair) if pair.common else None


def _with_labels(reading: GraphicReading, labels: Sequence[str]) -> GraphicReading:
    """A reading with the profile's labels marked as such."""

    def marked(token: Token) -> Token:
        return replace(token, kind="label") if token.kind == "word" and token.text.upper() in labels else token

    return replace(reading, rows=tuple(replace(row, tokens=tuple(map(marked, row.tokens))) for row in reading.rows))


def _rule(rules: ScoreboardRules, name: str) -> Rules:
    return Rules(
        tuple(rules.steps[name]),
        resets=name != "sets",
        falls=(LOST_ADVANTAGE,) if rules.layout == "tennis" and name == "points" else (),
        largest=MOST_SETS if name == "sets" else rules.max_score,
    )


def _with_advantage(reading: GraphicReading) -> GraphicReading:
    """A tennis reading with `AD` replaced by the number that stands for it."""
    return replace(reading, rows=tuple(replace(row, tokens=tuple(map(_advantage, row.tokens))) for row in reading.rows))


def _advantage(token: Token) -> Token:
    if token.kind != "word" or token.text.upper() not in ADVANTAGE_WORDS:
        return token
    return replace(token, kind="number", value=ADVANTAGE)


def _points_games_sets(readings: Sequence[GraphicReading], rules: ScoreboardRules) -> ScoreSlots | None:
    """Points beside games or sets: the combination of pairs that explains all numbers best."""
    names = [name for name in BY_SIZE if name in rules.steps]
    slots = number_slots(readings)
    choices: list[list[Pair | None]] = []
    for name in names:
        rule = _rule(rules, name)
        pairs: list[Pair | None] = [*find_pairs(readings, slots, rule, rule, nested=True)[:CANDIDATES]]
        choices.append(pairs if name == names[0] else [*pairs, None])
    chosen = max(filter(_compatible, product(*choices)), key=_quality, default=None)
    if chosen is None:
        return None
    counters: dict[Counter, Slot] = {}
    for name, pair in zip(names, chosen, strict=True):
        if pair:
            counters |= {f"home_{name}": pair.restrict(pair.home), f"away_{name}": pair.restrict(pair.away)}
    points = chosen[0]
    assert points is not None
    return ScoreSlots(readings, counters, points, guessed=changes(points.home) + changes(points.away) == 0)


def _compatible(chosen: Sequence[Pair | None]) -> bool:
    """Whether pairs, points first, can be on one graphic: no slot twice, the same layout, each changing less than the last."""
    pairs = [p for p in chosen if p is not None]
    slots = [id(s) for p in pairs for s in (p.home, p.away)]
    liveliness = [changes(p.home) + changes(p.away) for p in pairs]
    return (
        len(set(slots)) == len(slots)
        and len({p.home.row == p.away.row for p in pairs}) == 1
        and all(p.quality >= AS_GOOD * pairs[0].quality for p in pairs)
        and all(a >= b for a, b in pairwise(liveliness))
    )


def _quality(chosen: Sequence[Pair | None]) -> float:
    pairs = [pair for pair in chosen if pair]
    return sum(pair.quality for pair in pairs) + USUAL_ORDER * sum(_in_usual_order(a, b) for a, b in pairwise(pairs))


def _in_usual_order(small: Pair, large: Pair) -> bool:
    """Smaller units are usually further right in stacked rows, and further inside in a single row."""
    if small.home.row != small.away.row:
        return small.home.x > large.home.x
    return large.home.x < small.home.x < small.away.x < large.away.x


def _cricket(readings: Sequence[GraphicReading], rules: ScoreboardRules) -> ScoreSlots | None:
    """Runs and wickets, `128-3` or the Australian `3-128`, and overs."""
    by_counter = counter_rules(rules)
    slots = number_slots(readings)
    usual = find_pairs(readings, slots, by_counter["runs"], by_counter["wickets"])
    other = find_pairs(readings, slots, by_counter["wickets"], by_counter["runs"])
    innings = [_Innings(p, p.home, p.away) for p in usual] + [_Innings(p, p.away, p.home) for p in other]
    innings = [i for i in innings if i.written_as_one] or innings
    if not innings:
        return None
    ranked = sorted(innings, key=lambda i: -i.quality(innings))
    best, quality = ranked[0], ranked[0].quality(innings)
    decimals = [s for s in decimal_slots(readings) if s.row == best.runs.row]
    overs = min(decimals, key=lambda s: _behind(best, s), default=None) or max(
        decimal_slots(readings), key=lambda s: len(s.tokens), default=None
    )
    counters = {"runs": best.runs, "wickets": best.wickets} | ({"balls": overs} if overs else {})
    pair = replace(best.pair, quality=quality)
    rivals = [replace(i.pair, quality=i.quality(innings)) for i in ranked[1:]]
    return ScoreSlots(readings, {name: pair.restrict(slot) for name, slot in counters.items()}, pair, rival([pair, *rivals]))


@dataclass(frozen=True, slots=True)
class _Innings:
    """A pair of numbers as the runs and wickets of an innings."""

    pair: Pair
    runs: Slot
    wickets: Slot

    @property
    def written_as_one(self) -> bool:
        """Whether the two are joined by a separator in most readings."""
        joined = [bool(self.pair.away.tokens[i].joined) for i in self.pair.common]
        return 2 * sum(joined) > len(joined)

    def quality(self, others: Sequence[_Innings]) -> float:
        """How likely these are the team's: a bowler's figures and a partnership have fewer runs and wickets."""
        usual = USUAL_ORDER * (self.runs is self.pair.home)
        dash = self.written_as_one * (DASH_WEIGHT - LONE_DASH_WEIGHT)  # one team bats: there is one name
        return self.pair.quality + dash + usual + EXCEEDED_WEIGHT * any(_exceeds(other, self) for other in others)


def _exceeds(one: _Innings, other: _Innings) -> bool:
    """Whether one innings nearly always has more runs than the other, at other places of the graphic."""
    common = one.pair.common & other.pair.common
    places = {id(one.runs), id(one.wickets)} & {id(other.runs), id(other.wickets)}
    more = sum(one.runs.tokens[i].value > other.runs.tokens[i].value for i in common)
    return not places and bool(common) and more >= EXCEEDED_SHARE * len(common)


def _behind(innings: _Innings, overs: Slot) -> float:
    """How far to the right of an innings its overs stand, in pixels."""
    distance = overs.x - max(innings.runs.x, innings.wickets.x)
    return distance if distance > 0 else inf
