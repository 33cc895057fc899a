"""The page in headless Chromium: what happens on a click. Skipped where Chromium or Playwright is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from highlights.export import html
from highlights.records import Clip, Recording, Timeline
from highlights.spans import Span
from tests.export.test_html import hostile_match
from tests.support.browser import chromium
from tests.support.matches import match, part

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

Open = Callable[[Path], "Page"]


def drawn_video(path: Path, seconds: int) -> Path:
    """A video that gets brighter by the second, with a key frame in each."""
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"g": "10", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt, stream.time_base = 160, 90, "yuv420p", Fraction(1, 10)
        for number in range(seconds * 10):
            picture = np.full((90, 160, 3), 40 + number // 10 * 4 % 200, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        container.mux(stream.encode(None))
    return path


def two_halves(folder: Path) -> Timeline:
    """Two files of 30 s with a goal each, at 10 s and at 45 s."""
    halves = [drawn_video(folder / f"half{number}.mp4", 30) for number in (1, 2)]
    recording = Recording(tuple(part(path, 30.0 * number, 30.0) for number, path in enumerate(halves)))
    goals = [(10.0, 18.0, "home"), (45.0, 52.0, "away")]
    timeline = match(recording, [6.0, 20.0, 30.0, 41.0], goals, [], [("goal", 25.0, "no change of the score followed")], 1, 0.0)
    clips = (Clip(Span(8, 14), (0,), "Goal"), Clip(Span(43, 48), (1,), "Goal", part=1))
    return replace(timeline, clips=clips)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Opens a page; at the end of the test, nothing may have been complained about or asked of a network."""
    troubles: list[str] = []
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(("file:", "data:")) else troubles.append(request.url))

    def open_at(path: Path) -> Page:
        page.goto(path.as_uri())
        return page

    yield open_at
    page.close()
    assert troubles == []


