"""The clips of a reel against a person's summary of the same match: how much of each is in the other.

    summary    ├──────┤      ├────┤        ├──────┤
    reel          ├──────┤   ├────┤   ├──┤
    shared        ├───┤      ├────┤

Conventions: precision is the share of the reel that is in the summary, recall the share of the summary that is in the reel;
both by time, overlapping spans once. `chance` is the precision of a reel chosen without looking: the summary's share of the
match. Two reels are judged: the clips that the timeline has, and those it would have with `--target-duration` set to the
length of the summary, so that choosing more is no advantage. `frames_f1` counts frames at 2 Hz, each span with its last
frame, as SoccerHigh does, for comparison with its tables, which are means over matches.

Source: `evaluation/evaluate.py` of SoccerHigh (Díaz-Juan et al., 2025), whose files `summary_file` reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

from highlights.errors import ProfileError
from highlights.evaluation.truth import Truth
from highlights.profile import Profile, load
from highlights.records import Timeline
from highlights.spans import Span, merge
from highlights.timeline import TimelineOptions, build

FRAMES_HZ = 2


@dataclass(frozen=True, slots=True)
class Overlap:
    """Seconds of the reel, of the summary, and of both; F1 in frames as SoccerHigh counts them."""

    reel_s: float
    summary_s: float
    shared_s: float
    frames_f1: float

    @property
    def precision(self) -> float:
        """Share of the reel that is in the summary; 1 if the reel is empty."""
        return self.shared_s / self.reel_s if self.reel_s else 1.0

    @property
    def recall(self) -> float:
        """Share of the summary that is in the reel; 1 if there is no summary."""
        return self.shared_s / self.summary_s if self.summary_s else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both, by time."""
        total_s = self.reel_s + self.summary_s
        return 2 * self.shared_s / total_s if total_s else 1.0

    @property
    def iou(self) -> float:
        """What is in both, as a share of what is in either."""
        total_s = self.reel_s + self.summary_s - self.shared_s
        return self.shared_s / total_s if total_s else 1.0


@dataclass(frozen=True, slots=True)
class Selection:
    """The reel as it is, and as it would be at the summary's length (None without a profile); `chance` of both."""

    reel: Overlap
    at_length: Overlap | None
    chance: float
    matches: int = 1


def judge(timeline: Timeline, truth: Truth) -> Selection | None:
    """The reel of a match; None if no summary was marked."""
    if truth.summary is None:
        return None
    summary = merge(piece for span in truth.summary if (piece := span.clamp(timeline.recording.span)))
    length_s = sum(span.length_s for span in summary)
    profile = profile_of(timeline)
    at_length = None
    if profile is not None and length_s:
        chosen = _rebuilt(timeline, profile, TimelineOptions(target_s=length_s))
        at_length = overlap([clip.span for clip in chosen.clips], summary)
    chance = length_s / timeline.recording.duration_s
    return Selection(overlap([clip.span for clip in timeline.clips], summary), at_length, chance)


def profile_of(timeline: Timeline) -> Profile | None:
    """The profile of a timeline's sport; None if there is none of that name."""
    try:
        return load(timeline.sport)
    except ProfileError:
        return None


def _rebuilt(timeline: Timeline, profile: Profile, options: TimelineOptions) -> Timeline:
    return build(timeline.recording, profile, timeline.events, timeline.near_misses, timeline.analysis, options)


def overlap(reel: Sequence[Span], summary: Sequence[Span]) -> Overlap:
    """How much two lists of spans share."""
    ours, theirs = merge(reel), merge(summary)
    shared_s = sum(one.overlap_s(other) for one in ours for other in theirs)
    return Overlap(_length_s(ours), _length_s(theirs), round(shared_s, 3), _frames_f1(reel, summary))


def _length_s(spans: Sequence[Span]) -> float:
    return round(sum(span.length_s for span in spans), 3)


def _frames_f1(reel: Sequence[Span], summary: Sequence[Span]) -> float:
    ours, theirs = _frames(reel), _frames(summary)
    total = len(ours) + len(theirs)
    return 2 * len(ours & theirs) / total if total else 0.0


def _frames(spans: Sequence[Span]) -> set[int]:
    """The frames of spans at 2 Hz, the last one included."""
    return {at for span in spans for at in range(int(FRAMES_HZ * span.start_s), int(FRAMES_HZ * span.end_s) + 1)}


def pooled(selections: Sequence[Selection]) -> Selection | None:
    """Those of several matches: seconds are added, F1 in frames and chance are means; None without any."""
    if not selections:
        return None
    at_length = [one.at_length for one in selections if one.at_length]
    return Selection(
        _added([one.reel for one in selections]),
        _added(at_length) if len(at_length) == len(selections) else None,
        mean(one.chance for one in selections),
        len(selections),
    )


def _added(overlaps: Sequence[Overlap]) -> Overlap:
    return Overlap(
        sum(one.reel_s for one in overlaps),
        sum(one.summary_s for one in overlaps),
        sum(one.shared_s for one in overlaps),
        mean(one.frames_f1 for one in overlaps),
    )
