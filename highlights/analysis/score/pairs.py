"""Which two slots of the graphic are the score: every pair is judged by where its numbers stand and by how they change.

    NYM 1   ▲2       a score stands beside (or below) the names of two sides, in the largest digits, ...
    MIA 0   2-1      ... and grows by the steps of its sport; the count of balls and strikes has no names and falls back
    P: 33            ... a number beside a label counts something else

No single sign decides: a dash is often the score's and sometimes a series' or a bowler's.
"""

from __future__ import annotations

import re
from collections import Counter as Tally
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import pairwise
from math import inf
from statistics import fmean, median

from highlights.analysis.score.rules import Rules, ScoreState, believe, explained
from highlights.analysis.score.slots import GraphicReading, Slot, spread
from highlights.analysis.score.tokens import SURE, Token

# Which pairs of slots can be a score.
LOOKED_AT = 100  # readings, evenly spread, in which the surroundings of a pair are looked at: enough for shares
LEAST_STEP, MOST_STEP = 0.5, 2.5  # row heights between the middles of two rows of one graphic: closer, and they are one row
STACKED_REACH = 1.5  # row heights between stacked numbers' x: a digit behind a wide gap is located roughly; 0.5: +1, 3: +0
MIN_READ_SHARE = 0.3  # of the readings with any number: those in which both must be legible; 0.1 to 0.45: +0, 0.6: +1, 0.8: +2
MIN_EXPLAINED = 0.6  # share of a slot's observations that the sport's rules explain; 0.45: a ticker passes, 0.75: +0, 0.9: +4

# How much each sign adds to the quality of a pair, whose base is the explained share (0..1).
READ_WEIGHT = 0.6  # times the share of the readings in which both numbers were read: a lone 0 is often missed
CLEARLY_READ = 0.8  # what the average confidence of a pair lacks to this counts against it
OFFSET_WEIGHT = -0.6  # for stacked numbers that are one digit height or more from being aligned at one of their sides
NAME_WEIGHT = 0.5  # for each side, times how steady the name beside it is, -1..1
NAME_ABOVE = 0.8  # of that if the name stands in the row above or below
DASH_WEIGHT = 0.6  # 2-1, 2:1, 2|1 between two names
NAMELESS_DASH_WEIGHT = 0.3  # where neither has a name
LONE_DASH_WEIGHT = -0.3  # where one has a name: a bowler, a series
OTHER_DASH_WEIGHT = -1.0  # where the sport counts something else with a dash
LABEL_WEIGHT = -0.6  # for each number beside a word that says what else it counts: P 33, 2 OUTS
LABEL_REACH = 2.0  # heights of the number between it and its label
BETWEEN_WEIGHT = -0.4  # for each number that stands between the two in their row, or between a number and its name
TORN_WEIGHT = -0.5  # for each number that is written as a pair with another one: the 2 of 2-1
NOT_A_COUNT_WEIGHT = -0.5  # for each number with a leading zero (07) or attached to a word or sign (U21, #4)
SMALL_WEIGHT, SMALL = -0.4, 0.75  # for each number in digits smaller than this share of the graphic's tallest
SAME_SIZE_WEIGHT, SAME_SIZE_TOLERANCE = 0.2, 0.3
GROWN_WEIGHT, MOST_GROWN = 0.15, 4  # for each allowed step that a number grew, up to so many
FELL_WEIGHT = -0.3  # for each time it fell
ALIKE = 0.5  # similarity of two readings of one name: LAD is read LD or LAO in small graphics

