"""Parsing time is linear in the length of an answer: 100,000 characters take about a tenth of a second."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from highlights.dialects.marlin import MARLIN
from highlights.dialects.molmo2 import MOLMO2
from highlights.dialects.pointing import parse_points
from tests.support.answers import PIECES

LENGTH = 100_000
LIMIT_S = 4.0  # CPU time; linear parsers need 0.1 to 0.5 s, a quadratic one minutes
LOOPS = (
    *(
        "a",
        " ",
        "\n",
        "1",
        "9.",
        ".9",
        "1:",
        "1:02",
        "1 ",
        "1, ",
        "-",
        "From ",
        "From 3 ",
        "From 3 to ",
        "From 3 to 5. ",
        "3 to ",
        "3-",
        "s ",
    ),
    *(
        "<think>",
        "</think>",
        "<think></think>",
        "Scene:",
        "Scene: a\n",
        "Events:\n",
        "<0 - 4> a\n",
        "<0 - 4> a ",
        "<1 - ",
        "- ",
        "A. Bcd. ",
    ),
    *(
        "<points ",
        "<points coords=",
        '<points coords="',
        '<points coords="0.5 1 911 800',
        "0.5 1 911 800;",
        "<points>",
        'label="',
        'x="',
    ),
    *(
        "the total number of ",
        "the total number of a is ",
        "There are ",
        "a total of ",
        "Sorry, I can't count ",
        "<",
        ">",
        '"',
        ";",
        "\t",
    ),
)
STARTS = ("From 3", "1", 'Scene: <0 - 4> "', '<points coords="', '<points label="', '<tracks coords="0.5 ')


def read(answer: str) -> None:
    MARLIN.read_find(answer, 30.0)
    MARLIN.read_caption(answer, 30.0)
    MOLMO2.read_find(answer, 30.0)
    MOLMO2.read_caption(answer, 30.0)


def seconds_to_read(answer: str) -> float:
    began_s = time.process_time()
    read(answer)
    return time.process_time() - began_s


def test_a_loop_of_any_text_is_parsed_quickly():
    slow = {loop: s for loop in LOOPS if (s := seconds_to_read((loop * LENGTH)[:LENGTH])) > LIMIT_S}
    assert not slow


@pytest.mark.parametrize("start", STARTS)
def test_a_loop_after_the_start_of_an_answer_is_parsed_quickly(start):
    slow = {loop: s for loop in LOOPS if (s := seconds_to_read((start + loop * LENGTH)[: LENGTH // 5])) > LIMIT_S / 5}
    assert not slow


def test_many_tracks_are_parsed_quickly():
    frame = " ".join(f"{number} 500 500" for number in range(1, LENGTH // 13))
    answer = f'<tracks coords="0.5 {frame}">players</tracks>'
    began_s = time.process_time()
    assert len(parse_points(answer).tracks) == LENGTH // 13 - 1
    assert time.process_time() - began_s < LIMIT_S


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=4))
def test_a_loop_of_several_texts_is_parsed_quickly(pieces):
    loop = "".join(pieces)
    assert seconds_to_read((loop * (LENGTH // len(loop) + 1))[: LENGTH // 10]) < LIMIT_S


@given(st.text(max_size=400))
def test_any_text_can_be_parsed(answer):
    read(answer)
