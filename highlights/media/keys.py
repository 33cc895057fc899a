"""`KeyReader`: the key frames of one part, and a list of all packets on the way.

packets    K p p p p K p p p K p p p p p K p p
decoders   1         2       1           2          each on a thread of its own, several key frames at a time
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from threading import get_ident
from typing import TypeVar

from av.packet import Packet
from av.video.stream import VideoStream

from highlights.cores import in_order
from highlights.media.faults import FaultCounter
from highlights.media.frames import Frame
from highlights.media.groups import Packets, match_time, packets_of
from highlights.media.open_part import OpenPart
from highlights.media.packets import decoded, packets, ticks
from highlights.media.pictures import noting_damage
from highlights.media.source import only, opened, picture_stream
from highlights.records import Fault, Part

_Seen = TypeVar("_Seen")

_TOGETHER = 8
"""Key frames that one decoder decodes at a time: it gives the last of them only once it is told that nothing follows."""
_SLACK_S = 1e-6  # times are rounded: the first frame is not before the part


class KeyReader:
    """Reads the key frames of one part on all cores. Stores 13 bytes per packet.

    No key frame needs another one. So each thread has a decoder of its own, which costs less than threads in one decoder.
    """

    def __init__(self, part: Part, number: int, faults: FaultCounter) -> None:
        self._part = part
        self._number = number
        self._faults = faults
        self._times, self._sizes, self._keys = array("d"), array("i"), array("b")

    def read(self, look: Callable[[Frame], _Seen]) -> Iterator[_Seen]:
        """What `look` sees in each key frame, in presentation order; it is called on several threads.

        It ends before a damaged or missing frame, which is counted.
        """
        shown_s, decoders = self._part.start_s - _SLACK_S, dict[int, _KeyDecoder]()
        with ExitStack() as files:

            def work(keys: Sequence[Packet[VideoStream]]) -> tuple[list[tuple[float, _Seen]], tuple[Fault, ...]]:
                if (thread := get_ident()) not in decoders:
                    decoders[thread] = _KeyDecoder(self._part, self._number)
                    files.callback(decoders[thread].close)
                return decoders[thread].decode(keys, look)

            with closing(in_order(work, self._together())) as looked:  # before the decoders are closed
                for seen, faults in looked:
                    for fault in faults:
                        self._faults.add(fault.path, fault.problem, fault.count)
                    if faults:
                        return
                    for time_s, each in seen:
                        if time_s > shown_s:
                            yield each
                        elif shown_s >= self._part.start_s:
                            self._faults.add(self._part.path, "pictures left out because their time runs backwards")
                        shown_s = max(shown_s, time_s)

    @property
    def packets(self) -> Packets:
        """The packets read so far, without those that have no timestamp."""
        return packets_of(self._times, self._sizes, self._keys)

    def _together(self) -> Iterator[list[Packet[VideoStream]]]:
        """The packets of all key frames in decoding order, some at a time."""
        keys: list[Packet[VideoStream]] = []
        with opened(self._part.path) as container:
            stream = picture_stream(self._part.path, container)
            only(container, stream)
            tick = ticks(stream)
            for packet in packets(container, stream, self._damaged_place):
                self._times.append(match_time(packet, tick, self._part))
                self._sizes.append(packet.size)
                self._keys.append(packet.is_keyframe)
                if packet.is_keyframe:
                    keys.append(packet)
                if len(keys) == _TOGETHER:
                    yield keys
                    keys = []
        if keys:
            yield keys

    def _damaged_place(self) -> None:
        self._faults.add(self._part.path, "damaged places between pictures")


class _KeyDecoder(OpenPart):
    """Decodes the key frames of other readers' packets."""

    def __init__(self, part: Part, number: int) -> None:
        super().__init__(part, number)
        self._stream.codec_context.skip_frame = "NONKEY"

    def decode(
        self, keys: Sequence[Packet[VideoStream]], look: Callable[[Frame], _Seen]
    ) -> tuple[list[tuple[float, _Seen]], tuple[Fault, ...]]:
        """When each frame of these packets is shown and what `look` sees in it; and what is damaged or missing."""
        seen: list[tuple[float, _Seen]] = []
        damage = FaultCounter()

        def damaged() -> None:
            damage.add(self._part.path, "damaged pictures")

        for packet in (*keys, None):
            if packet and packet.is_corrupt:
                damaged()
            for picture in noting_damage(decoded(self._stream, packet, damaged), damaged):
                frame = self._frame(picture)
                seen.append((frame.time_s, look(frame)))
        self._stream.codec_context.flush_buffers()
        if len(seen) < len(keys):
            damaged()
        return seen, damage.faults
