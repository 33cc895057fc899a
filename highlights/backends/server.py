"""A model behind an OpenAI-compatible server (vLLM, SGLang, MLX): windows are sent there as small videos.

    footage ──► proxy (MP4, in memory) ──► question 1 ──► questions 2..n, several at a time ──► answers
                                              │
                                              └─ alone: once the server has processed the video, the others can share its cache

A question that fails is asked again, then given up and counted; if several in a row are given up, the server is gone.
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
from highlights.backends.replies import InvalidReplyError, ParsedReply, Served, read_models, read_reply, token_budget
from highlights.backends.server_kinds import UNFIT, ServerKind, dialect_of, server_kind
from highlights.dialects.dialect import Dialect, Question
from highlights.errors import ModelError
from highlights.media.footage.reader import Footage
from highlights.media.footage.window_video import CRF, encode_window_video, window_video_rate

LOG = logging.getLogger(__name__)

GONE_AFTER = 3
"""Questions given up in a row after which the server is taken to be gone."""
TOP = 20
"""How many candidates for the first word to request: the most that servers return by default."""
PIXELS_A_TOKEN = 2048
"""Pixels of video per token, at most: Marlin has a token per 32 x 32 pixels of two frames, Molmo2 per 42 x 42 of one frame."""
MIN_TOKEN_SHARE = 0.25
"""The share of a video's tokens that a server must report; less means no video, or only a few of its frames."""
MIN_TOKEN_SHARE_VLLM = 0.9  # a correctly started vLLM neither drops frames nor scales them down


