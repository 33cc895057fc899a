"""Where the processor time of a run goes: by the file of this program that each thread is in, looked at many times a second.

A thread's time since the last look goes to the innermost file of `highlights` that it is in now; what libraries called from
there take is counted there too. The threads that libraries start by themselves, most of all the decoder's, are one line.
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

HOUSE = str(Path(highlights.__file__).parent)
LOOK_S = 0.005
LEAST_SHARE = 0.01  # files with less are one line
NATIVE, REST, ELSEWHERE = "threads of libraries: decoder and others", "all other files", "other Python code"


def measure_stages(match: Match, length_s: float, scratch: Path) -> Table:
    """Processor time by file, the most first, of a run that knows nothing."""
    path, duration_s = lengthened(match, length_s, scratch)
    print("looking where the time of a run goes ...", file=sys.stderr)
    looker = _Looker()
    with TemporaryDirectory() as folder, spent() as taken:
        os.environ["HIGHLIGHTS_CACHE"] = f"{folder}/cache"
        looker.start()
        try:
            run(path, match.sport, Path(folder) / "out", RunOptions(reel="none"))
        finally:
            looker.end()
            del os.environ["HIGHLIGHTS_CACHE"]
    shares = dict(looker.cpu_s)
    shares[NATIVE] = max(0.0, taken.cpu_s - sum(shares.values()))
    table = Table(f"Where the time goes: {path.name}, {duration_s / 60:.1f} minutes", ("file", "processor", "share of all"))
    for name, cpu_s in sorted(_folded(shares, taken.cpu_s).items(), key=lambda share: -share[1]):
        table.add(name, f"{cpu_s:.1f} s", f"{100 * cpu_s / taken.cpu_s:.0f} %")
    table.notes.append(f"{taken.cpu_s:.1f} s of processor time in {taken.wall_s:.1f} s, looked at {looker.looks} times.")
    return table


def _folded(shares: Mapping[str, float], total_s: float) -> dict[str, float]:
    folded: dict[str, float] = defaultdict(float)
    for name, cpu_s in shares.items():
        folded[name if cpu_s >= LEAST_SHARE * total_s else REST] += cpu_s
    return folded


class _Looker(Thread):
    """Looks at all threads again and again, and gives each one's processor time since the last look to the file it is in."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.cpu_s: dict[str, float] = defaultdict(float)
        self.looks = 0
        self._known: dict[int, float] = {}
        self._over = Event()

    def run(self) -> None:
        while not self._over.wait(LOOK_S):
            self.looks += 1
            for thread, frame in sys._current_frames().items():
                if thread != get_ident():
                    with suppress(OSError):  # a thread that has just ended
                        self._see(thread, frame)

    def end(self) -> None:
        """Look no more."""
        self._over.set()
        self.join()

    def _see(self, thread: int, frame: FrameType) -> None:
        now_s = time.clock_gettime(time.pthread_getcpuclockid(thread))
        before_s = self._known.get(thread)
        self._known[thread] = now_s
        if before_s is None or now_s < before_s:  # another thread under the number of one that has ended
            return
        self.cpu_s[_place(frame)] += now_s - before_s


def _place(frame: FrameType | None) -> str:
    while frame is not None:
        if frame.f_code.co_filename.startswith(HOUSE):
            return frame.f_code.co_filename[len(HOUSE) + 1 :]
        frame = frame.f_back
    return ELSEWHERE
