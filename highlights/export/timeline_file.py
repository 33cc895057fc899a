"""The content of `timeline.json`, version 1: strict models between the file and the records.

Conventions: times are seconds on the match clock, to 1 ms, `[start_s, end_s)`; other numbers have three decimals. Every key is
written, and unknown keys are refused, not skipped. Keys added after the first release (`description`, `finders`, `note`) may be
missing when a file is read. An entry is made from a record by `model_validate` with
`context={"folder": ...}`, the folder that the paths in the file are relative to, and becomes a record again by `record`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import is_dataclass
from fractions import Fraction
from pathlib import Path, PurePath
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

from highlights import records
from highlights.spans import Span
from highlights.systems import path_of_text, text_of_path
from highlights.timeline import moments_note

LONGEST_S = 10_000_000.0  # 115 days; a later time is a fault of the file

Record = TypeVar("Record")


def _three_decimals(value: float) -> float:
    return round(value, 3) + 0.0  # + 0.0 turns -0.0 into 0.0


def _six_decimals(value: float) -> float:
    return round(value, 6) + 0.0


def _text_of_ratio(value: object) -> object:
    return str(value) if isinstance(value, Fraction) else value


def _text_of_path(value: object, info: ValidationInfo) -> object:
    if not isinstance(value, Path) or info.context is None:
        return value
    path, folder = value.parent.resolve() / value.name, info.context["folder"].resolve()
    try:
        return text_of_path(Path(os.path.relpath(path, folder)).as_posix())
    except ValueError:  # another drive, on Windows
        return text_of_path(path.as_posix())


def _path_of_text(text: str, folder: Path) -> Path:
    return Path(os.path.normpath(folder.resolve() / path_of_text(text)))


Number = Annotated[float, AfterValidator(_three_decimals)]
Seconds = Annotated[float, Field(ge=0, le=LONGEST_S), AfterValidator(_three_decimals)]
FileSeconds = Annotated[float, Field(ge=-LONGEST_S, le=LONGEST_S), AfterValidator(_six_decimals)]
Confidence = Annotated[float, Field(ge=0, le=1), AfterValidator(_three_decimals)]
Ratio = Annotated[str, Field(max_length=32, pattern=r"^[1-9][0-9]*(/[1-9][0-9]*)?$"), BeforeValidator(_text_of_ratio)]
FilePath = Annotated[str, Field(min_length=1, pattern=r"^[^\x00]+$"), BeforeValidator(_text_of_path)]
Count = Annotated[int, Field(ge=0)]
Size = Annotated[int, Field(ge=1)]


class Entry(BaseModel):
    """Base of all entries: no conversions, no unknown keys, every number finite."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _from_record(cls, data: object) -> object:
        """The fields of a record, its span laid out as start and end."""
        if not is_dataclass(data):
            return data
        names = cls.model_fields.keys() - cls.derived()
        fields = {name: getattr(data, name) for name in names - {"start_s", "end_s"}}
        timed = getattr(data, "span", data) if issubclass(cls, Stretch) else data
        fields |= {name: getattr(timed, name) for name in names & {"start_s", "end_s"}}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()}

    @classmethod
    def derived(cls) -> frozenset[str]:
        """Keys that are written for readers of the file only: derived from the others, and not part of the record."""
        return frozenset()

    def record(self, kind: Callable[..., Record], **instead: object) -> Record:
        """The entry as a record of `kind`, with the fields in `instead` in place of its own."""
        fields = {name: getattr(self, name) for name in type(self).model_fields if name not in self.derived()}
        if isinstance(self, Stretch):
            fields["span"] = Span(fields.pop("start_s"), fields.pop("end_s"))
        fields = {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}
        return kind(**(fields | instead))


class Stretch(Entry):
    """An entry with a start and an end."""

    start_s: Seconds
    end_s: Seconds

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.start_s >= self.end_s:
            raise ValueError(f"end_s must be after start_s, got {self.start_s} and {self.end_s}")
        return self


class Placed(Stretch):
    """An entry that lies in one part of the recording, counted from 0."""

    part: Count


class AudioTrack(Entry):
    """One audio stream of a part."""

    number: Count
    stream_index: Count
    codec: str
    channels: Count
    sample_rate_hz: Count
    language: str
    title: str


