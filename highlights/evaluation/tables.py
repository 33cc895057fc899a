"""An evaluation as tables of words, for the terminal and the page: one for each group of metrics that the truth allows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from highlights.evaluation.evaluation import Evaluation
from highlights.evaluation.grounding import THRESHOLDS
from highlights.evaluation.instants import TOLERANCES_S, Measure, together
from highlights.evaluation.readings import Counts
from highlights.evaluation.selection import Overlap
from highlights.evaluation.spotting import TIGHT_S

SHARES = ("precision", "recall", "F1")

Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class Table:
    """A title, the heads of the columns, and rows as long."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]


def tables(evaluation: Evaluation) -> list[Table]:
    """All tables that have anything to show."""
    groups = (_events, _at, _matches, _spotting, _classes, _grounding, _cuts, _readings, _calibration, _selection, _review)
    made = [tuple(group(evaluation)) for group in groups]
    return [Table(lines[0][0], tuple(lines[1]), lines[2:]) for lines in made if lines[2:]]


def _shares(measure: Measure) -> tuple[str, ...]:
    return tuple(f"{share:.3f}" for share in (measure.precision, measure.recall, measure.f1))


def _counts(measure: Measure) -> tuple[str, ...]:
    return str(measure.true), str(measure.found), str(measure.matched)


def _s(seconds: float | None, *, signed: bool = False) -> str:
    return "" if seconds is None else f"{seconds:+.2f} s" if signed else f"{seconds:.2f} s"


def _events(one: Evaluation) -> Iterator[Row]:
    rows = [*(one.measures[number] for number in _judged(one)), *([one.score] if one.score else [])]
    if not rows:
        return
    yield ("events",)
    yield ("what", "true", "found", "right", *SHARES, "within", "off by", "90 %", "late by", "in span")
    for m in rows:
        held = "" if m.held is None else f"{m.held} of {m.true}"
        errors = (_s(m.error_s), _s(m.error_at_s(0.9)), _s(m.late_s, signed=True))
        yield (m.kind, *_counts(m), *_shares(m), f"{m.tolerance_s:g} s", *errors, held)


def _at(one: Evaluation) -> Iterator[Row]:
    if not one.at or not one.measures:
        return
    yield ("F1 by tolerance",)
    yield ("what", *(f"{tolerance:g} s" for tolerance in TOLERANCES_S))
    for number in _judged(one):
        yield (one.measures[number].kind, *(f"{one.at[tolerance][number].f1:.3f}" for tolerance in TOLERANCES_S))


def _judged(one: Evaluation) -> list[int]:
    """The numbers of the kinds of which anything is true or found; of all, if there is nothing."""
    some = [number for number, measure in enumerate(one.measures) if measure.true or measure.found]
    return some or list(range(len(one.measures)))


def _matches(one: Evaluation) -> Iterator[Row]:
    if len(one.matches) < 2 or not one.measures:
        return
    yield ("matches",)
    yield ("match", "true", "found", "right", *SHARES)
    for match in one.matches:
        if match.measures:
            whole = together(match.measures, match.case.name)
            yield (match.case.name, *_counts(whole), *_shares(whole))


def _spotting(one: Evaluation) -> Iterator[Row]:
    if one.tight is None or one.loose is None:
        return
    empty = len(one.classes) - len(_labelled(one))
    without = f", {empty} of them without labels, which count 0" if empty else ""
    classes = f"{len(one.classes)} class{'' if len(one.classes) == 1 else 'es'}"
    yield (f"average-mAP over {classes}{without}; in percent, as SoccerNet",)
    yield ("which", "tight", "loose", *(f"at {delta_s} s" for delta_s in TIGHT_S))
    yield ("all", _pc(one.tight.all.mean), _pc(one.loose.all.mean), *(_pc(one.tight.at[delta_s]) for delta_s in TIGHT_S))
    if one.unshown:
        blank = [""] * len(TIGHT_S)
        yield ("shown", _pc(one.tight.shown.mean), _pc(one.loose.shown.mean), *blank)
        yield ("unshown", _pc(one.tight.unshown.mean), _pc(one.loose.unshown.mean), *blank)


def _classes(one: Evaluation) -> Iterator[Row]:
    if one.tight is None or one.loose is None or len(one.classes) < 2:
        return
    labels = _labelled(one)
    yield ("average-mAP by class",)
    yield ("class", "labels", "tight", "loose")
    for number, name in enumerate(one.classes):
        if name in labels:
            yield (name, str(labels[name]), _pc(one.tight.all.by_class[number]), _pc(one.loose.all.by_class[number]))