class ServerBackend:
    """A model on a server. Several windows may be asked about at once, from several threads.

    A question that could not be answered gets an empty answer and is counted in `failed`; `last_problem` has the last reason.
    """

    def __init__(
        self,
        url: str,
        dialect: Dialect | None = None,
        *,
        model: str | None = None,
        kind: ServerKind | None = None,
        timeout_s: float = 300.0,
        concurrency: int = 8,
        patience: Patience | None = None,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        """Connect to the server and choose its model.

        Args:
            url: Its address, such as http://localhost:8000/v1.
            dialect: The family of its model; by default derived from the model's name.
            model: The model's name there; required only if the server has several, of that family if one is given.
            kind: The kind of server; by default detected.
            timeout_s: How long one request may take. The first one takes longest: the server compiles.
            concurrency: How many questions are in flight at once.
            patience: How often and when to retry.
            wait: Waits for a number of seconds; replaces sleeping.

        Raises:
            ModelError: There is no such server or model, or it is of a kind that cannot be used.
        """
        self.failed = 0
        self.last_problem = ""
        self._connection = Connection(url, timeout_s)
        try:
            served = self._model(model, dialect)
            self.kind: ServerKind = kind or server_kind(served.owned_by)
            if self.kind in UNFIT:
                raise ModelError(f"{self._connection.shown}: {UNFIT[self.kind]}")
        except ModelError:
            self._connection.close()
            raise
        self.decodes_on: Literal["cpu", "cuda"] = "cpu"
        self.at_once = concurrency
        self.dialect = dialect or dialect_of(served)
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
        self._last_video: tuple[Footage, str] | None = None
        self._room = threading.BoundedSemaphore(concurrency)

    def __repr__(self) -> str:
        return f"ServerBackend({self.name!r})"

    def ask(self, footage: Footage, questions: Sequence[Question]) -> list[Answer]:
        """One answer per question, in order; empty where there was none.

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
        """Abandon all requests and close the connection."""
        self._over.set()
        self._connection.close()

    def _model(self, named: str | None, dialect: Dialect | None) -> Served:
        """The model to use: the named one, or the only one there, or the only one with this dialect.

        Raises:
            ModelError: It is not there, or there are several and none was named.
        """
        there = self._connection.shown
        try:
            served = read_models(self._connection.models())
        except UnansweredError as error:
            raise ModelError(_first_failure(there, error)) from error
        except InvalidReplyError as error:
            raise ModelError(f"{there}: not an OpenAI-compatible server (its list of models: {error})") from error
        names = ", ".join(model.id for model in served[:5]) + (", ..." if len(served) > 5 else "")
        if not served:
            raise ModelError(f"{there}: it serves no model")
        if named is not None:
            fitting = [model for model in served if model.id == named]
        else:
            fitting = served if len(served) == 1 else [model for model in served if dialect_of(model) is dialect]
        if named is not None and not fitting:
            raise ModelError(f"{there}: it does not serve {named}, but {names}")
        if named is None and len(fitting) != 1:
            raise ModelError(f"{there}: it serves several models; choose one with --model: {names}")
        return fitting[0]

    def _video(self, footage: Footage) -> str:
        """The footage as a data URL; that of the last window is cached, which is often asked about again."""
        last = self._last_video
        if last and last[0] is footage:
            return last[1]
        pictures = footage.pictures()
        # vLLM's reader gets no frame from a video of one; Marlin's own processor repeats a single frame too.
        if len(pictures) == 1:
            pictures = pictures.repeat(2, axis=0)
        proxy = encode_window_video(pictures, self._rate_hz(footage))
        url = "data:video/mp4;base64," + base64.b64encode(proxy).decode("ascii")
        self._last_video = footage, url
        return url

    def _rate_hz(self, footage: Footage) -> Fraction:
        return window_video_rate(footage.times_s, footage.sampling.rate_hz)

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
            # a daemon thread: ending the program must not wait for a server that stalls
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
                reply = self._once(footage, video, question)
            except UnansweredError as error:
                failures += 1
                if not error.passing or failures > self._patience.retries:
                    return self._given_up(error)
                self._wait(self._patience.wait_s(failures, error.after_s))
            else:
                self._check_tokens(footage, reply)
                with self._lock:
                    self._in_a_row, self._answered = 0, self._answered + 1
                return reply.answer
        raise ModelError(self._gone())

    def _once(self, footage: Footage, video: str, question: Question) -> ParsedReply:
        probabilities = self._probabilities
        try:
            body = self._connection.chat(self._request(video, question, probabilities))
            return read_reply(body, question.kind)
        except InvalidReplyError as error:
            raise UnansweredError(f"its reply is invalid ({error})", passing=True) from error
        except UnansweredError as error:
            if not (probabilities and error.status in (400, 422, 501) and "logprobs" in error.problem):
                raise
            LOG.info("%s: continuing without probabilities (%s)", self._connection.shown, error.problem)
            self._probabilities = False
            return self._once(footage, video, question)

    def _request(self, video: str, question: Question, probabilities: bool) -> dict[str, Any]:
        # The video first: requests then share a prefix, which a server can cache.
        content = [{"type": "video_url", "video_url": {"url": video}}, {"type": "text", "text": question.text}]
        request: dict[str, Any] = {
            "model": self._model_id,
            "messages": [{"role": "user", "content": content}],
            "max_tokens": token_budget(question),
            "temperature": 0.0,
        }
        if probabilities:
            request["logprobs"] = True
            if question.kind == "yes_no":
                request["top_logprobs"] = TOP
        return request

    def _check_tokens(self, footage: Footage, reply: ParsedReply) -> None:
        """Refuse answers of a server that dropped the video, which some do silently.

        Raises:
            ModelError: It read far fewer tokens than the video has.
        """
        if reply.prompt_tokens is None:
            return
        video_tokens = len(footage.times_s) * footage.width * footage.height // PIXELS_A_TOKEN
        least = MIN_TOKEN_SHARE_VLLM if self.kind == "vllm" else MIN_TOKEN_SHARE
        if reply.prompt_tokens < least * video_tokens:
            self._over.set()
            raise ModelError(
                f"{self._connection.shown}: it read {reply.prompt_tokens:,} tokens of a video that has {video_tokens:,}, "
                "so it dropped frames or scaled them down: start it as docs/serving.md says"
            )

    def _given_up(self, error: UnansweredError) -> Answer:
        """An empty answer, counted as failed.

        Raises:
            ModelError: No other question would succeed.
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
            "all answers so far are cached: restart it and run the same command"
        )


def _first_failure(there: str, error: UnansweredError) -> str:
    """Why the server cannot be used, and what to do about it."""
    if error.status in (401, 403):
        return f"{there}: it rejects the key ({error.problem}): set {KEYS[0]} in the environment"
    if error.status == 404:
        return f"{there}: not an OpenAI-compatible server ({error.problem}); addresses of such servers usually end in /v1"
    if error.status:
        return f"{there}: {error.problem}"
    return f"{there}: no server answers ({error.problem}): start it as docs/serving.md says"
