"""A second model counts around accepted events; its count is added to their evidence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.stand_in.events import event, profile, recording
from benchmarks.stand_in.trial import Blank
from highlights.backends.backend import Answer
from highlights.dialects.molmo2 import MOLMO2
from highlights.dialects.pointing import Point, compose_points
from highlights.finders import weights
from highlights.finders.counting import second_opinion
from highlights.merge import merge
from highlights.records import Moment, Scoreboard
from tests.support.scripted import Scripted

SOCCER = profile("soccer")
MATCH = recording(600.0)
GOAL = event(200.0)
WEIGHTS = weights.load().count


def pointing(*times_s: float) -> str:
    """Points at something at these seconds of the window."""
    return f"There are {len(times_s)} {compose_points('goals', [Point(t, i, 0.5, 0.5) for i, t in enumerate(times_s, 1)])}."


def ask(answer, *events):
    """The moments about events; the window around the goal begins 15 s before it."""
    backend = Scripted(lambda window, question: Answer(answer))
    return second_opinion(events or (GOAL,), MATCH, SOCCER, Blank(MOLMO2), MOLMO2, backend), backend


@pytest.mark.parametrize(
    ("answer", "weight", "count"),
    [("There are none.", WEIGHTS.none, "no"), (pointing(12.0), WEIGHTS.some, "1"), (pointing(11.5, 17.5), WEIGHTS.some, "2")],
)
def test_a_count_or_none_is_a_moment_of_the_event(answer, weight, count):
    (moment,), backend = ask(answer)
    assert (moment.event, moment.signal, moment.weight) == ("goal", "molmo2_count", weight)
    assert (moment.span, moment.peak_s) == (GOAL.span, GOAL.peak_s)
    assert moment.because == f"molmo2 counted {count} {SOCCER.event('goal').count} around 3:20"
    ((window, _),) = backend.asked
    assert window.span.start_s == 185


def test_all_events_are_asked_about_in_their_own_windows():
    moments, backend = ask("There are none.", GOAL, event(400.0, "save"))
    assert [(m.event, m.peak_s) for m in moments] == [("goal", 200.0), ("save", 400.0)]
    texts = [question.text for _, (question,) in backend.asked]
    assert SOCCER.event("goal").count in texts[0]
    assert SOCCER.event("save").count in texts[1]


@pytest.mark.parametrize("answer", [pointing(27.0), pointing(1.0, 29.0)], ids=["after", "before and after"])
def test_a_count_far_from_the_event_claims_nothing(answer):
    assert ask(answer)[0] == []


@pytest.mark.parametrize("answer", ["", "3", "Sorry, I can't count goals.", "A goal is scored in the video."])
def test_an_answer_without_points_claims_nothing(answer):
    assert ask(answer)[0] == []


def test_an_event_without_a_rule_in_the_profile_is_not_asked_about():
    moments, backend = ask("There are none.", replace(GOAL, name="kick-off"))
    assert (moments, backend.asked) == ([], [])


def test_an_event_with_a_count_of_none_is_dropped_and_a_counted_one_gains_confidence():
    found = Moment("goal", GOAL.span, GOAL.peak_s, "marlin", 2.5, "named")
    confidences = []
    for answer in ("", pointing(12.0), "There are none."):
        merged = merge([found, *ask(answer)[0]], SOCCER, MATCH, Scoreboard())
        confidences.append([e.confidence for e in merged.events])
    (before,), (surer,), none = confidences
    assert before < surer
    assert none == []
