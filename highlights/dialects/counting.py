"""Molmo2's counts, in all their forms.

3                                                          the number alone
There are 3 <points …>goals</points>.                      first the number, then the points
Counting the <points …>goals</points> shows a total of 3.  first the points, then the number: most often correct
There are none.                                            0
Sorry, I can't count goals.                                no count
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from highlights.dialects.pointing import How, Pointing, parse_points
from highlights.dialects.prose import one_line

DIGITS = r"([0-9]{1,6})(?![0-9])"
ALONE = re.compile(rf"{DIGITS}\.?")
IN_A_SENTENCE = (
    re.compile(rf"\ba total of {DIGITS}", re.IGNORECASE),
    re.compile(rf"\bthe total number(?: of .{{1,200}}?)? is:? {DIGITS}", re.IGNORECASE),
    re.compile(rf"\bthere (?:are|is) {DIGITS}", re.IGNORECASE),
)


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are, None if no number could be read; `how` and `repairs` as in a `Pointing`."""

    how: How
    number: int | None = None
    repairs: tuple[str, ...] = ()


def parse_count(answer: str) -> Count:
    """The count in an answer: the number in its text, else the number of things pointed at. "There are none." is 0."""
    return counted(answer, parse_points(answer))


def counted(answer: str, pointing: Pointing) -> Count:
    """`parse_count` of an answer whose points are already parsed."""
    pointed = len({point.number for point in pointing.points})
    number = _number(one_line(answer))
    if number is None:
        if pointed:
            return Count(pointing.how, pointed, pointing.repairs)
        return Count(pointing.how, 0 if pointing.how == "absent" else None)
    repairs = pointing.repairs
    if pointed not in (0, number):
        repairs = (*repairs, f"says {number}, points at {pointed}")
    return Count("repaired" if repairs else "clean", number, repairs)


def _number(text: str) -> int | None:
    found = ALONE.fullmatch(text) or next(filter(None, (form.search(text) for form in IN_A_SENTENCE)), None)
    return int(found[1]) if found else None
