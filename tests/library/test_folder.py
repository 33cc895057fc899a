"""The library's folder: names, and what renaming and deleting a match touch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from highlights.batch.manifest import Match
from highlights.batch.plan import planned
from highlights.errors import OutputError
from highlights.export import timeline_json
from highlights.library.folder import Library
from highlights.media.probe import open_recording
from tests.conftest import Put
from tests.support.libraries import event, put_match


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "library")


@pytest.fixture
def derby(library: Library, put: Put, tmp_path: Path) -> Path:
    return put_match(library.root, "derby", put(tmp_path / "derby.mp4"), [event("Goal", 1.0)])


def test_a_reserved_name_is_given_once_and_a_batch_does_not_take_it(library: Library, put: Put, tmp_path: Path) -> None:
    first, second = put(tmp_path / "a.mp4", 1), put(tmp_path / "b.mp4", 2)
    assert library.reserve("Final", [str(first)]) == "Final"
    assert library.reserve("final", [str(second)]) == "final-2"
    [plan] = planned([Match("Final", (str(second),), "soccer")], str(library.root))
    assert plan.match.name != "Final"


@pytest.mark.parametrize(
    "wanted",
    ["", " ", ".", "..", ".hidden", "recordings", "index.html", "Final 3/4", "../../x", "a\\b", "a\x00b", "a\nb", "⚽" * 120],
)
def test_a_name_that_cannot_be_used_becomes_another_one(library: Library, wanted: str) -> None:
    name = library.reserve(wanted, ["/nowhere/x.mp4"])
    assert name not in ("", ".", "..", "recordings", "index.html")
    assert not name.startswith(".")
    (library.root / name).mkdir()
    assert [entry.name for entry in library.root.iterdir() if entry.is_dir() and not entry.name.startswith(".")] == [name]
    with pytest.raises(OutputError, match="no such match"):  # and not "this cannot be the name of a match"
        library.match(name)


@pytest.mark.parametrize("name", ["..", "../derby", "a/b", ".jobs", "", "nothing", "derby\\.."])
def test_a_name_that_leads_out_of_the_library_or_to_nothing_is_refused(library: Library, derby: Path, name: str) -> None:
    with pytest.raises(OutputError):
        library.match(name)


def test_a_match_is_renamed_with_its_folder(library: Library, derby: Path) -> None:
    assert library.rename("derby", "Cup final") == "Cup final"
    assert list(library.names()) == ["Cup final"]
    assert library.match("Cup final").name == "Cup final"


def test_only_the_case_of_a_name_can_be_changed(library: Library, derby: Path) -> None:
    assert library.rename("derby", "Derby") == "Derby"


@pytest.mark.parametrize("wanted", ["taken", "..", "a/b", "recordings", "⚽" * 120])
def test_a_name_that_is_taken_or_invalid_is_refused_and_nothing_is_renamed(library: Library, derby: Path, wanted: str) -> None:
    (library.root / "taken").mkdir()
    with pytest.raises(OutputError):
        library.rename("derby", wanted)
    assert (derby / "timeline.json").is_file()


def test_deleting_a_match_keeps_a_recording_that_lies_in_its_folder(library: Library, put: Put) -> None:
    recording = put(library.root / "friendly" / "half1.mp4")
    (library.root / "friendly").rename(library.root / "x")
    folder = put_match(library.root, "friendly", library.root / "x" / "half1.mp4", [event("Goal", 1.0)])
    (library.root / "x" / "half1.mp4").rename(folder / "half1.mp4")
    for made in ("reel.mp4", "report.html", "timeline-sportscode.xml", "roster.json"):
        (folder / made).write_text("made here")
    other = put(folder / "other.mp4", 2)
    assert library.delete("friendly") == ["half1.mp4", "other.mp4"]
    assert sorted(entry.name for entry in folder.iterdir()) == ["half1.mp4", "other.mp4"]
    assert (recording.name, other.is_file()) == ("half1.mp4", True)


def test_deleting_a_match_removes_its_folder_but_not_its_recording(library: Library, derby: Path, tmp_path: Path) -> None:
    (derby / "clips").mkdir()
    (derby / "clips" / "01.mp4").write_text("a clip")
    assert library.delete("derby") == []
    assert not derby.exists()
    assert (tmp_path / "derby.mp4").is_file()


@pytest.mark.parametrize("place", ["reel.mp4", "clips/01-half.mp4", "reels/half.mp4"])
@pytest.mark.parametrize("damaged", [False, True])
def test_a_recording_named_like_a_result_is_never_deleted(
    library: Library, put: Put, derby: Path, place: str, damaged: bool
) -> None:
    recording = put(derby / place, 1)
    timeline = timeline_json.read(derby / "timeline.json")
    timeline_json.write(replace(timeline, recording=open_recording([recording])), derby / "timeline.json")
    if damaged:
        (derby / "timeline.json").write_text("{")
    assert library.delete("derby") == [place.split("/")[0]]
    assert recording.is_file()


def test_what_a_person_put_into_the_folder_of_a_match_stays(library: Library, derby: Path) -> None:
    (derby / "clips").mkdir()
    for name in ("notes.txt", "anthem.mp3", "club.png", "club.yaml", "clips/my edit.mp4"):
        (derby / name).write_text("mine")
    assert library.delete("derby") == ["anthem.mp3", "clips", "club.png", "club.yaml", "notes.txt"]
    assert (derby / "clips" / "my edit.mp4").is_file()


def test_of_a_match_that_is_a_link_only_the_link_is_deleted(library: Library, derby: Path, tmp_path: Path) -> None:
    elsewhere = derby.rename(tmp_path / "elsewhere")
    derby.symlink_to(elsewhere)
    assert library.delete("derby") == []
    assert list(library.names()) == []
    assert (elsewhere / "timeline.json").is_file()
