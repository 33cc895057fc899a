"""Close-ups of the people of the match: scorers, keepers, coach, referee and fans, from the waist up."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import cv2
import numpy as np

from soccer_match.camera import HEIGHT_PX, WIDTH_PX, Floats
from soccer_match.drawing import Colour, Picture, disc, ellipse, line, mixed, polygon, write
from soccer_match.figures import AWAY, HAIRS, HOME, HOME_KEEPER, SKINS, Kit, Look, look
from soccer_match.stadium import AWAY_FANS_FROM_M, CROWD_PX_PER_M, Mood, crowd
from soccer_match.story import REFEREE

Arms = Literal["down", "up", "one up", "on head", "ball", "folded", "whistle"]
Mouth = Literal["shut", "open", "smile", "sad"]
Hair = Literal["short", "long", "bun", "cap", "beanie"]

COAT = Kit((44, 52, 66), (206, 36, 44), (30, 30, 36), (30, 30, 36))
FILLING = 0.74
"""Size of a person whose upper body fills the picture."""
INK: Colour = (36, 26, 24)


@dataclass(frozen=True, slots=True)
class Person:
    """One person in close-up."""

    look: Look
    arms: Arms
    mouth: Mouth
    hair: Hair = "short"
    beard: bool = False
    bob_px: float = 4.0
    """How far the person moves up and down."""
    bob_hz: float = 0.5
    scarf: Kit | None = None


@dataclass(frozen=True, slots=True)
class Crowd:
    """A block of fans in close-up."""

    kit: Kit
    arms: tuple[Arms, ...]
    mouths: tuple[Mouth, ...]
    bob_px: float
    bob_hz: float


CLOSE_UPS: dict[str, Person | Crowd] = {
    "keeper": Person(look(0), "ball", "shut", "short", beard=True),
    "sad keeper": Person(look(0), "down", "sad", "short", beard=True, bob_px=3),
    "away scorer": Person(look(20), "up", "open", "bun", bob_px=16, bob_hz=1.9),
    "sad striker": Person(look(10), "on head", "sad", "short", bob_px=4),
    "home scorer": Person(look(10), "one up", "open", "short", bob_px=18, bob_hz=1.7),
    "home captain": Person(look(9), "up", "smile", "long", bob_px=16, bob_hz=2.1),
    "coach": Person(Look(COAT, SKINS[0], (150, 150, 156)), "folded", "shut", "cap"),
    "happy coach": Person(Look(COAT, SKINS[0], (150, 150, 156)), "up", "open", "cap", bob_px=20, bob_hz=2.0),
    "referee": Person(look(REFEREE), "whistle", "shut", "bun"),
    "home fans": Crowd(HOME, ("up", "up", "one up", "down"), ("open", "open", "smile"), 26, 2.0),
    "away fans": Crowd(AWAY, ("up", "up", "one up", "down"), ("open", "open", "smile"), 26, 2.0),
    "sad fans": Crowd(HOME, ("on head", "down", "on head"), ("open", "sad", "sad"), 3, 0.4),
}


def draw_close_up(picture: Picture, view: str, time_s: float, beat: int) -> None:
    """Draw one of `CLOSE_UPS`, `time_s` after it began."""
    subject = CLOSE_UPS[view]
    if isinstance(subject, Crowd):
        _draw_crowd(picture, subject, time_s)
        return
    kit = subject.look.kit
    glad = subject.mouth in ("open", "smile")
    fans: Mood = "calm" if not glad else "away" if kit is AWAY else "home"
    _draw_background(picture, backdrop(fans, beat if glad else 0), time_s)
    bob = subject.bob_px * FILLING * np.sin(2 * np.pi * subject.bob_hz * time_s)
    sway = 8 * np.sin(0.9 * time_s) - 9 * time_s + 15
    _draw_person(picture, subject, np.array([WIDTH_PX / 2 + sway, 0.66 * HEIGHT_PX + bob]), FILLING + 0.015 * time_s, time_s)


@cache
def backdrop(mood: Mood, beat: int) -> Picture:
    """Fans far behind, out of focus; wider than the picture so that the camera can drift."""
    stand = crowd(mood, beat)
    left = round((AWAY_FANS_FROM_M + 3 if mood == "away" else 40) * CROWD_PX_PER_M)
    part = stand[60:200, left : left + 300][::-1]
    large = cv2.resize(cv2.GaussianBlur(part, (0, 0), 3.0), (WIDTH_PX + 120, HEIGHT_PX), interpolation=cv2.INTER_CUBIC)
    return np.asarray(large * 0.72, dtype=np.uint8)


def _draw_background(picture: Picture, behind: Picture, time_s: float) -> None:
    shift = np.array([[1, 0, -30 - 7 * time_s], [0, 1, 0]])
    picture[:] = cv2.warpAffine(behind, shift, (WIDTH_PX, HEIGHT_PX), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)


def _draw_crowd(picture: Picture, block: Crowd, time_s: float) -> None:
    """Rows of fans, those behind higher and smaller, each moving to a beat of their own."""
    picture[:] = (30, 32, 44)
    rng = np.random.default_rng(23)
    for row in range(4):
        size, step = 0.25 + 0.06 * row, 84 + 18 * row
        for place in range(-1, WIDTH_PX // step + 3):
            drawn = rng.integers(0, 1000, 6)
            person = _fan(block, drawn)
            wave = block.bob_px * size * 2 * abs(np.sin(np.pi * block.bob_hz * time_s + drawn[5] / 160))
            x = place * step + (step / 2) * (row % 2) + drawn[4] % 20 - 6 * time_s
            _draw_person(picture, person, np.array([x, 96 + 84 * row - wave]), size, time_s + float(drawn[5]) / 300)


def _fan(block: Crowd, drawn: np.ndarray) -> Person:
    shirts = (block.kit.shirt, block.kit.shirt, mixed(block.kit.shirt, (0, 0, 0), 0.3), block.kit.trim, (84, 88, 100))
    kit = Kit(shirts[drawn[0] % 5], block.kit.trim, block.kit.shorts, block.kit.socks)
    hairs: tuple[Hair, ...] = ("short", "long", "bun", "beanie", "short")
    skin = SKINS[drawn[1] % 5]
    return Person(
        Look(kit, skin, block.kit.shirt if drawn[2] % 5 == 3 else HAIRS[drawn[1] % 2 * 3]),
        block.arms[drawn[3] % len(block.arms)],
        block.mouths[drawn[4] % len(block.mouths)],
        hairs[drawn[2] % 5],
        beard=drawn[5] % 5 == 0,
        scarf=block.kit if drawn[5] % 3 == 0 else None,
    )


def _draw_person(picture: Picture, person: Person, throat: Floats, size: float, time_s: float) -> None:
    """One person; `throat` is the position of the collar, sizes in here are for a person 480 px high."""
    behind_head = person.arms == "on head"
    _draw_body(picture, person, throat, size)
    if person.hair == "long":
        ellipse(picture, throat + size * np.array([0, -78]), (88 * size, 118 * size), person.look.hair)
        _draw_body(picture, person, throat, size)
    if not behind_head:
        _draw_arms(picture, person, throat, size, time_s)
    _draw_head(picture, person, throat + size * np.array([0, -112]), size)
    if behind_head or person.arms == "whistle":
        _draw_arms(picture, person, throat, size, time_s)


def _draw_body(picture: Picture, person: Person, throat: Floats, size: float) -> None:
    kit, skin = person.look.kit, person.look.skin
    chest = [(-128, 26), (-60, 2), (60, 2), (128, 26), (146, 90), (118, 330), (-118, 330), (-146, 90)]
    polygon(picture, throat + size * np.array(chest), kit.shirt)
    polygon(
        picture,
        throat + size * np.array([(60, 2), (128, 26), (146, 90), (118, 330), (84, 330)]),
        mixed(kit.shirt, (0, 0, 0), 0.12),
    )
    line(picture, throat + size * np.array([(0, -40), (0, 4)]), mixed(skin, (0, 0, 0), 0.12), 62 * size)
    polygon(picture, throat + size * np.array([(-46, 0), (46, 0), (0, 44)]), mixed(skin, (0, 0, 0), 0.12))
    line(picture, throat + size * np.array([(-48, 0), (0, 46), (48, 0)]), kit.trim, 9 * size)
    if person.look.number is not None and size > 0.6:
        write(
            picture, str(person.look.number), (float(throat[0]), float(throat[1]) + 112 * size), round(64 * size), kit.trim, 2
        )
    if person.scarf:
        _draw_scarf(picture, person.scarf, throat, size)


def _draw_scarf(picture: Picture, kit: Kit, throat: Floats, size: float) -> None:
    for start in range(-60, 60, 24):
        colour = kit.shirt if start // 24 % 2 else kit.trim
        ends = [(x, 14 - abs(x) * 0.25) for x in (start, start + 24)]
        line(picture, throat + size * np.array(ends), colour, 30 * size)
    line(picture, throat + size * np.array([(30, 20), (36, 110)]), kit.trim, 28 * size)


def _draw_arms(picture: Picture, person: Person, throat: Floats, size: float, time_s: float) -> None:
    for side in (-1, 1):
        elbow, hand = _reach(person.arms, side, time_s)
        points = throat + size * np.array([(side * 122, 50), elbow, hand])
        sleeve = mixed(person.look.kit.shirt, (0, 0, 0), 0.2)
        long_sleeves = person.look.kit in (COAT, HOME_KEEPER)
        line(picture, points[1:], sleeve if long_sleeves else person.look.skin, 40 * size)
        line(picture, [points[0], points[0] * 0.25 + points[1] * 0.75], sleeve, 58 * size)
        line(picture, [points[0] * 0.3 + points[1] * 0.7, points[1]], sleeve if long_sleeves else person.look.skin, 44 * size)
        disc(picture, points[2], 31 * size, (240, 240, 240) if person.look.kit is HOME_KEEPER else person.look.skin)
    if person.arms == "ball":
        _draw_held_ball(picture, throat + size * np.array([0, 190]), 70 * size)
    if person.arms == "whistle":
        disc(picture, throat + size * np.array([4, -66]), 11 * size, (240, 200, 60))


def _reach(arms: Arms, side: int, time_s: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Positions of elbow and hand relative to the throat, for a person of size 1."""
    shake = 16 * np.sin(time_s * 13 + side)
    raised = (side * 190, -60 + shake * 0.5), (side * 168, -210 + shake)
    hanging = (side * 168, 190), (side * 160, 340)
    if arms == "up" or (arms == "one up" and side > 0):
        return raised
    if arms == "on head":
        return (side * 226, -90), (side * 66, -196)
    if arms == "ball":
        return (side * 176, 190), (side * 70, 214)
    if arms == "folded":
        return (side * 168, 176), (side * -70, 176 + 26 * side)
    if arms == "whistle" and side < 0:
        return (-180, 120), (-16, -48)
    if arms == "whistle":
        return (side * 210, 0), (side * 300, -90)
    return hanging


