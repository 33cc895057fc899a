"""The rules of a sport against misreadings: of all that was read, keep the story that could have been.

Observed values of one counter over time are thinned to the chain of states with the most readings behind it, where growing
by an allowed step costs little, by more costs more, and shrinking costs most. So a `8` read once for a `0` is outvoted by the
zeros that follow it, and a goal taken back (VAR) is believed once it has been shown for long.

    read    0 0 8 0 0 1 1 0 1 1 1
    kept    0 0   0 0 1 1   1 1 1
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

ALLOWED, TWICE, JUMP = 0.5, 1.5, 3.0  # costs in readings: one step, two at once, more at once
RESET, TAKEN_BACK, START_AGAIN = 2.0, 6.0, 12.0  # back to 0 where that is usual; a step down; any other fall (a new match)
FEWEST_READINGS, SHORTEST_S = 2, 0.3  # a state that was read less often or stood less long is as likely a slip


@dataclass(frozen=True, slots=True)
class Observation:
    """One counter at one look: `value` was read at `time_s` and stood unchanged until `until_s`."""

    time_s: float
    until_s: float
    value: int
    confidence: float


@dataclass(frozen=True, slots=True)
class State:
    """A value believed to have been shown from `first_s` to `last_s`, with the sum of its readings' confidences."""

    value: int
    first_s: float
    last_s: float
    support: float
    readings: int


@dataclass(frozen=True, slots=True)
class Rules:
    """How one counter may move: allowed steps up and down, and whether it starts again from 0 (points of a set or a game)."""

    steps: tuple[int, ...]
    resets: bool = False
    falls: tuple[int, ...] = ()
    largest: int = 999

    def cost(self, old: int, new: int) -> float:
        """What it costs, in readings, to believe that `old` became `new`."""
        grown = new - old
        if grown in self.steps or -grown in self.falls:
            return ALLOWED
        if self.resets and new == 0:
            return RESET
        if grown > 0:
            return TWICE if any(grown - step in self.steps for step in self.steps) else JUMP
        return TAKEN_BACK if -grown in self.steps else START_AGAIN


def believe(observations: Sequence[Observation], rules: Rules) -> list[State]:
    """The chain of states best supported by the observations, in order of time.

    Dynamic programming over (observation, value): enter a value only where it is read, stay in it for free, collect the
    confidence of each reading that agrees. O(readings x distinct values).
    """
    readings = [o for o in observations if 0 <= o.value <= rules.largest]
    best: dict[int, float] = {}
    came: list[int | None] = []  # for each reading: the value before it if its own value was entered there
    for reading in readings:
        stay = best.get(reading.value)
        source, enter = max(
            ((old, total - rules.cost(old, reading.value)) for old, total in best.items() if old != reading.value),
            key=lambda item: (item[1], -item[0]),
            default=(None, 0.0 if not best else float("-inf")),
        )
        if stay is None and enter < 0:
            source, enter = None, 0.0  # what was read before is believed to be slips
        entered = stay is None or enter > stay
        came.append(source if entered else reading.value)
        best[reading.value] = (enter if stay is None or entered else stay) + reading.confidence
    return _well_read(_states(readings, came, best))


def explained(observations: Sequence[Observation], states: Sequence[State], rules: Rules) -> float:
    """Share of the readings that the believed states explain, less what their changes cost; 0..1."""
    total = sum(o.confidence for o in observations)
    cost = sum(rules.cost(old.value, new.value) for old, new in pairwise(states))
    return min(1.0, max(0.0, (sum(s.support for s in states) - cost) / total)) if total else 0.0


def _states(readings: Sequence[Observation], came: Sequence[int | None], best: dict[int, float]) -> list[State]:
    if not readings:
        return []
    value: int | None = max(best, key=lambda v: (best[v], -v))
    kept: list[list[Observation]] = [[]]
    for reading, before in zip(reversed(readings), reversed(came), strict=True):
        if reading.value != value:
            continue
        kept[-1].append(reading)
        if before != value:
            if before is None:
                break
            value = before
            kept.append([])
    return [_state(group) for group in reversed(kept) if group]


def _state(latest_first: Sequence[Observation]) -> State:
    return State(
        latest_first[0].value,
        latest_first[-1].time_s,
        max(o.until_s for o in latest_first),
        sum(o.confidence for o in latest_first),
        len(latest_first),
    )


def _well_read(states: Sequence[State]) -> list[State]:
    """Without states that rest on too few readings; what is the same on both sides of one is joined."""
    kept: list[State] = []
    for state in states:
        if state.readings < FEWEST_READINGS or state.last_s - state.first_s < SHORTEST_S:
            continue
        if kept and kept[-1].value == state.value:
            old = kept.pop()
            state = State(state.value, old.first_s, state.last_s, old.support + state.support, old.readings + state.readings)
        kept.append(state)
    return kept
