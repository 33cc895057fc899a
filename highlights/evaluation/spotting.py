"""SoccerNet's average-mAP of action spotting: how well instants are ranked by confidence, over many tolerances.

The same numbers as SoccerNet's own evaluator, its peculiarities included:

- time is in half-second bins, at most two hours a half; in a bin, the last prediction and the last label of a class count;
- a prediction is right if it is at most δ/2 from a label. Labels are taken in order of time; each takes the most confident
  prediction left within reach, which need not be the nearest;
- precision and recall are taken at 200 thresholds of confidence, the average precision (AP) is the mean of the best
  precision at recalls of 0, 0.1, ... 1, and the mAP is the mean over all classes: one without labels counts 0;
- *tight* is the mean over δ = 1, 2, ... 5 s, *loose* over δ = 5, 10, ... 60 s, by trapezoids: the outer two count half;
- *shown* and *unshown* judge only the predictions whose nearest label of the class is on screen, or is not; where a half has no
  label of the class, they count as unshown. The mean of unshown is scaled by 17/13, as 13 of the 17 classes have such labels;
  its values by class are not.

Source: `SoccerNet.Evaluation.ActionSpotting` 0.2.0 (MIT). Ours searches sorted arrays instead of comparing all with all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

BINS_HZ = 2
MOST_BINS = 120 * 60 * BINS_HZ
TIGHT_S = (1, 2, 3, 4, 5)
LOOSE_S = (5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60)
UNSHOWN_SCALE = 17 / 13

_THRESHOLDS = np.linspace(0, 1, 200)
_RECALLS = np.arange(11) / 10
_NONE = -1.0  # the confidence of a prediction that is taken

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Key = tuple[str, int]
"""A class and a bin."""


@dataclass(frozen=True, slots=True)
class Half:
    """Labels (whether shown) and predictions (their confidence) of one file of a match, by class and bin."""

    labels: Mapping[Key, bool] = field(default_factory=dict)
    predictions: Mapping[Key, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AverageMap:
    """The mean over tolerances, 0..1: over all classes, and of each class in order."""

    mean: float
    by_class: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Spotting:
    """Average-mAPs over one set of tolerances; `at` is the mAP at each δ in seconds."""

    all: AverageMap
    shown: AverageMap
    unshown: AverageMap
    at: Mapping[int, float]


def bin_of(position_ms: int) -> int:
    """The bin of a time in a half.

    >>> bin_of(0), bin_of(1499), bin_of(1500), bin_of(99_999_999)
    (0, 2, 3, 14399)
    """
    return min(int(BINS_HZ * (position_ms / 1000)), MOST_BINS - 1)


def spotting(halves: Sequence[Half], classes: Sequence[str], tolerances_s: Sequence[int]) -> Spotting:
    """The average-mAP over all halves of all matches."""
    found = _by_class(halves, classes)
    rows = [[_precisions(one, delta_s) for one in found] for delta_s in tolerances_s]
    table = np.array(rows, dtype=float).reshape(len(tolerances_s), len(classes), 3)
    scale = UNSHOWN_SCALE if len(tolerances_s) > 1 else 1.0
    means = table.mean(axis=1) if classes else np.zeros((len(tolerances_s), 3))
    every, shown, unshown = (
        AverageMap(_trapezoid(means[:, view]) * factor, tuple(_trapezoid(column) for column in table[:, :, view].T))
        for view, factor in enumerate((1.0, 1.0, scale))
    )
    at = {delta_s: float(mean) for delta_s, mean in zip(tolerances_s, means[:, 0], strict=True)}
    return Spotting(every, shown, unshown, at)


def _trapezoid(values: Floats) -> float:
    return float(values[0]) if len(values) == 1 else float(((values[:-1] + values[1:]) / 2).mean())


def _by_class(halves: Sequence[Half], classes: Sequence[str]) -> list[_Class]:
    """The halves by class, in one pass over each."""
    groups: dict[str, list[_HalfOfClass]] = {name: [] for name in classes}
    for half in halves:
        labels: dict[str, list[tuple[int, bool]]] = defaultdict(list)
        found: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for (name, at), shown in half.labels.items():
            labels[name].append((at, shown))
        for (name, at), sure in half.predictions.items():
            if sure >= 0:
                found[name].append((at, sure))
        for name, group in groups.items():
            group.append(_HalfOfClass(labels[name], found[name]))
    return [_Class(group) for group in groups.values()]


class _Class:
    """Everything of one class: for each half, the bins of labels and predictions in order, and what they are."""

    def __init__(self, halves: Sequence[_HalfOfClass]) -> None:
        self.halves = halves
        self.shown = sum(int(half.shown.sum()) for half in self.halves)
        self.unshown = sum(len(half.labels) for half in self.halves) - self.shown
        self.confidence = np.concatenate([half.confidence for half in self.halves] or [np.empty(0)])
        self.near_shown = np.concatenate([half.near_shown for half in self.halves] or [np.empty(0, bool)])

    def right(self, delta_s: int) -> npt.NDArray[np.bool_]:
        """Which predictions are right."""
        return np.concatenate([half.right(delta_s) for half in self.halves] or [np.empty(0, bool)])


class _HalfOfClass:
    def __init__(self, labels: Sequence[tuple[int, bool]], predictions: Sequence[tuple[int, float]]) -> None:
        labels, found = sorted(labels), sorted(predictions)
        self.labels: Ints = np.array([at for at, _ in labels], dtype=np.int64)
        self.shown = np.array([shown for _, shown in labels], dtype=bool)
        self.predicted: Ints = np.array([at for at, _ in found], dtype=np.int64)
        self.confidence: Floats = np.array([sure for _, sure in found], dtype=float)
        self.near_shown = self._near_shown()

    def _near_shown(self) -> npt.NDArray[np.bool_]:
        """Whether the label nearest to each prediction is shown; halfway between two, that of the later one."""
        if not len(self.labels):
            return np.zeros(len(self.predicted), dtype=bool)
        borders = (self.labels[:-1] + self.labels[1:]) // 2
        nearest: npt.NDArray[np.bool_] = self.shown[np.searchsorted(borders, self.predicted, side="right")]
        return nearest

    def right(self, delta_s: int) -> npt.NDArray[np.bool_]:
        """Which predictions a label takes."""
        reach = delta_s * BINS_HZ / 2
        first = np.searchsorted(self.predicted, self.labels - reach, side="left")
        behind = np.searchsorted(self.predicted, self.labels + reach, side="right")
        left, right = self.confidence.copy(), np.zeros(len(self.predicted), dtype=bool)
        for a, b in zip(first.tolist(), behind.tolist(), strict=True):
            if a < b:
                best = a + int(left[a:b].argmax())
                if left[best] > _NONE:
                    left[best], right[best] = _NONE, True
        return right


def _precisions(one: _Class, delta_s: int) -> tuple[float, float, float]:
    """The AP of a class at one δ: of all, of shown and of unshown."""
    right = one.right(delta_s)
    views = (
        (np.ones(len(right), dtype=bool), one.shown + one.unshown),
        (one.near_shown, one.shown),
        (~one.near_shown, one.unshown),
    )
    every, shown, unshown = (_precision(one.confidence[view], right[view], labels) for view, labels in views)
    return every, shown, unshown


def _precision(confidence: Floats, right: npt.NDArray[np.bool_], labels: int) -> float:
    found = _count_from(confidence)
    matched = _count_from(confidence[right])
    precision = np.divide(matched, found, out=np.zeros(len(found)), where=found > 0)
    recall = matched / labels if labels else np.zeros(len(found))
    reached = recall[None, :] >= _RECALLS[:, None]
    return float(np.where(reached, precision[None, :], 0.0).max(axis=1).sum() / 11)


def _count_from(confidence: Floats) -> Floats:
    """How many are at least as confident as each threshold."""
    return (len(confidence) - np.searchsorted(np.sort(confidence), _THRESHOLDS, side="left")).astype(float)