def _draw_held_ball(picture: Picture, centre: Floats, radius: float) -> None:
    disc(picture, centre, radius + 2, (90, 90, 96))
    disc(picture, centre, radius, (250, 250, 250))
    for turn in range(6):
        angle = turn * 2 * np.pi / 5
        out = 0.0 if turn == 5 else 0.82
        corners = angle + np.arange(5) * 2 * np.pi / 5
        spot = centre + radius * out * np.array([np.cos(angle), np.sin(angle)])
        polygon(picture, spot + 0.3 * radius * np.column_stack([np.cos(corners), np.sin(corners)]), (36, 36, 42))


def _draw_head(picture: Picture, person: Person, centre: Floats, size: float) -> None:
    skin, hair = person.look.skin, person.look.hair
    for side in (-1, 1):
        disc(picture, centre + size * np.array([side * 66, 8]), 15 * size, mixed(skin, (0, 0, 0), 0.1))
    if person.hair == "bun":
        disc(picture, centre + size * np.array([0, -98]), 34 * size, hair)
    ellipse(picture, centre, (68 * size, 86 * size), skin)
    if person.beard:
        ellipse(picture, centre + size * np.array([0, 14]), (67 * size, 74 * size), hair, arc_deg=(8, 172))
        ellipse(picture, centre + size * np.array([0, 12]), (44 * size, 34 * size), skin)
    _draw_hair(picture, person.hair, hair, centre, size)
    _draw_face(picture, person.mouth, skin, centre, size)


