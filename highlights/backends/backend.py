"""The interface of every backend: answer questions about a window of a recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from highlights.dialects.dialect import Question

if TYPE_CHECKING:
    from highlights.media.footage.reader import Footage


@dataclass(frozen=True, slots=True)
class Token:
    """One token of an answer with its log-probability (natural logarithm)."""

    text: str
    logprob: float


@dataclass(frozen=True, slots=True)
class Answer:
    """A model's answer.

    `tokens` are empty if the backend gives no probabilities; `truncated`: it was stopped by `max_new_tokens`. For a `yes_no`
    question `yes` is the probability of yes against no, 0..1 (None: the model said neither), and `text` the likelier word.
    """

    text: str
    tokens: tuple[Token, ...] = ()
    truncated: bool = False
    yes: float | None = None


class Backend(Protocol):
    """A model that answers questions."""

    name: str
    """For people: the model, its revision, where it runs."""
    decodes_on: Literal["cpu", "cuda"]
    """The device that decodes its frames."""
    at_once: int
    """About how many windows it may be asked at the same time, from as many threads."""
    identity: str
    """For the cache: backends with the same identity give the same answers; part of the key of cached answers."""

    def ask(self, footage: Footage, questions: Sequence[Question]) -> list[Answer]:
        """One answer per question, in order; the footage is processed once.

        Raises:
            ModelError: The model cannot answer: out of memory, server gone, invalid reply.
        """
        ...

    def close(self) -> None:
        """Release its resources; it must not be asked afterwards."""
        ...
