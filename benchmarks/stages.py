"""CPU time of a run by file of this program, sampled from its threads many times a second.

A thread's time since the last sample is counted for the innermost file of `highlights` that it is in now, including the
libraries called from there. Threads started by libraries, mostly the decoder's, are one row.
"""

from __future__ import annotations

import os
import sys
import time
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread, get_ident
from types import FrameType

import highlights
from benchmarks.matches import Match, lengthened
from benchmarks.table import Table
from benchmarks.usage import spent
from highlights.pipeline import RunOptions, run

PACKAGE = str(Path(highlights.__file__).parent)
SAMPLE_S = 0.005
LEAST_SHARE = 0.01  # files with less share one row
NATIVE, REST, ELSEWHERE = "threads of libraries: decoder and others", "all other files", "other Python code"


def measure_stages(match: Match, length_s: float, scratch: Path) -> Table:
    """CPU time by file, the largest first, of a run with an empty cache."""
    path, duration_s = lengthened(match, length_s, scratch)
    print("sampling a run ...", file=sys.stderr)
    sampler = _Sampler()
    with TemporaryDirectory() as folder, spent() as taken:
        os.environ["HIGHLIGHTS_CACHE"] = f"{folder}/cache"
        sampler.start()
        try:
            run(path, match.sport, Path(folder) / "out", RunOptions(reel="none"))
        finally:
            sampler.end()
            del os.environ["HIGHLIGHTS_CACHE"]
    shares = dict(sampler.cpu_s)
    shares[NATIVE] = max(0.0, taken.cpu_s - sum(shares.values()))
    table = Table(f"Where the time goes: {path.name}, {duration_s / 60:.1f} minutes", ("file", "CPU", "share of all"))
    for name, cpu_s in sorted(_folded(shares, taken.cpu_s).items(), key=lambda share: -share[1]):
        table.add(name, f"{cpu_s:.1f} s", f"{100 * cpu_s / taken.cpu_s:.0f} %")
    table.notes.append(f"{taken.cpu_s:.1f} s of CPU time in {taken.wall_s:.1f} s, sampled {sampler.samples} times.")
    return table


def _folded(shares: Mapping[str, float], total_s: float) -> dict[str, float]:
    folded: dict[str, float] = defaultdict(float)
    for name, cpu_s in shares.items():
        folded[name if cpu_s >= LEAST_SHARE * total_s else REST] += cpu_s
    return folded


class _Sampler(Thread):
    """Samples all threads, and adds the CPU time of each since the last sample to the file it is in."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.cpu_s: dict[str, float] = defaultdict(float)
        self.samples = 0
        self._last_s: dict[int, float] = {}
        self._over = Event()

    def run(self) -> None:
        while not self._over.wait(SAMPLE_S):
            self.samples += 1
            for thread, frame in sys._current_frames().items():
                if thread != get_ident():
                    with suppress(OSError):  # the thread has just ended
                        self._record(thread, frame)

    def end(self) -> None:
        """Stop sampling."""
        self._over.set()
        self.join()

    def _record(self, thread: int, frame: FrameType) -> None:
        now_s = time.clock_gettime(time.pthread_getcpuclockid(thread))
        before_s = self._last_s.get(thread)
        self._last_s[thread] = now_s
        if before_s is None or now_s < before_s:  # another thread with the ID of an ended one
            return
        self.cpu_s[_place(frame)] += now_s - before_s


def _place(frame: FrameType | None) -> str:
    while frame is not None:
        if frame.f_code.co_filename.startswith(PACKAGE):
            return frame.f_code.co_filename[len(PACKAGE) + 1 :]
        frame = frame.f_back
    return ELSEWHERE
