"""Timelines: how events become clips, in one file and in two, near cuts and replays, at any duration."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.stand_in.events import board, event, profile, recording, replay, scenes
from highlights.records import Analysis, Clip, Event, Recording, Timeline
from highlights.spans import Span
from highlights.timeline import SHORTEST_S, TimelineOptions, build

UNCUT = Analysis(scenes())
SOCCER = profile("soccer")  # a goal: 8 s before, 12 s after; a save or shot: 6 s before, 5 s after


def timeline(
    *events: Event,
    match: Recording | None = None,
    analysis: Analysis = UNCUT,
    near_misses: tuple[Event, ...] = (),
    **options: object,
) -> Timeline:
    choices = TimelineOptions(**options)  # type: ignore[arg-type]
    return build(match or recording(), SOCCER, events, near_misses, analysis, choices)


def spans(made: Timeline) -> list[Span]:
    return [clip.span for clip in made.clips]


# rolls, cuts


def test_a_clip_is_its_event_with_the_rolls_of_its_rule():
    assert spans(timeline(event(100))) == [Span(88, 116)]


def test_an_event_without_a_rule_in_the_profile_gets_no_rolls():
    assert spans(timeline(replace(event(100), name="streaker"))) == [Span(96, 104)]


def test_edges_snap_to_near_cuts():
    assert spans(timeline(event(100), analysis=Analysis(scenes(86.5, 89, 114.2, 117)))) == [Span(89, 117)]


def test_edges_stay_if_no_cut_is_near():
    assert spans(timeline(event(100), analysis=Analysis(scenes(85.9, 90.1, 113.9, 118.1)))) == [Span(88, 116)]


def test_an_edge_never_snaps_to_a_cut_inside_the_event():
    long = event(100, around_s=12)
    no_rolls = replace(SOCCER, events=tuple(replace(rule, pre_roll_s=0, post_roll_s=0) for rule in SOCCER.events))
    analysis = Analysis(scenes(89, 111))
    made = build(recording(), no_rolls, [long], (), analysis)
    assert spans(made) == [Span(88, 112)]


@pytest.mark.parametrize(("peak_s", "expected"), [(0.5, Span(0, 16.5)), (2, Span(0, 18)), (599.9, Span(587.9, 600))])
def test_a_clip_at_an_end_of_the_recording_ends_there(peak_s, expected):
    assert spans(timeline(event(peak_s, span=Span(max(0, peak_s - 4), min(600, peak_s + 4))))) == [expected]


def test_a_clip_stays_in_the_file_that_contains_its_instant():
    match = recording(300, 300)
    before, after = timeline(event(298), match=match).clips + timeline(event(302), match=match).clips
    assert (before.span, before.part) == (Span(286, 300), 0)
    assert (after.span, after.part) == (Span(300, 318), 1)


def test_clips_that_touch_at_the_border_of_two_files_stay_separate():
    made = timeline(event(296), event(303), match=recording(300, 300))
    assert [(c.span, c.part, c.events) for c in made.clips] == [(Span(284, 300), 0, (0,)), (Span(300, 319), 1, (1,))]


# words


@pytest.mark.parametrize(
    ("fields", "teams", "subtitle"),
    [
        ({"game_clock": "68:03", "score": "1–1"}, ("ELK", "JAY"), "68:03 · ELK 1–1 JAY"),
        ({"game_clock": "68:03", "score": "1–1"}, ("", ""), "68:03 · 1–1"),
        ({"game_clock": "68:03", "score": "1–1", "team": "ELK"}, ("ELK", "JAY"), "68:03 · ELK 1–1 JAY"),
        (
            {"game_clock": "68:03", "score": "1–1", "team": "ELK", "player": "Moe"},
            ("ELK", "JAY"),
            "Moe, ELK · 68:03 · ELK 1–1 JAY",
        ),
        ({"game_clock": "68:03", "team": "ELK"}, ("ELK", "JAY"), "ELK · 68:03"),
        ({"game_clock": "68:03", "team": "home"}, ("", ""), "68:03"),
        ({"game_clock": "", "score": "128/3 (15.2)"}, ("", ""), "128/3 (15.2)"),
        ({"game_clock": "9:59", "score": ""}, ("PHX", "LAL"), "9:59"),
        ({}, ("ELK", "JAY"), ""),
    ],
)
def test_a_clip_is_titled_with_team_game_clock_and_score(fields, teams, subtitle):
    (clip,) = timeline(event(100, **fields), analysis=Analysis(scenes(), scoreboard=board(teams=teams))).clips
    assert (clip.title, clip.subtitle) == ("Goal", subtitle)


# overlaps


def test_overlapping_events_become_one_clip_named_after_all_with_the_details_of_the_best():
    shot, goal, again = event(94, "shot", game_clock="1:34"), event(100, game_clock="1:40"), event(118, game_clock="1:58")
    (clip,) = timeline(shot, goal, again).clips
    assert clip == Clip(Span(84, 134), (0, 1, 2), "Shot + Goal", "1:40")


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 590), st.sampled_from(["goal", "save", "shot"]), st.integers(1, 30)), max_size=8),
    st.lists(st.integers(1, 599), max_size=12, unique=True),
    st.lists(st.tuples(st.integers(0, 590), st.integers(2, 12)), max_size=5),
    st.booleans(),
    st.sampled_from([(600.0,), (300.0, 300.0), (40.0, 560.0)]),
)
def test_clips_never_overlap_never_leave_their_file_and_show_all_of_every_event_in_it(found, cuts, shown_again, replays, files):
    match = recording(*files)
    events = [event(t, name, span=Span(max(0, t - around), min(600, t + around))) for t, name, around in sorted(found)]
    again = tuple(replay(start, min(600, start + length)) for start, length in sorted(shown_again))
    analysis = Analysis(scenes(*sorted(cuts)), replays=again)
    made = timeline(*events, match=match, analysis=analysis, replays=replays)
    assert list(made.clips) == sorted(made.clips, key=lambda c: c.span)
    assert all(not a.span.overlap_s(b.span) for a, b in pairwise(made.clips))
    for clip in made.clips:
        assert clip.span.clamp(match.parts[clip.part].span) == clip.span
    for number, one in enumerate(events):
        (clip,) = [c for c in made.clips if number in c.events and not c.replay]
        in_file = one.span.clamp(match.parts[match.part_at(one.peak_s)].span)
        assert in_file is not None
        assert in_file.clamp(clip.span) == in_file


# replays

SHOWN_TWICE = Analysis(scenes(110, 118, 118.4, 126), replays=(replay(110, 118), replay(118.4, 126)))


def test_a_clip_ends_where_a_replay_begins_and_begins_where_one_ends():
    assert spans(timeline(event(100), analysis=SHOWN_TWICE)) == [Span(88, 110)]
    assert spans(timeline(event(134), analysis=SHOWN_TWICE)) == [Span(126, 150)]


def test_replays_are_shown_on_request_named_after_the_last_event_before_them():
    made = timeline(event(60, "save"), event(100), analysis=SHOWN_TWICE, replays=True)
    assert [(c.span, c.events, c.title, c.replay) for c in made.clips][1:] == [
        (Span(88, 110), (1,), "Goal", False),
        (Span(110, 126), (1,), "Goal, replay", True),
    ]


def test_a_replay_without_an_event_before_it_is_not_shown():
    assert spans(timeline(event(300), event(20), analysis=SHOWN_TWICE, replays=True)) == [Span(8, 36), Span(288, 316)]


def test_a_replay_that_overlaps_an_event_is_shortened():
    made = timeline(event(100), event(128), analysis=SHOWN_TWICE, replays=True)
    assert [(c.span, c.replay) for c in made.clips] == [(Span(88, 110), False), (Span(110, 118), True), (Span(118, 144), False)]


# order and length

GOAL, SURER, SAVE, SHOT = event(100), event(200, confidence=0.99), event(300, "save"), event(400, "shot")


def test_ranked_clips_are_ordered_by_priority_then_confidence_then_time():
    made = timeline(SHOT, GOAL, SAVE, SURER, event(500), order="ranked")
    assert [c.events for c in made.clips] == [(3,), (1,), (4,), (2,), (0,)]


def test_ranked_replays_follow_their_event():
    made = timeline(GOAL, SURER, analysis=SHOWN_TWICE, replays=True, order="ranked")
    assert [(c.events, c.replay) for c in made.clips] == [((1,), False), ((0,), False), ((0,), True)]


def test_the_best_events_fill_the_target_length_in_the_order_of_the_match():
    made = timeline(GOAL, SURER, SAVE, SHOT, target_s=52)
    assert [c.events for c in made.clips] == [(0,), (1,), (2,)]


def test_an_event_that_does_not_fit_is_replaced_by_a_lesser_one_that_does():
    long = event(100, around_s=20)
    made = timeline(long, SURER, SAVE, target_s=50)
    assert [c.events for c in made.clips] == [(1,), (2,)]


def test_rolls_are_shortened_before_an_event_is_left_out():
    made = timeline(GOAL, SURER, target_s=50)
    assert [c.events for c in made.clips] == [(0,), (1,)]
    assert sum(c.span.length_s for c in made.clips) == pytest.approx(50, abs=0.01)
    assert all(
        c.span.start_s <= e.span.start_s - 4 and c.span.end_s >= e.span.end_s + 6
        for c, e in zip(made.clips, made.events, strict=True)
    )


def test_a_clip_trimmed_by_hand_is_never_shortened():
    by_hand = event(100, shown=Span(90, 118))
    made = timeline(by_hand, SURER, target_s=50)
    assert spans(made)[0] == Span(90, 118)
    assert spans(made)[1].length_s == pytest.approx(22, abs=0.01)


def test_cards_and_other_extras_count_towards_the_target_length():
    made = timeline(GOAL, SURER, target_s=60, around_s=5, beside_s=2.5)
    assert sum(c.span.length_s for c in made.clips) == pytest.approx(50, abs=0.01)


def test_longer_rolls_lengthen_the_clips():
    assert spans(timeline(event(100), rolls=2.0)) == [Span(80, 128)]


def test_the_best_clip_is_shortened_around_its_instant_when_nothing_fits():
    (clip,) = timeline(GOAL, SURER, SAVE, target_s=10.0004).clips
    assert clip.events == (1,)
    assert clip.span == Span(194, 204)


def test_replays_are_added_only_when_all_events_fit_and_only_with_their_event():
    late = event(500)
    assert not any(c.replay for c in timeline(GOAL, late, analysis=SHOWN_TWICE, replays=True, target_s=60).clips)
    assert any(c.replay for c in timeline(GOAL, late, analysis=SHOWN_TWICE, replays=True, target_s=90).clips)
    assert spans(timeline(GOAL, SURER, analysis=SHOWN_TWICE, replays=True, target_s=30)) == [Span(188, 216)]


def test_a_target_too_short_for_any_clip_gives_no_clips():
    assert not timeline(GOAL, target_s=SHORTEST_S / 2).clips


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 590), st.sampled_from(["goal", "save", "shot"])), min_size=1, max_size=8),
    st.floats(SHORTEST_S, 200),
    st.booleans(),
    st.sampled_from(["chronological", "ranked"]),
)
def test_a_reel_is_never_longer_than_requested_and_has_the_best_event(found, target_s, replays, order):
    events = [event(round(t, 3), name, span=Span(max(0, t - 3), min(600, t + 3))) for t, name in sorted(found)]
    made = timeline(*events, analysis=SHOWN_TWICE, target_s=target_s, replays=replays, order=order)
    assert sum(c.span.length_s for c in made.clips) <= target_s + 1e-6
    best = min(range(len(events)), key=lambda i: (-events[i].priority, events[i].peak_s))
    (clip,) = [c for c in made.clips if best in c.events and not c.replay]
    assert clip.span.start_s <= events[best].peak_s <= clip.span.end_s


def test_without_events_there_are_no_clips():
    made = timeline(analysis=SHOWN_TWICE, replays=True, target_s=60, near_misses=(SHOT,))
    assert (made.clips, made.events, made.near_misses) == ((), (), (SHOT,))


# rallies, and a match without its dead time


TENNIS = profile("tennis")


def rally(start_s: float, end_s: float) -> Event:
    return Event("rally", "Rally", Span(start_s, end_s), end_s - 0.25, 0.87, ())


def point(peak_s: float, title: str = "Point") -> Event:
    return Event(title.lower(), title, Span(peak_s - 6, peak_s + 2), peak_s, 0.95, (), priority=1, score="0–0 15–0")


def condensed(*events: Event, **options: object) -> Timeline:
    return build(recording(), TENNIS, events, (), UNCUT, TimelineOptions(condense=True, **options))  # type: ignore[arg-type]


def test_a_reel_shows_no_rally_unless_a_person_wants_it():
    events = [rally(100, 110), replace(rally(200, 210), status="accepted"), replace(rally(300, 310), shown=Span(295, 320))]
    assert [clip.events for clip in build(recording(), TENNIS, events, (), UNCUT).clips] == [(1,), (2,)]


def test_a_condensed_match_is_all_rallies_with_small_margins():
    assert spans(condensed(rally(100, 110), rally(130, 134), rally(150, 175))) == [
        *(Span(98, 111.5), Span(128, 135.5), Span(148, 176.5))
    ]


def test_a_point_adds_nothing_to_the_rally_that_led_to_it_but_its_name_and_score():
    (clip,) = condensed(rally(100, 110), point(111)).clips
    assert clip.span == Span(98, 111.5)
    assert (clip.title, clip.subtitle) == ("Rally + Point", "0–0 15–0")
    assert set(clip.events) == {0, 1}


def test_a_point_whose_rally_was_not_heard_is_shown_with_its_own_rolls():
    made = condensed(rally(100, 110), point(140))
    assert spans(made) == [Span(98, 111.5), Span(126, 145)]


def test_without_rallies_there_is_nothing_to_condense():
    assert not condensed(point(140)).clips


def test_a_condensed_match_has_its_longest_say_within_a_target_length():
    made = condensed(*(rally(20 * n, 20 * n + 8) for n in range(1, 20)), target_s=60)
    assert 40 <= sum(clip.span.length_s for clip in made.clips) <= 60
