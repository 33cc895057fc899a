"""Where the time of a reading goes: every stage by itself, one after the other, as `analysis/reading.py` joins them."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import replace
from pathlib import Path
from typing import ParamSpec, TypeVar

from benchmarks.matches import Match, lengthened
from benchmarks.speed import SPEED_S
from benchmarks.table import Table
from benchmarks.usage import Spent, spent
from highlights.analysis.crowd import CrowdEar
from highlights.analysis.graphic import Graphic, find_graphics
from highlights.analysis.reading import RATE_HZ, SMALL_WIDTH
from highlights.analysis.replays import ReplayWatch
from highlights.analysis.scenes import SceneWatch
from highlights.analysis.score_watch import ScoreWatch, upright
from highlights.analysis.survey import LARGEST_WIDTH, enlarged, survey
from highlights.analysis.tones import ToneEar
from highlights.media.audio import read_audio
from highlights.media.frames import read_frames
from highlights.media.probe import open_recording
from highlights.profile import Profile, load
from highlights.records import Recording

P = ParamSpec("P")
T = TypeVar("T")

DECODING, SMALLER, SCENES, REPLAYS, SCORE = (
    "decoding every frame",
    "every frame made small",
    "scenes",
    "replays",
    "score graphic: watching and reading",
)


class _AtOnce(Executor):
    """Does at once what it is given, so that its time is counted where it was asked for."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        done: Future[T] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


def measure_stages(match: Match, scratch: Path) -> Table:
    """Wall and processor time of each stage, and its share of all processor time."""
    path, duration_s = lengthened(match, SPEED_S, scratch)
    recording, profile = open_recording([path]), load(match.sport)
    print("measuring the stages ...", file=sys.stderr)
    stages: dict[str, Spent] = {}
    with spent() as stages["key-frame survey"]:
        pictures = survey(recording, lambda time_s: None)
    with spent() as stages["score graphic: finding"]:
        graphics = {size: find_graphics(views) for size, views in pictures.items()}
    with spent() as stages["sound: crowd, whistles, buzzers"]:
        _listen(recording)
    enlarge = [(size, max(1.0, size[0] / LARGEST_WIDTH)) for size in graphics]
    full = {size: [_enlarged(graphic, scale) for graphic in graphics[size]] for size, scale in enlarge}
    stages |= _watch(recording, profile, full)

    table = Table(f"Stages, alone: {path.name}, {duration_s / 60:.1f} minutes", ("stage", "wall", "CPU", "share of CPU"))
    total_s = sum(taken.cpu_s for taken in stages.values())
    for name, taken in stages.items():
        table.add(name, f"{taken.wall_s:.1f} s", f"{taken.cpu_s:.1f} s", f"{100 * taken.cpu_s / total_s:.0f} %")
    return table


def _enlarged(graphic: Graphic, scale: float) -> Graphic:
    return replace(graphic, rows=tuple(enlarged(box, scale) for box in graphic.rows))


def _listen(recording: Recording) -> None:
    crowd, tones = CrowdEar(RATE_HZ), ToneEar(RATE_HZ)
    for start_s, samples in read_audio(recording, rate_hz=RATE_HZ):
        crowd.hear(start_s, samples)
        tones.hear(start_s, samples)
    crowd.result(recording.duration_s)
    tones.result(recording.duration_s)


def _watch(recording: Recording, profile: Profile, graphics: dict[tuple[int, int], list[Graphic]]) -> dict[str, Spent]:
    """One pass over all frames; the decoder's own threads work while the others' time is taken, so that is one thread's."""
    scenes, replays = SceneWatch(profile.scenes), ReplayWatch()
    scores = {size: [ScoreWatch(graphic, _AtOnce()) for graphic in found] for size, found in graphics.items()}
    clocks = {name: Spent() for name in (DECODING, SMALLER, SCENES, REPLAYS, SCORE)}
    with spent() as whole:
        for frame in read_frames(recording):
            lap = _Lap(clocks)
            small = frame.small_bgr(SMALL_WIDTH)
            lap.ends(SMALLER)
            scenes.see(frame.time_s, small, frame.part)
            lap.ends(SCENES)
            replays.see(frame.time_s, small, frame.part)
            lap.ends(REPLAYS)
            for watch in scores.get((frame.picture.width, frame.picture.height), ()):
                watch.see(frame, upright(frame.luma(), frame.rotation_deg))
            lap.ends(SCORE)
        lap = _Lap(clocks)
        found = scenes.result(recording)
        lap.ends(SCENES)
        replays.result(found, (), recording.duration_s)
        lap.ends(REPLAYS)
    others = [clocks[name] for name in clocks if name != DECODING]
    clocks[DECODING].wall_s = whole.wall_s - sum(taken.wall_s for taken in others)
    clocks[DECODING].cpu_s = whole.cpu_s - sum(taken.cpu_s for taken in others)
    return clocks


class _Lap:
    """Gives the time since the last one ended to a stage."""

    def __init__(self, clocks: dict[str, Spent]) -> None:
        self._clocks = clocks
        self._wall_s, self._cpu_s = time.perf_counter(), time.thread_time()

    def ends(self, name: str) -> None:
        wall_s, cpu_s = time.perf_counter(), time.thread_time()
        self._clocks[name].wall_s += wall_s - self._wall_s
        self._clocks[name].cpu_s += cpu_s - self._cpu_s
        self._wall_s, self._cpu_s = wall_s, cpu_s
