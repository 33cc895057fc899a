"""The events, score changes and cuts found in every match, compared with its truth."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.matches import Match
from benchmarks.speed import Runs
from benchmarks.table import Table, verdict
from highlights import profile
from highlights.evaluation.cases import case_of_timeline
from highlights.evaluation.cuts import hard_cuts_s
from highlights.evaluation.instants import TOLERANCE_S, Measure, by_kind, measured
from highlights.evaluation.judged import judge_events
from highlights.evaluation.readings import score_changes
from highlights.evaluation.truth import Truth
from highlights.evaluation.truth_file import read_truth
from highlights.records import MOMENT, Timeline

RANK = "goals ranked first"
TARGETS = {"goal": 1.0, "three_pointer": 1.0, "four": 1.0, "six": 1.0, "wicket": 1.0, "score changes": 0.98, RANK: 1.0}
"""Targets of F1; for events every span must contain its instant as well."""
CUT_TOLERANCE_S = 0.1


def measure_quality(matches: Sequence[Match], runs: Runs) -> Table:
    """Every kind of every match, then every kind over all matches."""
    table = Table(
        "Quality: compared with the truth",
        ("match", "kind", "true", "found", "P", "R", "F1", "in span", "error", "target", "met"),
    )
    measures: list[Measure] = []
    for match in matches:
        runs.once(match.path, match.sport)
        judged = judge(match, runs.timeline(match.path))
        measures += judged
        for measure in judged:
            table.add(match.name, *_cells(measure))
    if len(matches) > 1:
        for measure in sorted(by_kind(measures), key=lambda measure: measure.kind):
            table.add("all", *_cells(measure))
    table.notes.append(
        f"Events match within {TOLERANCE_S:g} s of the instant; `in span` counts instants that an event's span contains."
    )
    return table


def judge(match: Match, timeline: Timeline) -> list[Measure]:
    """Measures of a match; without a score graphic the rank of its goals replaces score changes and kinds of events."""
    truth = read_truth(match.truth)
    cuts = measured("cuts", truth.cuts_s or (), hard_cuts_s(timeline), CUT_TOLERANCE_S)
    if not match.graphic:
        return [_ranked(timeline, truth.times_s("goal")), cuts]
    rules = {rule.name for rule in profile.load(match.sport).events}
    # a kind that never happened must not be found either
    events = {kind: () for kind in TARGETS if kind in rules} | dict(truth.events)
    found = judge_events(case_of_timeline(match.name, timeline, Truth(events)), TOLERANCE_S)
    return [m for m in (*found, score_changes(timeline, truth.score_changes or ()), cuts) if m.true or m.found]


def _ranked(timeline: Timeline, goals: Sequence[float]) -> Measure:
    """Of n goals, how many are among the n events with the highest confidence."""
    claimed = [event for event in (*timeline.events, *timeline.near_misses) if event.name != MOMENT]
    first = sorted(claimed, key=lambda event: -event.confidence)[: len(goals)]
    held = sum(any(event.span.holds(time_s) for event in first) for time_s in goals)
    return Measure(RANK, len(goals), len(first), held, TOLERANCE_S, held=held)


def _cells(measure: Measure) -> tuple[str, ...]:
    target = TARGETS.get(measure.kind)
    met = target is not None and measure.f1 >= target and measure.held in (None, measure.true)
    return (
        measure.kind,
        str(measure.true),
        str(measure.found),
        *(f"{share:.2f}" for share in (measure.precision, measure.recall, measure.f1)),
        "" if measure.held is None else f"{measure.held}/{measure.true}",
        "" if measure.error_s is None else f"{measure.error_s:.2f} s",
        "" if target is None else f"{target:.2f}",
        "" if target is None else verdict(met),
    )
