"""The events, score changes and cuts found in every match, compared with its truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from benchmarks.matches import Match
from benchmarks.speed import Runs
from benchmarks.table import Table, verdict
from highlights import profile
from highlights.evaluate import TOLERANCE_S, Measure, Truth, evaluate, read_truth
from highlights.records import MOMENT, Timeline

RANK = "goals ranked first"
TARGETS = {"goal": 1.0, "three_pointer": 1.0, "four": 1.0, "six": 1.0, "wicket": 1.0, "score changes": 0.98, RANK: 1.0}
"""Targets of F1; for events every span must contain its instant as well."""


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
        for kind in sorted({measure.kind for measure in measures}):
            table.add("all", *_cells(_together([measure for measure in measures if measure.kind == kind])))
    table.notes.append(
        f"Events match within {TOLERANCE_S:g} s of the instant; `in span` counts instants that an event's span contains."
    )
    return table


def judge(match: Match, timeline: Timeline) -> list[Measure]:
    """Measures of a match; without a score graphic the rank of its goals replaces score changes and kinds of events."""
    truth = read_truth(match.truth)
    if match.graphic:
        rules = {rule.name for rule in profile.load(match.sport).events}
        # a kind that never happened must not be found either
        events = {kind: () for kind in TARGETS if kind in rules} | dict(truth.events)
        return [m for m in evaluate(timeline, replace(truth, events=events)) if m.true or m.found]
    goals = truth.events.get("goal", ())
    cuts = evaluate(timeline, Truth({}, None, truth.cuts_s))
    return [_ranked(timeline, goals), *cuts]


def _ranked(timeline: Timeline, goals: Sequence[float]) -> Measure:
    """Of n goals, how many are among the n events with the highest confidence."""
    claimed = [event for event in (*timeline.events, *timeline.near_misses) if event.name != MOMENT]
    first = sorted(claimed, key=lambda event: -event.confidence)[: len(goals)]
    held = sum(any(event.span.holds(time_s) for event in first) for time_s in goals)
    return Measure(RANK, len(goals), len(first), held, TOLERANCE_S, held=held)


def _together(measures: Sequence[Measure]) -> Measure:
    held = None if measures[0].held is None else sum(measure.held or 0 for measure in measures)
    counts = (sum(m.true for m in measures), sum(m.found for m in measures), sum(m.matched for m in measures))
    errors = [measure.error_s for measure in measures if measure.error_s is not None]
    return Measure(measures[0].kind, *counts, measures[0].tolerance_s, max(errors, default=None), held)


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
