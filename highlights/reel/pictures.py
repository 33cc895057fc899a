"""Every frame of a film in order: the footage in its crop, with title, logo and fades, and the cards between."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import cv2
import numpy as np
from moviepy import ImageClip, VideoClip, vfx

from highlights.records import Part
from highlights.reel.card import draw_card, draw_recap
from highlights.reel.film import CARD_S, Film, sport
from highlights.reel.footage import Picture, footage, inner_box
from highlights.reel.logo import place_logo
from highlights.reel.lower_third import APPEAR_S, Edges, LowerThird, Overlay, Plate, draw_plate, shown_s
from highlights.reel.motion import motion_path
from highlights.reel.plan import Take
from highlights.reel.recap import recap_of
from highlights.reel.reframe import CropPath, Trail, crop_path, kept_share

CARD_FADE_S = CARD_S / 8


def pictures(film: Film) -> Iterator[Picture]:
    """Every frame of the film, uint8 [height, width, 3]; one clip is open at a time, two during a cross-fade."""
    logo = place_logo(film.options.logo, film.size, _graphics_anywhere(film)) if film.options.logo else None
    going: Iterator[Picture] = iter(())
    for take, after in zip(film.takes, [*film.takes[1:], None], strict=True):
        coming = _played(_dressed(film, take, after, logo), take)
        for number in range(take.frames - (after.shared_frames if after else 0)):
            picture = next(coming)
            if number < take.shared_frames:
                picture = _between(next(going), picture, (number + 1) / (take.shared_frames + 1))
            yield picture
        going = coming


def _between(going: Picture, coming: Picture, share: float) -> Picture:
    """Two frames blended, `share` of the incoming one."""
    return np.asarray(cv2.addWeighted(going, 1 - share, coming, share, 0), np.uint8)


def _played(clip: VideoClip, take: Take) -> Iterator[Picture]:
    """The take's frames, requested at the middle of each output frame, where rounding cannot reach its neighbours."""
    for number in range(take.frames):
        picture = clip.get_frame(float((number + Fraction(1, 2)) / take.frame_rate))
        yield np.ascontiguousarray(picture, np.uint8)


def _dressed(film: Film, take: Take, after: Take | None, logo: Plate | None) -> VideoClip:
    """The take with its lower third, logo and fades."""
    if not take.steps:
        return _faded(film, take, ImageClip(_card(film, take), duration=take.duration_s), after)
    crop = None if film.options.aspect is None else _crop(film, take)
    clip = footage(film.timeline.recording, take, film.size, crop)
    plate = _plate(film, take, crop, logo) if film.options.titles else None
    from_s = APPEAR_S + float(take.shared_frames / take.frame_rate)
    laid_on = [*([LowerThird(plate, from_s)] if plate else []), *([Overlay(logo)] if logo else [])]
    return _faded(film, take, clip.with_effects(laid_on), after)


def _card(film: Film, take: Take) -> Picture:
    """The frame of a card."""
    timeline = film.timeline
    if take.shows == "recap":
        return draw_recap(recap_of(timeline), film.size)
    result = recap_of(timeline).result if take.shows == "outro" else ""
    return draw_card(take.clip.title, result or sport(timeline), film.size)


def _crop(film: Film, take: Take) -> CropPath:
    """The crop of the take's frames to the film's aspect."""
    recording, clip = film.timeline.recording, take.clip
    part = recording.parts[clip.part]
    shown, shape, span = Fraction(*film.size), Fraction(part.width, part.height), take.source
    trail: Trail = [spot for spot in film.options.trail if span.holds(spot[0])]
    if not trail and min(kept_share(shown, shape)) < 1:
        trail = motion_path(recording, span)
    return crop_path(trail, film.timeline.analysis.scenes, span, shown, shape)


def _faded(film: Film, take: Take, clip: VideoClip, after: Take | None) -> VideoClip:
    """The clip with fades at the ends that it does not share; cards always fade."""
    fade_s = min(film.options.fade_s or (0.0 if take.steps else CARD_FADE_S), clip.duration / 2)
    if not fade_s:
        return clip
    comes = [] if take.shared_frames else [vfx.FadeIn(fade_s)]
    goes = [] if after and after.shared_frames else [vfx.FadeOut(fade_s)]
    return clip.with_effects([*comes, *goes])


def _plate(film: Film, take: Take, crop: CropPath | None, logo: Plate | None) -> Plate | None:
    clip, description = take.clip, _description(film, take)
    clear = [*_graphics(film, take, crop, shown_s(description)), *([logo.edges] if logo else [])]
    if take.shows == "slow":
        return draw_plate("", "", film.size, tag="SLOW MOTION", keep_clear=clear)
    return draw_plate(
        clip.title, clip.subtitle, film.size, description=description, tag="REPLAY" if clip.replay else "", keep_clear=clear
    )


def _description(film: Film, take: Take) -> str:
    """The description of a clip's best event; a replay has none, for its event was described before."""
    events = [film.timeline.events[index] for index in take.clip.events if index < len(film.timeline.events)]
    described = [event for event in events if event.description]
    if take.clip.replay or not described:
        return ""
    return max(described, key=lambda event: (event.priority, event.confidence)).description


def _graphics(film: Film, take: Take, crop: CropPath | None, for_s: float) -> list[Edges]:
    """Where the score graphic is in the film during the take's lower third; a moving crop moves it."""
    part = film.timeline.recording.parts[take.clip.part]
    times_s = np.arange(APPEAR_S, APPEAR_S + for_s, 0.25) + take.source.start_s
    views = [inner_box(part, film.size)] if crop is None else [_whole_around(crop.box_at(at_s), film.size) for at_s in times_s]
    boxes = film.timeline.analysis.scoreboard.boxes
    return [_placed((box.x0, box.y0, box.x1, box.y1), part, view) for view in views for box in boxes]


def _graphics_anywhere(film: Film) -> list[Edges]:
    """Where the score graphic may be in the film; a moving crop can move it anywhere along its path."""
    width, height = film.size
    placed = []
    for part in film.timeline.recording.parts:
        view: Edges = inner_box(part, film.size)
        if film.options.aspect is not None:
            across, down = kept_share(Fraction(width, height), Fraction(part.width, part.height))
            view = _whole_around(((1 - across) / 2, (1 - down) / 2, (1 + across) / 2, (1 + down) / 2), film.size)
        for box in film.timeline.analysis.scoreboard.boxes:
            x0, y0, x1, y1 = _placed((box.x0, box.y0, box.x1, box.y1), part, view)
            carried = view[2] > width + 1, view[3] > height + 1
            placed.append(
                (
                    0 if carried[0] else x0,
                    0 if carried[1] else y0,
                    *((width if carried[0] else x1), (height if carried[1] else y1)),
                )
            )
    return placed


def _placed(box: Edges, part: Part, view: Edges) -> Edges:
    """A box of the part's frame, mapped to `view` (x, y, width, height), which the whole frame fills."""
    x, y, across, down = view[0], view[1], view[2] / part.width, view[3] / part.height
    return x + box[0] * across, y + box[1] * down, x + box[2] * across, y + box[3] * down


def _whole_around(box: Edges, size: tuple[int, int]) -> Edges:
    """Where the whole frame would lie, as x, y, width and height, if its part `box` fills a film of `size`."""
    width, height = size[0] / (box[2] - box[0]), size[1] / (box[3] - box[1])
    return -box[0] * width, -box[1] * height, width, height
