"""What every dialect can do, and what questions and readings of answers are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from highlights.profile import EventRule
from highlights.records import Sampling
from highlights.spans import Span


@dataclass(frozen=True, slots=True)
class Question:
    """The final text of one question and how it is to be answered.

    `kind`: `text` is answered in words, greedily; `yes_no` by the probability of yes against no at the first word.
    """

    text: str
    max_new_tokens: int = 64
    kind: Literal["text", "yes_no"] = "text"


@dataclass(frozen=True, slots=True)
class Found:
    """An answer to "when does it happen?" as it was read.

    `spans` are seconds from the start of the window, in it; empty when none could be read or the model said there is none.
    `how`: `clean` is the form that was asked for, `repaired` was readable with the `repairs` said in words, `none` could not be
    read, `refused` is a model that said plainly that it does not happen.
    """

    how: Literal["clean", "repaired", "none", "refused"]
    spans: tuple[Span, ...] = ()
    repairs: tuple[str, ...] = ()


class Dialect(Protocol):
    """How one model family is asked and read."""

    name: str
    """As `--finder` takes it."""
    sampling: Sampling
    """How the family was shown video when it was trained."""

    def find(self, rule: EventRule, query: str) -> Question:
        """When does `query`, one of the rule's, happen?"""
        ...

    def read_find(self, answer: str, window_s: float) -> Found:
        """The answer to `find` about a window of `window_s` seconds."""
        ...

    def check(self, rule: EventRule) -> Question:
        """Does the event of the rule happen in the window? Answered by yes or no."""
        ...

    def caption(self) -> Question:
        """What is to be seen in the window?"""
        ...

    def read_caption(self, answer: str, window_s: float) -> str:
        """One line about the window, empty when nothing could be read."""
        ...
