"""Damaged recordings through `highlights run`, each judged against what the undamaged one shows."""

from __future__ import annotations

import shutil
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path
from random import Random

from benchmarks.table import Table, verdict
from benchmarks.torture.cases import Case, all_cases
from benchmarks.torture.judge import Verdict, judge
from benchmarks.torture.runner import Job, Limits, Ran, run_jobs
from benchmarks.torture.seeds import LONG, Seed, seeds
from highlights.export import timeline_json
from highlights.records import Timeline

LIMITS = Limits()
WAYS = ((), ("--every-frame",))
"""A damaged recording is read frame by frame, which finds a few other cuts than key frames and packets do."""
MOST_S = 60.0
PEAK_MB, PEAK_8K_MB = 1500.0, 6000.0  # a picture of 8K takes 50 MB, and decoders hold dozens
OPTIONS = ("--no-titles", "--fade", "0")  # the reel is then cut from the packets, the harder way with damage


def measure_recordings(scratch: Path, only: str = "*", at_once: int = 2) -> tuple[Table, Table]:
    """Run on all damaged recordings whose name fits the pattern `only`; a summary, and a table of what was wrong."""
    folder = scratch / "recordings"
    shutil.rmtree(folder, ignore_errors=True)
    made = seeds(scratch / "seeds")
    chosen = {case.name: case for case in all_cases(made, scratch / "seeds") if fnmatch(case.name, only)}
    damaged = {case.seed.name for case in chosen.values()}
    clean = _clean([seed for seed in made if seed.name in damaged], folder / "clean", at_once)
    judged: dict[str, tuple[Verdict, Ran]] = {}
    for job, ran in run_jobs(_jobs(chosen, folder), LIMITS, at_once):
        case = chosen[job.name]
        path = Path(job.arguments[1])
        found = judge(case.seed, path, job.place, ran, clean.get(case.seed.name, []), in_time=case.in_time)
        judged[job.name] = found, ran
        mark = "; ".join(found.wrong) or "right"
        print(f"{ran.wall_s:5.1f} s {ran.peak_mb:5.0f} MB {found.outcome:8} {job.name}: {mark}", file=sys.stderr, flush=True)
        if not found.wrong:
            shutil.rmtree(job.place)
    return _summary(chosen, judged), _misses(judged)


def _clean(made: Sequence[Seed], folder: Path, at_once: int) -> dict[str, list[Timeline]]:
    """What is found in the undamaged recordings, in each way of reading them; the program must work on those."""
    found: dict[str, list[Timeline]] = defaultdict(list)
    ways = [(s, way) for s in made for way in (WAYS if s.length is LONG else WAYS[:1])]
    jobs = [_undamaged(seed, way, folder) for seed, way in ways]
    for job, ran in run_jobs(jobs, LIMITS, at_once):
        if ran.code != 0:
            raise SystemExit(f"{job.name}: the run on the undamaged recording failed:\n{ran.stderr}")
        timeline = timeline_json.read(job.place / "out" / "timeline.json")
        found[job.name].append(timeline)
        if [event.name for event in timeline.events] != ["goal"] or timeline.analysis.faults:
            raise SystemExit(f"{job.name}: not the goal alone is found in the undamaged recording")
    return found


def _undamaged(seed: Seed, way: tuple[str, ...], folder: Path) -> Job:
    return Job(seed.name, folder / "".join((seed.path.stem, *way)), ("run", str(seed.path), "--out", "out", *OPTIONS, *way))


def _jobs(chosen: dict[str, Case], folder: Path) -> Iterator[Job]:
    for number, case in enumerate(chosen.values()):
        place = folder / f"{number:03d}"
        place.mkdir(parents=True)
        path = place / f"match{case.seed.path.suffix}"
        case.make(path, Random(case.name))
        most_mb = PEAK_8K_MB if "8K" in case.damage else PEAK_MB
        yield Job(case.name, place, ("run", str(path), "--out", "out", *OPTIONS), most_mb, MOST_S)


def _summary(chosen: dict[str, Case], judged: dict[str, tuple[Verdict, Ran]]) -> Table:
    table = Table(
        f"{len(judged)} damaged recordings",
        ("container, codec", "files", "used", "refused", "with faults told", "longest s", "peak MB", "wrong", "met"),
    )
    kinds: dict[str, list[tuple[Verdict, Ran]]] = defaultdict(list)
    for name, each in judged.items():
        kinds[chosen[name].seed.kind.name].append(each)
    for kind, all_ in [*kinds.items(), ("all", list(judged.values()))]:
        outcomes = Counter(found.outcome for found, _ in all_)
        wrong = sum(bool(found.wrong) for found, _ in all_)
        table.add(
            kind,
            str(len(all_)),
            str(outcomes["used"]),
            str(outcomes["refused"]),
            str(sum(found.faults > 0 for found, _ in all_)),
            f"{max(ran.wall_s for _, ran in all_):.1f}",
            f"{max(ran.peak_mb for _, ran in all_):.0f}",
            str(wrong),
            verdict(not wrong),
        )
    return table


def _misses(judged: dict[str, tuple[Verdict, Ran]]) -> Table:
    table = Table("What was wrong", ("recording", "what"))
    for name, (found, _) in judged.items():
        if found.wrong:
            table.add(name, "; ".join(found.wrong)[:300])
    return table
