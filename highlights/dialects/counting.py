"""Molmo2's counts, in every form it gives them.

3                                                          the number alone
There are 3 <points …>goals</points>.                      first the number, then where
Counting the <points …>goals</points> shows a total of 3.  first where, then the number: the most often right
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
SAID = (
    re.compile(rf"\ba total of {DIGITS}", re.IGNORECASE),
    re.compile(rf"\bthe total number(?: of .{{1,200}}?)? is:? {DIGITS}", re.IGNORECASE),
    re.compile(rf"\bthere (?:are|is) {DIGITS}", re.IGNORECASE),
)


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are, None where no number could be read; `how` and `repairs` as of a `Pointing`."""

    how: How
    number: int | None = None
    repairs: tuple[str, ...] = ()


def parse_count(answer: str) -> Count:
    """How many an answer counts: the number said, else that of the things pointed at. "There are none." is 0."""
    return counted(answer, parse_points(answer))


def counted(answer: str, pointing: Pointing) -> Count:
    """`parse_count` of an answer whose points were already read."""
    pointed = len({point.number for point in pointing.points})
    said = _said(one_line(answer))
    if said is None:
        return Count(pointing.how, pointed, pointing.repairs) if pointed else _without_number(pointing.how)
    repairs = pointing.repairs
    if pointed not in (0, said):
        repairs = (*repairs, f"says {said}, points at {pointed}")
    return Count("repaired" if repairs else "clean", said, repairs)


def _said(text: str) -> int | None:
    found = ALONE.fullmatch(text) or next(filter(None, (form.search(text) for form in SAID)), None)
    return int(found[1]) if found else None


def _without_number(how: How) -> Count:
    return Count(how, 0 if how == "absent" else None)
