"""A person's decisions about a timeline: accept, reject, trim, rename, add, merge, split.

Pure; every decision returns a new timeline.

    events        what counts                ──reject──►
    near misses   what does not      ◄──accept──

Clips follow from events: after a decision there are none until `timeline.build` rebuilds them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from highlights.analysis.score.game_clock import GameClock
from highlights.errors import DecisionError
from highlights.records import EVENT_TEXTS, Event, Timeline
from highlights.spans import Span

REJECTED = "rejected by hand"


@dataclass(frozen=True, order=True, slots=True)
class EventRef:
    """A reference to an event: its list, and the index in it."""

    list: Literal["events", "near_misses"]
    index: int


def at(timeline: Timeline, ref: EventRef) -> Event:
    """The event with this reference.

    Raises:
        DecisionError: there is none.
    """
    events = timeline.events if ref.list == "events" else timeline.near_misses
    if not 0 <= ref.index < len(events):
        raise DecisionError(f"there is no event {ref.index} among the {len(events)} {ref.list.replace('_', ' ')}")
    return events[ref.index]


def accept(timeline: Timeline, ref: EventRef) -> Timeline:
    """The timeline in which this event counts."""
    event = at(timeline, ref)
    status = event.status if event.status == "added" else "accepted"
    return _with(timeline, [ref], events=[replace(event, status=status, why_not="")])


def reject(timeline: Timeline, ref: EventRef) -> Timeline:
    """The timeline in which this event does not count."""
    rejected = replace(at(timeline, ref), status="rejected", why_not=REJECTED)
    return _with(timeline, [ref], near_misses=[rejected])


def trim(timeline: Timeline, ref: EventRef, shown: Span | None) -> Timeline:
    """The timeline in which this event's clip is `shown`; None resets it to the profile's rolls.

    Raises:
        DecisionError: it is outside the recording, or in two of its files.
    """
    return _change(timeline, ref, replace(at(timeline, ref), shown=shown and _inside(timeline, shown)))


def relabel(timeline: Timeline, ref: EventRef, **words: str) -> Timeline:
    """The timeline with some of this event's `EVENT_TEXTS` changed."""
    if unknown := words.keys() - set(EVENT_TEXTS):
        raise ValueError(f"an event has no texts {sorted(unknown)}")
    return _change(timeline, ref, replace(at(timeline, ref), **words))  # type: ignore[arg-type]  # words, all of them


def add(timeline: Timeline, event: Event) -> Timeline:
    """The timeline with one more event; the score graphic gives its game clock, if it has none.

    Raises:
        DecisionError: its clip is outside the recording, or in two of its files.
    """
    shown = _inside(timeline, event.shown or event.span)
    span = event.span.clamp(shown) or shown
    peak_s = event.peak_s if shown.holds(event.peak_s) else span.middle_s
    game_clock = event.game_clock or GameClock.of(timeline.analysis.scoreboard).text_at(peak_s)
    added = replace(event, span=span, peak_s=peak_s, shown=shown, game_clock=game_clock, status="added")
    return _with(timeline, [], events=[added])


def merge(timeline: Timeline, refs: Iterable[EventRef]) -> Timeline:
    """The timeline with several events merged: the texts of the best one, and the evidence of all.

    Raises:
        DecisionError: they are fewer than two, or in different files of the recording.
    """
    refs = sorted(set(refs))
    events = [at(timeline, ref) for ref in refs]
    if len(events) < 2:
        raise DecisionError("merging needs at least two events")
    best = max(events, key=lambda e: (e.priority, e.confidence, -e.peak_s))
    evidence = tuple(dict.fromkeys(claim for event in events for claim in event.evidence))
    whole = replace(best, span=_hull(e.span for e in events), evidence=evidence, status="accepted", why_not="")
    by_hand = [e.shown for e in events if e.shown]
    shown = _hull([*by_hand, whole.span]) if by_hand else None
    _inside(timeline, shown or whole.span)
    return _with(timeline, refs, events=[replace(whole, shown=shown)])


def split(timeline: Timeline, ref: EventRef, at_s: float) -> Timeline:
    """The timeline with an event's clip split into two events, the second from `at_s` on.

    Raises:
        DecisionError: `at_s` is not inside the clip.
    """
    event = at(timeline, ref)
    whole = event.shown or _clip_of(timeline, ref) or event.span
    if not whole.start_s < at_s < whole.end_s:
        raise DecisionError(f"an event must be split inside its clip, {whole.start_s:g} to {whole.end_s:g} s; got {at_s:g}")
    halves = [_piece(event, Span(whole.start_s, at_s)), _piece(event, Span(at_s, whole.end_s))]
    return _with(timeline, [ref], **{ref.list: halves})


def _piece(event: Event, shown: Span) -> Event:
    """The part of an event inside `shown`; the instant stays if it is inside."""
    span = event.span.clamp(shown) or shown
    return replace(event, span=span, shown=shown, peak_s=event.peak_s if shown.holds(event.peak_s) else span.middle_s)


def _clip_of(timeline: Timeline, ref: EventRef) -> Span | None:
    """The clip of an event that has one to itself."""
    spans = [clip.span for clip in timeline.clips if clip.events == (ref.index,) and not clip.replay]
    return spans[0] if spans and ref.list == "events" else None


def _inside(timeline: Timeline, span: Span) -> Span:
    """The part of a span inside the recording; it must be in one file."""
    recording = timeline.recording
    if span.clamp(recording.span) is None:
        raise DecisionError(f"{span.start_s:g} to {span.end_s:g} s: the recording ends at {recording.duration_s:g} s")
    whole = span.clamp(recording.span) or span
    part = recording.parts[recording.part_at(whole.middle_s)].span
    if whole.clamp(part) != whole:
        raise DecisionError(f"{span.start_s:g} to {span.end_s:g} s: a clip must be in one file; another begins in between")
    return whole


def _hull(spans: Iterable[Span]) -> Span:
    every = list(spans)
    return Span(min(s.start_s for s in every), max(s.end_s for s in every))


def _change(timeline: Timeline, ref: EventRef, event: Event) -> Timeline:
    """The timeline with this event replaced."""
    return _with(timeline, [ref], **{ref.list: [event]})


def _with(
    timeline: Timeline, without: Iterable[EventRef], *, events: Iterable[Event] = (), near_misses: Iterable[Event] = ()
) -> Timeline:
    """The timeline without some events and with others, in order of time and without clips."""
    removed = set(without)
    rest = [e for i, e in enumerate(timeline.events) if EventRef("events", i) not in removed]
    missed = [e for i, e in enumerate(timeline.near_misses) if EventRef("near_misses", i) not in removed]
    return replace(timeline, events=_in_order([*rest, *events]), near_misses=_in_order([*missed, *near_misses]), clips=())


def _in_order(events: Iterable[Event]) -> tuple[Event, ...]:
    return tuple(sorted(events, key=lambda e: (e.peak_s, e.span, e.name)))
