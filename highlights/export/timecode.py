"""Frame numbers and time codes, exact at any rate: all arithmetic is on integers and fractions, so nothing drifts.

    rate      frames per timecode s    drops frame numbers
    23.976    24                       never
    29.97     30                       2 a minute, except every tenth: `01:00:00;00`
    59.94     60                       4 a minute, except every tenth

Source: SMPTE ST 12-1. Drop-frame skips frame numbers, never frames, so that the time code follows real time. It is meant for
29.97 and 59.94; but a file's own code says by `;` or `:` whether it drops, and recorders mark rates of exactly 30 so too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

DROPPING = (Fraction(30_000, 1001), Fraction(60_000, 1001))
"""The rates that drop frame numbers where no code says otherwise."""

_CODE = re.compile(r"(\d{1,2}):(\d\d):(\d\d)([:;.,])(\d{2,3})")


@dataclass(frozen=True, slots=True)
class Rate:
    """Frames per second, and whether its time code drops frame numbers; None is what is usual at that rate."""

    fps: Fraction
    marked: bool | None = None

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
        return self.can_drop and (self.fps in DROPPING if self.marked is None else self.marked)

    @property
    def can_drop(self) -> bool:
        """Whether a time code of this rate may skip frame numbers."""
        return self.timebase % 30 == 0

    @property
    def dropped(self) -> int:
        """How many frame numbers a drop-frame code skips at the start of a minute."""
        return 2 * (self.timebase // 30)

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
    dropped = rate.dropped
    per_minute = rate.timebase * 60 - dropped
    tens, rest = divmod(frame, per_minute * 10 + dropped)
    return frame + dropped * (9 * tens + max(0, (rest - dropped) // per_minute))


def drops(text: str) -> bool | None:
    """Whether a time code is marked as drop-frame; None if the text is not a time code."""
    code = _CODE.fullmatch(text.strip())
    return None if code is None else code[4] != ":"


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
    dropped = rate.dropped * (minutes - minutes // 10) if drops(text) and rate.can_drop else 0
    return (60 * minutes + seconds) * rate.timebase + frames - dropped
