"""`edit`: the clips of a timeline as one film with titles, fades, an intro card and music. Composed by moviepy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from moviepy import ImageClip, VideoClip, vfx

from highlights.errors import RenderError
from highlights.media.aside import write_aside
from highlights.records import Clip, Recording, Timeline
from highlights.reel.card import CARD_S, draw_card
from highlights.reel.chapters import Chapter, chapter_title, ffmetadata
from highlights.reel.encoder import Encoding, encoder
from highlights.reel.footage import Picture, footage, inner_box
from highlights.reel.lower_third import LowerThird, Plate, draw_plate
from highlights.reel.plan import NOTHING_TO_SHOW, Take, lay_out, standard_rate
from highlights.reel.sound import write_sound

Progress = Callable[[float, str], None]
"""Called with how much is done, 0..1, and what is being done."""


SOUND_SHARE = 0.05
"""About this much of the work is the sound."""


@dataclass(frozen=True, slots=True)
class EditOptions:
    """How the film is made.

    `width` and `height` (even) default to those of the first part, `frame_rate` to the standard one nearest to its rate.
    `fade_s` is the dip from and to black at every clip's ends, 0 for hard cuts. `intro` is the headline of a card in front of
    the film, `""` for the teams or else the sport. `crf` (0..51, smaller is better) and `preset` are x264's.
    """

    width: int | None = None
    height: int | None = None
    frame_rate: Fraction | None = None
    titles: bool = True
    fade_s: float = 0.2
    intro: str | None = None
    music: Path | None = None
    crf: int = 20
    preset: str = "veryfast"
    audio_kbps: int = 160

    def __post_init__(self) -> None:
        for name, pixels in (("width", self.width), ("height", self.height)):
            if pixels is not None and (pixels < 16 or pixels % 2):
                raise ValueError(f"{name} must be even and at least 16, got {pixels}")
        if self.frame_rate is not None and not 1 <= self.frame_rate <= 240:
            raise ValueError(f"frame_rate must be 1..240, got {self.frame_rate}")
        if self.fade_s < 0:
            raise ValueError(f"fade_s must not be negative, got {self.fade_s}")


@dataclass(frozen=True, slots=True)
class _Film:
    """A timeline as it will be shown."""

    timeline: Timeline
    options: EditOptions
    size: tuple[int, int]
    frame_rate: Fraction
    card_frames: int
    takes: tuple[Take, ...]

    @property
    def frames(self) -> int:
        """Length of the film in output frames."""
        return self.takes[-1].first_frame + self.takes[-1].frames


def edit(timeline: Timeline, target: Path, options: EditOptions | None = None, progress: Progress | None = None) -> None:
    """Write the clips of a timeline to `target` as an MP4 (H.264, AAC, chapters).

    Raises:
        RenderError: the timeline has no clips, or ffmpeg or the music failed.
        RecordingError: the recording cannot be read.
        OutputError: `target` cannot be written.
    """
    film = _plan(timeline, options or EditOptions())
    tell = progress or (lambda done, doing: None)
    with write_aside(target) as aside, TemporaryDirectory(dir=target.parent, prefix=".reel.") as work:
        encoding = _prepare(film, aside, Path(work), tell)
        with encoder(encoding) as put:
            for number, picture in enumerate(_pictures(film), 1):
                put(picture)
                tell(SOUND_SHARE + (1 - SOUND_SHARE) * number / film.frames, "encoding the reel")


def _plan(timeline: Timeline, options: EditOptions) -> _Film:
    if not timeline.clips:
        raise RenderError(NOTHING_TO_SHOW)
    frame_rate = options.frame_rate or standard_rate(timeline.recording.parts[0].frame_rate)
    card_frames = 0 if options.intro is None else round(CARD_S * frame_rate)
    takes = tuple(lay_out(timeline.clips, frame_rate, first_frame=card_frames))
    return _Film(timeline, options, _size(timeline.recording, options), frame_rate, card_frames, takes)


def _size(recording: Recording, options: EditOptions) -> tuple[int, int]:
    """Width and height of the film; the one that is not given follows from the first part's shape."""
    part = recording.parts[0]
    width, height = options.width, options.height
    if width is None:
        width = part.width if height is None else round(height * part.width / part.height)
    if height is None:
        height = part.height if options.width is None else round(width * part.height / part.width)
    return max(16, width - width % 2), max(16, height - height % 2)


