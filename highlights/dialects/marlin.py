"""Marlin-2B: exactly the prompts it was trained on, and a tolerant parser for its answers.

    find      From 3.5 to 7.2.                                     one span, even where nothing happens: a claim, never an event
    caption   Scene: …  Events: <0.0 - 4.2> …                      see `caption.py`

Answers start with a bare `<think>`, which is normal; any other deviation from the requested form is reported as a repair.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from highlights.dialects.caption import CaptionEvent, headline, parse_caption
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
CAPTION_TOKENS = 2048  # as its vendor allows; 22 s with ten events take about 440
NUMBER = r"[0-9]++(?:\.[0-9]*+)?"
CLEAN = re.compile(rf"From {NUMBER}{UNIT} to {NUMBER}{UNIT}\.?")
FORMS = {"from": (), "joined": ('no "From"',), "bare": ("two bare numbers",)}


class Marlin:
    """Marlin-2B's dialect. The defaults of `Sampling` are the budget of its training."""

    name = "marlin"
    sampling = Sampling()
    gives_times = True

    def find_question(self, rule: EventRule, query: str) -> Question:
        """The grounding prompt with the query in quotes; the rule itself is not used."""
        return Question(FIND_PROMPT.replace("{event}", quotable(query)))

    def read_find(self, answer: str, window_s: float) -> Found:
        """The span that was named; of several, the first one in the window."""
        text = one_line(without_thoughts(answer))
        named = pairs(text)
        for pair in named:
            fitted = fit(pair.start_s, pair.end_s, window_s)
            if fitted is None or (pair.how == "bare" and pair.start_s >= pair.end_s):
                continue  # two bare numbers that are not even in order are not a span
            span, repairs = fitted
            repairs = (*_deviations(text, named), *repairs)
            return Found("repaired" if repairs else "clean", (span,), repairs)
        return Found("none")

    def check_question(self, rule: EventRule) -> Question:
        """The rule's own question. Marlin has no prompt for it, so this is how its base model, Qwen, would be asked."""
        return Question(f"{one_line(rule.check)} Answer yes or no.", max_new_tokens=YES_NO_TOKENS, kind="yes_no")

    def caption(self) -> Question:
        """The captioning prompt."""
        return Question(CAPTION_PROMPT, max_new_tokens=CAPTION_TOKENS)

    def read_events(self, answer: str, window_s: float) -> tuple[CaptionEvent, ...]:
        """The events of the caption."""
        return parse_caption(answer, window_s).events

    def read_caption(self, answer: str, window_s: float) -> str:
        """What happens in the middle of the window, on one line; see `headline`."""
        return headline(parse_caption(answer, window_s), window_s)


MARLIN: Dialect = Marlin()


def compose_find(span: Span) -> str:
    """The answer that names a span, in Marlin's form.

    >>> compose_find(Span(3.5, 7.25))
    'From 3.5 to 7.25.'
    """
    return f"From {written(span.start_s)} to {written(span.end_s)}."


def _deviations(text: str, named: Sequence[Pair]) -> tuple[str, ...]:
    """How an answer deviates from the requested form, in words; empty if it does not."""
    if CLEAN.fullmatch(text):
        return ()
    spans = {(pair.start_s, pair.end_s) for pair in named}
    wrong = [*FORMS[named[0].how]]
    if any(pair.clock for pair in named):
        wrong.append("times in minutes and seconds")
    if len(named) > len(spans):
        wrong.append("said more than once")
    if len(spans) > 1:
        wrong.append(f"{len(spans)} different spans, the first in the window taken")
    if any(char.isalnum() for char in _around(text, named)):
        wrong.append("words around it")
    return tuple(wrong) or ("written in another way",)


def _around(text: str, named: Sequence[Pair]) -> str:
    """The text without the pairs."""
    starts, ends = [pair.start for pair in named], [pair.end for pair in named]
    return "".join(text[end:start] for end, start in zip([0, *ends], [*starts, len(text)], strict=True))
