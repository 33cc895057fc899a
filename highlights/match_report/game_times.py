"""The game clock over the recording → where a minute of play, or a time on the clock, is in it.

    graphic    45:02 ──────────── 47:10 │ 45:00 ─────────────── 67:30 ────
    periods    ├────────── 1 ──────────┤ ├─────────── 2 ─────────────────
    46:30             ├─┤                     ├─┤                          45+2' is the first, 47' the second

A reading shows whole seconds and cannot be overtaken: between two of them the clock has passed the time in question, stopped or
not. Where a clock never stops it is followed beyond its readings too. Half-times are found where the clock falls back or stands
for minutes, or by the kick-offs that were marked by hand.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from highlights.analysis.score.game_clock import GameClock
from highlights.match_report.periods import Periods
from highlights.match_report.report_time import ReportTime
from highlights.profile import Profile
from highlights.records import Timeline
from highlights.spans import Span, clock

BACK_S = 2.0  # a clock that falls by more has begun anew
STOOD_S = 150.0  # a clock that never stops was not shown running for so long: the break between halves
STOPPAGE_S = 900.0  # longest stoppage time
BY_HAND_S = 4.0  # a kick-off is marked this exactly
DISAGREES_S = 30.0  # between the graphic and a kick-off
LEAST_S = 1.0


@dataclass(frozen=True, slots=True)
class KickOff:
    """Where a period begins: its number, and the time on the match clock."""

    period: int
    at_s: float


@dataclass(frozen=True, slots=True)
class Run:
    """The clock in one period: readings `(time_s, played_s)`, the second growing; `number` None: it may be any period.

    `start_s` and `end_s` enclose it. For a clock that counts down, `played_s` is what it shows, negative.
    """

    number: int | None
    readings: tuple[tuple[float, float], ...]
    start_s: float
    end_s: float
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class GameTimes:
    """The periods of a recording, in order of time."""

    runs: tuple[Run, ...]
    periods: Periods
    way: int
    duration_s: float
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, timeline: Timeline, profile: Profile, kick_offs: Sequence[KickOff], periods: Periods) -> GameTimes:
        """The game clock of a timeline, with the kick-offs marked by hand."""
        board = timeline.analysis.scoreboard
        way = {"up": 1, "down": -1}.get(profile.scoreboard.clock, GameClock.of(board).way or 1)
        timed = [(r.time_s, way * r.clock_s, r.period) for r in board.readings if r.clock_s is not None]
        starts = sorted(kick_offs, key=lambda k: k.at_s)
        runs = _numbered(_split(timed, starts, periods), starts, periods, way)
        runs, notes = _with_kick_offs(runs, starts, periods, way)
        return cls(tuple(_bounded(runs, timeline.recording.duration_s)), periods, way, timeline.recording.duration_s, notes)

    def places(self, time: ReportTime) -> list[Span]:
        """Where a minute or a time on the clock can be: a span for each period it can be in; empty if it is not there."""
        found = []
        for run in self.runs:
            period = self._period(time)
            if run.number is not None and period is not None and run.number != period:
                continue
            span = self._in_run(run, self._shown(time, run))
            if span is not None:
                found.append(span)
        return found

    def _period(self, time: ReportTime) -> int | None:
        """The period that a time says it is in."""
        if time.stoppage_of is not None:
            return self.periods.of_minute(60.0 * time.stoppage_of - 1)
        if time.period is None and time.notation == "minute":
            return self.periods.of_minute(time.at_s)
        return time.period

    def _shown(self, time: ReportTime, run: Run) -> tuple[float, float]:
        """What the clock shows meanwhile, from and to, in this run's counting."""
        first_s, last_s = time.at_s, time.at_s + time.length_s
        number = run.number or time.period or 0
        if self.way < 0:
            if time.notation == "minute" and self.periods.lengths_min:
                number = self._period(time) or 1
                before_s = 60.0 * sum(self.periods.lengths_min[: number - 1])
                length_s = self.periods.length_s(number)
                return first_s - before_s - length_s, last_s - before_s - length_s
            return -last_s, -first_s
        begins_s = 60.0 * sum(self.periods.lengths_min[: number - 1]) if number else 0.0
        continued = run.readings[0][1] >= begins_s
        if time.period is not None and first_s < begins_s and continued:
            return first_s + begins_s, last_s + begins_s  # 2nd half 12:30 is 57:30
        if time.notation == "minute" and begins_s and not continued:
            return first_s - begins_s, last_s - begins_s
        return first_s, last_s

    def _in_run(self, run: Run, shown: tuple[float, float]) -> Span | None:
        """Where a period's clock shows these times; None outside the recording or the period."""
        first_s, last_s = shown
        before = [(t, c) for t, c in run.readings if c <= first_s]
        after = [(t, c) for t, c in run.readings if c >= last_s]
        slack_s = BY_HAND_S if run.by_hand else 1.0
        runs_on = not self.periods.stops
        if before:
            start_s = before[-1][0] + max(0.0, first_s - before[-1][1] - slack_s)
        else:
            start_s = run.readings[0][0] - (run.readings[0][1] - first_s) - slack_s if runs_on else run.start_s
        if after:
            end_s = after[0][0] - max(0.0, after[0][1] - last_s)
        else:
            end_s = run.readings[-1][0] + (last_s - run.readings[-1][1]) + slack_s if runs_on else run.end_s
        start_s, end_s = max(start_s, run.start_s), min(max(end_s, start_s + LEAST_S), run.end_s)
        return Span(start_s, end_s) if end_s - start_s >= LEAST_S / 2 else None


