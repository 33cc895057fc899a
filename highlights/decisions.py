"""What a person decides about a timeline: accept, reject, trim, rename, add, merge, split.

Pure; every answer is a new timeline.

    events        what counts                ──reject──►
    near misses   what does not      ◄──accept──

Clips follow from events: after a decision there are none until `timeline.build` makes them again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from highlights.errors import DecisionError
from highlights.records import EVENT_TEXTS, Event, Timeline
from highlights.spans import Span

REJECTED = "rejected by hand"


@dataclass(frozen=True, order=True, slots=True)
class Place:
    """Where an event stands: the list and the index in it."""

    list: Literal["events", "near_misses"]
    index: int


def at(timeline: Timeline, place: Place) -> Event:
    """The event at a place.

    Raises:
        DecisionError: there is none.
    """
    events = timeline.events if place.list == "events" else timeline.near_misses
    if not 0 <= place.index < len(events):
        raise DecisionError(f"there is no event {place.index} among the {len(events)} {place.list.replace('_', ' ')}")
    return events[place.index]


def accept(timeline: Timeline, place: Place) -> Timeline:
    """The timeline in which the event at `place` counts."""
    event = at(timeline, place)
    status = event.status if event.status == "added" else "accepted"
    return _with(timeline, [place], events=[replace(event, status=status, why_not="")])


def reject(timeline: Timeline, place: Place) -> Timeline:
    """The timeline in which the event at `place` does not count."""
    rejected = replace(at(timeline, place), status="rejected", why_not=REJECTED)
    return _with(timeline, [place], near_misses=[rejected])


def trim(timeline: Timeline, place: Place, shown: Span | None) -> Timeline:
    """The timeline in which the clip of the event at `place` is `shown`; None gives it back to the profile.

    Raises:
        DecisionError: nothing of the recording lies there, or it lies in two of its files.
    """
    return _change(timeline, place, replace(at(timeline, place), shown=shown and _inside(timeline, shown)))


def relabel(timeline: Timeline, place: Place, **words: str) -> Timeline:
    """The timeline in which some of `EVENT_TEXTS` of the event at `place` are others."""
    if unknown := words.keys() - set(EVENT_TEXTS):
        raise ValueError(f"an event has no words {sorted(unknown)}")
    return _change(timeline, place, replace(at(timeline, place), **words))  # type: ignore[arg-type]  # words, all of them


def add(timeline: Timeline, event: Event) -> Timeline:
    """The timeline with one event more.

    Raises:
        DecisionError: nothing of the recording lies where it is shown, or it lies in two of its files.
    """
    shown = _inside(timeline, event.shown or event.span)
    span = event.span.clamp(shown) or shown
    peak_s = event.peak_s if shown.holds(event.peak_s) else span.middle_s
    return _with(timeline, [], events=[replace(event, span=span, peak_s=peak_s, shown=shown, status="added")])


def merge(timeline: Timeline, places: Iterable[Place]) -> Timeline:
    """The timeline in which several events are one, with the words of the surest of them and the claims of all.

    Raises:
        DecisionError: they are fewer than two, or of different files of the recording.
    """
    places = sorted(set(places))
    events = [at(timeline, place) for place in places]
    if len(events) < 2:
        raise DecisionError("merging needs two events or more")
    best = max(events, key=lambda e: (e.priority, e.confidence, -e.peak_s))
    evidence = tuple(dict.fromkeys(claim for event in events for claim in event.evidence))
    whole = replace(best, span=_hull(e.span for e in events), evidence=evidence, status="accepted", why_not="")
    by_hand = [e.shown for e in events if e.shown]
    shown = _hull([*by_hand, whole.span]) if by_hand else None
    _inside(timeline, shown or whole.span)
    return _with(timeline, places, events=[replace(whole, shown=shown)])


def split(timeline: Timeline, place: Place, at_s: float) -> Timeline:
    """The timeline in which what is shown of an event is two events, the second from `at_s` on.

    Raises:
        DecisionError: `at_s` is not inside what is shown.
    """
    event = at(timeline, place)
    whole = event.shown or _clip_of(timeline, place) or event.span
    if not whole.start_s < at_s < whole.end_s:
        raise DecisionError(
            f"an event is split inside what is shown of it, {whole.start_s:g} to {whole.end_s:g} s; got {at_s:g}"
        )
    halves = [_piece(event, Span(whole.start_s, at_s)), _piece(event, Span(at_s, whole.end_s))]
    return _with(timeline, [place], **{place.list: halves})


def _piece(event: Event, shown: Span) -> Event:
    """As much of an event as lies in `shown`; the instant stays where it was if it lies in there."""
    span = event.span.clamp(shown) or shown
    return replace(event, span=span, shown=shown, peak_s=event.peak_s if shown.holds(event.peak_s) else span.middle_s)


def _clip_of(timeline: Timeline, place: Place) -> Span | None:
    """What the timeline's clips show of an event that is alone in its clip."""
    spans = [clip.span for clip in timeline.clips if clip.events == (place.index,) and not clip.replay]
    return spans[0] if spans and place.list == "events" else None


def _inside(timeline: Timeline, span: Span) -> Span:
    """As much of a span as lies in the recording's file that its middle lies in."""
    recording = timeline.recording
    if span.clamp(recording.span) is None:
        raise DecisionError(f"{span.start_s:g} to {span.end_s:g} s: the recording ends at {recording.duration_s:g} s")
    whole = span.clamp(recording.span) or span
    part = recording.parts[recording.part_at(whole.middle_s)].span
    if whole.clamp(part) != whole:
        raise DecisionError(f"{span.start_s:g} to {span.end_s:g} s: a clip lies in one file; another begins in between")
    return whole


def _hull(spans: Iterable[Span]) -> Span:
    every = list(spans)
    return Span(min(s.start_s for s in every), max(s.end_s for s in every))


def _change(timeline: Timeline, place: Place, event: Event) -> Timeline:
    """The timeline with another event at `place`, or where that stands in time."""
    return _with(timeline, [place], **{place.list: [event]})


def _with(
    timeline: Timeline, without: Iterable[Place], *, events: Iterable[Event] = (), near_misses: Iterable[Event] = ()
) -> Timeline:
    """The timeline without the events at some places and with others, in order of time; its clips are to be made again."""
    gone = set(without)
    kept = [e for i, e in enumerate(timeline.events) if Place("events", i) not in gone]
    missed = [e for i, e in enumerate(timeline.near_misses) if Place("near_misses", i) not in gone]
    return replace(timeline, events=_in_order([*kept, *events]), near_misses=_in_order([*missed, *near_misses]), clips=())


def _in_order(events: Iterable[Event]) -> tuple[Event, ...]:
    return tuple(sorted(events, key=lambda e: (e.peak_s, e.span, e.name)))
