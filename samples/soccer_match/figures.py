"""The men on the pitch: each has a skeleton in metres, drawn as limbs, shirt and shorts, with a shadow."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from soccer_match.camera import WIDTH_PX, Camera, Floats
from soccer_match.drawing import Colour, Picture, disc, lettering, line, mixed, polygon, stamp
from soccer_match.play import Men
from soccer_match.story import MEN, REFEREE

THIGH_M, SHIN_M, ARM_M = 0.45, 0.47, 0.29
HIP_M, SHOULDER_M, HEAD_M = 0.94, 1.47, 1.72
NUMBERS = (1, 2, 4, 5, 3, 7, 6, 8, 11, 9, 10)
LEGIBLE_PX_PER_M = 45
SHADOW: Colour = (38, 84, 44)

(HIPS, KNEES, FEET, SHOULDERS, ELBOWS, HANDS) = (slice(i, i + 2) for i in range(0, 12, 2))
HEAD = 12
JOINTS = 13
"""Pairs of joints are left, right."""


@dataclass(frozen=True, slots=True)
class Kit:
    """What a man wears."""

    shirt: Colour
    trim: Colour
    shorts: Colour
    socks: Colour


@dataclass(frozen=True, slots=True)
class Look:
    """Appearance of one man."""

    kit: Kit
    skin: Colour
    hair: Colour
    number: int | None = None


HOME = Kit((206, 36, 44), (255, 255, 255), (250, 250, 250), (206, 36, 44))
AWAY = Kit((36, 84, 196), (250, 214, 64), (24, 48, 128), (250, 214, 64))
HOME_KEEPER = Kit((250, 200, 40), (30, 30, 30), (30, 30, 30), (250, 200, 40))
AWAY_KEEPER = Kit((150, 80, 190), (255, 255, 255), (60, 30, 90), (150, 80, 190))
OFFICIAL = Kit((28, 28, 32), (190, 240, 60), (28, 28, 32), (28, 28, 32))

SKINS: tuple[Colour, ...] = ((242, 204, 170), (224, 176, 138), (190, 136, 96), (142, 94, 62), (104, 66, 44))
HAIRS: tuple[Colour, ...] = ((40, 28, 22), (92, 58, 30), (212, 172, 88), (20, 18, 18), (150, 70, 30))


def look(man: int) -> Look:
    """Appearance of a man by his number."""
    skin, hair = SKINS[(man * 7 + man // 11) % 5], HAIRS[(man * 3 + man // 5) % 5]
    if man == REFEREE:
        return Look(OFFICIAL, SKINS[1], HAIRS[0])
    keeper = {0: HOME_KEEPER, 11: AWAY_KEEPER}
    kit = keeper.get(man, HOME if man < 11 else AWAY)
    return Look(kit, skin, hair if skin in SKINS[:3] else HAIRS[3], NUMBERS[man % 11])


def skeletons(men: Men) -> Floats:
    """Joints of all men [men, joints, 3] in metres of the pitch."""
    body = np.zeros((MEN, JOINTS, 3))  # forward, left, up
    for foot, side in ((0, 1), (1, -1)):
        _leg(body, men, foot, side)
        _arm(body, men, foot, side)
    body[:, HEAD] = np.array([0.03, 0, HEAD_M])
    body[:, 6:, 0] += (0.16 * men.hurry)[:, None] * (body[:, 6:, 2] - HIP_M).clip(0) / 0.6
    body[..., 2] -= body[:, FEET, 2].min(axis=1)[:, None] - 0.06
    _lie_down(body, men.dive)
    cos, sin = np.cos(men.headings_rad)[:, None], np.sin(men.headings_rad)[:, None]
    forward, left = body[..., 0], body[..., 1]
    ground = np.stack([forward * cos - left * sin, forward * sin + left * cos], axis=-1) + men.spots[:, None]
    return np.concatenate([ground, body[..., 2:]], axis=-1)


def _leg(body: Floats, men: Men, foot: int, side: int) -> None:
    step = men.strides + (0 if side > 0 else np.pi)
    swing = 0.8 * men.hurry * np.sin(step)
    bend = 0.06 + 1.25 * men.hurry * np.maximum(0, np.cos(step))
    if side < 0:
        swing = np.where(men.kick != 0, 1.0 * men.kick + 0.2, swing)
        bend = np.where(men.kick != 0, np.maximum(0.05, -1.2 * men.kick), bend)
    body[:, foot] = np.array([0, side * 0.11, HIP_M])
    body[:, 2 + foot] = body[:, foot] + THIGH_M * _down(swing)
    body[:, 4 + foot] = body[:, 2 + foot] + SHIN_M * _down(swing - bend)


def _arm(body: Floats, men: Men, hand: int, side: int) -> None:
    swing = -0.9 * men.hurry * np.sin(men.strides + (0 if side > 0 else np.pi))
    bend = 0.25 + 1.2 * men.hurry
    cheer = men.cheer[:, None]
    wide = np.array([0, side * 0.1, 0])
    upper = (1 - cheer) * (_down(swing) + wide) + cheer * np.array([0, side * 0.6, 0.8])
    lower = (1 - cheer) * _down(swing + bend) + cheer * np.array([0, side * 0.15, 0.98])
    body[:, 6 + hand] = np.array([0, side * 0.22, SHOULDER_M])
    body[:, 8 + hand] = body[:, 6 + hand] + ARM_M * upper
    body[:, 10 + hand] = body[:, 8 + hand] + ARM_M * lower


def _down(angle_rad: Floats) -> Floats:
    """Unit vectors [men, 3] pointing down, swung forward by an angle."""
    return np.stack([np.sin(angle_rad), np.zeros_like(angle_rad), -np.cos(angle_rad)], axis=-1)


def _lie_down(body: Floats, dive: Floats) -> None:
    """Tip the body over to one side, and raise it while it is in the air."""
    tip = 1.45 * dive[:, None]
    left, up = body[..., 1].copy(), body[..., 2].copy()
    body[..., 1] = left * np.cos(tip) + up * np.sin(tip)
    body[..., 2] = np.maximum(0.06, up * np.cos(tip) - left * np.sin(tip) + 0.25 * np.sin(np.pi * np.abs(dive))[:, None])


def draw_shadows(picture: Picture, camera: Camera, men: Men) -> None:
    """A dark spot on the grass under every man, stretched away from the floodlights."""
    around = np.linspace(0, 2 * np.pi, 14, endpoint=False)
    ring = np.column_stack([0.55 * np.cos(around) + 0.3, 0.24 * np.sin(around) + 0.08, np.zeros(14)])
    for spot in men.spots:
        at = np.array([spot[0], spot[1], 0.0])
        if camera.depth(at) > 2:
            polygon(picture, camera.outline(ring + at), SHADOW)


@dataclass(frozen=True, slots=True)
class Seen:
    """One man as the camera sees him: joints [joints, 2] in pixels, and the size of a metre there."""

    joints: Floats
    px_per_m: float
    back: float
    """1 if his back is to the camera, -1 if his chest is."""
    right: float
    """1 if he faces the right of the picture, -1 if the left."""
    look: Look


def seen_men(camera: Camera, men: Men) -> list[tuple[float, Seen]]:
    """Everybody in front of the camera, with their distance in metres."""
    joints = skeletons(men)
    pixels, scale = camera.project(joints)
    depth = camera.depth(joints[:, HEAD])
    forward = np.column_stack([np.cos(men.headings_rad), np.sin(men.headings_rad)])
    back, right = forward @ camera.axes[2, :2], forward @ camera.axes[0, :2]
    return [
        (float(depth[man]), Seen(pixels[man], float(scale[man, HEAD]), float(back[man]), float(right[man]), look(man)))
        for man in range(MEN)
        if depth[man] > 2 and -150 < pixels[man, HEAD, 0] < WIDTH_PX + 150
    ]


def draw_man(picture: Picture, man: Seen) -> None:
    """Legs, far arm, shirt with its number, near arm, head."""
    px, joints, kit = man.px_per_m, man.joints, man.look.kit
    far, near = (0, 1) if joints[6, 1] < joints[7, 1] or man.back > 0 else (1, 0)
    for foot in (far, near):
        _draw_leg(picture, man, foot)
    _draw_arm(picture, man, far)
    hips, shoulders = joints[HIPS], joints[SHOULDERS]
    line(picture, hips, kit.shorts, 0.24 * px)
    torso = np.array([shoulders[0], shoulders[1], hips[1], hips[0]])
    line(picture, [shoulders.mean(axis=0), hips.mean(axis=0) * 0.85 + shoulders.mean(axis=0) * 0.15], kit.shirt, 0.3 * px)
    polygon(picture, torso * 0.94 + torso.mean(axis=0) * 0.06, kit.shirt)
    if px > LEGIBLE_PX_PER_M and man.look.number is not None:
        _draw_number(picture, man)
    _draw_arm(picture, man, near)
    _draw_head(picture, man)


def _draw_leg(picture: Picture, man: Seen, foot: int) -> None:
    px, kit = man.px_per_m, man.look.kit
    hip, knee, ankle = man.joints[foot], man.joints[2 + foot], man.joints[4 + foot]
    line(picture, [knee, ankle], kit.socks, 0.12 * px)
    line(picture, [hip, knee], man.look.skin, 0.15 * px)
    line(picture, [hip, hip * 0.35 + knee * 0.65], kit.shorts, 0.2 * px)
    disc(picture, ankle, 0.075 * px, (24, 24, 28))


def _draw_arm(picture: Picture, man: Seen, hand: int) -> None:
    px = man.px_per_m
    shoulder, elbow, wrist = man.joints[6 + hand], man.joints[8 + hand], man.joints[10 + hand]
    line(picture, [elbow, wrist], man.look.skin, 0.09 * px)
    line(picture, [shoulder, elbow], mixed(man.look.kit.shirt, (0, 0, 0), 0.14), 0.12 * px)


def _draw_head(picture: Picture, man: Seen) -> None:
    px, head = man.px_per_m, man.joints[HEAD]
    neck = man.joints[SHOULDERS].mean(axis=0)
    up = head - neck
    up /= max(float(np.hypot(*up)), 1e-6)
    line(picture, [neck, head], man.look.skin, 0.11 * px)
    disc(picture, head, 0.145 * px, man.look.hair)
    if man.back > 0.7:
        return
    across = np.array([-up[1], up[0]])
    face = head + px * (0.07 * man.right * across - 0.035 * up)
    disc(picture, face, 0.118 * px, man.look.skin)
    if px > LEGIBLE_PX_PER_M and man.back < 0.2:
        middle = face + 0.045 * px * man.right * across
        for side in (-1, 1):
            disc(picture, middle + px * (0.045 * side * across + 0.02 * up), 0.016 * px, (30, 24, 24))
        line(picture, [middle + px * (0.03 * side * across - 0.05 * up) for side in (-1, 1)], (120, 40, 40), 0.025 * px)


def _draw_number(picture: Picture, man: Seen) -> None:
    """The number, narrowed like the shirt; not on a shirt seen from the side."""
    shoulders = man.joints[SHOULDERS]
    width = float(np.hypot(*(shoulders[0] - shoulders[1])))
    if width < 0.2 * man.px_per_m:
        return
    ink = lettering(str(man.look.number), 48, 1)
    height = 0.3 * man.px_per_m
    size = (max(2, round(ink.shape[1] / ink.shape[0] * height * width / (0.44 * man.px_per_m))), max(2, round(height)))
    small = cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
    middle = shoulders.mean(axis=0) * 0.6 + man.joints[HIPS].mean(axis=0) * 0.4
    stamp(picture, np.asarray(small, dtype=np.float64), (float(middle[0]), float(middle[1])), man.look.kit.trim)
