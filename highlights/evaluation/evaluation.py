"""All matches together: every measure that their truths allow, and the same as data for JSON.

Counts, seconds, claims and cuts are added over the matches before shares are taken, as if all were one long match; average-mAP
goes over all halves, as SoccerNet's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from highlights.evaluation import calibration, cuts, readings, review_time, selection
from highlights.evaluation.calibration import Calibration
from highlights.evaluation.cuts import Cuts
from highlights.evaluation.grounding import Grounding, grounding
from highlights.evaluation.inputs import Inputs
from highlights.evaluation.instants import TOLERANCE_S, TOLERANCES_S, Measure, by_kind, together
from highlights.evaluation.judged import Judged, Mistake, judge
from highlights.evaluation.readings import Readings
from highlights.evaluation.review_time import ReviewTime
from highlights.evaluation.selection import Selection
from highlights.evaluation.spotting import LOOSE_S, TIGHT_S, Spotting, spotting

ALL = "all"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The measures over all matches; None where no truth has anything to judge by.

    `measures` are by kind, then all kinds together if there are several; `at` the same at other tolerances. `classes` are those
    of `tight` and `loose`, in order.
    """

    tolerance_s: float
    matches: tuple[Judged, ...]
    measures: tuple[Measure, ...] = ()
    at: dict[float, tuple[Measure, ...]] | None = None
    score: Measure | None = None
    classes: tuple[str, ...] = ()
    tight: Spotting | None = None
    loose: Spotting | None = None
    grounding: Grounding | None = None
    cuts: Cuts | None = None
    readings: Readings | None = None
    calibration: Calibration | None = None
    selection: Selection | None = None
    review: ReviewTime | None = None
    notes: tuple[str, ...] = ()

    @property
    def mistakes(self) -> tuple[Mistake, ...]:
        """What was missed and what was false, match by match."""
        return tuple(mistake for match in self.matches for mistake in match.mistakes)

    @property
    def cut_mistakes(self) -> tuple[Mistake, ...]:
        """The cuts that were missed, and those that are none, match by match."""
        return tuple(mistake for match in self.matches for mistake in match.cut_mistakes)

    @property
    def unshown(self) -> bool:
        """Whether a true event is marked as not shown, so that shown and unshown differ."""
        return any(not shown for match in self.matches for half in match.halves for shown in half.labels.values())


def evaluate(inputs: Inputs, tolerance_s: float = TOLERANCE_S) -> Evaluation:
    """The evaluation of some results."""
    if inputs.answers is not None:
        return Evaluation(tolerance_s, (), grounding=inputs.answers.grounding, notes=inputs.notes)
    matches = tuple(judge(case, tolerance_s) for case in inputs.cases)
    classes = inputs.classes or tuple(dict.fromkeys(kind for match in matches for kind in sorted(match.case.truth.events)))
    halves = [half for match in matches for half in match.halves]
    marked = any(match.case.truth.events for match in matches)
    scores = [match.score for match in matches if match.score]
    return Evaluation(
        tolerance_s,
        matches,
        _kinds([match.measures for match in matches]),
        {other: _kinds([match.at[other] for match in matches]) for other in TOLERANCES_S} if marked else None,
        together(scores, readings.SCORE_CHANGES) if scores else None,
        classes if marked else (),
        spotting(halves, classes, TIGHT_S) if marked else None,
        spotting(halves, classes, LOOSE_S) if marked else None,
        grounding([overlap for match in matches for overlap in match.overlaps]),
        cuts.pooled([match.cuts for match in matches if match.cuts]),
        readings.pooled([match.readings for match in matches if match.readings]),
        calibration.calibration([told for match in matches for told in match.told]),
        selection.pooled([match.selection for match in matches if match.selection]),
        review_time.pooled([match.review for match in matches if match.review]),
        inputs.notes,
    )


def _kinds(measures: Sequence[Sequence[Measure]]) -> tuple[Measure, ...]:
    """Those of each kind as one, and of all kinds."""
    kinds = by_kind([measure for one in measures for measure in one])
    return (*kinds, together(kinds, ALL)) if len(kinds) > 1 else tuple(kinds)
