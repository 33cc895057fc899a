"""`highlights review`: the page on this machine, until Ctrl-C."""

from __future__ import annotations

import asyncio
import secrets
import socket
from contextlib import suppress
from pathlib import Path

import uvicorn

from highlights.errors import OutputError
from highlights.finders.choice import ModelOptions
from highlights.review.app import Review, make_app
from highlights.review.cutting import Cutter
from highlights.review.job import Worker
from highlights.review.pictures import Thumbnails
from highlights.review.proxies import Proxies
from highlights.review.querying import Asker
from highlights.review.session import Session
from highlights.systems import WINDOWS

HOST = "127.0.0.1"


def open_review(folder: Path, sport: str | None, models: ModelOptions) -> Review:
    """What the page works on: the timeline in `folder`, or the file of one.

    Raises:
        HighlightsError: there is no timeline that can be used.
    """
    session = Session(folder.parent if folder.is_file() else folder, sport)
    worker = Worker()
    recording = session.timeline.recording
    return Review(session, Cutter(session, worker), Proxies(recording, worker), Asker(models), Thumbnails(recording))


class Server:
    """The page at `port` of this machine (0 takes a free one), from now on taken; `link` opens it.

    Raises:
        OutputError: the port is taken.
    """

    def __init__(self, review: Review, port: int = 0) -> None:
        self._review = review
        self._listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if not WINDOWS:  # where this would let another program take the port over
            self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._listening.bind((HOST, port))
        except OSError as error:
            self._listening.close()
            raise OutputError(f"{HOST}:{port}", f"{error.strerror}: choose another with --port") from error
        self._listening.listen(128)
        self.port: int = self._listening.getsockname()[1]
        token = secrets.token_urlsafe(32)
        self.link = f"http://{HOST}:{self.port}/?token={token}"
        # uvicorn's own access log would hold the token
        app = make_app(review, token, self.port)
        config = uvicorn.Config(app, log_level="error", access_log=False, timeout_graceful_shutdown=2)
        self._server = uvicorn.Server(config)

    def run(self) -> None:
        """Answer until `stop`, Ctrl-C or SIGTERM; what is being made then is given up and tidied away."""
        try:
            with suppress(KeyboardInterrupt):  # the way to end it
                asyncio.run(self._server.serve(sockets=[self._listening]))
        finally:
            self._listening.close()
            self._review.cutter.worker.cancel()

    def stop(self) -> None:
        """Have `run` come to its end."""
        self._server.should_exit = True
