"""A report in a timeline: what is found, added, in doubt, or against the score graphic."""

from __future__ import annotations

from dataclasses import replace

import pytest

from highlights import decisions, match_report
from highlights.decisions import EventRef
from highlights.match_report import Anchors, KickOff
from highlights.moments import offered
from highlights.profile import load
from highlights.spans import Span
from tests.match_report.games import board, crowd, half_with_goals, only, take, timeline

GOALS = "16' Goal Smith (Rovers)\n22' Goal Brown (Town)"


def test_a_found_goal_gets_the_player_and_the_support_of_its_line_and_stays_one() -> None:
    game = half_with_goals()
    applied = take(game, "16' Goal Smith (HOME)\n22' Goal Brown (JAY)")
    assert [line.state for line in applied.lines] == ["matched", "matched"]
    assert [(e.player, e.team) for e in applied.timeline.events] == [("Smith", "ELK"), ("Brown", "JAY")]
    for before, after in zip(game.events, applied.timeline.events, strict=True):
        assert (after.span, after.peak_s, after.score) == (before.span, before.peak_s, before.score)
        assert after.confidence > before.confidence
        assert {m.signal for m in after.evidence} - {m.signal for m in before.evidence} == {"report"}
    assert applied.notes == ()


def test_the_minute_may_be_one_off_where_nothing_else_fits_and_that_is_told() -> None:
    line = only(half_with_goals(), "15' Goal Smith (HOME)\n".strip())
    assert line.state == "matched"
    off = only(half_with_goals(), "21' Goal Brown (JAY)")
    assert (off.state, off.reason) == ("matched", "at 21:30, 30 s outside the time in the report")


def test_a_goal_of_the_other_side_contradicts_the_graphic_and_is_no_event() -> None:
    game = half_with_goals()
    applied = take(game, "16' Goal Smith (away)")
    [line] = applied.lines
    assert (line.state, line.reason) == ("contradicts", "that goal is for ELK on the graphic, at 5:00")
    assert applied.timeline.events == game.events
    [miss] = applied.timeline.near_misses
    assert miss.why_not == line.reason


def test_a_goal_where_the_score_stayed_is_a_near_miss_with_both_sides_of_the_evidence() -> None:
    applied = take(half_with_goals(), "25' Goal Kane")
    [line] = applied.lines
    assert (line.state, line.reason) == ("contradicts", "the score was 1–1 at 14:00 and still at 16:00")
    [miss] = applied.timeline.near_misses
    assert [(m.signal, m.weight) for m in miss.evidence] == [("report", 4.0), ("score", -4.0)]
    assert miss.confidence < 0.2
    assert len(applied.timeline.events) == 2


def test_a_second_goal_at_one_change_of_the_score_contradicts_it() -> None:
    applied = take(half_with_goals(), "16' Goal Smith (HOME)\n16' Goal Jones (HOME)")
    assert [line.state for line in applied.lines] == ["matched", "contradicts"]
    assert "no change of it is left" in applied.lines[1].reason


def test_a_goal_after_the_graphic_was_last_read_is_in_doubt_not_added() -> None:
    goal = only(half_with_goals(), "30' Goal Kane")
    assert (goal.state, goal.reason) == (
        "doubtful",
        "the graphic showed no change of the score for it by 20:00, when it was last read",
    )


def test_a_change_of_the_score_that_no_line_tells_of_is_listed() -> None:
    applied = take(half_with_goals(), "16' Goal Smith (HOME)")
    assert applied.notes == ("Goal 1–1 at 11:30 (21:30): the score changed, but no line of the report tells of it",)


def test_a_final_score_that_differs_is_listed() -> None:
    [note] = take(half_with_goals(), "FT 2-1").notes
    assert "2–1 in the report, 1–1 on the graphic at 20:00" in note
    assert not take(half_with_goals(), "FT 1-1").notes


