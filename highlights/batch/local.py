"""Matches on this machine: each in its own process, so that a crash of one does not stop the others."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from multiprocessing.connection import Connection
from threading import Event as Flag
from typing import TypeAlias

from highlights import logs
from highlights.batch import remote
from highlights.batch.manifest import Match
from highlights.batch.match import Made, run_match
from highlights.batch.summary import OnChange, Outcome
from highlights.errors import HighlightsError

LOG = logging.getLogger(__name__)

CORES_A_MATCH = 2
"""Analysing one match keeps about this many cores busy."""
Message: TypeAlias = tuple[str, float] | Made | str
"""A stage and its share; at the end what was found, or the error."""


def run_here(matches: Sequence[Match], out: str, jobs: int, on_change: OnChange) -> list[Outcome]:
    """The outcome of each match; `jobs` run at a time (0 for as many as the cores allow)."""
    jobs = jobs or max(1, (os.cpu_count() or 1) // CORES_A_MATCH)
    stopped = Flag()
    with ThreadPoolExecutor(jobs) as pool:
        try:
            return list(pool.map(lambda match: _outcome(match, out, on_change, stopped), matches))
        except BaseException:
            stopped.set()  # Ctrl-C: the processes end and remove their half-made files
            pool.shutdown(cancel_futures=True)
            raise


def _outcome(match: Match, out: str, on_change: OnChange, stopped: Flag) -> Outcome:
    """The outcome of a match; never raises for its errors."""
    if stopped.is_set():
        return Outcome(match)
    LOG.info("%s: started", match.name)
    on_change(Outcome(match, "running"))
    outcome = _in_a_process(match, remote.at(out, match.name), on_change, stopped)
    LOG.info("%s: %s %s", match.name, outcome.state, outcome.error)
    on_change(outcome)
    return outcome


def _in_a_process(match: Match, place: str, on_change: OnChange, stopped: Flag) -> Outcome:
    ours, theirs = get_context("spawn").Pipe(duplex=False)
    process = get_context("spawn").Process(target=_work, args=(match, place, theirs), name=match.name)
    process.start()
    theirs.close()
    last: Message = ""
    try:
        for last in _messages(ours, stopped):
            if isinstance(last, tuple):
                on_change(Outcome(match, "running", *last))
    finally:
        if stopped.is_set():
            process.terminate()
        process.join()
    if process.exitcode == 0 and isinstance(last, Made):
        return Outcome(match, "done", share=1.0, events=last.events, warnings=last.warnings)
    return Outcome(match, "failed", error=last if isinstance(last, str) and last else _why_ended(process.exitcode))


def _messages(connection: Connection, stopped: Flag) -> Iterator[Message]:
    """The messages of a process until it ends."""
    while not stopped.is_set():
        try:
            if connection.poll(0.2):
                yield connection.recv()
        except (EOFError, OSError):
            return


def _why_ended(code: int | None) -> str:
    if code is not None and code < 0:
        return f"its process was killed by signal {-code}; if it ran out of memory, try --jobs 1"
    return f"its process ended with code {code}"


def _work(match: Match, place: str, parent: Connection) -> None:
    """Run one match in this process, which cleans up when it is terminated."""
    logs.set_up_child()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        parent.send(run_match(match, place, lambda stage, share: parent.send((stage, share))))
    except HighlightsError as error:
        parent.send(str(error))
        raise SystemExit(1) from error
    except KeyboardInterrupt:
        raise SystemExit(130) from None
