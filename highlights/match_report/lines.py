"""A match report → its lines: when, what, who, for which side, and the score if it says so. Text, CSV or JSON.

    23' Goal Smith (HOME)              minute      goal    Smith   home
    45+2' Yellow card 7 Jones (Rovers) stoppage    yellow  Jones   Rovers
    HT 1-0                             a mark: what follows is the second half
    15:42:10 great save by Miller      time of day save    Miller

What cannot be read keeps its number and says why. Nothing is ever guessed from half a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from highlights.errors import FormatError
from highlights.match_report import kinds
from highlights.match_report.kinds import Kind
from highlights.match_report.names import Words, words_of
from highlights.match_report.report_time import ReportTime, in_line, period_of
from highlights.profile import Profile
from highlights.texts import read_text

LARGEST_BYTES = 1_000_000
MOST_LINES = 2_000
LONGEST_LINE = 1_000

Mark = Literal["", "half_time", "full_time", "kick_off"]


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One line of a report. `number` counts lines of the file from 1, in JSON its entries.

    `kind` is what happened, `team` as written, `score` the score after it (or at a `mark`), `names` the teams of a line such
    as `Elks 3-1 Jays`, and `fault` why the line cannot be read; `doubt` why it is unsure what it tells of.
    """

    number: int
    text: str
    time: ReportTime | None = None
    kind: Kind | None = None
    player: str = ""
    team: str = ""
    score: tuple[int, int] | None = None
    mark: Mark = ""
    names: tuple[str, str] | None = None
    doubt: str = ""
    fault: str = ""


def read(path: Path, profile: Profile, teams: tuple[str, str] = ("", "")) -> tuple[ReportLine, ...]:
    """The lines of the report at a path; `teams` are the names on the score graphic.

    Raises:
        FormatError: it cannot be read, is too large or too long, is not text, or is JSON or a table without what is needed.
    """
    text = read_text(path, "a match report: text, CSV or JSON", FormatError, LARGEST_BYTES, "save it as UTF-8")
    return of_text(text, path, profile, teams)


def of_text(text: str, path: Path, profile: Profile, teams: tuple[str, str] = ("", "")) -> tuple[ReportLine, ...]:
    """The lines of a report's text; `path` is for errors.

    Raises:
        FormatError: it has too many lines, or is JSON or a table without what is needed.
    """
    from highlights.match_report import table

    if "\x00" in text:
        raise FormatError(path, "is not text; give a match report: text, CSV or JSON")
    if text.lstrip()[:1] in ("{", "["):
        rows: Iterator[table.Row] = table.of_json(text, path)
    elif table.has_header(text):
        rows = table.of_csv(text, path)
    else:
        return _limited([*_of_plain(text, profile, teams)], path)
    return _limited([_of_row(row, profile, teams) for row in rows], path)


def _limited(lines: list[ReportLine], path: Path) -> tuple[ReportLine, ...]:
    if len(lines) > MOST_LINES:
        raise FormatError(path, f"has more than {MOST_LINES} lines; give the report of one match")
    if not lines:
        raise FormatError(path, "is empty; write one event per line, such as: 23' Goal Smith (HOME)")
    return tuple(lines)


def _of_plain(text: str, profile: Profile, teams: tuple[str, str]) -> Iterator[ReportLine]:
    """The lines of plain text that say something; a heading such as `Second half` holds for those below it."""
    period: int | None = None
    for number, raw in enumerate(text.splitlines()[: 50 * MOST_LINES], 1):
        plain = " ".join(raw.split())
        if not plain or plain.startswith(("#", "---", "===", "***")):
            continue
        line = replace(_of_line(number, plain, profile, teams), text=plain[:LONGEST_LINE])
        if (heading := period_of(plain)) is not None and not plain.isdigit():
            period = heading
            continue
        if line.mark == "half_time":
            period = 2
        yield line if period is None else _in_period(line, period)


def _in_period(line: ReportLine, period: int) -> ReportLine:
    """The line below a heading; a stoppage and a time in the video say better themselves when they are."""
    time = line.time
    if time is None or time.notation not in ("minute", "clock") or time.period is not None or time.stoppage_of is not None:
        return line
    return replace(line, time=replace(time, period=period))


