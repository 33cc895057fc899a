"""The data passed between the stages: frozen, without behaviour beyond look-ups.

Times are seconds on the match clock: presentation time of the source (PTS minus the PTS of its first frame), with the parts of
a recording end to end. The clock on the score graphic is the *game clock*, always a separate field.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Literal

from highlights.spans import Span

Counter = str
"""A counter on a score graphic: `home`, `away`, `runs`, `wickets`, `balls`, `home_sets`, `away_sets`, `home_games`, ..."""


@dataclass(frozen=True, slots=True)
class AudioTrack:
    """One audio stream of a file; `number` counts audio streams from 0, as in `--audio-track`."""

    number: int
    stream_index: int
    codec: str
    channels: int
    sample_rate_hz: int
    language: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a recording.

    `width` and `height` are the display size: after rotation and with square pixels. Pictures are shown turned
    counterclockwise by `rotation_deg`, and then, if `mirrored`, with left and right exchanged. `peak_nits` is the
    luminance of the brightest pictures of a file with high dynamic range (HDR), and 0 for any other. `first_pts_s` is the
    presentation time in the file, in seconds, of the first shown frame, so
    match time = file time - first_pts_s + start_s.
    """

    path: Path
    start_s: float
    duration_s: float
    width: int
    height: int
    frame_rate: Fraction
    video_codec: str
    first_pts_s: float = 0.0
    rotation_deg: int = 0
    mirrored: bool = False
    peak_nits: float = 0.0
    pixel_aspect: Fraction = Fraction(1)
    audio_tracks: tuple[AudioTrack, ...] = ()
    audio_track: int | None = None
    """Which of `audio_tracks` is used (its `number`), or None."""
    size_bytes: int = 0
    fingerprint: str = ""
    """Of the file's content, as `media.identity` computes it; empty if unknown, like a size of 0."""

    @property
    def span(self) -> Span:
        """The part's span on the match clock."""
        return Span(self.start_s, self.start_s + self.duration_s)


@dataclass(frozen=True, slots=True)
class Recording:
    """The media file(s) of one match, on one clock."""

    parts: tuple[Part, ...]

    @property
    def duration_s(self) -> float:
        """Total length of all parts in seconds."""
        last = self.parts[-1]
        return round(last.start_s + last.duration_s, 3)

    @property
    def span(self) -> Span:
        """The whole match clock."""
        return Span(0.0, self.duration_s)

    def part_at(self, time_s: float) -> int:
        """Index of the part shown at `time_s`; outside the recording, of the nearest one."""
        return max(0, bisect_right([p.start_s for p in self.parts], time_s) - 1)


@dataclass(frozen=True, slots=True)
class Scene:
    """Frames between two cuts."""

    span: Span
    part: int = 0
    transition: Literal["start", "cut", "gradual"] = "cut"
    """How the scene begins: with the file, with a hard cut, or with a dissolve or wipe."""
    exact: bool = True
    """Whether it begins with exactly this frame; else the cut was placed by its packet, a few frames off at most."""


@dataclass(frozen=True, slots=True)
class Window:
    """What a model sees in one call."""

    span: Span
    part: int = 0


@dataclass(frozen=True, slots=True)
class Sampling:
    """How video is sampled for a model family: `rate_hz` frames a second by presentation time, at most `max_frames` of them.

    Each is resized to `size` (width, height) if given; else its aspect ratio is kept as closely as possible with both sides
    multiples of `multiple` pixels and at most `max_pixels` pixels.
    """

    rate_hz: float = 2.0
    max_frames: int = 240
    max_pixels: int = 200_704
    multiple: int = 32
    size: tuple[int, int] | None = None


SILENCE_DB = -75.0
"""Loudness in dBFS below which nothing is being broadcast: the dither of a muted track is lower."""


