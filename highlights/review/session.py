"""The timeline under review: every decision is saved at once, can be undone, and refers to the revision it was made on.

    past  ◄──undo──  now  ──redo──►  future          each a whole timeline; they share nearly all their data

A decision names the revision that the user saw. If another tab has decided since, or another program has written the file, the
decision is refused, and nothing is lost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import RLock

from highlights import profile as profiles
from highlights.cache.store import Store
from highlights.decisions import EventRef
from highlights.edges import trimmed_exactly, with_exact_edges
from highlights.errors import HighlightsError, TimelineError
from highlights.export import recording_places, timeline_csv, timeline_json
from highlights.profile import Profile
from highlights.records import Event, Timeline
from highlights.timeline import build

PROFILE = "profile.yaml"
"""The profile as changed on the page, beside the timeline."""

Change = Callable[[Timeline], Timeline]


class StaleError(HighlightsError):
    """A decision about an outdated revision."""


@dataclass(frozen=True, slots=True)
class ReviewState:
    """A timeline, and the name of the decision that led to it."""

    timeline: Timeline
    profile: Profile
    """The profile that its clips were built by."""
    words: str = ""


class Session:
    """One timeline under review, in `folder`.

    Raises:
        TimelineError: the timeline cannot be used.
        RecordingError: a file of its recording is another film.
        ProfileError: the profile of its sport cannot be used.
    """

    def __init__(self, folder: Path, sport: str | None = None, given: Sequence[str] = ()) -> None:
        self.folder = folder.resolve()
        self.file = self.folder / "timeline.json"
        self.lock = RLock()
        self.revision = 0
        timeline = recording_places.read(self.file, given)
        self._store = Store()
        self.profile_name = sport or self._saved_profile() or timeline.sport
        self.profile = profiles.load(self.profile_name)
        self._past: list[ReviewState] = []
        self._future: list[ReviewState] = []
        self._now = ReviewState(self._clipped(timeline), self.profile)
        self._writer = timeline_json.Writer(timeline, self.folder)
        self._digest = self._digest_of_file()

    @property
    def timeline(self) -> Timeline:
        """The current timeline, with the clips of its events."""
        return self._now.timeline

    @property
    def undo_words(self) -> str:
        """The decision that `undo` would undo; empty if there is none."""
        return self._now.words if self._past else ""

    @property
    def redo_words(self) -> str:
        """The decision that `redo` would repeat; empty if there is none."""
        return self._future[-1].words if self._future else ""

    def decide(self, revision: int, words: Callable[[Timeline], str], change: Change) -> EventRef | None:
        """Change the timeline, save it, and return where the changed event is; `words` names the decision.

        Raises:
            StaleError: `revision` is outdated.
            HighlightsError: the change is invalid or cannot be saved; nothing has changed.
        """
        with self.lock:
            self._check(revision)
            before = self._now
            after = ReviewState(self._clipped(change(before.timeline)), self.profile, words(before.timeline))
            self._become(after)
            self._past.append(before)
            self._future.clear()
            return _changed(before.timeline, after.timeline)

    def undo(self, revision: int) -> EventRef | None:
        """Undo the last decision; see `decide`."""
        with self.lock:
            self._check(revision)
            if not self._past:
                return None
            before = self._now
            self._become(self._past[-1])
            self._past.pop()
            self._future.append(before)
            return _changed(before.timeline, self.timeline)

    def redo(self, revision: int) -> EventRef | None:
        """Redo what was undone; see `decide`."""
        with self.lock:
            self._check(revision)
            if not self._future:
                return None
            before = self._now
            self._become(self._future[-1])
            self._future.pop()
            self._past.append(before)
            return _changed(before.timeline, self.timeline)

    def use_profile(self, name: str, profile: Profile) -> None:
        """Use another profile for clips and kinds from now on; decisions stay."""
        with self.lock:
            self.profile_name, self.profile = name, profile
            self._now = replace(self._now, timeline=self._clipped(self.timeline), profile=profile)
            self.revision += 1

    def is_outdated(self) -> bool:
        """Whether another program has changed the file, or it is gone."""
        try:
            return self._digest_of_file() != self._digest
        except TimelineError:
            return True

    def _check(self, revision: int) -> None:
        if revision != self.revision:
            raise StaleError("changed in another tab: check again and decide again")
        if self._digest_of_file() != self._digest:
            raise TimelineError(self.file, "another program has changed it: close this page and open the review again")

    def _become(self, state: ReviewState) -> None:
        if state.profile is not self.profile:  # an undone decision from before the profile was changed
            state = replace(state, timeline=self._clipped(state.timeline), profile=self.profile)
        timeline_csv.write(state.timeline, self.folder / "timeline.csv")
        self._writer.write(state.timeline, self.file)  # last: once it is written, the decision is made
        self._digest = self._digest_of_file()
        self._now = state
        self.revision += 1

    def _clipped(self, timeline: Timeline) -> Timeline:
        """The timeline with the clips of its events."""
        recording, profile, read = timeline.recording, self.profile, timeline.analysis
        events, misses = (
            tuple(trimmed_exactly(recording, profile, event, read, self._store) for event in those)
            for those in (timeline.events, timeline.near_misses)
        )
        analysis = with_exact_edges(recording, profile, (*events, *misses), read, self._store)
        clips = build(recording, profile, events, misses, analysis).clips
        return replace(timeline, events=events, near_misses=misses, clips=clips, analysis=analysis)

    def _saved_profile(self) -> str | None:
        file = self.folder / PROFILE
        return str(file) if file.is_file() else None

    def _digest_of_file(self) -> bytes:
        try:
            return hashlib.sha256(self.file.read_bytes()).digest()
        except OSError as error:
            raise TimelineError(self.file, f"cannot be read ({error.strerror})") from error


def _changed(before: Timeline, after: Timeline) -> EventRef | None:
    """The first event of `after` that is not in `before`; events come before near misses."""
    earlier = {id(event) for event in (*before.events, *before.near_misses)}
    return _first_new(earlier, after.events, "events") or _first_new(earlier, after.near_misses, "near_misses")


def _first_new(earlier: set[int], events: tuple[Event, ...], name: str) -> EventRef | None:
    places = (EventRef(name, i) for i, event in enumerate(events) if id(event) not in earlier)  # type: ignore[arg-type]
    return next(places, None)
