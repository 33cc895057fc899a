"""A recording's parts on one match clock, measured from the packets rather than read from the header; chapters, time code."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path
from statistics import median

import av
from av.audio.stream import AudioStream
from av.codec.context import ThreadType
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from highlights.errors import RecordingError
from highlights.media.bridged import bridges
from highlights.media.decoders import limits
from highlights.media.faults import FaultCounter
from highlights.media.hdr import is_hdr, peak_nits
from highlights.media.identity import fingerprint
from highlights.media.joined import unread_from
from highlights.media.packets import decoded, frame_time, packet_time, packets, packets_from, rewind, ticks
from highlights.media.pictures import key_pictures
from highlights.media.pixels import orientation, shown_size
from highlights.media.source import opened, picture_stream
from highlights.media.time_stamps import TICKS_PER_S, WRAP
from highlights.media.tracks import is_decodable, listed
from highlights.records import AudioTrack, Part, Recording
from highlights.spans import clock

_SEARCHED_PACKETS = 2000
"""How far the first frame is searched for; the longest GOPs in use have about 600 frames."""
_A_DAY_S = 86_400
_LOWEST_RATE = Fraction(1, 10)
_WITHOUT_DURATION = ("mpegts", "mpeg")
"""Formats without a duration in the header; FFmpeg estimates it from the last packets."""
_LOSS_S = 1.0
"""A header that promises at least this much more than there is belongs to a truncated recording."""
_RATE_PLACES, _RATE_PACKETS = 8, 64
"""In so many places of a file with a variable frame rate, so many packets are looked at."""
_REORDERED_PACKETS = 8
"""The last packets of a place, whose neighbours in time may not have been read."""
_JITTER, _SAME_RATE = 1.2, 0.05
"""Times between frames that differ by up to the factor are of one rate; the header is right if it is as near as the second."""
_SIZE_PLACES = (0.5, 0.25, 0.75)
"""Where the size of pictures is looked at, as shares of a file's length."""
_PEAK_PICTURES = 12
"""In so many pictures, spread over a file, the brightest is looked for."""
_MILLISECOND = Fraction(1, 1000)


def open_recording(paths: Sequence[Path], *, audio_track: int | None = None, faults: FaultCounter | None = None) -> Recording:
    """The recording in `paths`, its parts end to end on one match clock.

    Args:
        paths: The files in the order of the match.
        audio_track: The audio track to use in every part; by default the one marked as default.
        faults: Where the missing end of a truncated file is counted.

    Raises:
        RecordingError: a file cannot be used; the message says which, why and what to do.
    """
    if not paths:
        raise ValueError("a recording needs at least one file")
    parts: list[Part] = []
    for path in paths:
        start_s = parts[-1].start_s + parts[-1].duration_s if parts else 0.0
        parts.append(probe(path, audio_track=audio_track, start_s=round(start_s, 6), faults=faults))
    return Recording(tuple(parts))


def probe(path: Path, *, audio_track: int | None = None, start_s: float = 0.0, faults: FaultCounter | None = None) -> Part:
    """One file as a part of a recording that starts at `start_s` on the match clock.

    Raises:
        RecordingError: the file cannot be used.
    """
    with opened(path) as container:
        stream = picture_stream(path, container)
        tracks = tuple(_audio_track(number, audio) for number, audio in enumerate(container.streams.audio))
        chosen = _chosen_track(path, container, tracks, audio_track, faults)
        picture = _first_picture(path, container, stream)
        first = frame_time(picture)
        end = _shown_end(path, container, stream, first)
        rate = _frame_rate(container, stream, first, end)
        _check_times(path, float((end - first) * ticks(stream)), rate)
        if faults is not None:
            _count_loss(path, container, stream, end, faults)
            _count_jumps(path, first * ticks(stream), faults)
            _count_unread(path, faults)
        rotation_deg, mirrored = orientation(picture)
        aspect = stream.sample_aspect_ratio or Fraction(1)
        width, height = shown_size(picture.width, picture.height, aspect, rotation_deg)
        part = Part(
            path=path,
            start_s=start_s,
            duration_s=round(float((end - first) * ticks(stream)), 6),
            width=width,
            height=height,
            frame_rate=rate,
            video_codec=stream.codec_context.name,
            first_pts_s=float(first * ticks(stream)),
            rotation_deg=rotation_deg,
            mirrored=mirrored,
            pixel_aspect=aspect,
            audio_tracks=tracks,
            audio_track=chosen,
            size_bytes=path.stat().st_size,
            fingerprint=fingerprint(path),
        )
    width, height = shown_size(*_usual_size(part, picture), aspect, rotation_deg)
    part = replace(part, width=width, height=height)
    return replace(part, peak_nits=_peak_nits(part)) if is_hdr(picture) else part


