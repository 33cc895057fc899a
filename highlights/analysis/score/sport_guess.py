"""What was read on a score graphic → the sport, by its own notation. Pure text: no pixels, and no names of teams or channels.

    128/3 (15.2)            cricket             SINNER  1 4 30      tennis
    1 OUT  BOT 5            baseball            ALCARAZ 0 3 15
    2ND & 7                 american_football   ARG 2 22            volleyball
    3RD 9:59  49 38         basketball          THA 0 15

Every rule says "this cannot be another sport" or nothing. Where two rules disagree, or none speaks, the guess is empty: a wrong
sport costs a person more than none. The scores and clocks of soccer, handball, rugby and ice hockey look alike in one look, so
these are told from how both went on over the recording (`sport_course.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

from highlights.analysis.score.sport_course import course_tells

ENOUGH = 2  # looks with the same notation: one may be misread, or a caption about something else
SHARE = 0.25  # of all looks at the graphic
DASHES = str.maketrans({"–": "-", "—": "-", "’": "'", "′": "'", "`": "'", "(": " (", "|": " "})

OVERS = re.compile(r"(?<![\d.:])\d{1,2}\.[0-5](?![\d.])|\bOV(?:ER)?S?\b")
DECIMAL = re.compile(r"(?<![\d.:])\d{1,2}\.\d(?![\d.])")
RUNS_AND_WICKETS = re.compile(r"(?<![\d/])\d{1,3} ?/ ?(?:10|\d)(?![\d/])")
RUNS_DASH_WICKETS = re.compile(r"(?<![\d-])(?:\d{1,3} ?- ?(?:10|\d)|(?:10|\d) ?- ?\d{2,3})(?![\d-])")
OVERS_WORD = re.compile(r"\bOV(?:ER)?S?\b|\bC\.?R\.?R\b|\bRUN ?RATE\b")
DOWN = re.compile(r"\b(?:1ST|2ND|3RD|4TH) ?[&G] ?(?:\d{1,2}|GOAL|GL|G|INCHES)\b")
OUTS = re.compile(r"(?<![\d.])[0-3O] ?[O0]UTS?\b")
INNING = re.compile(r"\b(?:TOP|BOT|BOTTOM|MID) ?\d{1,2}(?:ST|ND|RD|TH)?\b")
BALLS_AND_STRIKES = re.compile(r"(?<![\d-])[0-3]-[0-2](?![\d-])")
PITCHES = re.compile(r"\bP ?: ?\d{1,3}\b")
AVERAGE = re.compile(r"(?<!\d)\.\d{3}(?!\d)")
DISCIPLINE = re.compile(r"\b(?:MS|WS|MD|WD|XD)\b")
"""Men's and women's singles and doubles, and mixed doubles: only badminton abbreviates them so."""
PERIOD_WORD = re.compile(r"\b(?:Q[1-4]|[1-4]Q|[1-4](?:ST|ND|RD|TH)|P[1-3]|QTR|HALF|TOP|BOT)\b")
CLOCK = re.compile(r"(?<![\d:.])\d{1,3}:[0-5]\d(?![\d:])")

COLUMNS = re.compile(r"(?:(?<=[^\dA-Z])|^)(?:\d{1,2}|ADV?|A)(?: +(?:\d{1,2}|ADV?|A|O))*(?=\W*$)")
FOUR = re.compile(r"(?<![\d-])(\d) (\d{1,2}) (\d{1,2}) (\d)(?![\d-])")
ADVANTAGE = 50
TENNIS_POINTS = {(0, 15), (0, 30), (0, 40), (15, 30), (15, 40), (30, 30), (30, 40), (40, 40), (40, ADVANTAGE)}
"""Of a game, smaller first. 0-0 and 15-15 are points of volleyball and badminton too."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a graphic showed at `time_s` of the match: its lines of text, top to bottom."""

    time_s: float
    lines: tuple[str, ...]


def sport_of(looks: Sequence[Look]) -> str:
    """The built-in profile whose notation the graphic has; empty if none for certain.

    >>> sport_of([Look(9.0, ("IND 128/3", "OVERS 15.2")), Look(99.0, ("IND 134/3", "OVERS 16.0"))])
    'cricket'
    >>> sport_of([Look(9.0, ("LIV 0 0 AVL",)), Look(99.0, ("LIV 1 0 AVL",))])
    ''
    """
    plain = [Look(look.time_s, tuple(_plain(line) for line in look.lines)) for look in looks]
    told = {sport for sport, rule in NOTATIONS.items() if _often(rule, plain)}
    if not told:
        texts = [(look.time_s, " ".join(look.lines)) for look in plain]
        told = {"cricket"} if _overs_go_on([text for _, text in texts]) else course_tells(texts)
    return told.pop() if len(told) == 1 else ""


def _plain(line: str) -> str:
    """In capitals, without signs and letters of other scripts, in which stray ink is read."""
    return re.sub(r"[^\x20-\x7e]", " ", line.translate(DASHES).upper())


def _often(rule: Callable[[tuple[str, ...]], bool], looks: Sequence[Look]) -> bool:
    return sum(rule(look.lines) for look in looks) >= max(ENOUGH, SHARE * len(looks))


