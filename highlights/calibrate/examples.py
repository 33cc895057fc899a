"""What a person decided about the events of a kind, and what the signals told there.

    accepted, added      it happened
    rejected             it did not
    undecided            teaches nothing, except a near miss of a kind of which the person left no event undecided

Events that a model or a match report claims are left out: weights in a profile are those of signals. So are events of which no
signal tells, such as most added ones: the question is what a claim is worth, and without one there is nothing to weigh. What
the score graphic tells is left out of the strengths: the weights are for where it tells nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from highlights.batch.folders import RESULT
from highlights.errors import TimelineError
from highlights.export import timeline_json
from highlights.finders.evidence import SIGNALS
from highlights.profile import EventRule
from highlights.records import Event, Moment, Timeline

WEIGHED = ("crowd", "replay", "whistle", "buzzer", "rally")
"""The signals with a weight in profiles."""
_ROUNDING = 0.002


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A reviewed timeline and the file that it is from."""

    path: Path
    timeline: Timeline


@dataclass(frozen=True, slots=True)
class Example:
    """One decided event: the number of its match, whether it happened, and each signal's strength, 1 at its full weight."""

    match: int
    happened: bool
    strengths: Mapping[str, float]


def read(folder: Path, sport: str) -> list[Reviewed]:
    """The reviewed timelines of a sport in a folder and those below it, in order of their paths.

    Raises:
        TimelineError: there is none, or one cannot be read.
    """
    files = sorted(folder.rglob(RESULT)) if folder.is_dir() else [folder]
    found = [Reviewed(file, timeline_json.read(file)) for file in files]
    reviewed = [one for one in found if one.timeline.sport == sport and any(map(_decided, _all(one.timeline)))]
    if not reviewed:
        others = f"{len(found)} timelines" if found else f"no {RESULT}"
        advice = "review matches first, as with `highlights review`"
        raise TimelineError(folder, f"holds {others}, but no reviewed one of {sport}; {advice}")
    return reviewed


def examples(reviewed: Sequence[Reviewed], rule: EventRule) -> list[Example]:
    """The decided events of one kind.

    Raises:
        TimelineError: a signal is stronger than the profile allows, so another profile made the timeline.
    """
    return [example for number, one in enumerate(reviewed) for example in _of_match(one, number, rule)]


def trims(reviewed: Sequence[Reviewed], name: str) -> list[tuple[float, float]]:
    """Pre-roll and post-roll in seconds of the events of one kind whose clips were set by hand, except added ones."""
    events = [event for one in reviewed for event in one.timeline.events if event.name == name and event.status != "added"]
    return [
        (max(0.0, event.span.start_s - event.shown.start_s), max(0.0, event.shown.end_s - event.span.end_s))
        for event in events
        if event.shown is not None
    ]


def _all(timeline: Timeline) -> Iterator[Event]:
    yield from timeline.events
    yield from timeline.near_misses


def _decided(event: Event) -> bool:
    return event.status != "found"


def all_decided(timeline: Timeline, name: str) -> bool:
    """Whether a person left no event of a kind undecided: then the near misses of that kind were no events either."""
    mine = [event for event in _all(timeline) if event.name == name]
    return any(map(_decided, mine)) and all(_decided(event) for event in timeline.events if event.name == name)


def happened(event: Event) -> bool:
    """Whether an event happened, as far as a person decided about it."""
    return event.status in ("accepted", "added")


def _of_match(one: Reviewed, number: int, rule: EventRule) -> Iterator[Example]:
    mine = [event for event in _all(one.timeline) if event.name == rule.name]
    complete = all_decided(one.timeline, rule.name)
    for event in mine:
        told = [moment for moment in event.evidence if moment.signal in WEIGHED]
        if any(moment.signal not in SIGNALS for moment in event.evidence) or not (told and (_decided(event) or complete)):
            continue
        strengths = {moment.signal: _strength(one.path, moment, rule) for moment in told}
        yield Example(number, happened(event), MappingProxyType(strengths))


def _strength(path: Path, moment: Moment, rule: EventRule) -> float:
    full = weight(rule, moment.signal)
    if abs(moment.weight) > abs(full) + _ROUNDING:
        problem = f"{moment.signal} weighs {moment.weight:g} for {rule.name}, more than the profile's {full:g}"
        raise TimelineError(path, f"was made with another profile: {problem}; give that one with --profile, or run it again")
    return moment.weight / full if full else 0.0


def weight(rule: EventRule, signal: str) -> float:
    """The weight of a signal in a profile, in log-odds; 0 without one."""
    told = getattr(rule.signals, signal)
    return float(told.weight) if told else 0.0
