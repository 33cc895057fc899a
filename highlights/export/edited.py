"""What another program's file says of a timeline: which events were taken out, trimmed, put in other words or added.

The timeline is written in that format once more and read back; what the file says otherwise is what a person has changed. So
no time is a change because a format rounds it, and no name because a format has no place for a letter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from highlights import decisions
from highlights.decisions import Place
from highlights.errors import DecisionError, FormatError
from highlights.export.cut_list import CutList, Entry, Of
from highlights.export.formats import Choice, choice, cut_list, export, recognised
from highlights.export.matching import matches
from highlights.export.naming import marks, one_line
from highlights.export.row import MOST_ROWS, Edited, Row
from highlights.profile import Profile, load
from highlights.records import Event, Timeline
from highlights.spans import Span, clock
from highlights.timeline import TimelineOptions, build

_Made = TypeVar("_Made")

ADDED_ROLL_S = 5.0
"""Shown before and after an added instant of a kind that the profile does not know."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The timeline after a file was read; what was decided, a line each; and what the file says that no event can hold."""

    timeline: Timeline
    changes: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()


def read(
    timeline: Timeline, path: Path, reel: Path, *, name: str | None, of: Of | None, part: int | None, sport: str | None
) -> Outcome:
    """The timeline with the decisions that the file at `path` carries, in the format `name` or in the one it looks like.

    Raises:
        FormatError: the file cannot be used; says which line or entry of it.
        ProfileError: there is no usable profile of the sport.
    """
    edited = Edited.at(path)
    chosen = choice(name or recognised(edited), of, part, path)
    return decided(timeline, chosen, edited, load(sport or timeline.sport), reel)


def decided(timeline: Timeline, chosen: Choice, edited: Edited, profile: Profile, reel: Path) -> Outcome:
    """The timeline with the decisions that an edited file carries; the timeline itself if it carries none.

    Raises:
        FormatError: the file cannot be used; says which line or entry of it.
    """
    cuts, _ = cut_list(timeline, chosen, reel, edited.path)
    rows = chosen.format.read
    if rows is None:
        edited.refuse(f"{chosen.format.name} carries no decisions back")
    before, after = rows(_as_exported(timeline, chosen, edited, reel), cuts), rows(edited, cuts)
    if len(after) > MOST_ROWS:
        edited.refuse(f"lists {len(after)} pieces; more than {MOST_ROWS} are not read")
    desk = _Desk(timeline, cuts, profile, edited)
    desk.go_through(before, after)
    return desk.outcome()


def _as_exported(timeline: Timeline, chosen: Choice, edited: Edited, reel: Path) -> Edited:
    with TemporaryDirectory() as folder:
        target = Path(folder) / f"before{chosen.format.suffix}"
        export(timeline, chosen, target, reel)
        return replace(Edited.at(target), path=edited.path)


