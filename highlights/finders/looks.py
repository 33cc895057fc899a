"""Windows → looks: all questions about a window are asked at once, and every answer is parsed.

window  ├──────────────────────────────┤
goal         ├───┤          named: the answer to "when is a goal scored?"
                            yes 0.91: the answer to "is a goal scored?"
corner             ├────┤
                            yes 0.08
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from highlights.backends.backend import Answer, Backend
from highlights.dialects.dialect import Dialect
from highlights.media.footage.reader import Footage
from highlights.profile import EventRule
from highlights.records import Window
from highlights.spans import Span


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

    `yes`: the probability of yes in the check. `refused`: the model said explicitly that there is none.
    """

    window: Window
    named: tuple[Named, ...] = ()
    yes: float | None = None
    refused: bool = False


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
        self._reader = reader
        self._dialect = dialect
        self._backend = backend
        self._checks = [(rule, dialect.check_question(rule)) for rule in rules]
        finds = [(rule, query, dialect.find_question(rule, query)) for rule in rules for query in rule.queries]
        # some dialects have the same question for every query of a rule; once is enough
        self._finds = {(rule.name, question.text): (query, question) for rule, query, question in reversed(finds)}

    def looks(self, windows: Sequence[Window]) -> Iterator[Look]:
        """A look at each window, in order.

        Raises:
            ModelError: The model can't answer.
        """
        for footage in self._reader.read(windows):
            yield self._look(footage)

    def _look(self, footage: Footage) -> Look:
        questions = [question for _, question in self._finds.values()]
        answers = self._backend.ask(footage, [*questions, *(check for _, check in self._checks)])
        found: dict[str, list[tuple[str, Answer]]] = {}
        for ((name, _), (query, _)), answer in zip(self._finds.items(), answers, strict=False):
            found.setdefault(name, []).append((query, answer))
        replies, unreadable = {}, 0
        for (rule, _), check in zip(self._checks, answers[len(questions) :], strict=True):
            replies[rule.name], unusable = self._reply(footage.window, found.get(rule.name, []), check)
            unreadable += unusable
        return Look(footage.window, replies, len(answers), unreadable)

    def _reply(self, window: Window, answers: Sequence[tuple[str, Answer]], check: Answer) -> tuple[Reply, int]:
        """The reply in the answers about one kind of event, and how many of them are unusable."""
        parsed = [(query, answer, self._dialect.read_find(answer.text, window.span.length_s)) for query, answer in answers]
        named = [
            Named(on_match_clock, window, query, "clean" if found.how == "clean" else "repaired", sure_of_digits(answer))
            for query, answer, found in parsed
            for span in found.spans
            if (on_match_clock := _on_match_clock(span, window)) is not None
        ]
        hows = [found.how for _, _, found in parsed]
        reply = Reply(window, tuple(named), check.yes, refused=bool(hows) and all(how == "refused" for how in hows))
        return reply, hows.count("none") + (check.yes is None)


def _on_match_clock(span: Span, window: Window) -> Span | None:
    """A span in seconds from the window's start, on the match clock and clamped to the window; None outside it."""
    return Span(window.span.start_s + span.start_s, window.span.start_s + span.end_s).clamp(window.span)


def sure_of_digits(answer: Answer) -> float | None:
    """The geometric mean of the probabilities of all tokens with digits; None if there are none."""
    logprobs = [token.logprob for token in answer.tokens if any(c.isdigit() for c in token.text)]
    return math.exp(sum(logprobs) / len(logprobs)) if logprobs else None
