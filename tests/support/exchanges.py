"""Requests to a real server and its replies: recorded by a proxy, kept in a file, and replayed to the same requests.

with Recorder(url) as proxy: ServerBackend(proxy.url); save(path, proxy.exchanges)
with Replay(load(path)) as server: ServerBackend(server.url)

The bytes of an H.264 video depend on the encoder's number of threads, so in a recorded request a description of the video
stands for them: `<8 frames of 96x64 at 2/s>`. All other bytes of a request must be those recorded, or the replay fails.
"""

from __future__ import annotations

import base64
import http.client
import io
import json
import re
import threading
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import av

VIDEO = re.compile(rb"(?<=data:video/mp4;base64,)[A-Za-z0-9+/=]+")
TIMEOUT_S = 300.0


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its reply: bodies as text, of the request without the bytes of its video."""

    method: str
    path: str
    request: str
    status: int
    kind: str
    reply: str

    def asks(self, other: Exchange) -> bool:
        """Whether both have the same request."""
        return (self.method, self.path, self.request) == (other.method, other.path, other.request)


def save(path: Path, conversations: dict[str, list[Exchange]]) -> None:
    """Write conversations, each a list of exchanges."""
    content = {name: [asdict(exchange) for exchange in exchanges] for name, exchanges in conversations.items()}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def load(path: Path) -> dict[str, list[Exchange]]:
    """The conversations in a file, or an empty result if the file does not exist."""
    content = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {name: [Exchange(**exchange) for exchange in exchanges] for name, exchanges in content.items()}


class _Served:
    """A local HTTP server that answers each request by `exchanged`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"served": self}))
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def exchanged(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Exchange:
        """The request with its reply."""
        raise NotImplementedError


class Recorder(_Served):
    """Hands requests on to a real server; `exchanges` are what was asked and answered, in the order of the answers."""

    def __init__(self, target: str) -> None:
        super().__init__()
        self.exchanges: list[Exchange] = []
        self._target = urlsplit(target).netloc

    def exchanged(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Exchange:
        """The request with the real server's reply."""
        connection = http.client.HTTPConnection(self._target, timeout=TIMEOUT_S)
        kept = {name: value for name, value in headers.items() if name.lower() in ("content-type", "authorization")}
        connection.request(method, path, body or None, kept)
        reply = connection.getresponse()
        text = reply.read().decode()
        connection.close()
        exchange = Exchange(method, path, without_video(body), reply.status, reply.headers["Content-Type"], text)
        with self._lock:
            self.exchanges.append(exchange)
        return exchange


class Replay(_Served):
    """Answers each recorded request once, with the recorded bytes. Leaving the block fails if any request was another one."""

    def __init__(self, exchanges: list[Exchange]) -> None:
        super().__init__()
        self._due = list(exchanges)
        self._other: list[str] = []

    def exchanged(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Exchange:
        """The recorded exchange with this request."""
        asked = Exchange(method, path, without_video(body), 400, "text/plain", "this request was not recorded")
        with self._lock:
            for number, exchange in enumerate(self._due):
                if exchange.asks(asked):
                    return self._due.pop(number)
            self._other.append(f"{method} {path} {asked.request}")
        return asked

    def __exit__(self, kind: Any, *rest: object) -> None:
        super().__exit__(kind, *rest)
        due = "\n".join(f"{exchange.method} {exchange.path} {exchange.request}" for exchange in self._due)
        assert not self._other, "sent, but not recorded:\n{}\nrecorded, but not sent:\n{}".format("\n".join(self._other), due)
        assert not due or kind, f"recorded, but not sent:\n{due}"


def without_video(body: bytes) -> str:
    """A request's body with a description of its video in place of the video's bytes."""
    return VIDEO.sub(lambda data: _description(base64.b64decode(data[0], validate=True)), body).decode()


def _description(video: bytes) -> bytes:
    with av.open(io.BytesIO(video)) as file:
        stream = file.streams.video[0]
        frames = sum(1 for _ in file.decode(stream))
        return f"<{frames} frames of {stream.width}x{stream.height} at {stream.average_rate}/s>".encode()


class _Handler(BaseHTTPRequestHandler):
    served: _Served
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._reply()

    def do_POST(self) -> None:
        self._reply()

    def _reply(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        exchange = self.served.exchanged(self.command, self.path, dict(self.headers.items()), body)
        reply = exchange.reply.encode()
        self.send_response(exchange.status)
        self.send_header("Content-Type", exchange.kind)
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""
