"""What every take of a film wears: its title, the logo, fades and crop, and which of its frames are drawn on at all.

take         ├──────────────────────────────┤
fades        ╱                              ╲
title          ╱▔▔▔▔▔▔╲
drawn on     ├─┤├──────┤                  ├─┤      the other frames show the recording as it is
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from highlights.records import Part
from highlights.reel.film import CARD_S, Film
from highlights.reel.footage import inner_box
from highlights.reel.logo import place_logo
from highlights.reel.lower_third import APPEAR_S, Edges, Plate, draw_plate, opacity_at, shown_s
from highlights.reel.motion import motion_path
from highlights.reel.plan import Take
from highlights.reel.reframe import CropPath, Trail, crop_path, kept_share

CARD_FADE_S = CARD_S / 8


@dataclass(frozen=True, slots=True)
class Dress:
    """What a take wears. `plate` is its title, shown from `plate_from_s` on; fades are in seconds, 0 for none.

    `size` is that of the film; `shared_after` frames are shared with the next take.
    `begins_exactly` means that a frame of the recording begins at the in-point.
    """

    take: Take
    size: tuple[int, int]
    crop: CropPath | None
    plate: Plate | None
    logo: Plate | None
    fade_in_s: float
    fade_out_s: float
    shared_after: int
    begins_exactly: bool = False

    @property
    def plate_from_s(self) -> float:
        """When the title appears, in seconds from the start of the take."""
        return APPEAR_S + float(self.take.shared_frames / self.take.frame_rate)

    def rows(self, number: int) -> range:
        """The rows of a frame of the take, counted from 0, that differ from the recording's; both ends are even."""
        take, at_s = self.take, frame_s(self.take, number)
        shared = number < take.shared_frames or number >= take.frames - self.shared_after
        if shared or self.brightness_at(at_s) < 1 or not take.steps or self.crop or self.logo:
            return range(self.size[1])
        if not self.plate or not self._titled(at_s):
            return range(0)
        return range(self.plate.y // 2 * 2, min(self.size[1], (self.plate.y + len(self.plate.pixels) + 1) // 2 * 2))

    def brightness_at(self, time_s: float) -> float:
        """How much of the take is seen `time_s` after its start, 0 to 1: it comes from and goes to black."""
        left_s = self.take.duration_s - time_s
        return min(
            1.0, time_s / self.fade_in_s if self.fade_in_s else 1.0, left_s / self.fade_out_s if self.fade_out_s else 1.0
        )

    def _titled(self, at_s: float) -> bool:
        end_s = min(self.plate_from_s + self.plate.shown_s, self.take.duration_s) if self.plate else 0.0
        return opacity_at(at_s, end_s, self.plate_from_s) > 0


def frame_s(take: Take, number: int) -> float:
    """The instant at which a frame of a take is drawn: its middle, where rounding cannot reach its neighbours."""
    return float((number + Fraction(1, 2)) / take.frame_rate)


def dresses(film: Film) -> Iterator[Dress]:
    """What the takes wear, in order."""
    logo = place_logo(film.options.logo, film.size, _graphics_anywhere(film)) if film.options.logo else None
    for take, after in zip(film.takes, [*film.takes[1:], None], strict=True):
        crop = _crop(film, take) if take.steps and film.options.aspect is not None else None
        plate = _plate(film, take, crop, logo) if take.steps and film.options.titles else None
        fade_s = min(film.options.fade_s or (0.0 if take.steps else CARD_FADE_S), take.duration_s / 2)
        shared_after = after.shared_frames if after else 0
        fades = 0.0 if take.shared_frames else fade_s, 0.0 if shared_after else fade_s
        yield Dress(take, film.size, crop, plate, logo if take.steps else None, *fades, shared_after)


def _crop(film: Film, take: Take) -> CropPath:
    """The crop of the take's frames to the film's aspect."""
    recording, clip = film.timeline.recording, take.clip
    part = recording.parts[clip.part]
    shown, shape, span = Fraction(*film.size), Fraction(part.width, part.height), take.source
    trail: Trail = [spot for spot in film.options.trail if span.holds(spot[0])]
    if not trail and min(kept_share(shown, shape)) < 1:
        trail = motion_path(recording, span)
    return crop_path(trail, film.timeline.analysis.scenes, span, shown, shape)


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
