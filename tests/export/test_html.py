from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from highlights.errors import OutputError
from highlights.export import html
from highlights.media.probe import open_recording
from highlights.records import MOMENT, Box, Event, Fault, Moment, Recording, Scoreboard, Timeline
from highlights.spans import Span
from tests.support.drawing import draw_video
from tests.support.matches import SEEN, long_match, part, short_match

HOSTILE = "</script><img src=x onerror=\"document.title='broken'\">&\u2028'`${1}"
JPEG = b"\xff\xd8\xff\xe0 a picture \xff\xd9"


class Page(HTMLParser):
    """What a browser would make of the page: its tags, its scripts, its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": []}
        self.text = ""
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open = tag

    def handle_data(self, data: str) -> None:
        if self._open in self.inside:
            self.inside[self._open].append(data)
        else:
            self.text += data + " "

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def attributes(self, tag: str, name: str) -> list[str]:
        return [value for found, attributes in self.tags if found == tag and (value := attributes.get(name)) is not None]

    @property
    def data(self) -> dict[str, list]:
        return json.loads(self.inside["script"][0])


def report(timeline: Timeline, folder: Path, reel: Path | None = None) -> Page:
    return Page(html.page(timeline, folder, {134.74: JPEG}.get, reel))


def test_every_event_says_when_what_how_sure_and_why(tmp_path: Path) -> None:
    page = report(short_match(tmp_path / "match.mp4"), tmp_path)
    words = " ".join(page.text.split())
    for expected in ("Goal ARS 1–0 24:25 period 1 at 2:14", "confidence 96 %", "+3.2 score the score went from 0–0 to 1–0"):
        assert expected in words
    assert "−0.4 whistle a whistle four seconds before" in words
    assert "Goal at 5:06 no change of the score followed" in words


def test_the_header_summarises_the_match(tmp_path: Path) -> None:
    words = " ".join(report(short_match(tmp_path / "match.mp4"), tmp_path, tmp_path / "reel.mp4").text.split())
    assert "Soccer ARS 1–1 CHE Length 10:00 Events 2 Near misses 2 Reel 0:52" in words


def of_moments(timeline: Timeline) -> Timeline:
    """The timeline with moments in place of its events."""
    moments = tuple(replace(event, name=MOMENT, title="Moment", confidence=0.3) for event in timeline.events)
    return replace(timeline, events=moments)


def test_a_page_of_moments_says_that_no_event_was_found(tmp_path: Path) -> None:
    timeline = of_moments(short_match(tmp_path / "match.mp4"))
    page = report(timeline, tmp_path, tmp_path / "reel.mp4")
    words = " ".join(page.text.split())
    assert "No event was found; the reel shows the best 2 moments. Moments are not events" in words
    assert "Length 10:00 Events 0 Moments 2 Near misses 2 Reel 0:52" in words
    assert page.attributes("li", "data-event") == ["0", "1"]
    assert "No event was found" not in report(short_match(tmp_path / "match.mp4"), tmp_path).text


def test_faults_of_the_recording_are_reported(tmp_path: Path) -> None:
    timeline = short_match(tmp_path / "match.mp4")
    assert "match.mp4 a sound packet could not be decoded (3 times)" in " ".join(report(timeline, tmp_path).text.split())
    whole = replace(timeline, analysis=replace(timeline.analysis, faults=()))
    assert "Parts of the recording could not be used" not in report(whole, tmp_path).text


def test_a_doubtful_score_graphic_is_shown_with_the_doubt(tmp_path: Path) -> None:
    timeline = short_match(tmp_path / "match.mp4")
    board = Scoreboard(boxes=(Box(8, 8, 60, 20),), doubt="the score may be 1–0 or 2–2", doubt_s=0.4)
    doubtful = replace(timeline, analysis=replace(timeline.analysis, scoreboard=board))
    bare = report(doubtful, tmp_path)
    assert "The score graphic was not used: the score may be 1–0 or 2–2" in " ".join(bare.text.split())
    assert "The score graphic" not in bare.attributes("img", "alt")
    filmed = open_recording([draw_video(tmp_path / "real.mp4", duration_s=1, sounds=())])
    shown = report(replace(doubtful, recording=filmed, events=(), clips=()), tmp_path)
    assert "The score graphic" in shown.attributes("img", "alt")
    assert "The score graphic was not used" not in report(timeline, tmp_path).text


def test_an_event_is_shown_with_its_description_and_a_near_miss_too(tmp_path: Path) -> None:
    timeline = short_match(tmp_path / "match.mp4")
    miss = replace(timeline.near_misses[0], description="A header hits the bar.")
    text = report(replace(timeline, near_misses=(miss,)), tmp_path).text
    assert text.count(SEEN) == len(timeline.events) == 2
    assert "A header hits the bar." in text
    bare = replace(timeline, events=tuple(replace(event, description="") for event in timeline.events))
    assert "said" not in report(bare, tmp_path).attributes("p", "class")


def test_the_page_says_what_found_the_events(tmp_path: Path) -> None:
    timeline = short_match(tmp_path / "match.mp4")
    words = " ".join(report(timeline, tmp_path).text.split())
    assert "Found by signals; Marlin-2B (1a2b3c4, bfloat16 on cuda)" in words
    assert "Found by" not in report(replace(timeline, finders=()), tmp_path).text


def test_a_claim_of_any_signal_stands_with_its_weight_and_words(tmp_path: Path) -> None:
    timeline = short_match(tmp_path / "match.mp4")
    claims = (
        Moment("goal", Span(1, 2), 1.5, "molmo2_count", 0.7, "it counts one ball in the net"),
        Moment("goal", Span(1, 2), 1.5, "marlin_again", -1.2, "the same was not found in a shifted window"),
    )
    told = replace(timeline, near_misses=(replace(timeline.near_misses[0], evidence=claims),))
    words = " ".join(report(told, tmp_path).text.split())
    assert "+0.7 molmo2 count it counts one ball in the net" in words
    assert "−1.2 marlin again the same was not found in a shifted window" in words


def with_near_misses(timeline: Timeline, count: int) -> Timeline:
    """The timeline with so many near misses, one every other second, no two of them equally sure."""
    base = timeline.near_misses[0]
    misses = [
        replace(base, span=Span(2 * i, 2 * i + 1), peak_s=2 * i + 0.5, confidence=(37 * i % count) / count / 2)
        for i in range(count)
    ]
    return replace(timeline, near_misses=tuple(misses))


def test_hundreds_of_near_misses_stand_behind_the_surest_fifty(tmp_path: Path) -> None:
    timeline = with_near_misses(short_match(tmp_path / "match.mp4"), 290)
    shown, rest = (html.page(timeline, tmp_path, {}.get).split('<section class="misses"')[1]).split('<details class="more">')
    assert shown.count('<li class="miss') == 50
    assert rest.count('<li class="miss') == 240
    assert "<summary>240 less sure ones</summary>" in rest
    sure = [[float(part) for part in re.findall(r"Confidence (\d+)", text)] for text in (shown, rest)]
    assert min(sure[0]) >= max(sure[1])
    starts = [float(part) for part in re.findall(r'data-start="([\d.]+)"', shown)]
    assert starts == sorted(starts)


def test_fifty_near_misses_need_no_disclosure(tmp_path: Path) -> None:
    timeline = with_near_misses(short_match(tmp_path / "match.mp4"), 50)
    assert "more" not in report(timeline, tmp_path).attributes("details", "class")


def test_the_bars_of_an_event_lead_from_zero_over_its_claims_to_its_confidence() -> None:
    claims = tuple(Moment("goal", Span(1, 2), 1.5, "crowd", weight, "loud") for weight in (3.0, -1.0, 2.0))
    bars = html._bars(Event("goal", "Goal", Span(1, 3), 1.5, 0.88, claims), 1.0)
    assert [(bar.signal, bar.left, bar.width) for bar in bars] == [
        ("start", -200, 200),
        ("crowd", -200, 300),
        ("crowd", 0, 100),
        ("crowd", 0, 200),
    ]


def test_a_play_button_shows_the_clip_of_its_event(tmp_path: Path) -> None:
    timeline = short_match(tmp_path / "match.mp4")
    longer = replace(timeline.clips[0], span=Span(110, 160))
    page = report(replace(timeline, clips=(longer, timeline.clips[1])), tmp_path)
    assert (page.attributes("button", "data-start")[0], page.attributes("button", "data-end")[0]) == ("110.0", "160.0")


def test_pictures_are_embedded_in_the_page_and_a_missing_one_is_left_out(tmp_path: Path) -> None:
    page = report(short_match(tmp_path / "match.mp4"), tmp_path)
    assert page.attributes("img", "src") == ["data:image/jpeg;base64," + base64.b64encode(JPEG).decode()]


def test_the_page_loads_nothing_but_the_recording(tmp_path: Path) -> None:
    text = html.page(short_match(tmp_path / "match.mp4"), tmp_path, {}.get, tmp_path / "reel.mp4")
    assert not re.findall(r"(?:https?:)?//[a-z]|@import|url\(", text.replace("// ", ""))
    page = Page(text)
    assert page.attributes("link", "href") == ["data:,"]
    assert not page.attributes("script", "src")


def test_the_content_security_policy_allows_only_this_script_and_style(tmp_path: Path) -> None:
    page = report(short_match(tmp_path / "match.mp4"), tmp_path)
    policy = next(content for content in page.attributes("meta", "content") if content.startswith("default-src 'none'"))
    for kind, text in (("script", page.inside["script"][1]), ("style", page.inside["style"][0])):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}';" in policy
    assert "unsafe" not in policy
    assert not [name for _, attributes in page.tags for name in attributes if name == "style" or name.startswith("on")]


def hostile_match(recording: Path) -> Timeline:
    timeline = short_match(recording)
    analysis = timeline.analysis
    event = replace(
        timeline.events[0],
        name=HOSTILE,
        title=HOSTILE,
        team=HOSTILE,
        score=HOSTILE,
        game_clock=HOSTILE,
        period=HOSTILE,
        description=HOSTILE,
        evidence=(replace(timeline.events[0].evidence[0], signal=HOSTILE, because=HOSTILE),),
    )
    return replace(
        timeline,
        sport=HOSTILE,
        finders=(HOSTILE,),
        events=(event, replace(timeline.events[1], team=HOSTILE)),
        near_misses=(replace(event, why_not=HOSTILE),),
        clips=tuple(replace(clip, title=HOSTILE, subtitle=HOSTILE) for clip in timeline.clips),
        analysis=replace(
            analysis,
            scoreboard=replace(analysis.scoreboard, teams=(HOSTILE, HOSTILE)),
            replays=tuple(replace(replay, because=HOSTILE) for replay in analysis.replays),
            faults=(Fault(Path("/") / HOSTILE.replace("/", ""), HOSTILE),),
        ),
    )


def test_hostile_text_is_escaped(tmp_path: Path) -> None:
    page = report(hostile_match(tmp_path / "match.mp4"), tmp_path)
    assert len(page.inside["script"]) == 2
    assert not [src for src in page.attributes("img", "src") if not src.startswith("data:")]
    assert page.data["events"][0][3] == HOSTILE
    assert not set("<>&\u2028") & set(page.inside["script"][0])
    assert HOSTILE in page.text


@pytest.mark.parametrize(
    ("name", "link"),
    [
        ("a b.mp4", "../a%20b.mp4"),
        ("50% #1?.mp4", "../50%25%20%231%3F.mp4"),
        ("javascript:alert(1)", "../javascript%3Aalert%281%29"),
        ('"><x>.mp4', "../%22%3E%3Cx%3E.mp4"),
        ("día.mp4", "../d%C3%ADa.mp4"),
    ],
)
def test_links_to_the_recording_are_relative_and_escaped(tmp_path: Path, name: str, link: str) -> None:
    assert report(short_match(tmp_path / name), tmp_path / "out").data["parts"] == [[link, name, 0.0, 0.0]]


def test_several_files_are_parts_of_one_clock(tmp_path: Path) -> None:
    data = report(long_match(tmp_path / "half1.mp4", tmp_path / "half2.mp4"), tmp_path, tmp_path / "reel.mp4").data
    assert data["parts"] == [["half1.mp4", "half1.mp4", 0.0, 0.0], ["half2.mp4", "half2.mp4", 2830.48, 0.0]]
    assert (data["reel"], data["duration"]) == ("reel.mp4", 5785.68)


def test_the_scores_drawn_cover_the_match_without_a_gap(tmp_path: Path) -> None:
    data = report(short_match(tmp_path / "match.mp4"), tmp_path).data
    assert data["scores"] == [[4.0, 155.93, "0–0"], [155.93, 429.31, "1–0"], [429.31, 600.0, "1–1"]]


def test_kinds_of_events_can_be_chosen_when_there_are_several(tmp_path: Path) -> None:
    timeline = short_match(tmp_path / "match.mp4")
    assert not report(timeline, tmp_path).attributes("button", "data-kind")
    both = replace(timeline, events=(timeline.events[0], replace(timeline.events[1], name="penalty", title="Penalty")))
    assert report(both, tmp_path).attributes("button", "data-kind") == ["goal", "penalty"]


def test_a_match_in_which_nothing_was_found_still_has_a_page(tmp_path: Path) -> None:
    page = report(Timeline(Recording((part(tmp_path / "match.mp4", 0.0, 60.0),)), "ice_hockey"), tmp_path)
    words = " ".join(page.text.split())
    assert "Ice hockey match Length 1:00 Events 0 Near misses 0 Reel none" in words
    assert "No claim in this match had enough evidence" in words


def test_the_same_timeline_gives_the_same_page(tmp_path: Path) -> None:
    for name in ("one.html", "two.html"):
        html.write(short_match(tmp_path / "match.mp4"), tmp_path / name, {134.74: JPEG}.get)
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()


def test_ninety_minutes_without_pictures_stay_below_half_a_megabyte(tmp_path: Path) -> None:
    html.write(long_match(tmp_path / "half1.mp4", tmp_path / "half2.mp4"), tmp_path / "report.html", {}.get)
    assert (tmp_path / "report.html").stat().st_size < 500_000


def test_a_page_that_cannot_be_written_raises_our_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        html.write(short_match(tmp_path / "match.mp4"), tmp_path / "missing" / "report.html", {}.get)


def test_an_instant_that_only_the_score_tells_is_given_with_its_span_of_doubt(tmp_path: Path) -> None:
    timeline = short_match(tmp_path / "match.mp4")
    span = Span(74, 133)
    claim = Moment("goal", span, 114.5, "score", 5.0, "the score went from 0–0 to 1–0 on the graphic at 2:15")
    goal = replace(timeline.events[0], span=span, peak_s=114.5, evidence=(claim,))
    words = " ".join(report(replace(timeline, events=(goal,), clips=()), tmp_path).text.split())
    assert "about 1:54, between 1:14 and 2:13" in words
