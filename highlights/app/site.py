"""The site of a library: home and the review pages of its matches, served together, once for each library."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from highlights.app.addresses import make_app
from highlights.app.open_library import OpenLibrary
from highlights.app.open_reviews import PREFIX
from highlights.finders.choice import ModelOptions
from highlights.media.aside import write_aside
from highlights.review.serving import HOST

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

RUNNING = ".app.json"
"""Where the program that has the library open notes its link, for the same user only."""


class LibrarySite:
    """What `highlights app` serves: the library in the folder `root`.

    Raises:
        OutputError: the library cannot be made or written to.
    """

    files_at = "/api/uploads/"

    def __init__(self, root: Path, models: ModelOptions) -> None:
        self.opened = OpenLibrary(root, models)
        self._note = self.opened.library.root / RUNNING
        self._noted = False

    def app(self) -> ASGIApp:
        """The application, without the check of who may use it. The queue begins to run."""
        home, matches = make_app(self.opened), self.opened.reviews

        async def site(scope: Scope, receive: Receive, send: Send) -> None:
            of_match = scope["type"] == "http" and scope["path"].startswith(PREFIX)
            await (matches if of_match else home)(scope, receive, send)

        self.opened.queue.start()
        Thread(target=self.opened.read, name="index", daemon=True).start()
        return site

    def note_link(self, link: str) -> None:
        """Note where this library is open, so that a second start only opens the page."""
        with write_aside(self._note) as aside:
            aside.touch(mode=0o600)
            aside.write_text(json.dumps({"pid": os.getpid(), "link": link}))
        self._noted = True

    def close(self) -> None:
        """End what is running; the queue goes on when the library is opened again."""
        if self._noted:
            self._note.unlink(missing_ok=True)
        self.opened.queue.stop()
        self.opened.reviews.close_all()
        self.opened.compiler.cancel()


def open_elsewhere(root: Path) -> str:
    """The link of a program that has this library open; empty if there is none."""
    try:
        noted: Mapping[str, object] = json.loads((root / RUNNING).read_text())
        link = urlsplit(str(noted["link"]))
        if link.hostname != HOST or link.port is None:
            return ""
        with closing(HTTPConnection(HOST, link.port, timeout=3)) as asked:
            asked.request("GET", f"/?{link.query}")
            return link.geturl() if asked.getresponse().status == 303 else ""  # it welcomes only who has its token
    except (OSError, ValueError, KeyError, TypeError, HTTPException):
        return ""