Timed = tuple[float, float, str]


def _split(timed: Sequence[Timed], starts: Sequence[KickOff], periods: Periods) -> list[list[Timed]]:
    """The readings of each period."""
    runs: list[list[Timed]] = []
    for reading in _without_stray(timed):
        last = runs[-1][-1] if runs else None
        if last is None or _begins(last, reading, starts, periods):
            runs.append([])
        runs[-1].append(reading)
    return runs


def _without_stray(timed: Sequence[Timed]) -> list[Timed]:
    """The readings without those that alone fall out of the row, as a misread digit does."""
    kept = []
    for n, (time_s, played_s, period) in enumerate(timed):
        before, after = timed[n - 1][1] if n else None, timed[n + 1][1] if n + 1 < len(timed) else None
        if (
            before is not None
            and after is not None
            and before <= after + BACK_S
            and not before - BACK_S <= played_s <= after + BACK_S
        ):
            continue
        kept.append((time_s, played_s, period))
    return kept


def _begins(last: Timed, reading: Timed, starts: Sequence[KickOff], periods: Periods) -> bool:
    """Whether a period begins between two readings."""
    if any(last[0] < start.at_s <= reading[0] for start in starts):
        return True
    passed_s, played_s = reading[0] - last[0], reading[1] - last[1]
    other = _number_in(last[2]), _number_in(reading[2])
    return (
        played_s < -BACK_S
        or (None not in other and other[0] != other[1])
        or (not periods.stops and passed_s - played_s > STOOD_S)
    )


def _number_in(period: str) -> int | None:
    """The number of a period as the graphic names it: `2ND`, `Q3`, `1`; not of `HT`."""
    match = re.search(r"[1-9]", period)
    return int(match[0]) if match else None


def _numbered(parts: Sequence[Sequence[Timed]], starts: Sequence[KickOff], periods: Periods, way: int) -> list[Run]:
    """Each period with its number: as the graphic names it, else by the kick-offs, else by what a clock shows that goes on."""
    runs: list[Run] = []
    for part in parts:
        named = next((number for _, _, text in part if (number := _number_in(text)) is not None), None)
        marked = [start.period for start in starts if start.at_s <= part[-1][0]]
        number = named or (marked[-1] if marked else None)
        if number is None and way > 0 and periods.continues:
            number = _by_clock(part, runs[-1] if runs else None, periods)
        readings = tuple((time_s, played_s) for time_s, played_s, _ in part)
        runs.append(Run(number, readings, 0.0, 0.0))
    if not periods.continues and len(runs) > 1 and all(run.number is None for run in runs) and len(runs) in (2, 3, 4):
        whole = len(runs) == {20: 3, 12: 4, 15: 4, 10: 4}.get(periods.lengths_min[0] if periods.lengths_min else 0)
        runs = [replace(run, number=n) for n, run in enumerate(runs, 1)] if whole else runs
    return runs


def _by_clock(part: Sequence[Timed], before: Run | None, periods: Periods) -> int | None:
    """The number of a period by what its clock shows: stoppage time of the first half looks like the second half."""
    first_s, last_s = part[0][1], part[-1][1]
    number = periods.of_minute(first_s)
    if number is None or number == 1:
        return number
    if before is not None and before.number is not None:
        return max(number, before.number + 1)
    begins_s = periods.begins_s(number)
    return number if last_s > begins_s + STOPPAGE_S else None


def _with_kick_offs(
    runs: Sequence[Run], starts: Sequence[KickOff], periods: Periods, way: int
) -> tuple[list[Run], tuple[str, ...]]:
    """The periods, also those that only a kick-off tells of, and where one disagrees with the graphic."""
    notes = []
    made = list(runs)
    for start in starts:
        shown_s = periods.begins_s(start.period) if way > 0 else -periods.length_s(start.period)
        same = next((run for run in runs if run.number == start.period), None)
        if same is None:
            made.append(Run(start.period, ((start.at_s, shown_s),), start.at_s, 0.0, by_hand=True))
        elif not periods.stops:
            away_s = (same.readings[0][0] - start.at_s) - (same.readings[0][1] - shown_s)
            if abs(away_s) > DISAGREES_S:
                notes.append(
                    f"the kick-off at {clock(start.at_s)} does not fit the clock on the graphic, which is {abs(away_s):.0f} s "
                    f"{'behind' if away_s > 0 else 'ahead'}; the graphic was used"
                )
    return sorted(made, key=lambda run: run.readings[0][0]), tuple(notes)


def _bounded(runs: Sequence[Run], duration_s: float) -> list[Run]:
    """The periods, each from the end of the one before to the start of the next."""
    bounded = []
    for n, run in enumerate(runs):
        start_s = run.readings[0][0] if run.by_hand else (runs[n - 1].readings[-1][0] if n else 0.0)
        end_s = runs[n + 1].readings[0][0] if n + 1 < len(runs) else duration_s
        bounded.append(replace(run, start_s=max(0.0, start_s), end_s=min(end_s, duration_s)))
    return bounded


def adjoining(spans: Sequence[Span]) -> bool:
    """Whether spans leave no doubt about the period: they are one, or touch."""
    return all(b.start_s <= a.end_s for a, b in pairwise(sorted(spans)))
