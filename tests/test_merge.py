"""The merger: which moments become one event, which become none, and what each event reports."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.stand_in.events import board, change, crowd, goals, merged, named, profile, recording, replay, tone
from highlights.finders.evidence import PRIOR, SUPPORTS
from highlights.merge import Merged, merge
from highlights.records import Analysis, Event, Moment, Rallies, Rally, Scoreboard
from highlights.spans import Span

MATCH = recording()
DRAWN_MATCH = Analysis(
    crowd=crowd(600, (80, 24), (283, 24), (430, 24)),
    scoreboard=board(*goals((300, 1, 0), (450, 1, 1))),
    replays=(replay(315, 324), replay(324.4, 330), replay(465, 470)),
    tones=(tone("whistle", 284),),
)


def moment(peak_s: float, signal: str, weight: float, *, event: str = "goal", around_s: float = 4.0, **fields: str) -> Moment:
    span = Span(max(0.0, peak_s - around_s), peak_s + around_s)
    return Moment(event, span, peak_s, signal, weight, f"{signal} at {peak_s:g}", **fields)


def score(start_s: float, end_s: float, weight: float = 5.0, score_text: str = "1–0", event: str = "goal") -> Moment:
    """A claim of a score change."""
    return Moment(event, Span(start_s, end_s), (start_s + 2 * end_s) / 3, "score", weight, "it changed", "ELK", score_text)


def signals(event: Event) -> list[str]:
    return sorted(m.signal for m in event.evidence)


def merge_all(moments: list[Moment]) -> Merged:
    return merge(moments, profile("soccer"), MATCH, Scoreboard())


# what becomes an event


def test_score_crowd_and_replay_together_make_a_goal():
    result = merged(replace(DRAWN_MATCH, crowd=crowd(600, (283, 24)), scoreboard=board(*goals((300, 1, 0)))))
    (goal,) = result.events
    assert signals(goal) == ["crowd", "replay", "score"]
    assert goal.peak_s == pytest.approx(283, abs=1)
    assert goal.span == Span(goal.peak_s - 4, goal.peak_s + 4)
    assert (goal.team, goal.score, goal.confidence > 0.99) == ("ELK", "1–0", True)
    assert not result.near_misses


def test_the_confidence_is_the_logistic_of_the_prior_and_all_weights():
    (goal,) = merge_all([moment(100, "crowd", 2.0), moment(100, "replay", 1.0, around_s=30)]).events
    assert PRIOR == -2
    assert goal.confidence == 0.731
    (goal,) = merge_all([score(50, 110)]).events
    assert goal.confidence == 0.953


def test_the_crowd_alone_makes_a_goal_without_a_graphic():
    (goal,) = merged(Analysis(crowd=crowd(600, (283, 24)))).events
    assert (signals(goal), goal.score, goal.game_clock) == (["crowd"], "", "")


def test_the_crowd_alone_makes_no_goal_if_the_score_did_not_change():
    result = merged(Analysis(crowd=crowd(600, (283, 24)), scoreboard=board()))
    assert not result.events
    (missed,) = result.near_misses
    assert missed.why_not.startswith("the score graphic told of no goal from 0:00 to 10:00 (confidence 0.0")


def test_a_second_roar_before_one_change_is_a_near_miss_with_its_reason():
    analysis = Analysis(crowd=crowd(600, (255, 8), (283, 24)), scoreboard=board(*goals((300, 1, 0))))
    result = merged(analysis)
    assert [e.peak_s for e in result.events] == [pytest.approx(283, abs=1)]
    (missed,) = result.near_misses
    assert missed.peak_s == pytest.approx(255, abs=1)
    assert "the score went from 0–0 to 1–0 on the graphic at 5:00, but another instant fits that better" in missed.why_not


def test_a_score_change_without_other_evidence_is_an_event_as_long_as_its_uncertainty():
    (goal,) = merged(Analysis(scoreboard=board(*goals((300, 1, 0))))).events
    assert goal.span == Span(239.8, 298)
    assert goal.span.holds(goal.peak_s)


@settings(deadline=None)
@given(st.floats(0.5, 5), st.floats(8, 590))
def test_a_three_pointer_has_a_narrow_span_around_its_instant(delay_s, instant_s):
    seen = change(instant_s + delay_s, {"home": 3, "away": 2}, {"home": 6, "away": 2})
    (basket,) = merged(Analysis(scoreboard=board(seen)), "basketball").events
    assert (basket.name, basket.score) == ("three_pointer", "6–2")
    assert basket.span.start_s - 0.001 <= instant_s <= basket.span.end_s + 0.001
    assert basket.span.length_s < 6
    assert abs(basket.peak_s - instant_s) <= 3.1


def test_a_run_and_a_wicket_off_one_ball_and_a_four_off_the_next_are_three_events():
    balls = [
        {"runs": 8, "wickets": 0, "balls": 3},
        {"runs": 9, "wickets": 1, "balls": 4},
        {"runs": 13, "wickets": 1, "balls": 5},
    ]
    seen = [change(100.0 + 30 * i, a, b) for i, (a, b) in enumerate(pairwise(balls))]
    events = merged(Analysis(scoreboard=board(*seen)), "cricket").events
    assert [(e.name, e.score) for e in events] == [("wicket", "9/1 (0.4)"), ("four", "13/1 (0.5)")]


def test_a_touchdown_and_its_extra_point_are_one_event_each_and_the_second_roar_is_not_a_touchdown():
    seen = goals((110, 6, 0), (175, 7, 0))
    result = merged(Analysis(crowd=crowd(600, (100, 24), (170, 24)), scoreboard=board(*seen)), "american_football")
    assert [(e.name, e.score) for e in result.events] == [("touchdown", "6–0"), ("extra_point", "7–0")]
    assert [(e.name, round(e.peak_s)) for e in result.near_misses] == [("touchdown", 170)]


def test_the_point_that_wins_a_tennis_game_is_the_game():
    before = {"home_games": 2, "away_games": 2, "home_points": 40, "away_points": 15}
    after = {"home_games": 3, "away_games": 2, "home_points": 0, "away_points": 0}
    (game,) = merged(Analysis(scoreboard=board(change(200, before, after))), "tennis").events
    assert (game.name, game.score) == ("game_won", "3–2 0–0")


@pytest.mark.parametrize("sport", ["tennis", "badminton", "volleyball"])
def test_every_rally_is_an_event_whose_instant_is_the_last_hit(sport):
    heard = Rallies(tuple(Rally(Span(20 * n, 20 * n + 4 + n), 20 * n + 3.75 + n, 5, 0.96) for n in range(1, 9)))
    events = named(merged(Analysis(rallies=heard), sport).events, "rally")
    assert [(e.span, e.peak_s) for e in events] == [(r.span, r.last_s) for r in heard.found]


# how many


def test_two_goals_within_the_cool_down_stay_two_when_the_score_changed_twice():
    result = merged(Analysis(crowd=crowd(600, (280, 10), (297, 10)), scoreboard=board(*goals((292, 1, 0), (312, 2, 0)))))
    assert [(round(e.peak_s), e.score) for e in result.events] == [(280, "1–0"), (297, "2–0")]


def test_two_goals_within_one_longest_delay_keep_their_order_even_if_the_second_is_cheered_louder():
    analysis = Analysis(crowd=crowd(600, (270, 6), (300, 24)), scoreboard=board(*goals((312, 1, 0), (318, 1, 1))))
    assert [(round(e.peak_s), e.score) for e in merged(analysis).events] == [(270, "1–0"), (300, "1–1")]


def test_a_roar_that_two_changes_could_claim_is_left_to_the_one_that_has_no_other():
    moments = [score(50, 100), score(90, 140, score_text="2–0"), moment(60, "crowd", 1.5), moment(95, "crowd", 2.2)]
    events = merge_all(moments).events
    assert [(e.peak_s, e.score) for e in events] == [(60, "1–0"), (95, "2–0")]


def test_goals_scored_while_the_graphic_was_hidden_are_separated_by_their_roars():
    seen = change(300, {"home": 0, "away": 0}, {"home": 2, "away": 0}, hidden_s=120)
    analysis = Analysis(crowd=crowd(600, (200, 24), (260, 24)), scoreboard=board(seen))
    assert [(round(e.peak_s), e.score) for e in merged(analysis).events] == [(200, "1–0"), (260, "2–0")]


def test_of_two_roars_within_the_cool_down_the_more_confident_is_the_goal():
    result = merge_all([moment(100, "crowd", 2.1), moment(115, "crowd", 2.2), moment(200, "crowd", 2.05)])
    assert [e.peak_s for e in result.events] == [115, 200]
    assert [e.why_not for e in result.near_misses] == ["within 30 s of a surer one at 1:55"]


@pytest.mark.parametrize("graphic", [Scoreboard(), board(*goals((300, 1, 0)))])
def test_replays_never_make_a_second_goal(graphic):
    again = crowd(600, (283, 24), (316, 8))
    analysis = Analysis(crowd=again, scoreboard=graphic, replays=(replay(315, 324), replay(324.4, 330), replay(345, 352)))
    assert len(merged(analysis).events) == 1


def test_a_disallowed_goal_is_a_near_miss_with_the_time_of_the_decision():
    result = merged(Analysis(crowd=crowd(600, (183, 24)), scoreboard=board(*goals((200, 1, 0), (290, 0, 0)))))
    assert not result.events
    (missed,) = result.near_misses
    assert signals(missed) == ["crowd", "score", "score"]
    assert missed.why_not.startswith("taken back at 4:50, when the score fell again (confidence 0.0")


def test_a_disallowed_goal_does_not_affect_the_next_one():
    result = merged(Analysis(scoreboard=board(*goals((200, 1, 0), (290, 0, 0), (330, 0, 1)))))
    assert [e.score for e in result.events] == ["0–1"]


# evidence


def test_moments_of_several_signals_at_one_instant_are_one_event_placed_by_the_strongest():
    moments = [moment(100, "crowd", 1.2), moment(102, "a model", 2.5, around_s=3), moment(102.5, "a model", 2.0, around_s=3)]
    (goal,) = merge_all(moments).events
    assert [(m.signal, m.weight) for m in goal.evidence] == [("a model", 2.5), ("crowd", 1.2)]
    assert (goal.span, goal.peak_s) == (Span(99, 105), 102)


def test_each_signal_counts_once_and_only_the_first_of_several_replays():
    whistles = [moment(at_s, "whistle", 0.5, around_s=10) for at_s in (97, 101, 104)]
    replays = [Moment("goal", Span(at_s - 60, at_s), at_s, "replay", at_s / 1000, "") for at_s in (120, 140)]
    (goal,) = merge_all([moment(100, "crowd", 2.2), *whistles, *replays]).events
    assert [(m.signal, m.peak_s) for m in goal.evidence] == [("crowd", 100), ("whistle", 101), ("replay", 120)]


def test_evidence_against_an_event_is_kept_with_it():
    (missed,) = merge_all([moment(100, "crowd", 2.2), moment(101, "a model", -3.0)]).near_misses
    assert [m.weight for m in missed.evidence] == [2.2, -3.0]
    assert missed.why_not == "a model at 101 (confidence 0.06, needed 0.50)"


def test_a_near_miss_with_too_little_evidence_gives_that_reason():
    (missed,) = merge_all([moment(100, "crowd", 1.0)]).near_misses
    assert missed.why_not == "too little speaks for it (confidence 0.27, needed 0.50)"


def test_a_score_change_is_not_contradicted_by_the_unchanged_score_before_it():
    stood = Moment("goal", Span(0, 90), 45, "score", -4, "it stood")
    (goal,) = merge_all([score(50, 110), moment(80, "crowd", 2.0), stood]).events
    assert all(m.weight > 0 for m in goal.evidence)


def test_a_crowd_that_cheers_everything_is_only_supporting_evidence():
    result = merged(Analysis(crowd=crowd(600, (100, 24), (283, 24)), replays=(replay(110, 115),)), "basketball")
    assert (result.events, result.near_misses) == ((), ())


# lengths


def test_a_long_claim_is_cut_around_its_instant_and_a_short_one_is_lengthened():
    (long,) = merge_all([moment(100, "a model", 5, around_s=30)]).events
    assert long.span == Span(94, 106)
    (short,) = merge_all([moment(100, "a model", 5, around_s=0.2)]).events
    assert short.span == Span(99, 101)


@pytest.mark.parametrize(("start_s", "expected"), [(0, Span(0, 2)), (599.8, Span(598, 600))])
def test_a_claim_at_an_end_of_the_recording_is_lengthened_inward(start_s, expected):
    (short,) = merge_all([Moment("goal", Span(start_s, start_s + 0.1), start_s, "a model", 5, "")]).events
    assert short.span == expected


# the score graphic at the instant


def test_events_carry_game_clock_period_and_score():
    first, second = merged(DRAWN_MATCH).events
    assert (first.game_clock, first.period, first.score, first.team) == ("64:43", "2ND", "1–0", "ELK")
    assert (second.game_clock, second.period, second.score, second.team) == ("67:10", "2ND", "1–1", "JAY")


def test_an_event_without_a_score_change_carries_the_current_score():
    (missed,) = [m for m in merged(DRAWN_MATCH).near_misses if m.name == "goal"]
    assert (missed.score, missed.period) == ("0–0", "2ND")


# properties


names = st.sampled_from(["goal", "save", "penalty_kick", "unknown"])
any_moment = st.builds(
    lambda name, at_s, half_s, signal, weight: Moment(
        name, Span(max(0, at_s - half_s), at_s + half_s), at_s, signal, weight, f"{signal} {at_s}"
    ),
    names,
    st.integers(0, 599).map(float),
    st.integers(1, 40),
    st.sampled_from(["score", "crowd", "a model", *SUPPORTS]),
    st.integers(-50, 50).map(lambda w: w / 10),
)


@settings(deadline=None)
@given(st.lists(any_moment.filter(lambda m: m.weight <= 0 or m.signal in SUPPORTS), max_size=20))
def test_without_a_claim_there_is_no_event(moments):
    result = merge_all(moments)
    assert (result.events, result.near_misses) == ((), ())


def test_the_choice_between_two_equally_near_moments_does_not_depend_on_their_order():
    moments = [moment(100, "crowd", 2.2), *(moment(at_s, "whistle", 0.5, around_s=10) for at_s in (97, 103))]
    assert merge_all(moments) == merge_all(moments[::-1])


@settings(deadline=None)
@given(st.lists(any_moment, max_size=20), st.randoms(use_true_random=False))
def test_the_order_of_the_moments_does_not_matter(moments, chance: random.Random):
    shuffled = moments[:]
    chance.shuffle(shuffled)
    assert merge_all(moments) == merge_all(shuffled)


@settings(deadline=None)
@given(st.lists(any_moment, max_size=20))
def test_every_event_has_a_claim_and_enough_confidence_and_is_in_the_recording(moments):
    result = merge_all(moments)
    assert list(result.events) == sorted(result.events, key=lambda e: (e.peak_s, e.name, e.score))
    for event in (*result.events, *result.near_misses):
        rule = profile("soccer").event(event.name)
        assert any(m.weight > 0 and m.signal not in SUPPORTS for m in event.evidence)
        assert (event.confidence >= rule.threshold) == (event in result.events) or "within" in event.why_not
        assert bool(event.why_not) == (event in result.near_misses)
        assert set(event.evidence) <= {
            *moments,
            *(m for m in event.evidence if "another instant" in m.because or "last word" in m.because),
        }


@settings(deadline=None)
@given(st.lists(any_moment, max_size=20))
def test_every_claimed_change_of_the_score_is_one_event_or_near_miss(moments):
    result = merge_all(moments)
    for name in ("goal", "save"):
        claimed = sorted(m.because for m in moments if m.event == name and m.signal == "score" and m.weight > 0)
        counted = [
            m.because
            for e in named([*result.events, *result.near_misses], name)
            for m in e.evidence
            if m.weight > 0 and m.signal == "score"
        ]
        assert sorted(counted) == claimed


# a model beside the signals


def model(peak_s: float, weights: dict[str, float], around_s: float = 3.0) -> list[Moment]:
    """A model's answers about one span, one moment each."""
    return [moment(peak_s, signal, weight, around_s=around_s) for signal, weight in weights.items()]


