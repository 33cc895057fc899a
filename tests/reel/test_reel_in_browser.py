"""The reels in headless Chromium. Skipped where Chromium or Playwright is missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from highlights.media.probe import open_recording
from highlights.records import Clip, Timeline
from highlights.reel.copy import copy
from highlights.reel.edit import EditOptions, edit
from highlights.spans import Span
from tests.support.browser import chromium, numbers_shown
from tests.support.drawing import BITS, Look, Sound, draw_video

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

PLAY = """async () => {
    const video = document.querySelector("video");
    video.muted = true;
    await video.play();
    await new Promise(resolve => video.addEventListener("ended", resolve, {once: true}));
    const shown = video.getVideoPlaybackQuality();
    return {
        width: video.videoWidth, height: video.videoHeight, duration: video.duration, at: video.currentTime,
        error: video.error && video.error.message, sound: video.webkitAudioDecodedByteCount, pictures: shown.totalVideoFrames,
    };
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def timeline(tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    path = draw_video(tmp_path_factory.mktemp("match") / "match.mp4", duration_s=4, sounds=[Sound(beeps_s=[1.0])])
    clips = (Clip(Span(0, 1), (0,), "Goal", "12:34"), Clip(Span(2, 3), (1,), "Goal", "56:78", replay=True))
    return Timeline(open_recording([path]), "soccer", clips=clips)


def played(browser: Browser, reel: Path) -> dict[str, Any]:
    page_file = reel.with_name("page.html")
    page_file.write_text(f'<video src="{reel.name}"></video>')
    page = browser.new_page()
    page.goto(page_file.as_uri())
    seen: dict[str, Any] = page.evaluate(PLAY)
    page.close()
    return seen


def test_an_edited_reel_plays_to_its_end(browser, timeline, tmp_path):
    edit(timeline, tmp_path / "reel.mp4", EditOptions(intro="", subtitles=True, crossfade_s=0.2, preset="ultrafast"))
    seen = played(browser, tmp_path / "reel.mp4")
    assert seen["error"] is None
    assert (seen["width"], seen["height"]) == (320, 180)
    assert seen["duration"] == seen["at"] == pytest.approx(2.48 + 2 - 2 * 0.2, abs=0.05)
    assert seen["sound"] > 1000
    assert seen["pictures"] > 20


def test_every_frame_of_a_reel_of_copied_and_encoded_pieces_is_shown(browser, tmp_path):
    path = draw_video(tmp_path / "match.mp4", duration_s=7, look=Look(b_frames=3), sounds=[Sound([2.0])])
    clip = Clip(Span(0.4, 6.6), (0,), "Goal", "12:34")
    edit(Timeline(open_recording([path]), "soccer", clips=(clip,)), tmp_path / "reel.mp4", EditOptions(fade_s=0.0))
    seen = numbers_shown(browser, tmp_path / "reel.mp4", BITS)
    assert seen["sought"] == [*range(10, 165)]
    assert len(set(seen["played"])) > 10
    assert set(seen["played"]) <= set(seen["sought"])
    assert seen["sound"] > 1000


def test_a_copied_reel_plays_to_its_end(browser, timeline, tmp_path):
    copy(timeline, tmp_path / "reel.mp4")
    seen = played(browser, tmp_path / "reel.mp4")
    assert seen["error"] is None
    assert seen["duration"] == seen["at"] == pytest.approx(2, abs=0.05)
    assert seen["sound"] > 500
