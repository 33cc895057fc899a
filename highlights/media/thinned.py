"""`ThinReader`: a whole file in one go, most of its frames left out: what reading by key frames is where those are rare.

frames     I B b B P B b B P B b B P B b B P
wanted               ├───┤
decoded    I       P B b B P       P       P       else only frames that others are predicted from

In most H.264 files no P frame is predicted from a B frame, so all B frames can be left out: 30 % of the work of decoding all.
Whether that is so in a file is tried at a few places. If not, only frames from which none is predicted are left out (45 %).
In VP9 and AV1 there are none, so all frames are decoded.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from math import inf
from typing import Literal

import numpy as np
from av.codec.context import ThreadType

from highlights.media import pixels
from highlights.media.faults import FaultCounter
from highlights.media.frames import Frame, frame_of
from highlights.media.groups import Packets, packets_of
from highlights.media.packets import decoded, frame_time, packet_time, packets, packets_from, ticks
from highlights.media.pictures import THREADS
from highlights.media.source import only, opened, picture_stream
from highlights.records import Part
from highlights.spans import Span

Skip = Literal["BIDIR", "NONREF"]

_TRIED_AT = (0.1, 0.5, 0.9)  # of a file's duration
_TRIED_PACKETS = 100
_COMPARED = np.s_[::4, ::4]  # pixels: one that is predicted from a missing frame spreads
NEAR_S = 0.7
"""Around a wanted span all frames are decoded: its B frames are predicted from some shown this much before or after."""


def skippable(part: Part) -> Skip:
    """Which frames can be left out of a file without changing the others."""
    with opened(part.path) as container:
        if picture_stream(part.path, container).codec_context.name != "h264":
            return "NONREF"
    return "BIDIR" if all(_alike(part, share * part.duration_s) for share in _TRIED_AT) else "NONREF"


def _alike(part: Part, time_s: float) -> bool:
    """Whether frames look the same without the B frames; the same times must be decoded both ways."""
    with_refs = dict(_tried(part, time_s, "NONREF"))
    alone = _tried(part, time_s, "BIDIR")
    return bool(alone) and all(
        time in with_refs and np.array_equal(luma, with_refs[time]) for time, luma in alone if time in with_refs
    )


def _tried(part: Part, time_s: float, skip: Skip) -> list[tuple[int, np.ndarray]]:
    with opened(part.path) as container:
        stream = picture_stream(part.path, container)
        only(container, stream)
        stream.thread_type = ThreadType.NONE
        stream.codec_context.skip_frame = skip
        stream.codec_context.options = {"skip_loop_filter": "all"}
        start = int((time_s + part.first_pts_s) / ticks(stream))
        following = islice(packets_from(container, stream, start), _TRIED_PACKETS)
        pictures = [picture for packet in [*following, None] for picture in decoded(stream, packet)]
        return [(frame_time(picture), pixels.luma(picture)[_COMPARED].copy()) for picture in pictures]


def list_packets(part: Part) -> Packets:
    """The packets of a file, none of which is decoded."""
    times, sizes, keys = array("d"), array("i"), array("b")
    with opened(part.path) as container:
        stream = picture_stream(part.path, container)
        only(container, stream)
        tick_s = float(ticks(stream))
        for packet in packets(container, stream):
            time = packet_time(packet)
            times.append(np.nan if time is None else time * tick_s - part.first_pts_s + part.start_s)
            sizes.append(packet.size)
            keys.append(packet.is_keyframe)
    return packets_of(times, sizes, keys)


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
                    time = packet_time(packet)
                    due = time is None or self._is_wanted(float(time * tick_s) - part.first_pts_s + part.start_s)
                    stream.codec_context.skip_frame = "DEFAULT" if due else self._skip
                for picture in decoded(stream, packet, self._damaged):
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
