"""Truth: what a person marked in a recording. Data only; `truth_file` reads it.

A list that is None was not marked, so nothing is judged by it; an empty one says that there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from highlights.records import Counter
from highlights.spans import Span

GradualKind = Literal["dissolve", "wipe"]
Way = Literal["up", "down", "stopped"]

Score = Mapping[Counter, int]


@dataclass(frozen=True, slots=True)
class TrueEvent:
    """An event that happened at `time_s`; `span` where start and end were marked, not `shown` if it is off screen."""

    time_s: float
    span: Span | None = None
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Gradual:
    """A dissolve or wipe, from the first frame that is not only the old scene to the first that is only the new one."""

    span: Span
    kind: GradualKind


@dataclass(frozen=True, slots=True)
class ClockPiece:
    """From `time_s` on, the game clock is `clock_s` and goes this way; until the next piece."""

    time_s: float
    clock_s: float
    way: Way = "up"

    def at(self, time_s: float) -> float:
        """The clock at a time in the piece."""
        gone_s = time_s - self.time_s
        return max(0.0, self.clock_s + {"up": gone_s, "down": -gone_s, "stopped": 0.0}[self.way])


@dataclass(frozen=True, slots=True)
class Look:
    """The score graphic at one time, as a person reads it; an empty score or no clock: not read."""

    time_s: float
    score: Score = field(default_factory=dict)
    clock_s: float | None = None


@dataclass(frozen=True, slots=True)
class Truth:
    """Everything marked in one match, in seconds on the match clock.

    `events` are by kind; a kind without events was looked for but did not happen. Found events of a kind in `same_as` count as
    the kind that it names. `graphic` is when the score graphic is on screen, `summary` what a person chose for a reel.
    """

    events: Mapping[str, tuple[TrueEvent, ...]]
    score_changes: tuple[tuple[float, Score], ...] | None = None
    cuts_s: tuple[float, ...] | None = None
    graduals: tuple[Gradual, ...] | None = None
    score_at_start: Score | None = None
    clock: tuple[ClockPiece, ...] | None = None
    looks: tuple[Look, ...] | None = None
    graphic: tuple[Span, ...] | None = None
    summary: tuple[Span, ...] | None = None
    same_as: Mapping[str, str] = field(default_factory=dict)

    def kind_of(self, name: str) -> str:
        """The kind that a found event of this name counts as."""
        return self.same_as.get(name, name)

    def times_s(self, kind: str) -> tuple[float, ...]:
        """When the events of a kind happened."""
        return tuple(event.time_s for event in self.events.get(kind, ()))


def truth_of_times(times_s: Mapping[str, Sequence[float]]) -> Truth:
    """The truth in which the events of each kind happened at these times."""
    return Truth({kind: tuple(map(TrueEvent, times)) for kind, times in times_s.items()})


def joined(truths: Sequence[Truth]) -> Truth:
    """One truth of several files about the same match; of what two of them have, that of the first is used."""
    whole = truths[0]
    for other in truths[1:]:
        lists = {
            name: getattr(other, name)
            for name in (
                *("score_changes", "cuts_s", "graduals", "score_at_start"),
                *("clock", "looks", "graphic", "summary"),
            )
            if getattr(whole, name) is None
        }
        whole = replace(whole, events={**other.events, **whole.events}, same_as={**other.same_as, **whole.same_as}, **lists)
    return whole
