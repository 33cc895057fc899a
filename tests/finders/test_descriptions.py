"""Which events a description tells of, and that descriptions carry a claim where yes and no tell nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.stand_in.events import profile, recording
from benchmarks.stand_in.trial import Blank
from highlights.backends.backend import Answer
from highlights.dialects.caption import Caption, CaptionEvent, compose_caption
from highlights.dialects.dialect import Question
from highlights.dialects.marlin import MARLIN
from highlights.finders import vlm
from highlights.finders.descriptions import told
from highlights.merge import merge
from highlights.records import Scoreboard, Window
from highlights.spans import Span
from tests.support.scripted import Scripted

SOCCER = profile("soccer")
GOALS = replace(SOCCER, events=(SOCCER.event("goal"),))
WINDOWS = tuple(Window(Span(25.0 * number, 25.0 * number + 30.0)) for number in range(40))
MATCH = recording(1030.0)


def kinds(line: str) -> set[str]:
    return {name for name, lines in told([CaptionEvent(Span(3, 5), line)], SOCCER.events).items() if lines}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("The striker scores from close range.", {"goal"}),
        ("The score is shown: 2-1.", set()),
        ("He is scoring with his left foot!", {"goal"}),
        ("The ball hits the back of the net.", {"goal"}),
        ("A corner kick is taken by number 7.", {"corner"}),
        ("The keeper tips a powerful shot over the bar.", {"save", "shot"}),
        ("The crowd waves flags.", set()),
        ("The net is behind the goalkeeper, who stands with his back to it.", set()),
        ("He fails to score.", set()),
        ("The shot never crosses the goal line.", set()),
        ("", set()),
    ],
)
def test_a_line_tells_of_an_event_if_it_has_the_words_of_a_phrase_and_no_denial(line: str, expected: set[str]) -> None:
    assert kinds(line) == expected


def test_a_denial_that_is_part_of_the_phrase_counts() -> None:
    rule = replace(SOCCER.event("shot"), name="miss", described_as=("misses the goal",))
    line = CaptionEvent(Span(3, 5), "The forward misses the goal from six yards.")
    assert told([line], [rule]) == {"miss": (line,)}


def says(told_at_s: float | None, yes: float | None):
    """Names a goal at 500 s in every window that shows it; describes it at `told_at_s`; answers `yes` to every check."""

    def answer(asked: Window, question: Question) -> Answer:
        if question.kind == "yes_no":
            return Answer("", yes=yes)
        if question == MARLIN.caption():
            at_s = (told_at_s or 0.0) - asked.span.start_s
            there = told_at_s is not None and 2 < at_s < asked.span.length_s - 2
            lines = [CaptionEvent(Span(at_s - 1, at_s + 1), "He scores a goal.")] if there else []
            return Answer(compose_caption(Caption("A pitch.", (CaptionEvent(Span(0, 1), "They run."), *lines))))
        at_s = 500 - asked.span.start_s
        here = at_s - 2 >= 0 and at_s + 2 <= asked.span.length_s
        start_s = at_s - 2 if here else (asked.span.start_s * 7) % 20 + 2
        return Answer(f"From {start_s:.1f} to {start_s + 4:.1f}.")

    return answer


def found(told_at_s: float | None, yes: float | None):
    backend = Scripted(says(told_at_s, yes))
    claims = vlm.find(MATCH, GOALS, WINDOWS, Blank(MARLIN), MARLIN, backend)
    captions = sum(MARLIN.caption() in questions for _, questions in backend.asked)
    return merge(claims.moments, GOALS, MATCH, Scoreboard()), captions


def test_a_description_carries_a_claim_of_a_model_that_says_neither_yes_nor_no() -> None:
    merged, captions = found(500.0, None)
    (event,) = merged.events
    assert abs(event.peak_s - 500) < 1
    assert any('descriptions: "He scores a goal."' in moment.because for moment in event.evidence)
    assert captions > len(WINDOWS)


@pytest.mark.parametrize("told_at_s", [None, 520.0])
def test_a_claim_that_no_description_tells_of_is_refused(told_at_s: float | None) -> None:
    merged, captions = found(told_at_s, None)
    assert not merged.events
    assert captions


def test_no_description_is_asked_for_if_the_check_can_be_used() -> None:
    assert found(500.0, 0.05)[1] == 0
