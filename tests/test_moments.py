"""Moments: what stands out in a match without an event, and what is offered if nothing does."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from benchmarks.stand_in.events import crowd, profile, recording, replay, scenes, tone
from highlights.moments import MOST, offered
from highlights.profile import names
from highlights.records import MOMENT, Analysis, Event, Excitement, Timeline
from highlights.timeline import build, moments_note

LONG_S = 600.0


def best(events: tuple[Event, ...]) -> Event:
    return max(events, key=lambda event: event.confidence)


def why(event: Event) -> list[str]:
    return [claim.signal for claim in event.evidence]


def test_a_silent_recording_of_one_camera_has_moments_spread_evenly():
    events = offered(recording(LONG_S), Analysis(scenes=scenes()))
    assert [event.peak_s for event in events] == [150, 300, 450]
    assert [why(event) for event in events] == [["spread"]] * 3


def test_the_loudest_instant_is_the_best_moment_even_where_nothing_is_a_roar():
    values = tuple(0.01 * (i % 7) + (0.15 if 400 <= i < 410 else 0.0) for i in range(1200))
    events = offered(recording(LONG_S), Analysis(crowd=Excitement(0.5, values, (-40.0,) * 1200)))
    assert best(events).peak_s == pytest.approx(200, abs=5)
    assert "louder than during 99% of the recording" in best(events).evidence[0].because


def test_a_roar_with_a_replay_comes_before_a_roar_alone_and_that_before_a_replay_alone():
    analysis = Analysis(crowd=crowd(LONG_S, (100, 10), (300, 10)), replays=(replay(320, 330), replay(500, 510)))
    events = offered(recording(LONG_S), analysis)
    ranked = sorted(events, key=lambda event: -event.confidence)
    assert [round(event.peak_s) for event in ranked] == [300, 100, 488]
    assert [why(event) for event in ranked] == [["crowd", "replay"], ["crowd"], ["replay"]]


def test_a_replay_speaks_for_one_moment_only():
    events = offered(recording(LONG_S), Analysis(crowd=crowd(LONG_S, (275, 4), (310, 4)), replays=(replay(316, 330),)))
    assert sum("replay" in why(event) for event in events) == 1


def test_no_moment_is_in_a_replay():
    analysis = Analysis(crowd=crowd(LONG_S, (300, 10)), replays=(replay(290, 320),))
    assert not any(290 <= event.peak_s < 320 for event in offered(recording(LONG_S), analysis))


def test_where_cuts_are_closest_together_is_a_moment():
    cuts_s = [60.0 * minute for minute in range(1, 10)] + [330.0 + 3 * i for i in range(8)]
    events = offered(recording(LONG_S), Analysis(scenes=scenes(*sorted(cuts_s))))
    assert why(best(events)) == ["pace"]
    assert best(events).peak_s == pytest.approx(330, abs=5)


def test_a_whistle_is_a_moment_where_nothing_else_is():
    events = offered(recording(LONG_S), Analysis(tones=(tone("whistle", 222),)))
    assert (best(events).peak_s, why(best(events))) == (222, ["whistle"])


def test_no_moment_is_as_sure_as_an_event_whatever_speaks_for_it():
    cuts_s = [300.0 + 2 * i for i in range(10)]
    analysis = Analysis(
        scenes=scenes(*cuts_s),
        crowd=crowd(LONG_S, (300, 20)),
        tones=(tone("whistle", 300), tone("buzzer", 300)),
        replays=(replay(325, 335, 1.0),),
    )
    events = offered(recording(LONG_S), analysis)
    assert {"crowd", "replay", "pace", "whistle"} <= set(why(best(events)))
    assert best(events).confidence < 0.46


@example(120.0, [1.0], [])
@example(120.0, [40.0], [])
@example(121.5, [28.0, 87.0], [])
@given(st.floats(0.5, 8000), st.lists(st.floats(0, 8000), max_size=8), st.lists(st.floats(0, 8000), max_size=8))
def test_any_recording_has_between_one_and_most_moments_inside_it_and_apart(duration_s, roars_s, replays_s):
    match = recording(duration_s)
    analysis = Analysis(
        crowd=crowd(duration_s, *((t, 6) for t in roars_s if t < duration_s)),
        replays=tuple(replay(t, min(t + 8, duration_s)) for t in sorted(replays_s) if t < duration_s - 1),
    )
    events = offered(match, analysis)
    assert 1 <= len(events) <= MOST
    assert {event.name for event in events} == {MOMENT}
    for event in events:
        assert event.span.clamp(match.span) == event.span
        assert event.span.holds(event.peak_s)
    instants = [event.peak_s for event in events]
    assert instants == sorted(instants)
    assert all(b - a >= min(30, match.duration_s / 4) - 0.01 for a, b in pairwise(instants))


@pytest.mark.parametrize(("duration_s", "count"), [(20, 1), (90, 2), (420, 3), (720, 4), (5400, 8)])
def test_longer_recordings_have_more_moments(duration_s, count):
    loud = crowd(duration_s, *((60.0 * minute, 5) for minute in range(1, int(duration_s / 60))))
    assert len(offered(recording(duration_s), Analysis(crowd=loud))) == count


def test_a_moment_stays_in_its_file():
    match = recording(300.0, 300.0)
    analysis = Analysis(crowd=crowd(LONG_S, (299.5, 10)))
    for event in offered(match, analysis):
        assert match.part_at(event.span.start_s) == match.part_at(event.span.end_s - 0.001)


@pytest.mark.parametrize("sport", [listed.name for listed in names()])
def test_every_profile_shows_a_moment_with_what_led_to_it_and_what_came_of_it(sport):
    timeline = of_moments(Analysis(crowd=crowd(LONG_S, (300, 10))), sport)
    clip = next(clip for clip in timeline.clips if clip.span.holds(300))
    assert clip.title == "Moment"
    assert clip.span.length_s == 20


def of_moments(analysis: Analysis, sport: str = "soccer") -> Timeline:
    match = recording(LONG_S)
    return build(match, profile(sport), offered(match, analysis), (), analysis)


def test_a_timeline_of_moments_says_so_until_one_is_named_as_an_event():
    timeline = of_moments(Analysis(crowd=crowd(LONG_S, (300, 10))))
    assert moments_note(timeline) == "No event was found; the reel shows the best 3 moments"
    first, *rest = timeline.events
    assert moments_note(replace(timeline, events=(replace(first, name="goal"), *rest))) == ""
    assert moments_note(replace(timeline, events=(), clips=())) == ""


def test_the_note_counts_the_moments_in_the_reel():
    timeline = of_moments(Analysis(crowd=crowd(LONG_S, (300, 10))))
    assert moments_note(replace(timeline, clips=timeline.clips[:2])) == "No event was found; the reel shows the best 2 moments"
    assert moments_note(replace(timeline, clips=timeline.clips[:1])) == "No event was found; the reel shows the best moment"


def test_a_timeline_in_which_nothing_stands_out_says_that():
    assert "nothing stands out" in moments_note(of_moments(Analysis()))
