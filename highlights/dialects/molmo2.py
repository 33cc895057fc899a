"""Molmo2: the prompts it was trained on, and how its pointing and counting show when something happens.

It was trained to say that there are none, which a model that always names a span cannot. So it is not asked for spans: it
points to each thing it counts, and a point has a time.
"""

from __future__ import annotations

from highlights.dialects.caption import CaptionEvent
from highlights.dialects.counting import counted
from highlights.dialects.dialect import Dialect, Found, Question
from highlights.dialects.pointing import Point, parse_points
from highlights.dialects.prose import one_line, quotable, short_line
from highlights.dialects.times import ROUNDING_S, within
from highlights.profile import EventRule
from highlights.records import Sampling
from highlights.spans import Span, merge

SIDE_PX = 378  # every frame is stretched to a square; coordinates are relative to each axis, so they are not affected
BEFORE_S = AFTER_S = 1.0
"""How far the span of a point extends: there are two frames a second, and which of them shows "the goal" is uncertain by about
as much again."""
SAME_S = 4.0  # points this close are the same event pointed at twice, not two events in such a short time
YES_NO_TOKENS = 4
CAPTION_TOKENS = 64
POINTS_TOKENS = 1024  # 60 points, the most in its training, at about 15 tokens each
TRACKS_TOKENS = 4096  # a minute of two players at 2 points a second, at about 15 tokens each


class Molmo2:
    """Molmo2's dialect."""

    name = "molmo2"
    sampling = Sampling(rate_hz=2.0, max_frames=384, size=(SIDE_PX, SIDE_PX))
    gives_times = False

    def find_question(self, rule: EventRule, query: str) -> Question:
        """How many of what the rule counts are there? The same for all its queries: Molmo2 counts things, not sentences."""
        return count(rule.count or rule.title.lower())

    def read_find(self, answer: str, window_s: float) -> Found:
        """A short span around each point, one for points close together; `refused` if it counts none."""
        pointing = parse_points(answer)
        number = counted(answer, pointing)
        if not pointing.points and (number.number == 0 or number.how == "untracked"):
            return Found("refused")
        inside = [point for point in pointing.points if point.time_s < window_s + ROUNDING_S]
        spans = _spans(inside, window_s)
        if not spans:
            return Found("none")
        repairs = number.repairs
        if len(inside) < len(pointing.points):
            repairs = (*repairs, "points past the end of the window left out")
        return Found("repaired" if repairs else "clean", spans, repairs)

    def check_question(self, rule: EventRule) -> Question:
        """The rule's own question, in the form of its short-answer prompts."""
        return Question(f"{one_line(rule.check)} Answer yes or no.", max_new_tokens=YES_NO_TOKENS, kind="yes_no")

    def caption(self) -> Question:
        """What happens, in the form of its short-answer prompts: "in detail" it starts with the setting, not with the event."""
        return Question("What happens in this video? Answer with a few words", max_new_tokens=CAPTION_TOKENS)

    def read_events(self, answer: str, window_s: float) -> tuple[CaptionEvent, ...]:
        """None: its captions have no times."""
        return ()

    def read_caption(self, answer: str, window_s: float) -> str:
        """The first sentence of the answer."""
        return short_line(answer)


MOLMO2: Dialect = Molmo2()


def point(label: str) -> Question:
    """Where is it? Asks for "There are none." if it is nowhere."""
    text = f"Point to {quotable(label)}\nPlease say 'There are none.' if it is not in the video."
    return Question(text, max_new_tokens=POINTS_TOKENS)


def count(label: str) -> Question:
    """How many are there? Answered by pointing at each, then the number, which is correct more often than the number alone."""
    return Question(f'How many "{quotable(label)}" are there in the video?', max_new_tokens=POINTS_TOKENS)


def track(label: str, rate_hz: float) -> Question:
    """Where is it in every one of `rate_hz` frames a second?"""
    return Question(f"Track {quotable(label)} at {rate_hz:g} FPS", max_new_tokens=TRACKS_TOKENS)


def _spans(points: list[Point], window_s: float) -> tuple[Span, ...]:
    around = (within(point.time_s - BEFORE_S, point.time_s + AFTER_S, window_s) for point in points)
    return tuple(merge(filter(None, around), max_gap_s=SAME_S - BEFORE_S - AFTER_S))