@dataclass(frozen=True, slots=True)
class Excitement:
    """The crowd's excitement, one value every `step_s` seconds.

    `values[i]` is for `[i * step_s, (i + 1) * step_s)`: 0 is the match's own usual level, 1 its clearest roar. `loudness_db` is
    the loudness in dBFS at the same times. Both are empty if there is no audio.
    """

    step_s: float = 0.5
    values: tuple[float, ...] = ()
    loudness_db: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Tone:
    """A referee's whistle or a buzzer."""

    kind: Literal["whistle", "buzzer"]
    span: Span
    confidence: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A short burst of noise such as a struck ball makes, by `rise_db` louder than what was heard before it."""

    time_s: float
    rise_db: float
    level_db: float
    """Of the differences of neighbouring samples, in dBFS: comparable within one recording."""


@dataclass(frozen=True, slots=True)
class Rally:
    """Hits in a row, as of a ball that goes back and forth: `span` is from the first to just after the last, at `last_s`."""

    span: Span
    last_s: float
    hits: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Rallies:
    """When the ball was in play by the sound of its hits, in order of time, or in `doubt`, in words, why nothing was found.

    Both are empty if the sport has no rallies.
    """

    found: tuple[Rally, ...] = ()
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """Pixels `[x0, x1) x [y0, y1)` of the decoded picture of `width` x `height`."""

    x0: int
    y0: int
    x1: int
    y1: int


@dataclass(frozen=True, slots=True)
class ScoreReading:
    """The score graphic at `time_s`, cleaned by the rules of the sport."""

    time_s: float
    text: str
    counters: dict[Counter, int]
    clock_s: float | None = None
    clock: str = ""
    period: str = ""


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """One change of the score.

    `shown_s`: when the graphic changed (the middle of `seen` if it was hidden). `seen`: from the last reading of the old value
    to the first reading of the new one. `before` and `after` have every counter.
    """

    shown_s: float
    seen: Span
    before: dict[Counter, int]
    after: dict[Counter, int]
    clock: str = ""
    period: str = ""
    confidence: float = 1.0

    @property
    def hidden(self) -> bool:
        """Whether the graphic was off screen meanwhile, so that the score changed at some time in `seen`."""
        return self.shown_s < self.seen.end_s

    def grown(self, counter: Counter) -> int:
        """By how much one counter changed."""
        return self.after.get(counter, 0) - self.before.get(counter, 0)


@dataclass(frozen=True, slots=True)
class Scoreboard:
    """Everything read from the score graphic. `visible`: when it was on screen; empty if the match has none.

    `doubt` says why it is unsure which numbers are the score, as read at `doubt_s`; then there are only `boxes` besides.
    """

    boxes: tuple[Box, ...] = ()
    teams: tuple[str, str] = ("", "")
    readings: tuple[ScoreReading, ...] = ()
    changes: tuple[ScoreChange, ...] = ()
    visible: tuple[Span, ...] = ()
    doubt: str = ""
    doubt_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Replay:
    """A span that repeats earlier footage; `because` lists the signs."""

    span: Span
    confidence: float
    because: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A part of the input that could not be used, counted and reported at the end of a run."""

    path: Path
    problem: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Analysis:
    """The result of one pass over a recording."""

    scenes: tuple[Scene, ...] = ()
    crowd: Excitement = Excitement()
    tones: tuple[Tone, ...] = ()
    scoreboard: Scoreboard = Scoreboard()
    replays: tuple[Replay, ...] = ()
    faults: tuple[Fault, ...] = ()
    rallies: Rallies = Rallies()


@dataclass(frozen=True, slots=True)
class Moment:
    """One raw claim: `event` happened in `span`, most likely at `peak_s`.

    `signal` is the source (`score`, `crowd`, `replay`, `whistle`, `buzzer`, `report` for a match report, or a model's name);
    `weight` is the evidence for the event in log-odds, negative if against it; `because` explains it in words. `score` is the
    score after the event, in the notation of the sport, if the claim knows it.
    """

    event: str
    span: Span
    peak_s: float
    signal: str
    weight: float
    because: str
    team: str = ""
    score: str = ""


Status = Literal["found", "accepted", "rejected", "added"]

CLOSE_S = 5.0  # an instant known this closely is simply an instant


@dataclass(frozen=True, slots=True)
class Event:
    """A merged, named event of the match with the claims behind it."""

    name: str
    title: str
    span: Span
    peak_s: float
    confidence: float
    evidence: tuple[Moment, ...]
    priority: int = 0
    team: str = ""
    game_clock: str = ""
    period: str = ""
    score: str = ""
    why_not: str = ""
    """For a near miss: why it is not an event."""
    description: str = ""
    """One line about what can be seen, by a captioning model; empty without one."""
    player: str = ""
    status: Status = "found"
    """A person's decision: none yet (found), it counts, it does not count, or it was missing."""
    shown: Span | None = None
    """In and out point set by hand; otherwise they follow from the profile."""

    @property
    def doubt(self) -> Span | None:
        """Where the instant can be, if only a change of the score or a match report tells; None if known to a few seconds."""
        told = (m for m in self.evidence if m.signal in ("score", "report"))
        placed = any((m.span, m.peak_s) == (self.span, self.peak_s) for m in told)
        return self.span if placed and self.span.length_s > CLOSE_S else None


MOMENT = "moment"
"""The name of an `Event` that is none: an instant worth showing, offered because no event was found."""

EVENT_TEXTS = ("name", "title", "team", "player", "score", "game_clock", "period", "description")
"""The texts of an `Event` that a person may edit and that exports contain."""


@dataclass(frozen=True, slots=True)
class Clip:
    """An event (or its replay) as it will be shown; `events` are indices into the timeline's events."""

    span: Span
    events: tuple[int, ...]
    title: str
    subtitle: str = ""
    part: int = 0
    replay: bool = False


@dataclass(frozen=True, slots=True)
class Timeline:
    """The result: the events, the near misses, the clips to show, and the analysis behind them."""

    recording: Recording
    sport: str
    events: tuple[Event, ...] = ()
    near_misses: tuple[Event, ...] = ()
    clips: tuple[Clip, ...] = ()
    analysis: Analysis = field(default_factory=Analysis)
    finders: tuple[str, ...] = ()
    """What found the events: `signals`, and models by name, revision and device or server."""

    @property
    def only_moments(self) -> bool:
        """Whether no event was found, so that all in `events` are moments."""
        return bool(self.events) and all(event.name == MOMENT for event in self.events)
