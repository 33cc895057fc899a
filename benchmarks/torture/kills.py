"""Runs that are killed at random instants and started again: the results are the same bytes, and nothing is left."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from random import Random

from benchmarks.table import Table, verdict
from benchmarks.torture.runner import Job, end, left_in, of_session, started
from benchmarks.torture.seeds import KINDS, TINY, seed

MOST_IN_A_ROW = 4
ENDED = "not counted: it had ended before"
HOW = ("the process alone", "the process and its children")
ARGUMENTS = ("--clips", "--thumbnail", "--no-titles")


def measure_kills(scratch: Path, kills: int) -> Table:
    """Kill a run so often, one to four times in a row, and then let it finish."""
    folder, random = scratch / "kills", Random(9)
    shutil.rmtree(folder, ignore_errors=True)
    match = seed(scratch / "seeds", KINDS[0], TINY)
    job = Job("run", folder, ("run", str(match.path), "--out", "out", *ARGUMENTS))
    began_s = time.monotonic()
    whole = _finished(job)
    length_s = time.monotonic() - began_s
    done, wrong, left, hidden = Counter[str](), list[str](), 0, 0
    for _ in iter(lambda: sum(done[how] for how in HOW) < kills, False):
        shutil.rmtree(folder)
        for _ in range(min(random.randint(1, MOST_IN_A_ROW), kills - sum(done[how] for how in HOW))):
            done[_killed(job, random.uniform(0.0, length_s), random.choice(HOW))] += 1
            hidden += bool(left_in(folder))
        again = _finished(job)
        differing = sorted(name for name in whole.keys() | again.keys() if whole.get(name) != again.get(name))
        wrong += [f"after {sum(done[how] for how in HOW)} kills {name} differs" for name in differing]
        left += len(left_in(folder))
        print(f"{sum(done[how] for how in HOW)} kills, {len(wrong)} files differ, {left} left", file=sys.stderr, flush=True)
    table = Table(
        f"{kills} kills (SIGKILL) at random instants of a run of {length_s:.1f} s", ("what", "reached", "target", "met")
    )
    for how in (*HOW, ENDED):
        table.add(how if how not in HOW else f"killed: {how}", str(done[how]), "", "")
    table.add("kills that left hidden files", str(hidden), "", "")
    table.add("files that differ after the next run", str(len(wrong)), "0", verdict(not wrong))
    table.add("hidden and temporary files left after the next run", str(left), "0", verdict(not left))
    table.notes += wrong[:5]
    return table


def _finished(job: Job) -> dict[str, bytes]:
    """The files of a run that is let go to its end."""
    process = started(job)
    process.join()
    if process.exitcode:
        raise SystemExit(f"the run after a kill failed:\n{(job.place / 'stderr').read_text()}")
    out = job.place / "out"
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


def _killed(job: Job, after_s: float, how: str) -> str:
    """Kill a run some time after its start, and return what was killed."""
    process = started(job)
    process.join(after_s)
    if not process.is_alive():
        return ENDED
    if how == HOW[0]:
        with suppress(ProcessLookupError):
            os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
        while of_session(process.pid or 0):  # its children see that it is gone
            time.sleep(0.05)
    else:
        end(process.pid or 0)
    process.join()
    return how
