"""Usage of a command: wall time, CPU time, and the peak memory of it and its children together.

The memory peak that the system reports for a child is never below that of its parent, so the command is started by this file
run as a script, which stays small.

    usage = measured(["highlights", "--help"])
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event, Thread

PEAK_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss
CORES = 2  # as in the targets; a machine with more is limited to these
POLL_S = 0.2  # interval at which the memory of all processes is summed


@dataclass(frozen=True, slots=True)
class Usage:
    """Usage of a process and the children it waited for; MB are 10**6 bytes."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def measured(command: Sequence[str], cache: Path | None = None) -> Usage:
    """Run a command in a fresh process, without its output; if it fails, exit with its error messages.

    Args:
        command: The command to run.
        cache: Its cache folder; by default an empty one.
    """
    with tempfile.TemporaryFile() as errors, tempfile.TemporaryDirectory() as empty:
        variables = os.environ | {"HIGHLIGHTS_CACHE": str(cache or empty)}
        variables.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is not compiled anew by each run
        ran = subprocess.run(
            [sys.executable, __file__, *command], stdout=subprocess.PIPE, stderr=errors, check=False, env=variables
        )
        if ran.returncode:
            errors.seek(0)
            raise SystemExit(f"{' '.join(command)} failed:\n{errors.read().decode(errors='replace')}")
    return Usage(**json.loads(ran.stdout))


@dataclass(slots=True)
class Spent:
    """Time used by a piece of this program, including children that have ended."""

    wall_s: float = 0.0
    cpu_s: float = 0.0


@contextmanager
def spent() -> Iterator[Spent]:
    """The time of the body, filled in when it ends."""
    taken, start_s, start_cpu_s = Spent(), time.perf_counter(), _cpu_s()
    yield taken
    taken.wall_s, taken.cpu_s = time.perf_counter() - start_s, _cpu_s() - start_cpu_s


def _cpu_s() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


class _MemoryWatch(Thread):
    """Sums the memory of all processes of a session while they run; shared pages count for each process."""

    def __init__(self, session: int) -> None:
        super().__init__(daemon=True)
        self.peak_mb = 0.0
        self._session = str(session)
        self._over = Event()

    def run(self) -> None:
        while not self._over.wait(POLL_S):
            self.peak_mb = max(self.peak_mb, sum(map(self._mb, Path("/proc").glob("[0-9]*/stat"))))

    def end(self) -> None:
        """Stop watching."""
        self._over.set()
        self.join()

    def _mb(self, stat: Path) -> float:
        with suppress(OSError):  # the process has just ended
            fields = stat.read_text().rpartition(")")[2].split()  # from the third field on; the name before may contain spaces
            if fields[3] == self._session:
                return int(fields[21]) * resource.getpagesize() / 1e6
        return 0.0


def _run(command: Sequence[str]) -> tuple[int, Usage]:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    start_s = time.perf_counter()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True)
    watch = _MemoryWatch(child.pid)
    watch.start()
    try:
        _, status, used = os.wait4(child.pid, 0)
        wall_s = time.perf_counter() - start_s
    finally:
        with suppress(ProcessLookupError):  # all have ended, unless this program was stopped
            os.killpg(child.pid, signal.SIGTERM)
        watch.end()
    child.returncode = os.waitstatus_to_exitcode(status)
    peak_mb = max(watch.peak_mb, used.ru_maxrss * PEAK_UNIT_BYTES / 1e6)
    return child.returncode, Usage(round(wall_s, 3), round(used.ru_utime + used.ru_stime, 3), round(peak_mb, 1))


if __name__ == "__main__":
    code, usage = _run(sys.argv[1:])
    print(json.dumps(asdict(usage)))
    sys.exit(1 if code else 0)
