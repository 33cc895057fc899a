"""Every frame of a film in order: the footage in its crop, with title, logo and fades, and the cards between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from moviepy import Effect, ImageClip, VideoClip

from highlights.media.frames import Frame
from highlights.media.planes import Coding, stacked
from highlights.reel.card import draw_card, draw_recap
from highlights.reel.dress import Dress, dresses, frame_s
from highlights.reel.film import Film, sport
from highlights.reel.footage import Picture, cropped, footage, letterbox
from highlights.reel.lower_third import LowerThird, Overlay, Plate
from highlights.reel.plan import Take
from highlights.reel.recap import recap_of

BLACK = 0, 0, 0


def pictures(film: Film) -> Iterator[Picture]:
    """Every frame of the film, uint8 [height, width, 3], RGB; one clip is open at a time, two during a cross-fade."""
    return pictures_between(film, dresses(film), 0, film.frames)


def pictures_between(
    film: Film, worn: Iterable[Dress], first: int, end: int, coding: Coding | None = None
) -> Iterator[Picture]:
    """The frames from `first` on and before `end`; with a `coding` in the recording's own colours and size instead of RGB."""
    going: Iterator[Picture] = iter(())
    for dress in worn:
        take = dress.take
        begin, until = max(first, take.first_frame), take.first_frame + take.frames
        if until <= first or take.first_frame >= end:
            continue
        coming = _played(film, dress, begin - take.first_frame, coding)
        for number in range(begin, min(end, until - dress.shared_after)):
            picture, shared = next(coming), number - take.first_frame + 1
            if shared <= take.shared_frames:
                picture = _between(next(going), picture, shared / (take.shared_frames + 1))
            yield picture
        going = coming


def _between(going: Picture, coming: Picture, share: float) -> Picture:
    """Two frames blended, `share` of the incoming one."""
    return np.asarray(cv2.addWeighted(going, 1 - share, coming, share, 0), np.uint8)


def _played(film: Film, dress: Dress, first: int, coding: Coding | None) -> Iterator[Picture]:
    """A take's frames from `first` on, with all that it wears."""
    clip = _clip(film, dress, first, coding)
    for number in range(first, dress.take.frames):
        picture = clip.get_frame(frame_s(dress.take, number))
        yield np.ascontiguousarray(picture, np.uint8)


def _clip(film: Film, dress: Dress, first: int, coding: Coding | None) -> VideoClip:
    take = dress.take
    if not take.steps:
        card = _card(film, take)
        return _faded(dress, ImageClip(card if coding is None else coding.of_rgb(card), duration=take.duration_s), coding)
    parts, crop = film.timeline.recording.parts, dress.crop

    def shown(frame: Frame) -> Picture:
        if coding is not None:
            return stacked(frame.picture)
        if crop is not None:
            return cropped(frame, crop.box_at(frame.time_s), film.size)
        return letterbox(frame, parts[frame.part], film.size)

    clip = footage(film.timeline.recording, take, film.size, shown, first)
    title = [LowerThird(_coded(dress.plate, coding), dress.plate_from_s)] if dress.plate else []
    logo = [Overlay(_coded(dress.logo, coding))] if dress.logo else []
    return _faded(dress, clip.with_effects([*title, *logo]), coding)


def _coded(plate: Plate, coding: Coding | None) -> Plate:
    """The plate in the colours of the frames."""
    if coding is None:
        return plate
    return replace(plate, pixels=np.dstack([coding.of_rgb(plate.pixels[..., :3]), plate.pixels[..., 3]]))


def _card(film: Film, take: Take) -> Picture:
    """The frame of a card."""
    timeline = film.timeline
    if take.shows == "recap":
        return draw_recap(recap_of(timeline), film.size)
    result = recap_of(timeline).result if take.shows == "outro" else ""
    return draw_card(take.clip.title, result or sport(timeline), film.size)


def _faded(dress: Dress, clip: VideoClip, coding: Coding | None) -> VideoClip:
    """The clip with fades from and to black at the ends that it does not share."""
    fades = dress.fade_in_s or dress.fade_out_s
    return clip.with_effects([ThroughBlack(dress, BLACK if coding is None else coding.black)] if fades else [])


@dataclass
class ThroughBlack(Effect):  # type: ignore[misc]  # moviepy has no types
    """Fades a take from and to black. Moviepy's own fades are made of float arrays and take ten times as long."""

    dress: Dress
    black: tuple[int, int, int]

    def apply(self, clip: VideoClip) -> VideoClip:
        """The clip with its fades."""

        def with_fade(get_frame: Callable[[float], Picture], time_s: float) -> Picture:
            share = self.dress.brightness_at(time_s)
            return get_frame(time_s) if share >= 1 else dimmed(get_frame(time_s), share, self.black)

        return clip.transform(with_fade)


def dimmed(picture: Picture, share: float, black: tuple[int, int, int]) -> Picture:
    """The picture mixed with black, `share` of it."""
    levels = np.arange(256)[:, None] * share + np.array(black) * (1 - share)
    return np.asarray(cv2.LUT(picture, np.rint(levels).astype(np.uint8)[None]))
