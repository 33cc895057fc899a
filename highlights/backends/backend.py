"""What every backend can do: be shown a window of a recording and answer questions about it."""

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
    """What a model said.

    `tokens` are empty where the backend tells no probabilities; `truncated` says that it was stopped by `max_new_tokens`. For a
    `yes_no` question `yes` is the probability of yes against no, 0..1 (None: the model said neither), `text` the likelier one.
    """

    text: str
    tokens: tuple[Token, ...] = ()
    truncated: bool = False
    yes: float | None = None


class Backend(Protocol):
    """A model that can be asked."""

    name: str
    """For people: the model, its revision, where it runs."""
    decodes_on: Literal["cpu", "cuda"]
    """The device that decodes the frames it is shown."""
    identity: str
    """For machines: two backends of one identity give the same answers; part of the key under which answers are kept."""

    def ask(self, footage: Footage, questions: Sequence[Question]) -> list[Answer]:
        """One answer per question, in their order; the footage is looked at once.

        Raises:
            ModelError: The model cannot answer: out of memory, server gone, nonsense in place of an answer.
        """
        ...

    def close(self) -> None:
        """Give back what it holds; it is not asked afterwards."""
        ...
