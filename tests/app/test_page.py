"""The library's page in headless Chromium, from an empty library to a reel, by clicking and typing only.

With `HIGHLIGHTS_PICTURES=docs/app` the pictures of docs/app.md are retaken on the way.
"""

from __future__ import annotations

import base64
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import av
import pytest

from highlights.export import timeline_json
from tests.conftest import SAMPLE, Put
from tests.support.axe import check_accessible
from tests.support.browser import chromium
from tests.support.libraries import copied, event, put_match
from tests.support.programs import Program, program
from tests.support.shown_scores import record_graphic

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

WAIT_MS = 60_000
DROPPED = """([selector, name, content]) => {
    const bytes = Uint8Array.from(atob(content), letter => letter.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], name, { type: "video/mp4", lastModified: 1 }));
    const drop = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
    document.querySelector(selector).dispatchEvent(drop);
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@contextmanager
def opened(browser: Browser, link: str, **options: object) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 720}, locale="en-GB", **options)  # type: ignore[arg-type]
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_default_timeout(WAIT_MS)
    page.goto(link)
    page.wait_for_selector("html[data-ready]")
    yield page
    context.close()
    assert errors == []


def look(page: Page, name: str = "") -> None:
    """What axe-core finds serious is none; the page is a picture of docs/app.md if that is asked for."""
    check_accessible(page)
    if name and (folder := os.environ.get("HIGHLIGHTS_PICTURES")):
        page.screenshot(path=f"{folder}/{name}.png")


def add_from_folder(page: Page, folder: str, name: str) -> None:
    page.get_by_role("button", name="Add a match").first.click()
    page.locator("#entries li").first.wait_for()
    page.get_by_label("Folder", exact=True).fill(folder)
    page.get_by_label("Folder", exact=True).press("Enter")
    page.get_by_role("button", name=name).wait_for()
    look(page, "1-add")
    page.get_by_role("button", name=name).click()
    page.locator("#setting").wait_for()
    look(page, "2-settings")
    page.get_by_role("button", name="Add to the queue").click()


def test_from_an_empty_library_to_a_reel_of_two_matches(browser: Browser, tmp_path: Path, small_match: Path) -> None:
    library, home = tmp_path / "library", tmp_path / "ann"
    (home / "Videos").mkdir(parents=True)
    shutil.copy(SAMPLE, home / "Videos")
    first = Program(library, home)
    with opened(browser, first.link) as page:
        page.get_by_text("No match yet").wait_for()
        look(page)
        add_from_folder(page, "~/Videos", SAMPLE.name)
        page.get_by_text("Finding the score graphic").wait_for()
        page.evaluate(DROPPED, ["body", "cup final.mp4", base64.b64encode(small_match.read_bytes()).decode()])
        page.get_by_role("button", name="Add to the queue").click()
        page.locator("#job-rows").get_by_text("Waiting").wait_for()
        look(page)
        first.kill()  # in the middle of the first match
        page.get_by_text("The program does not answer").wait_for()
    assert [file.name for file in (library / "recordings").iterdir()] == ["cup final.mp4"]
    with program(library, home) as running, opened(browser, running.link) as page:
        page.get_by_role("heading", name="ELK – JAY").wait_for()
        look(page, "3-matches")
        page.get_by_role("heading", name="cup final").wait_for()  # the second of the queue
        page.locator("#jobs").wait_for(state="hidden")
        page.get_by_role("link", name="Open ELK – JAY").click()
        page.wait_for_url("**/match/**")
        page.wait_for_selector("html[data-ready]")
        tag_five_events(page)
        paste_a_report(page)
        export(page)
        page.get_by_role("link", name="Matches").click()
        find_a_player(page)
        reel = make_a_reel(page, library)
        page.locator("#reel-dialog").get_by_role("button", name="Close").click()
        page.get_by_role("link", name="Season").click()
        page.locator("#per").select_option("player")
        page.get_by_role("rowheader", name="Jones").wait_for()
        look(page, "8-season")
    timeline = timeline_json.read(library / "soccer" / "timeline.json")
    tagged = [(event.title, event.team, event.player) for event in timeline.events if event.status == "added"]
    assert tagged == [
        ("Corner", "ELK", "Baker"),
        ("Save", "", ""),
        ("Shot", "JAY", ""),
        ("Red card", "", ""),
        ("Free kick", "", ""),
    ]
    goals = [(event.player, event.score) for event in timeline.events if event.name == "goal"]
    assert goals == [("Smith", "1–1"), ("Jones", "2–1"), ("Taylor", "3–1")]
    [card] = [event for event in timeline.events if event.player == "Miller"]
    assert (card.title, card.team, card.evidence[0].signal) == ("Yellow card", "JAY", "report")
    exported = ElementTree.parse(library / "soccer" / "timeline-sportscode.xml")
    assert len(list(exported.iter("instance"))) == len(timeline.events)
    assert reel.stat().st_size < 8_000_000
    with av.open(str(reel)) as film:
        assert film.duration is not None
        assert 10 < film.duration / av.time_base < 90


def tag_five_events(page: Page) -> None:
    """By keys, while the match plays; the first with its team and player, the last one held."""
    page.get_by_role("button", name="Tag", exact=True).click()
    page.get_by_role("button", name="Roster").click()
    page.locator("#roster-0").fill("10 Smith\n7, Baker")
    page.locator("#roster").get_by_role("button", name="Save").click()
    page.locator("#roster").wait_for(state="hidden")
    page.keyboard.press("Space")
    for keys, count in (("6hp", 1), ("4", 2), ("5a", 3), ("3", 4)):
        for key in keys:
            page.keyboard.press(key)
        if "p" in keys:
            page.get_by_placeholder("Number or name").fill("7")
            page.keyboard.press("Enter")
        page.locator("#tally").get_by_text(f"{3 + count} events").wait_for()
    began = page.evaluate("document.getElementById('video').currentTime")
    page.keyboard.down("7")
    page.wait_for_function("began => document.getElementById('video').currentTime > began + 1", arg=began)
    page.keyboard.up("7")
    page.locator("#tally").get_by_text("8 events").wait_for()
    page.keyboard.press("Space")
    page.locator('#saved:text-is("Saved")').wait_for()
    look(page, "4-tag")
    page.get_by_role("button", name="Done").click()


def paste_a_report(page: Page) -> None:
    page.get_by_role("button", name="Report").click()
    lines = ("69' Goal Smith (AWAY)", "70' Goal Jones (HOME)", "70' Goal Taylor (HOME)", "0:59 Yellow card Miller (AWAY)")
    page.locator("#report-text").fill("\n".join(lines))
    page.get_by_role("button", name="Take over").click()
    page.locator("#report-rows").get_by_text("added").wait_for()
    assert page.locator("#report-rows").get_by_text("found before").count() == 3
    look(page, "5-report")
    page.locator("#report").get_by_role("button", name="Close").click()


def export(page: Page) -> None:
    page.get_by_role("button", name="Export", exact=True).click()
    page.locator("#export select").select_option("sportscode")
    with page.expect_download():
        page.locator("#export").get_by_role("button", name="Export").click()
    page.locator("#export").get_by_role("button", name="Close").click()


def find_a_player(page: Page) -> None:
    page.get_by_role("link", name="Search").click()
    page.get_by_label("Search all matches").fill("jones")
    page.get_by_text("1 event", exact=True).wait_for()
    page.get_by_role("button", name="Goal · Jones").click()
    page.wait_for_function("() => document.getElementById('video').currentTime > 80")
    look(page, "6-search")


def make_a_reel(page: Page, library: Path) -> Path:
    page.get_by_label("Search all matches").fill("goal minute:1-200")
    page.get_by_text("4 events in 2 matches").wait_for()
    for box in (1, 3, 0):
        page.locator("#found").get_by_role("checkbox").nth(box).check()
    page.get_by_role("button", name="Make reel").click()
    page.locator("#reel-dialog").get_by_label("Name").fill("three goals")
    page.locator("#reel-dialog").get_by_label("Largest size").select_option("8MB")
    page.locator("#reel-dialog").get_by_label("Name").press("Enter")  # starts it; the dialog stays
    page.get_by_role("link", name="Download", exact=True).wait_for()
    look(page, "7-reel")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download", exact=True).click()
    assert download.value.suggested_filename == "three goals.mp4"
    return library / "reels" / "three goals.mp4"


def test_the_sport_of_the_score_graphic_is_selected_unless_another_was_chosen(browser: Browser, tmp_path: Path) -> None:
    film = record_graphic(tmp_path / "films" / "final.mp4", "cricket")
    with program(tmp_path / "library") as running, opened(browser, running.link) as page:
        page.get_by_role("button", name="Add a match").first.click()
        page.locator("#entries li").first.wait_for()
        page.get_by_label("Folder", exact=True).fill(str(film.parent))
        page.get_by_label("Folder", exact=True).press("Enter")
        page.get_by_role("button", name=film.name).click()
        sport = page.locator("#job-sport")
        page.get_by_text("Sport guessed from the score graphic").wait_for()
        assert sport.input_value() == "cricket"
        page.get_by_role("button", name="Back").click()
        with page.expect_response("**/api/guess") as answer:
            page.get_by_role("button", name=film.name).click()
            sport.select_option("tennis")
        assert answer.value.json() == {"sport": "cricket"}
        assert (sport.input_value(), page.locator("#guessed").text_content()) == ("tennis", "")


def test_a_further_file_of_a_match_can_be_dropped_and_the_way_there_leads_back(
    browser: Browser, tmp_path: Path, put: Put
) -> None:
    first, second = put(tmp_path / "films" / "monday.mp4", 1), put(tmp_path / "more" / "tuesday.mp4", 2)
    with program(tmp_path / "library") as running, opened(browser, running.link) as page:
        page.get_by_role("button", name="Add a match").first.click()
        page.locator("#entries li").first.wait_for()
        page.get_by_label("Folder", exact=True).fill(str(first))  # a file stands for its folder
        page.get_by_label("Folder", exact=True).press("Enter")
        page.get_by_role("button", name=first.name).click()
        page.locator("#job-name").fill("derby")
        for dropped in (False, True):
            page.get_by_role("button", name="Add another file").click()
            if dropped:
                page.evaluate(DROPPED, ["body", second.name, base64.b64encode(second.read_bytes()).decode()])
            else:
                page.get_by_role("button", name="Back").click()
            page.locator("#setting").wait_for()
        page.locator("#chosen li").nth(1).wait_for()
        assert page.locator("#chosen li > span:first-child").all_text_contents() == [first.name, second.name]
        assert page.locator("#job-name").input_value() == "derby"


def test_a_name_that_is_taken_is_asked_for_again_as_it_was_typed(browser: Browser, tmp_path: Path, put: Put) -> None:
    library = tmp_path / "library"
    copied(library, put_match(library, "derby", put(tmp_path / "x.mp4"), [event("Goal", 1.0)]), "final")
    with program(library) as running, opened(browser, running.link) as page:
        page.get_by_role("button", name="Rename derby").click()
        dialog, name = page.locator("#ask"), page.locator("#ask-name")
        name.fill("final")
        dialog.get_by_role("button", name="Rename").click()
        dialog.get_by_text("this name is taken: choose another").wait_for()
        assert name.input_value() == "final"
        name.press("End")
        name.type(" 2")
        name.press("Enter")
        page.get_by_role("button", name="Rename final 2").wait_for()
    assert sorted(folder.name for folder in library.iterdir() if (folder / "timeline.json").is_file()) == ["final", "final 2"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_speaks_german_and_is_used_on_a_phone_by_touch(
    browser: Browser, tmp_path: Path, put: Put, scheme: str
) -> None:
    put_match(tmp_path / "library", "derby", put(tmp_path / "x.mp4"), [event("Goal", 1.0, player="Smith")])
    with (
        program(tmp_path / "library") as running,
        opened(browser, running.link, color_scheme=scheme, has_touch=True) as page,
    ):
        page.set_viewport_size({"width": 390, "height": 844})
        page.get_by_label("Language").select_option("de")
        page.get_by_role("heading", name="ELK – JAY").wait_for()
        page.get_by_text("1 Ereignis zu prüfen").wait_for()
        look(page)
        page.get_by_role("link", name="Saison").tap()
        page.get_by_role("rowheader").first.wait_for()
        look(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.get_by_role("link", name="Spiele").tap()
        page.get_by_role("link", name="ELK – JAY öffnen").tap()
        page.wait_for_url("**/match/**")
        page.wait_for_selector("html[data-ready]")
        page.locator("#open-tagging").tap()
        page.get_by_role("button", name="Corner taggen").tap()
        page.locator("#tag-last-words").get_by_text("Corner").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert "corner" in [event.name for event in timeline_json.read(tmp_path / "library" / "derby" / "timeline.json").events]


def test_a_thousand_matches_are_listed_filtered_and_sorted_without_waiting(browser: Browser, tmp_path: Path, put: Put) -> None:
    library = tmp_path / "library"
    folder = put_match(library, "match 0", put(tmp_path / "x.mp4"), [event("Goal", 1.0)])
    for number in range(1, 1000):
        copied(library, folder, f"match {number}")
    with program(library) as running, opened(browser, running.link) as page:
        page.get_by_text("1,000 matches").wait_for()
        page.get_by_label("Find a match").fill("match 77")
        page.get_by_text("19 of 1,000 matches").wait_for()
        assert page.locator(".card").count() == 19
