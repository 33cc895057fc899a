"""The page of clips: real clips, read as a browser would read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import av
import pytest

from highlights.errors import OutputError, RenderError
from highlights.export import formats, page, timeline_json
from highlights.media.frames import read_frames
from highlights.media.probe import open_recording
from highlights.records import Clip, Event, Timeline
from highlights.review import handing
from highlights.spans import Span
from tests.export.test_html import HOSTILE
from tests.support.browser import chromium
from tests.support.commands import highlights
from tests.support.drawing import Look, draw_video, number_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FILES = ["clips", "clips/01-tor-muller.jpg", "clips/01-tor-muller.mp4", "clips/02-clip.jpg", "clips/02-clip.mp4", "index.html"]


@pytest.fixture(scope="module")
def timeline(tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    path = tmp_path_factory.mktemp("match") / "match.mp4"
    recording = open_recording([draw_video(path, duration_s=4, cuts_s=(2,), look=Look(gop=12))])
    goal = Event("goal", "Tor", Span(1, 2), 1.4, 0.9, (), team="ARS", player="Müller", game_clock="12:34", score="1–0")
    far = Event("goal", "ゴール", Span(2.5, 3.5), 3.0, 0.9, (), team="home", description="A shot from far out.")
    clips = Clip(Span(0.52, 2.0), (0,), "Tor: Müller!", "12:34"), Clip(Span(2.48, 3.6), (1,), "ゴール", replay=True)
    return Timeline(recording, "soccer", (goal, far), clips=clips)


@pytest.fixture(scope="module")
def made(timeline: Timeline, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "page"
    page.write(timeline, folder)
    return folder


def files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_the_page_has_a_film_and_a_picture_for_every_clip(made: Path) -> None:
    assert files_in(made) == FILES
    text = (made / "index.html").read_text(encoding="utf-8")
    linked = set(re.findall(r'(?:src|poster|href)="([^"#]+)"', text))
    assert linked == {name for name in FILES if "/" in name}
    assert "12:34" in text
    assert "Müller, ARS" in text
    assert "A shot from far out." not in text  # a replay was described before
    assert [path.name for path in made.parent.iterdir()] == ["page"]


def test_the_clips_are_exact_and_play_in_every_browser(made: Path) -> None:
    recording = open_recording([made / "clips" / "01-tor-muller.mp4"])
    assert [number_of(frame.luma()) for frame in read_frames(recording)] == list(range(13, 50))
    with av.open(str(made / "clips" / "02-clip.mp4")) as container:
        assert container.streams.video[0].codec_context.name == "h264"
        assert container.streams.audio[0].codec_context.name == "aac"
    head = (made / "clips" / "02-clip.mp4").read_bytes()
    assert head.index(b"moov") < head.index(b"mdat")


def test_an_older_recording_is_encoded_for_browsers(tmp_path: Path) -> None:
    old = draw_video(tmp_path / "old.avi", duration_s=1, look=Look(codec="mpeg4"), sounds=())
    timeline = Timeline(open_recording([old]), "soccer", clips=(Clip(Span(0.2, 0.8), (), "Save"),))
    page.write(timeline, tmp_path / "page")
    part = open_recording([tmp_path / "page" / "clips" / "01-save.mp4"]).parts[0]
    assert (part.video_codec, part.duration_s) == ("h264", pytest.approx(0.6, abs=0.01))


def test_texts_stay_texts(timeline: Timeline, tmp_path: Path) -> None:
    event = replace(timeline.events[0], title=HOSTILE, team=HOSTILE, player=HOSTILE, game_clock=HOSTILE, score=HOSTILE)
    hostile = replace(timeline, sport=HOSTILE, events=(event,), clips=(Clip(Span(0.52, 1.0), (0,), HOSTILE),))
    page.write(hostile, tmp_path / "page")
    text = (tmp_path / "page" / "index.html").read_text(encoding="utf-8")
    assert "<script" not in text
    assert "default-src 'none'; style-src 'sha256-" in unescape(text)
    assert {path.parent.name for path in (tmp_path / "page").rglob("*.mp4")} == {"clips"}


def test_a_page_made_before_is_replaced_as_a_whole(timeline: Timeline, tmp_path: Path) -> None:
    page.write(timeline, tmp_path / "page")
    page.write(replace(timeline, clips=timeline.clips[:1]), tmp_path / "page")
    assert files_in(tmp_path / "page") == [name for name in FILES if "02" not in name]
    assert [path.name for path in tmp_path.iterdir()] == ["page"]


@pytest.mark.parametrize("name", ["notes.txt", "clips/holiday.mp4", "index.html", ".git/config", "clips"])
def test_a_folder_with_other_things_is_left_as_it_is(timeline: Timeline, name: str, tmp_path: Path) -> None:
    mine = tmp_path / "site" / name
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    with pytest.raises(OutputError, match=r"site: holds other things \(.*\): choose a new or an empty folder"):
        page.write(timeline, tmp_path / "site")
    assert mine.read_text() == "mine"


def test_a_page_that_fails_leaves_the_earlier_one(timeline: Timeline, made: Path, tmp_path: Path) -> None:
    page.write(timeline, tmp_path / "page")
    before = (tmp_path / "page" / "index.html").read_bytes()
    for broken in (replace(timeline, clips=()), replace(timeline, clips=(Clip(Span(100, 101), (), "Nothing"),))):
        with pytest.raises(RenderError):
            page.write(broken, tmp_path / "page")
        assert (tmp_path / "page" / "index.html").read_bytes() == before
        assert files_in(tmp_path / "page") == FILES
    assert [path.name for path in tmp_path.iterdir()] == ["page"]


def test_a_page_that_cannot_be_put_in_place_leaves_the_earlier_one(made: Path, tmp_path: Path) -> None:
    (tmp_path / "page" / "clips").mkdir(parents=True)
    (tmp_path / "page" / "index.html").write_text("earlier")
    (tmp_path / "new" / "clips").mkdir(parents=True)  # and no page
    with pytest.raises(FileNotFoundError):
        page._put(tmp_path / "new", tmp_path / "page", tmp_path / "aside")
    assert (tmp_path / "page" / "index.html").read_text() == "earlier"
    assert files_in(tmp_path / "page") == ["clips", "index.html"]


def test_the_command_makes_the_page_and_the_review_does_not_offer_it(timeline: Timeline, tmp_path: Path) -> None:
    timeline_json.write(timeline, tmp_path / "timeline.json")
    done = highlights("export", tmp_path / "timeline.json", "--to", "page", "--out", tmp_path / "page")
    assert (done.returncode, done.stdout.strip()) == (0, str(tmp_path / "page"))
    assert files_in(tmp_path / "page") == FILES
    assert formats.FORMATS["page"].folder
    assert "page" not in [format_.name for format_ in handing.FORMATS]
    assert "" not in handing.SUFFIXES


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.mark.browser
def test_in_a_browser_it_plays_without_a_script_fits_a_phone_and_is_reached_by_keyboard(made: Path, browser: Browser) -> None:
    troubles: list[str] = []
    context = browser.new_context(viewport={"width": 390, "height": 800}, java_script_enabled=True, color_scheme="dark")
    view = context.new_page()
    view.on("console", lambda message: troubles.append(message.text))
    view.on("requestfailed", lambda request: troubles.append(request.url))
    asked: list[str] = []
    view.on("request", lambda request: asked.append(request.url))
    view.goto((made / "index.html").as_uri())
    assert not [url for url in asked if url.endswith(".mp4")]  # nothing is loaded before it is wanted
    assert view.evaluate("document.documentElement.scrollWidth") == 390
    assert view.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(15, 18, 22)"
    view.keyboard.press("Tab")
    assert view.evaluate("document.activeElement.getAttribute('href')") == "#clip-1"
    view.keyboard.press("Enter")
    assert view.evaluate("location.hash") == "#clip-1"
    played = view.evaluate(
        """async () => {
            const video = document.querySelector("video");
            video.muted = true;
            await video.play();
            await new Promise(done => video.requestVideoFrameCallback(done));
            return [video.videoWidth, video.error];
        }"""
    )
    assert played == [320, None]
    assert view.evaluate("getComputedStyle(document.querySelector('video')).width") == "360px"
    context.close()
    assert troubles == []
