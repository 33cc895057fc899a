"""Decisions of a person about a timeline."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from highlights import decisions
from highlights.decisions import EventRef
from highlights.errors import DecisionError, OutputError
from highlights.export import timeline_json
from highlights.pipeline import RunOptions, run
from highlights.profile import load
from highlights.records import Analysis, Event, Moment, Part, Recording, Scoreboard, ScoreReading, Timeline
from highlights.spans import Span
from highlights.timeline import build


def part(start_s: float, duration_s: float = 600.0) -> Part:
    return Part(Path(f"half-{start_s:g}.mp4"), start_s, duration_s, 1280, 720, Fraction(25), "h264")


def event(peak_s: float, confidence: float = 0.9, name: str = "goal", **more: object) -> Event:
    claim = Moment(name, Span(peak_s - 1, peak_s + 1), peak_s, "crowd", 2.0, f"a roar at {peak_s:g}")
    return Event(name, name.capitalize(), Span(peak_s - 1, peak_s + 1), peak_s, confidence, (claim,), **more)  # type: ignore[arg-type]


MATCH = Timeline(
    Recording((part(0.0), part(600.0))),
    "soccer",
    events=(event(100.0), event(400.0, 0.7), event(900.0)),
    near_misses=(event(250.0, 0.3, why_not="the score stood"), event(700.0, 0.2, why_not="the score stood")),
)
GOAL = EventRef("events", 1)
MISS = EventRef("near_misses", 0)


def peaks(events: tuple[Event, ...]) -> list[float]:
    return [e.peak_s for e in events]


def test_a_rejected_event_is_kept_beside_the_near_misses_and_can_be_accepted_again() -> None:
    rejected = decisions.reject(MATCH, GOAL)
    assert peaks(rejected.events) == [100.0, 900.0]
    assert peaks(rejected.near_misses) == [250.0, 400.0, 700.0]
    assert (rejected.near_misses[1].status, rejected.near_misses[1].why_not) == ("rejected", "rejected by hand")
    back = decisions.accept(rejected, EventRef("near_misses", 1))
    assert back.events[1] == replace(MATCH.events[1], status="accepted")


def test_an_accepted_near_miss_counts_in_order_of_time() -> None:
    accepted = decisions.accept(MATCH, MISS)
    assert peaks(accepted.events) == [100.0, 250.0, 400.0, 900.0]
    assert (accepted.events[1].status, accepted.events[1].why_not) == ("accepted", "")
    assert peaks(accepted.near_misses) == [700.0]


def test_a_clip_trimmed_by_hand_is_shown_exactly_as_trimmed() -> None:
    trimmed = decisions.trim(MATCH, GOAL, Span(396.04, 409.96))
    made = build(trimmed.recording, load("soccer"), trimmed.events, (), trimmed.analysis)
    assert [clip.span for clip in made.clips if clip.events == (1,)] == [Span(396.04, 409.96)]
    assert decisions.trim(trimmed, GOAL, None).events == MATCH.events


@pytest.mark.parametrize(("span", "complaint"), [(Span(590, 640), "another begins"), (Span(1300, 1310), "ends at 1200 s")])
def test_a_clip_is_in_one_file_of_the_recording(span: Span, complaint: str) -> None:
    with pytest.raises(DecisionError, match=complaint):
        decisions.trim(MATCH, GOAL, span)


def test_an_event_added_by_hand_has_full_confidence_and_is_shown_as_marked() -> None:
    added = decisions.add(MATCH, event(500.0, 1.0, "save", shown=Span(495, 505)))
    assert peaks(added.events) == [100.0, 400.0, 500.0, 900.0]
    assert (added.events[2].status, added.events[2].shown) == ("added", Span(495, 505))


def test_an_event_added_by_hand_gets_the_game_clock_that_the_graphic_shows_unless_it_has_one() -> None:
    readings = tuple(ScoreReading(t, "ELK 0-0 JAY", {"home": 0, "away": 0}, 60 + t, f"{t:.0f}") for t in (490.0, 510.0))
    match = replace(MATCH, analysis=Analysis(scoreboard=Scoreboard(readings=readings)))
    added = decisions.add(decisions.add(match, event(500.0, 1.0, "save")), event(505.0, 1.0, "shot", game_clock="70'"))
    assert [e.game_clock for e in added.events if e.status == "added"] == ["9:20", "70'"]


def test_accepted_events_come_before_found_ones_when_the_reel_is_short() -> None:
    sure = decisions.accept(MATCH, GOAL)
    made = build(sure.recording, load("soccer"), sure.events, (), sure.analysis)
    from highlights.timeline import TimelineOptions

    short = build(sure.recording, load("soccer"), sure.events, (), sure.analysis, TimelineOptions(target_s=20.0))
    assert [clip.events for clip in made.clips] == [(0,), (1,), (2,)]
    assert [clip.events for clip in short.clips] == [(1,)]


def test_merged_events_have_the_claims_of_all_of_them() -> None:
    merged = decisions.merge(MATCH, [EventRef("events", 0), EventRef("near_misses", 0)])
    assert peaks(merged.events) == [100.0, 400.0, 900.0]
    assert merged.events[0].span == Span(99, 251)
    assert [m.peak_s for m in merged.events[0].evidence] == [100.0, 250.0]
    assert peaks(merged.near_misses) == [700.0]
    with pytest.raises(DecisionError, match="two events"):
        decisions.merge(MATCH, [GOAL, GOAL])
    with pytest.raises(DecisionError, match="another begins"):
        decisions.merge(MATCH, [GOAL, EventRef("events", 2)])


def test_a_split_event_shows_together_what_it_showed_before() -> None:
    made = build(MATCH.recording, load("soccer"), MATCH.events, MATCH.near_misses, MATCH.analysis)
    whole = next(clip.span for clip in made.clips if clip.events == (1,))
    first, second = decisions.split(made, GOAL, 403.0).events[1:3]
    assert (first.shown, second.shown) == (Span(whole.start_s, 403.0), Span(403.0, whole.end_s))
    assert first.peak_s == 400.0
    assert second.shown is not None
    assert second.shown.holds(second.peak_s)
    with pytest.raises(DecisionError, match="must be split inside"):
        decisions.split(made, GOAL, whole.end_s)


def test_a_decision_about_a_missing_event_names_it() -> None:
    with pytest.raises(DecisionError, match="no event 3 among the 3 events"):
        decisions.reject(MATCH, EventRef("events", 3))
    with pytest.raises(DecisionError, match="no event -1"):
        decisions.accept(MATCH, EventRef("near_misses", -1))


def test_relabelling_an_event_changes_nothing_else() -> None:
    named = decisions.relabel(MATCH, GOAL, title="Müller!", player="Müller", team="FCB")
    assert named.events[1] == replace(MATCH.events[1], title="Müller!", player="Müller", team="FCB")
    with pytest.raises(ValueError, match="confidence"):
        decisions.relabel(MATCH, GOAL, confidence="1")


@given(
    st.lists(st.tuples(st.sampled_from(["accept", "reject"]), st.sampled_from(["events", "near_misses"]), st.integers(0, 4)))
)
def test_decisions_never_lose_an_event(steps: list[tuple[str, str, int]]) -> None:
    timeline = MATCH
    for verb, list_name, index in steps:
        place = EventRef(list_name, index)  # type: ignore[arg-type]
        if index < len(getattr(timeline, list_name)):
            timeline = getattr(decisions, verb)(timeline, place)
    assert sorted(peaks(timeline.events) + peaks(timeline.near_misses)) == [100.0, 250.0, 400.0, 700.0, 900.0]
    assert list(peaks(timeline.events)) == sorted(peaks(timeline.events))


def test_decisions_are_saved_and_a_new_run_does_not_overwrite_them(tmp_path: Path) -> None:
    decided = decisions.trim(decisions.reject(MATCH, GOAL), EventRef("events", 0), Span(95, 105))
    timeline_json.write(decided, tmp_path / "timeline.json")
    before = (tmp_path / "timeline.json").read_bytes()
    read = timeline_json.read(tmp_path / "timeline.json")
    assert (read.events[0].shown, read.near_misses[1].status) == (Span(95, 105), "rejected")
    with pytest.raises(OutputError, match="decisions made by hand"):
        run("absent.mp4", out=tmp_path, options=RunOptions())
    assert (tmp_path / "timeline.json").read_bytes() == before
