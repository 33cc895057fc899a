"""Which files of a folder are recordings."""

from __future__ import annotations

from pathlib import Path

import pytest

from highlights.batch.folders import sorted_out
from highlights.batch.matches import listed
from highlights.errors import RecordingError
from highlights.pipeline import RunOptions
from tests.conftest import Put


def left_out(*paths: str) -> dict[str, str]:
    return sorted_out(paths, set(paths).__contains__).left_out


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("._half1.mp4", "written by macOS beside a file"),
        ("cup/._half1.mp4", "written by macOS beside a file"),
        (".Trashes/501/half1.mp4", "hidden"),
        (".half1.mp4", "hidden"),
        ("__MACOSX/half1.mp4", "in a folder of the system"),
        ("@eaDir/half1.mp4/SYNOVIDEO.mp4", "in a folder of the system"),
        ("$RECYCLE.BIN/S-1/half1.mp4", "in a folder of the system"),
        ("half1.part.mp4", "an unfinished download"),
        ("half1.temp.mkv", "an unfinished download"),
    ],
)
def test_what_systems_and_downloads_leave_is_no_recording(path: str, why: str) -> None:
    assert left_out(path, "half1.mp4") == {path: why}


@pytest.mark.parametrize(
    ("proxy", "original"),
    [
        ("GL010001.MP4", "GX010001.MP4"),
        ("M4ROOT/SUB/C0001S03.MP4", "M4ROOT/CLIP/C0001.MP4"),
        ("card/Proxy/A001.mp4", "card/A001.mov"),
        ("card/Proxy/A001C001_CANON_001_Proxy.MP4", "card/CLIPS/A001C001_CANON_001.MXF"),
    ],
)
def test_a_cameras_small_copy_is_left_out_if_the_original_is_there(proxy: str, original: str) -> None:
    assert left_out(proxy, original) == {proxy: "a camera's small copy"}
    assert left_out(proxy) == {}


def test_a_reel_is_a_result_only_beside_a_timeline() -> None:
    assert left_out("reel.mp4", "clips/1.mp4", "reels/goals.mp4") == {}
    made = ("out/half1/reel.mp4", "out/half1/clips/1.mp4", "out/half1/reels/goals.mp4")
    recordings = ("half1.mp4", "out/half1/half1.mp4")
    assert left_out(*made, *recordings, "out/half1/timeline.json") == dict.fromkeys(made, "a result of an earlier run")


def test_sidecars_are_not_even_looked_at(tmp_path: Path, put: Put) -> None:
    put(tmp_path / "DJI_0001.MP4")
    for name in ("DJI_0001.LRF", "DJI_0001.SRT", "GX010001.LRV", "GX010001.THM", "C0001M01.XML", "00000.CPI", "a.mp4.part"):
        (tmp_path / name).write_text("sidecar")
    found = listed([str(tmp_path)], "soccer", lambda cells: RunOptions())
    assert [match.name for match in found.matches] == ["DJI_0001"]
    assert found.left_out == {}


def test_a_pattern_leaves_out_the_same_files_as_a_folder(tmp_path: Path, put: Put) -> None:
    for name in ("season/half1.mp4", "season/._half1.mp4", "season/out/half1/reel.mp4"):
        put(tmp_path / name)
    (tmp_path / "season/out/half1/timeline.json").write_text("{}")
    for source in ("season", "season/**/*.mp4", "s*/**/*.mp4"):
        found = listed([str(tmp_path / source)], "soccer", lambda cells: RunOptions())
        assert [match.recordings for match in found.matches] == [(str(tmp_path / "season/half1.mp4"),)]
        assert len(found.left_out) == 2


def test_a_hidden_folder_that_is_named_is_read(tmp_path: Path, put: Put) -> None:
    file = put(tmp_path / ".season" / "half1.mp4")
    for source in (file, file.parent, file.parent / "*.mp4"):
        assert len(listed([str(source)], "soccer", lambda cells: RunOptions()).matches) == 1


def test_a_folder_with_nothing_but_what_is_left_out_says_so(tmp_path: Path) -> None:
    (tmp_path / "._half1.mp4").write_text("")
    with pytest.raises(RecordingError, match=r"no recording found; left out: \._half1\.mp4 \(written by macOS"):
        listed([str(tmp_path)], "soccer", lambda cells: RunOptions())
