"""`ExcerptReader`: short excerpts of one part's frames, from a file that stays open.

frames     K · · · · · · · · · · · K
excerpt              ├─────┤
decoded    ├─ only ──┤├ all ┤         before the excerpt only frames that others are predicted from
            references
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

from av.codec.context import ThreadType
from av.video.frame import VideoFrame

from highlights.media.faults import FaultCounter
from highlights.media.frames import Frame, frame_of
from highlights.media.packets import decoded, frame_time, packet_time, packets_from, ticks
from highlights.media.source import only, opened, picture_stream
from highlights.media.thinned import NEAR_S, Skip
from highlights.records import Part


class ExcerptReader:
    """Decodes on one thread, so that several readers share the cores, and without deblocking: for analysis only.

    `skip`: which frames can be left out on the way to an excerpt, see `skippable`.
    """

    def __init__(self, part: Part, number: int, faults: FaultCounter, skip: Skip = "NONREF") -> None:
        self._part = part
        self._number = number
        self._skip = skip
        self._faults = faults
        self._open = ExitStack()
        self._container = self._open.enter_context(opened(part.path))
        self._stream = picture_stream(part.path, self._container)
        only(self._container, self._stream)
        self._stream.thread_type = ThreadType.NONE
        self._stream.codec_context.options = {"skip_loop_filter": "all"}

    @property
    def seekable(self) -> bool:
        """Whether the file can be read from its middle."""
        middle = self._ticks(self._part.start_s + self._part.duration_s / 2)
        first = next(packets_from(self._container, self._stream, middle), None)
        return first is not None and (packet_time(first) or 0) > self._ticks(self._part.start_s)

    def close(self) -> None:
        """Close the file."""
        self._open.close()

    def read(self, start_s: float, end_s: float, *, thin: bool = False) -> Iterator[Frame]:
        """The frames shown in `[start_s, end_s)` of the match clock.

        With `thin`, non-reference frames are skipped: half the work, and about every second frame.
        """
        last_s = -1.0
        for picture in self._pictures(start_s, thin):
            time_s = round(float(frame_time(picture) * ticks(self._stream)) - self._part.first_pts_s, 6)
            frame = frame_of(self._part, self._number, time_s, picture)
            if round(frame.time_s, 3) >= end_s:
                return
            if round(frame.time_s, 3) >= start_s and time_s > last_s:
                last_s = time_s
                yield frame

    def _pictures(self, start_s: float, thin: bool) -> Iterator[VideoFrame]:
        """Frames from the key frame before `start_s`; until there only reference frames."""
        stream, start, near = self._stream, self._ticks(start_s), self._ticks(start_s - NEAR_S)
        for packet in packets_from(self._container, stream, start, self._damaged):
            time = packet_time(packet)
            if time is None or (time >= start and not thin):
                stream.codec_context.skip_frame = "DEFAULT"
            else:
                stream.codec_context.skip_frame = "NONREF" if time >= near else self._skip
            yield from decoded(stream, packet, self._damaged)
        yield from decoded(stream, None, self._damaged)

    def _ticks(self, match_s: float) -> int:
        return int((match_s - self._part.start_s + self._part.first_pts_s) / ticks(self._stream))

    def _damaged(self) -> None:
        self._faults.add(self._part.path, "damaged pictures")