class Part(Entry):
    """One file of the recording; `path` is relative to the timeline's folder, or absolute."""

    path: FilePath
    name: str = Field(default_factory=lambda fields: PurePath(fields.get("path", "")).name)
    start_s: FileSeconds
    duration_s: FileSeconds
    width: Size
    height: Size
    frame_rate: Ratio
    video_codec: str
    first_pts_s: FileSeconds
    rotation_deg: int
    mirrored: bool = False
    peak_nits: FileSeconds = 0.0
    pixel_aspect: Ratio
    audio_tracks: list[AudioTrack]
    audio_track: Count | None
    size_bytes: Count = 0
    fingerprint: str = ""

    @classmethod
    def derived(cls) -> frozenset[str]:
        """The name is the end of the path."""
        return frozenset({"name"})

    def part(self, folder: Path) -> records.Part:
        """The entry of a timeline in `folder` as a record."""
        return self.record(
            records.Part,
            path=_path_of_text(self.path, folder),
            frame_rate=Fraction(self.frame_rate),
            pixel_aspect=Fraction(self.pixel_aspect),
            audio_tracks=tuple(track.record(records.AudioTrack) for track in self.audio_tracks),
        )


class Recording(Entry):
    """The files of the match, on one clock."""

    parts: Annotated[list[Part], Field(min_length=1)]


class Evidence(Stretch):
    """One claim behind an event; `weight` in log-odds, negative when it speaks against."""

    peak_s: Seconds
    signal: str
    weight: Number
    because: str
    event: str
    team: str
    score: str


class Event(Stretch):
    """One event of the match; `peak_s` is its instant, `game_clock` what the score graphic showed then.

    `status` is what a person decided, `shown` the in and out point set by hand.
    """

    peak_s: Seconds
    name: str
    title: str
    game_clock: str
    period: str
    score: str
    team: str
    confidence: Confidence
    priority: int
    description: str = ""
    player: str = ""
    status: records.Status = "found"
    shown: Stretch | None = None
    evidence: list[Evidence]

    def event(self) -> records.Event:
        """The entry as a record."""
        return self.record(
            records.Event,
            evidence=tuple(claim.record(records.Moment) for claim in self.evidence),
            shown=self.shown and Span(self.shown.start_s, self.shown.end_s),
        )


class NearMiss(Event):
    """A claim that fell short of an event, and why."""

    why_not: str


class Clip(Placed):
    """A clip as shown; `events` are indices into the list of events, from 0."""

    title: str
    subtitle: str
    events: list[Count]
    replay: bool


class Scene(Placed):
    """Frames between two cuts; `transition` is how the scene begins, `exact` whether with exactly this frame."""

    transition: Literal["start", "cut", "gradual"]
    exact: bool = True


class Crowd(Entry):
    """One number every `step_s`: 0 is the match's usual level, 1 its clearest roar."""

    step_s: Annotated[Seconds, Field(gt=0)]
    values: list[Number]
    loudness_db: list[Number]


class Tone(Stretch):
    """A whistle or a buzzer."""

    kind: Literal["whistle", "buzzer"]
    confidence: Confidence


class Box(Entry):
    """Pixels `[x0, x1) x [y0, y1)` of the decoded frame."""

    x0: Count
    y0: Count
    x1: Count
    y1: Count


class Reading(Entry):
    """The score graphic as read at one time."""

    time_s: Seconds
    text: str
    counters: dict[str, int]
    clock: str
    clock_s: Number | None
    period: str


class Change(Entry):
    """One change of the score: when the graphic changed, and between which two readings (`seen`)."""

    shown_s: Seconds
    seen: Stretch
    before: dict[str, int]
    after: dict[str, int]
    clock: str
    period: str
    confidence: Confidence


class Score(Entry):
    """Everything read from the score graphic."""

    teams: Annotated[list[str], Field(min_length=2, max_length=2)]
    boxes: list[Box]
    visible: list[Stretch]
    changes: list[Change]
    readings: list[Reading]
    doubt: str = ""
    doubt_s: Seconds = 0.0

    def scoreboard(self) -> records.Scoreboard:
        """The entry as a record."""
        return self.record(
            records.Scoreboard,
            boxes=tuple(box.record(records.Box) for box in self.boxes),
            visible=tuple(Span(stretch.start_s, stretch.end_s) for stretch in self.visible),
            changes=tuple(
                change.record(records.ScoreChange, seen=Span(change.seen.start_s, change.seen.end_s)) for change in self.changes
            ),
            readings=tuple(reading.record(records.ScoreReading) for reading in self.readings),
        )


