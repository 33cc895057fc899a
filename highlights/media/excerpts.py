"""`ExcerptReader`: short excerpts of one part's frames, from a file that stays open.

frames     K · · · · · · · · · · · K
excerpt              ├─────┤
decoded    ├─ only ──┤├ all ┤         before the excerpt only frames that others are predicted from
            references
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from math import inf
from typing import Literal

from av.video.frame import VideoFrame

from highlights.media.faults import FaultCounter
from highlights.media.frames import Frame
from highlights.media.open_part import NOT_DEBLOCKED, OpenPart
from highlights.media.packets import decoded, packet_time, packets_from, ticks
from highlights.media.skippable import Skip
from highlights.records import Part
from highlights.spans import Span

_NEAR_S = 0.13
"""B frames are decoded from this much before an excerpt: those in it can be predicted from them."""
_SLACK_S = 0.0005  # times are rounded: without it, an excerpt from a key frame on could need the whole GOP before it


class ExcerptReader(OpenPart):
    """Reads excerpts. `skip`: which frames can be left out on the way to one, see `skippable`."""

    def __init__(self, part: Part, number: int, faults: FaultCounter, skip: Skip = "NONREF") -> None:
        super().__init__(part, number, **NOT_DEBLOCKED)
        self._skip = skip
        self._faults = faults

    @property
    def seekable(self) -> bool:
        """Whether the file can be read from its middle."""
        middle = self._ticks(self._part.start_s + self._part.duration_s / 2)
        first = next(packets_from(self._container, self._stream, middle), None)
        return first is not None and (packet_time(first) or 0) > self._ticks(self._part.start_s)

    @property
    def skip(self) -> Skip:
        """Which frames can be left out without changing the others."""
        return self._skip

    def read(self, start_s: float, end_s: float, *, without: Skip | None = None, full: Sequence[Span] = ()) -> Iterator[Frame]:
        """The frames shown in `[start_s, end_s)` of the match clock.

        Left out, except in the spans `full` (in order of time), are the frames `without`. With `NONREF` it is half the work,
        and about every second frame; with `BIDIR`, where `skip` allows it, a third.
        """
        last_s = -inf
        for picture in self._pictures(
            start_s, end_s, without or self._skip, [Span(start_s, end_s)] if without is None else full
        ):
            frame = self._frame(picture)
            if round(frame.time_s, 3) >= end_s:
                return
            if round(frame.time_s, 3) >= start_s and frame.time_s > last_s:
                last_s = frame.time_s
                yield frame

    def _pictures(self, start_s: float, end_s: float, without: Skip, full: Sequence[Span]) -> Iterator[VideoFrame]:
        """Frames from the key frame before `start_s` on, at least up to `end_s`; outside of `full` only some.

        A B frame follows, in decoding order, the later one of the two frames between which it is shown. If even that one, the
        `latest`, is shown before the frames that are asked for, none of them needs the B frame. For the same reason all frames
        up to `end_s` are decoded before the second such frame after it is; those that the decoder holds back are taken out.
        """
        stream, near = self._stream, round(_NEAR_S / ticks(self._stream))
        start = self._ticks(start_s + _SLACK_S)
        end, ended = self._ticks(end_s), False
        starts, ends = [self._ticks(span.start_s) for span in full], [self._ticks(span.end_s) for span in full]
        latest = start - near - 1
        for packet in packets_from(self._container, stream, start, self._damaged):
            if packet.is_corrupt:
                self._damaged()
            time = packet_time(packet)
            if time is not None and time > latest:
                if ended or (time > end and without == "BIDIR" and (not ends or ends[-1] <= latest)):
                    break
                ended, latest = time > end, time
            skip: Literal["DEFAULT", "NONREF", "BIDIR"] = without if latest >= start - near else self._skip
            following = 0 if time is None else bisect_right(ends, time)
            if time is None or (following < len(ends) and starts[following] <= time):
                skip = "DEFAULT"
            elif following < len(ends) and starts[following] - near <= latest:
                skip = "NONREF"
            stream.codec_context.skip_frame = skip
            yield from decoded(stream, packet, self._damaged)
        yield from decoded(stream, None, self._damaged)

    def _damaged(self) -> None:
        self._faults.add(self._part.path, "damaged pictures")
