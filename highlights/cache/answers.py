"""Models' answers, cached: a backend is asked only what it has not answered before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from threading import Lock
from typing import TYPE_CHECKING

from highlights.backends.backend import Answer, Backend, Token
from highlights.cache.recordings import fingerprints
from highlights.cache.store import Store, digest
from highlights.dialects.dialect import Question
from highlights.records import Recording

if TYPE_CHECKING:
    from highlights.media.footage.reader import Footage


class CachedAnswers:
    """A backend in front of another one, which is asked only what it has not answered before."""

    def __init__(self, backend: Backend, store: Store, recording: Recording) -> None:
        self.name = backend.name
        self.identity = backend.identity
        self.decodes_on = backend.decodes_on
        self.at_once = backend.at_once
        self.cached = 0
        """How many questions were answered from the cache."""
        self.unanswered = 0
        """How many got no answer: a server that fails returns an empty one."""
        self._backend = backend
        self._lock = Lock()
        self._store = store
        self._files = fingerprints(recording, store)
        self._labels = [part.path.name for part in recording.parts]
        self._starts_s = [p.start_s for p in recording.parts]

    def ask(self, footage: Footage, questions: Sequence[Question]) -> list[Answer]:
        """One answer per question; the footage is not even decoded if all of them are cached."""
        keys = [self._key(footage, question) for question in questions]
        answers = [None if value is None else _from_json(value) for value in self._store.get(keys)]
        new = [i for i, answer in enumerate(answers) if answer is None]
        with self._lock:
            self.cached += len(questions) - len(new)
        if new:
            given = self._backend.ask(footage, [questions[i] for i in new])
            with self._lock:
                self.unanswered += sum(not answer.text for answer in given)
            # an empty answer is a failure: the question is asked again next time
            entries = [(keys[i], _to_json(answer)) for i, answer in zip(new, given, strict=True) if answer.text]
            self._store.put("answer", self._labels[footage.window.part], entries)
            for i, answer in zip(new, given, strict=True):
                answers[i] = answer
        return [answer for answer in answers if answer is not None]

    def close(self) -> None:
        """Close the backend behind it."""
        self._backend.close()

    def _key(self, footage: Footage, question: Question) -> bytes:
        part = footage.window.part
        start_s = footage.window.span.start_s - self._starts_s[part]
        sampling = asdict(footage.sampling)
        return digest(self._files[part], self.identity, round(start_s, 3), footage.times_s, sampling, asdict(question))


def _to_json(answer: Answer) -> bytes:
    return json.dumps(asdict(answer), ensure_ascii=False).encode()


def _from_json(value: bytes) -> Answer:
    fields = json.loads(value)
    return Answer(**fields | {"tokens": tuple(Token(**token) for token in fields["tokens"])})
