"""A person at the review page: clicks, types, drags on the timeline, and reads the page."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tests.support.drawing import number_of
from tests.support.served import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

RULER_PX, EVENTS_PX = 11, 40  # down to the middle of the timeline's first lanes
PICTURE = """() => {
  const video = document.getElementById("video"), canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  const brush = canvas.getContext("2d");
  brush.drawImage(video, 0, 0);
  return [canvas.width, ...brush.getImageData(0, 0, canvas.width, canvas.height).data.filter((_, i) => i % 4 === 1)];
}"""


@dataclass(frozen=True)
class Person:
    """One browser tab."""

    page: Page
    length_s: float

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def row(self, words: str) -> Locator:
        """The row of the list that contains these words."""
        return self.page.locator("#rows").get_by_role("option").filter(has_text=words)

    def titles(self) -> list[str]:
        """The titles in the list, from top to bottom."""
        return self.page.locator("#rows .name").all_inner_texts()

    def saved(self) -> None:
        """Wait until all decisions are saved."""
        self.page.locator('#saved:text-is("Saved")').wait_for()

    def sees(self, field: str, value: str) -> None:
        """Wait until a field of the selected event has this text."""
        script = "([name, value]) => document.querySelector(`#inspector [name=${name}]`)?.value === value"
        self.page.wait_for_function(script, arg=[field, value])

    def spot(self, time_s: float, down_px: float = EVENTS_PX) -> tuple[float, float]:
        """Screen position of a time while the timeline shows the whole match."""
        box = self.page.locator("#canvas").bounding_box()
        assert box is not None
        return box["x"] + time_s / self.length_s * box["width"], box["y"] + down_px

    def click_ruler(self, time_s: float) -> None:
        self.page.mouse.click(*self.spot(time_s, RULER_PX))

    def drag(self, from_s: float, to_s: float, *, held: Sequence[str] = ()) -> None:
        """Drag the edge at one time to another, with keys held down."""
        self.page.mouse.move(*self.spot(from_s))
        self.page.mouse.down()
        for key in held:
            self.page.keyboard.down(key)
        self.page.mouse.move(*self.spot((from_s + to_s) / 2))
        self.page.mouse.move(*self.spot(to_s))
        self.page.mouse.up()
        for key in held:
            self.page.keyboard.up(key)

    def frame(self) -> int:
        """The number drawn into the frame that the player shows."""
        self.page.wait_for_function(
            "() => { const v = document.getElementById('video'); return v.readyState > 1 && !v.seeking; }"
        )
        width, *green = self.page.evaluate(PICTURE)
        return number_of(np.array(green, np.uint8).reshape(-1, width))


def camera(page: Page) -> Callable[[str], None]:
    """Takes a picture of the page for docs/review.md, if the environment says where to put them."""
    folder = os.environ.get("HIGHLIGHTS_PICTURES")

    def look(name: str) -> None:
        if folder:
            page.wait_for_function("() => [...document.querySelectorAll('#rows img')].every((image) => image.naturalWidth)")
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=f"{folder}/{name}.png")

    return look


@contextmanager
def person(browser: Browser, review: Served, length_s: float = 60.0) -> Iterator[Person]:
    """Open the printed link; any error of the page fails the test."""
    complaints: list[str] = []
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.set_default_timeout(10_000)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if "Content Security Policy" in message.text else None)
    page.goto(review.link)
    page.locator("html[data-ready]").wait_for()
    yield Person(page, length_s)
    page.close()
    assert complaints == []
