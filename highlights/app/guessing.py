"""The sport of a recording that nothing is known of yet, in a process of its own: a file that breaks a decoder ends only that.

The process also takes the memory of text recognition with it.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from highlights import logs
from highlights.confinement import confine
from highlights.errors import HighlightsError

LOG = logging.getLogger(__name__)
MOST_FILES = 4
"""Of a recording in many files, so many are opened."""
MOST_S = 30.0
"""A recording that takes longer is not guessed."""


def sport_shown(recordings: Sequence[str], sports: Collection[str]) -> str:
    """The sport that the score graphic of a recording tells; empty if none for certain, or if it cannot be read.

    Takes a few seconds.
    """
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_guess, args=(tuple(recordings[:MOST_FILES]), tuple(sports), theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        return str(ours.recv()) if ours.poll(MOST_S) else ""
    except (EOFError, OSError):
        LOG.info("no sport is guessed: the process that read %s has crashed", recordings[0])
        return ""
    finally:
        process.kill()
        process.join()
        ours.close()


def _guess(recordings: Sequence[str], sports: Collection[str], parent: Connection) -> None:
    from highlights.analysis.score import sport_reading
    from highlights.media.probe import open_recording

    logs.set_up_child()
    try:
        confine([])
        parent.send(sport_reading.sport_shown(open_recording([Path(path) for path in recordings]), sports))
    except HighlightsError as error:
        LOG.info("no sport is guessed: %s", error)
        parent.send("")
