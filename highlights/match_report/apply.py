"""A match report applied to a timeline: found events get what it says of them, missing ones are added, disagreements are told.

line ──► place ──► a found event of the kind is there         matched: its evidence, player, team and minute
               ├─► the score graphic shows that it was not    contradicts: a near miss
               ├─► it can be in several places                doubtful: a near miss
               └─► nothing is there                           added: at a roar in its span, else somewhere in its span
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from highlights.analysis.score.game_clock import GameClock
from highlights.finders import signals
from highlights.finders.evidence import confidence, nearest
from highlights.match_report.against import SIGNAL, objection
from highlights.match_report.anchors import Anchors, Place, Placer
from highlights.match_report.lines import ReportLine
from highlights.match_report.placing import Placed, away_s, has_change, matched
from highlights.match_report.sides import learned
from highlights.profile import EventRule, Profile
from highlights.records import MOMENT, Event, Moment, Timeline
from highlights.spans import Span, clock
from highlights.timeline import TOO_WIDE_S

State = Literal["matched", "added", "doubtful", "contradicts", "unreadable", "noted"]

WEIGHT = 4.0  # somebody saw it and wrote it down: logistic(-2 + 4) = 0.88
RULED_OUT = -4.0  # as much as the score graphic has against an event: the two together are a near miss
PLACES_WEIGHT = 1.0  # of a crowd's full roar in the profile, from which a roar may say where an event is
CLEAR_BY = 0.3  # in log-odds: a roar that is clearer than all others in the span by less does not say where
NO_ANCHORS = Anchors()
LONGEST_SPAN_S = 180.0  # an event that can be anywhere in more than this is not placed


@dataclass(frozen=True, slots=True)
class LineResult:
    """What became of one line; `at_s` and `event` say where and which event it is, if any."""

    number: int
    text: str
    state: State
    reason: str = ""
    at_s: float | None = None
    event: str = ""


@dataclass(frozen=True, slots=True)
class Applied:
    """The timeline with the report (its clips are to be rebuilt, unless it is the one given), the lines in order, and notes."""

    timeline: Timeline
    lines: tuple[LineResult, ...]
    notes: tuple[str, ...] = ()

    def count(self, state: State) -> int:
        """How many lines have this state."""
        return sum(line.state == state for line in self.lines)


def apply(timeline: Timeline, profile: Profile, lines: Sequence[ReportLine], anchors: Anchors = NO_ANCHORS) -> Applied:
    """The timeline with the events of a match report.

    A found event that a line is about gets its evidence, player, team and minute; a line without one becomes an event of its
    own, with the span in which it can be, or a near miss if the score graphic contradicts it or its place is unclear.
    """
    return _Report(timeline, profile, lines, anchors).applied()


class _Report:
    """One report on its way into one timeline."""

    def __init__(self, timeline: Timeline, profile: Profile, lines: Sequence[ReportLine], anchors: Anchors) -> None:
        self._timeline, self._profile, self._lines = timeline, profile, lines
        self._placer = Placer(timeline, profile, lines, anchors)
        self._events: list[Event | None] = [*timeline.events]
        again = {_because(line) for line in lines}  # near misses of the same lines, taken over before, are decided anew
        self._misses: list[Event | None] = [
            event
            for event in timeline.near_misses
            if event.status != "found" or not any(m.signal == SIGNAL and m.because in again for m in event.evidence)
        ]
        self._new: list[Event] = []
        self._results: dict[int, LineResult] = {}
        self._notes = [*self._placer.notes]
        self._pool = signals.find(timeline.recording, profile, timeline.analysis)
        self._clock = GameClock.of(timeline.analysis.scoreboard)

    def applied(self) -> Applied:
        """The result."""
        places = {n: self._placer.place(line) for n, line in enumerate(self._lines) if self._says_event(n, line)}
        by_kind: dict[str, list[int]] = defaultdict(list)
        for n, place in places.items():
            kind = self._lines[n].kind
            if place.problem:
                self._say(n, "doubtful", place.problem)
            elif kind is not None:
                by_kind[kind.name].append(n)
        told = [(line, places.get(n, Place())) for n, line in enumerate(self._lines)]
        self._sides = learned(told, self._timeline, self._profile)
        if self._sides.swapped:
            self._notes.append("the score graphic shows the away team first, by the goals")
        for name, numbers in by_kind.items():
            self._kind(name, [(n, Placed(self._lines[n], places[n], self._sides.of(self._lines[n].team))) for n in numbers])
        self._compare_scores()
        self._name_strangers()
        events = [event for event in [*self._events, *self._new] if event is not None]
        good = [event for event in events if not event.why_not]
        misses = [event for event in [*self._misses, *events] if event is not None and (event.why_not or event not in good)]
        if any(event.name != MOMENT for event in good):
            good = [event for event in good if event.name != MOMENT or event.status != "found"]
        changed = replace(self._timeline, events=_in_order(good), near_misses=_in_order(misses), clips=())
        same = (changed.events, changed.near_misses) == (self._timeline.events, self._timeline.near_misses)
        results = tuple(self._results[n] for n in sorted(self._results))
        return Applied(self._timeline if same else changed, results, tuple(self._notes))

    def _says_event(self, n: int, line: ReportLine) -> bool:
        """Whether a line tells of an event that can be placed; the others are settled here."""
        if line.fault:
            self._say(n, "unreadable", line.fault)
        elif line.mark:
            self._say(n, "noted")
        elif line.doubt or line.kind is None or line.time is None:
            self._say(n, "doubtful", line.doubt or "it does not say what happened when")
        else:
            first = next((m for m in range(n) if _same(self._lines[m], line)), None)
            if first is None:
                return True
            self._say(n, "doubtful", f"says the same as line {self._lines[first].number}, and was counted once")
        return False

    def _say(self, n: int, state: State, reason: str = "", event: Event | None = None) -> None:
        line = self._lines[n]
        at_s, name = (None, "") if event is None else (event.peak_s, event.title)
        self._results[n] = LineResult(line.number, line.text, state, reason, at_s, name)

    def _kind(self, name: str, lines: list[tuple[int, Placed]]) -> None:
        """All lines about one kind of event: first the events that are found, then the near misses, then the new ones."""
        rule = self._profile.event(name)
        left = lines
        for found in (self._events, self._misses):
            mine = [i for i, event in enumerate(found) if event and self._may_be(event, name)]
            pairs = matched([placed for _, placed in left], [e for i in mine if (e := found[i])], rule, self._sides)
            for k, j in pairs.items():
                n, placed = left[k]
                event = found[mine[j]]
                assert event is not None
                told = self._supported(event, placed, rule)
                found[mine[j]] = None if found is self._misses else told
                if found is self._misses:
                    self._new.append(told)
                off_s = min(away_s(span, event) for span in placed.place.spans)
                off = (
                    f"at {event.game_clock or clock(event.peak_s)}, {off_s:.0f} s outside the time in the report"
                    if off_s >= 1
                    else ""
                )
                self._say(n, "doubtful" if told.why_not else "matched", told.why_not or off, told)
            left = [line for k, line in enumerate(left) if k not in pairs]
        for n, placed in left:
            self._missing(n, name, placed, rule)
        if rule and rule.signals.score:
            self._untold(rule)

    def _may_be(self, event: Event, name: str) -> bool:
        """Whether a line may be about an event: it has not been rejected by hand, nor ruled out by the score."""
        if event.status == "rejected" or event.name != name:
            return False
        return not event.why_not or all(m.weight > RULED_OUT for m in event.evidence if m.signal == "score")

    def _supported(self, event: Event, placed: Placed, rule: EventRule | None) -> Event:
        """The event with what a line says of it; a wide one is narrowed to what both allow."""
        line = placed.line
        span, peak_s = event.span, event.peak_s
        shared = None if event.doubt is None else next((s for p in placed.place.spans if (s := p.clamp(event.span))), None)
        if shared is not None and shared.length_s < span.length_s:
            at_s = placed.place.at_s
            span, peak_s = shared, at_s if at_s is not None and shared.holds(at_s) else _inside(peak_s, shared)
        claim = self._claim(placed, span if shared is not None else placed.place.spans[0], peak_s)
        others = [m for m in event.evidence if m.signal != SIGNAL]  # two reports are no two witnesses
        evidence = tuple(sorted([*others, claim], key=lambda m: (-m.weight, m.signal, m.span)))
        sure = confidence(sum(m.weight for m in evidence))
        enough = event.status != "found" or rule is None or sure >= rule.threshold
        return replace(
            event,
            span=span,
            peak_s=round(peak_s, 3),
            confidence=sure,
            evidence=evidence,
            player=event.player or line.player,
            team=event.team or self._team(placed),
            game_clock=event.game_clock or (line.time.written if line.time else ""),
            why_not="" if enough else event.why_not,
        )

    def _missing(self, n: int, name: str, placed: Placed, rule: EventRule | None) -> None:
        """A line that is no found event: an event, or a near miss with the reason."""
        rejected = next(
            (e for e in self._misses if e and e.status == "rejected" and e.name == name and self._near(placed, e)), None
        )
        if rejected is not None:
            self._say(n, "contradicts", "it was rejected by hand", rejected)
            return
        spans = placed.place.spans
        found = [event for event in self._events if event and event.name == name]
        against = None if self._too_wide(spans[0]) else objection(placed, rule, found, self._timeline, self._sides)
        if against is not None and against.sure:
            event = self._event(placed, rule, ruled_out=against.reason)
            self._new.append(event)
            self._say(n, "contradicts", against.reason, event)
        elif placed.place.partly:
            self._doubtful(n, placed, rule, "most of this minute is not in the recording")
        elif against is not None:
            self._doubtful(n, placed, rule, against.reason)
        elif len(spans) > 1:
            at = " or ".join(clock(span.start_s) for span in spans)
            self._doubtful(n, placed, rule, f"it can be at {at}; say the period, such as Q3 or 2H")
        elif self._too_wide(spans[0]):
            told = f"it can be anywhere between {clock(spans[0].start_s)} and {clock(spans[0].end_s)}"
            self._doubtful(n, placed, rule, told)
        else:
            event = self._event(placed, rule)
            self._new.append(event)
            self._say(n, "doubtful" if event.why_not else "added", event.why_not or _where(event), event)

    def _too_wide(self, span: Span) -> bool:
        return span.length_s > LONGEST_SPAN_S

    def _doubtful(self, n: int, placed: Placed, rule: EventRule | None, reason: str) -> None:
        event = self._event(placed, rule, doubtful=reason)
        self._new.append(event)
        self._say(n, "doubtful", reason, event)

    def _near(self, placed: Placed, event: Event) -> bool:
        return any(away_s(span, event) < 1 for span in placed.place.spans)

    def _untold(self, rule: EventRule) -> None:
        """Say which changes of the score no line tells of."""
        for event in self._events:
            told = event is None or any(m.signal == SIGNAL for m in event.evidence)
            if event is None or told or event.name != rule.name or not has_change(event):
                continue
            where = " ".join(filter(None, (clock(event.peak_s), event.game_clock and f"({event.game_clock})")))
            self._notes.append(
                f"{event.title} {event.score} at {where}: the score changed, but no line of the report tells of it"
            )

    def _event(self, placed: Placed, rule: EventRule | None, *, ruled_out: str = "", doubtful: str = "") -> Event:
        """The event that a line tells of, at a roar in its span if that says where, else anywhere in it."""
        line, place = placed.line, placed.place
        kind = line.kind
        assert kind is not None
        span = place.spans[0]
        peak_s = place.at_s if place.at_s is not None else span.middle_s
        roar = None if ruled_out or doubtful or rule is None else self._roar(span, rule)
        if roar is not None:
            span, peak_s = roar.span, roar.peak_s
        evidence = [self._claim(placed, span if roar is None else place.spans[0], peak_s), *([roar] if roar else [])]
        if ruled_out:
            evidence.append(Moment(kind.name, span, peak_s, "score", RULED_OUT, ruled_out))
        elif rule is not None:
            evidence += self._beside(rule, span, peak_s, sure_where=roar is not None or place.at_s is not None)
        sure = confidence(sum(m.weight for m in evidence))
        known = roar is not None or place.at_s is not None or not line.time
        return Event(
            name=kind.name,
            title=kind.title,
            span=span,
            peak_s=round(peak_s, 3),
            confidence=sure,
            evidence=tuple(sorted(evidence, key=lambda m: (-m.weight, m.signal, m.span))),
            priority=rule.priority if rule else 1,
            team=self._team(placed),
            player=line.player,
            game_clock=(self._clock.text_at(peak_s) if known else "") or (line.time.written if line.time else ""),
            score="" if line.score is None else f"{line.score[0]}–{line.score[1]}",
            why_not=ruled_out or doubtful or self._too_little(evidence, sure, rule),
        )

    def _too_little(self, evidence: Sequence[Moment], sure: float, rule: EventRule | None) -> str:
        if rule is None or sure >= rule.threshold:
            return ""
        against = min(evidence, key=lambda m: m.weight)
        return f"{against.because} (confidence {sure:.2f}, needed {rule.threshold:.2f})"

    def _roar(self, span: Span, rule: EventRule) -> Moment | None:
        """The one clear roar in a span, if roars tell of such events, and it is not that of a found one."""
        if rule.signals.crowd is None or rule.signals.crowd.weight < PLACES_WEIGHT:
            return None
        others = [e.peak_s for e in [*self._events, *self._new] if e and not e.why_not]
        heard = [m for m in self._pool if (m.event, m.signal) == (rule.name, "crowd") and span.holds(m.peak_s)]
        free = [m for m in heard if all(abs(m.peak_s - other_s) > 4.0 for other_s in others)]
        rated = sorted(((self._with_replay(m, rule), m) for m in free), key=lambda pair: (-pair[0], pair[1].peak_s))
        if not rated or (len(rated) > 1 and rated[0][0] - rated[1][0] < CLEAR_BY):
            return None
        return rated[0][1]

    def _with_replay(self, roar: Moment, rule: EventRule) -> float:
        replays = (m.weight for m in self._pool if (m.event, m.signal) == (rule.name, "replay") and m.span.holds(roar.peak_s))
        return roar.weight + max(replays, default=0.0)

    def _beside(self, rule: EventRule, span: Span, peak_s: float, *, sure_where: bool) -> Iterator[Moment]:
        """The other evidence at an instant: what supports it, if its place is sure, and what the graphic has against it."""
        mine = [m for m in self._pool if m.event == rule.name and m.signal != "crowd" and m.span.holds(peak_s)]
        for moment in nearest(mine, peak_s).values():
            against = moment.weight < 0 and moment.span.overlap_s(span) >= 0.9 * span.length_s
            if against or (moment.weight > 0 and moment.signal != "score" and sure_where):
                yield moment

    def _claim(self, placed: Placed, span: Span, peak_s: float) -> Moment:
        """The line as evidence."""
        line = placed.line
        name = line.kind.name if line.kind else ""
        return Moment(name, span, round(peak_s, 3), SIGNAL, WEIGHT, _because(line), self._team(placed))

    def _team(self, placed: Placed) -> str:
        """The name of a line's side; of an own goal none, because reports write either side for it."""
        if placed.line.kind and placed.line.kind.own_goal:
            return ""
        return self._sides.name(placed.side) or placed.line.team

    def _name_strangers(self) -> None:
        """Say which teams of the report are on neither side of the score graphic."""
        shown = " and ".join(filter(None, self._sides.teams))
        for name in dict.fromkeys(line.team for line in self._lines if line.team and not line.fault):
            if shown and not self._sides.of(name):
                self._notes.append(f"{name}: is not one of {shown} on the score graphic, as far as the report tells")

    def _compare_scores(self) -> None:
        """Say where a score at full time differs from the last one on the graphic."""
        readings = self._timeline.analysis.scoreboard.readings
        last = next((r for r in reversed(readings) if {"home", "away"} <= r.counters.keys()), None)
        for line in self._lines:
            if line.mark != "full_time" or line.score is None or last is None:
                continue
            shown = (last.counters["home"], last.counters["away"])
            told = (line.score[1], line.score[0]) if self._sides.swapped else line.score
            if shown != told:
                self._notes.append(
                    f"line {line.number}: the final score is {line.score[0]}–{line.score[1]} in the report, "
                    f"{shown[0]}–{shown[1]} on the graphic at {clock(last.time_s)}, when it was last read"
                )


def _because(line: ReportLine) -> str:
    return f"the match report says in line {line.number}: {line.text[:120]}"


def _same(one: ReportLine, other: ReportLine) -> bool:
    """Whether two lines say the same of the same time."""
    return (one.time, one.kind, one.player, one.team, one.score) == (
        other.time,
        other.kind,
        other.player,
        other.team,
        other.score,
    ) and (one.text.casefold() == other.text.casefold())


def _inside(time_s: float, span: Span) -> float:
    return time_s if span.holds(time_s) else span.middle_s


def _where(event: Event) -> str:
    """Where an added event is, in words."""
    if event.doubt is not None:
        where = f"somewhere between {clock(event.span.start_s)} and {clock(event.span.end_s)}"
        return f"{where}; trim it to have it in the reel" if event.doubt.length_s >= TOO_WIDE_S else where
    return f"at {clock(event.peak_s)}, where the crowd roared" if any(m.signal == "crowd" for m in event.evidence) else ""


def _in_order(events: Sequence[Event]) -> tuple[Event, ...]:
    return tuple(sorted(events, key=lambda e: (e.peak_s, e.span, e.name)))
