"""Reels of ten clips compared with plain moviepy, and whether their frames are right and the audio is in sync."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
from moviepy import VideoFileClip, concatenate_videoclips
from numpy.typing import NDArray

from benchmarks.matches import Match, lengthened
from benchmarks.table import Table, verdict
from benchmarks.usage import Spent, spent
from highlights.media.audio import read_samples
from highlights.media.frames import read_frames
from highlights.media.probe import open_recording
from highlights.records import Clip, Recording, Timeline
from highlights.reel.copy import copy
from highlights.reel.edit import EditOptions, edit
from highlights.reel.plan import lay_out, standard_rate
from highlights.reel.smart import smart
from highlights.spans import Span

CLIPS, CLIP_S = 10, 12.0
WAYS: dict[str, Callable[[Timeline, Path], list[Span] | None]] = {"edit": edit, "smart": smart, "copy": copy}
FASTER = {"edit": 3.0, "smart": 4.0, "copy": 50.0}
"""Target speed-up over plain moviepy; the edited reel has titles and fades in addition."""

PICTURE_S, PICTURE_REACH_S = 1.0, 0.4  # duration compared, and largest offset searched
SOUND_S, SOUND_REACH_S, SOUND_HZ = 2.0, 0.5, 16_000
SMALL_WIDTH = 64
ROUNDING_S = 0.001  # spans are rounded to the millisecond

Place = tuple[float, float]
"""An instant of the reel, and the corresponding instant of the match; both in seconds."""
Lags = tuple[float, float | None]
"""By how much video and audio are too late, in seconds of the match; None if silent."""


def measure_reels(match: Match, rounds: int, length_s: float, scratch: Path) -> Table:
    """Every kind of reel of the same clips, and plain moviepy, in turn."""
    recording = open_recording([lengthened(match, length_s, scratch)[0]])
    timeline = Timeline(recording, match.sport, clips=_clips(recording))
    plain: list[Spent] = []
    took: dict[str, list[Spent]] = {way: [] for way in FASTER}
    shown: dict[str, list[Span]] = {}
    with TemporaryDirectory(dir=scratch) as folder:
        for _ in range(rounds):
            print("cutting reels ...", file=sys.stderr)
            plain.append(_plain(timeline, Path(folder) / "plain.mp4"))
            for way, cut in WAYS.items():
                with spent() as taken:
                    shown[way] = cut(timeline, Path(folder) / f"{way}.mp4") or []
                took[way].append(taken)
        places = {way: _copied_places(spans) if spans else _edited_places(timeline) for way, spans in shown.items()}
        off = {way: _lags(recording, Path(folder) / f"{way}.mp4", places[way]) for way in WAYS}
    table = Table(f"Reel: {CLIPS} clips of {CLIP_S:g} s", ("what", "reached", "target", "met"))
    table.add("plain moviepy: subclipped, concatenate_videoclips, wall", f"{median(t.wall_s for t in plain):.1f} s", "", "")
    for way, target in FASTER.items():
        _add_speed(table, way, target, took[way], plain)
    for way, lags in off.items():
        _add_sync(table, way, lags, float(1 / recording.parts[0].frame_rate))
    return table


def _add_speed(table: Table, way: str, target: float, ours: list[Spent], plain: list[Spent]) -> None:
    """Time of one way to cut, and its speed-up over plain moviepy."""
    faster = median(theirs.wall_s / mine.wall_s for mine, theirs in zip(ours, plain, strict=True))
    cpu = median(theirs.cpu_s / mine.cpu_s for mine, theirs in zip(ours, plain, strict=True))
    table.add(f"--reel {way}, wall", f"{median(t.wall_s for t in ours):.2f} s", "", "")
    table.add(
        "  times faster than plain moviepy, wall / CPU",
        f"{faster:.1f} / {cpu:.1f}",
        f">= {target:g}",
        verdict(faster >= target),
    )


def _add_sync(table: Table, way: str, lags: Sequence[Lags], frame_s: float) -> None:
    picture_s = max((abs(picture_s) for picture_s, _ in lags), default=0.0)
    table.add(f"--reel {way}: largest video offset", _ms(picture_s), "0 ms", verdict(picture_s < ROUNDING_S))
    apart_s = [abs(sound_s - picture_s) for picture_s, sound_s in lags if sound_s is not None]
    if not apart_s:
        table.add(f"--reel {way}: audio offset from video", "no audio", "", "")
        return
    target = (f"<= {_ms(frame_s)}", verdict(max(apart_s) <= frame_s))
    table.add(f"--reel {way}: largest audio offset from video", _ms(max(apart_s)), *target)


def _ms(time_s: float) -> str:
    return f"{1000 * time_s:.0f} ms"


def _clips(recording: Recording) -> tuple[Clip, ...]:
    """Clips spread over the recording, as long as they fit."""
    every_s = recording.duration_s / CLIPS
    length_s = min(CLIP_S, 0.9 * every_s)
    return tuple(Clip(Span(i * every_s, i * every_s + length_s), (), "Goal", "12:34 · 1–0") for i in range(CLIPS))


def _plain(timeline: Timeline, target: Path) -> Spent:
    """The time of moviepy used as in its manual, with the same encoder settings."""
    options = EditOptions()
    with spent() as taken, VideoFileClip(str(timeline.recording.parts[0].path)) as film:
        pieces = [film.subclipped(clip.span.start_s, clip.span.end_s) for clip in timeline.clips]
        crf = ["-crf", str(options.crf)]
        joined = concatenate_videoclips(pieces)
        joined.write_videofile(
            str(target), codec="libx264", preset=options.preset, audio_codec="aac", ffmpeg_params=crf, logger=None
        )
    return taken


def _edited_places(timeline: Timeline) -> list[Place]:
    """The middle of every clip of the edited reel."""
    takes = lay_out(timeline.clips, standard_rate(timeline.recording.parts[0].frame_rate), first_frame=0)
    return [(take.start_s + take.duration_s / 2, take.clip.span.start_s + take.duration_s / 2) for take in takes]


def _copied_places(shown: Iterable[Span]) -> list[Place]:
    """The middle of every clip of the copied reel, which shows these spans of the match."""
    places, at_s = [], 0.0
    for span in shown:
        places.append((at_s + span.length_s / 2, span.middle_s))
        at_s += span.length_s
    return places


def _lags(recording: Recording, reel: Path, places: Iterable[Place]) -> list[Lags]:
    """Offsets of the reel's video and audio at every place."""
    film = open_recording([reel])
    return [(_picture_lag(recording, film, place), _sound_lag(recording, film, place)) for place in places]


