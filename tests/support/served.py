"""A running review page: a drawn match of a minute with three events and one near miss."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from highlights.export import timeline_csv, timeline_json
from highlights.finders.choice import ModelOptions
from highlights.media.probe import open_recording
from highlights.records import Analysis, Box, Event, Excitement, Moment, Scene, Scoreboard, ScoreReading, Timeline
from highlights.review.serving import Review, Server, Site, open_review
from highlights.spans import Span
from tests.support.drawing import Look, Sound, draw_video

LENGTH_S = 60.0
CUTS_S = (8.0, 20.0, 33.0, 47.0)
NAMES = {"goal": "Goal", "shot": "Shot on goal"}


def event(name: str, peak_s: float, confidence: float, why_not: str = "") -> Event:
    """An event of two seconds around its instant, with one claim."""
    span = Span(peak_s - 1, peak_s + 1)
    claim = Moment(name, span, peak_s, "crowd", 1.5, f"the crowd roared at {peak_s:g} s")
    return Event(name, NAMES[name], span, peak_s, confidence, (claim,), why_not=why_not)


def make_match(folder: Path) -> Timeline:
    """A recording and its timeline in `folder`."""
    video = folder / "match.mp4"
    draw_video(
        video, duration_s=LENGTH_S, cuts_s=CUTS_S, rate=10, look=Look(gop=10), sounds=[Sound(beeps_s=(10.0, 30.0, 50.0))]
    )
    edges = (0.0, *CUTS_S, LENGTH_S)
    scenes = [Scene(Span(a, b), 0, "cut" if a else "start") for a, b in pairwise(edges)]
    readings = [ScoreReading(t, "A 0-0 B", {"home": int(t > 11), "away": 0}, t, f"{t:02.0f}") for t in range(2, 60, 2)]
    board = Scoreboard((Box(10, 10, 90, 30),), ("ELK", "JAY"), tuple(readings), (), (Span(0, LENGTH_S),))
    crowd = Excitement(0.5, tuple(1.0 if 20 <= i <= 22 else 0.1 for i in range(120)), (-30.0,) * 120)
    timeline = Timeline(
        open_recording([video]),
        "soccer",
        events=(event("goal", 10.0, 0.99), event("shot", 30.0, 0.62), event("goal", 50.0, 0.81)),
        near_misses=(event("goal", 40.0, 0.2, "the score stood"),),
        analysis=Analysis(tuple(scenes), crowd, (), board),
        finders=("signals",),
    )
    timeline_json.write(timeline, folder / "timeline.json")
    timeline_csv.write(timeline, folder / "timeline.csv")
    return timeline


@dataclass(frozen=True)
class Reply:
    """What the server answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Visitor:
    """A client of a running site that can leave out any part of a request."""

    link: str
    cookie: str

    @property
    def host(self) -> str:
        return urlsplit(self.link).netloc

    def ask(self, method: str, path: str, body: object = None, **headers: str | None) -> Reply:
        """One request as the page makes it, with these headers replaced; None omits one."""
        sent: dict[str, str | None] = {"Host": self.host, "Cookie": self.cookie}
        if method == "POST":
            sent |= {"Origin": f"http://{self.host}", "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        connection = http.client.HTTPConnection(self.host, timeout=60)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in sent.items():
            if value is not None:
                connection.putheader(name, value)
        if data is not None and "Content-Length" not in sent and "Transfer-Encoding" not in sent:
            connection.putheader("Content-Length", str(len(data)))
        connection.endheaders(data)
        reply = connection.getresponse()
        answered = Reply(reply.status, {k.lower(): v for k, v in reply.getheaders()}, reply.read())
        connection.close()
        return answered

    def get(self, path: str) -> Any:
        reply = self.ask("GET", path)
        assert reply.status == 200, reply.body
        return reply.json

    def post(self, path: str, body: object) -> Any:
        reply = self.ask("POST", path, body)
        assert reply.status == 200, reply.body
        return reply.json


@dataclass(frozen=True)
class Served(Visitor):
    """A running review page."""

    review: Review

    def decide(self, **decision: object) -> Any:
        """Make a decision about the current state."""
        return self.post("/api/decide", {"revision": self.review.session.revision, "decision": decision})


@contextmanager
def visited(site: Site) -> Iterator[Visitor]:
    """A site, served until the block ends, and who has its link."""
    server = Server(site)
    thread = Thread(target=server.run)
    thread.start()
    try:
        visitor = Visitor(server.link, "")
        welcome = visitor.ask("GET", server.link.removeprefix(f"http://{visitor.host}"))
        yield Visitor(server.link, welcome.headers["set-cookie"].split(";")[0])
    finally:
        server.stop()
        thread.join()


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """The review of the files in `folder`, served until the block ends."""
    review = open_review(folder, None, ModelOptions(finders=("signals",)))
    with visited(review) as visitor:
        yield Served(visitor.link, visitor.cookie, review)
