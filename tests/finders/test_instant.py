"""Where the instant behind a change of the score is put when no roar claims it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.stand_in.events import board, change, crowd, found, goals, merged, profile, recording, replay, scenes, tone
from highlights.finders.instant import Delay
from highlights.records import Analysis, Moment, Rallies, Rally, Recording
from highlights.spans import Span

NONE, ONE = {"home": 0, "away": 0}, {"home": 1, "away": 0}
GOAL = Analysis(scoreboard=board(*goals((300, 1, 0))))


def claims(analysis: Analysis, name: str = "goal", sport: str = "soccer", match: Recording | None = None) -> list[Moment]:
    return [m for m in found(analysis, sport, match) if (m.event, m.signal) == (name, "score") and m.weight > 0]


def instant(analysis: Analysis, name: str = "goal", sport: str = "soccer", match: Recording | None = None) -> float:
    (claim,) = claims(analysis, name, sport, match)
    return claim.peak_s


def season(delay_s: float, *, heard: int) -> Analysis:
    """A goal every 300 s, the last one shown at 2700 s; the first `heard` are cheered `delay_s` before the graphic."""
    shown_s = [300.0 * (number + 1) for number in range(9)]
    seen = goals(*((at_s, number + 1, 0) for number, at_s in enumerate(shown_s)))
    roars = [(at_s - delay_s, 24.0) for at_s in shown_s[:heard]]
    return Analysis(crowd=crowd(3000, *roars), scoreboard=board(*seen, until_s=3000))


def test_with_nothing_else_the_instant_is_a_usual_delay_earlier():
    assert 300 - instant(GOAL) == pytest.approx(2 + 58 / 3, abs=3)


@pytest.mark.parametrize("delay_s", [8, 20, 42])
def test_enough_located_goals_tell_how_late_the_graphic_is_in_this_match(delay_s):
    known = claims(season(delay_s, heard=5), match=recording(3000))[-1]
    assert 2700 - known.peak_s == pytest.approx(delay_s, abs=1.5)


def test_two_located_goals_are_not_enough_to_tell():
    few = claims(season(42, heard=2), match=recording(3000))[-1]
    assert 2700 - few.peak_s == pytest.approx(2 + 58 / 3, abs=3)


def test_a_goal_with_two_roars_before_it_tells_no_delay():
    one = season(42, heard=4)
    twice = crowd(3000, *((300.0 * (n + 1) - s, 8.0) for n in range(4) for s in (42, 12)))
    doubtful = claims(replace(one, crowd=twice), match=recording(3000))[-1]
    assert 2700 - doubtful.peak_s == pytest.approx(2 + 58 / 3, abs=3)


def test_a_long_scene_that_ends_draws_the_instant_to_its_last_seconds():
    cut = replace(GOAL, scenes=scenes(200, 266, 269, 272, 275, 310))
    assert 260 <= instant(cut) <= 266


def test_the_start_of_another_file_is_no_cut():
    files = scenes(200, 266)
    files = (*files[:2], replace(files[2], transition="start"))
    assert instant(replace(GOAL, scenes=files)) == instant(replace(GOAL, scenes=scenes(200)))


def test_the_instant_is_before_a_replay_and_not_in_it():
    replays = (replay(270, 279), replay(279.5, 290))
    assert 250 <= instant(replace(GOAL, replays=replays)) <= 268


def test_the_instant_is_before_the_graphic_went_away():
    seen = change(300, NONE, ONE, hidden_s=30)  # off screen from 270 on
    assert 250 <= instant(Analysis(scoreboard=board(seen))) <= 268


def test_a_whistle_draws_the_instant_to_it_where_the_profile_asks_for_one():
    # the last rally is whistled off: within 4 s of the whistle, says the profile of volleyball
    last = change(300, {"home_points": 24, "home_sets": 0}, {"home_points": 0, "home_sets": 1})
    silent = Analysis(scoreboard=board(last))
    whistled = replace(silent, tones=(tone("whistle", 281),))
    assert instant(whistled, "set_won", "volleyball") < instant(silent, "set_won", "volleyball") - 1
    honked = replace(silent, tones=(tone("buzzer", 281),))
    assert instant(honked, "set_won", "volleyball") == instant(silent, "set_won", "volleyball")


def test_applause_that_cannot_claim_a_point_draws_the_instant_to_it():
    before, after = {"home_points": 15, "away_points": 0}, {"home_points": 30, "away_points": 0}
    point = Analysis(scoreboard=board(change(300, before, after)))
    clapped = replace(point, crowd=crowd(600, (290, 24)))
    assert 286 <= instant(clapped, "point", "tennis") < instant(point, "point", "tennis") - 0.3


def test_a_point_is_placed_where_a_rally_ended():
    before, after = {"home_points": 15, "away_points": 0}, {"home_points": 30, "away_points": 0}
    point = Analysis(scoreboard=board(change(300, before, after)))
    heard = Rallies((Rally(Span(270, 279.25), 279, 8, 1.0), Rally(Span(284, 290.25), 290, 6, 1.0)))
    assert instant(replace(point, rallies=heard), "point", "tennis") == pytest.approx(291, abs=1.6)
    assert instant(point, "point", "tennis") > 293


def test_two_goals_behind_one_change_are_the_cool_down_apart():
    seen = change(300, NONE, {"home": 2, "away": 0}, hidden_s=120)
    first, second = sorted(m.peak_s for m in claims(Analysis(scoreboard=board(seen))))
    assert second - first >= 30


def test_an_event_with_nothing_but_a_change_states_its_span_of_doubt():
    (goal,) = merged(GOAL).events
    assert goal.doubt == Span(239.8, 298)
    (heard,) = merged(replace(GOAL, crowd=crowd(600, (283, 24)))).events
    assert heard.doubt is None


def test_an_instant_known_to_a_few_seconds_is_simply_an_instant():
    (basket,) = merged(
        Analysis(scoreboard=board(change(300, {"home": 3, "away": 2}, {"home": 6, "away": 2}))), "basketball"
    ).events
    assert basket.doubt is None


@settings(deadline=None)
@given(
    st.floats(5, 595),
    st.floats(0.1, 100),
    st.lists(st.tuples(st.floats(0, 590), st.floats(1, 60)), max_size=4),
    st.lists(st.floats(1, 599).map(lambda cut_s: round(cut_s, 1)), max_size=8),
    st.sampled_from(["soccer", "basketball", "ice_hockey"]),
)
def test_the_instant_is_always_in_its_span_and_live_if_it_can_be(shown_s, hidden_s, again, cuts, sport):
    replays = tuple(replay(start_s, min(600.0, start_s + length_s)) for start_s, length_s in sorted(again))
    rule = next(e for e in profile(sport).events if e.signals.score)
    seen = change(shown_s, NONE, {"home": rule.signals.score.by[0], "away": 0}, hidden_s=hidden_s)
    match = Analysis(
        scenes=scenes(*sorted(cuts)) if len(set(cuts)) == len(cuts) else (), scoreboard=board(seen), replays=replays
    )
    (claim,) = claims(match, rule.name, sport)
    assert claim.span.holds(claim.peak_s)
    inside = np.arange(claim.span.start_s, claim.span.end_s - 0.001, 0.1)
    if any(not any(r.span.pad(2, 2).holds(t) for r in replays) for t in inside):
        assert not any(r.span.holds(claim.peak_s) for r in replays)


@given(st.floats(0, 5), st.floats(0.5, 90), st.none() | st.floats(0, 1), st.floats(2, 20))
def test_the_share_of_delays_grows_from_none_to_all(least_s, length_s, usual, spread_s):
    most_s = least_s + length_s
    delay = Delay(least_s, most_s, None if usual is None else least_s + usual * length_s, spread_s)
    shares = delay.share_until(np.linspace(least_s - 5, most_s + 5, 200))
    assert (np.diff(shares) >= -1e-12).all()
    assert (shares >= 0).all()
    assert (shares <= 1).all()
