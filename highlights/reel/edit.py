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
from highlights.records import Part, Recording, Timeline
from highlights.reel.card import CARD_S, draw_card
from highlights.reel.chapters import Chapter, chapter_title, ffmetadata
from highlights.reel.encoder import Encoding, encoder
from highlights.reel.footage import Picture, footage, inner_box
from highlights.reel.lower_third import APPEAR_S, Edges, LowerThird, Plate, draw_plate, shown_s
from highlights.reel.motion import motion_path
from highlights.reel.plan import NOTHING_TO_SHOW, Take, lay_out, standard_rate
from highlights.reel.reframe import CropPath, Trail, crop_path, kept_share
from highlights.reel.sound import write_sound
from highlights.spans import Span

Progress = Callable[[float, str], None]
"""Called with how much is done, 0..1, and what is being done."""


SOUND_SHARE = 0.05
"""About this much of the work is the sound."""


@dataclass(frozen=True, slots=True)
class EditOptions:
    """How the film is made.

    `width` and `height` (even) default to those of the first part, `frame_rate` to the standard one nearest to its rate.
    With an `aspect` (width / height) the pictures are cropped to it, as large as they allow, along the `trail` of the play (on
    the match clock); a clip in which that has no spot follows what moves. `fade_s` is the dip from and to black at every clip's
    ends, 0 for hard cuts. `intro` is the headline of a card in front of the film, `""` for the teams or else the sport. `crf`
    (0..51, smaller is better) and `preset` are x264's.
    """

    width: int | None = None
    height: int | None = None
    frame_rate: Fraction | None = None
    aspect: Fraction | None = None
    trail: Trail = ()
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
        if self.aspect is not None and not Fraction(1, 4) <= self.aspect <= 4:
            raise ValueError(f"aspect must be 1/4..4, got {self.aspect}")
        if self.aspect is not None and self.width is not None and self.height is not None:
            raise ValueError("aspect says how width and height go together: give one of the two at the most")
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
    """Width and height of the film; what is not given follows from the aspect, and that from the first part's shape.

    Without either it is as large as what is shown of the first part.
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
    crop = None if film.options.aspect is None else _crop(film, take)
    clip = footage(film.timeline.recording, take, film.size, crop)
    plate = _plate(film, take, crop) if film.options.titles else None
    return _faded(clip.with_effects([LowerThird(plate)]) if plate else clip, film.options.fade_s)


def _crop(film: _Film, take: Take) -> CropPath:
    """What is shown of the take's pictures: as much as has the film's shape."""
    recording, clip = film.timeline.recording, take.clip
    part = recording.parts[clip.part]
    shown, shape = Fraction(*film.size), Fraction(part.width, part.height)
    span = Span(clip.span.start_s, clip.span.start_s + max(clip.span.length_s, take.duration_s))
    trail: Trail = [spot for spot in film.options.trail if span.holds(spot[0])]
    if not trail and min(kept_share(shown, shape)) < 1:
        trail = motion_path(recording, span)
    return crop_path(trail, film.timeline.analysis.scenes, span, shown, shape)


def _faded(clip: VideoClip, fade_s: float) -> VideoClip:
    """The clip dipped in black at both ends."""
    fade_s = min(fade_s, clip.duration / 2)
    return clip.with_effects([vfx.FadeIn(fade_s), vfx.FadeOut(fade_s)]) if fade_s else clip


def _plate(film: _Film, take: Take, crop: CropPath | None) -> Plate | None:
    clip, said = take.clip, _description(film, take)
    clear = _graphics(film, take, crop, shown_s(said))
    return draw_plate(
        clip.title, clip.subtitle, film.size, description=said, tag="REPLAY" if clip.replay else "", keep_clear=clear
    )


def _description(film: _Film, take: Take) -> str:
    """What is to be seen in a clip, by the description of its best event; a replay was described before."""
    events = [film.timeline.events[index] for index in take.clip.events if index < len(film.timeline.events)]
    told = [event for event in events if event.description]
    if take.clip.replay or not told:
        return ""
    return max(told, key=lambda event: (event.priority, event.confidence)).description


def _graphics(film: _Film, take: Take, crop: CropPath | None, for_s: float) -> list[Edges]:
    """Where the score graphic is in the film while the take's lower third is shown; a crop that moves carries it along."""
    part = film.timeline.recording.parts[take.clip.part]
    times_s = np.arange(APPEAR_S, APPEAR_S + for_s, 0.25) + take.clip.span.start_s
    views = [inner_box(part, film.size)] if crop is None else [_whole_around(crop.box_at(at_s), film.size) for at_s in times_s]
    boxes = film.timeline.analysis.scoreboard.boxes
    return [_placed((box.x0, box.y0, box.x1, box.y1), part, view) for view in views for box in boxes]


def _placed(box: Edges, part: Part, view: Edges) -> Edges:
    """A box of the part's picture where all of that fills `view` (x, y, width, height)."""
    x, y, across, down = view[0], view[1], view[2] / part.width, view[3] / part.height
    return x + box[0] * across, y + box[1] * down, x + box[2] * across, y + box[3] * down


def _whole_around(box: Edges, size: tuple[int, int]) -> Edges:
    """Where the whole picture would be, as x, y, width and height, when its piece `box` fills a film of `size`."""
    width, height = size[0] / (box[2] - box[0]), size[1] / (box[3] - box[1])
    return -box[0] * width, -box[1] * height, width, height
