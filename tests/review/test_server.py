"""The server of the review page, asked over HTTP as a browser asks, and as others should not."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import av
import pytest

from highlights.export import timeline_json
from highlights.media.identity import fingerprint
from highlights.spans import Span
from tests.support.served import Served, make_match, served


@pytest.fixture(scope="module")
def match(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("match")
    make_match(folder)
    return folder


@pytest.fixture
def page(match: Path, tmp_path: Path) -> Iterator[Served]:
    """A review of a copy of the timeline, so that every test begins with the same one."""
    for name in ("timeline.json", "timeline.csv"):
        (tmp_path / name).write_bytes((match / name).read_bytes())
    os.link(match / "match.mp4", tmp_path / "match.mp4")
    with served(tmp_path) as running:
        yield running


def saved(page: Served) -> list[float]:
    """Instants of the events in the file."""
    return [event.peak_s for event in timeline_json.read(page.review.session.file).events]


def test_the_state_holds_the_match_its_events_and_their_clips(page: Served) -> None:
    state = page.get("/api/state")
    assert (state["revision"], state["teams"], state["duration_s"]) == (0, ["ELK", "JAY"], 60.0)
    assert [e["peak_s"] for e in state["events"]] == [10.0, 30.0, 50.0]
    assert state["near_misses"][0]["why_not"] == "the score stood"
    start_s, end_s = state["events"][1]["clip"]
    assert start_s < 29 < 31 < end_s
    goal = {"name": "goal", "title": "Goal", "colour": 0, "key": "1", "pre_roll_s": 8.0, "post_roll_s": 12.0}
    assert goal in state["kinds"]
    assert state["parts"][0]["playable"]
    assert "match.mp4" in state["parts"][0]["name"]
    assert state["note"] == ""
    assert len(page.get("/api/analysis")["scenes"]) == 5


def test_the_page_offers_the_visible_files_that_lie_in_the_opened_folder_itself(
    page: Served, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder, elsewhere = page.review.session.folder, tmp_path_factory.mktemp("elsewhere")
    for file in (folder / "song.MP3", folder / ".part.mp3", folder / "badge.png", elsewhere / "secret.mp3"):
        file.touch()
    (folder / "album.mp3").mkdir()
    (folder / "link.mp3").symlink_to(elsewhere / "secret.mp3")
    offered = page.get("/api/state")["folder_files"]
    assert (offered["music"], offered["logo"]) == (["song.MP3"], ["badge.png"])


def test_a_decision_is_saved_before_the_answer_which_says_where_the_event_is_now(page: Served) -> None:
    state = page.decide(verb="reject", place={"list": "events", "index": 1})
    assert state["focus"] == {"list": "near_misses", "index": 0}
    assert (state["revision"], state["undo"]) == (1, "reject Shot on goal")
    assert saved(page) == [10.0, 50.0]
    assert (page.review.session.folder / "timeline.csv").read_text(encoding="utf-8-sig").count("\n") == 3


def test_an_edge_dropped_on_a_cut_that_was_only_placed_is_moved_to_the_cut(match: Path, tmp_path: Path) -> None:
    timeline = timeline_json.read(match / "timeline.json")
    scenes = list(timeline.analysis.scenes)
    scenes[2] = replace(scenes[2], span=Span(scenes[2].span.start_s, 33.2))
    scenes[3] = replace(scenes[3], span=Span(33.2, scenes[3].span.end_s), exact=False)
    placed = replace(timeline, analysis=replace(timeline.analysis, scenes=tuple(scenes)))
    timeline_json.write(placed, tmp_path / "timeline.json")
    os.link(match / "match.mp4", tmp_path / "match.mp4")
    with served(tmp_path) as page:
        assert page.get("/api/analysis")["scenes"][3]["start_s"] == 33.2
        state = page.decide(verb="trim", place={"list": "events", "index": 1}, shown=[28.0, 33.2])
        assert state["events"][1]["shown"] == [28.0, 33.0]
        added = page.decide(verb="add", name="save", title="Save", shown=[55.0, 58.0], peak_s=56.0)
        assert added["focus"] == {"list": "events", "index": 3}
        page.decide(verb="trim", place={"list": "events", "index": 1}, shown=[28.0, 33.3])
        assert page.get("/api/state")["events"][1]["shown"] == [28.0, 33.3]


def test_every_decision_can_be_undone_and_redone(page: Served) -> None:
    first = page.get("/api/state")
    page.decide(verb="accept", place={"list": "near_misses", "index": 0})
    page.decide(verb="trim", place={"list": "events", "index": 0}, shown=[7.52, 13.0])
    page.decide(verb="relabel", place={"list": "events", "index": 0}, words={"title": "1–0 Müller", "player": "Müller"})
    page.decide(verb="add", name="save", title="Save", shown=[55.0, 58.0], peak_s=56.0)
    page.decide(verb="merge", places=[{"list": "events", "index": 0}, {"list": "events", "index": 1}])
    last = page.decide(verb="split", place={"list": "events", "index": 3}, at_s=57.0)
    assert [e["title"] for e in last["events"]] == ["1–0 Müller", "Goal", "Goal", "Save", "Save"]
    for left in range(6, 0, -1):
        state = page.post("/api/undo", {"revision": page.review.session.revision})
        assert state["can_undo"] is (left > 1)
    assert [state[key] for key in ("events", "near_misses", "clips")] == [first[k] for k in ("events", "near_misses", "clips")]
    assert saved(page) == [10.0, 30.0, 50.0]
    for _ in range(6):
        state = page.post("/api/redo", {"revision": page.review.session.revision})
    assert state["events"] == last["events"]
    assert not state["can_redo"]


def test_moments_are_announced_until_one_is_named_as_an_event(match: Path, tmp_path: Path) -> None:
    timeline = timeline_json.read(match / "timeline.json")
    moments = tuple(replace(event, name="moment", title="Moment", confidence=0.3) for event in timeline.events)
    os.link(match / "match.mp4", tmp_path / "match.mp4")
    timeline_json.write(replace(timeline, events=moments), tmp_path / "timeline.json")
    with served(tmp_path) as page:
        state = page.get("/api/state")
        assert state["note"] == "No event was found; the reel shows the best 3 moments"
        assert "moment" in [kind["name"] for kind in state["kinds"]]
        assert all(end_s - start_s > 4 for start_s, end_s in (event["clip"] for event in state["events"]))
        state = page.decide(verb="reject", place={"list": "events", "index": 0})
        assert state["note"] == "No event was found; the reel shows the best 2 moments"
        state = page.decide(verb="relabel", place={"list": "events", "index": 0}, words={"name": "goal", "title": "Goal"})
        assert state["note"] == ""
        assert timeline_json.read(tmp_path / "timeline.json").events[0].name == "goal"


def test_a_tab_with_an_outdated_state_is_refused_and_changes_nothing(page: Served) -> None:
    page.decide(verb="reject", place={"list": "events", "index": 0})
    late = {"revision": 0, "decision": {"verb": "reject", "place": {"list": "events", "index": 0}}}
    reply = page.ask("POST", "/api/decide", late)
    assert reply.status == 409
    assert "another tab" in reply.json["error"]
    assert reply.json["state"]["revision"] == 1
    assert saved(page) == [30.0, 50.0]


def test_a_decision_that_cannot_be_saved_is_not_made(page: Served) -> None:
    folder = page.review.session.folder
    (folder / "timeline.csv").unlink()
    (folder / "timeline.csv").mkdir()  # nothing can take its place
    before = page.review.session.timeline
    request = {"revision": 0, "decision": {"verb": "reject", "place": {"list": "events", "index": 0}}}
    assert page.ask("POST", "/api/decide", request).status == 400
    assert (page.review.session.timeline, page.get("/api/state")["can_undo"]) == (before, False)
    assert saved(page) == [10.0, 30.0, 50.0]


def test_a_timeline_that_another_program_changed_is_not_overwritten(page: Served) -> None:
    file = page.review.session.file
    other = file.read_bytes() + b"\n"
    file.write_bytes(other)
    request = {"revision": 0, "decision": {"verb": "reject", "place": {"list": "events", "index": 0}}}
    reply = page.ask("POST", "/api/decide", request)
    assert (reply.status, file.read_bytes()) == (400, other)
    assert "another program has changed it" in reply.json["error"]


@pytest.mark.parametrize(
    ("decision", "complaint"),
    [
        ({"verb": "reject", "place": {"list": "events", "index": 9}}, "no event 9"),
        ({"verb": "trim", "place": {"list": "events", "index": 0}, "shown": [9.0, 9.0]}, "after the in point"),
        ({"verb": "trim", "place": {"list": "events", "index": 0}, "shown": [70.0, 90.0]}, "ends at 60 s"),
        ({"verb": "trim", "place": {"list": "events", "index": 0}, "shown": [-1, 9.0]}, "greater than or equal to 0"),
        ({"verb": "relabel", "place": {"list": "events", "index": 0}, "words": {"confidence": 1}}, "Extra inputs"),
        ({"verb": "delete_everything"}, "does not match"),
    ],
)
def test_an_invalid_decision_is_refused_in_one_line(page: Served, decision: object, complaint: str) -> None:
    reply = page.ask("POST", "/api/decide", {"revision": 0, "decision": decision})
    assert reply.status in (400, 422)
    assert complaint in reply.json["error"]
    assert page.review.session.revision == 0


def test_any_byte_range_of_the_recording_can_be_fetched(page: Served) -> None:
    whole = (page.review.session.folder / "match.mp4").read_bytes()
    reply = page.ask("GET", "/media/0", Range="bytes=1000-1999")
    assert (reply.status, reply.body) == (206, whole[1000:2000])
    assert reply.headers["content-range"] == f"bytes 1000-1999/{len(whole)}"
    assert page.ask("GET", "/media/0", Range="bytes=-10").body == whole[-10:]
    assert page.ask("GET", "/media/0", Range=f"bytes={len(whole)}-").status == 416


def test_pictures_of_any_time_and_of_the_score_graphic_around_an_event_are_served(page: Served) -> None:
    small = page.ask("GET", "/api/thumbnail?t=31.2&height=90")
    assert (small.status, small.headers["content-type"]) == (200, "image/jpeg")
    assert small.body != page.ask("GET", "/api/thumbnail?t=10&height=90").body
    before, after = (page.ask("GET", f"/api/graphic?list=events&index=0&when={when}") for when in ("before", "after"))
    assert (before.status, after.status) == (200, 200)
    assert before.body != after.body


def finished(page: Served) -> dict[str, object]:
    """The job when it has ended; every answer waits for nothing but the work itself."""
    thread = page.review.cutter.worker._thread
    assert thread is not None
    thread.join()
    job: dict[str, object] = page.get("/api/status")["job"]
    return job


def test_the_reel_is_what_was_shown_before_it_was_cut(page: Served) -> None:
    options = {"target_s": 12, "aspect": "9:16", "titles": True, "reel": "edit"}
    planned = page.post("/api/plan", {"options": options})
    assert planned["duration_s"] < 12 + 1 / 25  # whole frames
    assert page.post("/api/cut", {"options": options})["state"] == "running"
    job = finished(page)
    assert (job["state"], job["files"]) == ("done", ["reel.mp4"])
    with av.open(str(page.review.session.folder / "reel.mp4")) as film:
        picture = film.streams.video[0]
        assert [picture.width, picture.height] == planned["size"]
        assert sum(1 for _ in film.decode(picture)) == planned["clips"][-1]["frames"] + sum(
            c["frames"] for c in planned["clips"][:-1]
        )
    download = page.ask("GET", "/results/reel.mp4", Range="bytes=0-99")
    assert (download.status, len(download.body)) == (206, 100)
    assert download.headers["content-disposition"].startswith("attachment")


def test_a_reel_that_would_be_too_large_is_made_smaller_and_the_page_says_so(page: Served) -> None:
    options = {"target_s": 12, "reel": "edit", "max_size": "70 kB"}
    page.post("/api/plan", {"options": options})
    page.post("/api/cut", {"options": options})
    job = finished(page)
    assert (job["state"], job["files"]) == ("done", ["reel.mp4"])
    assert str(job["note"]).endswith("to stay within 70 kB")
    assert (page.review.session.folder / "reel.mp4").stat().st_size <= 70_000


def test_a_cancelled_cut_leaves_nothing_behind(page: Served) -> None:
    page.post("/api/cut", {"options": {"reel": "edit"}})
    job = page.post("/api/cancel", {})
    assert job["state"] in ("cancelled", "done")
    listed = {file.name for file in page.review.session.folder.iterdir()}
    assert listed == {"timeline.json", "timeline.csv", "match.mp4"} | ({"reel.mp4"} if job["state"] == "done" else set())


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"aspect": "x:y"}, "aspect"),
        ({"music": "../../etc/passwd"}, "no such file in the opened folder"),
        ({"logo": "/etc/passwd"}, "no such file in the opened folder"),
        ({"preset": "../secret.yaml"}, "no such file in the opened folder"),
        ({"rm": "-rf"}, "unknown key"),
        ({"target_s": -5}, "target_s"),
        ({"max_size": "huge"}, "max_size: 'huge' is not a size"),
    ],
)
def test_invalid_options_are_refused_in_one_line(page: Served, options: object, complaint: str) -> None:
    for path in ("/api/plan", "/api/cut"):
        reply = page.ask("POST", path, {"options": options})
        assert reply.status == 400
        assert complaint in reply.json["error"]


@pytest.mark.parametrize("name", ["../reel.mp4", "/tmp/reel.mp4", ".reel.mp4", "reel.sh", "a/b.mp4", ""])
def test_a_reel_must_have_a_plain_file_name_in_the_opened_folder(page: Served, name: str) -> None:
    reply = page.ask("POST", "/api/cut", {"options": {"out": name, "target_s": 3}})
    if not name:
        assert finished(page)["files"] == ["reel.mp4"]
        return
    assert reply.status == 400
    assert "plain name" in reply.json["error"]


def test_an_export_is_written_and_can_be_downloaded(page: Served) -> None:
    made = page.post("/api/export", {"format": "losslesscut"})["file"]
    assert b"cutSegments" in page.ask("GET", f"/results/{made}").body
    assert page.ask("POST", "/api/export", {"format": "../../x"}).status == 400


def test_a_profile_is_checked_while_it_is_typed_and_saved_beside_the_timeline(page: Served) -> None:
    text = page.get("/api/profile")["text"]
    assert page.post("/api/profile/check", {"text": text})["faults"] == []
    wrong = text.replace("priority:", "prioritty:", 1)
    [fault] = page.post("/api/profile/check", {"text": wrong})["faults"]
    assert wrong.splitlines()[fault["line"] - 1].strip().startswith("prioritty:")
    assert page.ask("POST", "/api/profile/save", {"text": wrong}).status == 400
    before = page.get("/api/state")["events"][0]["clip"]
    page.post("/api/profile/save", {"text": "extends: soccer\nevents:\n- name: goal\n  pre_roll_s: 1\n"})
    assert page.get("/api/state")["events"][0]["clip"] != before
    assert (page.review.session.folder / "profile.yaml").is_file()
    assert [f.name for f in page.review.session.folder.glob(".draft*")] == []


def test_a_query_without_a_model_is_answered_with_how_to_get_one(page: Served) -> None:
    reply = page.ask("POST", "/api/ask", {"query": "a player takes a corner kick", "from_s": 0, "to_s": 30})
    assert (reply.status, page.get("/api/state")["model"]) == (400, None)
    assert "highlights doctor" in reply.json["error"]


# who may not come in


def test_the_link_sets_a_cookie_that_scripts_and_other_sites_cannot_read(page: Served) -> None:
    reply = page.ask("GET", page.link.removeprefix(f"http://{page.host}"), Cookie=None)
    assert (reply.status, reply.headers["location"]) == (303, "/")
    assert {"HttpOnly", "SameSite=Strict"} <= set(reply.headers["set-cookie"].split("; "))


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1.evil.example:{port}", "127.0.0.1", ""])
def test_another_host_is_refused(page: Served, host: str) -> None:
    port = page.host.split(":")[1]
    assert page.ask("GET", "/api/state", Host=host.format(port=port)).status in (400, 421)


@pytest.mark.parametrize("cookie", [None, "highlights=x", "{name}=wrong", "{name}=", "\x00;=;"])
def test_nothing_is_answered_without_the_token(page: Served, cookie: str | None) -> None:
    name = page.cookie.split("=")[0]
    for path in (
        "/",
        "/api/state",
        "/media/0",
        "/page/index.html",
        "/results/timeline.json",
        "/?token=wrong",
        "/api/state?token=x",
    ):
        reply = page.ask("GET", path, Cookie=cookie and cookie.format(name=name))
        assert reply.status in (400, 403)
        assert b"match" not in reply.body


@pytest.mark.parametrize(
    "name",
    [
        "../secret.txt",
        "..%2fsecret.txt",
        "%2e%2e/secret.txt",
        "%2e%2e%2fsecret.txt",
        "..%5csecret.txt",
        "%2fetc%2fpasswd",
        "....//secret.txt",
        "link.txt",
        "linked/secret.txt",
        "linked%2fsecret.txt",
        ".hidden.json",
        "secret.txt%00.json",
    ],
)
def test_no_path_leads_out_of_the_opened_folder(page: Served, name: str) -> None:
    folder = page.review.session.folder
    (folder.parent / "secret.txt").write_text("s3cr3t")
    (folder / "link.txt").symlink_to(folder.parent / "secret.txt")
    (folder / "linked").symlink_to(folder.parent, target_is_directory=True)
    (folder / ".hidden.json").write_text("s3cr3t")
    for way in ("/results/", "/page/", "/media/"):
        reply = page.ask("GET", way + name)
        assert reply.status in (400, 404, 422)
        assert b"s3cr3t" not in reply.body


def test_a_timeline_that_names_a_file_that_is_not_a_recording_does_not_expose_it(match: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("s3cr3t")
    told = json.loads((match / "timeline.json").read_text())
    known = {"size_bytes": 6, "fingerprint": fingerprint(tmp_path / "secret.txt")}
    told["recording"]["parts"][0] |= {"path": "secret.txt", "name": "secret.txt"} | known
    (tmp_path / "timeline.json").write_text(json.dumps(told))
    with served(tmp_path) as page:
        reply = page.ask("GET", "/media/0")
        assert reply.status == 400
        assert b"is text, not a video" in reply.body


@pytest.mark.parametrize("path", ["decide", "undo", "redo", "cut", "cancel", "export", "proxy", "profile/save", "ask"])
def test_a_get_request_changes_nothing(page: Served, path: str) -> None:
    assert page.ask("GET", f"/api/{path}").status == 405
    assert page.ask("PUT", f"/api/{path}").status == 405


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
        {"Origin": None},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Content_Type": "text/plain"},
        {"Content_Type": "application/x-www-form-urlencoded"},
    ],
)
def test_pages_of_other_sites_can_neither_post_nor_read(page: Served, headers: dict[str, str | None]) -> None:
    request = {"revision": 0, "decision": {"verb": "reject", "place": {"list": "events", "index": 0}}}
    assert page.ask("POST", "/api/decide", request, **headers).status in (403, 415)
    assert page.review.session.revision == 0
    if "Sec_Fetch_Site" in headers:
        assert page.ask("GET", "/media/0", **headers).status == 403


def test_a_body_over_the_limit_is_refused_before_it_is_read(page: Served) -> None:
    assert page.ask("POST", "/api/decide", b"x", Content_Length=str(1 << 40)).status == 413
    assert page.ask("POST", "/api/profile/check", {"text": "x" * (2 << 20)}).status == 413
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (2 << 20, b"x" * (2 << 20))
    assert page.ask("POST", "/api/profile/check", chunks, Transfer_Encoding="chunked").status == 413


def test_a_file_name_is_never_run_or_interpreted(match: Path, tmp_path: Path) -> None:
    name = "$(touch pwned);`touch pwned`|x&'\"<img src=x onerror=alert(1)>.mp4"
    os.link(match / "match.mp4", tmp_path / name)
    told = json.loads((match / "timeline.json").read_text())
    told["recording"]["parts"][0] |= {"path": name, "name": name}
    (tmp_path / "timeline.json").write_text(json.dumps(told))
    with served(tmp_path) as page:
        assert page.get("/api/state")["parts"][0]["name"] == name
        page.post("/api/cut", {"options": {"reel": "edit", "target_s": 8, "intro": "$(touch pwned) %{pts}"}})
        assert finished(page)["state"] == "done"
        assert page.ask("GET", "/media/0", Range="bytes=0-9").status == 206
    assert not list(tmp_path.rglob("pwned"))
    assert not Path("pwned").exists()


def test_a_request_that_stops_being_http_is_refused_without_a_word_on_the_terminal(
    page: Served, caplog: pytest.LogCaptureFixture
) -> None:
    broken = b"GET /api/state HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcdefg HTTP/1.1\r\n\r\n"
    host, port = page.host.split(":")
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(broken)
        assert line.recv(100).startswith(b"HTTP/1.1 4")
        while line.recv(65536):
            continue
    assert page.get("/api/state")
    assert not caplog.records
