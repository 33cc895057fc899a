"""Rejecting false claims: one match of the stand-in, judged three ways."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from benchmarks.stand_in.match import LOOK_ALIKES, MATCH_S, Match, draw
from benchmarks.stand_in.model import WRONG, Check, StandIn
from highlights.dialects.dialect import Dialect
from highlights.dialects.marlin import MARLIN
from highlights.evaluation.cases import case_of_timeline
from highlights.evaluation.instants import TOLERANCE_S, Measure
from highlights.evaluation.judged import judge_events
from highlights.finders import signals, vlm
from highlights.finders.looks import Looker
from highlights.media.footage.reader import Footage
from highlights.merge import merge
from highlights.profile import Profile, load
from highlights.records import Event, Moment, Scoreboard, Timeline, Window
from highlights.spans import Span
from highlights.windows import model_windows

PAIR_S = 1.0


@dataclass(frozen=True, slots=True)
class Settings:
    """Difficulty of a trial."""

    match_s: float = MATCH_S
    look_alikes: float = LOOK_ALIKES
    wrong: float = WRONG
    errors: Literal["each", "tied"] = "each"
    check: Check = "works"
    shift: float = 0.0
    checker: Check | None = None
    """How the check of a second model works, if there is one."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One match: F1 of all its events together, and its windows; `again` are further windows without and with signals."""

    face_value: float
    alone: float
    with_signals: float
    windows: int
    again: tuple[int, int]
    near_misses: tuple[int, int]
    measures: tuple[list[Measure], list[Measure]]


@dataclass(frozen=True, slots=True)
class Blank:
    """Reads footage without frames, because the stand-in uses only the window's span."""

    dialect: Dialect

    def read(self, windows: Iterable[Window]) -> Iterator[Footage]:
        for window in windows:
            yield blank(window, self.dialect)


def blank(window: Window, dialect: Dialect) -> Footage:
    """Footage of a window without frames."""
    return Footage(window, dialect.sampling, (), (), 0, 0)


def trial(seed: int, profile: Profile, dialect: Dialect, settings: Settings = Settings()) -> Trial:
    """The results of one seed."""
    match = draw(seed, profile, match_s=settings.match_s, look_alikes=settings.look_alikes)
    stand_in = StandIn(
        profile, dialect, match.true, match.alike, seed, settings.wrong, settings.errors, settings.check, settings.shift
    )
    windows = model_windows(match.analysis.scenes, profile.windows, match.recording, PAIR_S)
    proposals = signals.find(match.recording, profile, match.analysis)
    checker = None
    if settings.checker:
        other = StandIn(
            profile, dialect, match.true, match.alike, seed + 1000, settings.wrong, settings.errors, settings.checker
        )
        checker = Looker(profile.events, Blank(dialect), dialect, other)
    asked = match.recording, profile, windows, Blank(dialect), dialect, stand_in
    alone = vlm.find(*asked, checker=checker)
    together = vlm.find(*asked, proposals, checker=checker)
    merged_alone = merge(alone.moments, profile, match.recording, Scoreboard())
    merged = merge([*proposals, *together.moments], profile, match.recording, match.analysis.scoreboard)
    judged_alone, judged = judge(match, profile, merged_alone.events), judge(match, profile, merged.events)
    return Trial(
        f1(judge(match, profile, at_face_value(profile, dialect, stand_in, windows))),
        f1(judged_alone),
        f1(judged),
        len(windows),
        (alone.windows_again, together.windows_again),
        (len(merged_alone.near_misses), len(merged.near_misses)),
        (judged_alone, judged),
    )


def soccer_trial(seed: int) -> Trial:
    """The results of one soccer match of ninety minutes; a function that can be sent to another process."""
    return trial(seed, load("soccer"), MARLIN)


def at_face_value(profile: Profile, dialect: Dialect, stand_in: StandIn, windows: Sequence[Window]) -> list[Event]:
    """Every named span as an event; spans of one kind that overlap by half are joined."""
    looks = Looker(profile.events, Blank(dialect), dialect, stand_in).looks(windows)
    named = [(rule, n.span) for look in looks for rule in profile.events for n in look.replies[rule.name].named]
    kept: list[Event] = []
    for rule, span in sorted(named, key=lambda pair: pair[1]):
        if not any(e.name == rule.name and iou(e.span, span) >= 0.5 for e in kept[-20:]):
            kept.append(Event(rule.name, rule.title, span, span.middle_s, 1.0, ()))
    return kept


def iou(one: Span, other: Span) -> float:
    """Intersection over union of two spans, 0..1."""
    shared_s = one.overlap_s(other)
    return shared_s / (one.length_s + other.length_s - shared_s)


def judge(match: Match, profile: Profile, events: Sequence[Event]) -> list[Measure]:
    timeline = Timeline(match.recording, profile.sport, tuple(events))
    return list(judge_events(case_of_timeline("", timeline, match.truth), TOLERANCE_S))


def f1(measures: Sequence[Measure]) -> float:
    """F1 of the events of all kinds together."""
    total = sum(m.true + m.found for m in measures)
    return 2 * sum(m.matched for m in measures) / total if total else 1.0


def claimed(moments: Sequence[Moment], event: str, signal: str) -> list[Moment]:
    return [m for m in moments if (m.event, m.signal) == (event, signal)]
