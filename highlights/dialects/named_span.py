"""The span that an answer names: its times, what deviates from the requested form, and how it fits into the window."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from highlights.dialects.dialect import Found
from highlights.dialects.prose import one_line, without_thoughts
from highlights.dialects.times import UNIT, Pair, fit, pairs

CLEAN_TIME = rf"[0-9]++(?:\.[0-9]*+)?{UNIT}"
"""A pattern of one time in a clean answer."""


def read_span(answer: str, window_s: float, clean: re.Pattern[str], forms: Mapping[str, tuple[str, ...]]) -> Found:
    """The span that was named; of several, the first one in the window.

    Args:
        answer: The model's answer.
        window_s: The length of the window in seconds.
        clean: The pattern of an answer in the requested form.
        forms: What deviates, in words, in an answer that is not clean, by `Pair.how`.
    """
    text = one_line(without_thoughts(answer))
    named = pairs(text)
    for pair in named:
        fitted = fit(pair.start_s, pair.end_s, window_s)
        if fitted is None or (pair.how == "bare" and pair.start_s >= pair.end_s):
            continue  # two bare numbers that are not even in order are not a span
        span, repairs = fitted
        repairs = (*_deviations(text, named, clean, forms), *repairs)
        return Found("repaired" if repairs else "clean", (span,), repairs)
    return Found("none")


def _deviations(
    text: str, named: Sequence[Pair], clean: re.Pattern[str], forms: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """How an answer deviates from the requested form, in words; empty if it does not."""
    if clean.fullmatch(text):
        return ()
    spans = {(pair.start_s, pair.end_s) for pair in named}
    wrong = [*forms[named[0].how]]
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
