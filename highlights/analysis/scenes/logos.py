"""The logo that opens and closes replays, learned from the match itself: it comes again and again.

    live       ░░░░░░░░          ▒▒▒▒▒▒▒▒
    logo             ▓▓▓▓ ▓▓▓▓         ▓▓▓▓        in the middle of a transition: foreign to both scenes,
    replay                    ████████    ████     but the same every time

A transition is compared with all others. What counts is the part of the picture that looks like neither of its two scenes: two
dissolves have nothing in common there, a logo is alike wherever it comes. Plain pictures (black, a flash) don't count, and
neither does footage that is shown twice, transition included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from highlights.analysis.scenes.fingerprint import Pictures

_WIDTH, _HEIGHT = 32, 18  # of a thumbnail; here every second row and column is enough, as logos are large
_AROUND = 8  # frames on either side of a turn: a logo is clearest in its middle, which may be some frames off
_FOREIGN = 20.0  # grey levels from both scenes: more than they change in half a second
_SAME = 12.0  # grey levels between two views of one logo, which are not taken at the same phase of its flight
_LEAST_FOREIGN = 0.12  # of the picture: smaller ones are captions
_LEAST_LIKE = 0.6  # of the foreign parts of two transitions that must agree
_LEAST_CONTRAST = 18.0  # grey levels, deviation inside the logo: black and white pictures have next to none
_LEAST_OTHER = 8.0  # grey levels between the scenes around two transitions, on either side; the same footage has less
_LEAST_TIMES = 4  # two replays show it four times; three likenesses may be chance
_ONE_LOGO_S = 1.5  # the start and the end of its flight may be two turns
_PLACES_APART_S = 60.0  # opening and closing of one replay are one place; a logo of the match comes at others too
_MOST = 400  # transitions that are compared, those with the largest foreign part: a match has fewer than two hundred logos


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What a transition shows: the scene before it, after it, and its own frames.

    Each is uint8 `[..., 9, 16, 3]`, BGR; of `between` the first axis counts frames.
    """

    before: NDArray[np.uint8]
    after: NDArray[np.uint8]
    between: NDArray[np.uint8]

    @classmethod
    def of(cls, views: Pictures, middle: int) -> Look:
        """The look of the transition around `middle` in a sequence of thumbnails, float32 `[num_frames, 1728]`."""
        chosen = np.concatenate([views[:1], views[middle - _AROUND : middle + _AROUND + 1], views[-1:]])
        halves = chosen.reshape(-1, _HEIGHT // 2, 2, _WIDTH // 2, 2, 3).mean(axis=(2, 4)).astype(np.uint8)
        return cls(halves[0], halves[-1], halves[1:-1])


class _Foreign(NamedTuple):
    """A transition, and in each of its frames the pixels that are foreign to both scenes; `at` is the frame with the most."""

    time_s: float
    look: Look
    pixels: NDArray[np.bool_]
    at: int


def foreign_look(views: Pictures, middle: int) -> Look | None:
    """`Look.of` a transition in which something is foreign to both scenes; None for all others, which no logo can be."""
    look = Look.of(views, middle)
    return look if _foreign(0.0, look) else None


def recurring(looks: Sequence[tuple[float, Look]]) -> tuple[float, ...]:
    """Of transitions, given with their times in seconds, the times of those that show a logo which comes again and again."""
    found = [foreign for time_s, look in looks if (foreign := _foreign(time_s, look))]
    found = sorted(found, key=lambda one: -int(one.pixels[one.at].sum()))[:_MOST]
    alike = _alike(found)
    times_s = np.array([one.time_s for one in found])
    left, members = np.ones(len(found), bool), np.zeros(len(found), bool)
    while left.any():
        first = int(np.where(left, (alike & left).sum(axis=1), 0).argmax())
        around = alike[first] & left
        # like most of them: one look may resemble many that do not resemble each other, such as repeated footage
        family = left & (2 * (alike & around).sum(axis=1) > around.sum())
        if len(shown_s := _apart_s(times_s[family])) >= _LEAST_TIMES and shown_s[-1] - shown_s[0] >= _PLACES_APART_S:
            members |= family
        left &= ~family
        left[first] = False
    return tuple(_apart_s(times_s[members]))


def _apart_s(times_s: NDArray[np.float64]) -> list[float]:
    """The times in order, those of one logo only once: a turn near the edge of an excerpt is found in the next one too."""
    kept: list[float] = []
    for time_s in sorted(times_s.tolist()):
        if not kept or time_s - kept[-1] >= _ONE_LOGO_S:
            kept.append(time_s)
    return kept


def _foreign(time_s: float, look: Look) -> _Foreign | None:
    """The foreign part of a transition; None if it is too small or too plain for a logo."""
    pixels = np.minimum(_apart(look.between, look.before), _apart(look.between, look.after)) > _FOREIGN
    at = int(pixels.sum(axis=(1, 2)).argmax())
    if pixels[at].mean() < _LEAST_FOREIGN or look.between[at][pixels[at]].std(axis=0).max() < _LEAST_CONTRAST:
        return None
    return _Foreign(time_s, look, pixels, at)


def _alike(found: Sequence[_Foreign]) -> NDArray[np.bool_]:
    """Which transitions show the same logo: the clearest view of it in one of them is somewhere in the other; bool [n, n]."""
    alike = np.eye(len(found), dtype=bool)
    if not found:
        return alike
    before, after, between = (
        np.stack([getattr(one.look, name) for one in found]).astype(np.int16) for name in ("before", "after", "between")
    )
    between = between.reshape(*between.shape[:2], -1, 3)  # [n, num_frames, num_pixels, 3]
    pixels = np.stack([one.pixels for one in found]).reshape(between.shape[:3])
    sizes = pixels.sum(axis=2)
    for number, one in enumerate(found):
        clear = np.flatnonzero(pixels[number, one.at])
        others = np.minimum(*(np.abs(scene - scene[number]).mean(axis=(1, 2, 3)) for scene in (before, after))) >= _LEAST_OTHER
        same = np.abs(between[:, :, clear] - between[number, one.at, clear]).sum(axis=3) < 3 * _SAME
        common = (same & pixels[:, :, clear]).sum(axis=2)
        alike[number] |= others & (common >= _LEAST_LIKE * np.maximum(len(clear), sizes)).any(axis=1)
    return alike | alike.T


def _apart(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The distance of two pictures in grey levels, pixel by pixel."""
    return np.asarray(np.abs(one.astype(np.float32) - other).mean(axis=-1), np.float32)
