"""A real HTTP server of OpenAI's protocol in this process, whose model is a function and which can misbehave on request.

with ModelServer(lambda seen: reply_with("From 3 to 5.")) as server:
    ServerBackend(server.url, MARLIN)
    server.misbehave(status(503), cut)        the next two requests, in this order; then it answers again
"""

from __future__ import annotations

import base64
import io
import json
import socket
import sys
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import av
import numpy as np
from numpy.typing import NDArray

from highlights.records import Sampling, Window
from highlights.spans import Span
from tests.support.drawing import draw_frame

Fault = Callable[["Handler"], None]


@dataclass(frozen=True)
class Seen:
    """A received question: the frames decoded from its video, their times in the file, and the rest."""

    pictures: NDArray[np.uint8]
    times_s: list[float]
    mean_rate_hz: float
    text: str
    request: dict[str, Any]
    headers: dict[str, str]
    video: bytes


Answering = Callable[[Seen], dict[str, Any]]


@dataclass
class Drawn:
    """Footage whose frames carry their numbers."""

    frames: int = 8
    width: int = 320
    height: int = 192
    rate_hz: float = 2.0
    looked_at: int = 0
    numbers: tuple[int, ...] = field(init=False)
    times_s: tuple[float, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.numbers = tuple(range(self.frames))
        self.times_s = tuple(number / self.rate_hz for number in self.numbers)
        self.window = Window(Span(0, self.frames / self.rate_hz))
        self.sampling = Sampling(rate_hz=self.rate_hz)

    def pictures(self) -> NDArray[np.uint8]:
        self.looked_at += 1
        return np.stack([draw_frame(number, number // 5, False, (self.width, self.height)) for number in self.numbers])


def reply_with(
    text: str,
    likely: list[tuple[str, float, dict[str, float]]] | None = None,
    *,
    finish: str = "stop",
    tokens: int | None = 9000,
) -> dict[str, Any]:
    """A reply: the text, its tokens with log-probabilities and alternatives, why it ended, how many tokens were read."""
    logprobs = [
        {
            "token": token,
            "logprob": logprob,
            "bytes": None,
            "top_logprobs": [{"token": t, "logprob": p} for t, p in top.items()],
        }
        for token, logprob, top in likely or []
    ]
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
    if likely is not None:
        choice["logprobs"] = {"content": logprobs}
    usage = {} if tokens is None else {"usage": {"prompt_tokens": tokens, "completion_tokens": 5, "total_tokens": tokens + 5}}
    return {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], **usage}


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that hang up, which the tests make them do."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class ModelServer:
    """Serves until the block ends; `asked` are the questions that were answered, in the order in which they came."""

    def __init__(self, answer: Answering, *, models: Any = None, owned_by: str = "vllm", key: str = "") -> None:
        self.answer, self.key = answer, key
        self.models = models if models is not None else [{"id": "tiny/Marlin", "object": "model", "owned_by": owned_by}]
        self.asked: list[Seen] = []
        self.requests = 0
        self.most_at_once = 0
        self.at_once = 0
        self.over = threading.Event()
        self.connections: set[socket.socket] = set()
        self.lock = threading.Lock()
        self._faults: deque[Fault] = deque()
        self._http = _Http(("127.0.0.1", 0), type("Bound", (Handler,), {"model_server": self}))
        self.url = f"http://127.0.0.1:{self._http.server_port}/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop listening on the port."""
        self.over.set()
        self._http.shutdown()
        self._http.server_close()
        for connection in tuple(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def misbehave(self, *faults: Fault) -> None:
        """Answer the next questions with these faults, one each."""
        self._faults.extend(faults)

    def next_fault(self) -> Fault | None:
        """The fault to use in place of an answer."""
        with self.lock:
            self.requests += 1
            return self._faults.popleft() if self._faults else None


class Handler(BaseHTTPRequestHandler):
    """One request."""

    model_server: ModelServer
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.model_server.connections.add(self.connection)

    def finish(self) -> None:
        self.model_server.connections.discard(self.connection)
        super().finish()

    def do_GET(self) -> None:
        server = self.model_server
        if self._refused():
            return
        if callable(server.models):
            server.models(self)
        elif self.path == "/v1/models":
            self.reply({"object": "list", "data": server.models})
        else:
            self.reply({"detail": "Not Found"}, 404)

    def do_POST(self) -> None:
        server = self.model_server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self._refused():
            return
        with server.lock:
            server.at_once += 1
            server.most_at_once = max(server.most_at_once, server.at_once)
        try:
            fault = server.next_fault()
            if fault:
                fault(self)
                return
            seen = _seen(json.loads(body), {name.title(): value for name, value in self.headers.items()})
            with server.lock:
                server.asked.append(seen)
            self.reply(server.answer(seen))
        finally:
            with server.lock:
                server.at_once -= 1

    def _refused(self) -> bool:
        key = self.model_server.key
        if key and self.headers.get("Authorization") != f"Bearer {key}":
            self.reply({"error": {"message": f"Incorrect key: {self.headers.get('Authorization')}", "code": 401}}, 401)
            return True
        return False

    def reply(self, content: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
        """Send JSON."""
        self.send(json.dumps(content).encode(), status, {"Content-Type": "application/json", **(headers or {})})

    def send(self, body: bytes, status: int = 200, headers: dict[str, str] | None = None, length: int | None = None) -> None:
        """Send bytes, optionally with a wrong length."""
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""


def status(code: int, message: str = "no room", **headers: str) -> Fault:
    """Refuse with a status as vLLM does."""
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler: handler.reply({"error": {"message": message, "type": "X", "code": code}}, code, fields)


def page(body: bytes, kind: str = "text/html", code: int = 200) -> Fault:
    """Send any bytes in place of a reply."""
    return lambda handler: handler.send(body, code, {"Content-Type": kind})


def cut(handler: Handler) -> None:
    """Send half of a reply and hang up."""
    handler.send(b'{"choices": [{"mess', length=500)
    handler.close_connection = True


def hang_up(handler: Handler) -> None:
    """Hang up without a reply."""
    handler.close_connection = True


def stall(handler: Handler) -> None:
    """Send nothing until the test is over."""
    handler.model_server.over.wait()
    handler.close_connection = True


def drip(handler: Handler) -> None:
    """Send a byte from time to time: each wait is short, all together take seconds."""
    _in_pieces(handler, b" ", 300, pause_s=0.01)


def endless(handler: Handler) -> None:
    """Send more than any client should accept."""
    _in_pieces(handler, b" " * 2**20, 64)


def _in_pieces(handler: Handler, piece: bytes, times: int, pause_s: float = 0.0) -> None:
    handler.send(b"", length=len(piece) * times)
    handler.close_connection = True
    with suppress(OSError):  # the client has stopped reading
        for _ in range(times):
            handler.model_server.over.wait(pause_s)
            handler.wfile.write(piece)


def _seen(request: dict[str, Any], headers: dict[str, str]) -> Seen:
    content = {part["type"]: part for part in request["messages"][-1]["content"]}
    kind, _, data = content["video_url"]["video_url"]["url"].partition(",")
    assert kind == "data:video/mp4;base64"
    video = base64.b64decode(data, validate=True)
    with av.open(io.BytesIO(video)) as file:
        stream = file.streams.video[0]
        frames = list(file.decode(stream))
        rate_hz = float(stream.average_rate or 0)
    pictures = np.stack([frame.to_ndarray(format="rgb24") for frame in frames])
    times_s = [float(frame.time or 0) for frame in frames]
    return Seen(pictures, times_s, rate_hz, content["text"]["text"], request, headers, video)
