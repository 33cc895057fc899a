"""What a command used: wall time, processor time and the largest memory it held.

A child's memory peak as the system reports it is never below that of the process that started it, so the command is started by
this file run as a script of its own, which stays small.

    usage = measured(["highlights", "--help"])
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass

PEAK_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss


@dataclass(frozen=True, slots=True)
class Usage:
    """Of a process and all that it waited for; MiB is 2**20 bytes."""

    wall_s: float
    cpu_s: float
    peak_mib: float


def measured(command: Sequence[str]) -> Usage:
    """Run a command in a fresh process, its output left out; ends the program with what it said if it fails.

    Nothing that an earlier run has kept is known to it.
    """
    with tempfile.TemporaryFile() as said, tempfile.TemporaryDirectory() as cache:
        known = os.environ | {"HIGHLIGHTS_CACHE": cache}
        ran = subprocess.run([sys.executable, __file__, *command], stdout=subprocess.PIPE, stderr=said, check=False, env=known)
        if ran.returncode:
            said.seek(0)
            raise SystemExit(f"{' '.join(command)} failed:\n{said.read().decode(errors='replace')}")
    return Usage(**json.loads(ran.stdout))


@dataclass(slots=True)
class Spent:
    """Time that a piece of this program took, children that have ended included."""

    wall_s: float = 0.0
    cpu_s: float = 0.0


@contextmanager
def spent() -> Iterator[Spent]:
    """The time that the body takes, known when it is left."""
    taken, start_s, start_cpu_s = Spent(), time.perf_counter(), _cpu_s()
    yield taken
    taken.wall_s, taken.cpu_s = time.perf_counter() - start_s, _cpu_s() - start_cpu_s


def _cpu_s() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _run(command: Sequence[str]) -> tuple[int, Usage]:
    start_s = time.perf_counter()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    wall_s = time.perf_counter() - start_s
    child.returncode = os.waitstatus_to_exitcode(status)
    peak_mib = used.ru_maxrss * PEAK_UNIT_BYTES / 2**20
    return child.returncode, Usage(round(wall_s, 3), round(used.ru_utime + used.ru_stime, 3), round(peak_mib, 1))


if __name__ == "__main__":
    code, usage = _run(sys.argv[1:])
    print(json.dumps(asdict(usage)))
    sys.exit(1 if code else 0)
