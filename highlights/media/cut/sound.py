"""The audio of a copied reel: a stream copy where MP4 players accept it (AAC), else re-encoded as AAC."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet

from highlights.media.audio import Samples, read_audio
from highlights.media.cut.stretches import Stretch
from highlights.media.packets import packet_time, packets_from, ticks
from highlights.records import Part, Recording

_RATE_HZ = 48000
_BIT_RATE = 160_000
_QUICK = {"aac_coder": "fast"}
"""Ten times as fast as the default search, which is meant for low bit rates."""
_AAC_SAMPLES = 1024
_EARLY_S = Fraction(1, 10)
"""Reading starts this much before a stretch, so the packet across its start is included."""


def same_sound(parts: Sequence[Part]) -> bool:
    """Whether all parts have AAC of the same format, whose packets can follow each other."""
    kinds = set()
    for part in parts:
        if part.audio_track is None:
            return False
        track = part.audio_tracks[part.audio_track]
        kinds.add((track.codec, track.channels, track.sample_rate_hz))
    return len(kinds) == 1 and kinds.pop()[0] == "aac"


def copied_sound(reel: OutputContainer, stretches: Sequence[Stretch]) -> Iterator[tuple[Fraction, Packet[AudioStream]]]:
    """The stretches' own packets, each with its time in the reel in seconds; adds their stream to the reel."""
    sound = stretches[0].source.sound
    if sound is None:
        raise ValueError("there is no audio to copy")
    return _laid(reel.add_stream_from_template(sound[1]), stretches)


def _laid(reel_stream: AudioStream, stretches: Sequence[Stretch]) -> Iterator[tuple[Fraction, Packet[AudioStream]]]:
    """Packet after packet without a gap: of each stretch those that are then closest to their position."""
    begins = end = Fraction(0)
    for stretch in stretches:
        for after_s, length_s, packet in _sound_of(stretch):
            wanted = begins + after_s
            if wanted < end - length_s / 2:
                continue
            if wanted >= begins + stretch.length - length_s / 2:
                break
            time = end if wanted < end + length_s else wanted
            end = time + length_s
            packet.stream = reel_stream
            packet.time_base = Fraction(1, reel_stream.sample_rate)
            packet.pts = packet.dts = round(time * reel_stream.sample_rate)
            packet.duration = round(length_s * reel_stream.sample_rate)
            yield time, packet
        begins += stretch.length


def _sound_of(stretch: Stretch) -> Iterator[tuple[Fraction, Fraction, Packet[AudioStream]]]:
    """Audio packets from a little before a stretch: seconds after its start, duration in seconds, packet."""
    if stretch.source.sound is None:
        return
    container, stream = stretch.source.sound
    starts = stretch.start * ticks(stretch.source.stream)
    length = Fraction(stream.codec_context.frame_size or _AAC_SAMPLES, stream.sample_rate)
    for packet in packets_from(container, stream, int((starts - _EARLY_S) / ticks(stream))):
        time = packet_time(packet)
        if time is not None and not packet.is_discard:
            yield time * ticks(stream) - starts, length, packet


def encoded_sound(
    recording: Recording, reel: OutputContainer, stretches: Sequence[Stretch]
) -> Iterator[tuple[Fraction, Packet[AudioStream]]]:
    """The stretches' audio as AAC, each packet with its time in the reel in seconds; adds its stream to the reel."""
    stream = reel.add_stream("aac", rate=_RATE_HZ, layout="stereo", bit_rate=_BIT_RATE, options=_QUICK)
    return _encoded(stream, recording, stretches)


def _encoded(
    stream: AudioStream, recording: Recording, stretches: Sequence[Stretch]
) -> Iterator[tuple[Fraction, Packet[AudioStream]]]:
    at = 0
    for block in _blocks(recording, stretches):
        samples = np.ascontiguousarray(block.T)
        frame = AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
        frame.sample_rate, frame.time_base, frame.pts = _RATE_HZ, Fraction(1, _RATE_HZ), at
        at += len(block)
        for packet in stream.encode(frame):
            yield _time(packet), packet
    for packet in stream.encode(None):
        yield _time(packet), packet


def _blocks(recording: Recording, stretches: Sequence[Stretch]) -> Iterator[Samples]:
    for stretch in stretches:
        start_s = stretch.source.match_s(stretch.start)
        end_s = start_s + float(stretch.length)
        for _, block in read_audio(recording, rate_hz=_RATE_HZ, start_s=start_s, end_s=end_s, channels=2):
            yield block


def _time(packet: Packet[AudioStream]) -> Fraction:
    return (packet.dts or 0) * packet.time_base
