"""The interface of every dialect, its questions, and its parsed answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from highlights.dialects.caption import CaptionEvent
from highlights.profile import EventRule
from highlights.records import Sampling
from highlights.spans import Span


@dataclass(frozen=True, slots=True)
class Question:
    """The final text of one question, and how to answer it.

    `kind`: `text` is answered in words, greedily; `yes_no` by the probability of yes against no at the first word.
    """

    text: str
    max_new_tokens: int = 64
    kind: Literal["text", "yes_no"] = "text"


@dataclass(frozen=True, slots=True)
class Found:
    """A parsed answer to "when does it happen?".

    `spans` are seconds from the start of the window, inside it; empty if none could be read or the model said there is none.
    `how`: `clean` has the requested form, `repaired` was readable after the `repairs` (in words), `none` could not be read,
    `refused` is a model that said explicitly that it does not happen.
    """

    how: Literal["clean", "repaired", "none", "refused"]
    spans: tuple[Span, ...] = ()
    repairs: tuple[str, ...] = ()


class Dialect(Protocol):
    """How to prompt one model family, and how to parse its answers."""

    name: str
    """Its value for `--finder`."""
    sampling: Sampling
    """How video was sampled in the family's training."""
    gives_times: bool
    """Whether its captions say when things happen."""

    def find_question(self, rule: EventRule, query: str) -> Question:
        """When does `query`, one of the rule's queries, happen?"""
        ...

    def read_find(self, answer: str, window_s: float) -> Found:
        """The parsed answer to `find_question` about a window of `window_s` seconds."""
        ...

    def check_question(self, rule: EventRule) -> Question:
        """Does the rule's event happen in the window? Answered by yes or no."""
        ...

    def caption(self) -> Question:
        """What does the window show?"""
        ...

    def read_events(self, answer: str, window_s: float) -> tuple[CaptionEvent, ...]:
        """What happens when, in the answer to `caption`; empty for a family that does not give times."""
        ...

    def read_caption(self, answer: str, window_s: float) -> str:
        """One line about the window; empty if nothing could be read."""
        ...
