"""Who is let in: one browser on this machine that was given the link. Everyone else gets an error of one line.

A page of another site can make a browser send requests to 127.0.0.1. It does not know the token, its requests carry no cookie
(`SameSite=Strict`), and it cannot hide its origin (`Origin`, `Sec-Fetch-Site`); a domain that it points to 127.0.0.1 (DNS
rebinding) shows in `Host`. Each of these is checked on its own.
"""

from __future__ import annotations

import hmac
import json
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 1 << 20
"""Largest request body in bytes; a profile or a decision has a few thousand."""
LARGEST_CHUNK = 8 << 20
"""Largest piece of a file in bytes, where files are accepted."""
CHUNK = "application/octet-stream"

HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self'; "
        b"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)


class RefusalError(Exception):
    """A refused request: the HTTP status and the reason in one line."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


class AccessCheck:
    """Passes on requests to `app` only from the page on this machine, at `port`, with the token.

    Only below the path `files_at` are the pieces of a file accepted.
    """

    def __init__(self, app: ASGIApp, token: str, port: int, files_at: str = "") -> None:
        self._app = app
        self._token = token
        self._files_at = files_at
        self._hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}
        self._cookie = f"highlights_{port}"  # all ports of a host share cookies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            self._check_source(scope["method"], headers)
            if scope["path"] == "/" and self._is_token(_token_of(scope["query_string"])):
                await self._welcome(send)
                return
            self._check_cookie(headers)
            takes_files = bool(self._files_at) and scope["path"].startswith(self._files_at)
            receive = await _body(receive, scope["method"], headers, takes_files=takes_files)
        except RefusalError as refused:
            await _answer(send, refused.status, refused.why)
            return
        await self._app(scope, receive, _with_headers(send))

    def _check_source(self, method: str, headers: dict[str, str]) -> None:
        host = headers.get("host", "")
        if host not in self._hosts:
            raise RefusalError(421, f"unknown host {host[:80]}: open the link that the program printed")
        if method not in ("GET", "HEAD", "POST"):
            raise RefusalError(405, f"{method[:20]} is not supported")
        if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            raise RefusalError(403, "the request comes from another page: only the program's own page is answered")
        if headers.get("origin", f"http://{host}" if method != "POST" else "") != f"http://{host}":
            raise RefusalError(403, "the request comes from another page: only the program's own page may change anything")

    def _check_cookie(self, headers: dict[str, str]) -> None:
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(self._cookie)
        except CookieError:
            cookie = None
        if cookie is None or not self._is_token(cookie.value):
            raise RefusalError(403, "the token is missing: open the link that the program printed")

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode("utf-8", "replace"), self._token.encode())

    async def _welcome(self, send: Send) -> None:
        """Move the token into a cookie, so that no address that is copied or logged holds it."""
        cookie = f"{self._cookie}={self._token}; HttpOnly; SameSite=Strict; Path=/"
        headers = [(b"location", b"/"), (b"set-cookie", cookie.encode()), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


def _token_of(query: bytes) -> str:
    return parse_qs(query.decode("latin-1")).get("token", [""])[0]


async def _body(receive: Receive, method: str, headers: dict[str, str], *, takes_files: bool) -> Receive:
    """`receive` with the whole body of a request, after its size and type are checked, also without a Content-Length."""
    kind = headers.get("content-type", "").split(";")[0].strip()
    is_chunk = takes_files and kind == CHUNK
    largest = LARGEST_CHUNK if is_chunk else LARGEST_BODY
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > largest:
        raise RefusalError(413, f"the request is larger than {largest} bytes")
    if method != "POST":
        return receive
    if kind != "application/json" and not is_chunk:
        raise RefusalError(415, "only JSON is accepted")
    body, more = bytearray(), True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > largest:
            raise RefusalError(413, f"more than {largest} bytes are not taken")
    return _replayed({"type": "http.request", "body": bytes(body), "more_body": False}, receive)


def _replayed(first: Message, receive: Receive) -> Receive:
    """`first`, then the messages after it."""
    waiting = [first]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), *HEADERS]
        await send(message)

    return sent


async def _answer(send: Send, status: int, why: str) -> None:
    body = json.dumps({"error": why}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