class _Desk:
    """Where one file is gone through: the timeline as decided so far."""

    def __init__(self, timeline: Timeline, cuts: CutList, profile: Profile, edited: Edited) -> None:
        self._first, self._timeline, self._cuts, self._profile, self._edited = timeline, timeline, cuts, profile, edited
        self._events = dict(enumerate(timeline.events))
        self._changes: list[str] = []
        self._unused: list[str] = []

    def go_through(self, before: Sequence[Row], after: Sequence[Row]) -> None:
        """Decide what each row, or its absence, asks for."""
        near = set(marks(self._timeline.near_misses)) - set(self._cuts.marks)
        back = [row for row in after if near.intersection(row.marks)]
        after = [row for row in after if row not in back]
        found = matches(before, after)
        if before and not found:
            self._edited.refuse(f"shows none of the {len(before)} pieces of this timeline: it is no export of it")
        entries = self._cuts.entries
        kept = {number for n in found for number in entries[n].events if not entries[n].replay}
        for n, row in found.items():
            self._changed(entries[n], before[n], row)
        for n, entry in enumerate(entries):
            if n not in found:
                self._removed(entry, kept)
        taken = {id(row) for row in found.values()}
        for row in after:
            if id(row) not in taken:
                self._added(row)
        for row in back:
            self._accepted(row)

    def outcome(self) -> Outcome:
        """The timeline, its clips made again if anything was decided."""
        if not self._changes:
            return Outcome(self._first, (), tuple(self._unused))
        return Outcome(_with_clips(self._first, self._timeline, self._profile), tuple(self._changes), tuple(self._unused))

    def _changed(self, entry: Entry, before: Row, after: Row) -> None:
        """Take over where a clip is cut, and its words if they are those of one event."""
        shown, words = self._moved(entry, before, after), self._said_otherwise(entry, before, after)
        if entry.replay and shown:
            self._unused.append(f"{after.place}: replays are found, not set by hand")
        if words and (entry.replay or len(entry.events) != 1):
            self._unused.append(f"{after.place}: its words are not those of one event, so none is put in other words")
        if entry.replay:
            return
        if shown:
            for number in entry.events:
                self._decide(number, after, f"shown {_span(shown)}", lambda t, p: decisions.trim(t, p, shown))
        if len(entry.events) == 1:
            self._reworded(entry.events[0], after, words)

    def _reworded(self, number: int, row: Row, words: dict[str, str]) -> None:
        if words.pop("status", "") == "accepted":
            self._decide(number, row, "accepted", decisions.accept)
        if words:
            told = self._named(words)
            said = ", ".join(f"{name} {text!r}" for name, text in told.items())
            self._decide(number, row, said, lambda t, p: decisions.relabel(t, p, **told))

    def _said_otherwise(self, entry: Entry, before: Row, after: Row) -> dict[str, str]:
        """The words that are others now; no title, or the file's name as one, is what programs write that keep no titles."""
        words = {name: text for name, text in after.words.items() if not _same(text, before.words.get(name))}
        path = self._cuts.media[entry.medium].path
        if words.get("title", path.stem).strip() in ("", path.stem, path.name):
            words.pop("title", None)
        return words

    def _moved(self, entry: Entry, before: Row, after: Row) -> Span | None:
        """What is to be shown instead, if an edge was moved by a frame or more; the other one stays where it was."""
        least_s = 1 / (2 * self._cuts.rate.fps)
        if after.out_s is None or before.out_s is None:
            away_s = float(after.in_s - before.in_s)
            return None if abs(away_s) < least_s else self._span(after, entry.span.start_s + away_s, entry.span.end_s + away_s)
        medium = entry.medium if after.medium is None else after.medium
        edges = [(after.in_s, before.in_s, entry.span.start_s), (after.out_s, before.out_s, entry.span.end_s)]
        moved = [abs(now - then) >= least_s for now, then, _ in edges]
        if not any(moved):
            return None
        if self._cuts.of == "reel":
            times = [at_s + float(now - then) * m for (now, then, at_s), m in zip(edges, moved, strict=True)]
        else:
            times = [
                float(self._cuts.match_s(medium, now)) if m else at_s for (now, _, at_s), m in zip(edges, moved, strict=True)
            ]
        return self._span(after, *times)

    def _removed(self, entry: Entry, kept: set[int]) -> None:
        if entry.replay:
            self._unused.append(f"a replay of {entry.title!r} is gone: replays are switched off for all, with --no-replays")
            return
        for number in entry.events:
            if number not in kept and number in self._events:
                self._decide(number, None, "rejected", decisions.reject)

    def _added(self, row: Row) -> None:
        if row.medium is None:
            self._unused.append(f"{row.place}: is of a file that is not of this match")
            return
        event = self._event(row)
        self._timeline = self._guarded(row, lambda: decisions.add(self._timeline, event))
        self._changes.append(f"{_called(event)}: added")

    def _accepted(self, row: Row) -> None:
        """Let near misses that are listed count; their marks are those of the first timeline, or of what was rejected since."""
        for number, mark in enumerate(marks(self._timeline.near_misses)):
            if mark in row.marks:
                place = Place("near_misses", number)
                self._changes.append(f"{_called(decisions.at(self._timeline, place))}: accepted")
                self._timeline = decisions.accept(self._timeline, place)
                return

    def _event(self, row: Row) -> Event:
        words = {"title": "", **self._named(row.words)}
        words.pop("status", None)
        name = words.pop("name", "") or re.sub(r"[^a-z0-9]+", "_", words["title"].lower()).strip("_")[:40] or "event"
        rule = self._profile.event(name)
        at_s = float(self._cuts.match_s(row.medium or 0, row.in_s))
        if row.out_s is not None:
            span = self._span(row, at_s, at_s + float(row.out_s - row.in_s))
        else:
            before_s, after_s = (rule.pre_roll_s, rule.post_roll_s) if rule else (ADDED_ROLL_S, ADDED_ROLL_S)
            span = self._span(row, max(0.0, at_s - before_s), at_s + after_s)
        words["title"] = words["title"] or (rule.title if rule else name)
        peak_s = round(at_s, 3) if row.out_s is None else span.middle_s
        event = Event(name, words.pop("title"), span, peak_s, 1.0, (), rule.priority if rule else 0)
        return replace(event, **words)  # type: ignore[arg-type]  # words, all of them

    def _named(self, words: Mapping[str, str]) -> dict[str, str]:
        """The words, with the kind of event if a title is that of one."""
        told = {name: text.strip() for name, text in words.items()}
        kinds = {rule.title.casefold(): rule.name for rule in self._profile.events}
        kind = kinds.get(told.get("title", "").casefold())
        if kind and "name" not in told:
            return {"name": kind, **told}
        rule = self._profile.event(told.get("name", ""))
        return {"title": rule.title, **told} if rule and "title" not in told else told

    def _span(self, row: Row, start_s: float, end_s: float) -> Span:
        return self._guarded(row, lambda: Span(start_s, end_s))

    def _guarded(self, row: Row, make: Callable[[], _Made]) -> _Made:
        try:
            return make()
        except (ValueError, DecisionError) as error:
            raise FormatError(self._edited.path, str(error), row.place) from error

    def _decide(self, number: int, row: Row | None, said: str, decide: Callable[[Timeline, Place], Timeline]) -> None:
        """Decide about one of the first timeline's events, wherever it stands by now."""
        event, events = self._events[number], self._timeline.events
        place = Place("events", next(n for n, other in enumerate(events) if other is event))
        new = decide(self._timeline, place) if row is None else self._guarded(row, lambda: decide(self._timeline, place))
        known = {id(other) for other in events}
        changed = [other for other in new.events if id(other) not in known]
        if changed:
            self._events[number] = changed[0]
        else:
            del self._events[number]
        self._changes.append(f"{_called(event)}: {said}")
        self._timeline = new


def _with_clips(first: Timeline, decided_: Timeline, profile: Profile) -> Timeline:
    """The timeline with its clips made again, in the manner of the first: what that did not show is not shown."""
    in_order = all(a.span <= b.span for a, b in pairwise(first.clips))
    options = TimelineOptions("chronological" if in_order else "ranked", None, any(clip.replay for clip in first.clips))
    hidden = {id(event) for n, event in enumerate(first.events) if not any(n in clip.events for clip in first.clips)}
    made = build(first.recording, profile, decided_.events, decided_.near_misses, first.analysis, options)
    clips = [c for c in made.clips if not all(id(decided_.events[n]) in hidden for n in c.events)]
    return replace(made, clips=tuple(clips), finders=first.finders)


def _same(now: str, then: str | None) -> bool:
    """Whether two texts are one, or the same shouted: some programs write capitals only."""
    return then is not None and now in (then, then.upper())


def _called(event: Event) -> str:
    return f"{clock(event.peak_s)} {one_line(event.title)}"


def _span(span: Span) -> str:
    return f"{clock(span.start_s)} to {clock(span.end_s)}"
