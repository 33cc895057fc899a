"""Frame numbers and time codes, exact at any rate: all arithmetic is on integers and fractions, so nothing drifts.

    rate      frames per timecode s    drops frame numbers
    23.976    24                       never
    29.97     30                       2 a minute, except every tenth: `01:00:00;00`
    59.94     60                       4 a minute, except every tenth

Source: SMPTE ST 12-1. Drop-frame skips frame numbers, never frames, so that the time code follows real time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

DROPPED = {Fraction(30_000, 1001): 2, Fraction(60_000, 1001): 4}
"""Frame numbers skipped at the start of a minute."""

_CODE = re.compile(r"(\d{1,2}):(\d\d):(\d\d)([:;.,])(\d{2,3})")


@dataclass(frozen=True, slots=True)
class Rate:
    """Frames per second."""

    fps: Fraction

    @property
    def timebase(self) -> int:
        """Frames per second of time code."""
        return ceil(self.fps)

    @property
    def is_ntsc(self) -> bool:
        """Whether it is 1000/1001 of an integer rate."""
        return self.fps.denominator == 1001

    @property
    def drops(self) -> bool:
        """Whether frame numbers are skipped (drop-frame)."""
        return self.fps in DROPPED

    def frame_at(self, time_s: Fraction) -> int:
        """The frame boundary nearest to a time."""
        return round(time_s * self.fps)

    def seconds(self, frame: int) -> Fraction:
        """When a frame begins."""
        return frame / self.fps


def exact(time_s: float) -> Fraction:
    """A time of the match clock, which has milliseconds, as an exact fraction.

    >>> exact(10799.999)
    Fraction(10799999, 1000)
    """
    return Fraction(round(time_s * 1000), 1000)


def timecode(frame: int, rate: Rate) -> str:
    """The time code of a frame; it wraps after 24 hours.

    >>> timecode(1800, Rate(Fraction(30000, 1001))), timecode(1800, Rate(Fraction(30)))
    ('00:01:00;02', '00:01:00:00')
    """
    if rate.drops:
        frame = _with_dropped(frame, rate)
    seconds, frames = divmod(frame, rate.timebase)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours % 24:02}:{minutes:02}:{seconds:02}{';' if rate.drops else ':'}{frames:02}"


def _with_dropped(frame: int, rate: Rate) -> int:
    """The frame number with the skipped numbers before it counted."""
    dropped = DROPPED[rate.fps]
    per_minute = rate.timebase * 60 - dropped
    tens, rest = divmod(frame, per_minute * 10 + dropped)
    return frame + dropped * (9 * tens + max(0, (rest - dropped) // per_minute))


def frame_of(text: str, rate: Rate) -> int:
    """The number of the frame with a time code; `;` is drop-frame, as `timecode` writes it, `:` is not.

    Raises:
        ValueError: it is not a time code of this rate.
    """
    code = _CODE.fullmatch(text.strip())
    if code is None:
        raise ValueError(f"{text[:20]!r} is not a time code such as 01:02:03:04")
    hours, minutes, seconds, frames = (int(code[n]) for n in (1, 2, 3, 5))
    if minutes > 59 or seconds > 59 or frames >= rate.timebase:
        raise ValueError(f"{text[:20]!r} is not a time code at {float(rate.fps):.5g} frames a second")
    minutes += 60 * hours
    dropped = DROPPED[rate.fps] * (minutes - minutes // 10) if code[4] != ":" and rate.drops else 0
    return (60 * minutes + seconds) * rate.timebase + frames - dropped
