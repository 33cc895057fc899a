"""The finder that asks a vision-language model: windows → moments; its claims may turn out to be nothing.

    windows ──► looks ──► claims ──┬──► decided ──► moments
                  ▲                │
                  └── moved ◄──────┴─── undecided: it may or may not be an event

A grounding model names a span in every window, so what it names is only a claim. A claim is looked at again, in windows moved
so that it is elsewhere in them, as long as it can go either way. Where signals propose an event, this goes on for longer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from highlights.backends.backend import Backend
from highlights.dialects.dialect import Dialect
from highlights.finders.calibration import knows
from highlights.finders.claims import Claim, Weigher
from highlights.finders.looks import Look, Looker, Reader
from highlights.finders.second_looks import SecondLooks
from highlights.finders.weights import load
from highlights.finders.wording import moments
from highlights.profile import Profile
from highlights.progress import Progress, no_progress
from highlights.records import Moment, Recording, Window


@dataclass(frozen=True, slots=True)
class Claims:
    """What a model claimed, and at what cost.

    `windows` counts those of the first round, `windows_again` the further looks; `unreadable` answers could not be used, and
    `refused` claims were too weak to be reported.
    """

    moments: tuple[Moment, ...] = ()
    windows: int = 0
    windows_again: int = 0
    questions: int = 0
    unreadable: int = 0
    refused: int = 0


def find(
    recording: Recording,
    profile: Profile,
    windows: Sequence[Window],
    reader: Reader,
    dialect: Dialect,
    backend: Backend,
    proposals: Sequence[Moment] = (),
    progress: Progress = no_progress,
) -> Claims:
    """The claims of a model about the events of a profile.

    Args:
        recording: The match.
        profile: The model is asked about all of its events in every window.
        windows: The windows of the first round.
        reader: Reads the footage of windows.
        dialect: The dialect of the model.
        backend: The model.
        proposals: The claims of the signals.
        progress: Called with the stage and its share done.

    Raises:
        ModelError: The model can't answer.
    """
    looker = Looker(profile.events, reader, dialect, backend)
    case = _Case(recording, profile, dialect, proposals)
    for stage, due in case.rounds(windows):
        for done, look in enumerate(looker.looks(due), start=1):
            case.add(look)
            progress(stage, done / len(due))
    return case.result(len(windows))


class _Case:
    """All looks so far, and the claims that follow from them."""

    def __init__(self, recording: Recording, profile: Profile, dialect: Dialect, proposals: Sequence[Moment]) -> None:
        self.looks: list[Look] = []
        self._model = dialect.name
        self._weights = load()
        self._weighers = [
            Weigher(rule, self._weights, [m for m in proposals if m.event == rule.name]) for rule in profile.events
        ]
        margin_s, pair_s = self._weights.looking_again.margin_s, 2 / dialect.sampling.rate_hz
        self._second_looks = SecondLooks(recording, profile.windows, pair_s, margin_s)

    def add(self, look: Look) -> None:
        """Add a look."""
        self.looks.append(look)
        for weigher in self._weighers:
            weigher.add(look.replies[weigher.rule.name])

    def rounds(self, windows: Sequence[Window]) -> Iterator[tuple[str, list[Window]]]:
        """The windows to look at in each round, with the name of the stage; each round follows from the looks before it.

        In the first round neighbouring windows share most of their frames, so a backend that caches them has little more to do.
        """
        again = self._weights.looking_again
        first = {*windows, *self._second_looks.between(windows)}
        yield f"asking {self._model}", sorted(first, key=lambda window: window.span)
        self._calibrate()
        most = again.most * len(windows)
        for _ in range(again.rounds):
            undecided = [claim.peak_s for claim in self._claims() if self._undecided(claim)]
            moved = self._second_looks.of(undecided, [look.window for look in self.looks], again.apart_s)
            if not moved or len(self.looks) + len(moved) > most:
                return
            yield f"asking {self._model} again", moved

    def _calibrate(self) -> None:
        """Learn from the first round what the check is worth."""
        for weigher in self._weighers:
            weigher.calibrate()
        if not knows([weigher.replies for weigher in self._weighers]):
            for weigher in self._weighers:
                weigher.ignore_check()

    def result(self, first: int) -> Claims:
        """The moments of all claims that are strong enough or about a signal's claim."""
        claims = self._claims()
        reported = [c for c in claims if c.signal or c.confidence >= self._weights.shown_from]
        found = [moment for claim in reported for moment in moments(claim, self._model, self._weights)]
        return Claims(
            moments=tuple(sorted(found, key=lambda m: (m.span, m.event, m.signal, -m.weight))),
            windows=first,
            windows_again=len(self.looks) - first,
            questions=sum(look.questions for look in self.looks),
            unreadable=sum(look.unreadable for look in self.looks),
            refused=len(claims) - len(reported),
        )

    def _claims(self) -> list[Claim]:
        return [claim for weigher in self._weighers for claim in weigher.claims()]

    def _undecided(self, claim: Claim) -> bool:
        band = self._weights.looking_again
        return claim.looks < band.looks and -band.below <= claim.margin(band.signals_at_most) <= band.above
