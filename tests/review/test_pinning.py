"""Showing which numbers are the score: by clicks on the page, and the requests behind them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from highlights import profile
from highlights.analysis.diagnosis import diagnose
from highlights.export import timeline_json
from highlights.media.probe import open_recording
from highlights.records import Box, Event, Scoreboard, Timeline
from highlights.spans import Span
from tests.conftest import SAMPLE
from tests.support.person import Person, camera, person
from tests.support.served import Served, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

LENGTH_S = 150.0
AT_S = 30.0
HOME, AWAY = (192 / 640, 36 / 360), (216 / 640, 36 / 360)
"""Where the sample shows 1-0 at that time."""
PLACE = """() => {
  const cell = document.querySelector("#pin-cells .colour-1");
  return ["left", "top", "width", "height"].map((side) => parseFloat(cell.style[side]));
}"""
"""Where the home score's cell is, in percent of the picture."""
GOAL = Event("goal", "Goal", Span(33.0, 34.0), 33.2, 0.9, ())
DOUBT = Scoreboard((Box(20, 13, 308, 57),), doubt="the score may be 1–0 or 68–0", doubt_s=AT_S)


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A review of the sample match, opened as `highlights review final`; its score graphic was not used."""
    (tmp_path / "final").mkdir()
    shutil.copy(SAMPLE, tmp_path / "match.mp4")
    timeline = Timeline(open_recording([tmp_path / "match.mp4"]), "soccer", events=(GOAL,))
    timeline = replace(timeline, analysis=replace(timeline.analysis, scoreboard=DOUBT))
    timeline_json.write(timeline, tmp_path / "final" / "timeline.json")
    monkeypatch.chdir(tmp_path)
    with served(tmp_path / "final") as running:
        yield running


@pytest.fixture
def me(browser: Browser, page: Served) -> Iterator[Person]:
    with person(browser, page, LENGTH_S) as somebody:
        somebody.page.set_default_timeout(60_000)  # reading pictures takes seconds, on a busy machine many
        yield somebody


def point_at(me: Person, x: float, y: float) -> None:
    """Click the picture at shares of its width and height."""
    box = me.page.locator("#pin-stage").bounding_box()
    assert box is not None
    me.page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])


def opened(me: Person) -> Locator:
    """The dialog at the time of the doubt, once its picture and what is taken for the score are shown."""
    me.page.get_by_role("button", name="Show which numbers are the score").click()
    dialog = me.page.get_by_role("dialog", name="Score graphic")
    dialog.get_by_text("Proposed: what is taken for the score.").wait_for()
    me.page.wait_for_function("() => document.getElementById('pin-picture').naturalWidth")
    return dialog


@pytest.mark.browser
def test_the_score_is_pinned_by_two_clicks_and_the_profile_reads_it(me: Person, page: Served) -> None:
    before = page.review.session.file.read_bytes()
    dialog = opened(me)
    point_at(me, *HOME)
    dialog.get_by_role("radio", name="Away").and_(me.page.locator(":checked")).wait_for()
    point_at(me, *AWAY)
    me.page.wait_for_function("() => !document.querySelector('#pin-cells .proposed')")
    assert dialog.locator(".counter b").all_inner_texts() == ["1", "0"]
    dialog.get_by_role("button", name="Read", exact=True).click()
    read = dialog.locator("#pin-pictures li")
    read.first.wait_for()
    assert read.first.locator("p").inner_text().split() == ["home", "1", "away", "0"]
    assert read.last.locator("p").inner_text().split() == ["home", "2", "away", "1"]
    me.page.wait_for_function("() => [...document.querySelectorAll('#pin-pictures img')].every((one) => one.naturalWidth)")
    dialog.get_by_role("button", name="Save").click()
    dialog.get_by_text("The events of this page stay as they are").wait_for()
    camera(me.page)("7-score")
    file = page.review.session.folder / "profile.yaml"
    assert "--sport final/profile.yaml" in dialog.locator("#pin-command").inner_text()
    saved = profile.load(file)
    (left, top, right, bottom), (left_too, _, right_too, _) = saved.scoreboard.cells["home"], saved.scoreboard.cells["away"]
    assert left < HOME[0] < right <= left_too < AWAY[0] < right_too
    assert top < HOME[1] < bottom
    assert saved.events == profile.load("soccer").events
    assert page.review.session.file.read_bytes() == before
    found = diagnose(open_recording([SAMPLE]), saved)
    assert ({name: value for name, (value, _) in found.counters.items()}, found.doubt) == ({"home": 2, "away": 1}, "")


@pytest.mark.browser
def test_a_cell_is_drawn_by_dragging_and_moved_by_keys(me: Person) -> None:
    dialog = opened(me)
    box = me.page.locator("#pin-stage").bounding_box()
    assert box is not None
    x, y, width, height = box["x"], box["y"], box["width"], box["height"]
    me.page.mouse.move(x + 0.2 * width, y + 0.5 * height)
    me.page.mouse.down()
    me.page.mouse.move(x + 0.25 * width, y + 0.55 * height)
    me.page.mouse.move(x + 0.3 * width, y + 0.6 * height)
    me.page.mouse.up()
    assert me.page.evaluate(PLACE) == pytest.approx([20, 50, 10, 10], abs=0.3)
    dialog.get_by_role("radio", name="Home").check()
    me.page.locator("#pin-view").focus()
    me.press("ArrowRight", "ArrowRight", "ArrowUp", "Shift+ArrowRight")
    assert me.page.evaluate(PLACE) == pytest.approx([20.5, 49.75, 10.25, 10], abs=0.3)
    me.press("Escape")
    dialog.wait_for(state="hidden")
    me.press("g")
    dialog.wait_for()
    dialog.get_by_text("Proposed").wait_for()
    assert me.page.evaluate(PLACE) != pytest.approx([20.5, 49.75, 10.25, 10], abs=0.3)


@pytest.mark.browser
def test_nothing_can_be_saved_until_both_numbers_have_a_cell(me: Person) -> None:
    dialog = opened(me)
    dialog.get_by_role("button", name="Remove the cell of away").click()
    assert dialog.get_by_role("button", name="Save").is_disabled()
    point_at(me, *AWAY)
    me.page.locator("#pin-save:enabled").wait_for()


CELLS = {"home": [0.25, 0.05, 0.32, 0.14], "away": [0.32, 0.05, 0.39, 0.14]}


def test_the_number_at_a_point_has_a_cell_with_room_for_another_digit(page: Served) -> None:
    for (x, y), text in ((HOME, "1"), (AWAY, "0")):
        found = page.post("/api/cells/at", {"at_s": AT_S, "x": x, "y": y})
        left, top, right, bottom = found["cell"]
        assert found["text"] == text
        assert left < x < right
        assert top < y < bottom
        assert 0.04 < right - left < 0.12
    nothing = page.post("/api/cells/at", {"at_s": AT_S, "x": 0.6, "y": 0.6})
    assert (nothing["text"], nothing["cell"][0] < 0.6 < nothing["cell"][2]) == ("", True)


def test_cells_are_read_in_several_pictures_and_where_there_is_no_number_none_is_made_up(page: Served) -> None:
    read = page.post("/api/cells/read", {"at_s": AT_S, "cells": CELLS})["pictures"]
    assert (read[0]["time_s"], read[0]["numbers"]) == (AT_S, {"home": "1", "away": "0"})
    assert len(read) > 3
    assert all(picture["picture"].startswith("data:image/jpeg;base64,") for picture in read)
    grass = {"home": [0.5, 0.6, 0.6, 0.7], "away": [0.6, 0.6, 0.7, 0.7]}
    speck = {"home": (0.0, 0.0, 0.001, 0.001)}
    for nothing in (grass, speck):
        assert all(not p["numbers"] for p in page.post("/api/cells/read", {"at_s": AT_S, "cells": nothing})["pictures"])


def test_saved_cells_are_shown_as_pinned_and_saved_again_into_the_same_file(page: Served) -> None:
    assert page.get("/api/cells")["cells"] == {}
    page.post("/api/cells/save", {"cells": CELLS})
    file = page.review.session.folder / "profile.yaml"
    file.write_text(file.read_text() + "# mine\n")
    moved = CELLS | {"home": [0.2, 0.05, 0.32, 0.14]}
    state = page.post("/api/cells/save", {"cells": moved, "revision": 1})
    assert (page.get("/api/cells")["cells"], state["events"][0]["peak_s"]) == (moved, 33.2)
    assert file.read_text().endswith("# mine\n")
    assert profile.load(file).scoreboard.cells["home"] == (0.2, 0.05, 0.32, 0.14)


def test_the_command_names_another_folder_once_there_are_decisions(page: Served) -> None:
    assert page.get("/api/cells")["command"] == "highlights run match.mp4 --sport final/profile.yaml --out final"
    page.decide(verb="accept", place={"list": "events", "index": 0})
    assert page.get("/api/cells")["command"].endswith("--out final-again")


@pytest.mark.parametrize(
    ("cells", "complaint"),
    [
        ({"home": [0.3, 0.1, 0.2, 0.2], "away": [0.3, 0.1, 0.4, 0.2]}, "not empty"),
        ({"home": [0.1, 0.1, 1.2, 0.2], "away": [0.3, 0.1, 0.4, 0.2]}, "less than or equal to 1"),
        ({"home": [0.1, 0.1, 0.2]}, "Field required"),
        ({"home": "here"}, "valid tuple"),
        ({"runs": [0.1, 0.1, 0.2, 0.2]}, "runs is not counted here; use home, away"),
        ({"home: 1\nevents: x": [0.1, 0.1, 0.2, 0.2]}, "match pattern"),
        ({}, "at least 1 item"),
    ],
)
def test_cells_that_cannot_be_are_refused_in_one_line(page: Served, cells: object, complaint: str) -> None:
    for path, body in (("read", {"at_s": AT_S, "cells": cells}), ("save", {"cells": cells})):
        reply = page.ask("POST", f"/api/cells/{path}", body)
        assert reply.status in (400, 422)
        assert complaint in reply.json["error"]
    assert not (page.review.session.folder / "profile.yaml").exists()


def test_one_number_alone_is_read_but_not_saved(page: Served) -> None:
    reply = page.ask("POST", "/api/cells/save", {"cells": {"home": CELLS["home"]}})
    assert (reply.status, "give both numbers of a score" in reply.json["error"]) == (400, True)
    assert not (page.review.session.folder / "profile.yaml").exists()
    assert page.post("/api/cells/read", {"at_s": AT_S, "cells": {"home": CELLS["home"]}})["pictures"][0]["numbers"] == {
        "home": "1"
    }


@pytest.mark.parametrize("path", ["find", "at", "read", "save"])
def test_nobody_else_reads_or_pins_the_score_graphic(page: Served, path: str) -> None:
    body = {"cells": CELLS, "at_s": AT_S, "x": 0.5, "y": 0.5}
    where = f"/api/cells/{path}"
    assert page.ask("GET", where).status == 405
    assert page.ask("POST", where, body, Cookie=None).status == 403
    assert page.ask("POST", where, body, Host="evil.example").status == 421
    assert page.ask("POST", where, body, Origin="http://evil.example").status == 403
    assert page.ask("POST", where, body, Content_Type="text/plain").status == 415
    assert page.ask("POST", where, {"cells": "x" * (2 << 20)}).status == 413
    assert not (page.review.session.folder / "profile.yaml").exists()


def test_a_body_that_is_not_json_and_a_point_outside_the_picture_are_refused(page: Served) -> None:
    assert page.ask("POST", "/api/cells/at", b"not json").status == 422
    assert page.ask("POST", "/api/cells/at", {"at_s": AT_S, "x": 1.5, "y": 0.5}).status == 422
    assert page.ask("POST", "/api/cells/at", {"at_s": -1, "x": 0.5, "y": 0.5}).status == 422
    assert page.ask("GET", "/api/still?t=-1").status == 422


def test_the_large_picture_is_the_frame_at_the_playhead(page: Served) -> None:
    one, other = (page.ask("GET", f"/api/still?t={t}") for t in (30.0, 30.4))
    assert (one.status, one.headers["content-type"]) == (200, "image/jpeg")
    assert one.body != other.body