def _picture_lag(recording: Recording, film: Recording, place: Place) -> float:
    """By how much the frame at a place of the reel is later than the correct one, in seconds."""
    reel_s, match_s = place
    times, pictures = _pictures(film, reel_s, reel_s + PICTURE_S)
    near_times, near = _pictures(recording, match_s - PICTURE_REACH_S, match_s + PICTURE_S + PICTURE_REACH_S)
    count = len(pictures)
    differences = [np.abs(near[i : i + count] - pictures).mean() for i in range(len(near) - count + 1)]
    begins_s = match_s + times[0] - reel_s + ROUNDING_S
    on_screen_s = max(time_s for time_s in near_times if time_s <= begins_s)
    return near_times[int(np.argmin(differences))] - on_screen_s


def _pictures(recording: Recording, start_s: float, end_s: float) -> tuple[list[float], NDArray[np.float32]]:
    """Times of frames, and their upper halves, which have no titles: float32 [frames, height, width, 3]."""
    times, pictures = [], []
    for frame in read_frames(recording, start_s=max(0.0, start_s), end_s=end_s):
        small = frame.small_bgr(SMALL_WIDTH)
        times.append(frame.time_s)
        pictures.append(small[: len(small) // 2].astype(np.float32))
    return times, np.stack(pictures)


def _sound_lag(recording: Recording, film: Recording, place: Place) -> float | None:
    """By how much the audio at a place of the reel is later than the correct audio, in seconds; None if silent."""
    reel_s, match_s = place
    from_s = match_s - SOUND_REACH_S
    heard = read_samples(film, reel_s, reel_s + SOUND_S, SOUND_HZ, 1)[:, 0]
    near = read_samples(recording, from_s, match_s + SOUND_S + SOUND_REACH_S, SOUND_HZ, 1)[:, 0]
    if not heard.any() or not near.any():
        return None
    size = len(near) + len(heard)
    alike = np.fft.irfft(np.fft.rfft(near, size) * np.fft.rfft(heard, size).conj(), size)[: len(near) - len(heard) + 1]
    return float(np.argmax(alike)) / SOUND_HZ - SOUND_REACH_S