LABEL = re.compile(
    r"[A-Z]|FOULS?|TOL?|BONUS|OUTS?|UTS?|BALLS?|STRIKES?|PITCH(?:ES)?|MPH|KMH|KPH|INN|SETS?|GAMES?|NEED|TARGET|REQUIRES?|RUNS?|"
    r"C?RR|RRR|OV|OVERS?|NO|AVG|ERA|SHOTS?|SOG|PP|LEADS?|SERIES|TIED|WINS?|WON|ROUND|WEEK|FLAG|FLAGS|DOWN|AGG|PENS?|POSS|YDS?",
    re.IGNORECASE,
)
"""Words that say what the number beside them counts, and single letters: not the name of a side."""
HALF_INNING = re.compile(r"TOP|BOT|MID|END", re.IGNORECASE)
"""Periods whose number is the inning."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two slots that count for two sides; of two pairs, the one with the higher `quality` is more likely the score."""

    home: Slot
    away: Slot
    quality: float
    names: tuple[str, str] = ("", "")
    """The names beside the two numbers, most frequent reading; empty where there is none."""

    @property
    def common(self) -> set[int]:
        """The indices of the readings in which both numbers were read."""
        return self.home.tokens.keys() & self.away.tokens.keys()

    def restrict(self, slot: Slot) -> Slot:
        """A slot with its tokens of these readings only: a number read alone is more often a misreading of a hidden graphic."""
        common = self.common
        return replace(slot, tokens={i: token for i, token in slot.tokens.items() if i in common})


@dataclass(frozen=True, slots=True)
class _Look:
    """What stands around the two numbers of a pair in one reading."""

    names: tuple[str, str]
    above: bool  # whether the names stand above or below the numbers
    joined: bool
    labelled: int  # of the two numbers
    between: int  # numbers between the two, or between one and its name
    no_counts: int  # of the two numbers
    torn: int  # of the two numbers: those joined to another number than its partner


def find_pairs(
    readings: Sequence[GraphicReading],
    slots: Sequence[Slot],
    first: Rules,
    second: Rules,
    *,
    nested: bool = False,
    dash: bool = True,
) -> list[Pair]:
    """Pairs of slots that could be a score by the rules of its `first` and `second` number, best first.

    `nested`: the sport has several counters, and the numbers of one may stand between those of another: `ITA 1 22 21 0 POL`.
    `dash`: whether numbers joined by a dash can be the score.
    """
    with_numbers = set().union(*(s.tokens for s in slots)) if slots else set()
    believed = [(_believed(readings, slot, first), _believed(readings, slot, second)) for slot in slots]
    tallest = max((height(s) for s in slots if len(s.tokens) >= MIN_READ_SHARE * len(with_numbers)), default=0.0)
    pairs = []
    for i, one in enumerate(slots):
        for j, other in enumerate(slots[i + 1 :], i + 1):
            common = one.tokens.keys() & other.tokens.keys()
            (fit_one, states_one), (fit_other, states_other) = believed[i][0], believed[j][1]
            fit = min(fit_one, fit_other)
            if len(common) < MIN_READ_SHARE * len(with_numbers) or fit < MIN_EXPLAINED:
                continue
            if not _can_be_two_sides(readings, one, other):
                continue
            looks = [_look(readings[k], one, other, k) for k in spread(sorted(common), LOOKED_AT)]
            quality = (
                READ_WEIGHT * len(common) / len(with_numbers)
                + fit
                + _placed(looks, nested=nested, dash=dash)
                + _sized(one, other, tallest)
            )
            quality += min(0.0, _confidence(one, other, common) - CLEARLY_READ)
            quality += OFFSET_WEIGHT * min(1.0, _offset(one, other, common))
            quality += _growth(states_one, first) + _growth(states_other, second)
            pairs.append(Pair(one, other, quality, _most_frequent(looks)))
    return sorted(pairs, key=lambda p: -p.quality)


def rival(pairs: Sequence[Pair]) -> Pair | None:
    """The best of the pairs whose numbers contradict those of the first one."""
    return next((pair for pair in pairs[1:] if _contradicts(pairs[0], pair)), None)