def wait(page: Page, condition: str) -> None:
    """Until a condition holds; the page's policy forbids Playwright's own way, which evaluates text inside the page."""
    for _ in range(400):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(25)
    pytest.fail(f"never came true in 10 s: {condition}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("match")
    timeline = two_halves(folder)
    html.write(timeline, folder / "report.html", {}.get, drawn_video(folder / "reel.mp4", 11))
    html.write(hostile_match(folder / "half1.mp4"), folder / "hostile.html", {}.get)
    misses = timeline.near_misses * 60
    html.write(replace(timeline, near_misses=misses), folder / "many.html", {}.get)
    (folder / "broken.mp4").write_text("no video")
    broken = Recording((part(folder / "broken.mp4", 0.0, 60.0),))
    html.write(replace(timeline, recording=broken), folder / "broken.html", {}.get, folder / "reel.mp4")
    return folder


def test_a_click_on_an_event_plays_it_and_stops_at_its_end(open_page: Open, folder: Path) -> None:
    page = open_page(folder / "report.html")
    page.click(".card:nth-child(1) .thumb")
    wait(page, "video.currentTime > 8.2 && !video.paused")
    page.evaluate("video.currentTime = 13.5")
    wait(page, "video.paused && video.currentTime >= 14")
    assert page.evaluate("video.currentTime") < 14.6
    assert page.get_attribute(".card:nth-child(1)", "aria-current") == "true"


def test_an_event_of_the_second_half_is_played_from_the_second_file(open_page: Open, folder: Path) -> None:
    page = open_page(folder / "report.html")
    page.click(".card:nth-child(2) .thumb")
    wait(page, "video.currentSrc.endsWith('half2.mp4') && video.currentTime > 13.2")
    assert page.inner_text("#now").startswith("0:43")


def test_the_first_half_runs_on_into_the_second(open_page: Open, folder: Path) -> None:
    page = open_page(folder / "report.html")
    wait(page, "video.readyState >= 2")
    page.evaluate("video.currentTime = 29.5")
    page.click("#play")
    wait(page, "video.currentSrc.endsWith('half2.mp4') && !video.paused && video.currentTime > 0.2")


def test_a_click_on_the_timeline_seeks(open_page: Open, folder: Path) -> None:
    page = open_page(folder / "report.html")
    width = page.evaluate("scroller.clientWidth")
    page.click("#scroller", position={"x": width / 4, "y": 120})
    wait(page, "Math.abs(video.currentTime - 15) < 0.2")
    page.click("#in")
    page.evaluate("scroller.scrollLeft = scroller.scrollWidth")
    page.click("#scroller", position={"x": width / 2, "y": 120})
    wait(page, "video.currentSrc.endsWith('half2.mp4') && Math.abs(video.currentTime - 15) < 0.2")


def test_a_tooltip_shows_what_is_under_the_pointer(open_page: Open, folder: Path) -> None:
    page = open_page(folder / "report.html")
    page.hover("#scroller", position={"x": page.evaluate("scroller.clientWidth") / 6 + 1, "y": 40})
    told = page.inner_text("#tip")
    for expected in (
        "0:10.0",
        "Goal ARS 1–0 (96 %)",
        "Game clock 0:10, 0–0",
        "between 0:07 and 0:18",
        "Scene 2 of 5, 14.0 s, begins with a cut",
    ):
        assert expected in told


def test_keys_move_play_and_step_through_events(open_page: Open, folder: Path) -> None:
    page = open_page(folder / "report.html")
    wait(page, "video.readyState >= 2")
    page.keyboard.press("n")
    wait(page, "video.currentTime === 1")
    page.keyboard.press("ArrowRight")
    wait(page, "video.currentTime === 6")
    page.keyboard.press("n")
    wait(page, "video.currentSrc.endsWith('half2.mp4') && video.currentTime === 6")
    page.keyboard.press("p")
    wait(page, "video.currentSrc.endsWith('half1.mp4') && video.currentTime === 1")
    page.keyboard.press(" ")
    wait(page, "!video.paused && video.currentTime > 1.1")


def test_the_reel_plays_with_the_play_head_at_its_place_in_the_match(open_page: Open, folder: Path) -> None:
    page = open_page(folder / "report.html")
    page.click("[data-source=reel]")
    wait(page, "video.currentSrc.endsWith('reel.mp4') && video.currentTime > 0.1")
    page.evaluate("video.currentTime = 7")
    wait(page, "document.getElementById('now').textContent === '0:44'")
    page.click("[data-source=match]")
    wait(page, "video.currentSrc.endsWith('half2.mp4')")


def test_the_less_sure_near_misses_open_on_a_click(open_page: Open, folder: Path) -> None:
    page = open_page(folder / "many.html")
    last = page.locator(".miss").last
    assert page.locator(".miss").count() == 60
    assert not last.is_visible()
    page.click(".more > summary")
    assert last.is_visible()
    page.hover("#scroller", position={"x": page.evaluate("scroller.clientWidth") / 2, "y": 80})
    assert page.inner_text("#tip").count("Near miss") == 5


def test_hostile_text_runs_no_script(open_page: Open, folder: Path) -> None:
    page = open_page(folder / "hostile.html")
    wait(page, "video.readyState >= 1")
    page.hover("#scroller", position={"x": 200, "y": 40})
    assert "broken" not in page.title().replace("'broken'", "")
    assert page.evaluate("document.images.length") == 0


def test_a_recording_that_cannot_be_played_is_named_and_the_page_still_works(browser: Browser, folder: Path) -> None:
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((folder / "broken.html").as_uri())
    wait(page, "!document.getElementById('trouble').hidden")
    assert "cannot play broken.mp4" in page.inner_text("#trouble")
    page.click(".card:nth-child(2) .thumb")
    wait(page, "document.getElementById('now').textContent === '0:43'")
    page.click("[data-source=reel]")
    wait(page, "video.currentTime > 0.1")
    assert not page.is_visible("#trouble")
    assert errors == []
    page.close()


def test_no_width_from_a_phone_to_a_wall_makes_the_page_scroll_sideways(open_page: Open, folder: Path) -> None:
    page = open_page(folder / "report.html")
    for width in (360, 768, 1000, 1920):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == width
