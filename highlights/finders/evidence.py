"""What moments say together: which signals claim, which only support, and what bears on an instant.

confidence = logistic(prior + sum of weights)
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from highlights.profile import EventRule
from highlights.records import Moment

PRIOR = -2.0  # log-odds of an event before anything speaks for it
SIGNALS = ("score", "crowd", "replay", "whistle", "buzzer")  # what the broadcast itself says; all others are models
SUPPORTS = ("replay", "whistle", "buzzer")  # say that something happened, not what: they never claim an event themselves


def confidence(weight: float) -> float:
    """The confidence that a sum of weights gives, 0..1."""
    return round(1 / (1 + math.exp(-PRIOR - weight)), 3)


def log_odds(share: float) -> float:
    """The log-odds of a probability; finite at 0 and 1 too."""
    share = min(max(share, 1e-6), 1 - 1e-6)
    return math.log(share / (1 - share))


def supports(rule: EventRule) -> tuple[str, ...]:
    """The signals that cannot claim an event alone; the crowd is one where even a full roar stays below the threshold."""
    crowd = rule.signals.crowd
    carries = crowd is not None and confidence(crowd.weight) >= rule.threshold
    return SUPPORTS if carries else (*SUPPORTS, "crowd")


def nearest(moments: Iterable[Moment], peak_s: float) -> dict[tuple[str, bool], Moment]:
    """Of each signal the moment nearest to an instant, for and against apart.

    So the next replay counts and not the one after it, and five whistles say no more than one.
    """
    bearing: dict[tuple[str, bool], Moment] = {}
    for moment in sorted(moments, key=lambda m: abs(m.peak_s - peak_s)):
        bearing.setdefault((moment.signal, moment.weight < 0), moment)
    return bearing
