"""A model behind a server that speaks OpenAI's protocol (vLLM, SGLang, MLX): windows go there as small videos.

    footage ──► proxy (MP4, in memory) ──► question 1 ──► questions 2..n, several at a time ──► answers
                                              │
                                              └─ by itself: once the server has read the video, the others can share that

A question that fails is asked again, then given up and counted; when several in a row are given up the server is gone.
"""

from __future__ import annotations

import base64
import logging
import threading
from collections.abc import Callable, Sequence
from fractions import Fraction
from queue import SimpleQueue
from typing import Any, Literal

from highlights.backends.backend import Answer
from highlights.backends.connection import KEYS, Connection, UnansweredError
from highlights.backends.patience import Patience
from highlights.backends.replies import NonsenseError, Reading, Served, asked_for, read_models, read_reply
from highlights.backends.server_kinds import Kind, kind_of, options, spoken_by
from highlights.dialects.dialect import Dialect, Question
from highlights.errors import ModelError
from highlights.media.footage.proxy import CRF, encode_proxy, proxy_rate
from highlights.media.footage.reader import Footage

logger = logging.getLogger(__name__)

GONE_AFTER = 3
"""So many questions given up in a row, none answered in between, and the server is taken to be gone."""
TOP = 20
"""How many of the likeliest first words to ask for: the most that servers give unless told otherwise."""
PIXELS_A_TOKEN = 2048
"""Of video, at most: Marlin reads 32 x 32 pixels of two frames as one token, Molmo2 42 x 42 of one frame."""
LEAST_SEEN = 0.25
"""The share of a video's tokens that a server must have read; less is no video, or a few of its frames."""
LEAST_SEEN_BY_VLLM = 0.9  # nothing is left out or shrunk there when it is started right


