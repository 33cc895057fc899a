"""What brings the times of a report onto the match clock, and where each line then is.

    minute, clock   the clock on the score graphic, else the kick-offs marked by hand
    video           the match clock itself
    time of day     when the recording was made: written in its files, else given by hand

Bare times (`0:33`) are one of these in the whole report: what does not fit the recording, or the goals in it, is not meant.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from highlights.choices import Times
from highlights.errors import RecordingError
from highlights.match_report.game_times import GameTimes, KickOff, adjoining
from highlights.match_report.lines import ReportLine
from highlights.match_report.periods import periods_of
from highlights.match_report.report_time import ReportTime
from highlights.profile import Profile
from highlights.records import Recording, Timeline
from highlights.spans import Span, clock

VIDEO_BEFORE_S, VIDEO_AFTER_S = 8.0, 4.0  # a time read off a player is pressed after the instant rather than before it
CLOCK_BEFORE_S, CLOCK_AFTER_S = 6.0, 2.0  # as is one read off the graphic
DAY_BEFORE_S, DAY_AFTER_S = 25.0, 5.0  # a note is written after what it tells of, and two clocks are never the same
DAY_S = 86_400.0
ZONE_STEP_S = 3_600.0
LEAST_NOTES = 3  # a clock of another place is believed only if so many notes agree


@dataclass(frozen=True, slots=True)
class Anchors:
    """`kick_offs` marked by hand; `times`: what bare times mean; `starts_at_s`: the time of day when the recording begins.

    `recorded_s` is for each file when it was recorded, as it says (seconds since 1970), `zone_s` by how much the clocks of this
    place were ahead of Greenwich then.
    """

    kick_offs: tuple[KickOff, ...] = ()
    times: Times = "auto"
    starts_at_s: float | None = None
    recorded_s: tuple[float | None, ...] = ()
    zone_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line can be: the spans, more than one if it is unclear which; none with the reason in `problem`."""

    spans: tuple[Span, ...] = ()
    problem: str = ""
    notation: str = ""
    at_s: float | None = None
    """The instant it names, if it names one rather than a minute."""
    partly: bool = False
    """Whether most of its minute is not in the recording."""


def read_anchors(
    recording: Recording,
    kick_offs: Sequence[KickOff] = (),
    times: Times = "auto",
    starts_at_s: float | None = None,
) -> Anchors:
    """The anchors, with what the recording's files say about when they were made."""
    from highlights.media.probe import file_clock

    recorded: list[float | None] = []
    for part in recording.parts:
        try:
            recorded.append(file_clock(part.path).recorded_s)
        except (RecordingError, OSError):  # a timeline whose recording is elsewhere
            recorded.append(None)
    known = next((each for each in recorded if each is not None), None)
    offset = None if known is None else datetime.fromtimestamp(known).astimezone().utcoffset()
    return Anchors(tuple(kick_offs), times, starts_at_s, tuple(recorded), offset.total_seconds() if offset else 0.0)