def _usual_size(part: Part, first: VideoFrame) -> tuple[int, int]:
    """Width and height of most pictures as decoded: a recording can begin with an advertisement, or with damage."""
    sizes = Counter[tuple[int, int]]()
    for _, picture in key_pictures(part, [part.duration_s * share for share in _SIZE_PLACES]):
        sizes[picture.width, picture.height] += 1
        if sizes.keys() == {(first.width, first.height)}:
            break  # as nearly always: no more is decoded
    sizes[first.width, first.height] += 1
    return sizes.most_common(1)[0][0]


def _peak_nits(part: Part) -> float:
    times_s = [part.duration_s * (number + 0.5) / _PEAK_PICTURES for number in range(_PEAK_PICTURES)]
    return peak_nits(picture for _, picture in key_pictures(part, times_s))


def _audio_track(number: int, stream: AudioStream) -> AudioTrack:
    context = stream.codec_context
    language = stream.language or ""
    return AudioTrack(
        number=number,
        stream_index=stream.index,
        codec=context.name if context else "unknown",
        channels=context.layout.nb_channels if context else 0,
        sample_rate_hz=context.sample_rate if context else 0,
        language="" if language == "und" else language,
        title=stream.metadata.get("title", ""),
    )


def _chosen_track(
    path: Path, container: InputContainer, tracks: tuple[AudioTrack, ...], wanted: int | None, faults: FaultCounter | None
) -> int | None:
    """The track that is asked for, or else the default one, or else the first; none that cannot be decoded."""
    if wanted is not None:
        others = [t for t in tracks if t.number != wanted]
        if wanted not in range(len(tracks)):
            raise RecordingError(path, f"has no audio track {wanted}; available: {listed(tracks)}")
        if not is_decodable(path, wanted):
            usable = [t for t in others if is_decodable(path, t.number)]
            raise RecordingError(path, f"audio track {wanted} cannot be decoded here; available: {listed(usable)}")
        return wanted
    default = [t for t in tracks if container.streams.audio[t.number].disposition & Disposition.default]
    order = list(dict.fromkeys((*default, *tracks)))
    chosen = next((t for t in order if is_decodable(path, t.number)), None)
    if faults is not None and order and chosen is not order[0]:
        instead = "it is read without sound" if chosen is None else f"track {chosen.number} is used instead"
        faults.add(path, f"audio track {order[0].number} ({order[0].codec}) cannot be decoded here, so {instead}")
    return None if chosen is None else chosen.number


def _first_picture(path: Path, container: InputContainer, stream: VideoStream) -> VideoFrame:
    """The first frame that a decoder outputs."""
    stream.thread_type = ThreadType.NONE
    for packet in islice(packets(container, stream), _SEARCHED_PACKETS):
        for picture in decoded(stream, packet):
            return picture
    for picture in decoded(stream, None):
        return picture
    raise RecordingError(path, "has no frame that can be decoded; copy or record it again")


def _shown_end(path: Path, container: InputContainer, stream: VideoStream, first: int) -> int:
    """The tick at which the last frame stops being shown."""
    times = _times(packets_from(container, stream, _promised_end(container, stream)))
    if not times or times[-1][0] < first:
        rewind(container, stream)
        times = _times(packets(container, stream))
    times = [time for time in times if time[0] >= first]
    if len(times) < 2 and (not times or times[0][0] == first):
        raise RecordingError(path, "has only a single frame; give a video of the match")
    last, duration = times[-1]
    return last + (duration or _median_step(times))


