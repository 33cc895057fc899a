"""The sound of a recording on the match clock: sample `n` is heard at `n / rate_hz` seconds, whatever the file's sound does.

Sound that starts late, stops early or has holes is filled up with silence, sound before the first picture or after the last
one is left out, so a sample's index always tells its time.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.error import FFmpegError
from numpy.typing import NDArray

from highlights.media.faults import FaultCounter
from highlights.media.packets import frame_time, packets, packets_from, ticks
from highlights.media.source import only, opened
from highlights.records import Part, Recording

Samples = NDArray[np.float32]

_WARM_UP_S = 0.3
"""A decoder needs some sound before the first that it gives right (AAC one packet, Opus 80 ms, MP3 up to half a second)."""
_JITTER_S = 0.02
"""Time stamps that stray less from the count of samples are rounding (Matroska and FLV keep whole milliseconds)."""
_FULL_SCALE = np.float32(32768)
_AT_ONCE = 32  # frames that are made an array of together: one by one that takes as long as decoding them
_NOTHING: Samples = np.zeros((0, 1), np.float32)


def read_audio(
    recording: Recording,
    *,
    rate_hz: int = 16000,
    start_s: float = 0.0,
    end_s: float | None = None,
    channels: int = 1,
    faults: FaultCounter | None = None,
) -> Iterator[tuple[float, Samples]]:
    """The sound of `[start_s, end_s)` in blocks of one second or less, without holes between them.

    Args:
        recording: What `open_recording` gave; each part's `audio_track` is listened to.
        rate_hz: Samples per second that come out.
        start_s: First instant on the match clock.
        end_s: First instant that is not read any more; None reads to the end.
        channels: 1 (all channels mixed) or 2.
        faults: Where damaged sound is counted; it is silent in the blocks.

    Yields:
        Match time of the first sample, and float32 [samples] (one channel) or [samples, channels], full scale at 1. Nothing
        at all if no part has sound; silence for a part that has none.
    """
    if channels not in (1, 2):
        raise ValueError(f"channels must be 1 or 2, got {channels}")
    if all(part.audio_track is None for part in recording.parts):
        return
    counted = FaultCounter() if faults is None else faults
    for part in recording.parts:
        first = round(max(start_s, part.start_s) * rate_hz)
        last = round(min(inf if end_s is None else end_s, part.start_s + part.duration_s) * rate_hz)
        if first < last:
            heard = _heard(part, first, last, rate_hz, channels, counted)
            for index, block in _blocks(heard, first, last, rate_hz, channels):
                yield index / rate_hz, block[:, 0] if channels == 1 else block


def read_samples(recording: Recording, start_s: float, end_s: float, rate_hz: int = 48000, channels: int = 2) -> Samples:
    """The sound of `[start_s, end_s)` in one piece, float32 [samples, channels]; silence where the recording has none."""
    whole = np.zeros((round(end_s * rate_hz) - round(start_s * rate_hz), channels), np.float32)
    blocks = read_audio(recording, rate_hz=rate_hz, start_s=start_s, end_s=end_s, channels=channels)
    for time_s, block in blocks:
        at = round(time_s * rate_hz) - round(start_s * rate_hz)
        whole[at : at + len(block)] = block.reshape(-1, channels)
    return whole


def _blocks(
    heard: Iterator[tuple[int, Samples]], first: int, last: int, size: int, channels: int
) -> Iterator[tuple[int, Samples]]:
    """Lay pieces of sound, each with the index of its first sample, on silence from `first` to `last`.

    heard       ├────┤  ├───────────┤
    out     │0000─────│00───────│────0000│
    """
    at, written = first, first
    block = np.zeros((min(size, last - at), channels), np.float32)
    for index, samples in heard:
        samples, index = samples[max(0, written - index) :], max(index, written)
        while len(samples) and index < last:
            if index >= at + len(block):
                yield at, block
                at += len(block)
                block = np.zeros((min(size, last - at), channels), np.float32)
                continue
            fitting = samples[: at + len(block) - index]
            block[index - at : index - at + len(fitting)] = fitting
            samples, index = samples[len(fitting) :], index + len(fitting)
        written = max(written, index)
    while at < last:
        yield at, block
        at += len(block)
        block = np.zeros((min(size, last - at), channels), np.float32)


def _heard(
    part: Part, first: int, last: int, rate_hz: int, channels: int, faults: FaultCounter
) -> Iterator[tuple[int, Samples]]:
    """Pieces of sound as the file has them, each with the match-clock index of its first sample."""
    if part.audio_track is None:
        return
    run: _Run | None = None
    for time_s, frame in _frames(part, first / rate_hz - part.start_s, faults):
        if run is None or not run.goes_on_with(time_s, frame):
            if run is not None:
                yield run.rest()
            run = _Run(time_s, round((part.start_s + time_s) * rate_hz), frame, rate_hz, channels)
        yield run.add(frame)
        if run.index >= last:
            return
    if run is not None:
        yield run.rest()


def _frames(part: Part, start_s: float, faults: FaultCounter) -> Iterator[tuple[float, AudioFrame]]:
    """Decoded sound from a little before `start_s` on, with its time since the part's first picture."""
    with opened(part.path) as container:
        stream = container.streams.audio[part.audio_track or 0]
        only(container, stream)
        tick_s = float(ticks(stream))
        at = int((start_s - _WARM_UP_S + part.first_pts_s) / tick_s)
        following = packets_from(container, stream, at) if start_s > _WARM_UP_S else packets(container, stream)
        for packet in following:
            try:
                frames = stream.decode(packet)
            except FFmpegError:
                faults.add(part.path, "damaged pieces of sound")
                continue
            for frame in frames:
                if frame.pts is None and frame.dts is None:
                    faults.add(part.path, "damaged pieces of sound")
                    continue
                yield frame_time(frame) * tick_s - part.first_pts_s, frame


