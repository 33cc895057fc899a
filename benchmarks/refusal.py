"""Rejecting the false claims of a model that always answers: `python -m benchmarks.refusal [--seeds 10] [--all] [--markdown]`.

Matches of ninety minutes by seed, a stand-in that misbehaves like the real models (`stand_in/model.py`), the soccer profile, F1
of all events together at 5 s: every answer at face value, the finder alone, the finder with the broadcast's signals.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from statistics import mean

from benchmarks.stand_in.trial import Settings, Trial, trial
from benchmarks.table import Table, verdict
from highlights.dialects.marlin import MARLIN
from highlights.profile import load

TARGETS = {"face value": 0.2, "alone": 0.8, "with signals": 0.95}
HARDER = {
    "default": Settings(),
    "check wrong in 10 of 100": Settings(wrong=0.10),
    "check wrong in 20 of 100": Settings(wrong=0.20),
    "check wrong in 25 of 100": Settings(wrong=0.25),
    "half the look-alikes": Settings(look_alikes=2.0),
    "twice the look-alikes": Settings(look_alikes=8.0),
    "45 minutes": Settings(match_s=2700.0),
    "120 minutes": Settings(match_s=7200.0),
    "errors tied to incidents": Settings(errors="tied"),
    "check leans to no by 4": Settings(shift=-4.0),
    "check leans to yes by 4": Settings(shift=4.0),
    "check says neither word": Settings(check="silent"),
    "check answers at random": Settings(check="noisy"),
    "check says no for yes": Settings(check="flipped"),
    "a second model checks": Settings(check="silent", checker="works"),
}
HEADS = ("face value", "alone", "least", "with signals", "least", "windows", "again", "again with signals")


def main() -> None:
    """Parse, run the trials, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10, help="number of matches (10)")
    parser.add_argument("--all", action="store_true", help="also use harder and easier settings")
    parser.add_argument("--processes", type=int, default=2, help="trials at once (2)")
    parser.add_argument("--markdown", action="store_true", help="print Markdown")
    arguments = parser.parse_args()
    names = list(HARDER) if arguments.all else list(HARDER)[:1]
    with ProcessPoolExecutor(arguments.processes) as pool:
        done = {name: list(pool.map(_trial, range(arguments.seeds), [HARDER[name]] * arguments.seeds)) for name in names}
    tables = [_by_seed(done[names[0]]), *([_by_setting(done)] if arguments.all else [])]
    for table in tables:
        print(table.markdown() if arguments.markdown else table.text())


def _trial(seed: int, settings: Settings) -> Trial:
    return trial(seed, load("soccer"), MARLIN, settings)


def _by_seed(trials: Sequence[Trial]) -> Table:
    """A row per match, then the means and the targets."""
    table = Table(
        "Rejecting false claims: F1 of all events", ("match", *TARGETS, "windows", "again", "again with signals", "near misses")
    )
    for seed, one in enumerate(trials):
        near = f"{one.near_misses[0]}, {one.near_misses[1]}"
        table.add(f"seed {seed}", *_shares(one), str(one.windows), *map(str, one.again), near)
    means = [mean(values) for values in zip(*((t.face_value, t.alone, t.with_signals) for t in trials), strict=True)]
    again = [f"{mean(t.again[i] for t in trials):.0f}" for i in (0, 1)]
    table.add("mean", *(f"{value:.3f}" for value in means), f"{mean(t.windows for t in trials):.0f}", *again, "")
    table.add("target", "< 0.2", "≥ 0.8", "≥ 0.95", "", "", "", "")
    met = (means[0] < TARGETS["face value"], means[1] >= TARGETS["alone"], means[2] >= TARGETS["with signals"])
    table.add("met", *map(verdict, met), "", "", "", "")
    return table


def _shares(one: Trial) -> tuple[str, ...]:
    return tuple(f"{share:.3f}" for share in (one.face_value, one.alone, one.with_signals))


def _by_setting(done: dict[str, list[Trial]]) -> Table:
    """A row per setting, with mean and minimum over the seeds."""
    table = Table("Rejecting false claims in harder and easier settings", ("setting", *HEADS))
    for name, trials in done.items():
        alone, together = [t.alone for t in trials], [t.with_signals for t in trials]
        shares = (mean(t.face_value for t in trials), mean(alone), min(alone), mean(together), min(together))
        counts = (mean(t.windows for t in trials), mean(t.again[0] for t in trials), mean(t.again[1] for t in trials))
        table.add(name, *(f"{share:.3f}" for share in shares), *(f"{count:.0f}" for count in counts))
    return table


if __name__ == "__main__":
    main()