def test_names_of_teams_are_learned_from_the_goals_and_the_result() -> None:
    for report in (GOALS, f"Rovers 1-1 Town\n{GOALS}"):
        applied = take(half_with_goals(), report)
        assert [event.player for event in applied.timeline.events] == ["Smith", "Brown"]
        assert not applied.notes


def test_a_graphic_that_shows_the_away_team_first_is_noticed_by_two_goals_not_by_one() -> None:
    applied = take(half_with_goals(), "16' Goal Smith (away)\n22' Goal Brown (home)")
    assert [event.player for event in applied.timeline.events] == ["Smith", "Brown"]
    assert applied.notes == ("the score graphic shows the away team first, by the goals",)


def test_an_own_goal_is_matched_whichever_side_it_is_written_for() -> None:
    for side in ("HOME", "AWAY"):
        assert only(half_with_goals(), f"16' Own goal Smith ({side})").state == "matched"


def test_the_score_after_a_goal_finds_it_though_its_minute_is_wrong() -> None:
    line = only(half_with_goals(), "24' Goal 1-1 Brown")
    assert (line.state, line.at_s) == ("matched", 690)


def test_a_save_is_placed_at_the_one_roar_of_its_minute() -> None:
    [event] = take(replace(half_with_goals(), events=()), "16' Save Smith").timeline.events
    assert event.peak_s == pytest.approx(300, abs=5)
    assert event.doubt is None
    assert {m.signal for m in event.evidence} == {"report", "crowd"}


def test_two_roars_in_a_minute_do_not_say_where_it_was() -> None:
    game = half_with_goals()
    loud = replace(game, events=(), analysis=replace(game.analysis, crowd=crowd(1200, [245, 280])))
    [event] = take(loud, "15' Save Miller").timeline.events
    assert event.doubt == event.span


def test_an_unknown_kind_is_an_event_with_its_own_title() -> None:
    applied = take(half_with_goals(), "12' Streaker on the pitch")
    [event] = [e for e in applied.timeline.events if e.name != "goal"]
    assert (event.name, event.title) == ("streaker_on_the_pitch", "Streaker on the pitch")
    assert event.confidence == pytest.approx(0.88, abs=0.01)


def test_what_a_person_rejected_is_not_brought_back() -> None:
    game = decisions.reject(half_with_goals(), EventRef("events", 0))
    applied = take(game, "16' Goal Smith (HOME)")
    [line] = applied.lines
    assert (line.state, line.reason) == ("contradicts", "it was rejected by hand")
    assert applied.timeline.events == game.events


def test_a_line_twice_is_counted_once() -> None:
    applied = take(half_with_goals(), "12' Corner Smith\n12' Corner Smith")
    assert [line.state for line in applied.lines] == ["added", "doubtful"]
    assert len(applied.timeline.events) == 3


def test_events_of_a_report_take_the_place_of_moments() -> None:
    game = timeline(1200, board(1200, [(0, 600, "")]))
    moments = replace(game, events=offered(game.recording, game.analysis))
    assert moments.only_moments
    assert [e.name for e in take(moments, "12' Corner").timeline.events] == ["corner"]
    assert take(moments, "99' Corner").timeline is moments


def test_taking_a_report_twice_changes_only_the_evidence() -> None:
    once = take(half_with_goals(), "16' Goal Smith (HOME)\n12' Corner").timeline
    twice = take(once, "16' Goal Smith (HOME)\n12' Corner")
    assert [line.state for line in twice.lines] == ["matched", "matched"]
    assert [(e.name, e.peak_s, e.confidence) for e in twice.timeline.events] == [
        (e.name, e.peak_s, e.confidence) for e in once.events
    ]


