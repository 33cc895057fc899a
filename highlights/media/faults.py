"""`FaultCounter`: input that could not be used, counted while reading and reported at the end of a run."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from highlights.records import Fault


class FaultCounter:
    """Counts problems per file, in the order in which they first occurred."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[Path, str]] = Counter()

    def add(self, path: Path, problem: str, count: int = 1) -> None:
        """Count one more of `problem` in the file `path`."""
        self._counts[path, problem] += count

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults counted so far."""
        return tuple(Fault(path, problem, count) for (path, problem), count in self._counts.items())
