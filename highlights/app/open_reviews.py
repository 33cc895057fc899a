"""The review pages of the library's matches, each opened when it is first asked for."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from threading import RLock

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from highlights.errors import HighlightsError
from highlights.finders.choice import ModelOptions
from highlights.library.folder import Library
from highlights.review.answers import Json
from highlights.review.app import Review
from highlights.review.serving import open_review

PREFIX = "/match/"
MOST_OPEN = 8
"""Reviews that are kept open; each holds a timeline and its history of decisions."""


class OpenReviews:
    """An application for the paths below `PREFIX`; the next part of a path is the name of a match."""

    def __init__(self, library: Library, models: ModelOptions) -> None:
        self._library = library
        self._models = models
        self._lock = RLock()
        self._open: OrderedDict[str, tuple[Review, FastAPI]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on to the review of its match."""
        name, slash, rest = scope["path"].removeprefix(PREFIX).partition("/")
        if not slash:
            await Json({"error": "the address of a match ends in /"}, 404)(scope, receive, send)
            return
        try:
            app = await run_in_threadpool(self._app, name, fresh=not rest)
        except HighlightsError as error:
            await Json({"error": str(error)}, 404)(scope, receive, send)
            return
        raw = scope.get("raw_path", b"").decode("latin-1")
        below = f"/{raw.removeprefix(PREFIX).partition('/')[2]}".encode("latin-1")
        await app({**scope, "path": f"/{rest}", "raw_path": below}, receive, send)

    def close(self, name: str) -> None:
        """Close the review of a match, which is about to be renamed or deleted.

        Raises:
            HighlightsError: a reel is being cut from it.
        """
        with self._lock:
            if name in self._open:
                if _is_busy(self._open[name][0]):
                    raise HighlightsError(f"{name}: a reel is being cut from it: wait or cancel that first")
                del self._open[name]

    def close_all(self) -> None:
        """Cancel what is running in any review."""
        with self._lock:
            for review, _ in self._open.values():
                review.close()
            self._open.clear()

    def _app(self, name: str, *, fresh: bool) -> FastAPI:
        """The application of a match; `fresh` opens it again if another program has changed it."""
        with self._lock:
            folder = self._library.match(name)
            if name in self._open and fresh and self._open[name][0].session.is_outdated() and not _is_busy(self._open[name][0]):
                del self._open[name]
            if name not in self._open:
                self._open[name] = self._opened(folder)
                self._trim()
            self._open.move_to_end(name)
            return self._open[name][1]

    def _opened(self, folder: Path) -> tuple[Review, FastAPI]:
        review = open_review(folder, None, self._models, home=True)
        return review, review.app()

    def _trim(self) -> None:
        idle = [name for name, (review, _) in self._open.items() if not _is_busy(review)]
        for name in idle[: max(0, len(self._open) - MOST_OPEN)]:
            del self._open[name]


def _is_busy(review: Review) -> bool:
    job = review.cutter.worker.job
    return job is not None and job.state == "running"
