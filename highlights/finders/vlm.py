"""The finder that asks a model: windows → moments, with the right to say no.

    windows ──► looks ──► claims ──┬──► decided ──► moments
                  ▲                │
                  └── moved ◄──────┴─── undecided: it can still be an event or none

A grounding model names a span in every window, so what it names is a claim. A claim is looked at again, from windows moved so
that it lies elsewhere, for as long as it can go either way. Signals propose: where they speak, a claim is doubted longer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from highlights.backends.backend import Backend
from highlights.dialects.dialect import Dialect
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
    """What a model claimed, and what it took.

    `windows` is how many the first reading asked about, `windows_again` how many further looks did; `unreadable` answers could
    not be used, and `refused` claims were too weak to be shown.
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
    """What a model claims of the events of a profile.

    Args:
        recording: The match.
        profile: Its events are asked about, all of them in every window.
        windows: What is looked at first.
        reader: Gives the footage of windows.
        dialect: The words of the model.
        backend: The model.
        proposals: What the signals claim.
        progress: Called with the stage and its share done.

    Raises:
        ModelError: The model can't answer.
    """
    looker = Looker(profile.events, reader, dialect, backend)
    case = _Case(recording, profile, dialect, proposals)
    for stage, asked in case.rounds(windows):
        for done, look in enumerate(looker.looks(asked), start=1):
            case.add(look)
            progress(stage, done / len(asked))
    return case.closed(len(windows))


class _Case:
    """All looks so far, and what follows from them."""

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
        """One more look."""
        self.looks.append(look)
        for weigher in self._weighers:
            weigher.add(look.replies[weigher.rule.name])

    def rounds(self, windows: Sequence[Window]) -> Iterator[tuple[str, list[Window]]]:
        """What to look at, round by round, with the name of the stage; each follows from the looks before it.

        In the first, neighbours show mostly the same, so a backend that keeps what it has seen has little more to do.
        """
        again = self._weights.looking_again
        first = {*windows, *self._second_looks.between(windows)}
        yield f"asking {self._model}", sorted(first, key=lambda window: window.span)
        most = again.most * len(windows)
        for _ in range(again.rounds):
            undecided = [claim.peak_s for claim in self._claims() if self._undecided(claim)]
            moved = self._second_looks.of(undecided, [look.window for look in self.looks], again.apart_s)
            if not moved or len(self.looks) + len(moved) > most:
                return
            yield f"asking {self._model} again", moved

    def closed(self, first: int) -> Claims:
        """The moments of all claims that are strong enough to be shown or that say something of a signal's."""
        claims = self._claims()
        shown = [c for c in claims if c.signal or c.confidence >= self._weights.shown_from]
        said = [moment for claim in shown for moment in moments(claim, self._model, self._weights)]
        return Claims(
            moments=tuple(sorted(said, key=lambda m: (m.span, m.event, m.signal, -m.weight))),
            windows=first,
            windows_again=len(self.looks) - first,
            questions=sum(look.questions for look in self.looks),
            unreadable=sum(look.unreadable for look in self.looks),
            refused=len(claims) - len(shown),
        )

    def _claims(self) -> list[Claim]:
        return [claim for weigher in self._weighers for claim in weigher.claims()]

    def _undecided(self, claim: Claim) -> bool:
        band = self._weights.looking_again
        return claim.looks < band.looks and -band.below <= claim.margin(band.signals_at_most) <= band.above
