"""Captions: scene and events parsed and clamped, loops removed; reduced to one line."""

import pytest
from hypothesis import assume, given

from highlights.dialects.caption import Caption, CaptionEvent, compose_caption, parse_caption
from highlights.dialects.marlin import MARLIN
from highlights.spans import Span
from tests.support import published
from tests.support.answers import WINDOW_S, captions, garbage

TOLD = (
    "<think>\nScene: A floodlit pitch. Two teams play.\n\n"
    "Events:\n<0.0 - 4.2> A player runs.\n<4.2 - 9.0> He shoots.\n<9.0 - 30.0> All cheer."
)


def event(start_s, end_s, description):
    return CaptionEvent(Span(start_s, end_s), description)


RUN, SHOT, CHEER = event(0, 4.2, "A player runs."), event(4.2, 9, "He shoots."), event(9, 30, "All cheer.")


def test_scene_and_events_are_read():
    assert parse_caption(TOLD, 30.0) == Caption("A floodlit pitch. Two teams play.", (RUN, SHOT, CHEER))


def test_events_past_the_end_are_clipped_or_dropped():
    assert parse_caption(TOLD, 8.0).events == (RUN, event(4.2, 8, "He shoots."))


@pytest.mark.parametrize(
    "line",
    [
        "<4.2 - 9.0> He shoots.",
        "4.2 - 9.0: He shoots.",
        "4.2s - 9.0s - He shoots.",
        "<4.2 seconds - 9.0 seconds>: He shoots.",
        "4.2 secs - 9 secs He shoots.",
        "  - [4.2 – 9.0] He shoots.",
        "* <0:04.2 - 0:09> — He shoots.",
        "<4.2 to 9.0> He shoots.",
        "**4.2 - 9.0**: He shoots.",
    ],
)
def test_an_event_is_parsed_in_every_form(line):
    assert parse_caption(f"Scene: A pitch.\nEvents:\n{line}", 30.0) == Caption("A pitch.", (SHOT,))


@pytest.mark.parametrize(
    "line", ["<9.0 - 4.2> He shoots.", "<5 - 5> He shoots.", "<4.2 - 9.0>", "<4.2 - 9.0> …", "<4.2 - 9", "He shoots."]
)
def test_a_line_without_a_span_or_text_is_not_an_event(line):
    assert parse_caption(f"Scene: A pitch.\nEvents:\n{line}", 30.0) == Caption("A pitch.")


def test_repeated_lines_are_kept_once():
    loop = (
        "<1.0 - 2.0> A player runs.\n<2.0 - 3.0> He shoots.\n" * 9
        + "<3 - 4> He shoots.\n<4 - 5> he shoots.\n<5 - 6> A player runs."
    )
    events = parse_caption(f"Scene: A pitch. A pitch. A pitch.\nEvents:\n{loop}", 30.0)
    shots = (event(1, 2, "A player runs."), event(2, 3, "He shoots."), event(5, 6, "A player runs."))
    assert events == Caption("A pitch.", shots)


@pytest.mark.parametrize(
    ("answer", "scene", "events"),
    [
        ("", "", ()),
        ("A pitch at night.", "A pitch at night.", ()),
        ("** A pitch at night.", "A pitch at night.", ()),
        ("Sure!\nScene: A pitch\nat night.", "A pitch at night.", ()),
        ("**Scene:** A pitch.\n**Events:**\n<4.2 - 9.0> He shoots.", "A pitch.", (SHOT,)),
        ("A pitch.\n<4.2 - 9.0> He shoots.", "A pitch.", (SHOT,)),
        ("Scene: A pitch.\nEvents: <4.2 - 9.0> He shoots.", "A pitch.", (SHOT,)),
        ("Events:\n<4.2 - 9.0> He shoots.\nScene: A pitch.", "", (SHOT,)),
        ("Scene: A pitch.\nEvents:\n<4.2 - 9.0> He\x1b[31m shoots.", "A pitch.", (event(4.2, 9, "He [31m shoots."),)),
    ],
)
def test_a_caption_with_missing_parts_gives_the_remaining_ones(answer, scene, events):
    assert parse_caption(answer, 30.0) == Caption(scene, events)


@given(captions())
def test_a_composed_caption_is_parsed_back(caption):
    assert parse_caption(compose_caption(caption), WINDOW_S) == caption


@given(captions())
def test_matches_of_the_published_patterns_are_parsed_the_same(caption):
    assume(caption.scene)  # without one the patterns match the next line
    events = [(e.span.start_s, e.span.end_s, e.description) for e in caption.events]
    assert published.caption(compose_caption(caption)) == (caption.scene, events)


@given(garbage)
def test_a_caption_parsed_from_any_text_survives_a_round_trip(answer):
    caption = parse_caption(answer, WINDOW_S)
    assert parse_caption(compose_caption(caption), WINDOW_S) == caption


@pytest.mark.parametrize(
    ("answer", "window_s", "line"),
    [
        (TOLD, 30.0, "All cheer."),
        (TOLD, 12.0, "He shoots."),
        ("Scene: A pitch.\nEvents:\n<0 - 30> A match.\n<14 - 16> A goal is scored.", 30.0, "A goal is scored."),
        ("Scene: A pitch.\nEvents:\n<0 - 2> A run.\n<20 - 30> A goal.", 30.0, "A goal."),
        ("Scene: A pitch by the sea. Two teams play.", 30.0, "A pitch by the sea."),
        ("Events:\n<1 - 20> Smith vs. Jones, No. 10. They shake hands.", 30.0, "Smith vs. Jones, No. 10. They shake hands."),
        ("Events:\n<1 - 20> The player shoots. The keeper falls.", 30.0, "The player shoots."),
        ("", 30.0, ""),
    ],
)
def test_the_title_of_a_window_is_the_event_at_its_middle(answer, window_s, line):
    assert MARLIN.read_caption(answer, window_s) == line


def test_a_line_too_long_for_a_title_ends_in_an_ellipsis():
    line = MARLIN.read_caption("word " * 100, 30.0)
    assert len(line) <= 160
    assert line.endswith("word…")
