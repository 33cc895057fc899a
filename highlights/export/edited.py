"""Changes made in another program, read back: which events were removed, trimmed, renamed or added.

The timeline is exported in that format again and read back; where the edited file differs, a person has changed it. So a time
that the format rounds is not a change, nor is a name with a character that the format cannot hold.
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
from highlights.decisions import EventRef
from highlights.errors import DecisionError, FormatError
from highlights.export.cut_list import CutList, Entry, Of
from highlights.export.formats import Choice, choice, cut_list, export, recognised
from highlights.export.matching import matches
from highlights.export.naming import marks, one_line
from highlights.export.row import MOST_ROWS, Edited, EditedRow
from highlights.profile import Profile, load
from highlights.records import Event, Timeline
from highlights.spans import Span, clock
from highlights.timeline import TimelineOptions, build

_Made = TypeVar("_Made")

ADDED_ROLL_S = 5.0
"""Pre-roll and post-roll of an added instant whose kind is not in the profile."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The timeline after a file was read; the changes, one line each; what could not be taken over; and notes."""

    timeline: Timeline
    changes: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def read(
    timeline: Timeline, path: Path, reel: Path, *, name: str | None, of: Of | None, part: int | None, sport: str | None
) -> Outcome:
    """The timeline with the changes in the file at `path`, which is in the format `name` or in the one recognised.

    Raises:
        FormatError: the file cannot be used; names the line or entry.
        ProfileError: the profile of the sport cannot be used.
    """
    edited = Edited.at(path)
    chosen = choice(name or recognised(edited), of, part, path)
    return decided(timeline, chosen, edited, load(sport or timeline.sport), reel)


def decided(timeline: Timeline, chosen: Choice, edited: Edited, profile: Profile, reel: Path) -> Outcome:
    """The timeline with the changes in an edited file; the timeline itself if there are none.

    Raises:
        FormatError: the file cannot be used; names the line or entry.
    """
    cuts, _ = cut_list(timeline, chosen, reel, edited.path)
    rows = chosen.format.read
    if rows is None:
        edited.refuse(f"{chosen.format.name} cannot be imported")
    before, after = rows(_as_exported(timeline, chosen, edited, reel), cuts), rows(edited, cuts)
    if len(after) > MOST_ROWS:
        edited.refuse(f"lists {len(after)} clips; the limit is {MOST_ROWS}")
    desk = _Import(timeline, cuts, profile, edited)
    desk.apply(before, after)
    return desk.outcome()


def _as_exported(timeline: Timeline, chosen: Choice, edited: Edited, reel: Path) -> Edited:
    with TemporaryDirectory() as folder:
        target = Path(folder) / f"before{chosen.format.suffix}"
        export(timeline, chosen, target, reel)
        return replace(Edited.at(target), path=edited.path)