def _contradicts(best: Pair, other: Pair) -> bool:
    """Whether two pairs show other numbers; two strips of a graphic may overlap and show the same ones."""
    common = best.common & other.common
    same = sum(
        (best.home.tokens[i].value, best.away.tokens[i].value) == (other.home.tokens[i].value, other.away.tokens[i].value)
        for i in common
    )
    return 2 * same <= len(common)


def is_small(height_px: float, other_px: float) -> bool:
    """Whether ink is clearly less tall than other ink; both are measured to a pixel."""
    return height_px + 1 < SMALL * other_px


def height(slot: Slot) -> float:
    """The usual height of a slot's digits in pixels; 0 if none was measured."""
    return median([t.height for t in slot.tokens.values() if t.height] or [0.0])


def _believed(readings: Sequence[GraphicReading], slot: Slot, rules: Rules) -> tuple[float, list[ScoreState]]:
    """The share of a slot's observations that the rules explain, and the states they leave."""
    observations = slot.observations(readings)
    states = believe(observations, rules)
    return explained(observations, states, rules), states


def changes(slot: Slot) -> int:
    """How often the number of a slot changed, misreadings included."""
    return sum(a.value != b.value for a, b in pairwise(slot.tokens.values()))


def _growth(states: Sequence[ScoreState], rules: Rules) -> float:
    """How much a number behaves like a score: it grows by allowed steps and does not fall."""
    steps = [new.value - old.value for old, new in pairwise(states)]
    grown = sum(step in rules.steps for step in steps)
    fell = sum(step < 0 and not (rules.resets or -step in rules.falls) for step in steps)
    return GROWN_WEIGHT * min(MOST_GROWN, grown) + FELL_WEIGHT * fell


def _can_be_two_sides(readings: Sequence[GraphicReading], a: Slot, b: Slot) -> bool:
    """Whether two slots are in one row, or stacked; strips that overlap show the same number twice."""
    if a.row == b.row:
        return True
    rows = readings[min(a.tokens.keys() & b.tokens.keys())].rows
    apart = abs(rows[a.row].y - rows[b.row].y) / min(rows[a.row].size, rows[b.row].size)
    return LEAST_STEP < apart < MOST_STEP and offset(a, b) < 1


def offset(a: Slot, b: Slot) -> float:
    """How far two slots are from being stacked exactly; 1 is the largest error of the recogniser."""
    return abs(a.x - b.x) / (STACKED_REACH * max(a.size, b.size))


def _offset(a: Slot, b: Slot, common: Iterable[int]) -> float:
    """How far the numbers of two rows are from being aligned left, right or in the middle, in heights; 0 in one row."""
    if a.row == b.row:
        return 0.0
    offsets = []
    for i in common:
        one, two = a.tokens[i], b.tokens[i]
        apart_px = abs(one.x - two.x)
        if one.height and two.height:
            apart_px = min(apart_px, abs(one.x0 - two.x0), abs(one.x1 - two.x1))
        offsets.append(apart_px / (max(one.height, two.height) or max(a.size, b.size)))
    return median(offsets)


def _confidence(home: Slot, away: Slot, common: Iterable[int]) -> float:
    """How surely the two numbers were read, on average, 0 to 1: faces in the crowd are read as numbers too."""
    return fmean(slot.tokens[i].confidence for i in common for slot in (home, away))


def _sized(home: Slot, away: Slot, tallest: float) -> float:
    """Whether two slots have digits of one size, the largest on the graphic."""
    small = sum(height(slot) > 0 and is_small(height(slot), tallest) for slot in (home, away))
    same = abs(home.size - away.size) < SAME_SIZE_TOLERANCE * max(home.size, away.size)
    return SAME_SIZE_WEIGHT * same + SMALL_WEIGHT * small


