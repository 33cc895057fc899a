"""Where every clip lies in the reel, in whole output frames. Pure.

Clips are rounded to whole frames one by one, and every sample position follows from a frame number, so neither sound nor
picture can drift from the other however many clips there are:

    clips (s)    ├─ 4.013 ─┤├──── 7.298 ────┤
    frames       ├── 100 ──┤├───── 182 ─────┤        at 25 per second
    samples      ├ 192000  ┤├─── 349440 ────┤        at 48 kHz
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from highlights.records import Clip

SAMPLE_RATE_HZ = 48_000

NOTHING_TO_SHOW = "nothing to show: the timeline has no clips; lower the confidence that is asked for, or add clips to it"

STANDARD_RATES = (
    Fraction(24_000, 1001),
    Fraction(24),
    Fraction(25),
    Fraction(30_000, 1001),
    Fraction(30),
    Fraction(48),
    Fraction(50),
    Fraction(60_000, 1001),
    Fraction(60),
)


@dataclass(frozen=True, slots=True)
class Take:
    """One clip's place in the reel."""

    clip: Clip
    first_frame: int
    frames: int
    frame_rate: Fraction

    @property
    def start_s(self) -> float:
        """When it begins in the reel."""
        return float(self.first_frame / self.frame_rate)

    @property
    def duration_s(self) -> float:
        """How long it is shown."""
        return float(self.frames / self.frame_rate)

    @property
    def samples(self) -> int:
        """Samples of sound from its first frame to the first frame of what follows."""
        return sample_at(self.first_frame + self.frames, self.frame_rate) - sample_at(self.first_frame, self.frame_rate)


def sample_at(frame: int, frame_rate: Fraction) -> int:
    """The first sample that is heard while frame number `frame` is shown."""
    return int(frame * SAMPLE_RATE_HZ / frame_rate)


def lay_out(clips: Sequence[Clip], frame_rate: Fraction, *, first_frame: int = 0) -> list[Take]:
    """The clips end to end, each a whole number of frames and at least one; the first begins at `first_frame`."""
    takes: list[Take] = []
    for clip in clips:
        frames = max(1, round(Fraction(clip.span.length_s) * frame_rate))
        takes.append(Take(clip, first_frame, frames, frame_rate))
        first_frame += frames
    return takes


def standard_rate(frame_rate: Fraction) -> Fraction:
    """The constant rate nearest to that of a recording; slow ones are doubled, fast ones halved until one is near.

    >>> standard_rate(Fraction(2997, 100)), standard_rate(Fraction(12)), standard_rate(Fraction(240))
    (Fraction(30000, 1001), Fraction(24, 1), Fraction(60, 1))
    """
    if frame_rate <= 0:
        return Fraction(25)
    while frame_rate < 20:
        frame_rate *= 2
    while frame_rate > 70:
        frame_rate /= 2
    return min(STANDARD_RATES, key=lambda rate: abs(rate - frame_rate))
