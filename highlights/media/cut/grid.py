"""`Grid`: the packets of a clip, one for each frame of a reel at a constant rate, and which of them can be copied.

frames of the reel   ├──┼──┼──┼──┼──┼──┤
recording          │  │  │  │  │  │  │  │      nearly as far apart: each frame is one of the recording's
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from highlights.media.cut.smart import coded_times, whole_packets
from highlights.media.cut.stretches import Source
from highlights.spans import Span

_LOOK_BACK_S = 0.25
_OFF = 0.3  # of a frame, at most, from its place
_TOLERANCE_S = 0.001  # spans are rounded to the millisecond


@dataclass(frozen=True, slots=True)
class Grid:
    """Presentation times of a source's packets, in the file's ticks.

    `shown` is the one of each frame, `coded` are all around, in decoding order, `starts` key frames that reset the decoder.
    """

    source: Source
    shown: tuple[int, ...] = ()
    coded: tuple[int, ...] = ()
    starts: tuple[int, ...] = ()

    def copied(self, first: int, end: int) -> tuple[int, ...]:
        """The packets, in decoding order, of as many of the frames `[first, end)` as can be copied; may be none."""
        wanted = self.shown[first:end]
        key = min((time for time in self.starts if wanted and wanted[0] <= time <= wanted[-1]), default=None)
        return tuple(whole_packets(self.coded, key, wanted[-1])) if wanted else ()

    def begins_at(self, match_s: float) -> bool:
        """Whether its first frame begins at that time of the match, to the millisecond."""
        return bool(self.shown) and round(self.source.match_s(self.shown[0]), 3) == round(match_s, 3)


def grid_of(source: Source, start_s: float, frames: int, frame_rate: Fraction) -> Grid:
    """The grid of a clip whose first frame is on the screen at `start_s` of the match; empty if frames are missing or uneven.

    Raises:
        RenderError: the file has no presentation times, or its encoding changes.
    """
    span = Span(max(0.0, start_s - _LOOK_BACK_S), start_s + float(frames / frame_rate))
    coded, starts = coded_times(source, span)
    first = max((time for time in coded if source.match_s(time) <= start_s + _TOLERANCE_S), default=None)
    shown = [] if first is None else sorted(time for time in coded if time >= first)[:frames]
    if len(shown) < frames or not _is_even([source.match_s(time) for time in shown], start_s, frame_rate):
        return Grid(source)
    return Grid(source, tuple(shown), tuple(coded), tuple(starts))


def _is_even(times_s: Sequence[float], start_s: float, frame_rate: Fraction) -> bool:
    step_s = float(1 / frame_rate)
    off_s = (abs(time_s - times_s[0] - number * step_s) for number, time_s in enumerate(times_s))
    return times_s[0] > start_s - (1 + _OFF) * step_s and max(off_s) <= _OFF * step_s
