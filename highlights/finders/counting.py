"""A second opinion on accepted events: another model counts them in a window around each, and may find none."""

from __future__ import annotations

from collections.abc import Sequence

from highlights.backends.backend import Backend
from highlights.dialects.dialect import Dialect
from highlights.finders.looks import Reader
from highlights.finders.weights import load
from highlights.profile import EventRule, Profile
from highlights.records import Event, Moment, Recording, Window
from highlights.spans import Span, clock
from highlights.windows import around

NEAR_S = 4.0  # anything pointed at this close to an event's span is the event


def second_opinion(
    events: Sequence[Event], recording: Recording, profile: Profile, reader: Reader, dialect: Dialect, backend: Backend
) -> list[Moment]:
    """For each event a moment at its span and instant: for it if it was counted, against it if nothing was.

    What was counted far from the event is something else, or its replay: no evidence either way.

    Raises:
        ModelError: The model can't answer.
    """
    with_rules = [(event, rule) for event in events if (rule := profile.event(event.name))]
    pair_s = 2 / dialect.sampling.rate_hz
    windows = [around(event.span, recording, profile.windows, pair_s) for event, _ in with_rules]
    moments: list[Moment] = []
    for (event, rule), footage in zip(with_rules, reader.read(windows), strict=True):
        answer = backend.ask(footage, [dialect.find_question(rule, rule.queries[0])])[0]
        found = dialect.read_find(answer.text, footage.window.span.length_s)
        near = event.span.pad(NEAR_S, NEAR_S)
        count = sum(near.overlap_s(_on_match_clock(span, footage.window)) > 0 for span in found.spans)
        if count or found.how == "refused":
            moments.append(_opinion(event, rule, count, dialect.name))
    return moments


def _on_match_clock(span: Span, window: Window) -> Span:
    return Span(window.span.start_s + span.start_s, window.span.start_s + span.end_s)


def _opinion(event: Event, rule: EventRule, count: int, name: str) -> Moment:
    weights = load().count
    weight = weights.some if count else weights.none
    what = rule.count or rule.title.lower()
    because = f"{name} counted {count or 'no'} {what} around {clock(event.peak_s)}"
    return Moment(event.name, event.span, event.peak_s, f"{name}_count", weight, because)
