"""`OpenPart`: one part's file that stays open, and what all who read pieces of it need."""

from __future__ import annotations

from contextlib import ExitStack

from av.codec.context import ThreadType
from av.video.frame import VideoFrame

from highlights.media.frames import Frame, frame_of
from highlights.media.packets import frame_time, ticks
from highlights.media.source import only, opened, picture_stream
from highlights.records import Part

NOT_DEBLOCKED = {"skip_loop_filter": "all"}
"""An option of decoders: faster, for analysis only."""


class OpenPart:
    """Decodes on one thread, so that several readers share the cores; `options` are those of the decoder."""

    def __init__(self, part: Part, number: int, **options: str) -> None:
        self._part = part
        self._number = number
        self._open = ExitStack()
        self._container = self._open.enter_context(opened(part.path))
        self._stream = picture_stream(part.path, self._container)
        only(self._container, self._stream)
        self._stream.thread_type = ThreadType.NONE
        self._stream.codec_context.options |= options
        self._tick = ticks(self._stream)

    def close(self) -> None:
        """Close the file."""
        self._open.close()

    def _frame(self, picture: VideoFrame) -> Frame:
        time_s = round(frame_time(picture) * self._tick.numerator / self._tick.denominator - self._part.first_pts_s, 6)
        return frame_of(self._part, self._number, time_s, picture)

    def _ticks(self, match_s: float) -> int:
        return int((match_s - self._part.start_s + self._part.first_pts_s) / self._tick)
