"""Frames of a film in the recording's own colours: only the rows that are drawn on pass through the composer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from av.video.frame import VideoFrame
from moviepy import VideoClip

from highlights.media.planes import Coding, Pixels, blank, drawn, mixture, stacked
from highlights.reel.dress import Dress, frame_s
from highlights.reel.film import Film
from highlights.reel.footage import LOOK_BACK_S, Screen
from highlights.reel.lower_third import LowerThird, Plate
from highlights.reel.pictures import card_of, fades, laid


def coded_pictures(film: Film, worn: Iterable[Dress], first: int, end: int, coding: Coding) -> Iterator[VideoFrame]:
    """The frames `[first, end)` of a film of the recording's size, without crop and logo."""
    return laid(worn, first, end, lambda dress, begin: _played(film, dress, begin, coding), mixture)


def _played(film: Film, dress: Dress, first: int, coding: Coding) -> Iterator[VideoFrame]:
    """A take's frames from `first` on, with all that it wears."""
    take = dress.take
    look_back_s = 0.0 if dress.begins_exactly and not first else LOOK_BACK_S
    screen = Screen(film.timeline.recording, take, first, look_back_s)
    card = None if take.steps else coding.of_rgb(card_of(film, take))
    base = blank(film.size, coding)

    def shown(time_s: float) -> Pixels:
        return stacked(screen.frame_at(time_s).picture, dress.rows(int(time_s * take.frame_rate))) if card is None else card

    title = [LowerThird(_coded(dress.plate, coding), dress.plate_from_s)] if dress.plate else []
    clip = VideoClip(shown, duration=take.duration_s).with_effects([*title, *fades(dress, coding.black)])
    for number in range(first, take.frames):
        at_s, rows = frame_s(take, number), dress.rows(number)
        pixels = clip.get_frame(at_s) if rows else None
        under = base if card is not None else screen.frame_at(at_s).picture
        yield under if pixels is None else drawn(under, pixels, rows)


def _coded(plate: Plate, coding: Coding) -> Plate:
    """The plate in the recording's colours."""
    return replace(plate, pixels=np.dstack([coding.of_rgb(plate.pixels[..., :3]), plate.pixels[..., 3]]))
