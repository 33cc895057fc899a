"""One match in a process of its own, so that its crash ends nothing else; it can be paused and stopped.

    this process    Worker ──pause, resume──►  ┌ its process ┐
                           ◄─stage, share────  │  run_match  │
                           ◄─Made, or error──  └─────────────┘

The process ends, and removes its half-made files, when it is stopped or when this program no longer exists.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event as Flag
from threading import Lock
from typing import TypeAlias

from highlights import logs
from highlights.batch import remote
from highlights.batch.manifest import Match
from highlights.batch.match import Made, run_match
from highlights.batch.summary import OnChange, Outcome
from highlights.errors import HighlightsError
from highlights.guard import guarded

Message: TypeAlias = tuple[str, float] | Made | str
"""A stage and its share; at the end what was found, or the error."""

_PAUSE, _RESUME = "pause", "resume"
_PATIENCE_S = 5.0  # how long a process that is told to end may clean up; one that is stopped or stuck never does
_LOOK_S = 0.2  # how often it is checked whether the process was asked to stop


class Worker:
    """Runs one match in its own process and writes its results into the folder or URL `place`."""

    def __init__(self, match: Match, place: str, stopped: Flag | None = None) -> None:
        self._match = match
        self._place = place
        self._stopped = stopped or Flag()
        self._ours: Connection | None = None
        self._paused = False
        self._lock = Lock()

    def run(self, on_change: OnChange) -> Outcome:
        """The outcome; never raises for the match's errors. `stop` makes it return early."""
        context = get_context("spawn")
        try:
            ours, theirs = context.Pipe()
            process = context.Process(target=_work, args=(self._match, self._place, theirs), name=self._match.name)
            process.start()
        except OSError as error:
            why = f"no process can be started for it ({error.strerror}): end other programs and try again"
            return Outcome(self._match, "failed", error=why)
        theirs.close()
        with self._lock:
            self._ours = ours
            if self._paused:  # before the process was there
                ours.send(_PAUSE)
        last: Message = ""
        try:
            for last in self._messages(ours):
                if isinstance(last, tuple):
                    on_change(Outcome(self._match, "running", *last))
        finally:
            with self._lock:
                self._ours = None
            if self._stopped.is_set():
                process.terminate()
                process.join(_PATIENCE_S)
                process.kill()
            process.join()
            ours.close()
        if process.exitcode == 0 and isinstance(last, Made):
            return Outcome(self._match, "done", share=1.0, events=last.events, warnings=last.warnings)
        if isinstance(last, str) and last:
            return Outcome(self._match, "failed", error=last)
        return Outcome(self._match, "failed", error=_why_ended(process.exitcode), crashed=True)

    @property
    def is_stopped(self) -> bool:
        """Whether it was told to stop: then its outcome says nothing about the match."""
        return self._stopped.is_set()

    def pause(self) -> None:
        """Make the process wait at its next step, until `resume`."""
        self._tell(_PAUSE)

    def resume(self) -> None:
        """Let a paused process go on."""
        self._tell(_RESUME)

    def stop(self) -> None:
        """Make `run` end the process and return."""
        self._stopped.set()

    def _tell(self, word: str) -> None:
        with self._lock:
            self._paused = word == _PAUSE
            if self._ours:
                try:
                    self._ours.send(word)
                except OSError:  # it has just ended
                    return

    def _messages(self, connection: Connection) -> Iterator[Message]:
        """The messages of the process until it ends."""
        while not self._stopped.is_set():
            try:
                if connection.poll(_LOOK_S):
                    yield connection.recv()
            except (EOFError, OSError):
                return


def _why_ended(code: int | None) -> str:
    if code is not None and code < 0:
        return f"its process was killed by signal {-code}; if it ran out of memory, try --jobs 1"
    return f"its process ended with code {code}"


def _work(match: Match, place: str, parent: Connection) -> None:
    """Run one match in this process, which cleans up when it is terminated or its parent is gone."""
    logs.set_up_child()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    lock = Lock()

    def on_progress(stage: str, share: float) -> None:
        with lock:  # a paused process waits here, whichever of its threads comes by
            parent.send((stage, share))
            while parent.poll() and parent.recv() == _PAUSE:
                while parent.recv() != _RESUME:
                    pass

    try:
        here = not any(map(remote.is_url, (place, *match.recordings)))
        with guarded(Path(place), models=match.options.models) if here else nullcontext():
            parent.send(run_match(match, place, on_progress))
    except HighlightsError as error:
        parent.send(str(error))
        raise SystemExit(1) from error
    except (KeyboardInterrupt, EOFError, BrokenPipeError, ConnectionResetError):
        raise SystemExit(130) from None
