"""The parts of an open library: what the addresses of home work with."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TypedDict

from highlights.app.browsing import named_sport, usual_sport
from highlights.app.guessing import sport_shown
from highlights.app.open_reviews import OpenReviews
from highlights.app.uploads import Uploads
from highlights.errors import HighlightsError, OutputError
from highlights.finders.choice import ModelOptions
from highlights.library.compiling import free_place, write_reel
from highlights.library.folder import Library
from highlights.library.index import Index, Row
from highlights.library.jobs import Value
from highlights.library.queue import Queue
from highlights.media.probe import open_recording
from highlights.media.stills import thumbnail
from highlights.profile.library import available
from highlights.reel.options import options_of
from highlights.review.job import Job, Worker

LOG = logging.getLogger(__name__)


class SportGuess(TypedDict):
    """A sport, and whether the name of the recording tells it."""

    sport: str
    named: bool


A_WHILE_S = 1.0
"""How long the page waits for matches to be read; thousands that are new take longer and appear one after the other."""


class OpenLibrary:
    """The library in the folder `root`, its index and queue, files on their way into it, and open reviews.

    Raises:
        OutputError: the library cannot be made or written to.
    """

    def __init__(self, root: Path, models: ModelOptions) -> None:
        self.library = Library(root)
        self.index = Index(self.library)
        self.queue = Queue(self.library, self._on_done, models)
        self.uploads = Uploads(self.library.root)
        self.reviews = OpenReviews(self.library, models)
        self.compiler = Worker()
        self.picture = lru_cache(maxsize=400)(self._picture)

    def sports(self) -> list[dict[str, str]]:
        """The profiles that can be chosen, with the name and title of each."""
        return [{"name": name, "title": name.replace("_", " ").capitalize()} for name in available()]

    def events_of(self, sport: str) -> list[Row]:
        """All events of the library, or those of one sport, as they are now."""
        self.index.refresh(A_WHILE_S)
        return [row for row in self.index.events() if not sport or row[0].sport == sport]

    def compile(self, name: str, picks: Sequence[tuple[str, int]], asked: Mapping[str, Value]) -> Job:
        """Start to cut a reel of events of several matches; `compiler` tells how far it is.

        Raises:
            HighlightsError: the name or an option is invalid.
            BusyError: another reel is being cut.
        """
        target = free_place(self.library, name)
        options_of(asked)
        return self.compiler.start(
            "cutting the reel",
            lambda progress: [write_reel(self.library, picks, target, asked, progress, self.compiler.tell).name],
        )

    def match_of(self, recording: str) -> str:
        """The name of the match of the library that has this recording; empty if there is none."""
        self.index.refresh(A_WHILE_S)
        return next((match.name for match in self.index.matches() if recording in match.recordings), "")

    def guess_sport(self, paths: list[str]) -> SportGuess:
        """The sport that a recording most likely shows, by its name or else by habit; at once, without opening it."""
        sports = list(available())
        if named := named_sport(paths, sports):
            return {"sport": named, "named": True}
        recent = max(self.index.matches(), key=lambda match: match.date, default=None)
        return {"sport": usual_sport(sports, recent.sport if recent else ""), "named": False}

    def sport_shown(self, recordings: Sequence[str]) -> str:
        """The sport that the score graphic of a recording tells; empty if none for certain, or if it cannot be read."""
        return sport_shown(recordings, available())

    def _picture(self, name: str, stamp: str) -> bytes:
        match = self.index.match(name)
        if match is None or match.missing or not match.recordings:
            raise OutputError(name, "its recording is not there, so there is no picture")
        return thumbnail(open_recording([Path(recording) for recording in match.recordings]), match.picture_s)

    def read(self) -> None:
        """Bring the index up to date; what is wrong with it is reported to whoever asks for it."""
        with suppress(HighlightsError):
            while self.index.refresh(A_WHILE_S):
                pass

    def _on_done(self, name: str) -> None:
        LOG.info("%s: done", name)
        self.read()
