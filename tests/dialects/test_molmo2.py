"""Molmo2's prompts, which are those of its training, and how its answers become spans."""

from dataclasses import replace

import pytest
from hypothesis import given

from highlights.dialects.molmo2 import MOLMO2, count, point, track
from highlights.dialects.pointing import compose_points
from highlights.profile import EventRule
from highlights.records import Sampling
from highlights.spans import Span
from tests.support.answers import WINDOW_S, garbage, places

GOAL = EventRule("goal", "Goal", ("a player scores a goal",), "Does the ball go into the goal in this clip?", count="goals")
TRAINED = {
    *("Point to the {label}.", "Point to {label}\nPlease say 'There are none.' if it is not in the video.", "Find the {label}"),
    *(
        "Locate every {label}",
        "How many {label} are there?",
        'How many "{label}" are there in the video?',
        "Point to and count {label}",
    ),
    *("Count the {label} in the video.", "Track {label}.", "Track {label} at {fps} FPS"),
    "Track all instances of '{label}' in this video, sampling at {fps} frames per second. "
    "Show the position coordinates at each timestamp.",
    "For each '{label}' in this video, identify only its first and last appearances with precise coordinates.",
    *("Describe this video in detail", "{q} Answer with a few words"),
}


def trained(text, **words):
    return text in {template.format_map({"label": "{label}", "fps": "{fps}", "q": "{q}", **words}) for template in TRAINED}


def test_every_prompt_is_one_from_training():
    assert trained(point("ball").text, label="ball")
    assert trained(count("goals").text, label="goals")
    assert trained(track("the player with the ball", 2.0).text, label="the player with the ball", fps="2")
    assert trained(track("ball", 0.5).text, label="ball", fps="0.5")
    assert trained(MOLMO2.caption().text, q="What happens in this video?")


def test_the_pointing_prompt_allows_the_answer_none():
    assert point("ball").text == "Point to ball\nPlease say 'There are none.' if it is not in the video."


def test_the_prompt_for_an_event_uses_the_count_of_its_rule():
    assert MOLMO2.find_question(GOAL, "a player scores a goal") == count("goals")
    assert count("goals").text == 'How many "goals" are there in the video?'


def test_the_prompt_for_a_rule_without_a_count_uses_its_title():
    assert (
        MOLMO2.find_question(replace(GOAL, title="Red Card", count=""), "").text
        == 'How many "red card" are there in the video?'
    )


def test_a_label_is_cleaned_for_quoting():
    assert count('the "big"\n<points> one.').text == "How many \"the 'big' points one\" are there in the video?"


def test_the_check_is_the_yes_or_no_question_of_the_rule():
    question = MOLMO2.check_question(GOAL)
    assert (question.text, question.kind) == ("Does the ball go into the goal in this clip? Answer yes or no.", "yes_no")


def test_the_model_is_shown_two_square_frames_a_second():
    assert MOLMO2.name == "molmo2"
    assert MOLMO2.sampling == Sampling(rate_hz=2.0, max_frames=384, size=(378, 378))


@pytest.mark.parametrize(
    ("coords", "spans"),
    [
        ("12.5 1 498 611", [(11.5, 13.5)]),
        ("0.5 1 911 800;12.5 2 400 333", [(0, 1.5), (11.5, 13.5)]),
        ("10.0 1 498 611 2 300 300;13.9 3 400 333", [(9, 14.9)]),
        ("10.0 1 498 611;14.0 2 400 333", [(9, 15)]),
        ("10.0 1 498 611;14.1 2 400 333", [(9, 11), (13.1, 15.1)]),
        ("29.5 1 498 611", [(28.5, 30)]),
        ("30.4 1 498 611", [(29.4, 30)]),
    ],
)
def test_each_pointed_time_becomes_a_short_span_and_near_ones_are_joined(coords, spans):
    found = MOLMO2.read_find(f'<points coords="{coords}">goals</points>', 30.0)
    assert (found.how, found.spans) == ("clean", tuple(Span(*span) for span in spans))


@pytest.mark.parametrize(
    ("answer", "repair"),
    [
        (
            'There are 2 <points coords="12.5 1 498 611;40.0 2 498 611">goals</points>.',
            "points past the end of the window left out",
        ),
        ('There are 2 <points coords="12.5 1 498 611">goals</points>.', "says 2, points at 1"),
        ('Counting the <points coords="12.5 1 498 611">goals</points> shows a total of 0.', "says 0, points at 1"),
        ('<points coords="12.5 1 498 611;13', "cut short"),
    ],
)
def test_an_incomplete_answer_is_repaired(answer, repair):
    found = MOLMO2.read_find(answer, 30.0)
    assert (found.how, found.spans, found.repairs) == ("repaired", (Span(11.5, 13.5),), (repair,))


@pytest.mark.parametrize(
    "answer", ["There are none.", "0", "shows a total of 0.", "No tracks available.", "There are no goals in the video."]
)
def test_a_plain_no_is_a_refusal(answer):
    assert MOLMO2.read_find(answer, 30.0).how == "refused"


@pytest.mark.parametrize(
    "answer", ["", "3", "There is 1", "Sorry, I can't count goals.", "<points", '<points coords="31 1 498 611">goals</points>']
)
def test_an_answer_without_a_time_in_the_window_names_no_span(answer):
    found = MOLMO2.read_find(answer, 30.0)
    assert (found.how, found.spans, found.repairs) == ("none", (), ())


@given(places())
def test_every_pointed_time_is_in_a_span(drawn):
    found = MOLMO2.read_find(compose_points("goals", drawn), WINDOW_S)
    assert all(any(span.start_s <= p.time_s <= span.end_s for span in found.spans) for p in drawn)
    assert (found.how == "refused") == (not drawn)


@pytest.mark.parametrize(
    ("answer", "line"),
    [(" A player\nscores a goal. The crowd cheers.", "A player scores a goal."), ("soccer goal", "soccer goal"), ("", "")],
)
def test_a_caption_is_its_first_sentence(answer, line):
    assert MOLMO2.read_caption(answer, 30.0) == line


@given(garbage)
def test_parser_never_raises_on_any_answer(answer):
    found = MOLMO2.read_find(answer, 30.0)
    assert (found.how in ("clean", "repaired")) == bool(found.spans)
    assert (found.how == "repaired") == bool(found.repairs)
    assert all(0 <= span.start_s < span.end_s <= 30 for span in found.spans)
