"""Random answers: spans, captions and points to be written and parsed back, and garbage such as models produce."""

from __future__ import annotations

from hypothesis import assume
from hypothesis import strategies as st

from highlights.dialects.caption import Caption, CaptionEvent
from highlights.dialects.pointing import Point
from highlights.dialects.prose import SENTENCE_END
from highlights.dialects.prose import sentences as distinct_sentences
from highlights.spans import Span

WINDOW_S = 60.0
WORDS = (
    "A player in red",
    "the ball",
    "runs",
    "No. 10",
    "shoots!",
    "3 - 5",
    "at 2:30,",
    "(again)",
    "0.5 s",
    "Ça va?",
    "Scene:",
    "e",
)
PIECES = (
    *(
        "<think>",
        "</think>",
        "From ",
        "from",
        " to ",
        "-",
        "–",
        "3",
        "7.25",
        "1:02:03",
        "59:60",
        ".",
        ",",
        "nan",
        "1e9",
        "٣",
        "²",
    ),
    *("\n", "\t", " ", "Scene: ", "Events:", "<", ">", "<0.0 - 4.2> ", "s", " seconds", "0", "9" * 40, "\x00", "\ud800", "é"),
    *(
        "<points ",
        "<tracks ",
        'coords="',
        '"',
        "/>",
        "0.5 1 911 800",
        ";",
        "100",
        " 2 040 1000",
        "</points>",
        'label="x"',
        "There are ",
    ),
    *("none.", "a total of ", "the total number of ", " is: ", "Sorry, I can't count ", "No tracks available."),
)

sentences = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(lambda words: "The " + " ".join(words) + ".")
garbage = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=30).map("".join)


@st.composite
def spans(draw, step_s: float = 0.001) -> Span:
    """A span in the window with times in whole steps."""
    last = round(WINDOW_S / step_s)
    start, end = sorted(draw(st.lists(st.integers(0, last), min_size=2, max_size=2, unique=True)))
    return Span(start * step_s, end * step_s)


@st.composite
def captions(draw) -> Caption:
    """A caption without loops: every sentence of the scene and every description is different."""
    scene = " ".join(draw(st.lists(sentences, max_size=4, unique=True)))
    # a word may end a sentence ("shoots! A player"), so that a part of one is the same as another
    assume(distinct_sentences(scene) == SENTENCE_END.split(scene))
    descriptions = draw(st.lists(sentences, max_size=5, unique=True))
    return Caption(scene, tuple(CaptionEvent(draw(spans()), words) for words in descriptions))


@st.composite
def places(draw, *, tracks: bool = False) -> tuple[Point, ...]:
    """Points in Molmo2's order: numbered consecutively, or with the numbers of tracks."""
    thousandths = st.integers(0, 1000)
    drawn = draw(st.lists(st.tuples(st.integers(0, 600), thousandths, thousandths, st.integers(1, 4)), max_size=12))
    one_each = {(time, number if tracks else at): (x, y) for at, (time, x, y, number) in enumerate(sorted(drawn), 1)}
    points = [Point(time / 10, number, x / 1000, y / 1000) for (time, number), (x, y) in one_each.items()]
    return tuple(sorted(points, key=lambda point: (point.time_s, point.x, point.y)))
