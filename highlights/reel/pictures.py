"""Every frame of a film in order: the footage in its crop, with title, logo and fades, and the cards between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from moviepy import Effect, ImageClip, VideoClip

from highlights.media.frames import Frame
from highlights.reel.card import draw_card, draw_recap
from highlights.reel.dress import Dress, dresses, frame_s
from highlights.reel.film import Film, sport
from highlights.reel.footage import Picture, cropped, footage, letterbox
from highlights.reel.lower_third import LowerThird, Overlay
from highlights.reel.plan import Take
from highlights.reel.recap import recap_of

BLACK = 0, 0, 0

_P = TypeVar("_P")


def pictures(film: Film) -> Iterator[Picture]:
    """Every frame of the film, uint8 [height, width, 3], RGB; one clip is open at a time, two during a cross-fade."""
    return laid(dresses(film), 0, film.frames, lambda dress, _: _played(film, dress), _between)


def laid(
    worn: Iterable[Dress],
    first: int,
    end: int,
    played: Callable[[Dress, int], Iterator[_P]],
    between: Callable[[_P, _P, float], _P],
) -> Iterator[_P]:
    """The frames `[first, end)` of a film.

    Args:
        worn: The takes of the film in order, with what they wear.
        first: The first frame.
        end: The first frame no longer wanted.
        played: The frames of a take from one of them on.
        between: Two frames blended, and the share of the second.
    """
    going: Iterator[_P] = iter(())
    for dress in worn:
        take = dress.take
        begin, until = max(first, take.first_frame), take.first_frame + take.frames
        if until <= first or take.first_frame >= end:
            continue
        coming = played(dress, begin - take.first_frame)
        for number in range(begin, min(end, until - dress.shared_after)):
            picture, shared = next(coming), number - take.first_frame + 1
            if shared <= take.shared_frames:
                picture = between(next(going), picture, shared / (take.shared_frames + 1))
            yield picture
        going = coming


def _between(going: Picture, coming: Picture, share: float) -> Picture:
    return np.asarray(cv2.addWeighted(going, 1 - share, coming, share, 0), np.uint8)


def _played(film: Film, dress: Dress) -> Iterator[Picture]:
    """A take's frames, with all that it wears."""
    clip = _clip(film, dress).with_effects(fades(dress, BLACK))
    for number in range(dress.take.frames):
        yield np.ascontiguousarray(clip.get_frame(frame_s(dress.take, number)), np.uint8)


def _clip(film: Film, dress: Dress) -> VideoClip:
    take, parts, crop = dress.take, film.timeline.recording.parts, dress.crop
    if not take.steps:
        return ImageClip(card_of(film, take), duration=take.duration_s)

    def shown(frame: Frame) -> Picture:
        if crop is not None:
            return cropped(frame, crop.box_at(frame.time_s), film.size)
        return letterbox(frame, parts[frame.part], film.size)

    title = [LowerThird(dress.plate, dress.plate_from_s)] if dress.plate else []
    logo = [Overlay(dress.logo)] if dress.logo else []
    return footage(film.timeline.recording, take, film.size, shown).with_effects([*title, *logo])


def card_of(film: Film, take: Take) -> Picture:
    """The frame of a card."""
    timeline = film.timeline
    if take.shows == "recap":
        return draw_recap(recap_of(timeline), film.size)
    result = recap_of(timeline).result if take.shows == "outro" else ""
    return draw_card(take.clip.title, result or sport(timeline), film.size)


def fades(dress: Dress, black: tuple[int, int, int]) -> list[ThroughBlack]:
    """The fades of a take from and to black, if it has any."""
    return [ThroughBlack(dress, black)] if dress.fade_in_s or dress.fade_out_s else []


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
