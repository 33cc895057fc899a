"""The review page in headless Chromium, used as a person would: by clicking, typing and dragging."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import time
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import av
import pytest

from highlights.export import timeline_json
from highlights.media.probe import open_recording
from highlights.records import Event, Timeline
from tests.support.drawing import Look, draw_video
from tests.support.person import Person, person
from tests.support.served import Served, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

pytestmark = pytest.mark.browser

RATE_HZ = 10  # of the drawn match
CUT_S = 20.0


@pytest.fixture
def me(browser: Browser, review: Served) -> Iterator[Person]:
    with person(browser, review) as somebody:
        yield somebody


def on_disk(review: Served) -> Timeline:
    return timeline_json.read(review.review.session.file)


def goal(review: Served, index: int = 0) -> Event:
    return on_disk(review).events[index]


def clip(review: Served, index: int = 0) -> tuple[float, float]:
    """In and out point of an event as the page is told."""
    in_s, out_s = review.get("/api/state")["events"][index]["clip"]
    return in_s, out_s


def test_a_false_event_is_rejected_by_a_click_and_stays_in_sight_struck_out(me: Person, review: Served) -> None:
    me.row("Shot on goal").click()
    me.page.get_by_role("button", name="Reject", exact=True).click()
    me.page.locator(".event.rejected", has_text="Shot on goal").wait_for()
    assert [e.peak_s for e in on_disk(review).events] == [10.0, 50.0]
    assert "2 events" in me.page.locator("#tally").inner_text()


def test_an_edge_dragged_near_a_cut_goes_to_the_cut(me: Person, review: Served) -> None:
    in_s, out_s = clip(review)
    me.row("Goal").first.click()
    me.drag(out_s, CUT_S + 0.3)
    me.saved()
    shown = goal(review).shown
    assert shown is not None
    assert (shown.start_s, shown.end_s) == (in_s, CUT_S)


def test_an_edge_dragged_elsewhere_goes_to_a_frame_and_with_alt_to_the_pointer(me: Person, review: Served) -> None:
    _, out_s = clip(review)
    me.row("Goal").first.click()
    me.drag(out_s, 16.66)
    me.saved()
    shown = goal(review).shown
    assert shown is not None
    assert shown.end_s == 16.7
    me.drag(16.7, CUT_S + 0.14, held=["Alt"])
    me.saved()
    shown = goal(review).shown
    assert shown is not None
    assert 20.05 < shown.end_s < 20.25
    assert round(shown.end_s * RATE_HZ, 3) % 1


def test_escape_undoes_a_drag_in_progress(me: Person, review: Served) -> None:
    _, out_s = clip(review)
    me.row("Goal").first.click()
    before = me.page.get_by_label("Out", exact=True).first.input_value()
    me.page.mouse.move(*me.spot(out_s))
    me.page.mouse.down()
    me.page.mouse.move(*me.spot(out_s - 1))
    me.press("Escape")
    me.page.mouse.up()
    assert me.page.locator("#inspector [name=out_s]").input_value() == before
    assert goal(review).shown is None


def test_in_and_out_points_are_set_where_the_playhead_is(me: Person, review: Served) -> None:
    me.row("Goal").first.click()
    me.click_ruler(8.5)
    me.press("i")
    me.click_ruler(12.5)
    me.press("o")
    me.saved()
    shown = goal(review).shown
    assert shown is not None
    assert (round(shown.start_s, 1), round(shown.end_s, 1)) == (8.5, 12.5)


def test_an_event_is_added_at_the_playhead_named_and_given_to_a_team(me: Person, review: Served) -> None:
    me.click_ruler(25)
    me.press("n")
    me.page.locator("#rows .lead .mark.added").wait_for(state="attached")
    me.press("t")
    me.page.keyboard.type("Free kick")
    me.press("Enter")
    me.page.locator("#inspector [name=team]").fill("JAY")
    me.press("Enter")
    me.row("JAY").wait_for()
    me.saved()
    added = next(e for e in on_disk(review).events if e.status == "added")
    assert (added.title, added.team) == ("Free kick", "JAY")
    assert added.shown is not None
    assert (round(added.peak_s, 1), round(added.shown.length_s, 1)) == (25.0, 10.0)


def test_decisions_are_undone_and_redone_by_keys(me: Person, review: Served) -> None:
    me.row("Shot on goal").click()
    me.press("a")
    me.page.get_by_role("button", name="Accepted").wait_for()
    me.press("x")
    me.page.get_by_role("button", name="Rejected").wait_for()
    me.press("Control+z", "Control+z")
    me.saved()
    assert on_disk(review).events[1].status == "found"
    me.press("Control+Shift+z", "Control+y")
    me.saved()
    assert [e.peak_s for e in on_disk(review).events] == [10.0, 50.0]
    assert me.page.get_by_role("button", name="Redo").is_disabled()


def test_two_events_are_merged_and_one_is_split(me: Person, review: Served) -> None:
    me.row("Shot on goal").click()
    me.row("Goal").last.click(modifiers=["Control"])
    me.press("m")
    me.page.locator("#count", has_text="2 events").wait_for()
    me.click_ruler(40)
    me.press("s")
    me.page.locator("#count", has_text="3 events").wait_for()
    halves = on_disk(review).events[1:]
    assert [round(e.shown.start_s if e.shown else 0, 1) for e in halves][1] == 40.0


def test_the_list_is_filtered_by_words_kind_status_and_confidence(me: Person) -> None:
    me.press("/")
    me.page.keyboard.type("shot")
    me.page.locator("#count", has_text="1 of 3").wait_for()
    me.page.get_by_role("button", name="Show all").first.click()
    me.page.get_by_label("Kind").first.select_option(label="Goal")
    assert me.titles() == ["Goal", "Goal"]
    me.page.get_by_label("Least confidence").fill("90")
    assert me.titles() == ["Goal"]
    me.page.get_by_label("Status").select_option(label="accepted")
    me.page.get_by_text("Nothing matches.").wait_for()
    me.page.locator("#none").get_by_role("button", name="Show all").click()
    assert len(me.titles()) == 3


def test_near_misses_are_one_key_away_and_can_be_accepted(me: Person, review: Served) -> None:
    me.press("v")
    me.row("near miss").click()
    me.page.locator("#inspector").get_by_text("the score stood").wait_for()
    me.press("a", "v")
    me.saved()
    me.page.locator("#count", has_text="4 events").wait_for()
    assert [e.peak_s for e in on_disk(review).events] == [10.0, 30.0, 40.0, 50.0]


def test_a_match_is_reviewed_without_a_mouse(me: Person, review: Served) -> None:
    me.press("ArrowDown", "a", "ArrowDown", "x", "ArrowDown", "t")
    me.page.keyboard.type("Header")
    me.press("Tab", "Shift+Tab", "Enter")
    me.saved()
    first, last = on_disk(review).events
    assert (first.status, last.title) == ("accepted", "Header")
    me.press("?")
    me.page.get_by_role("dialog", name="Keyboard shortcuts").get_by_text("frame back").wait_for()
    me.press("Escape", "r")
    me.page.get_by_role("dialog", name="Make reel").wait_for()


def test_a_decision_in_another_tab_appears(me: Person, review: Served) -> None:
    me.row("Shot on goal").click()
    review.decide(verb="relabel", place={"list": "events", "index": 2}, words={"title": "Volley"})
    me.row("Volley").wait_for()
    assert me.page.locator("#inspector [name=title]").input_value() == "Shot on goal"


def test_half_typed_text_survives_a_decision_in_another_tab(me: Person, review: Served) -> None:
    me.row("Shot on goal").click()
    me.page.locator("#inspector [name=title]").fill("Long sh")
    review.decide(verb="relabel", place={"list": "events", "index": 2}, words={"title": "Volley"})
    me.row("Volley").wait_for()
    me.page.keyboard.type("ot")
    me.press("Enter")
    me.row("Long shot").wait_for()
    me.saved()
    assert [e.title for e in on_disk(review).events] == ["Goal", "Long shot", "Volley"]


def test_the_panel_shows_the_evidence_and_the_score_graphic_and_the_timeline_shows_pictures(me: Person) -> None:
    me.row("Shot on goal").click()
    me.page.locator("#inspector").get_by_text("the crowd roared at 30 s").wait_for()
    me.page.wait_for_function(
        "() => [...document.querySelectorAll('.graphics img')].filter((one) => one.naturalWidth).length === 2"
    )
    me.page.mouse.move(*me.spot(40.0))
    me.page.locator("#tip-picture").wait_for()
    assert "0:40" in me.page.locator("#tip").inner_text()


def test_a_decision_about_an_outdated_state_is_reported_and_not_made(me: Person, review: Served) -> None:
    me.page.route("**/api/status", lambda route: route.abort())
    me.row("Shot on goal").click()
    review.decide(verb="reject", place={"list": "events", "index": 0})
    me.press("a")
    me.page.locator(".toast.wrong", has_text="another tab").wait_for()
    assert [e.status for e in on_disk(review).events] == ["found", "found"]
    assert me.page.locator(".event.rejected").count() == 1


def test_a_decision_made_while_the_server_is_away_is_kept_and_saved_later(me: Person, review: Served) -> None:
    me.row("Shot on goal").click()
    me.page.context.set_offline(True)
    me.press("a")
    me.page.get_by_role("alert").get_by_text("Not saved yet: accept Shot on goal").wait_for()
    me.press("x")
    me.page.locator(".toast.wrong").wait_for()
    me.page.context.set_offline(False)  # the page finds out by itself, or by "Try again"
    me.page.get_by_role("button", name="Accepted").wait_for()
    assert [e.status for e in on_disk(review).events] == ["found", "accepted", "found"]
    assert me.page.get_by_role("alert").is_hidden()


HOSTILE = '<img src=x onerror="document.title=1"><b>&amp;'


def test_names_that_look_like_markup_are_shown_as_text(browser: Browser, match: Path, tmp_path: Path) -> None:
    known = timeline_json.read(match / "timeline.json")
    (tmp_path / "film").mkdir()
    bad = [replace(e, title=HOSTILE, team=HOSTILE, player=HOSTILE, description=HOSTILE, why_not=HOSTILE) for e in known.events]
    evil = replace(known, events=tuple(bad), near_misses=tuple(bad[:1]))
    timeline_json.write(evil, tmp_path / "timeline.json")
    with served(tmp_path) as running, person(browser, running) as me:
        me.press("v", "ArrowDown")
        assert HOSTILE in me.titles()[0]
        assert me.page.locator("#inspector [name=player]").input_value() == HOSTILE
        me.page.mouse.move(*me.spot(10.0))
        me.page.locator("#tip", has_text="onerror").wait_for()
        me.press("r")
        me.page.locator("#plan-rows tr").first.wait_for()
        assert HOSTILE in me.page.locator("#plan-rows").inner_text()
        assert me.page.locator("img[onerror], main b > b").count() == 0
        assert me.page.title() != "1"


def test_the_player_shows_the_very_frame_and_steps_by_one(me: Person, review: Served) -> None:
    me.row("Shot on goal").click()
    in_s, _ = clip(review, 1)
    first = round(in_s * RATE_HZ)
    assert me.frame() == first
    me.press(".")
    assert me.frame() == first + 1
    me.press(",", ",")
    assert me.frame() == first - 1
    me.press("w")
    assert me.frame() == round(clip(review, 1)[1] * RATE_HZ) - 1


def test_a_file_whose_picture_begins_late_is_shown_to_the_frame(browser: Browser, tmp_path: Path) -> None:
    draw_video(tmp_path / "late.mp4", duration_s=3.0, rate=RATE_HZ, start_s=0.5, look=Look(gop=10))
    timeline_json.write(Timeline(open_recording([tmp_path / "late.mp4"]), "soccer"), tmp_path / "timeline.json")
    with served(tmp_path) as running, person(browser, running, 3.0) as me:
        me.press("ArrowRight", ".")
        assert me.frame() == 11


def test_a_played_clip_stops_on_its_last_frame(me: Person, review: Served) -> None:
    review.decide(verb="trim", place={"list": "events", "index": 1}, shown=[29.5, 30.3])
    me.row("Shot on goal").click()
    me.sees("out_s", "0:30.300")
    me.row("Shot on goal").dblclick()
    me.page.get_by_role("button", name="Pause", exact=True).wait_for()
    me.page.get_by_role("button", name="Play", exact=True).wait_for()
    assert me.frame() == 302


def test_j_k_and_l_play_backwards_stop_and_play_faster(me: Person) -> None:
    me.click_ruler(30)
    me.press("j", "j")
    me.page.locator("#clip-flag", has_text="2× backwards").wait_for()
    me.page.wait_for_function("() => parseFloat(document.getElementById('now').textContent.slice(2)) < 29.5")
    me.press("k")
    me.page.get_by_role("button", name="Play", exact=True).wait_for()
    me.press("l", "l")
    me.page.locator("#clip-flag", has_text="2×").wait_for()
    me.page.wait_for_function("() => document.getElementById('video').playbackRate === 2")


def test_two_files_are_played_as_one_match(browser: Browser, tmp_path: Path) -> None:
    for name in ("first.mp4", "second.mp4"):
        draw_video(tmp_path / name, duration_s=4.0, rate=RATE_HZ, look=Look(gop=10))
    recording = open_recording([tmp_path / "first.mp4", tmp_path / "second.mp4"])
    timeline_json.write(Timeline(recording, "soccer"), tmp_path / "timeline.json")
    with served(tmp_path) as running, person(browser, running, recording.duration_s) as me:
        me.press("End", "ArrowLeft")
        assert me.frame() == 29
        assert me.page.evaluate("() => document.getElementById('video').currentSrc").endswith("/media/1")
        me.press("Home")
        me.click_ruler(3.6)
        me.press(" ")
        me.page.wait_for_function("() => document.getElementById('video').currentSrc.endsWith('/media/1')")
        me.press("k")
        me.page.get_by_text("No events yet").wait_for()


def test_a_file_that_browsers_cannot_play_is_converted_to_one_that_they_can(browser: Browser, tmp_path: Path) -> None:
    draw_video(tmp_path / "old.avi", duration_s=3.0, rate=RATE_HZ, look=Look(codec="mpeg4", gop=10))
    timeline_json.write(Timeline(open_recording([tmp_path / "old.avi"]), "soccer"), tmp_path / "timeline.json")
    with served(tmp_path) as running, person(browser, running, 3.0) as me:
        me.page.get_by_text("old.avi cannot be played here").wait_for()
        me.page.get_by_role("button", name="Make a playable copy").click()
        me.page.locator("#unplayable").wait_for(state="hidden")
        me.press("Home", ".", ".")
        assert me.frame() == 2


def test_the_profile_is_checked_while_it_is_typed(me: Person, review: Served) -> None:
    me.page.get_by_role("button", name="Profile").click()
    area = me.page.get_by_role("textbox", name="Profile")
    me.page.locator(".faults .fine").wait_for()
    area.fill(area.input_value().replace("pre_roll_s", "preroll_s", 1))
    fault = me.page.locator(".faults button").first
    fault.wait_for()
    line = area.input_value().split("preroll_s")[0].count("\n") + 1
    assert f"Line {line}:" in fault.inner_text()
    fault.click()
    assert "preroll_s" in me.page.evaluate("() => getSelection().toString()")
    save = me.page.get_by_role("button", name="Save", exact=True)
    assert save.is_disabled()
    area.fill(area.input_value().replace("preroll_s", "pre_roll_s", 1) + "\n# mine\n")
    me.page.locator(".faults .fine").wait_for()
    save.click()
    me.page.get_by_text("Saved. The clips now follow it.").wait_for()
    assert (review.review.session.folder / "profile.yaml").read_text().endswith("# mine\n")


def planned_s(me: Person) -> float:
    """How long the clips of the planned reel are together."""
    return sum(float(cell.removesuffix(" s")) for cell in me.page.locator("#plan-rows td:nth-child(5)").all_inner_texts())


def test_a_plan_for_options_that_were_changed_since_is_not_shown_as_the_plan_for_the_new_ones(me: Person) -> None:
    held: list[Route] = []
    me.page.route("**/api/plan", lambda route: route.continue_() if held else held.append(route))
    me.page.clock.install()
    with me.page.expect_request("**/api/plan"):
        me.page.get_by_role("button", name="Make reel").click()
    me.page.clock.pause_at(time() + 60)  # the page waits a moment before it asks for the plan of what was typed
    me.page.get_by_label("Length").fill("25")
    with me.page.expect_response("**/api/plan"):
        held[0].continue_()
    me.page.evaluate("() => fetch('/api/state').then((answer) => answer.text())")  # by now the page has dealt with the plan
    assert me.page.locator("#plan-sum").get_attribute("aria-busy") == "true"
    me.page.clock.run_for(1000)
    me.page.locator("#plan-sum[aria-busy=false]").wait_for()
    assert 10 < planned_s(me) <= 25


def test_a_match_is_reviewed_cut_upright_to_a_length_with_titles_and_handed_to_another_program(
    me: Person, review: Served
) -> None:
    me.row("Shot on goal").click()
    me.page.get_by_role("button", name="Reject", exact=True).click()
    me.page.locator(".event.rejected").wait_for()
    _, out_s = clip(review)
    me.row("Goal").first.click()
    me.drag(out_s, 14.0)
    me.sees("out_s", "0:14.000")
    me.click_ruler(37)
    me.page.get_by_role("button", name="Add", exact=True).click()
    me.page.locator("#tally", has_text="3 events").wait_for()

    me.page.get_by_role("button", name="Make reel").click()
    me.page.get_by_label("Length").fill("25")
    me.page.get_by_label("Aspect ratio").select_option("9:16")
    me.page.locator("#plan-sum[aria-busy=false]", has_text="edited").wait_for()
    length_s = planned_s(me)
    assert 10 < length_s <= 25
    me.page.get_by_role("button", name="Start").click()
    link = me.page.get_by_role("link", name="Download reel.mp4")
    link.wait_for(timeout=60_000)
    with me.page.expect_download() as download:
        link.click()
    with av.open(str(download.value.path())) as reel:
        picture = reel.streams.video[0]
        assert (picture.height, picture.width) == (180, pytest.approx(180 * 9 / 16, abs=2))
        assert float(reel.duration or 0) / av.time_base == pytest.approx(length_s, abs=0.5)
    me.press("Escape", "e")
    me.page.get_by_label("Format").select_option("fcpxml")
    with me.page.expect_download() as download:
        me.page.get_by_role("dialog").get_by_role("button", name="Export", exact=True).click()
    clips = ElementTree.parse(download.value.path()).getroot().iter("asset-clip")
    assert len(list(clips)) == len(review.get("/api/state")["clips"]) > 0