BELIEVED = {"marlin": -1.5, "marlin_check": 5.0, "marlin_again": 2.0}
DENIED = {"marlin": -1.5, "marlin_check": -5.0, "marlin_again": 2.0}


def test_all_answers_of_a_model_about_one_span_are_one_claim():
    (goal,) = merge_all(model(100, BELIEVED)).events
    assert (goal.confidence, goal.span) == (0.971, Span(97, 103))
    (missed,) = merge_all(model(100, DENIED)).near_misses
    assert missed.why_not == "marlin_check at 100 (confidence 0.00, needed 0.50)"


def test_the_score_confirms_an_event_and_a_model_locates_it():
    (goal,) = merge_all([score(50, 110), *model(81, BELIEVED)]).events
    assert (goal.span, goal.peak_s, goal.score) == (Span(78, 84), 81, "1–0")
    assert goal.confidence > 0.99


def test_a_no_from_a_model_does_not_overrule_a_score_change():
    (goal,) = merge_all([score(50, 110), *model(80, DENIED), moment(70, "marlin_check", -5, around_s=40)]).events
    assert goal.confidence == 0.953


def test_a_model_does_not_overrule_an_unchanged_score():
    stood = Moment("goal", Span(0, 600), 300, "score", -4, "it stood")
    (missed,) = merge_all([stood, *model(100, BELIEVED), moment(100, "crowd", 2.2)]).near_misses
    assert missed.confidence == 0.022
    assert any("the score has the last word" in m.because for m in missed.evidence)


def test_a_model_locates_an_event_that_a_roar_claims_too():
    (goal,) = merge_all([moment(103.5, "crowd", 2.2), *model(100, BELIEVED, around_s=1.5)]).events
    assert (goal.span, goal.peak_s, "crowd" in signals(goal)) == (Span(98.5, 101.5), 100, True)


def test_a_no_from_a_model_counts_against_a_roar():
    (missed,) = merge_all([moment(100, "crowd", 2.2), moment(100, "marlin_check", -1.7)]).near_misses
    assert missed.why_not.startswith("marlin_check at 100")


def test_an_answer_about_a_claim_counts_before_one_about_a_claim_nearby():
    denied_nearby = [moment(98, "marlin", -1.5, around_s=5), moment(98, "marlin_check", -5, around_s=5)]
    (goal,) = merge_all([*model(100, BELIEVED), *denied_nearby]).events
    assert goal.confidence == 0.971


def test_the_answers_of_two_models_both_count():
    (goal,) = merge_all([*model(100, BELIEVED), moment(101, "molmo2_count", 0.8)]).events
    assert "molmo2_count" in signals(goal)
    (goal,) = merge_all([*model(100, BELIEVED), moment(101, "molmo2_count", -1.5)]).events
    assert goal.confidence == 0.881
