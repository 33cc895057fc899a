"""Reels of ten clips: the edited one beside plain moviepy, the copied one, and whether sound and picture stay together."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
from moviepy import VideoFileClip, concatenate_videoclips
from numpy.typing import NDArray

from benchmarks.matches import Match, lengthened
from benchmarks.speed import SPEED_S
from benchmarks.table import Table, verdict
from benchmarks.usage import Spent, spent
from highlights.media.audio import read_samples
from highlights.media.frames import read_frames
from highlights.media.probe import open_recording
from highlights.records import Clip, Recording, Timeline
from highlights.reel.copy import copy
from highlights.reel.edit import EditOptions, edit
from highlights.reel.plan import lay_out, standard_rate
from highlights.spans import Span

CLIPS, CLIP_S = 10, 12.0
COPY_TARGET_S = 3.0

PICTURE_S, PICTURE_REACH_S = 1.0, 0.4  # how much picture is compared, and how far off it is looked for
SOUND_S, SOUND_REACH_S, SOUND_HZ = 2.0, 0.5, 16_000
SMALL_WIDTH = 64
ROUNDING_S = 0.001  # spans are kept to the millisecond

Place = tuple[float, float]
"""An instant of the reel, and the instant of the match that belongs there; both in seconds."""


def measure_reels(match: Match, rounds: int, scratch: Path) -> Table:
    """Both kinds of reel of the same clips, and plain moviepy, in turn."""
    recording = open_recording([lengthened(match, SPEED_S, scratch)[0]])
    timeline = Timeline(recording, match.sport, clips=_clips(recording))
    edited, copied, plain = [], [], []
    with TemporaryDirectory(dir=scratch) as folder:
        edit_file, copy_file = Path(folder) / "edit.mp4", Path(folder) / "copy.mp4"
        for _ in range(rounds):
            print("cutting reels ...", file=sys.stderr)
            plain.append(_plain(timeline, Path(folder) / "plain.mp4"))
            with spent() as taken:
                edit(timeline, edit_file)
            edited.append(taken)
            with spent() as taken:
                shown = copy(timeline, copy_file)
            copied.append(taken)
        off = _offsets(recording, edit_file, _edited_places(timeline)), _offsets(recording, copy_file, _copied_places(shown))

    ratio = median(ours.wall_s / theirs.wall_s for ours, theirs in zip(edited, plain, strict=True))
    cpu_ratio = median(ours.cpu_s / theirs.cpu_s for ours, theirs in zip(edited, plain, strict=True))
    copy_s, frame_s = median(taken.wall_s for taken in copied), float(1 / recording.parts[0].frame_rate)
    table = Table(f"Reel: {CLIPS} clips of {CLIP_S:g} s", ("what", "reached", "target", "met"))
    table.add("plain moviepy: subclipped, concatenate_videoclips, wall", f"{median(t.wall_s for t in plain):.1f} s", "", "")
    table.add("--reel edit (titles, fades), wall", f"{median(t.wall_s for t in edited):.1f} s", "", "")
    table.add("  beside plain moviepy, wall / CPU", f"{ratio:.2f} / {cpu_ratio:.2f}", "", "")
    table.add("--reel copy, wall", f"{copy_s:.2f} s", f"<= {COPY_TARGET_S:g} s", verdict(copy_s <= COPY_TARGET_S))
    for kind, offsets in zip(("edit", "copy"), off, strict=True):
        worst_s = max(map(abs, offsets), default=0.0)
        cell = f"{1000 * worst_s:.0f} ms" if offsets else "no sound"
        table.add(
            f"--reel {kind}: sound off picture at the most", cell, f"<= {1000 * frame_s:.0f} ms", verdict(worst_s <= frame_s)
        )
    return table


def _clips(recording: Recording) -> tuple[Clip, ...]:
    """Clips spread over the recording, as long as they fit."""
    every_s = recording.duration_s / CLIPS
    length_s = min(CLIP_S, 0.9 * every_s)
    return tuple(Clip(Span(i * every_s, i * every_s + length_s), (), "Goal", "12:34 · 1–0") for i in range(CLIPS))


def _plain(timeline: Timeline, target: Path) -> Spent:
    """The time that moviepy takes as its manual tells to use it, with the same encoder settings."""
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


def _offsets(recording: Recording, reel: Path, places: Iterable[Place]) -> list[float]:
    """By how much the reel's sound is later in the match than its picture, in seconds, at every place that has sound."""
    film = open_recording([reel])
    lags = ((_sound_lag(recording, film, place), _picture_lag(recording, film, place)) for place in places)
    return [sound_s - picture_s for sound_s, picture_s in lags if sound_s is not None]


def _picture_lag(recording: Recording, film: Recording, place: Place) -> float:
    """By how much the picture at a place of the reel is later than the one that the recording shows then, in seconds."""
    reel_s, match_s = place
    times, pictures = _pictures(film, reel_s, reel_s + PICTURE_S)
    near_times, near = _pictures(recording, match_s - PICTURE_REACH_S, match_s + PICTURE_S + PICTURE_REACH_S)
    count = len(pictures)
    differences = [np.abs(near[i : i + count] - pictures).mean() for i in range(len(near) - count + 1)]
    begins_s = match_s + times[0] - reel_s + ROUNDING_S
    on_screen_s = max(time_s for time_s in near_times if time_s <= begins_s)
    return near_times[int(np.argmin(differences))] - on_screen_s


def _pictures(recording: Recording, start_s: float, end_s: float) -> tuple[list[float], NDArray[np.float32]]:
    """Times and upper halves, where no title stands, of the pictures: float32 [pictures, height, width, 3]."""
    times, pictures = [], []
    for frame in read_frames(recording, start_s=max(0.0, start_s), end_s=end_s):
        small = frame.small_bgr(SMALL_WIDTH)
        times.append(frame.time_s)
        pictures.append(small[: len(small) // 2].astype(np.float32))
    return times, np.stack(pictures)


def _sound_lag(recording: Recording, film: Recording, place: Place) -> float | None:
    """By how much the sound at a place of the reel is later in the match than it should be, in seconds; None if silent."""
    reel_s, match_s = place
    from_s = match_s - SOUND_REACH_S
    heard = read_samples(film, reel_s, reel_s + SOUND_S, SOUND_HZ, 1)[:, 0]
    near = read_samples(recording, from_s, match_s + SOUND_S + SOUND_REACH_S, SOUND_HZ, 1)[:, 0]
    if not heard.any() or not near.any():
        return None
    size = len(near) + len(heard)
    alike = np.fft.irfft(np.fft.rfft(near, size) * np.fft.rfft(heard, size).conj(), size)[: len(near) - len(heard) + 1]
    return float(np.argmax(alike)) / SOUND_HZ - SOUND_REACH_S
