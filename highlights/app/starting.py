"""`highlights app`: the library in the browser until Ctrl-C, once for each library."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from highlights.app.site import LibrarySite, open_elsewhere
from highlights.errors import OutputError
from highlights.finders.choice import ModelOptions
from highlights.library.folder import Library, default_library
from highlights.media.aside import output_error
from highlights.review.serving import Server
from highlights.systems import lock

LOCK = ".app.lock"
"""Locked by the program that runs the queue of the library: two would run the same job into the same folder."""
PATIENCE_S = 10.0
"""How long to wait for a program that has the library open to answer: it may just be starting or ending."""


def open_library(root: Path | None, port: int, models: ModelOptions, announce: Callable[[str, bool], None]) -> None:
    """Serve a library, the usual one if `root` is None; `announce` is given the link, and whether it is open already.

    If it is, nothing else happens.

    Raises:
        OutputError: the library cannot be written to, the port is taken, or a program that has the library open is stuck.
    """
    root = Library(root or default_library()).root
    with ExitStack() as open_files:
        locked = open_files.enter_context(_lock_file(root))
        until_s = time.monotonic() + PATIENCE_S
        while not (link := open_elsewhere(root)) and not lock(locked):
            if time.monotonic() > until_s:
                raise OutputError(root, "another program has this library open and does not answer: end that one first")
            time.sleep(0.2)
        if link:
            announce(link, True)
        else:
            _serve(root, port, models, announce)


def _serve(root: Path, port: int, models: ModelOptions, announce: Callable[[str, bool], None]) -> None:
    site = LibrarySite(root, models)
    try:
        server = Server(site, port)
        site.note_link(server.link)
    except OutputError:
        site.close()  # else the thread of its queue would keep the program from ending
        raise
    server.run(lambda: announce(server.link, False))


def _lock_file(root: Path) -> IO[bytes]:
    try:
        return (root / LOCK).open("ab")
    except OSError as error:
        raise output_error(root, error) from error