class _Run:
    """Sound without a break, resampled as one piece; `index` is where the next samples belong."""

    def __init__(self, start_s: float, index: int, frame: AudioFrame, rate_hz: int, channels: int) -> None:
        self.index = index
        self._expected_s = start_s
        self._kind = _kind(frame)
        self._channels = channels
        self._ready: list[AudioFrame] = []
        mono = channels == 1 or frame.layout.nb_channels == 1
        self._resampler = AudioResampler(format="s16", layout="mono" if mono else "stereo", rate=rate_hz)

    def goes_on_with(self, time_s: float, frame: AudioFrame) -> bool:
        """Whether `frame` is the same kind of sound and follows without a break."""
        return abs(time_s - self._expected_s) <= _JITTER_S and self._kind == _kind(frame)

    def add(self, frame: AudioFrame) -> tuple[int, Samples]:
        """Index and samples that come out for one more frame."""
        self._expected_s += frame.samples / frame.sample_rate
        frame.pts = None
        self._ready += self._resampler.resample(frame)
        return self._out() if len(self._ready) >= _AT_ONCE else (self.index, _NOTHING)

    def rest(self) -> tuple[int, Samples]:
        """Index and samples that are left, those that the resampler still holds too."""
        self._ready += self._resampler.resample(None)
        return self._out()

    def _out(self) -> tuple[int, Samples]:
        pieces = [frame.to_ndarray().reshape(frame.samples, -1) for frame in self._ready]
        self._ready = []
        whole = np.concatenate(pieces) if pieces else np.zeros((0, 1), np.int16)
        index, self.index = self.index, self.index + len(whole)
        # A single channel is written to all: the resampler would make it 3 dB quieter.
        return index, np.broadcast_to(whole, (len(whole), self._channels)).astype(np.float32) / _FULL_SCALE


def _kind(frame: AudioFrame) -> tuple[str, str, int]:
    return frame.format.name, frame.layout.name, frame.sample_rate
