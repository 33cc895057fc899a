"""Marlin-2B: exactly the prompts it was trained on, and a tolerant parser for its answers.

    find      From 3.5 to 7.2.                                     one span, even where nothing happens: a claim, never an event
    caption   Scene: …  Events: <0.0 - 4.2> …                      see `caption.py`

Answers start with a bare `<think>`, which is normal; any other deviation from the requested form is reported as a repair.
"""

from __future__ import annotations

import re

from highlights.dialects.caption import CaptionEvent, headline, parse_caption
from highlights.dialects.dialect import Dialect, Found, Question
from highlights.dialects.named_span import CLEAN_TIME, read_span
from highlights.dialects.prose import one_line, quotable
from highlights.dialects.times import written
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
CLEAN = re.compile(rf"From {CLEAN_TIME} to {CLEAN_TIME}\.?")
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
        return read_span(answer, window_s, CLEAN, FORMS)

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
