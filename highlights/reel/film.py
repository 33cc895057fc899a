"""The plan of a film: its options, its size, and everything shown in it at its place. Nothing is decoded yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from pathlib import Path

from highlights.errors import RenderError
from highlights.records import Clip, Event, Recording, Timeline
from highlights.reel.plan import NOTHING_TO_SHOW, Take, card, kept_to, placed, play, slow_motion, standard_rate
from highlights.reel.recap import RECAP_TITLE
from highlights.reel.reframe import Trail, kept_share
from highlights.reel.size_limit import SMALLEST_BYTES
from highlights.timeline import sureness

CARD_S, RECAP_S = 2.5, 5.0
FEW_LETTERS = 12
FREEZE_S = 1.0
LONGEST_FADE_S = 5.0


@dataclass(frozen=True, slots=True)
class EditOptions:
    """How the film is made.

    `width` and `height` (even) default to those of the first part, `frame_rate` to the standard rate nearest to its own.
    With an `aspect` (width / height) frames are cropped to it, as large as possible, along the `trail` of the play (match
    clock); a clip without a spot in the trail follows what moves. `fade_s` is the fade from and to black at the ends of a clip,
    0 for hard cuts; with a `crossfade_s` clips are cross-faded instead. `slow_motion` repeats the instant of every event,
    `freeze` freezes the frame there. `intro` and `outro` are headlines of cards around the film, `""` for the teams or else the
    sport; `recap` is a card with the score and the events. `logo` is a picture for a corner, `subtitles` a track that a player
    can show. `max_bytes` is the most that the reel's file may take. `crf` (0..51, smaller is better) is x264's, and so is
    `preset`, which only counts if all frames are encoded.
    """

    width: int | None = None
    height: int | None = None
    frame_rate: Fraction | None = None
    aspect: Fraction | None = None
    trail: Trail = ()
    titles: bool = True
    fade_s: float = 0.2
    crossfade_s: float = 0.0
    slow_motion: bool = False
    freeze: bool = False
    intro: str | None = None
    outro: str | None = None
    recap: bool = False
    logo: Path | None = None
    music: Path | None = None
    subtitles: bool = False
    most_s: float | None = None
    max_bytes: int | None = None
    crf: int = 20
    preset: str = "veryfast"
    audio_kbps: int = 160

    def __post_init__(self) -> None:
        for name, pixels in (("width", self.width), ("height", self.height)):
            if pixels is not None and (pixels < 16 or pixels % 2):
                raise ValueError(f"{name} must be even and at least 16, got {pixels}")
        if self.aspect is not None and not Fraction(1, 4) <= self.aspect <= 4:
            raise ValueError(f"aspect must be 1/4..4, got {self.aspect}")
        if self.aspect is not None and self.width is not None and self.height is not None:
            raise ValueError("aspect fixes the ratio of width and height: give at most one of them")
        if self.frame_rate is not None and not 1 <= self.frame_rate <= 240:
            raise ValueError(f"frame_rate must be 1..240, got {self.frame_rate}")
        if self.max_bytes is not None and self.max_bytes < SMALLEST_BYTES:
            raise ValueError(f"max_bytes must be at least {SMALLEST_BYTES}, got {self.max_bytes}")
        for name, seconds in (("crossfade_s", self.crossfade_s), ("fade_s", self.fade_s)):
            if not 0 <= seconds <= LONGEST_FADE_S:
                raise ValueError(f"{name} must be 0..{LONGEST_FADE_S:g}, got {seconds}")


@dataclass(frozen=True, slots=True)
class Film:
    """A timeline laid out as a film."""

    timeline: Timeline
    options: EditOptions
    size: tuple[int, int]
    frame_rate: Fraction
    takes: tuple[Take, ...]

    @property
    def frames(self) -> int:
        """Length of the film in output frames."""
        return self.takes[-1].first_frame + self.takes[-1].frames


def plan(timeline: Timeline, options: EditOptions) -> Film:
    """The film of a timeline.

    Raises:
        RenderError: it has no clips.
    """
    if not timeline.clips:
        raise RenderError(NOTHING_TO_SHOW)
    frame_rate = options.frame_rate or standard_rate(timeline.recording.parts[0].frame_rate)
    takes = list(_takes(timeline, options, frame_rate))
    shared = round(options.crossfade_s * frame_rate)
    most = None if options.most_s is None else floor(Fraction(options.most_s) * frame_rate)
    takes = placed(takes if most is None else kept_to(takes, most, shared), shared_frames=shared)
    return Film(timeline, options, film_size(timeline.recording, options), frame_rate, tuple(takes))


def _takes(timeline: Timeline, options: EditOptions, frame_rate: Fraction) -> Iterator[Take]:
    """Everything shown, in order."""
    if options.intro is not None:
        yield card("intro", options.intro or headline(timeline), CARD_S, frame_rate)
    for clip in timeline.clips:
        yield from _clip_takes(clip, best_event(timeline, clip), options, frame_rate)
    if options.recap:
        yield card("recap", RECAP_TITLE, RECAP_S, frame_rate)
    if options.outro is not None:
        yield card("outro", options.outro or headline(timeline), CARD_S, frame_rate)


def _clip_takes(clip: Clip, event: Event | None, options: EditOptions, frame_rate: Fraction) -> Iterator[Take]:
    """A clip and its slow motion; a replay has none, for it is slow already."""
    if event is None or clip.replay:
        yield play(clip, frame_rate)
        return
    yield play(clip, frame_rate, event.peak_s if options.freeze else None, FREEZE_S)
    slow = slow_motion(clip, event.peak_s, frame_rate) if options.slow_motion else None
    if slow:
        yield slow


def best_event(timeline: Timeline, clip: Clip) -> Event | None:
    """The most important event of a clip."""
    events = [timeline.events[index] for index in clip.events if index < len(timeline.events)]
    return max(events, key=lambda event: (event.priority, sureness(event), -event.peak_s), default=None)


def notes(timeline: Timeline, options: EditOptions) -> tuple[str, ...]:
    """Notes about the film for the user: characters that no font on this machine has."""
    from highlights.reel.lettering import unknown_letters  # imported lazily: it needs Pillow

    titles = [text for clip in timeline.clips for text in (clip.title, clip.subtitle)] if options.titles else []
    descriptions = [event.description for event in timeline.events] if options.titles else []
    cards = [text for text in (options.intro, options.outro, headline(timeline)) if text]
    unknown = unknown_letters(" ".join((*titles, *descriptions, *cards)))
    if not unknown:
        return ()
    few = unknown if len(unknown) <= FEW_LETTERS else unknown[:FEW_LETTERS] + "…"
    return (f"no font on this machine has the characters {few}, so titles leave them out: install Noto fonts",)


def headline(timeline: Timeline) -> str:
    """The teams, or else the sport."""
    return " – ".join(team for team in timeline.analysis.scoreboard.teams if team) or sport(timeline)


def sport(timeline: Timeline) -> str:
    """The sport's name for display."""
    return timeline.sport.replace("_", " ").capitalize()


def film_size(recording: Recording, options: EditOptions) -> tuple[int, int]:
    """Width and height of the film; what is not given follows from the aspect, which defaults to that of the first part.

    Without either, the film is as large as what is shown of the first part.
    """
    part = recording.parts[0]
    shape = options.aspect or Fraction(part.width, part.height)
    across, down = kept_share(shape, Fraction(part.width, part.height))
    width, height = options.width, options.height
    if width is None:
        width = round(part.width * across) if height is None else round(height * shape)
    if height is None:
        height = round(part.height * down) if options.width is None else round(width / shape)
    return max(16, width - width % 2), max(16, height - height % 2)