def _prepare(film: _Film, target: Path, work: Path, tell: Progress) -> Encoding:
    """Write sound and chapters for ffmpeg to read."""
    options, sound, chapters = film.options, work / "sound.pcm", work / "chapters.txt"
    chapters.write_text(ffmetadata(_chapters(film)), encoding="utf-8")

    def told(number: int) -> None:
        tell(SOUND_SHARE * (number + 1) / len(film.takes), "mixing the sound")

    write_sound(film.timeline.recording, film.takes, sound, fade_s=options.fade_s, music=options.music, on_take=told)
    return Encoding(
        target=target,
        sound=sound,
        chapters=chapters,
        log=work / "ffmpeg.log",
        size=film.size,
        frame_rate=film.frame_rate,
        crf=options.crf,
        preset=options.preset,
        audio_kbps=options.audio_kbps,
    )


def _chapters(film: _Film) -> list[Chapter]:
    card = [Chapter(0.0, film.takes[0].start_s, _headline(film))] if film.card_frames else []
    return card + [Chapter(take.start_s, take.start_s + take.duration_s, chapter_title(take.clip)) for take in film.takes]


def _headline(film: _Film) -> str:
    teams = [team for team in film.timeline.analysis.scoreboard.teams if team]
    return film.options.intro or " – ".join(teams) or _sport(film)


def _sport(film: _Film) -> str:
    return film.timeline.sport.replace("_", " ").capitalize()


def _pictures(film: _Film) -> Iterator[Picture]:
    """Every picture of the film in order, uint8 [height, width, 3]; one clip is open at a time."""
    if film.card_frames:
        card = ImageClip(
            draw_card(_headline(film), _sport(film), film.size), duration=float(film.card_frames / film.frame_rate)
        )
        yield from _played(_faded(card, film.options.fade_s or CARD_S / 8), film.card_frames, film.frame_rate)
    for take in film.takes:
        yield from _played(_dressed(film, take), take.frames, film.frame_rate)


def _played(clip: VideoClip, frames: int, frame_rate: Fraction) -> Iterator[Picture]:
    """The clip's pictures, asked for in the middle of each output frame, where no rounding can reach its neighbours."""
    for number in range(frames):
        picture = clip.get_frame(float((number + Fraction(1, 2)) / frame_rate))
        yield np.ascontiguousarray(picture, np.uint8)


def _dressed(film: _Film, take: Take) -> VideoClip:
    """The take with its lower third and fades."""
    clip = footage(film.timeline.recording, take, film.size)
    plate = _plate(film, take.clip) if film.options.titles else None
    return _faded(clip.with_effects([LowerThird(plate)]) if plate else clip, film.options.fade_s)


def _faded(clip: VideoClip, fade_s: float) -> VideoClip:
    """The clip dipped in black at both ends."""
    fade_s = min(fade_s, clip.duration / 2)
    return clip.with_effects([vfx.FadeIn(fade_s), vfx.FadeOut(fade_s)]) if fade_s else clip


def _plate(film: _Film, clip: Clip) -> Plate | None:
    part = film.timeline.recording.parts[clip.part]
    x, y, width, height = inner_box(part, film.size)
    across, down = width / part.width, height / part.height
    boxes = [
        (x + box.x0 * across, y + box.y0 * down, x + box.x1 * across, y + box.y1 * down)
        for box in film.timeline.analysis.scoreboard.boxes
    ]
    return draw_plate(clip.title, clip.subtitle, film.size, tag="REPLAY" if clip.replay else "", keep_clear=boxes)