_BULLET = re.compile(r"^[\s•*·▪>\[({|–—-]+(?=[\w#])")
_HALF_TIME = re.compile(r"(?:HT|half[\s-]?time)\b[\s:.,–-]*", re.IGNORECASE)
_FULL_TIME = re.compile(
    r"(?:FT|AET|full[\s-]?time|final(?: score| whistle)?|end of (?:the )?(?:match|game)|result)\b[\s:.,–-]*", re.I
)
_KICK_OFF = re.compile(r"(?:KO|kick[\s-]?off)\b[\s:.,–-]*$", re.IGNORECASE)
_RESULT = re.compile(
    r"(?P<home>[^\W\d][^:]{0,60}?)\s+(?P<h>\d{1,3})\s*[-–:]\s*(?P<a>\d{1,3})\s+(?P<away>[^\W\d].{0,60})", re.ASCII
)
_SCORE = re.compile(r"(?<![\w:.-])[\[(]?(\d{1,3})\s?[-–—]\s?(\d{1,3})[\])]?(?![\w:'’′-])", re.ASCII)


def _of_line(number: int, plain: str, profile: Profile, teams: tuple[str, str]) -> ReportLine:
    """One line of plain text."""
    if len(plain) > LONGEST_LINE:
        return ReportLine(number, plain, fault=f"is longer than {LONGEST_LINE} characters")
    text = _BULLET.sub("", plain)
    if marked := _marked(number, plain, text):
        return marked
    found = in_line(text)
    if found is None and (result := _RESULT.fullmatch(text)):
        names = result["home"].strip(), result["away"].strip()
        return ReportLine(number, plain, mark="full_time", score=(int(result["h"]), int(result["a"])), names=names)
    if found is None:
        return ReportLine(number, plain, fault="says no time that can be read; write 23', 45+2', 0:33 or 15:42:10 first")
    if found.more:
        return ReportLine(number, plain, fault="says several times; write one line for each event")
    rest = found.rest.strip(" \t'’′\":.,;|–—-").lstrip("]) :.-–")
    if marked := _marked(number, plain, rest):
        return replace(marked, time=found.time)
    return _told(ReportLine(number, plain, found.time), rest, profile, teams)


def _marked(number: int, plain: str, text: str) -> ReportLine | None:
    """A line that marks half-time, full time or a kick-off, maybe with the score."""
    marks: Sequence[tuple[re.Pattern[str], Mark]] = (
        (_HALF_TIME, "half_time"),
        (_FULL_TIME, "full_time"),
        (_KICK_OFF, "kick_off"),
    )
    for pattern, mark in marks:
        if match := pattern.match(text):
            rest = text[match.end() :]
            result, score = _RESULT.fullmatch(rest), _SCORE.search(rest)
            names = (result["home"].strip(), result["away"].strip()) if result else None
            if result:
                return ReportLine(number, plain, mark=mark, score=(int(result["h"]), int(result["a"])), names=names)
            if score or len(rest.split()) <= 4:
                return ReportLine(number, plain, mark=mark, score=(int(score[1]), int(score[2])) if score else None)
    return None


def _told(line: ReportLine, text: str, profile: Profile, teams: tuple[str, str]) -> ReportLine:
    """The line with what its text tells of."""
    if score := _SCORE.search(text):
        line = replace(line, score=(int(score[1]), int(score[2])))
        text = f"{text[: score.start()]} , {text[score.end() :]}"
    told = kinds.told(text, profile)
    words = words_of(told.rest, teams)
    if told.doubt:
        return replace(line, team=words.team, doubt=told.doubt)
    kind = told.kind or _as_given(text, words, profile)
    if kind is None:
        return replace(line, fault="says a time, but not what happened")
    return replace(line, kind=kind, player=words.player if told.kind else "", team=words.team)


def _as_given(text: str, words: Words, profile: Profile) -> Kind | None:
    """The kind that no profile and no common word knows: its title is what the line says."""
    plain = words.without_team.strip(" ,.;:-–—")
    return kinds.of_words(plain, profile) if re.search(r"[^\W\d_]", plain) else None


def _of_row(row: object, profile: Profile, teams: tuple[str, str]) -> ReportLine:
    """One row of a table or entry of a feed."""
    from highlights.match_report.table import Row

    assert isinstance(row, Row)
    line = ReportLine(row.number, row.text[:LONGEST_LINE], row.time, fault=row.fault)
    if row.fault:
        return line
    text = " ".join(row.kind.split())
    if marked := _marked(row.number, line.text, text or row.note):
        return replace(marked, time=row.time, score=row.score or marked.score)
    if row.time is None:
        return replace(line, fault="says no time that can be read")
    line = _told(line, text or " ".join(row.note.split()), profile, teams)
    if line.fault:
        return line
    player = " ".join(row.player.split())[:60] or line.player
    team = " ".join(row.team.split())[:60] or line.team
    return replace(line, player=player, team=team, score=row.score or line.score)
