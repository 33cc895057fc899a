"""Models' answers, cached: a backend is asked only what it has not answered before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from highlights.backends.backend import Answer, Backend, Token
from highlights.cache.recordings import fingerprints
from highlights.cache.store import Store, digest
from highlights.dialects.dialect import Question
from highlights.records import Recording

if TYPE_CHECKING:
    from highlights.media.footage.reader import Footage


class CachedAnswers:
    """A backend that asks another one only what it has not answered before."""

    def __init__(self, backend: Backend, store: Store, recording: Recording) -> None:
        self.name = backend.name
        self.identity = backend.identity
        self.decodes_on = backend.decodes_on
        self.known = 0
        """How many questions were answered from what was kept."""
        self.unanswered = 0
        """How many were not answered at all: a server that failed on them gives an empty answer."""
        self._backend = backend
        self._store = store
        self._files = fingerprints(recording, store)
        self._labels = [part.path.name for part in recording.parts]
        self._starts_s = [p.start_s for p in recording.parts]

    def ask(self, footage: Footage, questions: Sequence[Question]) -> list[Answer]:
        """One answer per question; the footage is not even decoded when all of them are known."""
        keys = [self._key(footage, question) for question in questions]
        answers = [None if value is None else _read(value) for value in self._store.get(keys)]
        new = [i for i, answer in enumerate(answers) if answer is None]
        self.known += len(questions) - len(new)
        if new:
            given = self._backend.ask(footage, [questions[i] for i in new])
            self.unanswered += sum(not answer.text for answer in given)
            # an empty answer is one that failed; it is asked again next time
            told = [(keys[i], _packed(answer)) for i, answer in zip(new, given, strict=True) if answer.text]
            self._store.put("answer", self._labels[footage.window.part], told)
            for i, answer in zip(new, given, strict=True):
                answers[i] = answer
        return [answer for answer in answers if answer is not None]

    def close(self) -> None:
        """Close the other one."""
        self._backend.close()

    def _key(self, footage: Footage, question: Question) -> bytes:
        part = footage.window.part
        start_s = footage.window.span.start_s - self._starts_s[part]
        sampling = asdict(footage.sampling)
        return digest(self._files[part], self.identity, round(start_s, 3), footage.times_s, sampling, asdict(question))


def _packed(answer: Answer) -> bytes:
    return json.dumps(asdict(answer), ensure_ascii=False).encode()


def _read(value: bytes) -> Answer:
    fields = json.loads(value)
    return Answer(**fields | {"tokens": tuple(Token(**token) for token in fields["tokens"])})
