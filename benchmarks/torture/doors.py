"""The doors through which text from outside comes in, each with a valid document."""

from __future__ import annotations

import http.client
import json
import logging
import random
import shutil
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

from benchmarks.torture.seeds import KINDS, SHORT, seed
from highlights import match_report, pipeline
from highlights.app.site import LibrarySite
from highlights.batch import manifest
from highlights.dialects import known
from highlights.dialects.dialect import Dialect
from highlights.dialects.file import load as load_dialect
from highlights.errors import HighlightsError
from highlights.evaluation.truth_file import read_truth
from highlights.export import edited, formats, timeline_json
from highlights.finders.choice import ModelOptions
from highlights.library.search import understood
from highlights.match_report import GivenReport
from highlights.pipeline import RunOptions
from highlights.profile import builtin_folder, load
from highlights.records import Timeline
from highlights.reel import options as reel_options
from highlights.reel.options import options_of
from highlights.review import roster
from highlights.review.serving import Server, Site, open_review

REPORT = b"""Kick-off 20:45
12' Goal Smith (ARS) 1-0
45+2' Yellow card Jones (CHE)
HT 1-0
67:30 Corner ARS
"""
TRUTH = b"""label,time_s,score
goal,10.0,1-0
corner,15.5,
"""
MANIFEST = b"""name,recordings,sport,audio_track
final,half1.mp4;half2.mp4,soccer,0
cup,cup.mkv,ice_hockey,
"""
ROSTER = b"""Arsenal
1 Smith
7, Jones, forward
"""
ANSWERS = (
    b'{"events": [{"start": 1.5, "end": 4.0, "description": "a goal"}]}',
    b"The event happens in 12.0 - 14.5 seconds. Yes.",
    b'<points coords="12.5 1 100 200;13.0 1 101 220" alt="ball">ball</points> From 00:12 to 00:14.',
    b"<think>hm</think> From <0012.0> to <0014.5>: a corner. \n 1. [00:01-00:04] A player shoots.",
)


@dataclass(frozen=True, slots=True)
class Door:
    """A door: `enter` takes a document; `document` is a valid one."""

    name: str
    document: bytes
    enter: Callable[[bytes], object]


def of_code(folder: Path, timeline: Timeline) -> list[Door]:
    """The doors that need no server; files are written into `folder`."""
    timeline_json.write(timeline, folder / "timeline.json")
    return [*_profiles(folder), *_timelines(folder), *_answers(), *_lists(folder, timeline), *_imports(folder, timeline)]


@contextmanager
def of_pages(folder: Path) -> Iterator[list[Door]]:
    """The addresses of a review of `folder`, and of a library with that match, which are served until the block ends."""
    models = ModelOptions(finders=("signals",))
    shutil.copytree(folder, folder / "library" / "final")
    with ExitStack() as stack:
        review = stack.enter_context(_served(open_review(folder, None, models)))
        library = stack.enter_context(_served(LibrarySite(folder / "library", models)))
        yield [*_addresses("review", review, POSTS, PATHS), *_addresses("app", library, APP_POSTS, APP_PATHS)]


@contextmanager
def _served(site: Site) -> Iterator[str]:
    server = Server(site)
    thread = Thread(target=server.run)
    thread.start()
    try:
        yield server.link
    finally:
        server.stop()
        thread.join()


def found_in(recordings: Path) -> Timeline:
    """The timeline of an undamaged recording."""
    match = seed(recordings, KINDS[0], SHORT)
    return pipeline.find_events([match.path], options=RunOptions(models=ModelOptions(finders=("signals",))))


def of_file(path: Path, read: Callable[[Path], object]) -> Callable[[bytes], object]:
    """A door that reads a file."""

    def enter(content: bytes) -> object:
        path.write_bytes(content)
        return read(path)

    return enter


def _profiles(folder: Path) -> Iterator[Door]:
    for name in ("soccer", "tennis"):
        document = (builtin_folder() / f"{name}.yaml").read_bytes()
        yield Door(f"profile: {name}", document, of_file(folder / "mine.yaml", lambda path: load(str(path))))
    preset = (Path(reel_options.__file__).parent / "presets" / "coach.yaml").read_bytes()
    yield Door("reel preset", preset, of_file(folder / "preset.yaml", lambda path: options_of({"preset": str(path)})))
    dialect = (Path(known.__file__).parent / "timelens.yaml").read_bytes()
    yield Door("dialect file", dialect, of_file(folder / "dialect.yaml", load_dialect))