def _placed(looks: Sequence[_Look], *, nested: bool, dash: bool) -> float:
    """How much like a score two numbers stand: beside the names of two sides that stay, joined, nothing else in between."""
    points = fmean(
        LABEL_WEIGHT * look.labelled
        + BETWEEN_WEIGHT * look.between * (not nested)
        + NOT_A_COUNT_WEIGHT * look.no_counts
        + TORN_WEIGHT * look.torn
        for look in looks
    )
    names = [steadiness([look.names[side] for look in looks]) for side in (0, 1)]
    weight = NAME_WEIGHT * (NAME_ABOVE if 2 * sum(look.above for look in looks) > len(looks) else 1.0)
    joined = sum(look.joined for look in looks) / len(looks)
    if not dash:
        return points + weight * sum(names) + OTHER_DASH_WEIGHT * joined
    named = 2 if nested else sum(steady > 0 for steady in names)
    return points + weight * sum(names) + joined * (NAMELESS_DASH_WEIGHT, LONE_DASH_WEIGHT, DASH_WEIGHT)[named]


def steadiness(names: Sequence[str]) -> float:
    """1 for a number that always has the same name, 0 for one without, -1 if the names come and go: a ticker."""
    tally = Tally(name.casefold() for name in names if name)
    if not tally:
        return 0.0
    usual, named = max(tally, key=lambda name: (tally[name], name)), tally.total()
    same = sum(count for name, count in tally.items() if SequenceMatcher(None, name, usual).ratio() >= ALIKE)
    return (2 * same / named - 1) * named / len(names)


def _most_frequent(looks: Sequence[_Look]) -> tuple[str, str]:
    tallies = [Tally(look.names[side] for look in looks if look.names[side]) for side in (0, 1)]
    home, away = (max(tally, key=lambda text: (tally[text], text), default="") for tally in tallies)
    return home, away


def _look(reading: GraphicReading, home: Slot, away: Slot, index: int) -> _Look:
    """The surroundings of the two numbers in one reading."""
    rows, one, two = reading.rows, home.tokens[index], away.tokens[index]
    home_row, away_row = rows[home.row].tokens, rows[away.row].tokens
    h, a = index_at(home_row, one.x), index_at(away_row, two.x)
    places = name_places(reading, (home.row, h), (away.row, a))
    home_name, away_name = (rows[p.row].tokens[p.index].text if p else "" for p in places)
    joined = bool(two.joined) and home.row == away.row and a == h + 1
    between = home_row[h + 1 : a] if home.row == away.row else ()
    return _Look(
        names=(home_name, away_name),
        above=any(p is not None and p.way == 0 for p in places),
        joined=joined,
        labelled=_labelled(home_row, h) + _labelled(away_row, a),
        between=sum(_is_beside(token, one) for token in between),
        torn=0 if joined else _joined(home_row, h) + _joined(away_row, a),
        no_counts=sum(t.attached or _padded(t) for t in (one, two)),
    )


@dataclass(frozen=True, slots=True)
class NamePlace:
    """Where the word of a name nearest to its number stands: in `row` at `index`, `way` from the number (0: above or below)."""

    row: int
    index: int
    way: int


def name_places(
    reading: GraphicReading, home: tuple[int, int], away: tuple[int, int]
) -> tuple[NamePlace | None, NamePlace | None]:
    """Where the names of the two sides stand, given the row and index of their numbers; None for one without.

    `ARS 2-1 CHE`, `ARS 2 CHE 1` or `2 ARS 1 CHE`; stacked, the names stand on one side of both numbers, or above each.
    """
    before, after = (-1, -1), (1, 1)
    ways = [before, after] if home[0] != away[0] else [(-1, 1), before, after, (1, -1)]
    choices = [(_beside(reading, *home, h_way), _beside(reading, *away, a_way)) for h_way, a_way in ways]
    best = max(choices, key=lambda places: _named(reading, places))
    if not _named(reading, best) and home[0] == away[0]:
        above = _above(reading, *home), _above(reading, *away)
        best = above if _named(reading, above) == 2 else best
    return best if _named(reading, best) else (None, None)


