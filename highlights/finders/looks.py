"""Windows → looks: all questions to a model about a window are asked at once, and every answer is parsed.

window  ├──────────────────────────────┤
goal         ├───┤          named: the answer to "when is a goal scored?"
                            yes 0.91: the answer to "is a goal scored?"
corner             ├────┤
                            yes 0.08
what happens?         <11.0 - 15.0> The ball goes in. <19.0 - 22.0> ...
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from highlights.backends.backend import Answer, Backend
from highlights.dialects.caption import CaptionEvent
from highlights.dialects.dialect import Dialect
from highlights.finders.descriptions import told
from highlights.media.footage.reader import Footage
from highlights.profile import EventRule
from highlights.records import Window
from highlights.spans import Span

Ask = Literal["find", "check", "describe"]
"""When does it happen; does it happen; what happens."""


class Reader(Protocol):
    """Reads the footage of windows, such as `WindowReader`."""

    def read(self, windows: Iterable[Window]) -> Iterator[Footage]:
        """The footage of each window, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Named:
    """A span, on the match clock, that one answer named; `sure` is the probability of its digits, if available."""

    span: Span
    window: Window
    query: str
    how: Literal["clean", "repaired"]
    sure: float | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """The answers about one kind of event in one window.

    `checked`: the check was asked; `yes`: its probability of yes, if it could be read. `refused`: the model explicitly said
    that there is none. `told`: lines of the window's description, on the match clock, that tell of such an event; None if the
    window was not described.
    """

    window: Window
    named: tuple[Named, ...] = ()
    yes: float | None = None
    refused: bool = False
    checked: bool = False
    told: tuple[CaptionEvent, ...] | None = None

    def joined(self, later: Reply) -> Reply:
        """Both replies about one window; where both answer, the later."""
        return Reply(
            self.window,
            later.named or self.named,
            self.yes if later.yes is None else later.yes,
            self.refused or later.refused,
            self.checked or later.checked,
            self.told if later.told is None else later.told,
        )


@dataclass(frozen=True, slots=True)
class Look:
    """One window and the replies by event name; `questions` were asked, `unreadable` answers could not be used."""

    window: Window
    replies: Mapping[str, Reply]
    questions: int
    unreadable: int


class Looker:
    """Asks one model about windows, in its dialect."""

    def __init__(self, rules: Sequence[EventRule], reader: Reader, dialect: Dialect, backend: Backend) -> None:
        self.name = dialect.name
        self._rules = rules
        self._reader = reader
        self._dialect = dialect
        self._backend = backend
        self._checks = {rule.name: dialect.check_question(rule) for rule in rules}
        finds = [(rule, query, dialect.find_question(rule, query)) for rule in rules for query in rule.queries]
        # some dialects have the same question for every query of a rule; once is enough
        self._finds = {(rule.name, question.text): (query, question) for rule, query, question in reversed(finds)}

    def looks(
        self, windows: Sequence[Window], asks: Collection[Ask] = ("find", "check"), about: Mapping[Window, Collection[str]] = {}
    ) -> Iterator[Look]:
        """A look at each window, in order.

        Args:
            windows: The windows.
            asks: What is asked.
            about: The kinds of events that a window is asked about; all of them in a window that is not listed.

        Raises:
            ModelError: The model can't answer.
        """
        everything = [rule.name for rule in self._rules]
        for footage in self._reader.read(windows):
            yield self._look(footage, asks, about.get(footage.window, everything))

    def _look(self, footage: Footage, asks: Collection[Ask], about: Collection[str]) -> Look:
        finds = [key for key in self._finds if "find" in asks and key[0] in about]
        checks = [name for name in self._checks if "check" in asks and name in about]
        captions = [self._dialect.caption()] * ("describe" in asks)
        questions = [*(self._finds[key][1] for key in finds), *(self._checks[name] for name in checks), *captions]
        answers = self._backend.ask(footage, questions)
        found: dict[str, list[tuple[str, Answer]]] = {}
        for (name, text), answer in zip(finds, answers, strict=False):
            found.setdefault(name, []).append((self._finds[name, text][0], answer))
        checked = dict(zip(checks, answers[len(finds) :], strict=False))
        lines = self._told(footage.window, answers[-1]) if captions else None
        replies, unreadable = {}, 0
        for rule in self._rules:
            reply, unusable = self._reply(footage.window, found.get(rule.name, []), checked.get(rule.name))
            replies[rule.name] = replace(reply, told=lines[rule.name]) if lines else reply
            unreadable += unusable
        return Look(footage.window, replies, len(answers), unreadable)

    def _told(self, window: Window, answer: Answer) -> Mapping[str, tuple[CaptionEvent, ...]]:
        """The lines of a description that tell of each kind of event, on the match clock."""
        events = self._dialect.read_events(answer.text, window.span.length_s)
        placed = ((_on_match_clock(event.span, window), event.description) for event in events)
        return told([CaptionEvent(span, line) for span, line in placed if span], self._rules)

    def _reply(self, window: Window, answers: Sequence[tuple[str, Answer]], check: Answer | None) -> tuple[Reply, int]:
        """The reply in the answers about one kind of event, and how many of them are unusable."""
        parsed = [(query, answer, self._dialect.read_find(answer.text, window.span.length_s)) for query, answer in answers]
        named = [
            Named(on_match_clock, window, query, "clean" if found.how == "clean" else "repaired", sure_of_digits(answer))
            for query, answer, found in parsed
            for span in found.spans
            if (on_match_clock := _on_match_clock(span, window)) is not None
        ]
        hows = [found.how for _, _, found in parsed]
        yes = check.yes if check else None
        refused = bool(hows) and all(how == "refused" for how in hows)
        reply = Reply(window, tuple(named), yes, refused=refused, checked=check is not None)
        return reply, hows.count("none") + (check is not None and yes is None)


def _on_match_clock(span: Span, window: Window) -> Span | None:
    """A span in seconds from the window's start, on the match clock and clamped to the window; None outside it."""
    return Span(window.span.start_s + span.start_s, window.span.start_s + span.end_s).clamp(window.span)


def sure_of_digits(answer: Answer) -> float | None:
    """The geometric mean of the probabilities of all tokens with digits; None if there are none."""
    logprobs = [token.logprob for token in answer.tokens if any(c.isdigit() for c in token.text)]
    return math.exp(sum(logprobs) / len(logprobs)) if logprobs else None
