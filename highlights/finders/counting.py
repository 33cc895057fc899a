"""A second opinion on accepted events: another model counts them in a window around each, and may find none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from highlights.backends.backend import Backend
from highlights.dialects.dialect import Dialect
from highlights.finders.looks import Reader
from highlights.finders.weights import load
from highlights.profile import EventRule, Profile
from highlights.records import Event, Moment, Recording
from highlights.spans import clock
from highlights.windows import around


def second_opinion(
    events: Sequence[Event], recording: Recording, profile: Profile, reader: Reader, dialect: Dialect, backend: Backend
) -> list[Moment]:
    """For each event whether it was counted: a moment at its span and instant, for or against it.

    Raises:
        ModelError: The model can't answer.
    """
    known = [(event, rule) for event in events if (rule := profile.event(event.name))]
    pair_s = 2 / dialect.sampling.rate_hz
    windows = [around(event.span, recording, profile.windows, pair_s) for event, _ in known]
    moments: list[Moment] = []
    for (event, rule), footage in zip(known, reader.read(windows), strict=True):
        answer = backend.ask(footage, [dialect.find(rule, rule.queries[0])])[0]
        found = dialect.read_find(answer.text, footage.window.span.length_s)
        if found.how != "none":
            moments += _said(event, rule, len(found.spans), dialect.name)
    return moments


def _said(event: Event, rule: EventRule, count: int, name: str) -> Iterator[Moment]:
    weights = load().count
    weight = weights.some if count else weights.none
    what = rule.count or rule.title.lower()
    because = f"{name} counted {count or 'no'} {what} around {clock(event.peak_s)}"
    yield Moment(event.name, event.span, event.peak_s, f"{name}_count", weight, because)
