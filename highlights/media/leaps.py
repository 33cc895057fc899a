"""`LeapReader`: some frames of a GOP, without those before them that they are predicted from.

packets    K b b b P b b b P b b b P b b b P b b b P
place                          ├─────┤
decoded    K                   P b b b P       P

The first P is predicted from K now, from a frame too early: it shows what K shows, moved a little. So does every frame after
it, until one comes that is not predicted but encoded anew, as at a cut. So a new scene is recognised in these frames, whatever
else is wrong with them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from math import inf

from av.packet import Packet
from av.video.stream import VideoStream

from highlights.media.faults import FaultCounter
from highlights.media.frames import Frame
from highlights.media.open_part import NOT_DEBLOCKED, OpenPart
from highlights.media.packets import decoded, packet_time, packets_from
from highlights.records import Part
from highlights.spans import Span

LEAPING_CODEC = "h264"
"""Decoders of other codecs show grey where a frame is missing, or cannot read on without it."""
_HELD_BACK = "16"
"""How many frames the decoder may hold back, at most as many as it can: after a leap it would drop some as out of order."""


class LeapReader(OpenPart):
    """Reads by leaps. A decoder that holds back so much would delay every other way of reading."""

    def __init__(self, part: Part, number: int) -> None:
        super().__init__(part, number, has_b_frames=_HELD_BACK, **NOT_DEBLOCKED)

    def read(self, key_s: float, places: Sequence[Span], *, full: bool) -> list[Frame]:
        """The key frame at `key_s`, and of its GOP the frames in some places, each with the next one that others refer to.

        A place begins and ends with frames that others refer to. Without `full`, other frames are left out. The order may
        differ from that of their times. No frames if any is damaged.
        """
        damage, count, frames = FaultCounter(), 0, list[Frame]()
        for packet in self._packets(key_s, places, damage, full=full):
            count += packet is not None
            for picture in decoded(self._stream, packet, lambda: damage.add(self._part.path, "damaged pictures")):
                frames.append(self._frame(picture))
        damaged = damage.faults or len(frames) != count or any(frame.picture.is_corrupt for frame in frames)
        return [] if damaged else frames

    def _packets(
        self, key_s: float, places: Sequence[Span], damage: FaultCounter, *, full: bool
    ) -> Iterator[Packet[VideoStream] | None]:
        """The packets of these frames in decoding order, then None."""
        slack_s, waiting = float(1 / self._part.frame_rate) / 4, deque(places)
        key, latest = self._ticks(key_s + slack_s), -inf
        for packet in packets_from(self._container, self._stream, key, lambda: damage.add(self._part.path, "damaged places")):
            time = packet_time(packet)
            if time is None or packet.is_corrupt or (packet.is_keyframe and time > key):
                break
            refers, latest = time > latest, max(time, latest)
            wanted = packet.is_keyframe
            while waiting and refers and time > self._ticks(waiting[0].end_s + slack_s):
                waiting.popleft()
                wanted = True
            if wanted or (waiting and time >= self._ticks(waiting[0].start_s - slack_s) and (refers or full)):
                yield packet
            if not waiting:
                break
        yield None
