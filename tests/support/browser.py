"""Headless Chromium for tests of pages; they are skipped if it or Playwright is missing."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NUMBERS_SHOWN = """async ([film, bits]) => {
    const bytes = Uint8Array.from(atob(film), letter => letter.charCodeAt(0));
    const video = document.createElement("video");
    video.src = URL.createObjectURL(new Blob([bytes], {type: "video/mp4"}));
    video.muted = true;
    const once = name => new Promise((done, failed) => {
        video.addEventListener(name, done, {once: true});
        video.addEventListener("error", () => failed(video.error.message), {once: true});
    });
    await once("loadeddata");
    const pen = new OffscreenCanvas(video.videoWidth, video.videoHeight).getContext("2d", {willReadFrequently: true});
    const number = () => {
        pen.drawImage(video, 0, 0);
        const row = pen.getImageData(0, video.videoHeight / 8, video.videoWidth, 1).data;
        let found = 0;
        for (let bit = 0; bit < bits; bit++)
            if (row[4 * Math.floor((2 * bit + 1) * video.videoWidth / (2 * bits))] > 128) found |= 1 << bit;
        return found;
    };
    const sought = [];
    for (let frame = 0; frame < Math.round(video.duration * 25); frame++) {
        const drawn = new Promise(done => video.requestVideoFrameCallback(done));
        const there = once("seeked");
        video.currentTime = (frame + 0.5) / 25;
        await Promise.all([there, drawn]);
        sought.push(number());
    }
    video.currentTime = 0;
    const played = [];
    const look = () => { played.push(number()); video.requestVideoFrameCallback(look); };
    video.requestVideoFrameCallback(look);
    const end = once("ended");
    await video.play();
    await end;
    return {sought, played, sound: video.webkitAudioDecodedByteCount};
}"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that is closed at the end."""
    api = pytest.importorskip("playwright.sync_api")
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("Chromium is not installed")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def numbers_shown(browser: Browser, film: Path, bits: int) -> dict[str, Any]:
    """The numbers that a film's frames carry, 25 a second: of each frame `sought`, of those seen while it is `played`.

    `sound` is how many bytes of audio were decoded.
    """
    page = browser.new_page()
    seen: dict[str, Any] = page.evaluate(NUMBERS_SHOWN, [base64.b64encode(film.read_bytes()).decode(), bits])
    page.close()
    return seen
