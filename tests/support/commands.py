"""The command line as a user starts it: in its own process, optionally with a terminal for its messages."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

COMMAND = [sys.executable, "-m", "highlights"]
LISTENING = "for number in (signal.SIGINT, signal.SIGHUP): signal.signal(number, signal.SIG_DFL)"
"""Restores the signals that a shell makes its background jobs ignore, because the tests may be such a job."""


def after(step: str, command: Sequence[str]) -> list[str]:
    """A command that runs in a process where the Python statement `step` was executed first.

    `preexec_fn` of `subprocess` would run it between fork and exec, where the locks of other threads of the tests stay taken.
    """
    return [sys.executable, "-c", f"import os, resource, signal, sys\n{step}\nos.execv(sys.argv[1], sys.argv[1:])", *command]


def highlights(
    *arguments: Path | str,
    before: str = "",
    stdout: int | IO[str] = subprocess.PIPE,
    env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end, `after` a step before it; the process has `env` besides the environment."""
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.run(
        after(before, command) if before else command,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        check=False,
        env=os.environ | (env or {}),
    )


class OnTerminal:
    """A command whose stderr is a terminal; it leads its own session, so that its child processes can be found."""

    def __init__(self, *arguments: Path | str, columns: int = 100, env: Mapping[str, str] | None = None) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        self.process = subprocess.Popen(
            after(LISTENING, [*COMMAND, *map(str, arguments)]),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=theirs,
            start_new_session=True,
            env=os.environ | {"TERM": "xterm"} | (env or {}),
        )
        os.close(theirs)
        self.said = ""

    def __enter__(self) -> OnTerminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    def wait_for(self, words: str) -> None:
        """Read the terminal until the pattern `words` appears."""
        while not re.search(words, self.said):
            assert self._read(), f"it ended without saying {words!r}: {self.said[-500:]}"

    def end(self) -> int:
        """Read the rest and return the exit code."""
        while self._read():
            pass
        os.close(self._ours)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return self.process.wait()

    def left_behind(self) -> list[str]:
        """Programs of the session that still run."""
        return [name for name, session in _running() if session == self.process.pid]

    def _read(self) -> bool:
        try:
            data = os.read(self._ours, 65536)
        except OSError:  # the other end is closed
            return False
        self.said += data.decode(errors="replace")
        return bool(data)


def _running() -> Sequence[tuple[str, int]]:
    """Name and session of every process that is not a zombie; empty without /proc."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, rest = stat.read_text().split("(", 1)[1].rsplit(")", 1)
        except (OSError, IndexError):  # the process has just ended
            continue
        fields = rest.split()
        if fields[0] != "Z":
            found.append((name, int(fields[3])))
    return found
