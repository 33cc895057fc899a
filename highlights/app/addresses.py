"""The addresses of home: each validates its input, calls one function, and returns JSON or a file."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from fastapi import Body, FastAPI, Query
from fastapi.responses import FileResponse, HTMLResponse, Response

from highlights import progress
from highlights.app import browsing, wire
from highlights.app.open_library import A_WHILE_S, OpenLibrary
from highlights.errors import HighlightsError
from highlights.library import season
from highlights.library.folder import REELS
from highlights.library.search import search
from highlights.reel.options import presets
from highlights.review import app as review_app
from highlights.review.answers import Json
from highlights.review.folder import file_in
from highlights.review.job import job_as_json
from highlights.review.languages import WORDS, in_all_languages

PAGE = Path(__file__).with_name("page")
ALWAYS_NEW = {"cache-control": "no-cache"}
A_DAY = {"cache-control": "private, max-age=86400"}


def make_app(opened: OpenLibrary) -> FastAPI:
    """The application of home."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, default_response_class=Json)
    review_app.refuse_in_one_line(app)
    _page(app)
    _library(app, opened)
    _adding(app, opened)
    _uploads(app, opened)
    _jobs(app, opened)
    _finding(app, opened)
    return app


def _page(app: FastAPI) -> None:
    @app.get("/")
    def index() -> HTMLResponse:
        return in_all_languages(PAGE / "index.html")

    @app.get("/home/{name}")
    def page_file(name: str) -> FileResponse:
        return FileResponse(file_in(PAGE, name), headers=ALWAYS_NEW)

    @app.get("/words/{name}")
    def words(name: str) -> FileResponse:
        return FileResponse(file_in(WORDS, name), headers=ALWAYS_NEW)

    @app.get("/page/{name}")
    def shared(name: str) -> FileResponse:
        return FileResponse(file_in(review_app.PAGE, name), headers=ALWAYS_NEW)


def _library(app: FastAPI, opened: OpenLibrary) -> None:
    @app.get("/api/library")
    def library() -> Json:
        unread = opened.index.refresh(A_WHILE_S)
        return Json(
            {
                "unread": unread,
                "folder": str(opened.library.root),
                "matches": [wire.match(match) for match in opened.index.matches()],
                "jobs": [wire.job(view) for view in opened.queue.views()],
                "sports": opened.sports(),
                "presets": presets(),
                "stages": progress.STAGES,
            }
        )

    @app.get("/api/picture/{name}")
    def picture(name: str, stamp: str = "") -> Response:
        return Response(opened.picture(name, stamp), media_type="image/jpeg", headers=A_DAY)

    @app.post("/api/rename")
    def rename(asked: wire.Rename) -> dict[str, str]:
        _check_idle(opened, asked.name)
        opened.reviews.close(asked.name)
        return {"name": opened.library.rename(asked.name, asked.to)}

    @app.post("/api/delete")
    def delete(asked: wire.Named) -> dict[str, object]:
        _check_idle(opened, asked.name)
        opened.reviews.close(asked.name)
        return {"kept": opened.library.delete(asked.name)}


def _check_idle(opened: OpenLibrary, name: str) -> None:
    if opened.queue.holds(name):
        raise HighlightsError(f"{name} is in the queue: cancel that first")


def _adding(app: FastAPI, opened: OpenLibrary) -> None:
    @app.get("/api/folder")
    def folder(path: wire.Text = "") -> dict[str, object]:
        return browsing.listed(path)

    @app.post("/api/siblings")
    def siblings(asked: wire.AtPath) -> dict[str, object]:
        found = browsing.siblings(Path(asked.path))
        return found | opened.guess_sport([asked.path]) | {"known": opened.match_of(asked.path)}

    @app.post("/api/guess")
    def guess(asked: wire.Recordings) -> dict[str, str]:
        return {"sport": opened.sport_shown(asked.recordings)}


def _uploads(app: FastAPI, opened: OpenLibrary) -> None:
    uploads = opened.uploads

    @app.post("/api/uploads")
    def begin(asked: wire.NewFile) -> dict[str, object]:
        return uploads.begin(asked.name, asked.size_bytes, asked.modified_ms)

    @app.post("/api/uploads/{upload}")
    def append(upload: str, at: Annotated[int, Query(ge=0)], chunk: Annotated[bytes, Body()] = b"") -> dict[str, int]:
        return {"received": uploads.append(upload, at, chunk)}

    @app.post("/api/uploads/{upload}/end")
    def end(upload: str, asked: wire.FileEnd) -> dict[str, object]:
        file = str(uploads.finish(upload, asked.name))
        return {"path": file, **opened.guess_sport([asked.name])}

    @app.post("/api/uploads/{upload}/discard")
    def discard(upload: str) -> dict[str, object]:
        uploads.discard(upload)
        return {}


def _jobs(app: FastAPI, opened: OpenLibrary) -> None:
    queue = opened.queue

    def answered() -> dict[str, object]:
        return {"jobs": [wire.job(view) for view in queue.views()]}

    @app.get("/api/jobs")
    def jobs() -> dict[str, object]:
        return answered() | {"compiling": job_as_json(opened.compiler.job)}

    @app.post("/api/jobs")
    def add(asked: wire.NewJob) -> dict[str, object]:
        queue.add(asked.name, asked.recordings, asked.sport, asked.options)
        return answered()

    @app.post("/api/jobs/pause")
    def pause(asked: wire.JobId) -> dict[str, object]:
        queue.pause(asked.id)
        return answered()

    @app.post("/api/jobs/resume")
    def resume(asked: wire.JobId) -> dict[str, object]:
        queue.resume(asked.id)
        return answered()

    @app.post("/api/jobs/cancel")
    def cancel(asked: wire.JobId) -> dict[str, object]:
        queue.cancel(asked.id)
        return answered()

    @app.post("/api/jobs/remove")
    def remove(asked: wire.JobId) -> dict[str, object]:
        queue.remove(asked.id)
        return answered()


def _finding(app: FastAPI, opened: OpenLibrary) -> None:
    @app.get("/api/search")
    def found(q: Annotated[str, Query(max_length=300)] = "") -> Json:
        opened.index.refresh(A_WHILE_S)
        return Json({"found": [wire.found(*row) for row in search(opened.index, q)]})

    @app.post("/api/reel")
    def reel(asked: wire.NewReel) -> Any:
        return job_as_json(opened.compile(asked.name, [(pick.match, pick.number) for pick in asked.picks], asked.options))

    @app.post("/api/reel/cancel")
    def cancel() -> Any:
        return job_as_json(opened.compiler.cancel())

    @app.get("/reels/{name}")
    def made(name: str, inline: bool = False) -> FileResponse:
        kind = "inline" if inline else "attachment"
        return FileResponse(file_in(opened.library.root / REELS, name), filename=name, content_disposition_type=kind)

    @app.get("/api/season")
    def numbers(per: season.Per, sport: str = "") -> Json:
        rows = opened.events_of(sport)
        return Json({"kinds": season.kinds_of(rows), "rows": [asdict(row) for row in season.numbers(rows, per)]})

    @app.get("/api/season.csv")
    def table(per: season.Per, sport: str = "") -> Response:
        named = {"content-disposition": f'attachment; filename="season-{per}.csv"'} | ALWAYS_NEW
        content = season.as_csv(opened.events_of(sport), per).encode("utf-8-sig")
        return Response(content, media_type="text/csv; charset=utf-8", headers=named)
