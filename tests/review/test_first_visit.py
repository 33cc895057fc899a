"""A first visit to the page: reject, trim, add, cut a reel for the phone, export to an editing program.

With `HIGHLIGHTS_PICTURES=docs/review` the pictures of docs/review.md are retaken on the way, from the sample match.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import av
import pytest

from highlights import run
from highlights.export import timeline_json
from highlights.pipeline import RunOptions
from tests.conftest import Run
from tests.end_to_end.test_assembled_matches import SHARED, TOOL
from tests.support.browser import chromium
from tests.support.person import Person, camera, person
from tests.support.served import Served, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def sample(sample_run: Run, tmp_path: Path) -> Path:
    """What a run has made of the sample, to be decided about."""
    timeline_json.write(timeline_json.read(sample_run.out / "timeline.json"), tmp_path / "timeline.json")
    return tmp_path


@pytest.fixture
def assembled(tmp_path: Path) -> Path:
    """What a run makes of ten minutes of television pictures."""
    if not TOOL.exists() or not shutil.which("ffmpeg"):
        pytest.skip("needs ../shared/tools, ../shared/footage and ffmpeg")
    match, options = tmp_path / "match.mp4", "--minutes 10 --seed 7 --style clock-first --crf 30"
    subprocess.run([sys.executable, str(TOOL), str(SHARED / "footage"), str(match), *options.split()], check=True)
    run(match, "soccer", tmp_path / "final", RunOptions(reel="none"))
    return tmp_path / "final"


@pytest.mark.long
@pytest.mark.parametrize("match", ["sample", "assembled"])
def test_a_first_visit_ends_with_the_reel_and_the_cut_list_that_were_wanted(
    match: str, browser: Browser, request: pytest.FixtureRequest
) -> None:
    folder: Path = request.getfixturevalue(match)
    found = timeline_json.read(folder / "timeline.json")
    with served(folder) as review, person(browser, review, found.recording.duration_s) as me:
        look = camera(me.page) if match == "sample" else lambda name: None
        look("1-opened")
        _reject_the_last(me)
        out_s = _trim_the_first(me, review)
        look("2-trimmed")
        _add(me, found.recording.duration_s * 0.42)
        look("3-added")
        _cut(me, look)
        listed = _export(me, look, folder)
    now = timeline_json.read(folder / "timeline.json")
    assert [event.status for event in now.near_misses].count("rejected") == 1
    assert found.events[-1].peak_s not in [event.peak_s for event in now.events]
    trimmed = next(event for event in now.events if event.peak_s == found.events[0].peak_s)
    assert trimmed.shown is not None
    assert trimmed.shown.end_s == pytest.approx(out_s - 3, abs=0.5)
    added = next(event for event in now.events if event.status == "added")
    assert added.title == "Great save"
    _check_reel(folder / "reel.mp4")
    assert [title for title, _ in listed] == [clip.title for clip in now.clips]
    frame_s = float(1 / now.recording.parts[0].frame_rate)  # a list counts in frames
    assert [in_s for _, in_s in listed] == [pytest.approx(clip.span.start_s, abs=frame_s) for clip in now.clips]


def _reject_the_last(me: Person) -> None:
    me.page.locator("#rows").get_by_role("option").last.click()
    me.page.get_by_role("button", name="Reject", exact=True).click()
    me.page.locator(".event.rejected").wait_for()


def _trim_the_first(me: Person, review: Served) -> float:
    """Drag the out point of the first event three seconds back; where it was."""
    me.page.locator("#rows").get_by_role("option").first.click()
    clip = next(c.span for c in review.review.session.timeline.clips if 0 in c.events)
    me.drag(clip.end_s, clip.end_s - 3, held=["Alt"])
    me.saved()
    return clip.end_s


def _add(me: Person, at_s: float) -> None:
    me.click_ruler(at_s)
    me.page.get_by_role("button", name="Add", exact=True).click()
    me.page.locator("#rows .lead .mark.added").wait_for(state="attached")
    me.page.locator("#inspector [name=title]").fill("Great save")
    me.page.keyboard.press("Enter")
    me.row("Great save").wait_for()
    me.saved()


def _cut(me: Person, look: Callable[[str], None]) -> None:
    me.page.get_by_role("button", name="Make reel").click()
    dialog = me.page.get_by_role("dialog", name="Make reel")
    dialog.get_by_label("Length").fill("60")
    dialog.get_by_label("Aspect ratio").select_option("9:16")
    dialog.get_by_label("Titles on the clips").check()
    dialog.locator("#plan-rows tr").first.wait_for()
    look("4-reel")
    dialog.get_by_role("button", name="Start").click()
    dialog.get_by_role("link", name="Download").wait_for(timeout=300_000)
    me.page.wait_for_function("() => document.getElementById('reel').readyState > 1")
    look("5-made")
    dialog.get_by_role("button", name="Close").click()


def _export(me: Person, look: Callable[[str], None], folder: Path) -> list[tuple[str, float]]:
    """Export for Final Cut; titles and in points in seconds of what was downloaded."""
    me.page.get_by_role("button", name="Export").first.click()
    dialog = me.page.get_by_role("dialog", name="Export")
    dialog.get_by_label("Format").select_option("fcpxml")
    look("6-export")
    with me.page.expect_download() as downloading:
        dialog.get_by_role("button", name="Export").click()
    downloading.value.save_as(folder / "downloaded.fcpxml")
    clips = ElementTree.parse(folder / "downloaded.fcpxml").findall(".//spine/asset-clip")
    return [(clip.get("name", ""), float(Fraction(clip.get("start", "").removesuffix("s")))) for clip in clips]


def _check_reel(reel: Path) -> None:
    """For a phone, at most a minute, and with something in it."""
    with av.open(str(reel)) as film:
        picture = film.streams.video[0]
        assert abs(picture.width - picture.height * 9 / 16) <= 2
        assert film.duration is not None
        assert 10 < film.duration / av.time_base <= 60.1
        assert len(film.chapters()) >= 2
