"""The models of a run: opened before the match is read, so that missing weights are reported first; closed at the end."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from highlights.backends.backend import Backend
from highlights.cache.answers import CachedAnswers
from highlights.cache.store import Store
from highlights.choices import FinderName
from highlights.dialects.dialect import Dialect
from highlights.dialects.molmo2 import MOLMO2
from highlights.errors import ModelError
from highlights.finders.choice import ModelOptions, model_roles, open_checker, open_model
from highlights.media.faults import FaultCounter
from highlights.profile import Profile
from highlights.progress import Progress, no_progress
from highlights.records import Clip, Event, Moment, Recording, Scene, Window
from highlights.spans import Span
from highlights.windows import model_windows, proposed

if TYPE_CHECKING:
    from highlights.media.footage.reader import WindowReader

LOG = logging.getLogger(__name__)

# Imported lazily: what asks a model is slow to import, and a run without a model never needs it.

LONGEST_PROPOSAL_S = 30.0  # of a claim longer than this, only the part around its peak is shown to a model
BEFORE_PEAK_S, AFTER_PEAK_S = 20.0, 10.0


@dataclass(frozen=True, slots=True)
class Model:
    """An open model: its dialect, where it runs, and the reader of its frames."""

    dialect: Dialect
    backend: CachedAnswers
    reader: WindowReader


@dataclass(slots=True)
class Models:
    """The models of a run; without one every result is empty."""

    recording: Recording
    optional: bool = False
    """Whether the run goes on without a model that fails; the failure is then among the faults."""
    finding: Model | None = None
    checking: Model | None = None
    counting: Model | None = None
    faults: FaultCounter = field(default_factory=FaultCounter)
    """Questions that they could not answer."""

    @property
    def names(self) -> tuple[str, ...]:
        """Display names of the models, in the order in which they are asked."""
        return tuple(model.backend.name for model in (self.finding, self.checking, self.counting) if model)

    def windows(self, scenes: Sequence[Scene], profile: Profile) -> tuple[Window, ...]:
        """All windows of the recording, cut for the model that finds."""
        if self.finding is None:
            return ()
        pair_s = 2 / self.finding.dialect.sampling.rate_hz
        return model_windows(scenes, profile.windows, self.recording, pair_s)

    def find(
        self, profile: Profile, windows: Sequence[Window], proposals: Sequence[Moment], progress: Progress = no_progress
    ) -> list[Moment]:
        """The model's claims, for and against, in these windows."""
        if self.finding is None or not windows:
            return []
        from highlights.finders import vlm
        from highlights.finders.looks import Looker

        model, second = self.finding, self.checking
        checker = Looker(profile.events, second.reader, second.dialect, second.backend) if second else None
        with self._unless_lost():
            claims = vlm.find(
                self.recording, profile, windows, model.reader, model.dialect, model.backend, proposals, progress, checker
            )
            asked = [one for one in (model, second) if one]
            for one in asked:
                self.count_unanswered(one)
            unreadable = claims.unreadable - sum(one.backend.unanswered for one in asked)
            self._count("answers of the model that could not be read", unreadable)
            return list(claims.moments)
        return []

    def second_opinion(self, events: Sequence[Event], profile: Profile) -> list[Moment]:
        """Claims of the model that counts, about accepted events."""
        if self.counting is None:
            return []
        from highlights.finders import counting

        model = self.counting
        with self._unless_lost():
            return counting.second_opinion(events, self.recording, profile, model.reader, model.dialect, model.backend)
        return []

    def described(self, events: Sequence[Event]) -> tuple[Event, ...]:
        """The events, each with a one-line description."""
        if self.finding is None:
            return tuple(events)
        from highlights.finders.captions import described

        with self._unless_lost():
            return described(events, self.recording, self.finding.reader, self.finding.dialect, self.finding.backend)
        return tuple(events)

    def trail(self, clips: Sequence[Clip]) -> tuple[tuple[float, float, float], ...]:
        """Where the play is in the clips: (match time, x, y); empty without a model that tracks."""
        tracking = next((m for m in (self.counting, self.finding) if m and m.dialect.name == MOLMO2.name), None)
        if tracking is None:
            return ()
        from highlights.finders.tracking import trail

        with self._unless_lost():
            return trail(clips, tracking.reader, tracking.dialect.sampling, tracking.backend)
        return ()

    @contextmanager
    def _unless_lost(self) -> Iterator[None]:
        """Leave the block if a model fails, and the models out from then on, if the run goes on without them."""
        try:
            yield
        except ModelError as error:
            self.lose(error)

    def lose(self, error: ModelError) -> None:
        """Go on without the models after this failure.

        Raises:
            ModelError: The run needs them.
        """
        if not self.optional:
            raise error
        self.finding = self.checking = self.counting = None
        self.faults.add(self.recording.parts[0].path, f"the model failed, and the run went on without it: {error}")

    def count_unanswered(self, model: Model) -> None:
        """Count the questions that a model has left unanswered among the faults."""
        self._count("questions that the model did not answer", model.backend.unanswered)

    def _count(self, problem: str, times: int) -> None:
        if times > 0:
            self.faults.add(self.recording.parts[0].path, problem, times)


@contextmanager
def open_models(
    finders: Sequence[FinderName],
    options: ModelOptions,
    recording: Recording,
    *,
    optional: bool = False,
    faults: FaultCounter | None = None,
) -> Iterator[Models]:
    """The models among the finders, open for the block.

    `optional`: the run goes on without one that fails. `faults` counts what they could not answer.

    Raises:
        ModelError: One cannot be loaded.
    """
    models = Models(recording, optional, faults=faults or FaultCounter())
    names = model_roles(finders)
    with ExitStack() as open_ones:
        try:
            if names:
                models.finding = open_ones.enter_context(_open(open_model(names[0], options), models))
            if names and options.checker:
                models.checking = open_ones.enter_context(_open(open_checker(options.checker, options), models))
            if names and names[1]:
                its_own = replace(options, model=None, dialect=None)  # --model and --dialect are for the one that finds
                models.counting = open_ones.enter_context(_open(open_model(names[1], its_own), models))
        except ModelError as error:
            models.lose(error)
        yield models


@contextmanager
def _open(opened: tuple[Dialect, Backend], models: Models) -> Iterator[Model]:
    from highlights.media.footage.reader import WindowReader

    dialect, backend = opened
    store = Store()
    try:
        with WindowReader(models.recording, dialect.sampling, device=backend.decodes_on, faults=models.faults) as reader:
            LOG.info("model %s", backend.name)
            yield Model(dialect, CachedAnswers(backend, store, models.recording), reader)
    finally:
        backend.close()
        if store.problem:
            models.faults.add(store.path, store.problem)


def worth_asking(windows: Sequence[Window], proposals: Sequence[Moment]) -> tuple[Window, ...]:
    """The windows in which signals support an event."""
    return proposed(windows, [_place(moment) for moment in proposals if moment.weight > 0])


def _place(moment: Moment) -> Span:
    if moment.span.length_s <= LONGEST_PROPOSAL_S:
        return moment.span
    around = Span(max(0.0, moment.peak_s - BEFORE_PEAK_S), moment.peak_s + AFTER_PEAK_S)
    return around.clamp(moment.span) or moment.span
