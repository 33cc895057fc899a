"""The server backend against a server in this process that serves a real, tiny model."""

from __future__ import annotations

import math
import threading

import numpy as np
import pytest

from highlights.backends.backend import Answer
from highlights.backends.server import ServerBackend
from highlights.dialects.dialect import Question
from highlights.dialects.marlin import MARLIN
from tests.support.model_server import Drawn, ModelServer, Seen, reply_with

pytest.importorskip("openai")

QUESTIONS = [
    *(Question(f"When does {what} happen?", 12) for what in ("a goal", "a corner kick", "a foul")),
    Question("Is a goal scored? Answer yes or no.", 8, "yes_no"),
]


class Arrived(Drawn):
    """Footage decoded from the video that was sent."""

    def __init__(self, seen: Seen) -> None:
        frames, height, width, _ = seen.pictures.shape
        super().__init__(frames, width, height, seen.mean_rate_hz)
        self.seen = seen

    def pictures(self):
        return self.seen.pictures


def in_reply(answer: Answer) -> dict:
    """The reply of a server for an answer of the model."""
    rivals = {} if answer.yes is None else {"Yes": math.log(answer.yes), "No": math.log1p(-answer.yes)}
    first = [("Yes", rivals["Yes"], rivals)] if rivals else [(token.text, token.logprob, {}) for token in answer.tokens]
    return reply_with("Yes" if rivals else answer.text, first, finish="length" if answer.truncated else "stop")


def test_answers_equal_those_of_the_model_for_the_received_frames(marlin):
    asked = {question.text: question for question in QUESTIONS}
    arrived: list[Arrived] = []
    one_at_a_time = threading.Lock()

    def answer(seen: Seen) -> dict:
        with one_at_a_time:
            arrived.append(Arrived(seen))
            return in_reply(marlin.ask(arrived[-1], [asked[seen.text]])[0])

    footage = Drawn(frames=9, width=96, height=64)
    with ModelServer(answer) as server:
        backend = ServerBackend(server.url, MARLIN)
        answers = backend.ask(footage, QUESTIONS)
        backend.close()
    for got, due in zip(answers[:-1], marlin.ask(arrived[0], QUESTIONS)[:-1], strict=True):
        assert (got.text, got.truncated) == (due.text, due.truncated)
        assert [token.text for token in got.tokens] == [token.text for token in due.tokens]
        assert [t.logprob for t in got.tokens] == pytest.approx([t.logprob for t in due.tokens], abs=1e-4)
    due = marlin.ask(arrived[0], QUESTIONS[-1:])[0]
    assert (answers[-1].text, answers[-1].yes) == (due.text, pytest.approx(due.yes, abs=1e-4))
    assert arrived[0].times_s == footage.times_s
    away = np.abs(arrived[0].pictures().astype(int) - footage.pictures())
    assert away.mean() < 6, "what is lost on the way is little"
