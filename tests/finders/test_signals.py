"""Signals: which moments the rules of a profile make of the evidence in a broadcast."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.stand_in.events import board, change, crowd, found, goals, profile, recording, replay, tone
from highlights.finders import signals
from highlights.records import Analysis, Moment, Rallies, Rally, Scoreboard
from highlights.spans import Span


def of(moments: list[Moment], event: str, signal: str) -> list[Moment]:
    return [m for m in moments if (m.event, m.signal) == (event, signal)]


def changes(moments: list[Moment], event: str) -> list[Moment]:
    return [m for m in of(moments, event, "score") if m.weight > 0]


def against(moments: list[Moment], event: str = "goal") -> list[Moment]:
    return [m for m in of(moments, event, "score") if m.weight < 0]


# score changes


@pytest.mark.parametrize(
    ("sport", "before", "after", "expected"),
    [
        ("soccer", {"home": 0, "away": 0}, {"home": 1, "away": 0}, {"goal"}),
        ("soccer", {"home": 0, "away": 0}, {"home": 0, "away": 1}, {"goal"}),
        ("soccer", {"home": 1, "away": 0}, {"home": 0, "away": 0}, set()),
        ("basketball", {"home": 49, "away": 38}, {"home": 49, "away": 39}, {"free_throw"}),
        ("basketball", {"home": 49, "away": 38}, {"home": 49, "away": 40}, {"two_pointer"}),
        ("basketball", {"home": 49, "away": 38}, {"home": 52, "away": 38}, {"three_pointer"}),
        ("basketball", {"home": 49, "away": 38}, {"home": 54, "away": 38}, set()),
        ("american_football", {"home": 0, "away": 3}, {"home": 6, "away": 3}, {"touchdown"}),
        ("american_football", {"home": 6, "away": 3}, {"home": 7, "away": 3}, {"extra_point"}),
        ("american_football", {"home": 6, "away": 3}, {"home": 8, "away": 3}, {"two_point_conversion"}),
        ("rugby", {"home": 0, "away": 0}, {"home": 5, "away": 0}, {"try"}),
        ("rugby", {"home": 5, "away": 0}, {"home": 7, "away": 0}, {"conversion"}),
        ("rugby", {"home": 0, "away": 0}, {"home": 7, "away": 0}, {"try"}),
        ("baseball", {"home": 0, "away": 0}, {"home": 4, "away": 0}, {"run"}),
        ("cricket", {"runs": 8, "wickets": 0, "balls": 3}, {"runs": 12, "wickets": 0, "balls": 4}, {"four"}),
        ("cricket", {"runs": 8, "wickets": 0, "balls": 3}, {"runs": 14, "wickets": 0, "balls": 4}, {"six"}),
        ("cricket", {"runs": 8, "wickets": 0, "balls": 3}, {"runs": 9, "wickets": 1, "balls": 4}, {"wicket"}),
        ("cricket", {"runs": 8, "wickets": 0, "balls": 3}, {"runs": 8, "wickets": 0, "balls": 4}, set()),
        ("tennis", {"home_points": 15, "away_points": 30}, {"home_points": 30, "away_points": 30}, {"point"}),
        ("tennis", {"home_points": 50, "away_points": 40}, {"home_points": 40, "away_points": 40}, set()),
        (
            "tennis",
            {"home_games": 5, "home_sets": 0, "home_points": 40, "away_games": 2, "away_sets": 0, "away_points": 0},
            {"home_games": 6, "home_sets": 1, "home_points": 0, "away_games": 2, "away_sets": 0, "away_points": 0},
            {"game_won", "set_won"},
        ),
        ("volleyball", {"home_points": 24, "home_sets": 0}, {"home_points": 25, "home_sets": 0}, {"point"}),
        ("volleyball", {"home_points": 25, "home_sets": 0}, {"home_points": 0, "home_sets": 1}, {"set_won"}),
    ],
)
def test_a_change_of_the_score_claims_the_event_with_its_counter_and_increase(sport, before, after, expected):
    moments = found(Analysis(scoreboard=board(change(300, before, after))), sport)
    assert {m.event for m in moments if m.signal == "score" and m.weight > 0} == expected


def test_the_instant_is_between_the_shortest_and_the_longest_delay_before_the_change():
    (claim,) = changes(found(Analysis(scoreboard=board(*goals((300, 1, 0))))), "goal")
    assert claim.span == Span(299.8 - 60, 300 - 2)
    assert claim.span.holds(claim.peak_s)
    assert 10 < 300 - claim.peak_s < 30
    assert (claim.team, claim.score, claim.weight) == ("ELK", "1–0", 5)
    assert claim.because == "the score went from 0–0 to 1–0 on the graphic at 5:00"


@settings(deadline=None)
@given(
    st.sampled_from(["soccer", "basketball", "american_football", "handball"]),
    st.floats(0, 1),
    st.floats(2, 598),
    st.floats(0.1, 90),
)
def test_the_claim_contains_the_instant_at_any_delay_however_long_the_graphic_was_hidden(sport, share, instant_s, hidden_s):
    event = next(e for e in profile(sport).events if e.signals.score)
    least_s, most_s = event.signals.score.shown_after_s
    shown_s = instant_s + least_s + share * (most_s - least_s)
    grown = {"home": event.signals.score.by[0], "away": 0}
    seen = change(shown_s + hidden_s / 2, {"home": 0, "away": 0}, grown, hidden_s=hidden_s)
    moments = found(Analysis(scoreboard=Scoreboard(changes=(seen,))), sport, recording(900))
    (claim,) = changes(moments, event.name)
    assert claim.span.start_s <= instant_s + 0.001
    assert instant_s < claim.span.end_s + 0.001
    assert claim.span.holds(claim.peak_s)


def test_a_claim_of_a_change_at_the_start_or_end_stays_in_the_recording():
    moments = found(Analysis(scoreboard=board(*goals((0.5, 1, 0), (600, 1, 1)))))
    assert [m.span for m in changes(moments, "goal")] == [Span(0, 0.1), Span(539.8, 598)]


def test_a_change_that_was_hardly_readable_weighs_less():
    seen = change(300, {"home": 0, "away": 0}, {"home": 1, "away": 0}, confidence=0.5)
    (claim,) = changes(found(Analysis(scoreboard=board(seen))), "goal")
    assert claim.weight == 2.5


def test_several_goals_while_the_graphic_was_hidden_are_several_claims_with_the_scores_between():
    seen = change(300, {"home": 1, "away": 0}, {"home": 3, "away": 0}, hidden_s=120)
    claims = changes(found(Analysis(scoreboard=board(seen))), "goal")
    assert sorted((m.team, m.score) for m in claims) == [("ELK", "2–0"), ("ELK", "3–0")]
    assert {m.span for m in claims} == {Span(120, 298)}


def test_goals_of_both_sides_while_the_graphic_was_hidden_are_told_without_an_order():
    seen = change(300, {"home": 0, "away": 0}, {"home": 2, "away": 1}, hidden_s=120)
    claims = changes(found(Analysis(scoreboard=board(seen))), "goal")
    assert sorted((m.team, m.score) for m in claims) == [("ELK", "0–0 → 2–1"), ("ELK", "0–0 → 2–1"), ("JAY", "0–0 → 2–1")]
    assert all(m.because.endswith("the scores in between are unknown") for m in claims)


def test_more_runs_than_one_hit_allows_are_the_least_possible_number_of_events():
    seen = change(300, {"home": 0, "away": 0}, {"home": 6, "away": 0}, hidden_s=60)
    claims = changes(found(Analysis(scoreboard=board(seen)), "baseball"), "run")
    assert [m.score for m in claims] == ["0–0 → 6–0"] * 2


def test_a_counter_that_was_unknown_before_claims_nothing():
    seen = change(300, {"away": 0}, {"home": 1, "away": 0})
    assert not changes(found(Analysis(scoreboard=board(seen))), "goal")


def test_a_change_while_the_graphic_was_hidden_is_told_as_a_span_and_not_as_an_instant():
    seen = change(115.4, {"home": 0, "away": 0}, {"home": 1, "away": 0}, hidden_s=8.4)
    (claim,) = changes(found(Analysis(scoreboard=board(seen))), "goal")
    assert claim.because == "the score went from 0–0 to 1–0 while the graphic was hidden, between 1:47 and 1:55"


# disallowed goals


def test_a_disallowed_goal_is_contradicted_where_it_was_claimed():
    moments = found(Analysis(scoreboard=board(*goals((200, 1, 0), (290, 0, 0), (400, 0, 1)))))
    first, second = changes(moments, "goal")
    (back,) = [m for m in against(moments) if "taken back" in m.because]
    assert (back.span, back.weight < -5) == (first.span, True)
    assert back.because == "taken back at 4:50, when the score fell again"
    assert second.score == "0–1"


def test_a_goal_taken_back_while_the_graphic_was_hidden_is_told_with_the_span():
    back = change(290, {"home": 1, "away": 0}, {"home": 0, "away": 0}, hidden_s=20)
    moments = against(found(Analysis(scoreboard=board(*goals((200, 1, 0)), back))))
    assert "taken back between 4:30 and 4:50, when the score fell again" in [m.because for m in moments]


@pytest.mark.parametrize(
    "shown", [((200, 1, 0), (900, 0, 0)), ((200, 1, 0), (210, 2, 0), (290, 0, 0)), ((200, 0, 0), (210, 0, 1))]
)
def test_only_a_fall_by_the_same_step_soon_afterwards_disallows_a_goal(shown):
    moments = found(Analysis(scoreboard=board(*goals(*shown), until_s=1000)), match=recording(1000))
    assert not [m for m in moments if "taken back" in m.because]


def test_points_that_restart_disallow_nothing():
    points = [(100, 0, 15), (130, 15, 0), (160, 0, 15)]
    seen = [change(t, {"home_points": a, "away_points": 0}, {"home_points": b, "away_points": 0}) for t, a, b in points]
    moments = found(Analysis(scoreboard=board(*seen)), "tennis")
    assert not [m for m in moments if "taken back" in m.because]
    assert len(changes(moments, "point")) == 2


# unchanged scores


def test_an_unchanged_score_counts_against_every_instant_that_a_change_should_have_followed():
    moments = against(found(Analysis(scoreboard=board(*goals((300, 1, 0))))))
    assert [(m.span, m.weight) for m in moments] == [
        (Span(0, 239.8), -4.0),
        (Span(300, 540), -4.0),
        (Span(540, 600), -1.5),
    ]
    assert moments[0].because == "the score graphic told of no goal from 0:00 to 4:59"


def test_without_a_graphic_there_is_no_unchanged_score():
    assert not against(found(Analysis()))


def test_before_the_graphic_first_appears_there_is_no_unchanged_score():
    moments = against(found(Analysis(scoreboard=board(from_s=100))))
    assert moments[0].span.start_s == 100


def test_a_graphic_seen_for_less_than_the_longest_delay_counts_against_only_slightly():
    (little,) = against(found(Analysis(scoreboard=board(from_s=10, until_s=40)), match=recording(60)))
    assert (little.span, little.weight) == (Span(10, 60), -1.5)


def test_a_change_by_another_step_is_not_evidence_for_this_event():
    moments = found(Analysis(scoreboard=board(*goals((300, 1, 0)))), "american_football")
    assert not changes(moments, "touchdown")
    assert any(m.span.holds(295) and m.weight == -4 for m in against(moments, "touchdown"))


def test_an_increase_that_no_single_step_explains_is_ambiguous():
    moments = found(
        Analysis(scoreboard=board(change(300, {"home": 0, "away": 0}, {"home": 9, "away": 0}))), "american_football"
    )
    assert not changes(moments, "touchdown")
    assert not any(m.span.holds(290) for m in against(moments, "touchdown"))


# crowd


def test_a_roar_claims_the_instant_around_its_onset():
    (claim,) = of(found(Analysis(crowd=crowd(600, (300, 25)))), "goal", "crowd")
    assert claim.peak_s == pytest.approx(300, abs=1)
    assert claim.span == Span(claim.peak_s - 4, claim.peak_s + 4)
    assert claim.weight == 2.2
    assert "100% of a full roar" in claim.because


def test_a_short_roar_weighs_less_than_a_lasting_one():
    short, lasting = of(found(Analysis(crowd=crowd(600, (100, 5), (300, 25)))), "goal", "crowd")
    assert short.weight == pytest.approx(0.7 * lasting.weight)


def test_a_rare_roar_weighs_more_than_its_strength_and_less_than_a_full_roar():
    quiet = crowd(600, (300, 25))
    quiet = replace(quiet, values=tuple(0.79 * v for v in quiet.values))
    often = crowd(600, *((at_s, 25) for at_s in (60, 180, 300, 420)))
    often = replace(often, values=tuple(0.79 * v for v in often.values))
    (rare,) = of(found(Analysis(crowd=quiet)), "goal", "crowd")
    usual = of(found(Analysis(crowd=often)), "goal", "crowd")
    assert [claim.weight for claim in usual] == [pytest.approx(0.79 * 2.2, abs=0.01)] * 4
    assert usual[0].weight < rare.weight < 2
    assert "far above the others in this match" in rare.because
    assert "79% of a full roar" in rare.because
    assert not any("far above" in claim.because for claim in usual)


def test_a_roar_below_the_threshold_of_the_rule_claims_nothing():
    quiet = crowd(600, (300, 25))
    quiet = replace(quiet, values=tuple(0.55 * v for v in quiet.values))
    assert not of(found(Analysis(crowd=quiet)), "goal", "crowd")
    assert of(found(Analysis(crowd=quiet)), "save", "crowd")


def test_a_claim_of_a_roar_at_the_start_or_end_stays_in_the_recording():
    first, last = of(found(Analysis(crowd=crowd(600, (0, 20), (590, 10)))), "goal", "crowd")
    assert first.span.start_s == 0
    assert last.span.end_s <= 600


def test_a_roar_inside_a_replay_is_ignored():
    moments = found(Analysis(crowd=crowd(600, (300, 25)), replays=(replay(298, 310),)))
    assert not [m for m in moments if m.signal == "crowd"]


# replays and tones


def test_a_replay_is_evidence_for_an_instant_shortly_before_it():
    (claim,) = of(found(Analysis(replays=(replay(100, 108, 0.8),))), "goal", "replay")
    assert (claim.span, claim.peak_s, claim.weight) == (Span(40, 100), 100, 0.8)
    assert claim.because == "a replay followed at 1:40"


def test_a_second_angle_of_a_replay_adds_no_evidence():
    replays = (replay(100, 108), replay(108.4, 115), replay(140, 148))
    assert [m.peak_s for m in of(found(Analysis(replays=replays)), "goal", "replay")] == [100, 140]


def test_a_replay_at_the_start_of_a_recording_is_not_evidence():
    assert not of(found(Analysis(replays=(replay(0, 8),))), "goal", "replay")


def test_a_tone_is_evidence_for_an_instant_near_it_if_the_rule_asks_for_its_kind():
    tones = (tone("whistle", 100), tone("buzzer", 200))
    (whistle,) = of(found(Analysis(tones=tones)), "penalty_kick", "whistle")
    assert (whistle.span, whistle.peak_s, whistle.weight) == (Span(90, 111), 100, 0.5)
    basketball = found(Analysis(tones=tones), "basketball")
    assert [m.peak_s for m in of(basketball, "buzzer_beater", "buzzer")] == [200]
    assert not of(basketball, "buzzer_beater", "whistle")


def test_a_tone_at_the_very_end_stays_in_the_recording():
    (whistle,) = of(found(Analysis(tones=(tone("whistle", 599),))), "penalty_kick", "whistle")
    assert whistle.span == Span(589, 600)


# rallies


def test_a_rally_is_claimed_with_its_first_and_last_hit_and_a_long_one_as_long_too():
    short, long = Rally(Span(60, 66.25), 66, 5, 0.99), Rally(Span(90, 110.25), 110, 19, 1.0)
    moments = found(Analysis(rallies=Rallies((short, long))), "tennis")
    rallies = of(moments, "rally", "rally")
    assert [(m.span, m.peak_s) for m in rallies] == [(short.span, 66), (long.span, 110)]
    assert rallies[1].because == "19 hits were heard from 1:30 to 1:50"
    assert [m.peak_s for m in of(moments, "long_rally", "rally")] == [110]


def test_a_sport_without_rallies_claims_none():
    assert not found(Analysis(rallies=Rallies((Rally(Span(60, 66.25), 66, 5, 0.99),))), "soccer")


@pytest.mark.parametrize("duration_s", [0.04, 0.5, 5.0])
def test_recordings_of_any_length_are_searched_without_errors(duration_s):
    seen = change(duration_s, {"home": 0, "away": 0}, {"home": 1, "away": 0}, hidden_s=0.02)
    analysis = Analysis(
        crowd=crowd(5, (0, 5)),
        tones=(tone("whistle", 0),),
        scoreboard=board(seen, until_s=duration_s),
        replays=(replay(0, duration_s),),
    )
    for sport in ("soccer", "basketball", "cricket"):
        moments = signals.find(recording(duration_s), profile(sport), analysis)
        assert moments == sorted(moments, key=lambda m: (m.span, m.event, m.signal, -m.weight))
