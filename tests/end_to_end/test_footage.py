"""Real television clips, where they are available: their events are found, and no others."""

from __future__ import annotations

from functools import cache

import pytest

from highlights import RunOptions, find_events
from highlights.records import Timeline
from tests.support.places import FOOTAGE

pytestmark = pytest.mark.skipif(not FOOTAGE.is_dir(), reason="needs ../shared/footage")


@cache
def read(number: str, sport: str = "soccer") -> Timeline:
    """The timeline of the clip whose file name begins with `number`, without moments: only events are judged here."""
    [path] = FOOTAGE.glob(f"{number}_*.*")
    return find_events(path, sport, RunOptions(moments="none"))


def cuts_s(timeline: Timeline) -> list[float]:
    return [scene.span.start_s for scene in timeline.analysis.scenes if scene.transition == "cut"]


def test_01_is_one_goal_and_its_replays_are_not_goals() -> None:
    timeline = read("01")
    [goal] = timeline.events
    assert goal.name == "goal"
    assert goal.span.holds(6.3)
    assert goal.peak_s == pytest.approx(6.3, abs=2)
    for start_s, end_s in ((33.2, 42.3), (42.5, 50.9)):
        assert any(r.span.holds(start_s + 1) for r in timeline.analysis.replays)
        assert any(r.span.holds(end_s - 1) for r in timeline.analysis.replays)
    assert not any(r.span.holds(time_s) for r in timeline.analysis.replays for time_s in (3, 15, 25, 32))


def test_01_has_its_cuts() -> None:
    for true_s in (10.28, 18.78, 26.3, 30.72):
        assert min(abs(true_s - cut_s) for cut_s in cuts_s(read("01"))) <= 0.04, true_s


@pytest.mark.long
def test_02_has_the_duration_of_its_edit_list() -> None:
    recording = read("02").recording
    assert recording.duration_s == pytest.approx(21.02, abs=0.04)
    assert not [event for event in read("02").events if event.peak_s < 19]


def test_the_score_graphic_of_02_is_read() -> None:
    scoreboard = read("02").analysis.scoreboard
    assert scoreboard.teams == ("RMA", "SEV")
    assert not scoreboard.changes
    # the graphic appears with the dissolve at 4.2 s and shows 04:43 first
    assert scoreboard.visible[0].start_s == pytest.approx(4.4, abs=0.6)


@pytest.mark.long
def test_03_shows_the_basket_that_makes_38_40_with_its_period_and_clock() -> None:
    [change] = read("03", "basketball").analysis.scoreboard.changes
    assert (change.before, change.after) == ({"home": 49, "away": 38}, {"home": 49, "away": 40})
    assert 7.0 <= change.shown_s <= 7.45
    assert (change.period, change.clock) == ("3RD", "9:52")


@pytest.mark.long
def test_07_is_a_chance_and_not_a_goal() -> None:
    timeline = read("07")
    assert not [event for event in timeline.events if event.name == "goal"]
    assert len(timeline.analysis.scenes) == 1
    assert timeline.analysis.scoreboard.teams == ("INT", "NAP")


def test_90_goldeneye_has_its_cuts_to_the_frame_despite_a_variable_frame_rate() -> None:
    assert cuts_s(read("90_psd_goldeneye")) == [pytest.approx(3.754, abs=0.001), pytest.approx(8.759, abs=0.001)]


def test_19_has_no_audio_and_no_event() -> None:
    timeline = read("19", "cricket")
    assert timeline.analysis.crowd.values == ()
    assert not timeline.events


@pytest.mark.parametrize(("number", "sport"), [("13", "soccer"), ("23", "baseball"), ("26", "basketball")])
def test_no_event_is_found_where_nothing_happens(number: str, sport: str) -> None:
    timeline = read(number, sport)
    assert not timeline.events
    assert not timeline.analysis.scoreboard.changes
    assert not timeline.analysis.faults


def test_13_has_its_one_cut() -> None:
    assert cuts_s(read("13")) == [pytest.approx(1.96, abs=0.04)]
