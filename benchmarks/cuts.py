"""Cuts compared with PySceneDetect's, and events compared with those of this program with `--every-frame`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.matches import Match
from benchmarks.speed import EVERY_FRAME, Runs, can_read_every_frame, others_cuts
from benchmarks.table import Table, verdict
from highlights.evaluation.cuts import hard_cuts_s
from highlights.evaluation.instants import TOLERANCE_S, Measure, measured
from highlights.evaluation.truth_file import read_truth
from highlights.records import Event, Timeline
from highlights.spans import Span

NEAR_S = 30.0  # before and after an instant
NEARLY_S = 0.25  # where its exact frame does not matter, a cut is placed by its packet
ROUNDING_S = 0.001  # spans are rounded to the millisecond


def measure_cuts(found_in: Match, runs: Runs, scratch: Path) -> Table:
    """F1 of cuts, everywhere and near events, and whether `--every-frame` finds other events."""
    table = Table(f"Cuts and events: {found_in.path.name}", ("what", "reached", "target", "met"))
    truth = read_truth(found_in.truth)
    runs.once(found_in.path, found_in.sport)
    timeline = runs.timeline(found_in.path)
    instants = [time_s for kind in truth.events for time_s in truth.times_s(kind)]
    near = [Span(max(0.0, time_s - NEAR_S), time_s + NEAR_S) for time_s in instants]
    others, ours = others_cuts(found_in.path, scratch), hard_cuts_s(timeline)
    frame_s = float(1 / timeline.recording.parts[0].frame_rate) + ROUNDING_S
    for where, spans in {"all": [timeline.recording.span], f"within {NEAR_S:g} s of an event": near}.items():
        measures = [
            measured("cuts", _within(truth.cuts_s or (), spans), _within(cuts, spans), frame_s) for cuts in (ours, others)
        ]
        _add_f1(table, where, *measures)
    if can_read_every_frame():
        runs.once(found_in.path, found_in.sport, EVERY_FRAME)
        _add_events(table, timeline, runs.timeline(found_in.path, EVERY_FRAME))
    table.notes.append("A cut matches within a frame of the true one. Cuts inside the real clips are not in the truth of an")
    table.notes.append("assembled match, so finding them counts as an error, for both programs.")
    return table


def _within(times_s: Sequence[float], spans: Sequence[Span]) -> list[float]:
    return [time_s for time_s in times_s if any(span.holds(time_s) for span in spans)]


def _add_f1(table: Table, where: str, ours: Measure, others: Measure) -> None:
    table.add(f"cuts, {where}: F1", f"{ours.f1:.3f}", f">= {others.f1:.3f}, PySceneDetect's", verdict(ours.f1 >= others.f1))
    for name, measure in {"run": ours, "PySceneDetect": others}.items():
        table.add(f"  {name}: true, found, matched", f"{measure.true}, {measure.found}, {measure.matched}", "", "")


def _add_events(table: Table, quick: Timeline, full: Timeline) -> None:
    same = [_identity(event) for event in quick.events] == [_identity(event) for event in full.events]
    table.add("events", f"{len(quick.events)}", f"the {len(full.events)} of --every-frame", verdict(same))
    if same and quick.events:
        apart_s = max(abs(a.peak_s - b.peak_s) for a, b in zip(quick.events, full.events, strict=True))
        table.add(
            "  largest difference of instants", f"{apart_s:.2f} s", f"<= {TOLERANCE_S:g} s", verdict(apart_s <= TOLERANCE_S)
        )
    replays = [[(replay.span.start_s, replay.span.end_s) for replay in each.analysis.replays] for each in (quick, full)]
    table.add("replays", f"{len(replays[0])}", f"the {len(replays[1])} of --every-frame", verdict(replays[0] == replays[1]))
    changes = [[sorted(change.after.items()) for change in each.analysis.scoreboard.changes] for each in (quick, full)]
    table.add("changes of the score", f"{len(changes[0])}", "those of --every-frame", verdict(changes[0] == changes[1]))
    near = [Span(max(0.0, event.peak_s - NEAR_S), event.peak_s + NEAR_S) for event in full.events]
    for where, spans, tolerance_s in (
        ("at the same frame", [full.recording.span], 2 * ROUNDING_S),
        ("within a quarter of a second", [full.recording.span], NEARLY_S),
        (f"within {NEAR_S:g} s of an event, at the same frame", near, 2 * ROUNDING_S),
    ):
        cuts = measured("cuts", _within(hard_cuts_s(full), spans), _within(hard_cuts_s(quick), spans), tolerance_s)
        table.add(f"  cuts of --every-frame found {where}", f"{cuts.matched} of {cuts.true}", "", "")


def _identity(event: Event) -> tuple[str, str, str]:
    return event.name, event.team, event.score
