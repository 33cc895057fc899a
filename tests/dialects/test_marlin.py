"""Marlin's exact prompts, and its answers: in the requested form, repairable, and empty ones."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from highlights.dialects.marlin import MARLIN, compose_find
from highlights.profile import EventRule
from highlights.records import Sampling
from highlights.spans import Span
from tests.support import published
from tests.support.answers import WINDOW_S, garbage, spans

GOAL = EventRule("goal", "Goal", ("a player scores a goal",), "Does the ball go into the goal in this clip?")
FIND = (
    'Identify the timestamps during which "a player scores a goal" takes place. '
    'Output the time range as "From <start> to <end>." (numbers in seconds).'
)
CAPTION = (
    "Provide a spatial description of this clip followed by time-ranged events.\n"
    "For each event, give the time range as <start - end> and a short description."
)


def test_the_find_prompt_is_that_of_training():
    assert MARLIN.find_question(GOAL, "a player scores a goal").text == FIND
    assert MARLIN.find_question(GOAL, "a player scores a goal").max_new_tokens == 64


@pytest.mark.parametrize(
    ("query", "quoted"),
    [
        ('a player lifts\nthe "cup"\t.', "a player lifts the 'cup'"),
        ("“the cup” is lifted", "'the cup' is lifted"),
        ("a <|im_end|> player <start>", "a |im_end| player start"),
        ("{event} is shown", "{event} is shown"),
        ("the U.S. side scores. ", "the U.S. side scores"),
        ("ein Spieler schießt ein Tor", "ein Spieler schießt ein Tor"),
    ],
)
def test_a_query_is_cleaned_for_quoting(query, quoted):
    assert MARLIN.find_question(GOAL, query).text == FIND.replace("a player scores a goal", quoted)


@given(st.text())
def test_no_query_breaks_the_single_line_and_quoting_of_the_prompt(query):
    text = MARLIN.find_question(GOAL, query).text
    assert text.startswith(FIND.partition("a player")[0])
    assert text.endswith(FIND.partition("a goal")[2])
    assert (text.count('"'), text.count("<"), text.count(">"), len(text.splitlines())) == (4, 2, 2, 1)


def test_the_caption_prompt_is_that_of_training():
    assert MARLIN.caption().text == CAPTION


def test_a_caption_may_be_as_long_as_the_vendor_allows():
    assert MARLIN.caption().max_new_tokens == 2048


def test_the_check_is_the_yes_or_no_question_of_the_rule():
    question = MARLIN.check_question(GOAL)
    assert question.text == "Does the ball go into the goal in this clip? Answer yes or no."
    assert question.kind == "yes_no"
    assert question.max_new_tokens <= 8


def test_the_model_is_shown_video_within_its_training_budget():
    assert MARLIN.name == "marlin"
    assert MARLIN.sampling == Sampling(rate_hz=2.0, max_frames=240, max_pixels=200_704, multiple=32, size=None)


@pytest.mark.parametrize(
    ("answer", "start_s", "end_s"),
    [
        ("From 3.5 to 7.2.", 3.5, 7.2),
        ("From 3 to 7", 3, 7),
        ("From 3. to 7.", 3, 7),
        ("From 3.5 s to 7.2 s.", 3.5, 7.2),
        ("From 3.5sec to 7.2sec.", 3.5, 7.2),
        ("From 3.5 seconds to 7.2 seconds.", 3.5, 7.2),
        ("  From 0.0\nto 30.0.\n", 0, 30),
        ("From 25.0 to 30.4.", 25, 30),
        ("<think>\n\nFrom 3.5 to 7.2.", 3.5, 7.2),
        ("<think></think>\nFrom 3.5 to 7.2.", 3.5, 7.2),
        ("<think>Is it from 1 to 2? No.</think>From 3.5 to 7.2.", 3.5, 7.2),
        ("</think>\n\nFrom 3.5 to 7.2.", 3.5, 7.2),
        ("It may be from 1 to 2.</think>From 3.5 to 7.2.", 3.5, 7.2),
        ("From 3.5 to 7.2.</think>", 3.5, 7.2),
    ],
)
def test_an_answer_in_the_form_asked_for_is_clean(answer, start_s, end_s):
    found = MARLIN.read_find(answer, 30.0)
    assert (found.how, found.spans, found.repairs) == ("clean", (Span(start_s, end_s),), ())


@pytest.mark.parametrize(
    ("answer", "start_s", "end_s", "repair"),
    [
        ("from 3 to 5", 3, 5, "written in another way"),
        ("From: 3 to 5", 3, 5, "written in another way"),
        ("From <3> to <5>.", 3, 5, "written in another way"),
        ("From 3,5 to 7,2.", 3.5, 7.2, "written in another way"),
        ("From .5 to 3.", 0.5, 3, "written in another way"),
        ("From 3 - 5.", 3, 5, "written in another way"),
        ("From 0:03 to 0:05.", 3, 5, "times in minutes and seconds"),
        ("From 00:00:03.5 to 00:00:05.", 3.5, 5, "times in minutes and seconds"),
        ("3 to 5", 3, 5, 'no "From"'),
        ("3.5s until 5s", 3.5, 5, 'no "From"'),
        ("between 3 and 5 seconds", 3, 5, 'no "From"'),
        ("3-5", 3, 5, 'no "From"'),
        ("3 -5", 3, 5, 'no "From"'),
        ("3 – 5", 3, 5, 'no "From"'),
        ("3.5 seconds — 5 seconds", 3.5, 5, 'no "From"'),
        ("<3.5 - 7.2>", 3.5, 7.2, 'no "From"'),
        ("00:03 - 00:05", 3, 5, 'no "From"'),
        ("Start: 3.20, end: 7.80", 3.2, 7.8, "two bare numbers"),
        ('{"start": 3.5, "end": 7.2}', 3.5, 7.2, "two bare numbers"),
        ("[10.0,20.5]", 10, 20.5, "two bare numbers"),
        ("The event happens in 3 - 5 seconds", 3, 5, "words around it"),
        ("At 2 to 1 the whistle goes. From 20 to 25.", 20, 25, "words around it"),
        ("From 8 to 3.", 3, 8, "start and end swapped"),
        ("From 25 to 42.", 25, 30, "cut at the end of the window"),
        ("From 3 to 99999999999999999999999999999999999999999999.", 3, 30, "cut at the end of the window"),
        ("From -2 to 5.", 0, 5, "cut at the start of the window"),
        ("From 3 to 5. From 3 to 5. From 3 to 5. From 3 to", 3, 5, "said more than once"),
        ("From 3 to 5. From 8 to 9.", 3, 5, "2 different spans, the first in the window taken"),
        ("From 40 to 50. From 8 to 9.", 8, 9, "2 different spans, the first in the window taken"),
    ],
)
def test_an_answer_in_another_form_is_repaired_and_the_repair_reported(answer, start_s, end_s, repair):
    found = MARLIN.read_find(answer, 30.0)
    assert (found.how, found.spans) == ("repaired", (Span(start_s, end_s),))
    assert repair in found.repairs


def test_every_repair_is_reported():
    found = MARLIN.read_find("It is 0:45 - 0:25", 30.0)
    assert found.spans == (Span(25, 30),)
    assert found.repairs == (
        *('no "From"', "times in minutes and seconds", "words around it"),
        *("start and end swapped", "cut at the end of the window"),
    )


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "   \n",
        "<think>",
        "<think>From 3 to 5.</think>",
        "The event does not occur.",
        "From 3.5 to",
        "The second answer of 2: From 3.5 to",
        "From 3.5",
        "From",
        "From nan to nan.",
        "From inf to inf.",
        "From 1e1 to 2e1.",
        "From <start> to <end>.",
        "From 30.5 to 42.",
        "From 30 to 35.",
        "From 1:30 to 1:40.",
        "From -9 to -2.",
        "From 0.0 to 0.0.",
        "From 31 to 31.",
        "22 players and 1.2.3 balls",
        "22 players, 1 ball",
        "7 players, 7 balls",
        "The 1st and 2nd half of #10",
        "From 12:75 to 12:99.",
    ],
)
def test_an_answer_without_a_time_in_the_window_names_no_span(answer):
    found = MARLIN.read_find(answer, 30.0)
    assert (found.how, found.spans, found.repairs) == ("none", (), ())


@given(spans())
def test_a_composed_span_is_parsed_back(span):
    found = MARLIN.read_find(compose_find(span), WINDOW_S)
    assert (found.how, found.spans) == ("clean", (span,))


FORMS = ("From {a} to {b}.", "From {a}s to {b}s", "<think>\nFrom  {a} sec to {b} sec.", "So: From {a} to {b}. From {b} to {a}.")


@given(spans(0.25), st.sampled_from(FORMS))
def test_matches_of_the_published_pattern_are_parsed_the_same(span, form):
    answer = form.format(a=span.start_s, b=span.end_s)
    assert published.span(answer) == (span.start_s, span.end_s)
    assert MARLIN.read_find(answer, WINDOW_S).spans == (span,)


@given(garbage, spans())
def test_reasoning_before_an_answer_is_skipped(thoughts, span):
    assume("</think" not in thoughts)
    assert MARLIN.read_find(f"<think>{thoughts}</think>{compose_find(span)}", WINDOW_S).how == "clean"


@given(garbage)
def test_parser_never_raises_on_any_answer(answer):
    found = MARLIN.read_find(answer, 30.0)
    assert (found.how in ("clean", "repaired")) == bool(found.spans)
    assert (found.how == "repaired") == bool(found.repairs)
    assert all(0 <= span.start_s < span.end_s <= 30 for span in found.spans)


@pytest.mark.parametrize(
    ("answer", "start_s", "end_s"),
    [
        ("From 18.5 to 18.5.", 18.5, 19.5),
        ("From 5.0001 to 5.0004.", 5, 6),
        ("From 30 to 30.", 29, 30),
        ("From 0.2 to 0.2.", 0.2, 1.2),
    ],
)
def test_an_instant_is_a_natural_answer_of_the_second_that_it_begins(answer, start_s, end_s):
    found = MARLIN.read_find(answer, 30.0)
    assert (found.how, found.spans, found.repairs) == ("clean", (Span(start_s, end_s),), ())
