"""The rules of a sport against misreadings: of everything that was read, keep the most plausible history.

The observed values of one counter are reduced to the chain of states with the most observations behind it, where growing by an
allowed step costs little, growing by more costs more, and shrinking costs most. So an `8` read once for a `0` is outvoted by
the zeros that follow it, and a goal taken back (VAR) is believed once it has been shown for long.

    observed    0 0 8 0 0 1 1 0 1 1 1
    believed    0 0   0 0 1 1   1 1 1
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

# What a change costs, in observations of full confidence.
ALLOWED, TWICE, JUMP = 0.5, 1.5, 3.0  # one step, two at once, more at once
RESET, TAKEN_BACK, START_AGAIN = 2.0, 6.0, 12.0  # to 0 where that is usual; a step down; any other fall (a new match)
FEWEST_READINGS, SHORTEST_S = 2, 0.3  # a state that was read less often or lasted less long is as likely a misreading


@dataclass(frozen=True, slots=True)
class Observation:
    """One counter in one reading of the graphic: `value` was read at `time_s` and did not change until `until_s`."""

    time_s: float
    until_s: float
    value: int
    confidence: float


@dataclass(frozen=True, slots=True)
class ScoreState:
    """A value believed to have been shown from `first_s` to `last_s`; `support` is the sum of its readings' confidences."""

    value: int
    first_s: float
    last_s: float
    support: float
    readings: int


@dataclass(frozen=True, slots=True)
class Rules:
    """How one counter may change: allowed steps up and down, and whether it restarts from 0 (points of a set or a game)."""

    steps: tuple[int, ...]
    resets: bool = False
    falls: tuple[int, ...] = ()
    largest: int = 999

    def cost(self, old: int, new: int) -> float:
        """The cost of believing that `old` became `new`, in observations."""
        grown = new - old
        if grown in self.steps or -grown in self.falls:
            return ALLOWED
        if self.resets and new == 0:
            return RESET
        if grown > 0:
            return TWICE if any(grown - step in self.steps for step in self.steps) else JUMP
        return TAKEN_BACK if -grown in self.steps else START_AGAIN


def believe(observations: Sequence[Observation], rules: Rules) -> list[ScoreState]:
    """The chain of states best supported by the observations, in order of time.

    Dynamic programming over (observation, value): enter a value only where it is observed, stay in it for free, collect the
    confidence of each observation that agrees. O(observations x distinct values).
    """
    valid = [o for o in observations if 0 <= o.value <= rules.largest]
    best: dict[int, float] = {}
    came_from: list[int | None] = []  # for each observation: the value before it if its own value was entered there
    for observation in valid:
        value = observation.value
        stay = best.get(value)
        source, enter = max(
            ((old, total - rules.cost(old, value)) for old, total in best.items() if old != value),
            key=lambda item: (item[1], -item[0]),
            default=(None, 0.0 if not best else float("-inf")),
        )
        if stay is None and enter < 0:
            source, enter = None, 0.0  # start here: everything before is taken for misreadings
        entered = stay is None or enter > stay
        came_from.append(source if entered else value)
        best[value] = (enter if stay is None or entered else stay) + observation.confidence
    return _well_supported(_traced(valid, came_from, best))


def explained(observations: Sequence[Observation], states: Sequence[ScoreState], rules: Rules) -> float:
    """Share of the observations that the believed states explain, minus the cost of their changes; 0..1."""
    total = sum(o.confidence for o in observations)
    cost = sum(rules.cost(old.value, new.value) for old, new in pairwise(states))
    return min(1.0, max(0.0, (sum(s.support for s in states) - cost) / total)) if total else 0.0


def _traced(observations: Sequence[Observation], came_from: Sequence[int | None], best: dict[int, float]) -> list[ScoreState]:
    """The best chain, traced back from its last value."""
    if not observations:
        return []
    value: int | None = max(best, key=lambda v: (best[v], -v))
    groups: list[list[Observation]] = [[]]
    for observation, before in zip(reversed(observations), reversed(came_from), strict=True):
        if observation.value != value:
            continue
        groups[-1].append(observation)
        if before != value:
            if before is None:
                break
            value = before
            groups.append([])
    return [_state(group) for group in reversed(groups) if group]


def _state(latest_first: Sequence[Observation]) -> ScoreState:
    return ScoreState(
        latest_first[0].value,
        latest_first[-1].time_s,
        max(o.until_s for o in latest_first),
        sum(o.confidence for o in latest_first),
        len(latest_first),
    )


def _well_supported(states: Sequence[ScoreState]) -> list[ScoreState]:
    """The states that rest on enough readings; equal neighbours of a dropped one are joined."""
    supported: list[ScoreState] = []
    for state in states:
        if state.readings < FEWEST_READINGS or state.last_s - state.first_s < SHORTEST_S:
            continue
        if supported and supported[-1].value == state.value:
            old = supported.pop()
            support, readings = old.support + state.support, old.readings + state.readings
            state = ScoreState(state.value, old.first_s, state.last_s, support, readings)
        supported.append(state)
    return supported
