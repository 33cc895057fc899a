"""Shared by the tests of batches: recordings of a few seconds, drawn once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.drawing import Look, Sound, draw_video
from tests.support.once import made_once

Put = Callable[..., Path]
"""Puts a recording of three seconds at a path; recordings of different numbers differ."""


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
