"""The audio of a recording on the match clock: sample `n` plays at `n / rate_hz` seconds, whatever the audio stream does.

Audio that starts late, stops early or has gaps is filled with silence; audio before the first frame or after the last one is
dropped. So the index of a sample always gives its time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf

import numpy as np
from av.audio.fifo import AudioFifo
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
"""Pre-roll that a decoder needs before its first correct sample (AAC one packet, Opus 80 ms, MP3 up to half a second)."""
_JITTER_S = 0.02
"""Timestamps that deviate less from the sample count are rounding (Matroska and FLV store whole milliseconds)."""
_BACK_S = 0.5
"""Sound that is repeated by less belongs to files that were joined."""
_LONGEST_GAP_S = 2.0
"""Sound that begins later, pauses for longer or ends earlier than this is missing."""
_FULL_SCALE = np.float32(32768)
_AT_ONCE_S = 0.7  # resampled in one call: frame by frame (20 ms) the calls take longer than the resampling
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
    """The audio of `[start_s, end_s)` in blocks of one second or less, without gaps between them.

    Args:
        recording: As returned by `open_recording`; each part's `audio_track` is read.
        rate_hz: Sample rate of the output.
        start_s: First instant on the match clock.
        end_s: First instant no longer read; None reads to the end.
        channels: 1 (all channels mixed) or 2.
        faults: Where damaged audio is counted; it is silent in the blocks.

    Yields:
        Match time of the first sample, and float32 [samples] (one channel) or [samples, channels], full scale at 1. Nothing
        at all if no part has audio; silence for a part that has none.
    """
    if channels not in (1, 2):
        raise ValueError(f"channels must be 1 or 2, got {channels}")
    if all(part.audio_track is None for part in recording.parts):
        return
    faults = FaultCounter() if faults is None else faults
    for part in recording.parts:
        first = round(max(start_s, part.start_s) * rate_hz)
        last = round(min(inf if end_s is None else end_s, part.start_s + part.duration_s) * rate_hz)
        if first < last:
            pieces, gaps = _pieces(part, first, last, rate_hz, channels, faults), list[int]()
            for index, block in _blocks(pieces, first, last, rate_hz, channels, gaps):
                yield index / rate_hz, block[:, 0] if channels == 1 else block
            missing = sum(gap for gap in gaps if gap > _LONGEST_GAP_S * rate_hz)
            if missing and part.audio_track is not None:
                faults.add(part.path, f"{missing / rate_hz:.0f} s of its sound are missing")


def read_samples(recording: Recording, start_s: float, end_s: float, rate_hz: int = 48000, channels: int = 2) -> Samples:
    """The audio of `[start_s, end_s)` in one piece, float32 [samples, channels]; silence where the recording has none."""
    whole = np.zeros((round(end_s * rate_hz) - round(start_s * rate_hz), channels), np.float32)
    blocks = read_audio(recording, rate_hz=rate_hz, start_s=start_s, end_s=end_s, channels=channels)
    for time_s, block in blocks:
        at = round(time_s * rate_hz) - round(start_s * rate_hz)
        whole[at : at + len(block)] = block.reshape(-1, channels)
    return whole


def _blocks(
    pieces: Iterator[tuple[int, Samples]], first: int, last: int, size: int, channels: int, gaps: list[int]
) -> Iterator[tuple[int, Samples]]:
    """Lay pieces of audio, each with the index of its first sample, on silence from `first` to `last`.

    pieces      ├────┤  ├───────────┤
    out     │0000─────│00───────│────0000│

    The lengths of the silences are added to `gaps`.
    """
    at, written = first, first
    block = np.zeros((min(size, last - at), channels), np.float32)
    for index, samples in pieces:
        samples, index = samples[max(0, written - index) :], max(index, written)
        if index > written:
            gaps.append(min(index, last) - written)
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
    gaps.append(max(0, last - written))
    while at < last:
        yield at, block
        at += len(block)
        block = np.zeros((min(size, last - at), channels), np.float32)


def _pieces(
    part: Part, first: int, last: int, rate_hz: int, channels: int, faults: FaultCounter
) -> Iterator[tuple[int, Samples]]:
    """Pieces of audio as they are in the file, each with the match-clock index of its first sample."""
    if part.audio_track is None:
        return
    run: _Run | None = None
    for time_s, frame in _frames(part, first / rate_hz - part.start_s, faults):
        if run is None or not run.continues_with(time_s, frame):
            if run is not None:
                yield run.rest()
                if time_s < run.expected_s - _BACK_S:
                    faults.add(part.path, "places where the time of the sound runs backwards")
            run = _Run(time_s, round((part.start_s + time_s) * rate_hz), frame, rate_hz, channels)
        if len((piece := run.add(frame))[1]):
            yield piece
        if run.index >= last:
            return
    if run is not None:
        yield run.rest()


def _frames(part: Part, start_s: float, faults: FaultCounter) -> Iterator[tuple[float, AudioFrame]]:
    """Decoded audio from a little before `start_s`, with its time since the part's first frame."""
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
    """Audio without a gap, resampled as one piece; `index` is where the next samples belong, at `expected_s` in the file."""

    def __init__(self, start_s: float, index: int, frame: AudioFrame, rate_hz: int, channels: int) -> None:
        self.index = index
        self.expected_s = start_s
        self._format = _format(frame)
        self._channels = channels
        self._waiting = AudioFifo()
        mono = channels == 1 or frame.layout.nb_channels == 1
        self._resampler = AudioResampler(format="s16", layout="mono" if mono else "stereo", rate=rate_hz)

    def continues_with(self, time_s: float, frame: AudioFrame) -> bool:
        """Whether `frame` has the same format and follows without a gap."""
        return abs(time_s - self.expected_s) <= _JITTER_S and self._format == _format(frame)

    def add(self, frame: AudioFrame) -> tuple[int, Samples]:
        """Add a frame; the samples that are complete, and the index of the first."""
        self.expected_s += frame.samples / frame.sample_rate
        frame.pts = None
        self._waiting.write(frame)
        enough = self._waiting.samples >= _AT_ONCE_S * frame.sample_rate
        return self._out(self._resampled()) if enough else (self.index, _NOTHING)

    def rest(self) -> tuple[int, Samples]:
        """The remaining samples, including those in the resampler, and the index of the first."""
        return self._out([*self._resampled(), *self._resampler.resample(None)])

    def _resampled(self) -> list[AudioFrame]:
        waiting = self._waiting.read()
        return [] if waiting is None else self._resampler.resample(waiting)

    def _out(self, frames: Sequence[AudioFrame]) -> tuple[int, Samples]:
        pieces = [frame.to_ndarray().reshape(frame.samples, -1) for frame in frames]
        whole = np.concatenate(pieces) if pieces else np.zeros((0, 1), np.int16)
        index, self.index = self.index, self.index + len(whole)
        # A single channel is copied to all: the resampler would make it 3 dB quieter.
        return index, np.broadcast_to(whole, (len(whole), self._channels)).astype(np.float32) / _FULL_SCALE


def _format(frame: AudioFrame) -> tuple[str, str, int]:
    return frame.format.name, frame.layout.name, frame.sample_rate
