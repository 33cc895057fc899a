"""Which place of the graphic counts what, by the layout of its sport.

versus      ARS 2-1 CHE                        home, away
sets        ITA 1 22 | POL 0 21                home_sets, home_points, away_sets, ...
tennis      SINNER 1 4 30 | ALCARAZ 0 3 AD     home_sets, home_games, home_points, ...
cricket     IND 128-3 15.2                     runs, wickets, balls
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product

from highlights.analysis.score.rules import Rules
from highlights.analysis.score.slots import Look, Pair, Slot, decimal_slots, find_pairs, moves, number_slots
from highlights.analysis.score.tokens import Token
from highlights.profile import ScoreboardRules
from highlights.records import Counter

BY_SIZE = ("points", "games", "sets")  # the smaller what is counted, the livelier its numbers
MOST_SETS = 5
ADVANTAGE, ADVANTAGE_WORDS = 50, ("AD", "ADV", "A")
LOST_ADVANTAGE = 10  # 50 to 40
CANDIDATES = 12  # pairs of places tried for each of several counts
AS_GOOD = 0.6  # of the quality of the points: another pair of numbers may count games or sets
USUAL_ORDER = 0.1


@dataclass(frozen=True, slots=True)
class Counted:
    """The places of all counters on one graphic; `pair` is the one that says whether the score is readable."""

    looks: Sequence[Look]
    counters: Mapping[Counter, Slot]
    pair: Pair
    quality: float


def counter_rules(rules: ScoreboardRules) -> dict[Counter, Rules]:
    """How each counter of a layout may move."""
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


def find_counters(looks: Sequence[Look], rules: ScoreboardRules) -> Counted | None:
    """The places where a score is counted, or None where nothing behaves like one."""
    if rules.layout == "cricket":
        return _cricket(looks, rules)
    if rules.layout == "versus":
        rule = counter_rules(rules)["home"]
        pairs = find_pairs(looks, number_slots(looks), rule, rule)
        return _two_sides(looks, pairs[0]) if pairs else None
    return _several([_with_advantage(look) for look in looks] if rules.layout == "tennis" else looks, rules)


def _two_sides(looks: Sequence[Look], pair: Pair) -> Counted:
    return Counted(looks, {"home": pair.seen(pair.home), "away": pair.seen(pair.away)}, pair, pair.quality)


def _rule(rules: ScoreboardRules, name: str) -> Rules:
    return Rules(
        tuple(rules.steps[name]),
        resets=name != "sets",
        falls=(LOST_ADVANTAGE,) if rules.layout == "tennis" and name == "points" else (),
        largest=MOST_SETS if name == "sets" else rules.max_score,
    )


def _with_advantage(look: Look) -> Look:
    """A look at tennis with `AD` as the number it is counted as."""
    return replace(look, rows=tuple(replace(row, tokens=tuple(map(_advantage, row.tokens))) for row in look.rows))


def _advantage(token: Token) -> Token:
    if token.kind != "word" or token.text.upper() not in ADVANTAGE_WORDS:
        return token
    return replace(token, kind="number", value=ADVANTAGE)


def _several(looks: Sequence[Look], rules: ScoreboardRules) -> Counted | None:
    """Points beside games or sets: the set of pairs that explains all numbers best."""
    names = [name for name in BY_SIZE if name in rules.steps]
    slots = number_slots(looks)
    choices: list[list[Pair | None]] = []
    for name in names:
        rule = _rule(rules, name)
        pairs: list[Pair | None] = [*find_pairs(looks, slots, rule, rule)[:CANDIDATES]]
        choices.append(pairs if name == names[0] else [*pairs, None])
    chosen = max(filter(_fit, product(*choices)), key=_worth, default=None)
    if chosen is None:
        return None
    counters: dict[Counter, Slot] = {}
    for name, pair in zip(names, chosen, strict=True):
        if pair:
            counters |= {f"home_{name}": pair.seen(pair.home), f"away_{name}": pair.seen(pair.away)}
    points = chosen[0]
    assert points is not None
    return Counted(looks, counters, points, points.quality)


def _fit(chosen: Sequence[Pair | None]) -> bool:
    """Whether pairs, points first, can stand side by side on one graphic: none in common, alike laid out, ever less lively."""
    pairs = [p for p in chosen if p is not None]
    slots = [id(s) for p in pairs for s in (p.home, p.away)]
    lively = [moves(p.home) + moves(p.away) for p in pairs]
    return (
        len(set(slots)) == len(slots)
        and len({p.home.row == p.away.row for p in pairs}) == 1
        and all(p.quality >= AS_GOOD * pairs[0].quality for p in pairs)
        and all(a >= b for a, b in pairwise(lively))
    )


def _worth(chosen: Sequence[Pair | None]) -> float:
    pairs = [pair for pair in chosen if pair]
    return sum(pair.quality for pair in pairs) + USUAL_ORDER * sum(_usual(a, b) for a, b in pairwise(pairs))


def _usual(small: Pair, large: Pair) -> bool:
    """What is counted first stands usually on the right of stacked rows, and in the middle of a single one."""
    if small.home.row != small.away.row:
        return small.home.x > large.home.x
    return large.home.x < small.home.x < small.away.x < large.away.x


def _cricket(looks: Sequence[Look], rules: ScoreboardRules) -> Counted | None:
    """Runs and wickets, `128-3` or the Australian `3-128`, and overs."""
    by_counter = counter_rules(rules)
    slots = number_slots(looks)
    usual = find_pairs(looks, slots, by_counter["runs"], by_counter["wickets"])
    other = find_pairs(looks, slots, by_counter["wickets"], by_counter["runs"])
    if not usual and not other:
        return None
    turned = not usual or (bool(other) and other[0].quality > usual[0].quality)
    pair = other[0] if turned else usual[0]
    runs, wickets = (pair.away, pair.home) if turned else (pair.home, pair.away)
    overs = max(decimal_slots(looks), key=lambda s: len(s.tokens), default=None)
    counters = {"runs": runs, "wickets": wickets} | ({"balls": overs} if overs else {})
    return Counted(looks, {name: pair.seen(slot) for name, slot in counters.items()}, pair, pair.quality)