def _frame_rate(container: InputContainer, stream: VideoStream, first: int, end: int) -> Fraction:
    """Frames per second; of a variable rate the highest usual one: a phone records fewer in the dark, and says their average.

    Measured in some places of the file.
    """
    average = stream.average_rate or stream.guessed_rate or Fraction(25)
    steps: list[int] = []
    for number in range(_RATE_PLACES):
        place = packets_from(container, stream, first + (end - first) * (2 * number + 1) // (2 * _RATE_PLACES))
        times = sorted(time for time in map(packet_time, islice(place, _RATE_PACKETS)) if time is not None)
        steps += [b - a for a, b in pairwise(times[: -_REORDERED_PACKETS or None]) if b > a]
    if not steps:
        return average
    short = sorted(steps)[len(steps) // 10]
    usual = median(step for step in steps if step <= _JITTER * short)
    rate = 1 / (Fraction(usual) * ticks(stream))
    return average if abs(rate / average - 1) < _SAME_RATE else rate.limit_denominator(1001)


def _check_times(path: Path, duration_s: float, rate: Fraction) -> None:
    """Refuse what would be read for hours, because a damaged clock says that it is so long."""
    if duration_s > 3600 * limits().hours:
        problem = f"its times span {duration_s / 3600:.0f} hours, so they seem to be damaged"
        raise RecordingError(path, f"{problem}; copy or record it again, or raise HIGHLIGHTS_MAX_HOURS")
    if rate < _LOWEST_RATE:
        raise RecordingError(path, f"has only one picture every {float(1 / rate):.0f} s; give a video of the match")


def _times(following: Iterable[Packet[Stream]]) -> list[tuple[int, int]]:
    """Presentation time and duration of the packets that are shown, in presentation order."""
    shown = ((packet_time(p), p.duration or 0) for p in following if not p.is_discard)
    return sorted((time, duration) for time, duration in shown if time is not None)


def _median_step(times: list[tuple[int, int]]) -> int:
    steps = [after[0] - before[0] for before, after in pairwise(times)]
    return round(median(steps)) if steps else 0


def _promised_end(container: InputContainer, stream: VideoStream) -> int:
    """The last tick according to the header; a time beyond all others if it gives none."""
    if stream.duration:
        return (stream.start_time or 0) + stream.duration
    if container.duration:
        return (stream.start_time or 0) + round(container.duration / av.time_base / ticks(stream))
    return (stream.start_time or 0) + round(_A_DAY_S / ticks(stream))


def _count_loss(path: Path, container: InputContainer, stream: VideoStream, end: int, faults: FaultCounter) -> None:
    """Count the end of a file that its header promises but that is missing."""
    missing_s = float((_promised_end(container, stream) - end) * ticks(stream))
    if container.format.name in _WITHOUT_DURATION or not container.duration or missing_s <= _LOSS_S:
        return
    if not stream.duration and _audio_reaches(container, float(end * ticks(stream)) + missing_s - _LOSS_S):
        return
    faults.add(path, f"is cut off: its last {missing_s:.0f} s are missing")


def _count_jumps(path: Path, first_pts_s: Fraction, faults: FaultCounter) -> None:
    """Count the jumps of a clock that are bridged."""
    found = bridges(path)
    jumps = found.jumps() if found else ()
    if jumps:
        ticks_shown = (jumps[0] - round(first_pts_s * TICKS_PER_S)) % WRAP
        at = clock(round(ticks_shown / TICKS_PER_S))
        faults.add(path, f"its clock jumps, first at {at}; it is read as one continuous recording", len(jumps))


def _count_unread(path: Path, faults: FaultCounter) -> None:
    """Count a second file behind the end of the first."""
    start = unread_from(path)
    if start is not None:
        faults.add(path, f"holds a second file that is not read; save it as one (tail -c +{start + 1}) and give both")


def _audio_reaches(container: InputContainer, time_s: float) -> bool:
    """Whether audio continues until then; some headers give the longer of video and audio."""
    for stream in container.streams.audio:
        following = packets_from(container, stream, int(time_s / ticks(stream)))
        if any((packet_time(packet) or 0) * ticks(stream) >= time_s for packet in following):
            return True
    return False


@dataclass(frozen=True, slots=True)
class FileClock:
    """What a file's header says about time, None where it says nothing, and the codec and size of its picture.

    `recorded_s` is when it was recorded, in seconds since 1970; cameras write the start or the end there.
    """

    recorded_s: float | None
    duration_s: float | None
    first_pts_s: float | None
    picture: str


def file_clock(path: Path) -> FileClock:
    """What a file's header says, without reading its pictures.

    Raises:
        RecordingError: the file cannot be opened, or has no video.
    """
    with opened(path) as container:
        stream = picture_stream(path, container)
        start, duration = container.start_time, container.duration
        return FileClock(
            recorded_s=_written_time(container.metadata.get("creation_time", "")),
            duration_s=None if duration is None else duration / av.time_base,
            first_pts_s=None if start is None else start / av.time_base,
            picture=f"{stream.codec_context.name} {stream.width}x{stream.height}",
        )


def _written_time(text: str) -> float | None:
    """Seconds since 1970 out of `2026-05-01T18:30:00.000000Z`; None for no time, or the zero that some cameras write."""
    try:
        written = datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
    return written if written > 0 else None


@dataclass(frozen=True, slots=True)
class FileChapter:
    """A chapter in a media file."""

    start_s: Fraction
    end_s: Fraction
    title: str


def file_chapters(path: Path) -> list[FileChapter]:
    """The chapters of a file in order; empty if it has none.

    Raises:
        RecordingError: the file cannot be opened.
    """
    with opened(path) as container:
        found = [(chapter, chapter["time_base"] or _MILLISECOND) for chapter in container.chapters()]
        return [
            FileChapter(chapter["start"] * tick, chapter["end"] * tick, chapter["metadata"].get("title", ""))
            for chapter, tick in found
        ]


def start_code(path: Path) -> str:
    """The time code of a file's first frame as written by a camera or recorder, `10:00:00;00`; empty if it has none.

    Raises:
        RecordingError: the file cannot be opened.
    """
    with opened(path) as container:
        written = [container.metadata, *(stream.metadata for stream in container.streams)]
        codes = [tags["timecode"].strip() for tags in written if "timecode" in tags]
    return next((code for code in codes if re.fullmatch(r"\d\d:\d\d:\d\d[:;.,]\d\d", code)), "")