class ServerBackend:
    """A model on a server. Several windows may be asked about at once, from several threads.

    What could not be answered comes back as an empty answer and is counted in `failed`, with the last reason in `last_problem`.
    """

    def __init__(
        self,
        url: str,
        dialect: Dialect | None = None,
        *,
        model: str | None = None,
        kind: Kind | None = None,
        timeout_s: float = 300.0,
        concurrency: int = 8,
        patience: Patience | None = None,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        """Get to know the server.

        Args:
            url: Its address, such as http://localhost:8000/v1.
            dialect: The family of its model; told by the model's name where it is not said.
            model: The model's name there; needed only where it serves several, of that family if one was said.
            kind: What serves; found out where it is not said.
            timeout_s: How long one request may take. A server's first one takes longest: it compiles.
            concurrency: How many questions are on their way at once.
            patience: How often and when to ask again.
            wait: Waits so many seconds, in place of sleeping.

        Raises:
            ModelError: There is no such server or model.
        """
        self.failed = 0
        self.last_problem = ""
        self._connection = Connection(url, timeout_s)
        try:
            served = self._model(model, dialect)
        except ModelError:
            self._connection.close()
            raise
        self.decodes_on: Literal["cpu", "cuda"] = "cpu"
        self.dialect = dialect or spoken_by(served)
        self.kind: Kind = kind or kind_of(served.owned_by)
        self._model_id = served.id
        self.name = f"{served.id} on {self.kind} at {self._connection.shown}"
        weights = "" if served.root == served.id else f" ({served.root})"
        self.identity = f"{self.kind} {served.id}{weights} h264 crf {CRF}"
        self._patience = patience or Patience()
        self._over = threading.Event()
        self._wait = wait or self._over.wait
        self._lock = threading.Lock()
        self._in_a_row = self._answered = self._windows = 0
        self._probabilities = True
        self._sent: tuple[Footage, str] | None = None
        self._room = threading.BoundedSemaphore(concurrency)

    def __repr__(self) -> str:
        return f"ServerBackend({self.name!r})"

    def ask(self, footage: Footage, questions: Sequence[Question]) -> list[Answer]:
        """One answer per question, in their order; one that could not be had is empty.

        Raises:
            ModelError: The server is gone, or refuses everything.
        """
        if not questions:
            return []
        video = self._video(footage)
        answers = [self._answer(footage, video, questions[0]), *self._together(footage, video, questions[1:])]
        with self._lock:
            self._windows += 1
        return answers

    def close(self) -> None:
        """Drop what is under way and close what is open to the server."""
        self._over.set()
        self._connection.close()

    def _model(self, named: str | None, dialect: Dialect | None) -> Served:
        """The model that is asked: the one named, or the only one there, or the only one there that speaks a dialect.

        Raises:
            ModelError: It is not there, or none was named among several.
        """
        there = self._connection.shown
        try:
            served = read_models(self._connection.models())
        except UnansweredError as error:
            raise ModelError(_first_failure(there, error)) from error
        except NonsenseError as error:
            raise ModelError(f"{there}: no server of OpenAI's protocol (its list of models: {error})") from error
        names = ", ".join(model.id for model in served[:5]) + (", ..." if len(served) > 5 else "")
        if not served:
            raise ModelError(f"{there}: it serves no model")
        if named is not None:
            fitting = [model for model in served if model.id == named]
        else:
            fitting = served if len(served) == 1 else [model for model in served if spoken_by(model) is dialect]
        if named is not None and not fitting:
            raise ModelError(f"{there}: it does not serve {named}, but {names}")
        if named is None and len(fitting) != 1:
            raise ModelError(f"{there}: it serves several models, say which with --model: {names}")
        return fitting[0]

    def _video(self, footage: Footage) -> str:
        """The footage as a data URL; that of the last window is kept, which is often asked about again."""
        kept = self._sent
        if kept and kept[0] is footage:
            return kept[1]
        proxy = encode_proxy(footage.pictures(), self._rate_hz(footage))
        url = "data:video/mp4;base64," + base64.b64encode(proxy).decode("ascii")
        self._sent = footage, url
        return url

    def _rate_hz(self, footage: Footage) -> Fraction:
        return proxy_rate(footage.times_s, footage.sampling.rate_hz)

    def _together(self, footage: Footage, video: str, questions: Sequence[Question]) -> list[Answer]:
        done: SimpleQueue[tuple[int, Answer | ModelError]] = SimpleQueue()

        def ask(number: int) -> None:
            result: Answer | ModelError = ModelError(f"{self._connection.shown}: a question was dropped")
            try:
                with self._room:
                    result = self._answer(footage, video, questions[number])
            except ModelError as error:
                result = error
            finally:
                done.put((number, result))

        for number in range(len(questions)):
            # a daemon: who ends the program does not wait for a server that stalls
            threading.Thread(target=ask, args=(number,), daemon=True).start()
        answers: dict[int, Answer] = {}
        for _ in questions:
            number, result = done.get()
            if isinstance(result, ModelError):
                raise result
            answers[number] = result
        return [answers[number] for number in range(len(questions))]

    def _answer(self, footage: Footage, video: str, question: Question) -> Answer:
        failures = 0
        while not self._over.is_set():
            try:
                reading = self._once(footage, video, question)
            except UnansweredError as error:
                failures += 1
                if not error.passing or failures > self._patience.retries:
                    return self._given_up(error)
                self._wait(self._patience.wait_s(failures, error.after_s))
            else:
                self._check_seen(footage, reading)
                with self._lock:
                    self._in_a_row, self._answered = 0, self._answered + 1
                return reading.answer
        raise ModelError(self._gone())

    def _once(self, footage: Footage, video: str, question: Question) -> Reading:
        asked_probabilities = self._probabilities
        try:
            body = self._connection.chat(self._request(footage, video, question, asked_probabilities))
            return read_reply(body, question.kind)
        except NonsenseError as error:
            raise UnansweredError(f"its reply makes no sense ({error})", passing=True) from error
        except UnansweredError as error:
            if not (asked_probabilities and error.status in (400, 422, 501) and "logprobs" in error.problem):
                raise
            logger.info("%s: goes on without probabilities (%s)", self._connection.shown, error.problem)
            self._probabilities = False
            return self._once(footage, video, question)

    def _request(self, footage: Footage, video: str, question: Question, probabilities: bool) -> dict[str, Any]:
        # The video first: what requests share is then at their beginning, where a server can reuse it.
        content = [{"type": "video_url", "video_url": {"url": video}}, {"type": "text", "text": question.text}]
        request: dict[str, Any] = {
            "model": self._model_id,
            "messages": [{"role": "user", "content": content}],
            "max_tokens": asked_for(question),
            "temperature": 0.0,
            "extra_body": options(self.kind, self.dialect.name, self._rate_hz(footage)),
        }
        if probabilities:
            request["logprobs"] = True
            if question.kind == "yes_no":
                request["top_logprobs"] = TOP
        return request

    def _check_seen(self, footage: Footage, reading: Reading) -> None:
        """Refuse answers of a server that left the video out, which some do without a word.

        Raises:
            ModelError: It read far fewer tokens than the video has.
        """
        if reading.prompt_tokens is None:
            return
        video_tokens = len(footage.times_s) * footage.width * footage.height // PIXELS_A_TOKEN
        least = LEAST_SEEN_BY_VLLM if self.kind == "vllm" else LEAST_SEEN
        if reading.prompt_tokens < least * video_tokens:
            self._over.set()
            raise ModelError(
                f"{self._connection.shown}: it read {reading.prompt_tokens:,} tokens of a video that has {video_tokens:,}, "
                "so it left frames out or shrank them: start it as docs/serving.md says"
            )

    def _given_up(self, error: UnansweredError) -> Answer:
        """An empty answer, counted.

        Raises:
            ModelError: No question will fare better.
        """
        with self._lock:
            self.failed += 1
            self.last_problem = error.problem
            self._in_a_row += 1
            over = self._in_a_row >= GONE_AFTER or error.status in (401, 403, 404)
        if over:
            self._over.set()
            raise ModelError(self._gone()) from error
        return Answer("")

    def _gone(self) -> str:
        there = self._connection.shown
        if not self._answered:
            return f"{there}: the server answers no question ({self.last_problem}): start it as docs/serving.md says"
        windows = f"{self._windows:,} window{'s' * (self._windows != 1)}"
        return (
            f"{there}: the server stopped answering after {windows} ({self.last_problem}); "
            "what was answered is kept: start it again and run the same command"
        )


def _first_failure(there: str, error: UnansweredError) -> str:
    """Why nothing can be asked, and what to do about it."""
    if error.status in (401, 403):
        return f"{there}: it refuses the key ({error.problem}): set {KEYS[0]} in the environment"
    if error.status == 404:
        return f"{there}: no server of OpenAI's protocol there ({error.problem}); addresses of such servers mostly end in /v1"
    if error.status:
        return f"{there}: {error.problem}"
    return f"{there}: no server answers ({error.problem}): start it as docs/serving.md says"