def index_at(tokens: Sequence[Token], x: float) -> int:
    """The index of the token at a place; its value may have been replaced, as that of overs by balls."""
    return min(range(len(tokens)), key=lambda i: abs(tokens[i].x - x))


def _named(reading: GraphicReading, places: tuple[NamePlace | None, NamePlace | None]) -> int:
    """How many of two sides have a name of their own."""
    one, two = (reading.rows[p.row].tokens[p.index].text if p else "" for p in places)
    return bool(one) + bool(two) if one != two else 0


def _beside(reading: GraphicReading, row: int, index: int, way: int) -> NamePlace | None:
    """The name next to a number in one direction, 1 right or -1 left; a smaller number before it may be a rank or a seed."""
    tokens = reading.rows[row].tokens
    own, i = tokens[index], index + way
    while 0 <= i < len(tokens):
        token = tokens[i]
        if token.kind == "word":
            numbered = tokens[i + 1 : i + 2] and tokens[i + 1].attached  # `U21`
            return NamePlace(row, i, way) if (numbered and token.text.isalpha()) or _is_name(token) else None
        if token.kind != "number" or (_is_beside(token, own) and not _padded(token)):
            return None
        i += way
    return None


def _padded(token: Token) -> bool:
    """Whether a number has a leading zero: part of a name (SCHALKE 04), not a count."""
    return len(token.text) > 1 and token.text[0] == "0"


def _joined(tokens: Sequence[Token], index: int) -> bool:
    """Whether a number is one of two that are written as a pair."""
    return bool(tokens[index].joined or (index + 1 < len(tokens) and tokens[index + 1].joined))


def _is_beside(token: Token, own: Token) -> bool:
    """Whether a token is a number as large as another: not a rank, a seed or a shirt number."""
    if token.kind != "number" or token.attached:
        return False
    if own.height and not token.height and token.confidence < CLEARLY_READ:
        return False  # a country code that was read as a number
    return not (token.height and own.height) or not is_small(token.height, own.height)


def _above(reading: GraphicReading, row: int, index: int) -> NamePlace | None:
    """The name above or below a number: the nearest word whose middle is less than two row heights away sideways."""
    own, size = reading.rows[row].tokens[index], reading.rows[row].size
    near = [
        (abs(token.x - own.x), NamePlace(other, i, 0))
        for other in (row - 1, row + 1)
        if 0 <= other < len(reading.rows) and abs(reading.rows[other].y - reading.rows[row].y) < 2 * size
        for i, token in enumerate(reading.rows[other].tokens)
        if token.kind == "word"
        and not is_label(token.text)
        and (abs(token.x - own.x) < 2 * size or token.x0 <= own.x <= token.x1)
    ]
    return min(near, key=lambda each: each[0])[1] if near else None


def _is_name(token: Token) -> bool:
    return token.kind == "word" and token.confidence >= SURE and not is_label(token.text)


def is_label(text: str) -> bool:
    """Whether a word says what the number beside it counts, or is a sign such as a ⑦."""
    return LABEL.fullmatch(text) is not None or not text.replace(".", "").isalpha()


def _labelled(tokens: Sequence[Token], index: int) -> bool:
    """Whether a label stands right before a number, or a word of one right after it: `P 33`, `2 OUTS`."""
    own = tokens[index]
    reach_px = LABEL_REACH * own.height if own.height else inf
    near = [t for t in tokens[max(0, index - 1) : index] if own.x0 - t.x1 < reach_px]
    near += [t for t in tokens[index + 1 : index + 2] if t.x0 - own.x1 < reach_px and len(t.text) > 1]
    return any(map(_is_label, near))


def _is_label(token: Token) -> bool:
    if token.kind == "period":
        return HALF_INNING.fullmatch(token.text) is not None
    return token.kind == "label" or (token.kind == "word" and token.confidence >= SURE and is_label(token.text))
