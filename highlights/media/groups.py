"""GOPs: a key frame and all frames up to the next one, found from the packets alone.

    packets    K b b p b b P b b p   K b p b ...        the larger, the more is new in their frame
    GOP      ├──────────────────────┤├─────────

A file's index gives the time and size of every frame without decoding one.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite, nan

import numpy as np
from av.packet import Packet
from av.video.stream import VideoStream
from numpy.typing import NDArray

from highlights.media.packets import packet_time, packets, ticks
from highlights.media.pictures import LONGEST_STILL_S
from highlights.media.source import only, opened, picture_stream
from highlights.records import Part

SHORTEST_S = 0.001  # times are compared at 1 ms


@dataclass(frozen=True, slots=True)
class Packets:
    """The packets of one part in decoding order.

    `times_s`: float64 [num_packets], presentation times on the match clock; `sizes`: float64 [num_packets], in bytes;
    `keys`: bool [num_packets].
    """

    times_s: NDArray[np.float64]
    sizes: NDArray[np.float64]
    keys: NDArray[np.bool_]

    @property
    def complete(self) -> bool:
        """Whether time advances from frame to frame, and no frame is shown longer than one ever is in a match."""
        steps_s = np.diff(np.sort(self.times_s))
        return len(steps_s) > 0 and float(np.median(steps_s)) > SHORTEST_S and float(steps_s.max()) <= LONGEST_STILL_S


def key_distance_s(part: Part, count: int) -> float:
    """The mean distance of the first `count` key frames of a part in seconds, before anything is decoded."""
    times_s: list[float] = []
    with opened(part.path) as container:
        stream = picture_stream(part.path, container)
        only(container, stream)
        tick = ticks(stream)
        for packet in packets(container, stream):
            if packet.is_keyframe and isfinite(time_s := match_time(packet, tick, part)):
                times_s.append(time_s)
            if len(times_s) == count:
                return (times_s[-1] - part.start_s) / count
    return part.duration_s / max(1, len(times_s))


def packets_of(times_s: array[float], sizes: array[int], keys: array[int]) -> Packets:
    """The packets with these times (NaN if unknown), sizes and key flags, without those that have no time."""
    timed = np.isfinite(np.array(times_s))
    return Packets(np.array(times_s)[timed], np.array(sizes, np.float64)[timed], np.array(keys, bool)[timed])


def match_time(packet: Packet[VideoStream], tick: Fraction, part: Part) -> float:
    """When the frame of a packet is shown, in seconds on the match clock; NaN if that is unknown."""
    time = packet_time(packet)
    if time is None:
        return nan
    return time * tick.numerator / tick.denominator - part.first_pts_s + part.start_s


def list_packets(part: Part) -> Packets:
    """The packets of a file, none of which is decoded."""
    times, sizes, keys = array("d"), array("i"), array("b")
    with opened(part.path) as container:
        stream = picture_stream(part.path, container)
        only(container, stream)
        tick = ticks(stream)
        for packet in packets(container, stream):
            times.append(match_time(packet, tick, part))
            sizes.append(packet.size)
            keys.append(packet.is_keyframe)
    return packets_of(times, sizes, keys)
