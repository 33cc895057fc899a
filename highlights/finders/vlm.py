"""The finder that asks a vision-language model: windows → moments; its claims may turn out to be nothing.

    windows ──► looks ──► claims ──┬──► decided ──► moments
                  ▲                │
                  └── moved ◄──────┴─── undecided: it may or may not be an event; a checker, if there is one, is asked about it

A grounding model names a span in every window, so what it names is only a claim. A claim is looked at again, in windows moved
so that it is elsewhere in them, as long as it can go either way. Where signals propose an event, this goes on for longer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from highlights.backends.backend import Backend
from highlights.dialects.dialect import Dialect
from highlights.finders.calibration import knows
from highlights.finders.claims import Claim, Weigher, shows
from highlights.finders.looks import Ask, Look, Looker, Reader
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
    checker: Looker | None = None,
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
        checker: Another model, which says whether what this one names is so; without it this one is asked itself.

    Raises:
        ModelError: A model can't answer.
    """
    model = Looker(profile.events, reader, dialect, backend)
    case = _Case(recording, profile, model, checker, dialect, proposals)
    for due in case.rounds(windows):
        for done, look in enumerate(due.looker.looks(due.windows, due.asks, due.about), start=1):
            case.add(look)
            progress(due.stage, done / len(due.windows))
    return case.result(len(windows))


@dataclass(frozen=True, slots=True)
class _Round:
    """What is asked next, of whom, and about which windows; `stage` for people."""

    stage: str
    looker: Looker
    windows: Sequence[Window]
    asks: tuple[Ask, ...]
    about: Mapping[Window, Collection[str]] = field(default_factory=dict)


class _Case:
    """All looks so far, and the claims that follow from them."""

    def __init__(
        self,
        recording: Recording,
        profile: Profile,
        model: Looker,
        checker: Looker | None,
        dialect: Dialect,
        proposals: Sequence[Moment],
    ) -> None:
        self.looks: list[Look] = []
        self.windows: set[Window] = set()
        self._asked: set[tuple[Window, str]] = set()
        self._model = model
        self._checker = checker
        self._weights = load()
        self._gives_times = dialect.gives_times
        self._weighers = [
            Weigher(rule, self._weights, [m for m in proposals if m.event == rule.name]) for rule in profile.events
        ]
        margin_s, pair_s = self._weights.looking_again.margin_s, 2 / dialect.sampling.rate_hz
        self._second_looks = SecondLooks(recording, profile.windows, pair_s, margin_s)

    def add(self, look: Look) -> None:
        """Add a look."""
        self.looks.append(look)
        self.windows.add(look.window)
        for weigher in self._weighers:
            weigher.add(look.replies[weigher.rule.name])

    def rounds(self, windows: Sequence[Window]) -> Iterator[_Round]:
        """What to ask in each round; each follows from the looks before it.

        In the first round neighbouring windows share most of their frames, so a backend that caches them has little more to do.
        Descriptions are long answers, so they are asked for only if yes and no tell nothing.
        """
        name, again = self._model.name, self._weights.looking_again
        first = sorted({*windows, *self._second_looks.between(windows)}, key=lambda window: window.span)
        asks: tuple[Ask, ...] = ("find",) if self._checker else ("find", "check")
        yield _Round(f"asking {name}", self._model, first, asks)
        yield from self._checked()
        if not self._calibrate() and self._gives_times:
            yield _Round(f"asking {name} what happens", self._model, first, ("describe",))
            asks = ("find", "describe")
        most = again.most * len(windows)
        for _ in range(again.rounds):
            undecided = [claim.peak_s for claim in self._claims() if self._undecided(claim)]
            moved = self._second_looks.of(undecided, list(self.windows), again.apart_s)
            if not moved or len(self.windows) + len(moved) > most:
                return
            yield _Round(f"asking {name} again", self._model, moved, asks)
            yield from self._checked()

    def _checked(self) -> Iterator[_Round]:
        """The checker's round: it is asked about what may or may not be an event, once in each window that shows it."""
        if self._checker is None:
            return
        about: dict[Window, set[str]] = {}
        for claim in self._claims():
            if self._undecided(claim):
                for window in self.windows:
                    if shows(window, claim.peak_s) and (window, claim.rule.name) not in self._asked:
                        about.setdefault(window, set()).add(claim.rule.name)
        self._asked.update((window, name) for window, names in about.items() for name in names)
        if about:
            asked = sorted(about, key=lambda window: window.span)
            yield _Round(f"asking {self._checker.name}", self._checker, asked, ("check",), about)

    def _calibrate(self) -> bool:
        """Learn from the first round what the check is worth; whether it is worth anything."""
        for weigher in self._weighers:
            weigher.calibrate()
        useful = knows([weigher.replies for weigher in self._weighers])
        if not useful:
            for weigher in self._weighers:
                weigher.ignore_check()
        return useful

    def result(self, first: int) -> Claims:
        """The moments of all claims that are strong enough or about a signal's claim."""
        claims = self._claims()
        reported = [c for c in claims if c.signal or c.confidence >= self._weights.shown_from]
        names = self._model.name, (self._checker or self._model).name
        found = [moment for claim in reported for moment in moments(claim, *names, self._weights)]
        return Claims(
            moments=tuple(sorted(found, key=lambda m: (m.span, m.event, m.signal, -m.weight))),
            windows=first,
            windows_again=len(self.windows) - first,
            questions=sum(look.questions for look in self.looks),
            unreadable=sum(look.unreadable for look in self.looks),
            refused=len(claims) - len(reported),
        )

    def _claims(self) -> list[Claim]:
        return [claim for weigher in self._weighers for claim in weigher.claims()]

    def _undecided(self, claim: Claim) -> bool:
        band = self._weights.looking_again
        return claim.looks < band.looks and -band.below <= claim.margin(band.signals_at_most) <= band.above
