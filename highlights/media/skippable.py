"""`skippable`: which frames need not be decoded where not all are looked at.

frames     I B b B P B b B P B b B P B b B P
decoded    I       P       P       P       P      only frames that others are predicted from

In most H.264 files no P frame is predicted from a B frame, so all B frames can be left out: 30 % of the work of decoding all.
Whether that is so in a file is tried at a few places. If not, only frames from which none is predicted are left out (45 %).
VP9 and AV1 have hardly any of these.
"""

from __future__ import annotations

from itertools import islice
from typing import Literal

import numpy as np
from av.codec.context import ThreadType
from av.container import InputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from highlights.media import pixels
from highlights.media.packets import decoded, frame_time, packets_from, ticks
from highlights.media.source import only, opened, picture_stream
from highlights.records import Part

Skip = Literal["BIDIR", "NONREF"]
Tried = dict[int, NDArray[np.uint8]]

_TRIED_AT = (0.1, 0.5, 0.9)  # of a file's duration
_TRIED_PACKETS = 40
_NEARLY_ALL, _LEAST = 0.9, 0.1  # of the frames: where fewer are left, nearly all are B frames (HEVC)
_COMPARED = np.s_[::4, ::4]  # pixels: one that is predicted from a missing frame spreads


def skippable(part: Part) -> Skip | None:
    """Which frames can be left out of a file without changing the others; None: hardly any."""
    with opened(part.path) as container:
        stream = picture_stream(part.path, container)
        only(container, stream)
        stream.thread_type = ThreadType.NONE
        stream.codec_context.options |= {"skip_loop_filter": "all"}
        starts = [int((share * part.duration_s + part.first_pts_s) / ticks(stream)) for share in _TRIED_AT]
        tried = [_tried(container, stream, start, "NONREF") for start in starts]
        if sum(map(len, tried)) > _NEARLY_ALL * _TRIED_PACKETS * len(tried):
            return None
        alone = [_tried(container, stream, start, "BIDIR") for start in starts]
        return "BIDIR" if all(map(_alike, alone, tried)) else "NONREF"


def _alike(alone: Tried, with_refs: Tried) -> bool:
    """Whether enough frames are left without the B frames, and look the same."""
    return len(alone) >= _LEAST * _TRIED_PACKETS and all(
        np.array_equal(luma, with_refs[time]) for time, luma in alone.items() if time in with_refs
    )


def _tried(container: InputContainer, stream: VideoStream, start: int, skip: Skip) -> Tried:
    """Some pixels of the frames in these packets, by their times in ticks."""
    stream.codec_context.skip_frame = skip
    following = islice(packets_from(container, stream, start), _TRIED_PACKETS)
    pictures = [picture for packet in [*following, None] for picture in decoded(stream, packet)]
    return {frame_time(picture): pixels.luma(picture)[_COMPARED].copy() for picture in pictures}
