"""`highlights app` as its user starts it, and as a power failure ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Program:
    """`highlights app` as its user starts it."""

    def __init__(self, library: Path, home: Path | None = None) -> None:
        command = [sys.executable, "-m", "highlights", "app", "--library", str(library), "--no-browser"]
        self._process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env=os.environ | ({"HOME": str(home)} if home else {}),
        )
        assert self._process.stdout
        self.link = self._process.stdout.readline().strip()

    def kill(self, *, alone: bool = False) -> None:
        """Kill it with all that it started, as if the power had failed; or `alone`."""
        (os.kill if alone else os.killpg)(self._process.pid, signal.SIGKILL)
        self._ended()

    def end(self) -> None:
        self._process.send_signal(signal.SIGINT)
        self._ended()

    def _ended(self) -> None:
        self._process.wait()
        assert self._process.stdout
        self._process.stdout.close()


@contextmanager
def program(library: Path, home: Path | None = None) -> Iterator[Program]:
    started = Program(library, home)
    try:
        yield started
    finally:
        started.end()