def _timelines(folder: Path) -> Iterator[Door]:
    document = (folder / "timeline.json").read_bytes()
    yield Door("timeline.json", document, of_file(folder / "other.json", timeline_json.read))
    yield Door("truth, CSV", TRUTH, of_file(folder / "truth.csv", read_truth))
    yield Door("truth, JSON", b'{"events": [{"label": "goal", "time_s": 10.0}]}', of_file(folder / "truth.json", read_truth))


def _answers() -> Iterator[Door]:
    for name in ("marlin", "molmo2", "timelens", "qwen"):
        dialect = known.dialect(name)

        def enter(content: bytes, dialect: Dialect = dialect) -> None:
            answer = content.decode("utf-8", "replace")
            for read in (dialect.read_find, dialect.read_events, dialect.read_caption):
                read(answer, 30.0)

        yield Door(f"answers: {name}", b"\n".join(ANSWERS), enter)


def _lists(folder: Path, timeline: Timeline) -> Iterator[Door]:
    profile = load("soccer")
    for suffix in (".txt", ".csv", ".json"):
        document = {".csv": b"minute,event,player,team\n12,Goal,Smith,ARS\n45+2,Yellow card,Jones,CHE\n", ".txt": REPORT}.get(
            suffix, b'[{"minute": 12, "type": "Goal", "player": {"name": "Smith"}, "team": "ARS"}]'
        )
        take = lambda path: match_report.take_over(timeline, profile, GivenReport(path))  # noqa: E731
        yield Door(f"match report, {suffix[1:]}", document, of_file(folder / f"report{suffix}", take))
    read_manifest = lambda path: manifest.read_manifest(str(path), "soccer", lambda _: RunOptions())  # noqa: E731
    yield Door("manifest", MANIFEST, of_file(folder / "list.csv", read_manifest))
    yield Door("roster", ROSTER, lambda content: roster.parsed([("ARS", content.decode("utf-8", "replace"))]))
    yield Door(
        "roster.json",
        b'{"teams": [{"name": "ARS", "players": []}]}',
        of_file(folder / "roster.json", lambda p: roster.read(p.parent)),
    )
    search = b'goal player:smith "own goal" minute:80-90 -corner'
    yield Door("search", search, lambda content: understood(content.decode("utf-8", "replace")))


def _imports(folder: Path, timeline: Timeline) -> Iterator[Door]:
    for name, format_ in formats.FORMATS.items():
        if format_.read:
            file, reel = folder / f"edited-{name}{format_.suffix}", folder / "reel.mp4"
            try:
                formats.export(timeline, formats.choice(name, None, None, file), file, reel)
            except HighlightsError:  # needs a reel
                continue

            def take(path: Path, name: str = name, reel: Path = reel) -> object:
                return edited.read(timeline, path, reel, name=name, of=None, part=None, sport=None)

            yield Door(f"import: {name}", file.read_bytes(), of_file(file, take))


