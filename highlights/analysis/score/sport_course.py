"""How a game clock and two scores go on over a recording → the sport.

up    ├ 05:10 0-0 ──── 21:40 1-0 ──── 63:05 1-1 ┤     soccer
up    ├ 05:10 2-3 ──── 21:40 11-10 ── 52:00 27-25 ┤   handball: about a goal a minute
up    ├ 05:10 3-0 ──── 21:40 10-3 ─── 63:05 17-13 ┤   rugby: by 3, 5 and 7
down  ├ 1ST 14:50 0-0 ─ 2ND 18:20 1-0 ─ 3RD 4:02 2-2 ┤ ice hockey
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

CLOCK = re.compile(r"(?<![\d:.])(\d{1,3}):([0-5]\d)(?![\d:])")
TENTHS = re.compile(r"(?<![\d.:])(\d{1,2})\.\d(?!\d)")
MINUTE = re.compile(r"(?<!\d)(\d{1,3})'(?:\s?\+\s?\d)?")
QUARTER = re.compile(r"\b(?:Q([1-4])|([1-4])Q|([1-4])(?:ST|ND|RD|TH) ?QTR)(?![^\W_])")
ORDINAL = re.compile(r"\b([1-4])(?:ST|ND|RD|TH)\b(?! ?(?:HALF|&))")
HALF = re.compile(r"\b(?:[12][HT]|H[12]|[12](?:ST|ND) ?HALF)\b")
THIRD = re.compile(r"\bP([1-3])\b")
HOCKEY_WORD = re.compile(r"\b(?:SHOTS|SOG|PP|POWER ?PLAY)\b")
PAIR = re.compile(r"(?<![\w:-])(\d{1,3} ?- ?\d{1,3}|\d:\d{1,2}|\d{2,3}:\d{1,3})(?![\w:-])")
BESIDE = re.compile(
    r"\([^)]*\)?|\b\d+ ?SHOTS ?\d+|\b(?:F|FOULS?|T|TO|TOL|SHOTS|SOG|PP)\b ?:? ?\d+|#\d+|(?<!\d):\d+|\+ ?\d+|\bBONUS\b",
    re.IGNORECASE,
)
NUMBER = re.compile(r"(?<![^\W_])(?:\d{1,3}|O)(?![^\W_])|(?<=[A-Z] )\d{1,3}")

STOPPED_S = 3.0  # by which a clock that never stops may differ from the time gone by
RUNS_S = 240.0  # it has to be seen running for so long
NEVER_IN_RUGBY = {1, 2, 4}
"""Scores that no sum of 3, 5 and 7 gives."""


@dataclass(frozen=True, slots=True)
class Play:
    """One look at a clock and two scores; `part` is the number of the quarter or third, 0 if it is not told."""

    time_s: float
    scores: tuple[int, int]
    clock_s: float | None
    part: int
    quarters: bool
    thirds: bool
    halves: bool
    minutes: tuple[int, ...]
    hockey_word: bool

    @classmethod
    def read(cls, time_s: float, text: str, clock_at: int = 0) -> Play | None:
        """What a text in capitals says; None if there are no two scores in it.

        Args:
            time_s: When it was shown.
            text: All lines of the graphic.
            clock_at: Which of the texts like `20:18` is the clock; another one is a score.
        """
        left, clock_s = text, None
        if clocks := list(CLOCK.finditer(left)):
            clock = clocks[min(clock_at, len(clocks) - 1)]
            clock_s = 60.0 * int(clock[1]) + int(clock[2])
            left = f"{left[: clock.start()]} ; {left[clock.end() :]}"
        quarter, third, ordinal, half = (pattern.search(text) for pattern in (QUARTER, THIRD, ORDINAL, HALF))
        named = quarter or third or ordinal
        if clock_s is None and named and (tenths := TENTHS.search(text)):
            clock_s = float(tenths[1])
        minutes = tuple(int(found[1]) for found in MINUTE.finditer(text))
        for pattern in (TENTHS, MINUTE, QUARTER, ORDINAL, HALF, THIRD, BESIDE):
            left = pattern.sub(" ; ", left)
        pair = PAIR.search(left)
        numbers = [0 if found == "O" else int(found) for found in NUMBER.findall(pair.group() if pair else left)]
        if len(numbers) < 2:
            return None
        part = int(next(number for number in named.groups() if number)) if named and not half else 0
        return cls(
            time_s,
            (numbers[0], numbers[1]),
            clock_s,
            part,
            quarter is not None or part == 4,
            third is not None,
            half is not None,
            minutes,
            HOCKEY_WORD.search(text) is not None,
        )

    @property
    def total(self) -> int:
        """Both scores together."""
        return sum(self.scores)


def course_tells(texts: Sequence[tuple[float, str]]) -> set[str]:
    """The sports of which this may be the course, each for certain if it is the only one.

    Args:
        texts: All lines of the graphic, in capitals, with the time at which they were shown.
    """
    readings = [[play for time_s, text in texts if (play := Play.read(time_s, text, clock_at))] for clock_at in (0, 1)]
    plays = max(readings, key=_ticking)
    if len(plays) < 2 or _falls(plays) > len(plays) / 4:
        return set()
    clocked = [play for play in plays if play.clock_s is not None]
    goes = _direction(clocked)
    told = {
        "basketball": _basketball(clocked) and goes != "up",
        "ice_hockey": _ice_hockey(clocked, goes),
        "futsal": goes == "down" and _futsal(clocked),
        "handball": goes == "up" and _handball(clocked),
        "rugby": goes == "up" and _rugby(clocked),
        "soccer": (goes == "up" and _soccer(clocked)) or _minute_of_goals(plays),
    }
    return {sport for sport, certain in told.items() if certain}


def _ticking(plays: Sequence[Play]) -> tuple[int, float]:
    """How often the clock went as far as the time that passed, or less; and how evenly: what grows by jumps is a score."""
    rates = [gone / passed for gone, passed in _steps(plays) if 0 < abs(gone) <= passed + STOPPED_S]
    return len(rates), -sum(abs(rate - median(rates)) for rate in rates)


def _falls(plays: Sequence[Play]) -> int:
    """How often a score fell: as in a list of results, or misread."""
    return sum(two < one for a, b in pairwise(plays) for one, two in zip(a.scores, b.scores, strict=True))


def _direction(plays: Sequence[Play]) -> str:
    """Whether the clock goes `up` or `down`, from looks within one part of the match; empty if that is not clear."""
    ups = downs = 0
    for gone_s, passed_s in _steps(plays):
        ups += 0 < gone_s <= passed_s + STOPPED_S
        downs += 0 < -gone_s <= passed_s + STOPPED_S
    return "up" if ups > 2 * downs else "down" if downs > ups else ""


def _steps(plays: Sequence[Play]) -> list[tuple[float, float]]:
    """How far the clock went between two looks, and the time that passed."""
    clocked = [play for play in plays if play.clock_s is not None]
    return [((b.clock_s or 0) - (a.clock_s or 0), b.time_s - a.time_s) for a, b in pairwise(clocked) if a.part == b.part]


def _basketball(plays: Sequence[Play]) -> bool:
    """Far more points in a quarter than in one of American football, whose record for a half is about 70."""
    told = [play for play in plays if play.part and not play.thirds and (play.clock_s or 0) <= 1200]
    if any(play.part > 2 for play in told) and any((play.clock_s or 0) > 720 for play in told):
        return False  # its quarters are of 12 minutes at most; in halves of 20 there is no third part
    many = [play for play in told if play.total > 22 * play.part + 14 and min(play.scores) > 9]
    return len(many) >= max(2, 0.4 * len(told))


def _ice_hockey(plays: Sequence[Play], goes: str) -> bool:
    """Thirds of 20 minutes with few goals; quarters are not longer than 15 minutes in other sports."""
    told = [play for play in plays if 1 <= play.part <= 3 and (play.clock_s or 0) <= 1200 and max(play.scores) <= 10]
    if len(told) < max(2, 0.6 * len(plays)) or any(play.quarters or play.halves for play in plays):
        return False
    worded = sum(play.thirds or play.hockey_word for play in told) >= max(2, len(told) / 4)
    long = [play.part for play in told if (play.clock_s or 0) > 900]
    all_three = bool(long) and all(sum(play.part == part for play in told) >= 2 for part in (1, 2, 3))
    return worded or (goes == "down" and (all_three or sum(part > 1 for part in long) >= 2))


def _futsal(plays: Sequence[Play]) -> bool:
    """Halves of 20 minutes with few goals."""
    told = [play for play in plays if play.halves and (play.clock_s or 0) <= 1200 and max(play.scores) <= 15]
    late = [play for play in told if 1200 - (play.clock_s or 0) >= 240]
    return len(told) >= max(2, 0.6 * len(plays)) and len(late) >= 2 and all(play.total <= _played(play) for play in late)


def _played(play: Play) -> float:
    return (1200 - (play.clock_s or 0)) / 60


def _handball(plays: Sequence[Play]) -> bool:
    """About a goal a minute for an hour, in steps of one."""
    told = [play for play in plays if (play.clock_s or 0) >= 300]
    if len(told) < 2 or any(play.quarters or (play.clock_s or 0) > 3660 for play in plays):
        return False
    rates = [play.total / ((play.clock_s or 0) / 60) for play in told]
    grown = _grown(told)
    by_one = sum(step == 1 for step in grown)
    clocks_s = [play.clock_s or 0 for play in told]
    whole = len(told) >= 4 and max(clocks_s) - min(clocks_s) >= 1200 and min(rates) >= 0.65
    not_rugby = any(NEVER_IN_RUGBY & set(play.scores) for play in plays)
    steady = (by_one >= 2 and by_one >= len(grown) / 2) or (whole and not_rugby)
    return 0.6 <= median(rates) <= 1.6 and steady


def _grown(plays: Sequence[Play]) -> list[int]:
    """By how much each score grew between looks, where it did."""
    return [two - one for a, b in pairwise(plays) for one, two in zip(a.scores, b.scores, strict=True) if two > one]


def _rugby(plays: Sequence[Play]) -> bool:
    """More than goals, in sums of 3, 5 and 7, and fewer than in handball or for longer."""
    told = [play for play in plays if (play.clock_s or 0) >= 1200 and play.total >= 10]
    if len(told) < max(2, 0.4 * len(plays)) or any(NEVER_IN_RUGBY & set(play.scores) for play in plays):
        return False
    rate = median(play.total / ((play.clock_s or 0) / 60) for play in told)
    grown = _grown(plays)
    odd = sum(score % 2 for play in told for score in play.scores)  # hardly any in rugby league: tries of 4, goals of 2
    seen = len(grown) >= 2 and set(grown) <= {2, 3, 5, 7} and plays[-1].time_s - plays[0].time_s < 900
    longer = max(play.clock_s or 0 for play in plays) > 3660
    return odd >= 2 and rate <= 0.75 and 1 not in grown and (seen or longer)


def _soccer(plays: Sequence[Play]) -> bool:
    """Few goals, and a clock that never stops or goes beyond the hour."""
    if any(play.total > 9 or play.part or play.thirds or play.quarters for play in plays) or max(_grown(plays), default=0) > 3:
        return False
    latest_s = max(play.clock_s or 0 for play in plays)
    scored = {score for play in plays for score in play.scores}
    running_s = sum(passed for gone, passed in _steps(plays) if abs(gone - passed) <= STOPPED_S and gone > 0)
    lasts = latest_s > 3660 or (latest_s > 1200 and running_s >= RUNS_S)
    return lasts and latest_s <= 7800 and bool(scored & NEVER_IN_RUGBY or (scored == {0} and latest_s > 2400))


def _minute_of_goals(plays: Sequence[Play]) -> bool:
    """The minute of play, or those of all goals: `39'`."""
    told = [play for play in plays if play.minutes and play.total <= 9]
    fits = [
        play
        for play in told
        if NEVER_IN_RUGBY & set(play.scores) or play.total == 0 or (play.total == len(play.minutes) and play.total > 1)
    ]
    later = [play.minutes for play in plays]
    return len(fits) >= max(2, 0.5 * len(plays)) and later == sorted(later)
