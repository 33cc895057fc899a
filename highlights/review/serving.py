"""The pages on this machine, of one review or of a whole library, until Ctrl-C."""

from __future__ import annotations

import asyncio
import logging
import secrets
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import current_thread, main_thread
from types import FrameType
from typing import TYPE_CHECKING, Protocol

import uvicorn
from h11 import LocalProtocolError

from highlights.errors import OutputError
from highlights.finders.choice import ModelOptions
from highlights.review.access import AccessCheck
from highlights.review.app import Review
from highlights.review.cutting import Cutter
from highlights.review.job import Worker
from highlights.review.pictures import Thumbnails
from highlights.review.pinning import Pinner
from highlights.review.proxies import Proxies
from highlights.review.querying import Asker
from highlights.review.session import Session
from highlights.systems import WINDOWS, ending_signals

if TYPE_CHECKING:
    from starlette.types import ASGIApp

HOST = "127.0.0.1"


def open_review(
    folder: Path, sport: str | None, models: ModelOptions, given: Sequence[str] = (), *, home: bool = False
) -> Review:
    """The review of the timeline in `folder`, or of a timeline file; `given` says where moved files of its recording are.

    `home` says whether the page leads back to a library.

    Raises:
        HighlightsError: the timeline cannot be used.
    """
    session = Session(folder.parent if folder.is_file() else folder, sport, given)
    worker = Worker()
    recording = session.timeline.recording
    cutter, proxies = Cutter(session, worker), Proxies(recording, worker)
    return Review(session, cutter, proxies, Asker(models), Thumbnails(recording), Pinner(session), home=home)


def _is_worth_telling(record: logging.LogRecord) -> bool:
    """Whether a message of uvicorn is about this program: not about a request that stops being HTTP, which it has refused."""
    return not record.exc_info or not isinstance(record.exc_info[1], LocalProtocolError)


class Site(Protocol):
    """What a server serves; below the path `files_at`, if it has one, it accepts files."""

    @property
    def files_at(self) -> str:
        """The path; empty if it accepts none."""
        ...

    def app(self) -> ASGIApp:
        """The application, without the check of who may use it."""
        ...

    def close(self) -> None:
        """End what is running, and clean up."""
        ...


class Server:
    """A site at `port` of this machine (0 for a free one), which is bound at once; `link` opens it.

    Raises:
        OutputError: the port is taken.
    """

    def __init__(self, site: Site, port: int = 0) -> None:
        self._site = site
        self._listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if not WINDOWS:  # on Windows this would let another program take over the port
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
        # uvicorn's access log would contain the token
        app = AccessCheck(site.app(), token, self.port, site.files_at)
        config = uvicorn.Config(app, log_level="error", access_log=False, timeout_graceful_shutdown=2)
        self._server = uvicorn.Server(config)
        logging.getLogger("uvicorn.error").addFilter(_is_worth_telling)

    def run(self, announce: Callable[[], None] = lambda: None) -> None:
        """Serve until `stop`, Ctrl-C or SIGTERM; a running job is then cancelled and cleaned up.

        `announce` is called once these are listened to: whoever reads the link may press Ctrl-C at once.
        """
        try:
            with suppress(KeyboardInterrupt), self._stopped_by_signals():  # Ctrl-C is the usual way to end it
                announce()
                asyncio.run(self._server.serve(sockets=[self._listening]))
        finally:
            self._listening.close()
            self._site.close()

    @contextmanager
    def _stopped_by_signals(self) -> Iterator[None]:
        """Turn signals into `stop`, as an exception inside asyncio leaves a traceback; raise them again at the end."""
        if current_thread() is not main_thread():
            yield
            return
        asked: list[int] = []

        def on_signal(number: int, _: FrameType | None) -> None:
            asked.append(number)
            self.stop()

        before = {
            number: signal.signal(number, on_signal)
            for number in (signal.SIGINT, *ending_signals())
            if signal.getsignal(number) is not signal.SIG_IGN
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        if asked:
            signal.raise_signal(asked[0])

    def stop(self) -> None:
        """Make `run` return."""
        self._server.should_exit = True
