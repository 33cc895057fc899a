"""Claims → moments: each piece of evidence for or against a claim on its own, in words, so that its confidence is explained.

All moments of one claim share its span and its instant.
"""

from __future__ import annotations

from collections.abc import Iterator

from highlights.finders.claims import Claim, remarks
from highlights.finders.weights import Weights
from highlights.records import Moment
from highlights.spans import clock


def moments(claim: Claim, model: str, checker: str, weights: Weights) -> list[Moment]:
    """The moments of a claim: signal `model` for naming it, `model_check` for its check, `model_again` for
    finding it again, `model_described` for the descriptions of what happens."""
    found = _evidence(claim, model, checker, weights)
    evidence = ((model + ending, round(weight, 3), because) for ending, weight, because in found)
    return [Moment(claim.rule.name, claim.span, claim.peak_s, signal, w, because) for signal, w, because in evidence if w]


def _evidence(claim: Claim, model: str, checker: str, weights: Weights) -> Iterator[tuple[str, float, str]]:
    if claim.named:
        yield "", claim.named_weight, _named(claim, model, weights)
    check, again = claim.check, claim.again
    yield "_check", check.weight, f'{checker} said yes in {check.yes} of {check.of} windows: "{claim.rule.check}"'
    yield "_again", again.weight, f"{model} named the same instant in {again.yes} of {again.of} other windows"
    yield "_described", claim.described.weight, _described(claim, model)


def _described(claim: Claim, model: str) -> str:
    """In how many windows the model told of it unasked, with a line of its own."""
    told = f"{model} told of it in {claim.described.yes} of {claim.described.of} descriptions"
    return f'{told}: "{claim.line}"' if claim.line else told


def _named(claim: Claim, model: str, weights: Weights) -> str:
    """Which span was named, for which query, and what its weight rests on."""
    best = claim.named[0]
    named = f'{model} named {clock(claim.span.start_s)} to {clock(claim.span.end_s)} for "{best.query}"'
    words = [words for _, words in remarks(best, claim.rule, weights.claim)]
    signal = f"as the {claim.signal.signal} does" if claim.signal else "as it names something in every window"
    return "; ".join([named, signal, *words])
