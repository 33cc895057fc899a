"""Marlin-2B: the prompts it was trained on, to the letter, and its answers read tolerantly.

    find      From 3.5 to 7.2.                                     one span, also where nothing happens: a claim, never an event
    caption   Scene: …  Events: <0.0 - 4.2> …                      see `caption.py`

Answers begin with a bare `<think>`, which is no fault; all else that is not the form asked for is named as a repair.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from highlights.dialects.caption import headline, parse_caption
from highlights.dialects.dialect import Dialect, Found, Question
from highlights.dialects.prose import one_line, quotable, without_thoughts
from highlights.dialects.times import UNIT, Pair, fit, pairs, written
from highlights.profile import EventRule
from highlights.records import Sampling
from highlights.spans import Span

FIND_PROMPT = (
    'Identify the timestamps during which "{event}" takes place. '
    'Output the time range as "From <start> to <end>." (numbers in seconds).'
)
CAPTION_PROMPT = (
    "Provide a spatial description of this clip followed by time-ranged events.\n"
    "For each event, give the time range as <start - end> and a short description."
)
YES_NO_TOKENS = 8  # `<think>` and line breaks may come before the word
CAPTION_TOKENS = 512  # half a minute told at length; more is a loop
NUMBER = r"[0-9]++(?:\.[0-9]*+)?"
CLEAN = re.compile(rf"From {NUMBER}{UNIT} to {NUMBER}{UNIT}\.?")
FORMS = {"from": (), "joined": ('no "From"',), "bare": ("two bare numbers",)}


class Marlin:
    """Marlin-2B's words. The defaults of `Sampling` are the budget it was trained at."""

    name = "marlin"
    sampling = Sampling()

    def find(self, rule: EventRule, query: str) -> Question:
        """The grounding prompt with the query in quotes; the rule adds nothing to it."""
        return Question(FIND_PROMPT.replace("{event}", quotable(query)))

    def read_find(self, answer: str, window_s: float) -> Found:
        """The one span that was named: the first that lies in the window, where several are."""
        text = one_line(without_thoughts(answer))
        said = pairs(text)
        for pair in said:
            fitted = fit(pair.start_s, pair.end_s, window_s)
            if fitted is None or (pair.how == "bare" and pair.start_s >= pair.end_s):
                continue  # two bare numbers that are not even in order are no span
            span, repairs = fitted
            repairs = (*_form(text, said), *repairs)
            return Found("repaired" if repairs else "clean", (span,), repairs)
        return Found("none")

    def check(self, rule: EventRule) -> Question:
        """The rule's own question. Marlin has no prompt for it, so it is asked as its Qwen base would be."""
        return Question(f"{one_line(rule.check)} Answer yes or no.", max_new_tokens=YES_NO_TOKENS, kind="yes_no")

    def caption(self) -> Question:
        """The captioning prompt."""
        return Question(CAPTION_PROMPT, max_new_tokens=CAPTION_TOKENS)

    def read_caption(self, answer: str, window_s: float) -> str:
        """What happens in the middle of the window, on one line; see `headline`."""
        return headline(parse_caption(answer, window_s), window_s)


MARLIN: Dialect = Marlin()


def compose_find(span: Span) -> str:
    """The answer that names a span, as Marlin gives it.

    >>> compose_find(Span(3.5, 7.25))
    'From 3.5 to 7.25.'
    """
    return f"From {written(span.start_s)} to {written(span.end_s)}."


def _form(text: str, said: Sequence[Pair]) -> tuple[str, ...]:
    """What is wrong with how the spans were said, in words; empty for the form that was asked for."""
    if CLEAN.fullmatch(text):
        return ()
    spans = {(pair.start_s, pair.end_s) for pair in said}
    wrong = [*FORMS[said[0].how]]
    if any(pair.clock for pair in said):
        wrong.append("times in minutes and seconds")
    if len(said) > len(spans):
        wrong.append("said more than once")
    if len(spans) > 1:
        wrong.append(f"{len(spans)} different spans, the first in the window taken")
    if any(char.isalnum() for char in _around(text, said)):
        wrong.append("words around it")
    return tuple(wrong) or ("written in another way",)


def _around(text: str, said: Sequence[Pair]) -> str:
    """What is left of the text without the pairs."""
    starts, ends = [pair.start for pair in said], [pair.end for pair in said]
    return "".join(text[end:start] for end, start in zip([0, *ends], [*starts, len(text)], strict=True))
