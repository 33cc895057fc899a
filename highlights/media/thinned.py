"""`ThinReader`: a whole file in one go, most of its frames left out: what reading by key frames is where those are rare.

frames     I B b B P B b B P B b B P B b B P
wanted               ├───┤
decoded    I       P B b B P       P       P       else only frames that others are predicted from

In most H.264 files no P frame is predicted from a B frame, so all B frames can be left out: 30 % of the work of decoding all.
Whether that is so in a file is tried at a few places. If not, only frames from which none is predicted are left out (45 %).
VP9 and AV1 have hardly any of these.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from math import inf, isnan
from typing import Literal

import numpy as np
from av.codec.context import ThreadType
from numpy.typing import NDArray

from highlights.media import pixels
from highlights.media.faults import FaultCounter
from highlights.media.frames import Frame, frame_of
from highlights.media.groups import match_time
from highlights.media.packets import decoded, frame_time, packets, packets_from, ticks
from highlights.media.pictures import THREADS, noting_damage
from highlights.media.source import only, opened, picture_stream
from highlights.records import Part
from highlights.spans import Span

Skip = Literal["BIDIR", "NONREF"]
Tried = dict[int, NDArray[np.uint8]]

_TRIED_AT = (0.1, 0.5, 0.9)  # of a file's duration
_TRIED_PACKETS = 100
_NEARLY_ALL, _LEAST = 0.9, 0.1  # of the frames: where fewer are left, nearly all are B frames (HEVC)
_COMPARED = np.s_[::4, ::4]  # pixels: one that is predicted from a missing frame spreads
NEAR_S = 0.7
"""Around a wanted span all frames are decoded: its B frames are predicted from some shown this much before or after."""


def skippable(part: Part) -> Skip | None:
    """Which frames can be left out of a file without changing the others; None: hardly any."""
    tried = [_tried(part, share * part.duration_s, "NONREF") for share in _TRIED_AT]
    if sum(map(len, tried)) > _NEARLY_ALL * _TRIED_PACKETS * len(tried):
        return None
    alone = [_tried(part, share * part.duration_s, "BIDIR") for share in _TRIED_AT]
    return "BIDIR" if all(map(_alike, alone, tried)) else "NONREF"


def _alike(alone: Tried, with_refs: Tried) -> bool:
    """Whether enough frames are left without the B frames, and look the same."""
    return len(alone) >= _LEAST * _TRIED_PACKETS and all(
        np.array_equal(luma, with_refs[time]) for time, luma in alone.items() if time in with_refs
    )


def _tried(part: Part, time_s: float, skip: Skip) -> Tried:
    """Some pixels of the frames in a hundred packets, by their times in ticks."""
    with opened(part.path) as container:
        stream = picture_stream(part.path, container)
        only(container, stream)
        stream.thread_type = ThreadType.NONE
        stream.codec_context.skip_frame = skip
        stream.codec_context.options = {"skip_loop_filter": "all"}
        start = int((time_s + part.first_pts_s) / ticks(stream))
        following = islice(packets_from(container, stream, start), _TRIED_PACKETS)
        pictures = [picture for packet in [*following, None] for picture in decoded(stream, packet)]
        return {frame_time(picture): pixels.luma(picture)[_COMPARED].copy() for picture in pictures}


class ThinReader:
    """Reads all frames of one part that are shown in the wanted spans, and outside of them those that must be decoded anyway.

    For analysis only: nothing is deblocked.
    """

    def __init__(self, part: Part, number: int, skip: Skip, wanted: Sequence[Span], faults: FaultCounter) -> None:
        self._part = part
        self._number = number
        self._skip = skip
        self._faults = faults
        self._starts_s = [span.start_s - NEAR_S for span in wanted]
        self._ends_s = [span.end_s + NEAR_S for span in wanted]

    def read(self) -> Iterator[Frame]:
        """The frames in presentation order."""
        part, last_s = self._part, -inf
        with opened(part.path) as container:
            stream = picture_stream(part.path, container)
            only(container, stream)
            stream.thread_type = ThreadType.AUTO
            stream.codec_context.thread_count = THREADS
            stream.codec_context.options = {"skip_loop_filter": "all"}
            tick_s = ticks(stream)
            for packet in chain(packets(container, stream, self._damaged), (None,)):
                if packet is not None:
                    if packet.is_corrupt:
                        self._damaged()
                    time_s = match_time(packet, part)
                    stream.codec_context.skip_frame = "DEFAULT" if isnan(time_s) or self._is_wanted(time_s) else self._skip
                for picture in noting_damage(decoded(stream, packet, self._damaged), self._damaged):
                    time_s = round(float(frame_time(picture) * tick_s) - part.first_pts_s, 6)
                    if time_s >= 0 and time_s > last_s:
                        last_s = time_s
                        yield frame_of(part, self._number, time_s, picture)

    def _is_wanted(self, time_s: float) -> bool:
        """Whether a frame at this match time must be decoded."""
        at = bisect_right(self._starts_s, time_s)
        return at > 0 and time_s <= self._ends_s[at - 1]

    def _damaged(self) -> None:
        self._faults.add(self._part.path, "damaged pictures")