def test_what_is_told_is_short_and_names_file_and_line(tmp_path) -> None:
    report = tmp_path / "report.txt"
    report.write_text("16' Goal Smith (HOME)\n25' Goal Kane\nhello\n" + "".join(f"{n}' Corner\n" for n in range(60, 90)))
    game, profile = half_with_goals(), load("soccer")
    applied = match_report.take_over(game, profile, match_report.GivenReport(report))
    told = match_report.told(applied, report)
    assert told[0] == "report.txt: 1 found before, 30 in doubt, 1 against the score graphic, 1 not understood"
    assert told[1] == "report.txt:2: 25' Goal Kane: the score was 1–1 at 14:00 and still at 16:00"
    assert told[-1] == "report.txt: and 21 more"
    assert len(told) == 14


def test_a_goal_without_a_score_on_a_graphic_is_found_by_the_crowd_and_the_kick_off() -> None:
    game = timeline(1200, roars=[300])
    [event] = take(game, "16' Goal Smith (HOME)", Anchors(kick_offs=(KickOff(1, -600.0),))).timeline.events
    assert (event.peak_s, event.player, event.team) == (game.near_misses[0].peak_s, "Smith", "home")
    bare = replace(game, near_misses=())
    [line] = take(bare, "16' Goal Smith (HOME)", Anchors(kick_offs=(KickOff(1, -600.0),))).lines
    assert (line.state, line.reason) == ("added", "at 5:00, where the crowd roared")


def test_near_misses_of_a_report_are_not_repeated_or_promoted_when_it_is_taken_again() -> None:
    report = "25' Goal Kane\n30' Corner"
    once = take(half_with_goals(), report)
    assert [line.state for line in once.lines] == ["contradicts", "added"]
    twice = take(once.timeline, report)
    assert twice.timeline.near_misses == once.timeline.near_misses


def test_a_roar_that_the_score_ruled_out_is_no_goal_for_a_line_either() -> None:
    game = timeline(1200, board(1200, [(0, 600, "")]), [500])
    [ruled_out] = game.near_misses
    assert ruled_out.peak_s == 500
    applied = take(game, "19' Goal Smith")
    assert [line.state for line in applied.lines] == ["contradicts"]
    assert applied.timeline.events == ()


@pytest.mark.parametrize(("final", "differs"), [("2-1", False), ("1-2", True)])
def test_the_final_score_is_compared_side_by_side(final: str, differs: bool) -> None:
    goals = [(320.0, "home"), (710.0, "away"), (900.0, "home")]
    game = timeline(1200, board(1200, [(0, 600, "")], goals), [300, 690, 880])
    notes = take(game, f"Elk Town {final} Jays\n16' Goal A (Elk)\n22' Goal B (Jay)\n25' Goal C (Elk)").notes
    assert any("final score" in note for note in notes) == differs


def test_the_final_score_of_a_graphic_that_shows_the_away_team_first_is_turned() -> None:
    goals = [(320.0, "home"), (710.0, "away"), (900.0, "home")]
    game = timeline(1200, board(1200, [(0, 600, "")], goals), [300, 690, 880])
    applied = take(game, "16' Goal Ames (away)\n22' Goal Bell (home)\n25' Goal Cole (away)\nFT 1-2")
    assert [event.player for event in applied.timeline.events] == ["Ames", "Bell", "Cole"]
    assert applied.notes == ("the score graphic shows the away team first, by the goals",)


def test_a_minute_that_the_recording_shows_only_a_little_of_is_in_doubt() -> None:
    game = timeline(1150, board(1150, [(0, 600, "")]))
    line = only(game, "30' Corner")
    assert (line.state, line.reason) == ("doubtful", "most of this minute is not in the recording")


def test_a_goal_known_only_by_the_score_is_narrowed_to_what_the_line_allows() -> None:
    game = timeline(1200, board(1200, [(0, 600, "")], [(320.0, "home")]))
    [before] = game.events
    assert before.doubt is not None
    [after] = take(game, "16' Goal Smith (HOME)").timeline.events
    assert after.span == before.span.clamp(Span(300, 360))
    assert after.doubt == after.span
    [exact] = take(game, "5:03 Goal Smith (HOME)").timeline.events
    assert (exact.span, exact.peak_s) == (Span(295, 308), 303)
