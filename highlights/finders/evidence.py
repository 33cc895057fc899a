"""Combining moments: which signals claim events, which only support them, and which moments count for an instant.

confidence = logistic(prior + sum of weights)
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from highlights.profile import EventRule
from highlights.records import Moment

PRIOR = -2.0  # log-odds of an event before any evidence
SIGNALS = ("score", "crowd", "replay", "whistle", "buzzer", "rally")  # from the broadcast itself; all others are models
SPREAD = "spread"  # the signal of a moment that nothing speaks for: it was chosen to spread them evenly
SUPPORTS = ("replay", "whistle", "buzzer")  # show that something happened, not what: they never claim an event themselves


def confidence(weight: float) -> float:
    """The confidence that a sum of weights gives, 0..1."""
    return round(1 / (1 + math.exp(-PRIOR - weight)), 3)


def log_odds(share: float) -> float:
    """The log-odds of a probability; finite even at 0 and 1."""
    share = min(max(share, 1e-6), 1 - 1e-6)
    return math.log(share / (1 - share))


def supports(rule: EventRule) -> tuple[str, ...]:
    """The signals that cannot claim an event alone; the crowd is one if even a full roar stays below the threshold."""
    crowd = rule.signals.crowd
    suffices = crowd is not None and confidence(crowd.weight) >= rule.threshold
    return SUPPORTS if suffices else (*SUPPORTS, "crowd")


def nearest(moments: Iterable[Moment], peak_s: float) -> dict[tuple[str, bool], Moment]:
    """Of each signal the moments nearest to an instant, one for and one against.

    So the next replay counts but not the one after it, and five whistles count no more than one.
    """
    counting: dict[tuple[str, bool], Moment] = {}
    for moment in sorted(moments, key=lambda m: abs(m.peak_s - peak_s)):
        counting.setdefault((moment.signal, moment.weight < 0), moment)
    return counting