class _Import:
    """The import of one file: the timeline as changed so far."""

    def __init__(self, timeline: Timeline, cuts: CutList, profile: Profile, edited: Edited) -> None:
        self._first, self._timeline, self._cuts, self._profile, self._edited = timeline, timeline, cuts, profile, edited
        self._events = dict(enumerate(timeline.events))
        self._changes: list[str] = []
        self._unused: list[str] = []

    def apply(self, before: Sequence[EditedRow], after: Sequence[EditedRow]) -> None:
        """Apply what each row, or its absence, asks for."""
        near = set(marks(self._timeline.near_misses)) - set(self._cuts.marks)
        back = [row for row in after if near.intersection(row.marks)]
        after = [row for row in after if row not in back]
        markers = [row for row in after if row.out_s is None and any(clip.out_s is not None for clip in before)]
        after = [row for row in after if row not in markers]
        found = matches(before, after)
        marked = {n: row for n, entry in enumerate(self._cuts.entries) if (row := self._marker_of(entry, markers))}
        if before and not found and not marked:
            self._edited.refuse(f"shows none of the {len(before)} clips of this timeline: it is not an export of it")
        entries = self._cuts.entries
        kept = {number for n in found for number in entries[n].events if not entries[n].replay}
        for n, row in found.items():
            self._changed(entries[n], before[n], row)
        for n, entry in enumerate(entries):
            if n in marked and n not in found:
                self._unused.append(f"{marked[n].place}: has no end, so {entry.title!r} stays as it was")
            elif n not in found:
                self._removed(entry, kept)
        taken = {id(row) for row in found.values()}
        for row in after:
            if id(row) not in taken:
                self._added(row)
        for row in markers:
            if row not in marked.values():
                self._marker(row)
        for row in back:
            self._accepted(row)

    def outcome(self) -> Outcome:
        """The timeline, its clips rebuilt if anything was changed."""
        if not self._changes:
            return Outcome(self._first, (), tuple(self._unused))
        return Outcome(with_clips(self._first, self._timeline, self._profile), tuple(self._changes), tuple(self._unused))

    def _marker_of(self, entry: Entry, markers: Sequence[EditedRow]) -> EditedRow | None:
        """The marker that was the clip of an entry, before its end was removed."""
        own = set(self._cuts.marks_of(entry))
        return next((row for row in markers if own.intersection(row.marks)), None)

    def _marker(self, row: EditedRow) -> None:
        """Add a marker as the instant of an event, unless an event of that kind is there."""
        if row.medium is not None:
            new = self._event(row)
            there = [event for event in self._timeline.events if event.name == new.name and event.span.holds(new.peak_s)]
            if there:
                self._unused.append(f"{row.place}: marks {label(there[0])}, which is there")
                return
        self._added(row)

    def _changed(self, entry: Entry, before: EditedRow, after: EditedRow) -> None:
        """Take over the in and out point of a clip, and its texts if they belong to one event."""
        shown, words = self._moved(entry, before, after), self._changed_texts(entry, before, after)
        if entry.replay and shown:
            self._unused.append(f"{after.place}: replays are detected and cannot be edited")
        if words and (entry.replay or len(entry.events) != 1):
            self._unused.append(f"{after.place}: it shows several events, so its texts cannot be taken over")
        if entry.replay:
            return
        if shown:
            for number in entry.events:
                self._decide(number, after, f"shown {_span(shown)}", lambda t, p: decisions.trim(t, p, shown))
        if len(entry.events) == 1:
            self._reworded(entry.events[0], after, words)

    def _reworded(self, number: int, row: EditedRow, words: dict[str, str]) -> None:
        if words.pop("status", "") == "accepted":
            self._decide(number, row, "accepted", decisions.accept)
        if words:
            texts = self._named(words)
            changes = ", ".join(f"{name} {text!r}" for name, text in texts.items())
            self._decide(number, row, changes, lambda t, p: decisions.relabel(t, p, **texts))

    def _changed_texts(self, entry: Entry, before: EditedRow, after: EditedRow) -> dict[str, str]:
        """The texts that differ; an empty title, or the file's name, comes from programs that keep no titles."""
        words = {name: text for name, text in after.words.items() if not _same(text, before.words.get(name))}
        path = self._cuts.media[entry.medium].path
        if words.get("title", path.stem).strip() in ("", path.stem, path.name):
            words.pop("title", None)
        return words

    def _moved(self, entry: Entry, before: EditedRow, after: EditedRow) -> Span | None:
        """The new in and out point, if one of them was moved by a frame or more; the other one stays where it was."""
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
            self._unused.append(f"a replay of {entry.title!r} was removed: only --no-replays leaves out replays, of all clips")
            return
        for number in entry.events:
            if number not in kept and number in self._events:
                self._decide(number, None, "rejected", decisions.reject)

    def _added(self, row: EditedRow) -> None:
        if row.medium is None:
            self._unused.append(f"{row.place}: names a file that does not belong to this match")
            return
        event = self._event(row)
        self._timeline = self._guarded(row, lambda: decisions.add(self._timeline, event))
        self._changes.append(f"{label(event)}: added")

    def _accepted(self, row: EditedRow) -> None:
        """Accept the near misses that are listed; their marks are those of the first timeline, or of events rejected since."""
        for number, mark in enumerate(marks(self._timeline.near_misses)):
            if mark in row.marks:
                place = EventRef("near_misses", number)
                self._changes.append(f"{label(decisions.at(self._timeline, place))}: accepted")
                self._timeline = decisions.accept(self._timeline, place)
                return

    def _event(self, row: EditedRow) -> Event:
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
        """The texts, with the kind of event if the title is that of one."""
        texts = {name: text.strip() for name, text in words.items()}
        kinds = {rule.title.casefold(): rule.name for rule in self._profile.events}
        kind = kinds.get(texts.get("title", "").casefold())
        if kind and "name" not in texts:
            return {"name": kind, **texts}
        rule = self._profile.event(texts.get("name", ""))
        return {"title": rule.title, **texts} if rule and "title" not in texts else texts

    def _span(self, row: EditedRow, start_s: float, end_s: float) -> Span:
        return self._guarded(row, lambda: Span(start_s, end_s))

    def _guarded(self, row: EditedRow, make: Callable[[], _Made]) -> _Made:
        try:
            return make()
        except (ValueError, DecisionError) as error:
            raise FormatError(self._edited.path, str(error), row.place) from error

    def _decide(
        self, number: int, row: EditedRow | None, change: str, decide: Callable[[Timeline, EventRef], Timeline]
    ) -> None:
        """Change one of the first timeline's events, wherever it stands by now."""
        event, events = self._events[number], self._timeline.events
        place = EventRef("events", next(n for n, other in enumerate(events) if other is event))
        new = decide(self._timeline, place) if row is None else self._guarded(row, lambda: decide(self._timeline, place))
        known = {id(other) for other in events}
        changed = [other for other in new.events if id(other) not in known]
        if changed:
            self._events[number] = changed[0]
        else:
            del self._events[number]
        self._changes.append(f"{label(event)}: {change}")
        self._timeline = new


def with_clips(first: Timeline, decided_: Timeline, profile: Profile) -> Timeline:
    """The timeline with its clips rebuilt like the first one's: events that it did not show are not shown."""
    in_order = all(a.span <= b.span for a, b in pairwise(first.clips))
    options = TimelineOptions("chronological" if in_order else "ranked", None, any(clip.replay for clip in first.clips))
    hidden = {id(event) for n, event in enumerate(first.events) if not any(n in clip.events for clip in first.clips)}
    made = build(first.recording, profile, decided_.events, decided_.near_misses, first.analysis, options)
    clips = [c for c in made.clips if not all(id(decided_.events[n]) in hidden for n in c.events)]
    return replace(made, clips=tuple(clips), finders=first.finders)


def _same(now: str, then: str | None) -> bool:
    """Whether two texts are equal, ignoring case where one is all capitals: some programs write capitals only."""
    return then is not None and now in (then, then.upper())


def label(event: Event) -> str:
    """An event by its time and title."""
    return f"{clock(event.peak_s)} {one_line(event.title)}"


def _span(span: Span) -> str:
    return f"{clock(span.start_s)} to {clock(span.end_s)}"
