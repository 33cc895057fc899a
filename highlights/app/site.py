"""The site of a library: its parts, and how they live and end together."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from highlights.app.browsing import guessed_sport
from highlights.app.opened import PREFIX, OpenMatches
from highlights.app.uploads import Uploads
from highlights.errors import HighlightsError, OutputError
from highlights.finders.choice import ModelOptions
from highlights.library.folder import Library
from highlights.library.index import Index, Row
from highlights.library.queue import Queue
from highlights.media.aside import write_aside
from highlights.media.probe import open_recording
from highlights.media.stills import thumbnail
from highlights.profile.library import available
from highlights.review.job import Worker
from highlights.review.serving import HOST

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

LOG = logging.getLogger(__name__)

RUNNING = ".app.json"
"""Where the program that has the library open notes its link, for the same user only."""


class LibrarySite:
    """What `highlights app` serves: the library in the folder `root`.

    Raises:
        OutputError: the library cannot be made or written to.
    """

    files_at = "/api/uploads/"

    def __init__(self, root: Path, models: ModelOptions) -> None:
        self.library = Library(root)
        self.index = Index(self.library)
        self.queue = Queue(self.library, self._on_done)
        self.uploads = Uploads(self.library.root)
        self.matches = OpenMatches(self.library, models)
        self.compiler = Worker()
        self.picture = lru_cache(maxsize=400)(self._picture)
        self._noted = False

    def app(self) -> ASGIApp:
        """The application, without the check of who may use it. The queue begins to run."""
        from highlights.app.addresses import make_app

        home = make_app(self)

        async def site(scope: Scope, receive: Receive, send: Send) -> None:
            of_match = scope["type"] == "http" and scope["path"].startswith(PREFIX)
            await (self.matches if of_match else home)(scope, receive, send)

        self.queue.start()
        Thread(target=self._read, name="index", daemon=True).start()
        return site

    def note_link(self, link: str) -> None:
        """Note where this library is open, so that a second start only opens the page."""
        file = self.library.root / RUNNING
        with write_aside(file) as aside:
            aside.touch(mode=0o600)
            aside.write_text(json.dumps({"pid": os.getpid(), "link": link}))
        self._noted = True

    def close(self) -> None:
        """End what is running; the queue goes on when the library is opened again."""
        if self._noted:
            (self.library.root / RUNNING).unlink(missing_ok=True)
        self.queue.stop()
        self.matches.close_all()
        self.compiler.cancel()

    def sports(self) -> list[dict[str, str]]:
        """The profiles that can be chosen, with the name and title of each."""
        return [{"name": name, "title": name.replace("_", " ").capitalize()} for name in available()]

    def events_of(self, sport: str) -> list[Row]:
        """All events of the library, or those of one sport, as they are now."""
        self.index.refresh()
        return [row for row in self.index.events() if not sport or row[0].sport == sport]

    def match_of(self, recording: str) -> str:
        """The name of the match of the library that has this recording; empty if there is none."""
        return next((match.name for match in self.index.matches() if recording in match.recordings), "")

    def guess_sport(self, paths: list[str]) -> str:
        """The sport that a recording most likely shows."""
        matches = self.index.matches()
        recent = max(matches, key=lambda match: match.date, default=None)
        return guessed_sport(paths, list(available()), recent.sport if recent else "")

    def _picture(self, name: str, stamp: str) -> bytes:
        match = self.index.match(name)
        if match is None or match.missing or not match.recordings:
            raise OutputError(name, "its recording is not there, so there is no picture")
        return thumbnail(open_recording([Path(recording) for recording in match.recordings]), match.picture_s)

    def _on_done(self, name: str) -> None:
        LOG.info("%s: done", name)
        with suppress(HighlightsError):
            self._read()

    def _read(self) -> None:
        with suppress(HighlightsError):
            self.index.refresh()


def open_elsewhere(root: Path) -> str:
    """The link of a program that has this library open; empty if there is none."""
    try:
        noted: Mapping[str, object] = json.loads((root / RUNNING).read_text())
        link = urlsplit(str(noted["link"]))
        if link.hostname != HOST or link.port is None:
            return ""
        asked = HTTPConnection(HOST, link.port, timeout=3)
        asked.request("GET", f"/?{link.query}")
        return link.geturl() if asked.getresponse().status == 303 else ""  # it welcomes only who has its token
    except (OSError, ValueError, KeyError, TypeError, HTTPException):
        return ""
