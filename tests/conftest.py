"""Shared by several test files and made once: a run on the sample match, and a small match with one audible goal."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from tests.support import sounds
from tests.support.commands import highlights
from tests.support.drawing import Look, Sound, draw_video
from tests.support.once import made_once
from tests.support.places import SAMPLES

settings.register_profile("untimed", deadline=None)  # how long an example takes depends on what else runs
settings.load_profile("untimed")

SAMPLE = SAMPLES / "soccer.mp4"
Put = Callable[..., Path]
"""Puts a recording of three seconds at a path; recordings of different numbers differ."""
ROAR_S = 30.0


@dataclass(frozen=True)
class Run:
    """A finished run, and the folder of its results."""

    done: subprocess.CompletedProcess[str]
    out: Path


@pytest.fixture(autouse=True)
def _a_run_without_memory(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start with an empty cache: nothing from an earlier test."""
    monkeypatch.setenv("HIGHLIGHTS_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="session", autouse=True)
def _a_machine_without_memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hide the machine's own cache and weights of models."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HIGHLIGHTS_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("HF_HUB_CACHE", str(tmp_path_factory.mktemp("hub")))
        patch.setenv("HF_HUB_OFFLINE", "1")
        yield


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """`highlights run samples/soccer.mp4`, as `make demo` does it."""

    def make(folder: Path) -> None:
        done = highlights("run", SAMPLE, "--out", folder / "out")
        (folder / "done.json").write_text(json.dumps([done.returncode, done.stdout, done.stderr]))

    folder = made_once(tmp_path_factory, "sample", make)
    returncode, stdout, stderr = json.loads((folder / "done.json").read_text())
    return Run(subprocess.CompletedProcess("highlights run", returncode, stdout, stderr), folder / "out")


@pytest.fixture(scope="session")
def small_match(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One minute of small drawn video whose crowd roars from `ROAR_S` on: a goal found by the crowd alone."""

    def make(folder: Path) -> None:
        heard = sounds.swell(sounds.murmur(60, -30), ROAR_S, ROAR_S + 22, 16)
        sound = Sound(wave=lambda at_s: np.interp(at_s, sounds.times(60), heard), channels=1, rate_hz=16000)
        look = Look(size=(192, 108), gop=10)
        faststart = {"movflags": "+faststart"}
        path = folder / "match.mp4"
        draw_video(path, duration_s=60, rate=5, cuts_s=(20, 50), look=look, sounds=(sound,), container_options=faststart)

    return made_once(tmp_path_factory, "small", make) / "match.mp4"


@pytest.fixture(scope="session")
def put(tmp_path_factory: pytest.TempPathFactory) -> Put:
    def draw(folder: Path) -> None:
        for number in range(4):
            look, sounds = Look(size=(160, 90)), (Sound(channels=1, rate_hz=16000),)
            draw_video(folder / f"{number}.mp4", duration_s=3, rate=5, look=look, sounds=sounds, first_number=number)
            draw_video(folder / f"{number}.mkv", duration_s=3, rate=5, look=look, sounds=sounds, first_number=number)

    drawn = made_once(tmp_path_factory, "short", draw)

    def at(path: Path, number: int = 0) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copy(drawn / f"{number}{'.mkv' if path.suffix.lower() == '.mkv' else '.mp4'}", path))

    return at
