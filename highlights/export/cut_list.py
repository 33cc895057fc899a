"""`CutList`: what every format for other programs is written from: files, and the spans of them that are shown.

    of the recording      half1.mp4  ──├──┤─────├────┤──     half2.mp4  ───├───┤────
    of the reel           reel.mp4   ├──┤├────┤├───┤

Times within a file count from its first frame. A list has one frame rate, that of its first file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Literal

from highlights.export.naming import marks
from highlights.export.timecode import Rate, drops, exact, frame_of, timecode
from highlights.records import Clip, Event, Part, Timeline
from highlights.reel.plan import SAMPLE_RATE_HZ, lay_out, standard_rate
from highlights.spans import Span

Of = Literal["source", "reel"]
Each = Literal["clip", "event"]


@dataclass(frozen=True, slots=True)
class Medium:
    """A source file; `channels` holds the number of channels of each audio track."""

    path: Path
    origin_s: Fraction
    """The match time of its first frame; unused for a reel."""
    start_s: Fraction
    """Its start when the list's files are laid end to end."""
    duration_s: Fraction
    width: int
    height: int
    fps: Fraction
    channels: tuple[int, ...] = ()
    sample_rate_hz: int = SAMPLE_RATE_HZ
    start_code: str = ""
    """The time code of its first frame as written in the file; empty without one."""

    @property
    def rate(self) -> Rate:
        """Its frame rate; its time code drops frame numbers if that of its first frame is marked so."""
        return Rate(self.fps, drops(self.start_code))


@dataclass(frozen=True, slots=True)
class Entry:
    """One span of a file; `events` are indices into the timeline's events, `span` is on the match clock."""

    medium: int
    in_s: Fraction
    out_s: Fraction
    span: Span
    title: str
    subtitle: str
    events: tuple[int, ...]
    replay: bool = False


@dataclass(frozen=True, slots=True)
class CutList:
    """Entries in the order in which they are shown."""

    name: str
    of: Of
    media: tuple[Medium, ...]
    entries: tuple[Entry, ...]
    events: tuple[Event, ...]
    marks: tuple[str, ...]
    """The mark of each event."""
    teams: tuple[str, str]
    """As read from the score graphic, home first; empty if not read."""
    rate: Rate

    def frames(self, entry: Entry) -> tuple[int, int]:
        """The first frame in its file and the number of frames: at least one, none beyond the end of the file."""
        there = self.length(self.media[entry.medium])
        count = min(max(1, self.rate.frame_at(entry.out_s - entry.in_s)), there)
        return min(self.rate.frame_at(entry.in_s), there - count), count

    def length(self, medium: Medium) -> int:
        """The number of frames in a file."""
        return max(1, self.rate.frame_at(medium.duration_s))

    def start_frame(self, medium: Medium) -> int:
        """The frame number of its start time code; 0 without one."""
        try:
            return self.rate.frame_at(medium.rate.seconds(frame_of(medium.start_code, medium.rate)))
        except ValueError:
            return 0

    def code(self, medium: Medium, frame: int) -> str:
        """The time code of a frame of a file, counted from 0 as the list counts, marked as the file's own code is."""
        return timecode(self.start_frame(medium) + frame, replace(self.rate, marked=medium.rate.marked))

    def instant(self, entry: Entry, number: int) -> int:
        """The frame of an event, counted from the entry's first; always inside the entry."""
        away_s = exact(self.events[number].peak_s) - exact(entry.span.start_s)
        return min(max(0, self.rate.frame_at(away_s)), self.frames(entry)[1] - 1)

    def side(self, number: int) -> Literal["home", "away", ""]:
        """The side of an event's team; empty if it is not one of the two teams."""
        team = self.events[number].team.strip().casefold()
        named = [name.strip().casefold() for name in self.teams]
        if not team or team not in named:
            return ""
        return "home" if team == named[0] else "away"

    def clock_s(self, entry: Entry) -> tuple[Fraction, Fraction]:
        """In and out point with the list's files laid end to end."""
        start_s = self.media[entry.medium].start_s
        return start_s + entry.in_s, start_s + entry.out_s

    def marks_of(self, entry: Entry) -> tuple[str, ...]:
        """The marks of the events that an entry shows."""
        return tuple(self.marks[number] for number in entry.events)

    def match_s(self, medium: int, time_s: Fraction) -> Fraction:
        """The match time of a time in one of the files."""
        if self.of == "source":
            return self.media[medium].origin_s + time_s
        shown = [entry for entry in self.entries if entry.in_s <= time_s] or list(self.entries[:1])
        return exact(shown[-1].span.start_s) + time_s - shown[-1].in_s


