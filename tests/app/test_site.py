"""The library's server as a client sees it: who is let in, folders, files sent in pieces, jobs, matches, search."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from time import monotonic

import pytest

from highlights.app.site import LibrarySite, open_elsewhere
from highlights.finders.choice import ModelOptions
from highlights.library import index
from highlights.library.folder import Library
from tests.conftest import Put
from tests.support.libraries import copied, event, put_match
from tests.support.served import Visitor, visited
from tests.support.shown_scores import record_graphic

CHUNK = {"Content_Type": "application/octet-stream"}


@pytest.fixture
def library(tmp_path: Path, put: Put) -> Path:
    put_match(tmp_path / "library", "derby & co", put(tmp_path / "season" / "derby.mp4"), [event("Goal", 1.0, player="Smith")])
    return tmp_path / "library"


@pytest.fixture
def page(library: Path) -> Iterator[Visitor]:
    with visited(LibrarySite(library, ModelOptions(finders=("signals",)))) as visitor:
        yield visitor


def test_only_the_browser_with_the_link_on_this_machine_is_answered(page: Visitor) -> None:
    assert page.ask("GET", "/api/library", Cookie=None).status == 403
    assert page.ask("GET", "/match/derby%20%26%20co/api/state", Cookie=None).status == 403
    assert page.ask("GET", "/api/library", Host="evil.example").status == 421
    assert page.ask("POST", "/api/delete", {"name": "derby & co"}, Origin="http://evil.example").status == 403
    assert page.ask("GET", "/", Sec_Fetch_Site="cross-site").status == 403
    assert page.get("/api/library")["matches"][0]["name"] == "derby & co"


def test_a_match_is_listed_reviewed_renamed_and_deleted(page: Visitor, library: Path, tmp_path: Path) -> None:
    [match] = page.get("/api/library")["matches"]
    assert (match["teams"], match["score"], match["kinds"]) == (["ELK", "JAY"], "2–1", {"Goal": 1})
    state = page.get(f"/{match['address']}api/state")
    assert (state["home"], state["events"][0]["player"]) == (True, "Smith")
    assert page.ask("GET", f"/{match['address']}media/0", Range="bytes=0-9").status == 206
    assert page.ask("GET", f"/api/picture/{match['name']}".replace(" ", "%20").replace("&", "%26")).body[:3] == b"\xff\xd8\xff"
    assert page.post("/api/rename", {"name": "derby & co", "to": "derby"}) == {"name": "derby"}
    assert page.ask("GET", f"/{match['address']}api/state").status == 404
    assert page.post("/api/delete", {"name": "derby"}) == {"kept": []}
    assert page.get("/api/library")["matches"] == []
    assert (tmp_path / "season" / "derby.mp4").is_file()


@pytest.mark.parametrize("path", ["/match/..%2f..%2fetc/", "/match/../x/", "/match/.jobs/", "/match/nothing/", "/match/x"])
def test_a_match_that_is_not_in_the_library_is_refused(page: Visitor, path: str) -> None:
    assert page.ask("GET", path).status == 404


def test_a_name_that_is_not_utf8_hides_nothing_else(page: Visitor, library: Path, tmp_path: Path, put: Put) -> None:
    odd = os.fsdecode(b"cup\xff")
    copied(library, library / "derby & co", odd)
    put_match(library, "third", put(tmp_path / "season" / f"{odd}.mp4", 1), [event("Goal", 1.0)])
    matches = {match["name"]: match for match in page.get("/api/library")["matches"]}
    assert sorted(matches) == ["cup?", "derby & co", "third"]
    assert ("rename the folder" in matches["cup?"]["error"], matches["third"]["recordings"]) == (True, ["cup?.mp4"])
    assert len(page.get("/api/search?q=goal")["found"]) == 2
    assert page.get("/match/third/api/state")["parts"][0]["name"] == "cup?.mp4"
    assert [file["name"] for file in page.get(f"/api/folder?path={tmp_path / 'season'}")["files"]] == ["cup?.mp4", "derby.mp4"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"/match/{'x' * 300}/", None),
        ("GET", f"/reels/{'x' * 300}", None),
        ("GET", "/api/folder?path=%00", None),
        ("GET", "/api/folder?path=~nobody-of-this-name", None),
        ("POST", "/api/siblings", {"path": f"/{'x' * 300}/a.mp4"}),
        ("POST", "/api/reel", {"name": "🏀" * 80, "picks": [{"match": "derby & co", "number": 0}]}),
        ("POST", "/api/rename", {"name": "derby & co", "to": "⚽" * 200}),
        ("POST", "/api/uploads", {"name": f"{'⚽' * 100}.mp4", "size_bytes": 5}),
        ("POST", "/match/derby%20&%20co/api/plan", {"options": {"\ud800": 1}}),
        ("POST", "/api/jobs", {"name": "x", "recordings": [f"/{'x' * 300}.mp4"], "sport": "soccer"}),
    ],
)
def test_a_name_that_nothing_can_have_is_refused_in_one_line(page: Visitor, method: str, path: str, body: object) -> None:
    reply = page.ask(method, path, body)
    assert reply.status in (400, 404)
    assert len(reply.json["error"].splitlines()) == 1


def test_an_index_that_another_program_locks_delays_the_page_for_seconds_only(
    page: Visitor, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "WAIT_S", 0.2)
    page.get("/api/library")
    with closing(sqlite3.connect(library / index.FILE, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        began_s = monotonic()
        with ThreadPoolExecutor(12) as tabs:
            replies = list(tabs.map(lambda _: page.ask("GET", "/api/library"), range(12)))
        assert monotonic() - began_s < 2.0  # and not one after the other
    assert all((reply.status, "locked" in reply.json["error"]) == (404, True) for reply in replies)
    assert len(page.get("/api/library")["matches"]) == 1


def test_an_index_that_many_ask_for_at_once_is_made_once(library: Path) -> None:
    made = index.Index(Library(library))
    with ThreadPoolExecutor(16) as threads:
        for _ in range(20):
            (library / index.FILE).unlink(missing_ok=True)
            assert list(threads.map(lambda _: len(made.matches()), range(16))) == [0] * 16


def test_a_decision_about_a_match_is_found_by_the_search_at_once(page: Visitor) -> None:
    base = "/match/derby%20%26%20co"
    revision = page.get(f"{base}/api/state")["revision"]
    words = {"verb": "relabel", "place": {"list": "events", "index": 0}, "words": {"player": "Jones"}}
    page.post(f"{base}/api/decide", {"revision": revision, "decision": words})
    assert [hit["player"] for hit in page.get("/api/search?q=jones")["found"]] == ["Jones"]
    assert page.get("/api/search?q=smith")["found"] == []
    assert page.ask("GET", "/api/search?q=colour:red").status == 400


def test_folders_of_this_machine_are_listed_without_what_is_no_recording(page: Visitor, tmp_path: Path, put: Put) -> None:
    put(tmp_path / "season" / "cup half1.mp4", 1)
    put(tmp_path / "season" / "cup half2.mp4", 2)
    (tmp_path / "season" / "notes.txt").write_text("x")
    (tmp_path / "season" / ".hidden").mkdir()
    (tmp_path / "season" / "2025").mkdir()
    listed = page.get(f"/api/folder?path={tmp_path / 'season'}")
    assert [file["name"] for file in listed["files"]] == ["cup half1.mp4", "cup half2.mp4", "derby.mp4"]
    assert (listed["folders"], listed["above"]) == (["2025"], str(tmp_path))
    assert page.ask("GET", f"/api/folder?path={tmp_path / 'nowhere'}").status == 404
    beside = page.get(f"/api/folder?path={tmp_path / 'season' / 'notes.txt'}")
    assert beside["path"] == str(tmp_path / "season")
    found = page.post("/api/siblings", {"path": str(tmp_path / "season" / "cup half2.mp4")})
    assert [Path(file).name for file in found["files"]] == ["cup half1.mp4", "cup half2.mp4"]
    assert (found["sport"], found["known"]) == ("soccer", "")
    assert page.post("/api/siblings", {"path": str(tmp_path / "season" / "derby.mp4")})["known"] == "derby & co"


def test_the_sport_is_told_by_the_name_or_by_the_score_graphic_or_by_habit(page: Visitor, tmp_path: Path, put: Put) -> None:
    by_name = page.post("/api/siblings", {"path": str(put(tmp_path / "tennis" / "a.mp4"))})
    assert (by_name["sport"], by_name["named"]) == ("tennis", True)
    shown = str(record_graphic(tmp_path / "b.mp4", "cricket"))
    by_habit = page.post("/api/siblings", {"path": shown})
    assert (by_habit["sport"], by_habit["named"]) == ("soccer", False)
    assert page.post("/api/guess", {"recordings": [shown]}) == {"sport": "cricket"}
    assert page.post("/api/guess", {"recordings": [str(put(tmp_path / "c.mp4"))]}) == {"sport": ""}
    (tmp_path / "d.mp4").write_bytes(b"no video")
    for nothing in (tmp_path / "d.mp4", tmp_path / "nowhere.mp4", tmp_path):
        assert page.post("/api/guess", {"recordings": [str(nothing)]}) == {"sport": ""}
    assert page.ask("POST", "/api/guess", {"recordings": []}).status == 422


def test_a_dropped_file_arrives_in_pieces_and_goes_on_after_an_interruption(page: Visitor, library: Path) -> None:
    content = bytes(range(256)) * 40
    told = {"name": "ice hockey final.mp4", "size_bytes": len(content), "modified_ms": 5}
    begun = page.post("/api/uploads", told)
    at = f"/api/uploads/{begun['id']}"
    assert page.ask("POST", f"{at}?at=0", content[:6000], **CHUNK).json == {"received": 6000}
    assert page.ask("POST", f"{at}?at=0", content[:6000], **CHUNK).json == {"received": 6000}  # sent twice, taken once
    assert page.ask("POST", f"{at}/end", {"name": told["name"]}).status == 400  # not whole yet
    assert not (library / "recordings").exists()
    assert page.post("/api/uploads", told) == begun | {"received": 6000}
    page.ask("POST", f"{at}?at=6000", content[6000:], **CHUNK)
    end = page.post(f"{at}/end", {"name": told["name"]})
    assert Path(end["path"]).read_bytes() == content
    assert (end["path"], end["sport"]) == (str(library / "recordings" / "ice hockey final.mp4"), "ice_hockey")
    assert list((library / ".uploads").iterdir()) == []
    again = page.ask("POST", f"{at}/end", {"name": told["name"]})  # by another tab
    assert (again.status, "drop it again" in again.json["error"]) == (400, True)


def test_a_file_that_two_tabs_send_at_once_arrives_once(page: Visitor, library: Path) -> None:
    content = bytes(range(256)) * 40
    at = f"/api/uploads/{page.post('/api/uploads', {'name': 'x.mp4', 'size_bytes': len(content)})['id']}"

    def send(_: int) -> int:
        received = 0
        while received < len(content):
            piece = page.ask("POST", f"{at}?at={received}", content[received : received + 500], **CHUNK)
            if piece.status != 200:  # the other tab has finished
                break
            received = piece.json["received"]
        return page.ask("POST", f"{at}/end", {"name": "x.mp4"}).status

    with ThreadPoolExecutor(4) as tabs:
        assert sorted(tabs.map(send, range(4))) == [200, 400, 400, 400]
    [file] = (library / "recordings").iterdir()
    assert file.read_bytes() == content


def test_a_dropped_file_never_leaves_the_library_or_grows_beyond_its_size(page: Visitor, library: Path) -> None:
    for name in ("../x.mp4", "x.exe", ".x.mp4", "a/b.mp4", "", "x" * 300 + ".mp4"):
        assert page.ask("POST", "/api/uploads", {"name": name, "size_bytes": 5}).status in (400, 422), name
    assert page.ask("POST", "/api/uploads", {"name": "x.mp4", "size_bytes": 1 << 49}).status == 400  # no disk is so large
    assert list((library / ".uploads").iterdir()) == []
    begun = page.post("/api/uploads", {"name": "x.mp4", "size_bytes": 5})
    assert page.ask("POST", f"/api/uploads/{begun['id']}?at=0", b"123456", **CHUNK).status == 400
    assert page.ask("POST", "/api/uploads/..%2f..%2fx?at=0", b"1", **CHUNK).status in (400, 404)
    assert page.ask("POST", f"/api/uploads/{begun['id']}?at=0", b"1" * ((8 << 20) + 1), **CHUNK).status == 413
    assert page.ask("POST", "/api/delete", b"1", **CHUNK).status == 415  # only files are sent as bytes


def test_a_job_is_queued_runs_and_becomes_a_match(page: Visitor, library: Path, tmp_path: Path, put: Put) -> None:
    film = put(tmp_path / "final.mp4", 3)
    asked = {"name": "final", "recordings": [str(film)], "sport": "soccer", "options": {"reel": "none"}}
    [job] = page.post("/api/jobs", asked)["jobs"]
    assert (job["name"], job["recordings"]) == ("final", ["final.mp4"])
    assert page.ask("POST", "/api/jobs", asked | {"sport": "quidditch"}).status == 400
    assert page.ask("POST", "/api/jobs", asked | {"options": {"colour": "red"}}).status == 400
    while jobs := page.get("/api/jobs")["jobs"]:
        assert jobs[0]["state"] in ("waiting", "running"), jobs
    assert [match["name"] for match in page.get("/api/library")["matches"]] == ["derby & co", "final"]


def test_a_match_in_the_queue_is_neither_renamed_nor_deleted(page: Visitor, library: Path, tmp_path: Path, put: Put) -> None:
    put_match(library, "again", put(tmp_path / "again.mp4"), [event("Goal", 1.0)])
    [job] = page.post("/api/jobs", {"name": "x", "recordings": [str(tmp_path / "again.mp4")], "sport": "soccer"})["jobs"]
    page.post("/api/jobs/pause", {"id": job["id"]})
    (library / "x").mkdir(exist_ok=True)
    (library / "x" / "timeline.json").write_bytes((library / "again" / "timeline.json").read_bytes())
    assert page.ask("POST", "/api/delete", {"name": "x"}).status == 400
    assert page.ask("POST", "/api/rename", {"name": "x", "to": "y"}).status == 400
    assert page.post("/api/jobs/remove", {"id": job["id"]})["jobs"] == []
    assert page.ask("POST", "/api/jobs/resume", {"id": job["id"]}).status == 400


def test_a_second_start_finds_the_program_that_has_the_library_open(page: Visitor, library: Path) -> None:
    (library / ".app.json").write_text(f'{{"pid": 1, "link": "{page.link}"}}')
    assert open_elsewhere(library) == page.link
    for noted in (page.link[:-4], "http://example.com/?token=x", "", "{", "http://127.0.0.1:1/?token=x"):
        (library / ".app.json").write_text(noted if noted == "{" else f'{{"link": "{noted}"}}')
        assert open_elsewhere(library) == ""


def test_season_numbers_are_answered_and_downloaded(page: Visitor) -> None:
    numbers = page.get("/api/season?per=player")
    assert (numbers["kinds"], numbers["rows"][0]["name"], numbers["rows"][0]["kinds"]) == (["Goal"], "Smith", {"Goal": 1})
    table = page.ask("GET", "/api/season.csv?per=team")
    assert table.body.decode("utf-8-sig").startswith("team,events,seconds,Goal")
    assert page.ask("GET", "/api/season?per=colour").status == 422


def test_every_word_of_the_page_is_in_every_language() -> None:
    import json

    from highlights.app.addresses import WORDS

    tables = {file.stem: json.loads(file.read_text("utf-8")) for file in WORDS.glob("*.json")}
    assert {"en", "de"} <= set(tables)
    assert all(table.keys() == tables["en"].keys() for table in tables.values())
