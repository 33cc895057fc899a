"""Whether a confidence means what it says: of the claims that are 80 % sure, 80 % should be true.

Conventions: all claims of the judged kinds count, near misses too. A claim is true if it is paired with a true instant within
the tolerance; events take theirs first, so a second claim of the same instant is not true. Ten bins of equal width; a
confidence of exactly 0.1 is in the second, 1 in the last. ECE is the mean distance of a bin's confidence from its share of
true claims, weighted by its number of claims; Brier is the mean squared distance of a confidence from what is true, 0 or 1.

Source: Naeini et al., "Obtaining Well Calibrated Probabilities Using Bayesian Binning", 2015; Brier, 1950.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from highlights.evaluation.cases import Case
from highlights.evaluation.pairing import paired

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """The claims whose confidence is in `[low, high)`: how many, their mean confidence, and the share of them that is true."""

    low: float
    high: float
    claims: int
    confidence: float
    true: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """The reliability curve over bins that hold a claim, and its sums; all 0..1."""

    bins: tuple[Bin, ...]
    claims: int
    ece: float
    brier: float


def judged_claims(case: Case, tolerance_s: float) -> tuple[tuple[float, bool], ...]:
    """Confidence of every claim of a judged kind, and whether it is true."""
    told: list[tuple[float, bool]] = []
    for kind in case.truth.events:
        left = list(case.truth.times_s(kind))
        for events in (True, False):
            claims = case.said(kind, events=events)
            pairs = paired(left, [claim.time_s for claim in claims], tolerance_s)
            true, taken = {b for _, b in pairs}, {a for a, _ in pairs}
            told += [(claim.confidence, number in true) for number, claim in enumerate(claims)]
            left = [time_s for number, time_s in enumerate(left) if number not in taken]
    return tuple(told)


def calibration(told: Sequence[tuple[float, bool]]) -> Calibration | None:
    """The calibration of claims with their confidence; None without any, or if one is no probability."""
    if not told or not all(0 <= confidence <= 1 for confidence, _ in told):
        return None
    groups: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for confidence, true in told:
        groups[min(BINS - 1, int(confidence * BINS + 1e-9))].append((confidence, true))
    bins = tuple(_bin(number, group) for number, group in enumerate(groups) if group)
    ece = sum(one.claims * abs(one.confidence - one.true) for one in bins) / len(told)
    return Calibration(bins, len(told), ece, sum((confidence - true) ** 2 for confidence, true in told) / len(told))


def _bin(number: int, group: Sequence[tuple[float, bool]]) -> Bin:
    sure, true = sum(confidence for confidence, _ in group), sum(true for _, true in group)
    return Bin(number / BINS, (number + 1) / BINS, len(group), sure / len(group), true / len(group))
