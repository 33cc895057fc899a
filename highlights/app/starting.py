"""`highlights app`: the library in the browser until Ctrl-C, once for each library."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from highlights.app.site import LibrarySite, open_elsewhere
from highlights.finders.choice import ModelOptions
from highlights.library.folder import default_library
from highlights.review.serving import Server


def open_library(root: Path | None, port: int, models: ModelOptions, announce: Callable[[str, bool], None]) -> None:
    """Serve a library, the usual one if `root` is None; `announce` is given the link, and whether it is open already.

    If it is, nothing else happens.

    Raises:
        OutputError: the library cannot be written to, or the port is taken.
    """
    root = root or default_library()
    if link := open_elsewhere(root):
        announce(link, True)
        return
    site = LibrarySite(root, models)
    server = Server(site, port)
    site.note_link(server.link)
    server.run(lambda: announce(server.link, False))
