"""Matches on this machine: each in its own process, so that a crash of one does not stop the others."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event as Flag

from highlights.batch import remote
from highlights.batch.apart import Worker
from highlights.batch.manifest import Match
from highlights.batch.summary import OnChange, Outcome

LOG = logging.getLogger(__name__)

CORES_A_MATCH = 2
"""Analysing one match keeps about this many cores busy."""


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
    outcome = Worker(match, remote.at(out, match.name), stopped).run(on_change)
    LOG.info("%s: %s %s", match.name, outcome.state, outcome.error)
    on_change(outcome)
    return outcome