def _draw_hair(picture: Picture, style: Hair, colour: Colour, centre: Floats, size: float) -> None:
    ellipse(picture, centre + size * np.array([0, -16]), (72 * size, 80 * size), colour, arc_deg=(192, 348))
    if style in ("cap", "beanie"):
        dark = mixed(colour, (0, 0, 0), 0.35)
        ellipse(picture, centre + size * np.array([0, -26]), (76 * size, 72 * size), dark, arc_deg=(180, 360))
        line(
            picture,
            centre + size * np.array([(-70, -30), (84 if style == "cap" else 70, -30)]),
            mixed(dark, (0, 0, 0), 0.3),
            16 * size,
        )
    if style == "beanie":
        disc(picture, centre + size * np.array([0, -104]), 20 * size, (240, 240, 240))


def _draw_face(picture: Picture, mouth: Mouth, skin: Colour, centre: Floats, size: float) -> None:
    glad = mouth in ("open", "smile")
    for side in (-1, 1):
        eye = centre + size * np.array([side * 27, -2])
        ellipse(picture, eye, (11 * size, 9 * size), (250, 250, 250))
        disc(picture, eye + size * np.array([0, 1]), 6 * size, INK)
        slope = -4 if glad else 7
        brow = [(side * 14, -26 - slope * 0.8), (side * 40, -24 + slope * 0.5)]
        line(picture, centre + size * np.array(brow), INK, 5 * size)
    line(picture, centre + size * np.array([(0, 4), (6, 22), (-4, 24)]), mixed(skin, (0, 0, 0), 0.22), 4 * size)
    place = centre + size * np.array([0, 44])
    if mouth == "open":
        ellipse(picture, place, (26 * size, 22 * size), (110, 24, 30))
        ellipse(picture, place, (24 * size, 18 * size), (250, 246, 240), arc_deg=(200, 340))
    elif mouth == "smile":
        ellipse(picture, place - (0, 8 * size), (30 * size, 22 * size), (250, 246, 240), arc_deg=(0, 180))
    else:
        curve = 0 if mouth == "shut" else 8
        line(picture, place + size * np.array([(-20, curve), (0, 0), (20, curve)]), (130, 60, 56), 5 * size)
