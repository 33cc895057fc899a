"""A model whose answers come from a function, with a record of the questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from highlights.backends.backend import Answer
from highlights.dialects.dialect import Question
from highlights.media.footage.reader import Footage
from highlights.records import Window


@dataclass
class Scripted:
    """Answers by a function of the window and the question, and records what it was asked."""

    says: Callable[[Window, Question], Answer]
    asked: list[tuple[Window, tuple[Question, ...]]] = field(default_factory=list)
    name: str = "scripted"
    identity: str = "scripted"
    at_once: int = 1

    def ask(self, footage: Footage, questions: Sequence[Question]) -> list[Answer]:
        self.asked.append((footage.window, tuple(questions)))
        return [self.says(footage.window, question) for question in questions]

    def close(self) -> None:
        pass
