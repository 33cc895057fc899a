"""`highlights review`: the page on this machine, until Ctrl-C."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Callable
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


def serve(review: Review, port: int, opened: Callable[[str], None]) -> None:
    """Answer at `port` (0 takes a free one) until stopped; `opened` is told the link as soon as it works.

    Raises:
        OutputError: the port is taken.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, port))
        except OSError as error:
            raise OutputError(f"{HOST}:{port}", f"{error.strerror}: choose another with --port") from error
        port = listening.getsockname()[1]
        token = secrets.token_urlsafe(32)
        listening.listen(128)
        # uvicorn's own access log would hold the token
        config = uvicorn.Config(make_app(review, token, port), log_level="error", access_log=False, timeout_graceful_shutdown=2)
        opened(f"http://{HOST}:{port}/?token={token}")
        try:
            asyncio.run(uvicorn.Server(config).serve(sockets=[listening]))
        finally:
            review.cutter.worker.cancel()