def _labelled(one: Evaluation) -> Counter[str]:
    """How many labels each class has that has any."""
    halves = [half for match in one.matches for half in match.halves]
    counts = Counter(name for half in halves for name, _ in half.labels)
    return Counter({name: counts[name] for name in one.classes if counts[name]})


def _pc(share: float) -> str:
    return f"{100 * share:.2f}"


def _grounding(one: Evaluation) -> Iterator[Row]:
    if one.grounding is None:
        return
    yield ("spans, in percent, as TimeLens-Bench",)
    yield ("queries", "unanswered", *(f"R1@{least}" for least in THRESHOLDS), "mIoU")
    shares = (f"{share:.1f}" for share in (*one.grounding.recall, one.grounding.mean_iou))
    yield (str(one.grounding.queries), str(one.grounding.unanswered), *shares)


def _cuts(one: Evaluation) -> Iterator[Row]:
    if one.cuts is None:
        return
    yield ("cuts, by frames apart",)
    yield ("kind", "true", *(f"{what} at {frames}" for frames in one.cuts.at for what in ("P", "R", "F1")), "named right")
    for number, first in enumerate(next(iter(one.cuts.at.values()))):
        if first.true or first.found:
            shares = [share for found in one.cuts.at.values() for share in _shares(found[number])]
            yield (first.kind, str(first.true), *shares, f"{one.cuts.named[first.kind]}")
    if (walked := one.cuts.walked) is not None:
        yield ("all, as TransNetV2", str(walked.true), *_shares(walked), *[""] * (3 * len(one.cuts.at) - 3), "")


def _readings(one: Evaluation) -> Iterator[Row]:
    if one.readings is None:
        return
    per = "seconds of each minute shown" if one.readings.by_second else "of the readings by hand"
    yield (f"score graphic: {per}",)
    yield ("what", "right", "wrong", "missed", "judged", "single readings")
    for name, counts in (("score", one.readings.score), ("clock", one.readings.clock)):
        if counts is not None:
            yield (name, *_rates(counts, by_second=one.readings.by_second))


def _rates(counts: Counts, *, by_second: bool) -> Row:
    three = (counts.right, counts.wrong, counts.missed)
    factor = 60 / counts.looks if by_second and counts.looks else 1.0
    rates = (f"{count * factor:.1f}" if by_second else str(count) for count in three)
    judged = f"{counts.looks / 60:.1f} min" if by_second else str(counts.looks)
    return *rates, judged, f"{counts.readings_right} of {counts.readings} right"


def _calibration(one: Evaluation) -> Iterator[Row]:
    if one.calibration is None:
        return
    yield (f"confidence: ECE {one.calibration.ece:.3f}, Brier {one.calibration.brier:.3f}",)
    yield ("from", "to", "claims", "sure", "true")
    for group in one.calibration.bins:
        yield (f"{group.low:.1f}", f"{group.high:.1f}", str(group.claims), f"{group.confidence:.0%}", f"{group.true:.0%}")


def _selection(one: Evaluation) -> Iterator[Row]:
    if one.selection is None:
        return
    yield (f"reel against a person's summary; chosen without looking, precision is {one.selection.chance:.3f}",)
    yield ("reel", "length", "summary", "shared", *SHARES, "IoU", "F1 in frames")
    yield _overlap("as it is", one.selection.reel)
    if one.selection.at_length is not None:
        yield _overlap("at the summary's length", one.selection.at_length)


def _overlap(name: str, one: Overlap) -> Row:
    seconds = (f"{length_s:.1f} s" for length_s in (one.reel_s, one.summary_s, one.shared_s))
    return name, *seconds, *(f"{share:.3f}" for share in (one.precision, one.recall, one.f1, one.iou, one.frames_f1))


def _review(one: Evaluation) -> Iterator[Row]:
    if one.review is None:
        return
    missing = one.review.true - one.review.seen
    all_seen = "every true event is in what is watched"
    yield (f"review: {all_seen if not missing else f'{missing} true event(s) are not in what is watched'}",)
    yield ("watched", "minutes", "saved", "true events in it")
    for name, watched_s, seen in (
        ("events", one.review.events_s, one.review.seen_in_events),
        ("events and near misses", one.review.watched_s, one.review.seen),
        ("everything", one.review.match_s, one.review.true),
    ):
        saved = f"{(one.review.match_s - watched_s) / 60:.1f}"
        yield (name, f"{watched_s / 60:.1f}", saved, f"{seen} of {one.review.true}")
