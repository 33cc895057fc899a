"""Times in prose: seconds, `m:ss` and `h:mm:ss` as models write them; pairs that name a span; fitting these to a window.

One pass of one pattern finds the times, and the words between two of them make them a pair; there is no backtracking, so even
the longest nonsense takes linear time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from highlights.spans import Span

MOMENT_S = 1.0  # length given to an instant: two frames at 2 a second, the finest sampling of any model
ROUNDING_S = 0.5  # an end this close past the window's is the model's rounding, one frame at 2 a second
MAX_DIGITS = 32  # of a number that are read; more would make it no less absurd
DASHES = "-–—−"
UNIT = r"(?: ?(?:seconds?|secs?|s)(?![A-Za-z]))?"
TIME = (  # possessive (++): a run of digits is matched whole or not at all
    r"(?<![\w.:#])(?:(?:[0-9]{1,2}:)?[0-9]{1,3}:[0-5][0-9](?:[.,][0-9]++)?|[0-9]++(?:[.,][0-9]++)?|\.[0-9]++)"
    rf"{UNIT}(?!\w|[.:][0-9])"
)
FINDER = re.compile(TIME, re.IGNORECASE)
JOINT = re.compile(rf"(?:to|until|till|through|and|->|[{DASHES}~→])(?: ?(?P<minus>[{DASHES}]))?", re.IGNORECASE)
JOINT_CHARS = 16  # the longest joint, with its punctuation
BEFORE = re.compile(rf"(?P<from_>\bfrom)?[\s:<\[(]*(?P<minus>(?<![^\s<\[(])[{DASHES}])?\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Time:
    """A time in a text, and its characters `[start, end)`; `clock`: written as `m:ss`."""

    seconds: float
    start: int
    end: int
    clock: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """Two times that belong together, in the order of the text, and their characters `[start, end)`.

    `how`: `from` is `From a to b`, `joined` is any other `a to b` or `a - b`, `bare` is two numbers without a joining word.
    """

    start_s: float
    end_s: float
    how: Literal["from", "joined", "bare"]
    clock: bool
    start: int
    end: int


def written(time_s: float) -> str:
    """Seconds in the form of prompts and answers: to the millisecond, with at least one decimal.

    >>> written(4), written(0.125)
    ('4.0', '0.125')
    """
    text = f"{time_s:.3f}".rstrip("0")
    return text + "0" if text.endswith(".") else text


def seconds(text: str) -> float:
    """The seconds of one time matched by `TIME`, unit included.

    >>> seconds("7,5 s"), seconds("1:02:03.5")
    (7.5, 3723.5)
    """
    total = 0.0
    for number in text.rstrip(" secondSECOND").replace(",", ".").split(":"):
        total = total * 60 + float(number[:MAX_DIGITS])
    return total


def times(text: str) -> list[Time]:
    """Every time in one line of text, in order."""
    return [Time(seconds(m[0]), m.start(), m.end(), ":" in m[0]) for m in FINDER.finditer(text)]


def pairs(text: str) -> list[Pair]:
    """The pairs of times in one line of text, of the best available form: `From a to b`, else `a - b`, else two bare numbers.

    A `From a to` without a second time was truncated: bare numbers are not used in its place.
    """
    found = times(text)
    joined = _joined(text, found)
    if joined:
        return [pair for pair in joined if pair.how == "from"] or joined
    if len(found) < 2 or any(_before(text, time)["from_"] for time in found):
        return []
    first, second = found[:2]
    return [Pair(first.seconds, second.seconds, "bare", first.clock or second.clock, first.start, second.end)]


def fit(start_s: float, end_s: float, window_s: float) -> tuple[Span, tuple[str, ...]] | None:
    """The span in a window of `window_s` seconds, and what had to be repaired; None if no part of it is in the window.

    An instant becomes the span of `MOMENT_S` that it begins, as the vendor of Marlin reads it: it is a natural answer, not an
    error. From 0 to 0 is not an instant but how models say "nothing".
    """
    start_s, end_s, repairs = round(start_s, 3), round(end_s, 3), []
    if start_s > end_s:
        start_s, end_s = end_s, start_s
        repairs.append("start and end swapped")
    if start_s == end_s and 0 < start_s <= window_s:
        end_s = min(window_s, start_s + MOMENT_S)
        start_s = max(0.0, end_s - MOMENT_S)
    if start_s < 0:
        repairs.append("cut at the start of the window")
    if end_s > window_s + ROUNDING_S:
        repairs.append("cut at the end of the window")
    span = within(start_s, end_s, window_s)
    return (span, tuple(repairs)) if span else None


def within(start_s: float, end_s: float, window_s: float) -> Span | None:
    """The part of `start_s` to `end_s` in a window of `window_s` seconds, or None."""
    start_s, end_s = round(max(0.0, start_s), 3), round(min(window_s, end_s), 3)
    return Span(start_s, end_s) if start_s < end_s else None


def _joined(text: str, found: Sequence[Time]) -> list[Pair]:
    joined: list[Pair] = []
    for first, second in pairwise(found):
        if joined and joined[-1].end > first.start:
            continue  # the second time of a pair is not the first of another
        if pair := _pair(text, first, second):
            joined.append(pair)
    return joined


def _pair(text: str, first: Time, second: Time) -> Pair | None:
    if second.start - first.end > JOINT_CHARS:
        return None
    joint = JOINT.fullmatch(text[first.end : second.start].strip(" .,;<>[]()\"'"))
    if joint is None:
        return None
    before = _before(text, first)
    return Pair(
        -first.seconds if before["minus"] else first.seconds,
        -second.seconds if joint["minus"] else second.seconds,
        "from" if before["from_"] else "joined",
        first.clock or second.clock,
        first.start - (len(before[0]) if before["from_"] else 0),
        second.end,
    )


def _before(text: str, time: Time) -> re.Match[str]:
    before = BEFORE.search(text, max(0, time.start - JOINT_CHARS), time.start)
    assert before is not None  # it matches the empty string
    return before
