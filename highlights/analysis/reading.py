"""One reading of a recording → `Analysis`: a survey by key frames, the sound, then every frame once for all watchers.

key frames ──► where is the score graphic?
every frame ─► scenes, replays, score             (what the graphic says is read on a second thread)
sound ───────► crowd, whistles, buzzers           (on a third, from the beginning)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from threading import Event

from highlights.analysis.crowd import CrowdEar
from highlights.analysis.fingerprint import thumbnail
from highlights.analysis.graphic import Graphic, find_graphics
from highlights.analysis.replays import ReplayWatch
from highlights.analysis.scenes import SceneWatch
from highlights.analysis.score_slots import Look
from highlights.analysis.score_watch import ScoreWatch, upright
from highlights.analysis.scoreboard import interpret
from highlights.analysis.survey import LARGEST_WIDTH, Size, enlarged, survey
from highlights.analysis.tones import ToneEar
from highlights.media.audio import read_audio
from highlights.media.faults import FaultCounter
from highlights.media.frames import Frame, read_frames
from highlights.profile import Profile
from highlights.records import Analysis, Excitement, Fault, Recording, Tone

Tell = Callable[[str, float], None]
"""Told the name of the stage and how much of it is done, 0..1."""

SMALL_WIDTH = 256  # pixels across for scenes and replays; a cut is as plain as in the full picture
RATE_HZ = 16_000


def analyse(recording: Recording, profile: Profile, tell: Tell = lambda stage, share: None) -> Analysis:
    """Read a recording once and say all that it tells without a model.

    Raises:
        RecordingError: if nothing of it can be read. Damaged stretches are skipped and said in `Analysis.faults`.
    """
    counted, heard, stopped = FaultCounter(), FaultCounter(), Event()
    listener, reader = ThreadPoolExecutor(max_workers=1), ThreadPoolExecutor(max_workers=1)
    try:
        listening = listener.submit(_listen, recording, heard, stopped)
        watchers = _Watchers(profile, _graphics(recording, tell), reader)
        for frame in read_frames(recording, faults=counted, draft=True):
            watchers.see(frame)
            tell("picture", frame.time_s / recording.duration_s)
        scoreboard = interpret(watchers.looks(), profile.scoreboard)
        crowd, tones = listening.result()
    finally:
        stopped.set()  # Ctrl-C must not wait for the rest of the sound
        listener.shutdown(cancel_futures=True)
        reader.shutdown(cancel_futures=True)
    scenes = watchers.scenes.result(recording)
    replays = watchers.replays.result(scenes, scoreboard.visible, recording.duration_s)
    return Analysis(scenes, crowd, tones, scoreboard, replays, _united(counted.faults, heard.faults))


def _united(*faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """Each fault once: a file that breaks off does so for the picture and for the sound."""
    return tuple({(f.path, f.problem): f for some in faults for f in some}.values())


def find_scenes(recording: Recording, profile: Profile, tell: Tell = lambda stage, share: None) -> Analysis:
    """Only the scenes of a recording; everything else of the analysis stays empty."""
    counted = FaultCounter()
    watch = SceneWatch(profile.scenes)
    for frame in read_frames(recording, faults=counted, draft=True):
        watch.see(frame.time_s, frame.small_bgr(SMALL_WIDTH), frame.part)
        tell("scenes", frame.time_s / recording.duration_s)
    return Analysis(scenes=watch.result(recording), faults=counted.faults)


def _graphics(recording: Recording, tell: Tell) -> dict[Size, list[Graphic]]:
    """Where the score graphics are, by size of the picture, in pixels of the full picture."""
    pictures = survey(recording, lambda time_s: tell("score graphic", 0.5 * time_s / recording.duration_s))
    found: dict[Size, list[Graphic]] = {}
    for size, views in pictures.items():
        scale = max(1.0, size[0] / LARGEST_WIDTH)
        found[size] = [replace(g, rows=tuple(enlarged(b, scale) for b in g.rows)) for g in find_graphics(views)]
    tell("score graphic", 1.0)
    return found


def _listen(recording: Recording, counted: FaultCounter, stopped: Event) -> tuple[Excitement, tuple[Tone, ...]]:
    crowd, tones = CrowdEar(RATE_HZ), ToneEar(RATE_HZ)
    for start_s, samples in read_audio(recording, rate_hz=RATE_HZ, faults=counted):
        if stopped.is_set():
            break
        crowd.hear(start_s, samples)
        tones.hear(start_s, samples)
    return crowd.result(recording.duration_s), tones.result(recording.duration_s)


class _Watchers:
    """All that look at the picture while it runs."""

    def __init__(self, profile: Profile, graphics: Mapping[Size, Sequence[Graphic]], reader: Executor) -> None:
        self.scenes = SceneWatch(profile.scenes)
        self.replays = ReplayWatch()
        self._scores = {size: [(g, ScoreWatch(g, reader)) for g in found] for size, found in graphics.items()}

    def see(self, frame: Frame) -> None:
        """Show one frame to all."""
        small = frame.small_bgr(SMALL_WIDTH)
        view = thumbnail(small)
        self.scenes.see(frame.time_s, small, frame.part, view)
        self.replays.see(frame.time_s, small, frame.part, view)
        watches = self._scores.get((frame.picture.width, frame.picture.height), [])
        if watches:
            luma = upright(frame.luma(), frame.rotation_deg)
            for _, watch in watches:
                watch.see(frame, luma)

    def looks(self) -> list[tuple[Graphic, Sequence[Look]]]:
        """What each score graphic was seen to say."""
        return [(graphic, watch.looks()) for watches in self._scores.values() for graphic, watch in watches]