PATHS = (
    *(
        "/",
        "/api/state",
        "/api/analysis",
        "/api/status",
        "/api/thumbnail?t=3",
        "/api/still?t=3",
        "/api/graphic?t=1",
        "/api/cells",
    ),
    *("/api/profile", "/media/0", "/results/report.html", "/page/review.js", "/words/de.json", "/%2e%2e/%2e%2e/etc/passwd"),
    *("/results/..%2f..%2fetc%2fpasswd", "/page/%00", "/media/-1", "/media/99999999999999999999", "/results/%ff%fe"),
)
POSTS = {
    "/api/decide": {"revision": 1, "decision": {"verb": "accept", "event": {"list": "events", "number": 0}}},
    "/api/report": {"revision": 1, "text": "12' Goal", "name": "r.txt"},
    "/api/roster": {"teams": [{"name": "ARS", "text": "1 Smith"}]},
    "/api/undo": {"revision": 1},
    "/api/plan": {"options": {"titles": True, "fade": 0.3}},
    "/api/ask": {"query": "a goal", "from_s": 1, "to_s": 4},
    "/api/profile/check": {"text": "extends: soccer\n"},
    "/api/cells/at": {"time_s": 3.0},
    "/api/cells/read": {"time_s": 3.0, "cells": {}},
    "/api/export": {"to": "csv"},
}
APP_PATHS = (
    *(
        "/",
        "/api/library",
        "/api/folder?path=/",
        "/api/picture/final",
        "/api/jobs",
        "/api/search?q=goal",
        "/api/season",
        "/words/en.json",
    ),
    *(
        "/home/home.js",
        "/reels/a.mp4",
        "/match/final/api/state",
        "/match/..%2f..%2fetc/api/state",
        "/api/season.csv?kind=player",
    ),
    *("/api/picture/..%2f..%2fetc%2fpasswd", "/reels/%00", "/match/%ff/", "/api/folder?path=%00"),
)
APP_POSTS = {
    "/api/rename": {"name": "final", "to": "cup final"},
    "/api/siblings": {"recordings": ["/nowhere/a.mp4"]},
    "/api/guess": {"recordings": ["/nowhere/a.mp4"]},
    "/api/uploads": {"name": "a.mp4", "size_bytes": 1000, "modified_ms": 0},
    "/api/uploads/x-1000?at=0": "piece",
    "/api/uploads/x-1000/end": {"name": "a.mp4"},
    "/api/jobs": {"recordings": ["/nowhere/a.mp4"], "name": "cup", "sport": "soccer", "options": {"reel": "none"}},
    "/api/jobs/cancel": {"id": "1"},
    "/api/reel": {"name": "best", "picks": [{"match": "final", "number": 0}], "options": {}},
}


class _Log(logging.Handler):
    """What the server reports of itself; it should report nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(f"{record.getMessage()} {record.exc_info[1]!r}" if record.exc_info else record.getMessage())


_LOG = _Log()


def _addresses(page: str, link: str, posts: Mapping[str, object], paths: Sequence[str]) -> Iterator[Door]:
    logging.getLogger("uvicorn.error").addHandler(_LOG)
    host = urlsplit(link).netloc
    cookie = _asked(host, "GET", link.removeprefix(f"http://{host}"), None, {"Host": host})[1].split(";")[0]
    headers = {"Host": host, "Cookie": cookie, "Origin": f"http://{host}", "Content-Type": "application/json"}
    for path, body in posts.items():

        def enter(content: bytes, path: str = path) -> None:
            _check(_asked(host, "POST", path, content, headers)[0], path)

        yield Door(f"HTTP, {page}: POST {path}", json.dumps(body).encode(), enter)

    def ask(content: bytes) -> None:
        """A request line and headers made of the content."""
        chance = random.Random(content)
        path = chance.choice(paths)
        text = "".join(chr(byte) for byte in content if 32 < byte < 127)
        own = dict(headers)
        if chance.random() < 0.5:
            own[chance.choice(["Host", "Cookie", "Origin", "Range", "Content-Length", "Accept", "X-Other"])] = text[:3000]
        _check(_asked(host, chance.choice(["GET", "HEAD", "PUT", "GET"]), path + text[:200], None, own)[0], path)

    yield Door(f"HTTP, {page}: addresses and headers", b"?t=3&x=%00..%2f#a bytes=0-10,5-", ask)
    yield Door(
        f"HTTP, {page}: raw bytes",
        b"GET /api/state HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        lambda c: _raw(host, c),
    )


def _asked(host: str, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, str]:
    connection = http.client.HTTPConnection(host, timeout=20)
    try:
        connection.putrequest(method, path or "/", skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        reply = connection.getresponse()
        reply.read()
        return reply.status, reply.getheader("set-cookie") or ""
    except (http.client.HTTPException, ConnectionError, ValueError):  # refused before, or in the middle of the request
        return 400, ""
    finally:
        connection.close()


def _raw(host: str, content: bytes) -> None:
    name, _, port = host.partition(":")
    with socket.create_connection((name, int(port)), timeout=20) as line:
        line.sendall(content)
        line.shutdown(socket.SHUT_WR)
        answer = b""
        try:
            while more := line.recv(65536):
                answer += more
        except ConnectionError:
            return
    _check(500 if answer.startswith(b"HTTP/1.1 5") else 200, "raw bytes")


def _check(status: int, path: str) -> None:
    said, _LOG.said = _LOG.said, []
    if status >= 500 or said:
        raise AssertionError(f"HTTP {status} at {path}; {said[:1]}")
