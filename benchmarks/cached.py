"""A run with another profile on a cached recording: only the scoring is redone."""

from __future__ import annotations

from pathlib import Path
from statistics import median

from benchmarks.matches import Match, lengthened
from benchmarks.speed import Runs, run_command
from benchmarks.table import Table, verdict
from benchmarks.usage import measured
from highlights.export import timeline_json
from highlights.profile import load
from highlights.records import Event

ROUNDS, TARGET_S = 5, 1.0


def measure_cached(match: Match, runs: Runs, length_s: float, longer: int, scratch: Path) -> Table:
    """Wall and CPU time of whole runs with new profiles, on short and long recordings."""
    table = Table(f"Cached analysis: another profile, {ROUNDS} rounds", ("what", "reached", "target", "met"))
    short, short_s = lengthened(match, length_s, scratch)
    for file, duration_s in ((short, short_s), lengthened(match, longer * short_s, scratch)):
        first = runs.once(file, match.sport)
        table.add(f"first run on {duration_s / 60:.0f} minutes", f"{first.wall_s:.1f} s", "", "")
        again = [_again(file, match, runs, number, scratch) for number in range(ROUNDS)]
        wall_s, cpu_s = (median(taken[i] for taken in again) for i in (0, 1))
        table.add(
            "  another profile, wall / CPU",
            f"{wall_s:.2f} s / {cpu_s:.2f} s",
            f"< {TARGET_S:g} s",
            verdict(wall_s < TARGET_S),
        )
    return table


def _again(recording: Path, match: Match, runs: Runs, number: int, scratch: Path) -> tuple[float, float]:
    """Wall and CPU time with a profile in which every event has a longer pre-roll and a lower threshold."""
    profile, out = scratch / "again.yaml", scratch / "again"
    longer_s, easier = 0.5 * (number + 1), 0.01 * (number + 1)
    events = [
        f"  - {{name: {rule.name}, pre_roll_s: {rule.pre_roll_s + longer_s:g}, threshold: {rule.threshold - easier:g}}}"
        for rule in load(match.sport).events
    ]
    profile.write_text("\n".join([f"extends: {match.sport}", "events:", *events, ""]))
    used = measured(run_command(recording, profile, out), runs.cache(recording))
    _check_same(runs.timeline(recording).events, timeline_json.read(out / "timeline.json").events)
    return used.wall_s, used.cpu_s


def _check_same(before: tuple[Event, ...], after: tuple[Event, ...]) -> None:
    """Check that all earlier events are found again, because a run that finds nothing would be fast too."""
    if not {(event.name, event.peak_s) for event in before} <= {(event.name, event.peak_s) for event in after}:
        raise SystemExit("a run with another profile does not find the events of the first one")
