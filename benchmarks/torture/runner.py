"""Runs the command line on one recording after another, each in a process of its own that is watched.

A server process has everything imported and is forked for each run, which saves a second and a half each time.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

PRELOADED = [
    "highlights.__main__",
    "highlights.analysis.reading",
    "highlights.cli.main",
    "highlights.cli.show",
    "highlights.export.report",
    "highlights.pipeline",
    "highlights.reel.cut",
    "highlights.reel.smart",
    "highlights.review.serving",
    "benchmarks.torture.runner",
]
POLL_S = 0.1
FILE_LIMIT = 400_000_000  # bytes that a run may write into one file before the system ends it
SESSION = 3  # the index of the session in /proc/PID/stat, behind the name


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may use."""

    disk_mb: float = 100.0


@dataclass(frozen=True, slots=True)
class Job:
    """A command to run in the folder `place`, which gets `out`, `cache` and `tmp`."""

    name: str
    place: Path
    arguments: tuple[str, ...]
    peak_mb: float = 1500.0
    most_s: float = 60.0


@dataclass(slots=True)
class Ran:
    """How a run ended, and what it used; `code` is negative if a signal ended it, and None if it was stopped at a limit."""

    code: int | None = None
    stopped: str = ""
    wall_s: float = 0.0
    peak_mb: float = 0.0
    disk_mb: float = 0.0
    stdout: str = ""
    stderr: str = ""
    left: list[str] = field(default_factory=list)


def run_jobs(jobs: Iterable[Job], limits: Limits, at_once: int) -> Iterator[tuple[Job, Ran]]:
    """Run all jobs, a few at once, and give each when it has ended."""
    waiting, running = iter(jobs), dict[BaseProcess, tuple[Job, Ran, float]]()
    while True:
        while len(running) < at_once and (job := next(waiting, None)) is not None:
            process = started(job)
            running[process] = (job, Ran(), time.monotonic())
        if not running:
            return
        time.sleep(POLL_S)
        for process, (job, ran, began_s) in list(running.items()):
            _watch(process, job, ran, began_s, limits)
            if not process.is_alive():
                process.join()
                ran.wall_s = time.monotonic() - began_s
                del running[process]
                yield job, _ended(process, job, ran)


def started(job: Job) -> BaseProcess:
    """The command line, started in the job's folder; its stdout and stderr go into files there."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    for name in ("cache", "tmp"):
        (job.place / name).mkdir(parents=True, exist_ok=True)
    process = context.Process(target=_child, args=(str(job.place), job.arguments))
    process.start()
    return process


def _watch(process: BaseProcess, job: Job, ran: Ran, began_s: float, limits: Limits) -> None:
    ran.peak_mb = max(ran.peak_mb, memory_mb(process.pid or 0))
    ran.disk_mb = max(ran.disk_mb, sum(size_of(job.place / name) for name in ("out", "cache", "tmp")) / 1e6)
    over = {
        f"ran for more than {job.most_s:.0f} s": time.monotonic() - began_s > job.most_s,
        f"took more than {job.peak_mb:.0f} MB of memory": ran.peak_mb > job.peak_mb,
        f"wrote more than {limits.disk_mb:.0f} MB": ran.disk_mb > limits.disk_mb,
    }
    ran.stopped = ran.stopped or next((what for what, is_so in over.items() if is_so), "")
    if ran.stopped:
        end(process.pid or 0)


def _ended(process: BaseProcess, job: Job, ran: Ran) -> Ran:
    ran.code = None if ran.stopped else process.exitcode
    ran.stdout, ran.stderr = ((job.place / name).read_text(errors="replace") for name in ("stdout", "stderr"))
    ran.left = left_in(job.place)
    end(process.pid or 0)
    return ran


def left_in(place: Path) -> list[str]:
    """Files that no run should leave: hidden ones among results, anything in the temporary folder, and in the cache."""
    out, cache, tmp = (place / name for name in ("out", "cache", "tmp"))
    hidden = [path for path in out.rglob("*") if path.name.startswith(".")]
    other = [path for path in cache.rglob("*") if path.name != "known.sqlite"]
    return [str(path.relative_to(place)) for path in (*hidden, *other, *tmp.rglob("*"))]


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder."""
    total = 0
    for where, _, names in os.walk(folder):  # passes over what vanishes meanwhile
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(where, name)).st_size  # noqa: PTH118
    return total


def of_session(session: int) -> list[int]:
    """The processes of a session that run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, IndexError, ValueError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[SESSION]) == session and fields[0] != "Z":
                found.append(int(stat.parent.name))
    return found


def memory_mb(session: int) -> float:
    """What all processes of a session use now."""
    total = 0
    for pid in of_session(session):
        with suppress(OSError, IndexError, ValueError):
            total += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return total * resource.getpagesize() / 1e6


def end(session: int) -> None:
    """Kill all processes of a session."""
    for pid in of_session(session):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _child(place: str, arguments: Sequence[str]) -> None:
    """The forked process: the command line, as if started by a shell."""
    os.setsid()
    os.chdir(place)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_LIMIT, FILE_LIMIT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # a shell makes its background jobs ignore some
        signal.signal(ending, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDONLY)
    out, errors = (os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) for name in ("stdout", "stderr"))
    for number, stream in enumerate((nothing, out, errors)):
        os.dup2(stream, number)
    sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
    os.environ |= {"HIGHLIGHTS_CACHE": f"{place}/cache", "TMPDIR": f"{place}/tmp", "HF_HUB_OFFLINE": "1"}
    sys.argv = ["highlights", *arguments]
    from highlights.__main__ import start

    try:
        start()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
