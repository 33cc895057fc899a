"""Times as reports write them → `ReportTime`.

23'   45+2'   90 + 4 min    minutes of play: 23' is 22:00 to 22:59 played
Q3 4:12   P2 07:31   2H 51:20    the clock on the graphic, in a period
0:33   68:03   1:02:33      in the video, or on the clock: what surrounds it decides (`anchors`)
15:42:10   3:42 pm          of the day; 15:42:10 can be a long video too
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

Notation = Literal["minute", "clock", "video", "day", "bare"]

MOST_MINUTES = 200  # of a match: more is a number of something else


@dataclass(frozen=True, slots=True)
class ReportTime:
    """One time of a report: `at_s` seconds on its own clock, and how long it may be after that by its notation.

    Of a minute, `at_s` is its start on a clock that counts up: 22:00 for 23'. `stoppage_of` is the minute that a stoppage is
    counted from, `utc` whether a time of day is of Greenwich, `short` whether it has one colon, as 15:42 has.
    """

    notation: Notation
    at_s: float
    length_s: float = 1.0
    period: int | None = None
    stoppage_of: int | None = None
    utc: bool = False
    short: bool = False

    @property
    def written(self) -> str:
        """A minute as reports write it, `23'` or `45+2'`; empty for other times."""
        if self.notation != "minute":
            return ""
        minute = round(self.at_s / 60) + 1
        return f"{minute}'" if self.stoppage_of is None else f"{self.stoppage_of}+{minute - self.stoppage_of}'"

    def of_day(self) -> ReportTime:
        """The time as one of the day: `15:42` in hours and minutes."""
        if self.short:
            return replace(self, notation="day", at_s=60 * self.at_s, length_s=60.0, short=False)
        return replace(self, notation="day")


_PERIOD = (
    r"(?:(?:Q|P|H|period|quarter|half|set)\s*(?P<{0}>[1-5])|(?P<{0}b>[1-5])(?:st|nd|rd|th)?\s*(?:Q|P|H|half|period|quarter|qtr)"
    r"|(?P<{0}c>[1-5])(?:st|nd|rd|th)|(?P<{0}w>first|second|third|fourth)\s+(?:half|period|quarter))(?!\w)"
)
_WORDS = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_MINUTE = r"(?P<m>\d{1,3})\s*(?:['’′]\s*)?(?:\+\s*(?P<added>\d{1,2}))?\s*"
_MARK = r"(?:['’′]|min(?:ute)?s?\b\.?|st minute|m\b)"
_CLOCK = r"(?P<a>\d{1,3}):(?P<b>[0-5]\d)(?::(?P<c>[0-5]\d))?(?P<tenths>[.,]\d{1,3})?(?:\s*(?P<half>[ap])\.?m\.?(?!\w))?"
_STAMP = re.compile(
    r"\d{4}-\d\d-\d\d[T ](?P<h>[01]\d|2[0-3]):(?P<mi>[0-5]\d)(?::(?P<s>[0-5]\d)(?:\.\d{1,9})?)?"
    r"\s*(?:(?P<z>Z)|(?P<off>[+-]\d\d:?\d\d))?(?!\d)",
    re.ASCII,
)
_AT_START = re.compile(
    rf"(?:{_PERIOD.format('p')}[\s,:|-]*)?(?:{_CLOCK}|{_MINUTE}{_MARK})(?![\w:])"
    rf"|(?:min(?:ute)?\.?\s+)(?P<n>\d{{1,3}})(?:\s*\+\s*(?P<nadded>\d{{1,2}}))?(?!\w)"
    rf"|(?P<bare>\d{{1,3}})(?:\s*\+\s*(?P<badded>\d{{1,2}}))?(?=[\s,;|–-]+[^\W\d])",
    re.IGNORECASE | re.ASCII,
)
_ANYWHERE = re.compile(rf"(?<![\w:+.-]){_MINUTE}['’′](?!\w)|(?<![\w:.]){_CLOCK}(?![\w:])", re.IGNORECASE | re.ASCII)
_HEADING = re.compile(rf"{_PERIOD.format('p')}\s*[:.–-]*\s*$", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Found:
    """A time in a line and the line without it; `more`: how many other times stand in the line."""

    time: ReportTime
    rest: str
    more: int = 0


def in_line(text: str) -> Found | None:
    """The time of a line: at its start, else the only one in it."""
    if stamp := _STAMP.match(text):
        return Found(_of_day(stamp), text[stamp.end() :])
    start = _AT_START.match(text)
    time = start and _time(start)
    if start and time:
        rest = text[start.end() :]
        return Found(time, rest, sum(1 for other in _ANYWHERE.finditer(rest) if _time(other)))
    inside = [(match, time) for match in _ANYWHERE.finditer(text) if (time := _time(match))]
    if not inside:
        return None
    match, time = inside[0]
    return Found(time, f"{text[: match.start()]} {text[match.end() :]}", len(inside) - 1)


def minute(base: int, added: int = 0, period: int | None = None) -> ReportTime | None:
    """A minute of play, `45+2` with `added`; None for a number that is none."""
    if not 0 <= base <= MOST_MINUTES or not 0 <= added <= 60:
        return None
    first = base + max(added, 1) - 1 if added else max(base, 1) - 1
    return ReportTime("minute", 60.0 * first, 60.0, period, base if added else None)


def period_of(text: str) -> int | None:
    """The number of the period that a text alone names: `Second half`, `Q3`, `2`."""
    if match := _HEADING.fullmatch(text.strip()):
        return _period(match)
    plain = text.strip()
    return int(plain) if re.fullmatch(r"[1-9]", plain, re.ASCII) else None


def _time(match: re.Match[str]) -> ReportTime | None:
    groups = match.groupdict()
    period = _period(match)
    if groups.get("a") is not None:
        return _of_clock(groups, period)
    base = groups.get("m") or groups.get("n") or groups.get("bare")
    added = groups.get("added") or groups.get("nadded") or groups.get("badded")
    return minute(int(base), int(added or 0), period) if base else None


def _of_clock(groups: dict[str, str | None], period: int | None) -> ReportTime | None:
    """`15:42:10`, `68:03`, `3:42 pm`."""
    numbers = [int(groups[name] or 0) for name in "abc"]
    tenths_s = float((groups.get("tenths") or "0").replace(",", "."))
    if half := groups.get("half"):
        if not 1 <= numbers[0] <= 12:
            return None
        hour = numbers[0] % 12 + 12 * (half in "pP")
        return ReportTime("day", hour * 3600.0 + numbers[1] * 60 + numbers[2], 1.0 if groups["c"] else 60.0)
    if groups["c"] is None:
        at_s = numbers[0] * 60 + numbers[1] + tenths_s
        if numbers[0] > MOST_MINUTES:
            return None
    else:
        at_s = numbers[0] * 3600 + numbers[1] * 60 + numbers[2] + tenths_s
    return ReportTime("clock" if period else "bare", at_s, 1.0, period, short=groups["c"] is None)


def _of_day(match: re.Match[str]) -> ReportTime:
    at_s = int(match["h"]) * 3600.0 + int(match["mi"]) * 60 + int(match["s"] or 0)
    offset = (match["off"] or "").replace(":", "")
    away_s = int(offset[:1] + "1") * (int(offset[1:3]) * 3600 + int(offset[3:]) * 60) if offset else 0
    length_s = 1.0 if match["s"] else 60.0
    return ReportTime("day", (at_s - away_s) % 86_400, length_s, utc=bool(match["z"] or offset))


def _period(match: re.Match[str]) -> int | None:
    groups = match.groupdict()
    number = groups.get("p") or groups.get("pb") or groups.get("pc")
    if number:
        return int(number)
    word = groups.get("pw")
    return _WORDS[word.lower()] if word else None
