"""Weights and a threshold for one kind of event by logistic regression, and how well they do on other matches.

    confidence = logistic(-2 + sum of weight x strength)            as the merger computes it
    learned    = logistic(intercept + sum of weight x strength)     so the threshold is where the learned one is a half

Every value reported is cross-validated by match: the events of one match are alike, so none of them teaches about another.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from highlights.calibrate.again import SearchAgain
from highlights.calibrate.examples import WEIGHED, Example, weight
from highlights.errors import HighlightsError
from highlights.evaluation.instants import Measure, together
from highlights.finders.evidence import PRIOR, supports
from highlights.profile import EventRule

LEAST_MATCHES, LEAST_OF_EACH = 3, 10
"""Fewer matches, or fewer events that happened or did not, teach nothing that holds for the next match."""
FOLDS = 5
STRENGTHS = (0.1, 1.0, 10.0)
"""Values of C, the inverse of the regularisation, of which the best in cross-validation is used."""
LIMIT, MOST_THRESHOLD = 10.0, 0.9
"""Of a weight in a profile, in log-odds, and of a threshold: above it, all events would be shown as certain."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Quality:
    """How well a kind is told from what is not it: F1 at the threshold, and the mean log loss in nats."""

    f1: float
    log_loss: float


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned for a kind: `weights` by signal in log-odds, `threshold` as confidence.

    `before` is the quality of the old values, `after` that of new ones on matches they were not learned from. `silenced` are
    signals that claim such an event by themselves, and would not with these values: without a claim nothing can be found.
    `again`: what is found in `searched` matches when they are searched again, with the old values and with new ones that were
    not learned from them; None if none of them can be.
    """

    weights: Mapping[str, float]
    threshold: float
    before: Quality
    after: Quality
    silenced: tuple[str, ...] = ()
    again: tuple[Measure, Measure] | None = None
    searched: int = 0

    @property
    def better(self) -> bool:
        """Whether it is worth using."""
        told_better = self.after.log_loss < self.before.log_loss and self.after.f1 >= self.before.f1
        found_as_well = self.again is None or self.again[1].f1 >= self.again[0].f1
        return not self.silenced and told_better and found_as_well

    @property
    def quality(self) -> str:
        """What was measured, before and after, in one line."""
        told = (
            f"F1 {self.before.f1:.2f} -> {self.after.f1:.2f}, log loss {self.before.log_loss:.2f} -> {self.after.log_loss:.2f}"
        )
        if self.again is None:
            return told
        before, after = self.again
        return f"{told}; searched again in {self.searched} matches: F1 {before.f1:.2f} -> {after.f1:.2f}"


def missing(examples: Sequence[Example]) -> str:
    """What is missing to learn from these, in words; empty if there is enough."""
    yes = sum(example.happened for example in examples)
    lacking = [
        (LEAST_OF_EACH - yes, "accepted or added"),
        (LEAST_OF_EACH - (len(examples) - yes), "rejected"),
        (LEAST_MATCHES - len({example.match for example in examples}), "reviewed matches"),
    ]
    return ", ".join(f"{count} more {what}" for count, what in lacking if count > 0)


def fit(rule: EventRule, examples: Sequence[Example], search: SearchAgain) -> Learned:
    """Learn from examples of which there are enough, and `search` their matches again with what was learned from others.

    Raises:
        HighlightsError: scikit-learn is not installed.
    """
    signals = [signal for signal in WEIGHED if getattr(rule.signals, signal) is not None]
    strengths = np.array([[example.strengths.get(signal, 0.0) for signal in signals] for example in examples])
    happened = np.array([example.happened for example in examples])
    matches = np.array([example.match for example in examples])
    old = np.array([weight(rule, signal) for signal in signals])
    before = _quality(happened, PRIOR + strengths @ old, _log_odds(rule.threshold))
    held_out = np.empty(len(examples))
    found, found_before = list[Measure](), list[Measure]()
    for teaching, asked in _folds(matches):
        weights, intercept = _fitted(strengths[teaching], happened[teaching], matches[teaching])
        held_out[asked] = intercept + strengths[asked] @ weights
        numbers = sorted(set(matches[asked].tolist()))
        found += search.found(numbers, _with(rule, *_values(signals, weights, intercept)))
        found_before += search.found(numbers, rule)
    learned, threshold = _values(signals, *_fitted(strengths, happened, matches))
    claimed, claiming = _claiming(rule), _claiming(_with(rule, learned, threshold))
    silenced = tuple(signal for signal in signals if signal in claimed - claiming)
    again = (together(found_before, rule.name), together(found, rule.name)) if found else None
    return Learned(learned, threshold, before, _quality(happened, held_out, 0.0), silenced, again, len(found))


def _values(signals: Sequence[str], weights: Floats, intercept: float) -> tuple[dict[str, float], float]:
    """The weights and the threshold as a profile holds them."""
    # a common factor leaves what is above the threshold as it is
    factor = min(1.0, (_log_odds(MOST_THRESHOLD) - PRIOR) / max(1e-9, -intercept), LIMIT / max(1e-9, float(weights.max())))
    learned = {signal: round(float(factor * value), 2) for signal, value in zip(signals, weights, strict=True)}
    return learned, round(max(0.01, 1 / (1 + math.exp(factor * intercept - PRIOR))), 2)


def _claiming(rule: EventRule) -> set[str]:
    """The signals that claim an event of this kind by themselves."""
    return {signal for signal in WEIGHED if weight(rule, signal) > 0} - {*supports(rule)}


def _with(rule: EventRule, weights: Mapping[str, float], threshold: float) -> EventRule:
    told = {signal: replace(getattr(rule.signals, signal), weight=value) for signal, value in weights.items()}
    return replace(rule, signals=replace(rule.signals, **told), threshold=threshold)


def _folds(matches: NDArray[np.int_]) -> list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """For each of up to five groups of whole matches: the examples that teach, and those that are asked."""
    numbers = list(dict.fromkeys(matches.tolist()))
    groups = [numbers[first::FOLDS] for first in range(min(FOLDS, len(numbers)))]
    return [(~np.isin(matches, group), np.isin(matches, group)) for group in groups]


def _fitted(strengths: Floats, happened: NDArray[np.bool_], matches: NDArray[np.int_]) -> tuple[Floats, float]:
    """Weights of at least 0 and the intercept, with the regularisation that does best on left-out matches."""
    losses = []
    for strength in STRENGTHS:
        loss = 0.0
        for teaching, asked in _folds(matches):
            weights, intercept = _regression(strengths[teaching], happened[teaching], strength)
            loss += _log_loss(happened[asked], intercept + strengths[asked] @ weights) * asked.sum()
        losses.append(loss)
    return _regression(strengths, happened, STRENGTHS[int(np.argmin(losses))])


def _regression(strengths: Floats, happened: NDArray[np.bool_], strength: float) -> tuple[Floats, float]:
    """Weights and intercept. A signal that speaks against the event here is left out: it is no evidence in either direction."""
    try:
        from sklearn.linear_model import LogisticRegression
    except ImportError as error:
        raise HighlightsError("learning needs scikit-learn: pip install 'highlights[calibrate]'") from error
    weights = np.zeros(strengths.shape[1])
    share = (happened.sum() + 0.5) / (len(happened) + 1)
    used = [number for number in range(strengths.shape[1]) if np.ptp(strengths[:, number]) > 0]
    while used and 0 < happened.sum() < len(happened):
        model = LogisticRegression(C=strength, solver="newton-cholesky").fit(strengths[:, used], happened)
        found = model.coef_[0]
        if found.min() >= 0:
            weights[used] = found
            return weights, float(model.intercept_[0])
        used = [number for number, value in zip(used, found, strict=True) if value > 0]
    return weights, math.log(share / (1 - share))


def _quality(happened: NDArray[np.bool_], log_odds: Floats, threshold: float) -> Quality:
    told = log_odds >= threshold
    right = int((told & happened).sum())
    f1 = 2 * right / max(1, int(told.sum() + happened.sum()))
    return Quality(round(f1, 4), round(_log_loss(happened, log_odds), 4))


def _log_loss(happened: NDArray[np.bool_], log_odds: Floats) -> float:
    return float(np.mean(np.logaddexp(0.0, np.where(happened, -log_odds, log_odds))))


def _log_odds(share: float) -> float:
    share = min(1 - 1e-9, max(1e-9, share))
    return math.log(share / (1 - share))