class Placer:
    """Places the times of one report."""

    def __init__(self, timeline: Timeline, profile: Profile, lines: Sequence[ReportLine], anchors: Anchors) -> None:
        stoppages = tuple(line.time.stoppage_of for line in lines if line.time and line.time.stoppage_of)
        self._timeline, self._anchors = timeline, anchors
        self._game = GameTimes.of(timeline, profile, anchors.kick_offs, periods_of(profile, stoppages))
        self._dated = [line for line in lines if line.time is not None and not line.fault]
        self.notes = list(self._game.notes)
        self._day_starts, self._day_problem = self._days()
        self._bare, self._bare_problem = self._meant()

    def place(self, line: ReportLine) -> Place:
        """Where a line is."""
        assert line.time is not None
        notation = self._bare if line.time.notation == "bare" else line.time.notation
        if notation is None:
            return Place(problem=self._bare_problem)
        return self._as(line.time, notation)

    def _as(self, time: ReportTime, notation: str) -> Place:
        ways: dict[str, Callable[[ReportTime], Place]] = {"video": self._video, "day": self._day}
        meant = time.of_day() if notation == "day" else replace(time, notation=notation)  # type: ignore[arg-type]  # one of them
        return ways.get(notation, self._of_game)(meant)

    def _of_game(self, time: ReportTime) -> Place:
        if not self._game.runs:
            told = "no game clock was read from the score graphic; mark the kick-offs: --kick-off 1:12 --kick-off 58:40"
            return Place(problem=told)
        spans = self._game.places(time)
        if not spans:
            return Place(problem="this time of the match is not in the recording")
        instant = time.notation == "clock"
        if instant:
            spans = [self._around(s.start_s, s.end_s, CLOCK_BEFORE_S, CLOCK_AFTER_S) or s for s in spans]
        if adjoining(spans):
            spans = [Span(min(s.start_s for s in spans), max(s.end_s for s in spans))]
        at_s = min(spans[0].end_s - 0.001, spans[0].start_s + CLOCK_BEFORE_S) if instant and len(spans) == 1 else None
        partly = len(spans) == 1 and spans[0].length_s < time.length_s / 2
        return Place(tuple(spans), "", time.notation, at_s, partly)

    def _video(self, time: ReportTime) -> Place:
        span = self._around(time.at_s, time.at_s + 1, VIDEO_BEFORE_S, VIDEO_AFTER_S, whole=time.at_s)
        if span is None:
            duration = clock(self._timeline.recording.duration_s)
            return Place(problem=f"the recording ends at {duration}")
        return Place((span,), "", "video", time.at_s)

    def _day(self, time: ReportTime) -> Place:
        if not self._day_starts:
            return Place(problem=self._day_problem)
        span = self._of_day(time, self._day_starts)
        if span is None:
            return Place(problem="the recording was not running at this time of day")
        return Place((span,), "", "day", max(span.start_s, span.end_s - 2 * DAY_AFTER_S))

    def _around(self, start_s: float, end_s: float, before_s: float, after_s: float, whole: float | None = None) -> Span | None:
        """The span padded and within the recording; None if its own time is not in it."""
        duration_s = self._timeline.recording.duration_s
        if not 0 <= (start_s if whole is None else whole) < duration_s:
            return None
        return Span(max(0.0, start_s - before_s), min(duration_s, end_s + after_s))

    def _of_day(self, time: ReportTime, starts: Sequence[float | None]) -> Span | None:
        """Where a time of day is, by when each file begins."""
        for part, start_s in zip(self._timeline.recording.parts, starts, strict=True):
            if start_s is None:
                continue
            since_s = (time.at_s - start_s) % DAY_S
            if since_s < part.duration_s:
                at_s = part.start_s + since_s
                return self._around(at_s, at_s + time.length_s, DAY_BEFORE_S, DAY_AFTER_S)
        return None

    def _days(self) -> tuple[list[float | None], str]:
        """The time of day at which each file begins, or why it is unknown.

        A file says when it was made by a clock of Greenwich; some cameras mean its start, some its end. Of the hours that
        clocks of the world show, and of start and end, the one counts that puts the lines into the recording.
        """
        parts, given = self._timeline.recording.parts, self._anchors.starts_at_s
        if given is not None:
            return [given + part.start_s for part in parts], ""
        recorded = self._anchors.recorded_s
        mine = [line.time.of_day() for line in self._dated if line.time and line.time.notation in ("day", "bare")]
        known = len(recorded) == len(parts) and any(each is not None for each in recorded)
        if not known:
            return [], "the recording does not say when it was made; say it with --starts-at 15:30:00"
        ends = [
            [each if each is None else each - by * part.duration_s for each, part in zip(recorded, parts, strict=True)]
            for by in (0, 1)
        ]
        zones = [self._anchors.zone_s, *(step * ZONE_STEP_S for step in range(-11, 15))]
        if any(time.utc for time in mine):
            zones = [0.0]
        own = zones[:1]
        for zone_s in (own, zones[1:]):
            rated = [
                (sum(self._of_day(time, starts) is not None for time in mine), starts)
                for zone in zone_s
                for begins in ends
                for starts in [[each if each is None else each + zone for each in begins]]
            ]
            best = max((count for count, _ in rated), default=0)
            winners = [starts for count, starts in rated if count == best]
            enough = best >= LEAST_NOTES and best == len(mine) if zone_s is not own else 2 * best > len(mine)
            if best and len(winners) == 1 and enough:
                return winners[0], ""
            if best and 2 * best > len(mine):
                break
        return [], "it is unclear at what time of day the recording begins; say it with --starts-at 15:30:00"

    def _meant(self) -> tuple[Literal["video", "clock", "day"] | None, str]:
        """What the report's bare times are: the only reading that puts all, or clearly most, of them where it should."""
        if self._anchors.times != "auto":
            return self._anchors.times, ""
        bare = [line for line in self._dated if line.time and line.time.notation == "bare"]
        readings: tuple[Literal["video", "clock", "day"], ...] = ("video", "clock", "day")
        rated = {each: self._rated(bare, each) for each in readings}
        best = max(rated.values())
        meant = [each for each in readings if rated[each] == best]
        if len(meant) == 1 or not bare:
            return meant[0], ""
        if best == (0, 0):
            return None, "this time is not in the recording"
        ways = {"video": "of the video", "clock": "on the game clock", "day": "of the day"}
        told = " or ".join(ways[each] for each in meant)
        return None, f"its time can be {told}; say which with --report-times {meant[0]} or {meant[1]}"

    def _rated(self, lines: Sequence[ReportLine], notation: Literal["video", "clock", "day"]) -> tuple[int, int]:
        """How many lines are in the recording if their times mean this, and how many of them beside an event of their kind."""
        inside = beside = 0
        for line in lines:
            assert line.time is not None
            place = self._as(line.time, notation)
            inside += bool(place.spans)
            events = [e for e in self._timeline.events if line.kind and e.name == line.kind.name]
            beside += any(span.holds(e.peak_s) for span in place.spans for e in events)
        return inside, beside
