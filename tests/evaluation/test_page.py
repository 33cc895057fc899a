"""The page: every mistake with its picture, hostile names, and what a browser and axe-core say."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from benchmarks.stand_in.events import event
from highlights.evaluation import page
from highlights.evaluation.cases import case_of_timeline
from highlights.evaluation.comparison import compared
from highlights.evaluation.data import as_data
from highlights.evaluation.evaluation import Evaluation, evaluate
from highlights.evaluation.inputs import Inputs
from highlights.evaluation.truth import Truth, truth_of_times
from highlights.media.probe import open_recording
from highlights.records import Moment, Scene, Timeline
from highlights.spans import Span
from tests.conftest import Put
from tests.support.axe import check_accessible
from tests.support.browser import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HOSTILE = "<script>document.title='broken'</script>\"'&{{ 7*7 }}"


@pytest.fixture
def timeline(put: Put, tmp_path: Path) -> Timeline:
    """Three seconds with a goal that is false, and a near miss."""
    recording = open_recording([put(tmp_path / "match.mp4")])
    false = event(1.0, around_s=0.5, evidence=(Moment("goal", Span(0.5, 1.5), 1.0, "crowd", 2.0, HOSTILE),))
    return Timeline(recording, "soccer", (false,), (event(2.2, around_s=0.2, confidence=0.3, why_not="no roar"),))


def judged(timeline: Timeline, truth: Truth | None = None, name: str = "final") -> Evaluation:
    given = truth or truth_of_times({"goal": (2.0,)})
    return evaluate(Inputs((case_of_timeline(name, timeline, given),)), 0.5)


def test_every_miss_and_false_alarm_is_shown_with_its_picture_and_why(timeline: Timeline, tmp_path: Path) -> None:
    page.write(judged(timeline), tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text()
    pictures = re.findall(r'<img src="data:image/jpeg;base64,([^"]+)" alt="The recording at ([^"]+)"', text)
    assert [at for _, at in pictures] == ["0:01", "0:02"]
    with Image.open(BytesIO(base64.b64decode(pictures[0][0]))) as picture:
        assert picture.width == page.PICTURE_PX
    assert "near miss: goal at 0:02, 30% sure" in text
    assert "no roar" in text
    assert "confidence: ECE" in text
    assert text.count("<circle") == 2


@pytest.mark.parametrize(("true_s", "found_s", "what"), [(2.0, None, "missed"), (None, 2.0, "false alarm")])
def test_every_missed_and_every_false_cut_is_shown_with_the_frame_before_it(
    timeline: Timeline, true_s: float | None, found_s: float | None, what: str
) -> None:
    edges = [0.0, *([found_s] if found_s else []), timeline.recording.duration_s]
    scenes = tuple(Scene(Span(*span), 0, "cut" if span[0] else "start") for span in pairwise(edges))
    made = replace(timeline, analysis=replace(timeline.analysis, scenes=scenes))
    evaluation = judged(made, Truth({}, cuts_s=(true_s,) if true_s else ()))
    text = page.page(evaluation)
    section = text[text.index("Cuts that were missed") :]
    pictures = re.findall(r'<img src="data:image/jpeg;base64,([^"]+)" alt="([^"]+)"', section)
    assert [words for _, words in pictures] == ["The frame before", "The recording at 0:02"]
    assert pictures[0][0] != pictures[1][0]
    assert [(one["what"], one["kind"], one["time_s"]) for one in as_data(evaluation)["cut_mistakes"]] == [(what, "cut", 2.0)]
    assert "Cuts that were missed" not in page.page(judged(timeline))


def test_a_missing_recording_is_named_instead_of_its_picture(timeline: Timeline) -> None:
    timeline.recording.parts[0].path.unlink()
    assert page.page(judged(timeline)).count("No picture: match.mp4 is not where it was.") == 2


def test_names_stay_text_and_no_script_is_allowed(timeline: Timeline) -> None:
    text = page.page(judged(timeline, truth_of_times({"goal": (2.0,), HOSTILE: (2.5,)}), HOSTILE))
    assert "<script" not in text
    assert "{{ 7*7 }}" in text
    assert "default-src &#39;none&#39;; style-src &#39;sha256-" in text


def test_a_perfect_result_says_so(timeline: Timeline) -> None:
    assert "Nothing was missed, and nothing false was found." in page.page(judged(timeline, truth_of_times({"goal": (1.0,)})))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible_and_complains_of_nothing(
    browser: Browser, timeline: Timeline, tmp_path: Path, scheme: str
) -> None:
    now, before = judged(timeline), judged(replace(timeline, events=()))
    page.write(now, tmp_path / "page.html", compared(as_data(now), as_data(before)))
    view = browser.new_page(color_scheme=scheme, viewport={"width": 390, "height": 800})  # type: ignore[arg-type]
    troubles: list[str] = []
    view.on("console", lambda message: troubles.append(message.text))
    view.goto((tmp_path / "page.html").as_uri())
    assert view.evaluate("document.documentElement.scrollWidth") == 390
    assert view.evaluate("[...document.images].every(image => image.naturalWidth > 0)")
    assert troubles == []
    view.close()
    view = browser.new_page(color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]  # it forbids axe-core's script too
    view.goto((tmp_path / "page.html").as_uri())
    check_accessible(view)
    view.close()
