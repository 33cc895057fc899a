"""One request to a server and its reply, by the `openai` client: bounded in time and size, a failure told in one line."""

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
"""Environment variables that may hold the key, the first that is set counts."""
INSTALL = "pip install 'highlights[server]'"
CONNECT_S = 10.0
MOST_BYTES = 16 * 2**20
"""Of one reply; the longest answer with all its probabilities is a few hundred kilobytes."""
MOST_CHARS = 300
"""Of what a server says about a failure."""

_PASSING = {408, 409, 425, 429}
"""Of the refusals (4xx) those that may be another thing a moment later."""
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")


class UnansweredError(Exception):
    """A request that got no answer.

    `passing`: asking again may help, no sooner than in `after_s` seconds. `status` is the HTTP status, 0 without a reply.
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
        """The address for people: without name and password."""
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
        """Close what is open to the server."""
        self._client.close()

    def _opened(self, url: str) -> openai.OpenAI:
        try:
            import openai
        except ImportError as error:
            raise ModelError(f"asking a server needs the package openai: {INSTALL}") from error
        return openai.OpenAI(
            base_url=url,
            api_key=self._key or "none",
            max_retries=0,  # retries are counted and waited for elsewhere
            timeout=openai.Timeout(self._timeout_s, connect=min(CONNECT_S, self._timeout_s)),
            # A redirect would take the video, and on one host the key, to where the user did not send them.
            http_client=openai.DefaultHttpxClient(
                follow_redirects=False, event_hooks={"request": [self._begin], "response": [self._read]}
            ),
        )

    def _headers(self) -> dict[str, Any]:
        import openai

        # The client would add the account of another service, if the environment names one.
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
            # Older clients wrap whatever ends a request, what was found in `_read` too.
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
        """Keep the whole body with the response, read within bounds: the client by itself would take any size and time."""
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
            return UnansweredError(
                f"it sends on to {self._clean(target)} ({status}): give the address it sends to", status=status
            )
        said = self._clean(_message(body)) or "no reason given"
        passing = status in _PASSING or status >= 500
        return UnansweredError(f"{said} ({status})", status=status, passing=passing, after_s=_retry_after_s(headers))

    def _clean(self, said: str) -> str:
        """What a server said in one line that is safe to print: no control characters, no secret it repeats, not too long."""
        for secret in self._secrets:
            said = said.replace(secret, "***")
        line = _UNPRINTABLE.sub(" ", said).strip()
        return line if len(line) <= MOST_CHARS else f"{line[: MOST_CHARS - 1]}…"


def shown(url: str) -> str:
    """An address as it may be seen by anyone: without name, password, query and fragment.

    >>> shown("https://me:secret@gpu.example:8000/v1?key=1")
    'https://gpu.example:8000/v1'
    """
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _with_version(url: str) -> str:
    """The address with `/v1` where it names a host only.

    Raises:
        ModelError: It is no address of a server.
    """
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good:
        raise ModelError(f"{shown_or_hidden(url)} is no address of a server: it looks like http://localhost:8000/v1")
    return urlunsplit(parts._replace(path=parts.path if parts.path.strip("/") else "/v1"))


def shown_or_hidden(url: str) -> str:
    """Like `shown`, for what may not be an address at all.

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
    """Why a server refused, as vLLM (`error.message`), FastAPI (`detail`) or anyone else in plain text says it."""
    text = body[:65_536].decode("utf-8", "replace")
    try:
        told = json.loads(text)
    except ValueError:
        return "an HTML page in place of a reply" if text.lstrip()[:1] == "<" else text
    if isinstance(told, dict):
        error = told.get("error", told)
        told = (error.get("message") or error.get("detail") or error) if isinstance(error, dict) else error
    return told if isinstance(told, str) else json.dumps(told)


def _retry_after_s(headers: Mapping[str, str]) -> float:
    """Seconds that the server wants left alone, from either form of Retry-After; 0 where it says nothing."""
    said = headers.get("retry-after", "")
    if re.fullmatch(r"\d{1,6}(\.\d*)?", said):
        return float(said)
    try:
        when = parsedate_to_datetime(said)
    except ValueError:
        return 0.0
    return max(0.0, (when.replace(tzinfo=when.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
