"""Every frame of a film in order: the footage in its crop, with title, logo and fades, and the cards between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import cv2
import numpy as np
from moviepy import ImageClip, VideoClip, vfx

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
        coming = _played(_clip(film, dress, coding), dress.take, begin - take.first_frame)
        for number in range(begin, min(end, until - dress.shared_after)):
            picture, shared = next(coming), number - take.first_frame + 1
            if shared <= take.shared_frames:
                picture = _between(next(going), picture, shared / (take.shared_frames + 1))
            yield picture
        going = coming


def _between(going: Picture, coming: Picture, share: float) -> Picture:
    """Two frames blended, `share` of the incoming one."""
    return np.asarray(cv2.addWeighted(going, 1 - share, coming, share, 0), np.uint8)


def _played(clip: VideoClip, take: Take, first: int) -> Iterator[Picture]:
    """The take's frames from `first` on."""
    for number in range(first, take.frames):
        picture = clip.get_frame(frame_s(take, number))
        yield np.ascontiguousarray(picture if picture.dtype == np.uint8 else np.rint(picture), np.uint8)


def _clip(film: Film, dress: Dress, coding: Coding | None) -> VideoClip:
    """The take with all that it wears."""
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

    clip = footage(film.timeline.recording, take, film.size, shown)
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
    black = list(BLACK if coding is None else coding.black)
    comes = [vfx.FadeIn(dress.fade_in_s, black)] if dress.fade_in_s else []
    goes = [vfx.FadeOut(dress.fade_out_s, black)] if dress.fade_out_s else []
    return clip.with_effects([*comes, *goes])