def _cricket(lines: tuple[str, ...]) -> bool:
    text = " ".join(lines)
    written = RUNS_AND_WICKETS.search(text) and OVERS.search(text)
    return bool(written or (RUNS_DASH_WICKETS.search(text) and OVERS_WORD.search(text)))


def _overs_go_on(texts: Sequence[str]) -> bool:
    """Runs and wickets with a dash, as in `128-3 15.2`, and overs that go on by balls, six of each."""
    overs = []
    for text in texts:
        if RUNS_DASH_WICKETS.search(text) and not CLOCK.search(text) and not PERIOD_WORD.search(text):
            overs += [float(found) for found in DECIMAL.findall(text)[:1]]
    balls = {round(10 * over) % 10 for over in overs}
    return len(set(overs)) >= 4 and overs == sorted(overs) and max(balls) <= 5


def _baseball(lines: tuple[str, ...]) -> bool:
    text = " ".join(lines)
    told = [bool(notation.search(text)) for notation in (OUTS, INNING, BALLS_AND_STRIKES, PITCHES, AVERAGE)]
    return sum(told) >= 2


def _american_football(lines: tuple[str, ...]) -> bool:
    return any(DOWN.search(line) for line in lines)


def _tennis(lines: tuple[str, ...]) -> bool:
    for columns in _tables(lines):
        *sets, points = columns
        games = bool(sets) and max(sets[-1]) <= 7
        if games and (min(points), max(points)) in TENNIS_POINTS:
            return True
        won = sum(_is_tennis_set(*each) for each in columns)
        if won >= 2 or (won and games and _is_tennis_set(*sets[0]) and points in ((0, 0), (15, 15))):
            return True
    return False


def _is_tennis_set(one: int, two: int) -> bool:
    low, high = sorted((one, two))
    return (high == 6 and low <= 4) or (high == 7 and low in (5, 6))


def _volleyball(lines: tuple[str, ...]) -> bool:
    for columns in _tables(lines) + _in_one_line(lines):
        *sets, points = columns  # beach volleyball goes to 21, and beyond it with a lead of 2
        if any(max(each) == 25 and min(each) <= 22 for each in sets) or (len(sets) == 1 and _in_a_long_set(sets[0], points)):
            return True
    return False


def _in_a_long_set(sets: tuple[int, int], points: tuple[int, int]) -> bool:
    """Whether these are points of volleyball alone: a game of badminton ends with 21 and the match with two games.

    Those of table tennis end with 11, or a lead of 2.
    """
    low, high = sorted(points)
    beyond = 22 <= high <= 25 and high - low >= 3
    third = max(sets) == 2 and 12 <= high <= 20 and (high - low >= 3 or high >= 16) and not {low, high} <= {0, 15, 30, 40}
    return max(sets) <= 2 and (beyond or third)


def _badminton(lines: tuple[str, ...]) -> bool:
    """A finished game and the discipline; the game alone may be one of beach volleyball."""
    games = any(_is_set(*each, to=21, most=30) for columns in _tables(lines) for each in columns[:-1])
    return games and any(DISCIPLINE.search(line) for line in lines)


def _is_set(one: int, two: int, *, to: int, most: int) -> bool:
    """Whether this is how a set to so many points ends: with a lead of 2, or with `most`."""
    low, high = sorted((one, two))
    return (high == to and low <= to - 2) or (to < high <= most and (high - low == 2 or high == most == low + 1))


def _tables(lines: tuple[str, ...]) -> list[list[tuple[int, int]]]:
    """The columns of numbers, left to right, of each two lines that end in some."""
    text = " ".join(lines)
    if PERIOD_WORD.search(text):
        return []
    found = [COLUMNS.search(line) for line in lines if not CLOCK.search(line)]
    rows = [[_point(number) for number in re.findall(r"\d+|[AO]", columns.group())] for columns in found if columns]
    tables = []
    for one, two in combinations(rows, 2):
        width = min(len(one), len(two))
        if width > 1:
            tables.append(list(zip(one[-width:], two[-width:], strict=True)))
        if width > 1 and len(one) != len(two):  # something beside the graphic was read as a digit
            tables.append(list(zip(one[:width], two[:width], strict=True)))
    return tables


def _in_one_line(lines: tuple[str, ...]) -> list[list[tuple[int, int]]]:
    """Sets and points where both sides are in one line: `1 22 21 1`. In `22:21 POL 1-1` the points may be a clock."""
    text = " ".join(lines)
    if PERIOD_WORD.search(text) or CLOCK.search(text):
        return []
    found = [FOUR.search(line) for line in lines]
    return [[(int(four[1]), int(four[4])), (int(four[2]), int(four[3]))] for four in found if four]


def _point(text: str) -> int:
    return 0 if text == "O" else ADVANTAGE if text == "A" else int(text)


NOTATIONS: dict[str, Callable[[tuple[str, ...]], bool]] = {
    "cricket": _cricket,
    "baseball": _baseball,
    "american_football": _american_football,
    "tennis": _tennis,
    "volleyball": _volleyball,
    "badminton": _badminton,
}
