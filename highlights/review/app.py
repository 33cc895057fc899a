"""The addresses of the review page: each validates its input, calls one function, and returns JSON or a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.exceptions import HTTPException

from highlights import decisions
from highlights.decisions import EventRef
from highlights.errors import HighlightsError, OutputError, ProfileError
from highlights.match_report.game_times import KickOff
from highlights.review import reporting, roster, wire
from highlights.review.answers import Json
from highlights.review.cutting import Cutter
from highlights.review.folder import file_in
from highlights.review.handing import FORMATS, hand_over
from highlights.review.job import BusyError, job_as_json
from highlights.review.languages import WORDS, in_all_languages
from highlights.review.pictures import Thumbnails, graphic, still
from highlights.review.pinning import Pinner
from highlights.review.profiles import checked, saved, shown
from highlights.review.proxies import Proxies
from highlights.review.querying import Asker
from highlights.review.session import Session, StaleError

PAGE = Path(__file__).with_name("page")
A_DAY = {"cache-control": "private, max-age=86400"}
ALWAYS_NEW = {"cache-control": "no-cache"}

Where = Annotated[Literal["events", "near_misses"], Query(alias="list")]


@dataclass(frozen=True, slots=True)
class Review:
    """The parts of one review."""

    session: Session
    cutter: Cutter
    proxies: Proxies
    asker: Asker
    thumbnails: Thumbnails
    pinner: Pinner
    files_at: str = ""
    """No file is accepted by this page."""
    home: bool = False
    """Whether the page is one of a library, to which it leads back."""

    def state(self) -> dict[str, object]:
        """Everything the page shows."""
        with self.session.lock:
            state = wire.state(self.session)
        return state | {
            "parts": self.proxies.as_json(),
            "folder_files": self.cutter.files(),
            "formats": [format_.as_json() for format_ in FORMATS],
            "presets": self.cutter.presets(),
            "model": self.asker.model,
            "home": self.home,
            "roster": roster.as_json(roster.read(self.session.folder)),
        }

    def app(self) -> FastAPI:
        """The application, without the check of who may use it."""
        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, default_response_class=Json)
        refuse_in_one_line(app)
        _refusals(app, self)
        _page(app)
        _decisions(app, self)
        _media(app, self)
        _making(app, self)
        _profiles(app, self)
        _score_graphic(app, self)
        return app

    def close(self) -> None:
        """Cancel a running job."""
        self.cutter.worker.cancel()


def _refusals(app: FastAPI, review: Review) -> None:
    @app.exception_handler(StaleError)
    def stale(request: Request, error: StaleError) -> Json:
        return Json({"error": str(error), "state": review.state()}, 409)


def refuse_in_one_line(app: FastAPI) -> None:
    """Make every error of the application one line for people, as JSON."""

    @app.exception_handler(HighlightsError)
    def ours(request: Request, error: HighlightsError) -> Json:
        return Json({"error": str(error)}, 409 if isinstance(error, BusyError) else 400)

    @app.exception_handler(OutputError)
    def absent(request: Request, error: OutputError) -> Json:
        return Json({"error": str(error)}, 404 if request.method == "GET" else 400)

    @app.exception_handler(OSError)
    def of_a_file(request: Request, error: OSError) -> Json:  # a name that no file can have, a folder of another user
        place = "" if error.filename is None else f"{error.filename}: "
        return Json({"error": f"{place}cannot be used ({error.strerror or error}): choose another one"}, 400)

    @app.exception_handler(RequestValidationError)
    def malformed(request: Request, error: RequestValidationError) -> Json:
        first = error.errors()[0]
        return Json({"error": f"{'.'.join(map(str, first['loc'][1:]))}: {first['msg']}"}, 422)

    @app.exception_handler(HTTPException)
    def other(request: Request, error: HTTPException) -> Json:
        return Json({"error": str(error.detail)}, error.status_code, error.headers)


def _page(app: FastAPI) -> None:
    @app.get("/")
    def index() -> HTMLResponse:
        return in_all_languages(PAGE / "index.html")

    @app.get("/words/{name}")
    def words(name: str) -> FileResponse:
        return FileResponse(file_in(WORDS, name), headers=ALWAYS_NEW)

    @app.get("/page/{name}")
    def page_file(name: str) -> FileResponse:
        return FileResponse(file_in(PAGE, name), headers=ALWAYS_NEW)


def _decisions(app: FastAPI, review: Review) -> None:
    session = review.session

    # plain JSON responses: FastAPI takes a quarter of a second to validate a thousand events
    def answered(focus: EventRef | None) -> Json:
        return Json(review.state() | {"focus": focus and {"list": focus.list, "index": focus.index}})

    @app.get("/api/state")
    def state() -> Json:
        return Json(review.state())

    @app.get("/api/analysis")
    def analysis() -> Json:
        return Json(wire.analysis(session.timeline))

    @app.get("/api/status")
    def status() -> dict[str, object]:
        return {"revision": session.revision, "job": job_as_json(review.cutter.worker.job)}

    @app.post("/api/decide")
    def decide(asked: wire.Decide) -> Json:
        return answered(session.decide(asked.revision, asked.words, asked.change))

    @app.post("/api/report")
    def report(asked: wire.Report) -> dict[str, object]:
        starts = [KickOff(number, at_s) for number, at_s in enumerate(sorted(asked.kick_offs), 1)]
        applied = reporting.take_over(session, asked.revision, asked.text, starts, asked.times)
        return {"state": review.state(), **reporting.as_json(applied)}

    @app.post("/api/roster")
    def save_roster(asked: wire.RosterText) -> dict[str, object]:
        roster.write(session.folder, roster.parsed((team.name, team.text) for team in asked.teams))
        return review.state()

    @app.post("/api/undo")
    def undo(asked: wire.AtRevision) -> Json:
        return answered(session.undo(asked.revision))

    @app.post("/api/redo")
    def redo(asked: wire.AtRevision) -> Json:
        return answered(session.redo(asked.revision))


def _media(app: FastAPI, review: Review) -> None:
    @app.get("/media/{number}")
    def media(number: int) -> FileResponse:
        return FileResponse(review.proxies.file(number), headers=ALWAYS_NEW)

    @app.get("/results/{name}")
    def results(name: str, inline: bool = False) -> FileResponse:
        file = file_in(review.session.folder, name)
        kind = "inline" if inline and file.suffix == ".mp4" else "attachment"
        return FileResponse(file, filename=name, content_disposition_type=kind, headers=ALWAYS_NEW)

    @app.get("/api/thumbnail")
    def thumbnail(t: wire.Seconds, height: Annotated[int, Query(ge=16, le=720)] = 90) -> Response:
        return Response(review.thumbnails.at(t, height), media_type="image/jpeg", headers=A_DAY)

    @app.get("/api/still")
    def large(t: wire.Seconds) -> Response:
        return Response(still(review.session.timeline.recording, t), media_type="image/jpeg", headers=A_DAY)

    @app.get("/api/graphic")
    def score_graphic(where: Where, index: int, when: Literal["before", "after"]) -> Response:
        timeline = review.session.timeline
        picture = graphic(timeline, decisions.at(timeline, EventRef(where, index)), after=when == "after")
        if picture is None:
            raise HTTPException(404, f"no reading of the score graphic {when} this event")
        return Response(picture, media_type="image/jpeg", headers=ALWAYS_NEW)

    @app.post("/api/proxy")
    def proxy(asked: wire.PartNumber) -> Any:
        return job_as_json(review.proxies.make(asked.part))


def _making(app: FastAPI, review: Review) -> None:
    @app.post("/api/plan")
    def plan(asked: wire.Cut) -> dict[str, object]:
        return review.cutter.plan(asked.options)

    @app.post("/api/cut")
    def cut(asked: wire.Cut) -> Any:
        return job_as_json(review.cutter.cut(asked.options))

    @app.post("/api/cancel")
    def cancel() -> Any:
        return job_as_json(review.cutter.worker.cancel())

    @app.post("/api/export")
    def export(asked: wire.Export) -> dict[str, object]:
        file, notes = hand_over(review.session, asked.format, asked.of)
        return {"file": file, "notes": list(notes)}

    @app.post("/api/ask")
    def ask(asked: wire.Question) -> dict[str, object]:
        return {"found": review.asker.ask(review.session.timeline.recording, asked.query, asked.from_s, asked.to_s)}


def _profiles(app: FastAPI, review: Review) -> None:
    @app.get("/api/profile")
    def profile() -> dict[str, object]:
        return shown(review.session)

    @app.post("/api/profile/check")
    def check(asked: wire.ProfileText) -> dict[str, object]:
        return {"faults": checked(review.session, asked.text)}

    @app.post("/api/profile/save")
    def save(asked: wire.ProfileText) -> dict[str, object]:
        with _first_fault():
            saved(review.session, asked.text)
        return review.state()


def _score_graphic(app: FastAPI, review: Review) -> None:
    pinner = review.pinner

    @app.get("/api/cells")
    def cells() -> dict[str, object]:
        return pinner.shown()

    @app.post("/api/cells/find")
    def find() -> dict[str, object]:
        return pinner.found()

    @app.post("/api/cells/at")
    def at(asked: wire.Spot) -> dict[str, object]:
        return pinner.at(asked.at_s, asked.x, asked.y)

    @app.post("/api/cells/read")
    def read(asked: wire.CellsAt) -> dict[str, object]:
        with _first_fault():
            return {"pictures": pinner.read(asked.at_s, asked.cells)}

    @app.post("/api/cells/save")
    def save(asked: wire.CellsToSave) -> dict[str, object]:
        with _first_fault():
            pinner.save(asked.cells)
        return review.state()


@contextmanager
def _first_fault() -> Iterator[None]:
    """The first fault of a profile alone: its file is a draft of which the page knows nothing."""
    try:
        yield
    except ProfileError as error:
        raise HTTPException(400, error.faults[0][1] if error.faults else str(error)) from error
