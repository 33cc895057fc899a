"""Pictures spread over a recording: each drawn frame carries its number, which shows when it was taken."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from highlights.analysis.score.survey import PICTURES, survey
from highlights.media.probe import open_recording
from highlights.records import Recording
from tests.support.drawing import Look, draw_video, number_of

FPS = 10
LOOK = Look(gop=FPS)


def taken(recording: Recording) -> tuple[dict[tuple[int, int], list[int]], int]:
    """The numbers of the surveyed frames by size, and how many frames were decoded for them."""
    decoded: list[float] = []
    pictures = survey(recording, decoded.append)
    return {size: [number_of(_luma(view)) for view in views] for size, views in pictures.items()}, len(decoded)


def _luma(view: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(view.mean(axis=2), np.uint8)


def drawn(path: Path, seconds: int, **options: object) -> Path:
    """A video at `FPS` frames a second with a key frame every second, unless overridden by `options`."""
    return draw_video(path, **{"duration_s": seconds, "rate": FPS, "look": LOOK, "sounds": ()} | options)  # type: ignore[arg-type]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts", ".avi"])
def test_key_frames_spread_evenly_over_the_recording_are_sought(tmp_path: Path, suffix: str) -> None:
    look = Look(codec="mpeg4", gop=FPS) if suffix == ".avi" else LOOK
    numbers, decoded = taken(open_recording([drawn(tmp_path / f"a{suffix}", 4 * PICTURES, look=look)]))
    middles = [(4 * i + 2) * FPS for i in range(PICTURES)]
    assert decoded == PICTURES
    assert all(-3 <= middle - number < 4 * FPS for middle, number in zip(middles, numbers[320, 180], strict=True))


def test_all_key_frames_are_decoded_if_they_are_unevenly_spaced(tmp_path: Path) -> None:
    long = drawn(tmp_path / "1.mp4", 2 * PICTURES, look=Look(gop=10 * FPS))
    short = drawn(tmp_path / "2.mp4", 4, look=Look(gop=2), first_number=2 * PICTURES * FPS)
    numbers, decoded = taken(open_recording([long, short]))
    assert 20 < decoded < 20 + PICTURES
    assert len(set(numbers[320, 180])) == PICTURES


def test_all_frames_are_decoded_if_there_are_too_few_key_frames(tmp_path: Path) -> None:
    numbers, decoded = taken(open_recording([drawn(tmp_path / "a.mp4", 4)]))
    assert decoded >= 4 * FPS
    assert len(set(numbers[320, 180])) == PICTURES


def test_files_of_different_sizes_are_surveyed_separately(tmp_path: Path) -> None:
    small = drawn(tmp_path / "1.mp4", 2 * PICTURES)
    large = drawn(tmp_path / "2.mp4", PICTURES, look=Look(size=(640, 360), gop=FPS), first_number=2 * PICTURES * FPS)
    again = drawn(tmp_path / "3.mp4", 2 * PICTURES, first_number=3 * PICTURES * FPS)
    numbers, decoded = taken(open_recording([small, large, again]))
    assert sum(number < 2 * PICTURES * FPS for number in numbers[320, 180]) == PICTURES // 2
    assert sum(number >= 3 * PICTURES * FPS for number in numbers[320, 180]) == PICTURES // 2
    assert len(set(numbers[640, 360])) == PICTURES
    assert decoded == 2 * PICTURES


def test_damage_costs_the_survey_only_frames(tmp_path: Path) -> None:
    path = drawn(tmp_path / "a.ts", 2 * PICTURES)
    content = bytearray(path.read_bytes())
    third = len(content) // 3 // 188 * 188
    content[third : third + 188 * 200] = bytes(188 * 200)
    path.write_bytes(content)
    numbers, _ = taken(open_recording([path]))
    assert len(numbers[320, 180]) == PICTURES
    assert min(numbers[320, 180]) < 3 * FPS
    assert max(numbers[320, 180]) > (2 * PICTURES - 6) * FPS
