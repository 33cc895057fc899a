"""One request to a server and its reply, by the `openai` client: bounded in time and size, failures reported in one line."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from highlights.errors import ModelError

if TYPE_CHECKING:
    import openai

KEYS = ("HIGHLIGHTS_API_KEY", "OPENAI_API_KEY")
"""Environment variables for the API key; the first that is set counts."""
INSTALL = "pip install 'highlights[server]'"
CONNECT_S = 10.0
MOST_BYTES = 16 * 2**20
"""Of one reply; the longest answer with all its probabilities is a few hundred kilobytes."""
MOST_CHARS = 300
"""Of a server's error message."""

_PASSING = {408, 409, 425, 429}
"""The client errors (4xx) that are worth a retry."""
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")


class UnansweredError(Exception):
    """A request that got no answer.

    `passing`: a retry may help, no sooner than in `after_s` seconds. `status` is the HTTP status, 0 without a reply.
    """

    def __init__(self, problem: str, *, status: int = 0, passing: bool = False, after_s: float = 0.0) -> None:
        super().__init__(problem)
        self.problem = problem
        self.status = status
        self.passing = passing
        self.after_s = after_s


class Connection:
    """Sends requests to one server; may be used by several threads at once."""

    def __init__(self, url: str, timeout_s: float) -> None:
        url = _with_version(url)
        self.shown = shown(url)
        """The address for display: without user name and password."""
        self._timeout_s = timeout_s
        self._key = next((key for name in KEYS if (key := os.environ.get(name, "").strip())), "")
        self._secrets = tuple(filter(None, (self._key, urlsplit(url).password)))
        self._client = self._opened(url)

    def __repr__(self) -> str:
        return f"Connection({self.shown!r})"

    def models(self) -> bytes:
        """The body of the reply to `GET /v1/models`.

        Raises:
            UnansweredError: There is none.
        """
        return self._sent(lambda: self._client.models.with_streaming_response.list(extra_headers=self._headers()))

    def chat(self, request: Mapping[str, Any]) -> bytes:
        """The body of the reply to `POST /v1/chat/completions`.

        Raises:
            UnansweredError: There is none.
        """
        create = self._client.chat.completions.with_streaming_response.create
        return self._sent(lambda: create(**request, extra_headers=self._headers()))

    def close(self) -> None:
        """Close all connections to the server."""
        self._client.close()

    def _opened(self, url: str) -> openai.OpenAI:
        try:
            import openai
        except ImportError as error:
            raise ModelError(f"asking a server needs the package openai: {INSTALL}") from error
        return openai.OpenAI(
            base_url=url,
            api_key=self._key or "none",
            max_retries=0,  # retries are handled by the caller
            timeout=openai.Timeout(self._timeout_s, connect=min(CONNECT_S, self._timeout_s)),
            # A redirect could take the video, and on the same host the key, to where the user did not send them.
            http_client=openai.DefaultHttpxClient(
                follow_redirects=False, event_hooks={"request": [self._begin], "response": [self._read]}
            ),
        )

    def _headers(self) -> dict[str, Any]:
        import openai

        # The client would add the account of another service if the environment has one.
        left_out = ("OpenAI-Organization", "OpenAI-Project", *(() if self._key else ("Authorization",)))
        return {name: openai.Omit() for name in left_out}

    def _sent(self, send: Callable[[], Any]) -> bytes:
        import openai

        try:
            with send() as reply:
                body: bytes = reply.http_response.extensions["body"]
                return body
        except openai.APITimeoutError as error:
            raise self._too_late() from error
        except openai.APIConnectionError as error:
            # Older clients wrap any exception that ends a request, including those raised in `_read`.
            if isinstance(error.__cause__, UnansweredError):
                raise error.__cause__ from None
            raise UnansweredError(self._clean(_reason(error)), passing=True) from error
        except RuntimeError as error:
            if not self._client.is_closed():
                raise
            raise UnansweredError("the connection was closed here") from error

    def _begin(self, request: Any) -> None:
        request.extensions["due_s"] = time.monotonic() + self._timeout_s

    def _read(self, response: Any) -> None:
        """Attach the whole body to the response, read within bounds: the client itself limits neither size nor total time."""
        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > MOST_BYTES:
                raise UnansweredError(f"its reply is longer than {MOST_BYTES / 2**20:.0f} MB", status=response.status_code)
            if time.monotonic() > response.request.extensions["due_s"]:
                raise self._too_late()
        if response.status_code >= 300:
            raise self._refusal(response.status_code, response.headers, bytes(body))
        response.extensions["body"] = bytes(body)

    def _too_late(self) -> UnansweredError:
        return UnansweredError(f"no reply within {self._timeout_s:g} s", passing=True)

    def _refusal(self, status: int, headers: Mapping[str, str], body: bytes) -> UnansweredError:
        if status < 400:
            target = shown_or_hidden(headers.get("location", ""))
            return UnansweredError(f"it redirects to {self._clean(target)} ({status}): use that address", status=status)
        reason = self._clean(_message(body)) or "no reason given"
        passing = status in _PASSING or status >= 500
        return UnansweredError(f"{reason} ({status})", status=status, passing=passing, after_s=_retry_after_s(headers))

    def _clean(self, text: str) -> str:
        """A server's text in one line that is safe to print: no control characters, no repeated secrets, not too long."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        line = _UNPRINTABLE.sub(" ", text).strip()
        return line if len(line) <= MOST_CHARS else f"{line[: MOST_CHARS - 1]}…"


def shown(url: str) -> str:
    """An address that is safe to display: without user name, password, query and fragment.

    >>> shown("https://me:secret@gpu.example:8000/v1?key=1")
    'https://gpu.example:8000/v1'
    """
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _with_version(url: str) -> str:
    """The address, with `/v1` added if it has no path.

    Raises:
        ModelError: It is not the address of a server.
    """
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good:
        raise ModelError(f"{shown_or_hidden(url)} is not a server address; use one like http://localhost:8000/v1")
    return urlunsplit(parts._replace(path=parts.path if parts.path.strip("/") else "/v1"))


def shown_or_hidden(url: str) -> str:
    """Like `shown`, for text that may not be an address at all.

    >>> shown_or_hidden("http://me:secret@[")
    'this'
    """
    try:
        return shown(url) or "this"
    except ValueError:
        return "this"


def _reason(error: BaseException) -> str:
    """The innermost reason that has words: "Connection refused" rather than "Connection error."."""
    words, inner = str(error), error.__cause__
    while inner is not None:
        words, inner = str(inner) or words, inner.__cause__ or inner.__context__
    return re.sub(r"^\[Errno -?\d+\] ", "", words)


def _message(body: bytes) -> str:
    """The error message in a reply: vLLM's `error.message`, FastAPI's `detail`, or the plain text of any other server."""
    text = body[:65_536].decode("utf-8", "replace")
    try:
        content = json.loads(text)
    except ValueError:
        return "an HTML page instead of a reply" if text.lstrip()[:1] == "<" else text
    if isinstance(content, dict):
        error = content.get("error", content)
        content = (error.get("message") or error.get("detail") or error) if isinstance(error, dict) else error
    return content if isinstance(content, str) else json.dumps(content)


def _retry_after_s(headers: Mapping[str, str]) -> float:
    """Seconds to wait according to Retry-After, in either of its forms; 0 without one."""
    value = headers.get("retry-after", "")
    if re.fullmatch(r"\d{1,6}(\.\d*)?", value):
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    return max(0.0, (when.replace(tzinfo=when.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
