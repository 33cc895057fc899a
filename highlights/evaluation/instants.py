"""Found instants against true ones: precision, recall, F1, and how far off they are.

Conventions: an event counts as found if its instant (`peak_s`) is within a tolerance of the true instant, each used once; of
the largest possible pairings, the one with the least error is used. Precision is 1 if nothing was found, recall 1 if there was
nothing to find. Errors are found minus true, so one above 0 is late.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median

from highlights.evaluation.pairing import match

TOLERANCE_S = 5.0
TOLERANCES_S = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Those of the table that every tolerance is shown in."""


@dataclass(frozen=True, slots=True)
class Measure:
    """The result for one kind, in one match or many: counts, errors, and how many true instants are in a span."""

    kind: str
    true: int
    found: int
    matched: int
    tolerance_s: float
    errors_s: tuple[float, ...] = ()
    held: int | None = None

    @property
    def precision(self) -> float:
        """Share of the found that match; 1 if nothing was found."""
        return self.matched / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of the true that match; 1 if there was nothing to find."""
        return self.matched / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 1 if there was nothing to find and nothing was."""
        total = self.true + self.found
        return 2 * self.matched / total if total else 1.0

    @property
    def error_s(self) -> float | None:
        """The median distance of a matched instant from the true one; None if none matches."""
        return round(median(map(abs, self.errors_s)), 3) if self.errors_s else None

    @property
    def late_s(self) -> float | None:
        """By how much matched instants are late in the mean; below 0 if early."""
        return round(mean(self.errors_s), 3) if self.errors_s else None

    def error_at_s(self, share: float) -> float | None:
        """The distance that this share of the matched instants does not exceed."""
        found = sorted(map(abs, self.errors_s))
        return round(found[max(0, -int(-share * len(found) // 1) - 1)], 3) if found else None


def measured(kind: str, true: Sequence[float], found: Sequence[float], tolerance_s: float, held: int | None = None) -> Measure:
    """The measure of some found instants."""
    pairs = match(true, found, tolerance_s)
    errors = tuple(round(b - a, 3) for a, b in pairs)
    return Measure(kind, len(true), len(found), len(pairs), tolerance_s, errors, held)


def together(measures: Sequence[Measure], kind: str) -> Measure:
    """Several measures as one, as if all were of one long match."""
    held = [measure.held for measure in measures if measure.held is not None]
    return Measure(
        kind,
        sum(measure.true for measure in measures),
        sum(measure.found for measure in measures),
        sum(measure.matched for measure in measures),
        measures[0].tolerance_s,
        tuple(error for measure in measures for error in measure.errors_s),
        sum(held) if len(held) == len(measures) else None,
    )


def by_kind(measures: Sequence[Measure]) -> list[Measure]:
    """The measures of many matches, those of each kind as one, in order of first appearance."""
    kinds = dict.fromkeys(measure.kind for measure in measures)
    return [together([m for m in measures if m.kind == kind], kind) for kind in kinds]