class Replay(Stretch):
    """A span that shows something again."""

    confidence: Confidence
    because: str


class Rally(Stretch):
    """A rally by the sound of its hits, the last of them at `last_s`."""

    last_s: Seconds
    hits: Count
    confidence: Confidence


class Rallies(Entry):
    """The rallies, or why there are none; both are empty in sports without."""

    found: list[Rally] = []
    doubt: str = ""

    def rallies(self) -> records.Rallies:
        """The entry as a record."""
        return records.Rallies(tuple(rally.record(records.Rally) for rally in self.found), self.doubt)


class Fault(Entry):
    """A problem of the input, and how often it occurred."""

    path: FilePath
    problem: str
    count: Count


def _places(key: str, entries: Sequence[Placed]) -> Iterator[tuple[str, Placed]]:
    return ((f"{key}.{number}", entry) for number, entry in enumerate(entries))


class TimelineFile(Entry):
    """The whole file."""

    version: Literal[1]
    sport: str
    note: str = ""
    """What a reader should know first: that no event was found, and `events` holds moments. Empty otherwise."""
    finders: list[str] = []
    recording: Recording
    duration_s: Seconds
    events: list[Event]
    near_misses: list[NearMiss]
    clips: list[Clip]
    scenes: list[Scene]
    crowd: Crowd
    tones: list[Tone]
    score: Score
    replays: list[Replay]
    faults: list[Fault]
    rallies: Rallies = Rallies()

    @model_validator(mode="after")
    def _references_exist(self) -> Self:
        parts, events = len(self.recording.parts), len(self.events)
        for place, entry in [*_places("clips", self.clips), *_places("scenes", self.scenes)]:
            if entry.part >= parts:
                raise ValueError(f"{place}.part: part {entry.part} does not exist; the last one is {parts - 1}")
        for number, clip in enumerate(self.clips):
            if any(event >= events for event in clip.events):
                raise ValueError(f"clips.{number}.events: names an event that does not exist; the last one is {events - 1}")
        return self

    @classmethod
    def derived(cls) -> frozenset[str]:
        """The note follows from the events and clips."""
        return frozenset({"note"})

    @classmethod
    def of(cls, timeline: records.Timeline, folder: Path) -> Self:
        """The entry for a timeline to be written in `folder`."""
        analysis = timeline.analysis
        content = {
            "version": 1,
            "sport": timeline.sport,
            "note": moments_note(timeline),
            "finders": list(timeline.finders),
            "recording": timeline.recording,
            "duration_s": timeline.recording.duration_s,
            "events": list(timeline.events),
            "near_misses": list(timeline.near_misses),
            "clips": list(timeline.clips),
            "scenes": list(analysis.scenes),
            "crowd": analysis.crowd,
            "tones": list(analysis.tones),
            "score": analysis.scoreboard,
            "replays": list(analysis.replays),
            "faults": list(analysis.faults),
            "rallies": analysis.rallies,
        }
        return cls.model_validate(content, context={"folder": folder})

    def timeline(self, folder: Path) -> records.Timeline:
        """The timeline of a file in `folder`."""
        return records.Timeline(
            recording=records.Recording(tuple(part.part(folder) for part in self.recording.parts)),
            sport=self.sport,
            events=tuple(event.event() for event in self.events),
            near_misses=tuple(miss.event() for miss in self.near_misses),
            clips=tuple(clip.record(records.Clip) for clip in self.clips),
            analysis=records.Analysis(
                scenes=tuple(scene.record(records.Scene) for scene in self.scenes),
                crowd=self.crowd.record(records.Excitement),
                tones=tuple(tone.record(records.Tone) for tone in self.tones),
                scoreboard=self.score.scoreboard(),
                replays=tuple(replay.record(records.Replay) for replay in self.replays),
                faults=tuple(fault.record(records.Fault, path=_path_of_text(fault.path, folder)) for fault in self.faults),
                rallies=self.rallies.rallies(),
            ),
            finders=tuple(self.finders),
        )
