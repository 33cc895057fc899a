"""What a model's yes and no are worth in this match: where its middle lies, and whether it knows anything.

    log-odds of yes      -6        -4        -2         0         2
    windows              ▂▅█▇▅▃▂▁▁▁    ▁▁▁▂▂▁                       most hold no such event
                          quarter       ↑ centre                     a model that leans to no says no of everything

A grounding model was not trained on yes and no, so it may lean to one of them for each question. Its answers are compared with
those to the same question in the other windows. It is not listened to at all if its answers about windows that share most of
their frames have nothing in common, or if most windows lean to yes, with a few that say no, for every question.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from highlights.finders.evidence import log_odds
from highlights.finders.looks import Reply

LEAST_WINDOWS = 24  # with fewer, the middle of a question is unknown, and 0 is taken
LOW, QUARTER = 0.1, 0.25  # quantiles: even of a frequent event, a quarter of the windows shows none
BETWEEN = 0.607  # spreads of a normal distribution between these two
ABOVE = 2.6  # spreads above the quarter: where an answer speaks for neither, 1.9 above the mean of the windows without an event
LEAST_SPREAD = 0.5
SHARED = 0.5  # of a window: from here two windows show about the same
LEAST_PAIRS = 100  # of such windows, for all questions together, from which it can be told whether the answers know anything
IN_COMMON = 0.06  # correlation of their answers: three times the spread of that of independent ones; real models have far more
LEAST_QUESTIONS = (
    3  # one frequent event has mostly yes, too; that all events of a sport are so frequent is less likely than an error
)
TAIL = 0.05  # quantile of a tail
SKEWED = 0.2  # skewness from which it is clear which answer is the rare one: with 15 % of errors it is 0.43 if that is yes


def centre(replies: Sequence[Reply]) -> float:
    """The log-odds of yes that speak for neither, of one question; 0 if yes seems to be the usual answer, rightly or not."""
    odds = [log_odds(reply.yes) for reply in replies if reply.yes is not None]
    if len(odds) < LEAST_WINDOWS or _skewness(odds) <= -SKEWED:
        return 0.0
    low, quarter = np.quantile(odds, (LOW, QUARTER))
    return float(quarter + ABOVE * max(LEAST_SPREAD, (quarter - low) / BETWEEN))


def _skewness(odds: Sequence[float]) -> float:
    """From -1 to 1: above 0 if the tail of yes is the longer one."""
    low, middle, high = np.quantile(odds, (TAIL, 0.5, 1 - TAIL))
    return float((high + low - 2 * middle) / max(high - low, 1e-6))


def knows(questions: Sequence[Sequence[Reply]]) -> bool:
    """Whether the answers to all questions together know anything; `questions` holds the replies to each, in order of time."""
    asked = [reply for replies in questions for reply in replies if reply.checked]
    if 2 * sum(reply.yes is not None for reply in asked) < len(asked):
        return False
    products, skews = [], []
    for replies in questions:
        answered = [(reply.window.span, log_odds(reply.yes)) for reply in replies if reply.yes is not None]
        if len(answered) < LEAST_WINDOWS:
            continue
        odds = [value for _, value in answered]
        scaled = (np.array(odds) - np.mean(odds)) / max(float(np.std(odds)), 1e-6)
        spans = [span for span, _ in answered]
        near = [a.overlap_s(b) >= SHARED * min(a.length_s, b.length_s) for a, b in pairwise(spans)]
        products += (scaled[:-1] * scaled[1:])[near].tolist()
        skews.append(_skewness(odds))
    if len(products) < LEAST_PAIRS:
        return True
    if len(skews) >= LEAST_QUESTIONS and max(skews) < 0 and np.mean(skews) <= -SKEWED:
        return False
    return float(np.mean(skews)) > SKEWED or float(np.mean(products)) >= IN_COMMON
