"""Where every clip lies in the reel, in whole output frames. Pure.

Clips are rounded to whole frames one by one, and every sample position follows from a frame number, so audio and video cannot
drift apart, however many clips there are:

    clips (s)    ├─ 4.013 ─┤├──── 7.298 ────┤
    frames       ├── 100 ──┤├───── 182 ─────┤        at 25 per second
    samples      ├ 192000  ┤├─── 349440 ────┤        at 48 kHz

In cross-fades two takes share some frames, never three. Slow motion is its own take, a freeze frame is a step of its take:

    takes        ├──────── clip ────────┤ shared
                                    ├── slow ──┤
    steps        ├ play ┤still├─ play ──┤
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from highlights.records import Clip
from highlights.spans import Span

SAMPLE_RATE_HZ = 48_000

Shows = Literal["clip", "slow", "intro", "recap", "outro"]

SLOW = Fraction(1, 2)
SLOW_BEFORE_S, SLOW_AFTER_S = 1.7, 0.8
"""Slow motion shows more of what led to the instant than of what follows."""
SLOW_LEAST_S = 0.5

NOTHING_TO_SHOW = "nothing to show: the timeline has no clips; lower the required confidence, or add clips"

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
class Step:
    """Part of a take: `frames` of the reel, from `source_s` on the match clock at `speed`; 0 is a freeze frame."""

    frames: int
    source_s: float
    speed: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class Take:
    """One item of the reel at its place: a clip, its slow motion, or a card, whose clip holds only its text.

    `shared_frames` are shared with the take before it.
    """

    clip: Clip
    first_frame: int
    frames: int
    frame_rate: Fraction
    steps: tuple[Step, ...] = ()
    shows: Shows = "clip"
    shared_frames: int = 0

    @property
    def start_s(self) -> float:
        """Its start in the reel in seconds."""
        return float(self.first_frame / self.frame_rate)

    @property
    def duration_s(self) -> float:
        """Its duration in seconds."""
        return float(self.frames / self.frame_rate)

    @property
    def first_sample(self) -> int:
        """Its first audio sample."""
        return sample_at(self.first_frame, self.frame_rate)

    @property
    def samples(self) -> int:
        """Number of audio samples from its first frame to the first frame after it."""
        return sample_at(self.first_frame + self.frames, self.frame_rate) - self.first_sample

    @property
    def source(self) -> Span:
        """The span of the match that is shown."""
        ends_s = [step.source_s + float(step.frames * step.speed / self.frame_rate) for step in self.steps]
        return Span(self.steps[0].source_s, max(ends_s))

    def source_s_at(self, frame: int) -> float:
        """The match time shown by one of its frames, counted from 0."""
        for step in self.steps:
            if frame < step.frames:
                return step.source_s + float(frame * step.speed / self.frame_rate)
            frame -= step.frames
        raise ValueError("there is no such frame")


def sample_at(frame: int, frame_rate: Fraction) -> int:
    """The first audio sample of frame number `frame`."""
    return int(frame * SAMPLE_RATE_HZ / frame_rate)


def lay_out(clips: Sequence[Clip], frame_rate: Fraction, *, first_frame: int = 0, shared_frames: int = 0) -> list[Take]:
    """The clips in order, each a whole number of frames and at least one; the first begins at `first_frame`."""
    return placed([play(clip, frame_rate) for clip in clips], first_frame=first_frame, shared_frames=shared_frames)


def placed(takes: Iterable[Take], *, first_frame: int = 0, shared_frames: int = 0) -> list[Take]:
    """The takes at their places; each shares `shared_frames` with the one before it, at most half of either."""
    laid: list[Take] = []
    for take in takes:
        shared = min(shared_frames, take.frames // 2, laid[-1].frames // 2) if laid else 0
        laid.append(replace(take, first_frame=first_frame - shared, shared_frames=shared))
        first_frame += take.frames - shared
    return laid


def kept_to(takes: Sequence[Take], most_frames: int, shared_frames: int) -> Sequence[Take]:
    """The takes with frames removed from the ends of clips, to meet a length that they exceed by rounding.

    At most two frames of each are removed; a larger excess is not due to rounding.
    """
    kept = list(takes)
    for number, take in [*enumerate(takes)] * 2:
        last = placed(kept, shared_frames=shared_frames)[-1]
        if last.first_frame + last.frames <= most_frames:
            return kept
        if take.shows == "clip" and take.frames > 2 * shared_frames + 2:
            kept[number] = _without_a_frame(kept[number])
    last = placed(kept, shared_frames=shared_frames)[-1]
    return kept if last.first_frame + last.frames <= most_frames else takes


def _without_a_frame(take: Take) -> Take:
    """The take without its last frame."""
    *steps, last = take.steps
    left = (replace(last, frames=last.frames - 1),) if last.frames > 1 else ()
    return replace(take, frames=take.frames - 1, steps=(*steps, *left))


def card(shows: Shows, title: str, length_s: float, frame_rate: Fraction) -> Take:
    """A still frame with text."""
    return Take(Clip(Span(0, length_s), (), title), 0, max(1, round(length_s * frame_rate)), frame_rate, (), shows)


def play(clip: Clip, frame_rate: Fraction, freeze_at_s: float | None = None, freeze_s: float = 0.0) -> Take:
    """The clip, with a freeze frame at `freeze_at_s` of the match if that lies inside."""
    frames = max(1, round(Fraction(clip.span.length_s) * frame_rate))
    before = 0 if freeze_at_s is None else round((freeze_at_s - clip.span.start_s) * frame_rate)
    still = round(freeze_s * frame_rate)
    if not (0 < before < frames and still):
        return Take(clip, 0, frames, frame_rate, (Step(frames, clip.span.start_s),))
    at_s = clip.span.start_s + float(before / frame_rate)
    steps = (Step(before, clip.span.start_s), Step(still, at_s, Fraction(0)), Step(frames - before, at_s))
    return Take(clip, 0, frames + still, frame_rate, steps)


def slow_motion(clip: Clip, peak_s: float, frame_rate: Fraction) -> Take | None:
    """The seconds around the instant at half speed; None if the clip shows too little of them."""
    around = Span(max(0.0, peak_s - SLOW_BEFORE_S), peak_s + SLOW_AFTER_S).clamp(clip.span)
    if around is None or around.length_s < SLOW_LEAST_S:
        return None
    frames = round(around.length_s * frame_rate / SLOW)
    return Take(clip, 0, frames, frame_rate, (Step(frames, around.start_s, SLOW),), "slow")


def standard_rate(frame_rate: Fraction) -> Fraction:
    """The standard rate nearest to that of a recording; slow rates are doubled, fast ones halved until one is near.

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