def of_recording(timeline: Timeline, each: Each, start_codes: Sequence[str] = ()) -> CutList:
    """The list over the recording's files: an entry for each clip as shown, or for each event in order of time."""
    codes = [*start_codes, *[""] * len(timeline.recording.parts)]
    media = tuple(medium_of(part, code) for part, code in zip(timeline.recording.parts, codes, strict=False))
    clips = timeline.clips if each == "clip" else [_alone(timeline, number) for number in range(len(timeline.events))]
    if each == "event":
        clips = sorted(clips, key=lambda clip: (clip.span, clip.events))
    entries = tuple(_entry(clip, timeline) for clip in clips)
    return CutList(
        timeline.recording.parts[0].path.stem,
        "source",
        media,
        entries,
        timeline.events,
        marks(timeline.events),
        timeline.analysis.scoreboard.teams,
        media[0].rate,
    )


def of_reel(timeline: Timeline, reel: Medium, places: Sequence[tuple[Fraction, Fraction]] = ()) -> CutList:
    """The list over the reel, with each clip at its place in `places`, or else end to end."""
    takes = lay_out(timeline.clips, reel.fps)
    ends = [(take.first_frame / reel.fps, (take.first_frame + take.frames) / reel.fps) for take in takes]
    entries = tuple(
        replace(_entry(clip, timeline), medium=0, in_s=in_s, out_s=out_s)
        for clip, (in_s, out_s) in zip(timeline.clips, places or ends, strict=True)
    )
    duration_s = max([reel.duration_s, *(entry.out_s for entry in entries)])
    media = (replace(reel, duration_s=duration_s),)
    teams = timeline.analysis.scoreboard.teams
    return CutList(reel.path.stem, "reel", media, entries, timeline.events, marks(timeline.events), teams, Rate(reel.fps))


def planned_reel(timeline: Timeline, path: Path) -> Medium:
    """The reel that would be cut."""
    first = timeline.recording.parts[0]
    sound = (2,) if any(part.audio_track is not None for part in timeline.recording.parts) else ()
    zero = Fraction(0)
    return Medium(path, zero, zero, zero, first.width, first.height, standard_rate(first.frame_rate), sound)


def only(cuts: CutList, medium: int) -> CutList:
    """The list with only the entries of one file; times then count from the start of that file."""
    kept = replace(cuts.media[medium], start_s=Fraction(0))
    entries = tuple(replace(entry, medium=0) for entry in cuts.entries if entry.medium == medium)
    return replace(cuts, name=kept.path.stem, media=(kept,), entries=entries)


def medium_of(part: Part, start_code: str = "") -> Medium:
    """A file of a recording as a source file."""
    heard = [track for track in part.audio_tracks if track.channels]
    return Medium(
        part.path,
        exact(part.start_s),
        exact(part.start_s),
        exact(part.duration_s),
        part.width,
        part.height,
        standard_rate(part.frame_rate),
        tuple(track.channels for track in heard),
        heard[0].sample_rate_hz if heard else SAMPLE_RATE_HZ,
        start_code,
    )


def _entry(clip: Clip, timeline: Timeline) -> Entry:
    start_s = timeline.recording.parts[clip.part].start_s
    return Entry(
        clip.part,
        max(Fraction(0), exact(clip.span.start_s) - exact(start_s)),
        exact(clip.span.end_s) - exact(start_s),
        clip.span,
        clip.title,
        clip.subtitle,
        clip.events,
        clip.replay,
    )


def _alone(timeline: Timeline, number: int) -> Clip:
    """The part of a clip that shows one event, without the other events of the clip."""
    event = timeline.events[number]
    part = timeline.recording.part_at(event.peak_s)
    clip = next((clip for clip in timeline.clips if number in clip.events and not clip.replay), None)
    if event.shown is not None or clip is None:
        span = event.shown or event.span.clamp(timeline.recording.parts[part].span) or event.span
        return Clip(span, (number,), event.title, "", timeline.recording.part_at(span.middle_s) if event.shown else part)
    others = [timeline.events[other].span for other in clip.events if other != number]
    return replace(clip, span=_between(clip.span, event.span, others), events=(number,), title=event.title)


def _between(whole: Span, own: Span, others: Sequence[Span]) -> Span:
    """The part of `whole` around `own` that does not overlap the others."""
    start_s = max([whole.start_s, *(span.end_s for span in others if span.end_s <= own.start_s)])
    end_s = min([whole.end_s, *(span.start_s for span in others if span.start_s >= own.end_s)])
    return Span(start_s, end_s)
