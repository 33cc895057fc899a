"""A timeline finds its recording where it was moved to, and takes no other film for it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from highlights.cli.main import main
from highlights.errors import RecordingError
from highlights.export import recording_places, timeline_json
from highlights.media.identity import fingerprint
from highlights.media.probe import open_recording
from highlights.records import Clip, Event, Timeline
from highlights.review.session import Session
from highlights.spans import Span
from tests.support.drawing import Look, draw_video


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Four films: two halves of a match, another of the same length and picture, and a longer one."""
    folder = tmp_path_factory.mktemp("films")
    look = Look(size=(192, 108), gop=5)
    lengths = {"first": (4, 0), "second": (4, 100), "other": (4, 300), "longer": (9, 0)}
    return {
        name: draw_video(folder / f"{name}.mp4", duration_s=seconds, rate=10, look=look, first_number=number)
        for name, (seconds, number) in lengths.items()
    }


@pytest.fixture
def place(tmp_path: Path, films: dict[str, Path]) -> Path:
    """A folder with `disk/match.mp4` and the timeline of it, `out/timeline.json`."""
    return timeline_of(tmp_path, {"disk/match.mp4": films["first"]})


def timeline_of(folder: Path, files: dict[str, Path]) -> Path:
    """The folder with copies of films under these names, and the timeline of them, `out/timeline.json`."""
    for name, film in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(film, folder / name)
    (folder / "out").mkdir(exist_ok=True)
    recording = open_recording([folder / name for name in files])
    events = (Event("goal", "Goal", Span(1, 3), 2.0, 0.9, ()),)
    timeline_json.write(
        Timeline(recording, "soccer", events, clips=(Clip(Span(1, 3), (0,), "Goal"),)), folder / "out" / "timeline.json"
    )
    return folder


def without_fingerprint(timeline: Path) -> None:
    """Make the timeline one from before there were fingerprints."""
    content = json.loads(timeline.read_text())
    for part in content["recording"]["parts"]:
        del part["fingerprint"], part["size_bytes"]
    timeline.write_text(json.dumps(content))


def paths(timeline: Path, *given: str) -> list[Path]:
    return [part.path for part in recording_places.read(timeline, given, needed=True).recording.parts]


def say(*arguments: Path | str) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.mark.parametrize("known", [True, False], ids=["fingerprint", "old timeline"])
def test_a_recording_put_beside_its_timeline_is_found(place: Path, known: bool) -> None:
    timeline = place / "out" / "timeline.json"
    if not known:
        without_fingerprint(timeline)
    (place / "disk" / "match.mp4").rename(place / "out" / "match.mp4")
    assert paths(timeline) == [place / "out" / "match.mp4"]
    assert say("reel", timeline, "--reel", "copy").exit_code == 0


@pytest.mark.parametrize("known", [True, False], ids=["fingerprint", "old timeline"])
@pytest.mark.parametrize("film", ["other", "longer"])
def test_another_film_under_the_same_name_is_refused(place: Path, films: dict[str, Path], known: bool, film: str) -> None:
    timeline, path = place / "out" / "timeline.json", place / "disk" / "match.mp4"
    if not known:
        without_fingerprint(timeline)
    shutil.copy(films[film], path)
    if not known and film == "other":  # as before: of the same length and picture
        assert paths(timeline) == [path]
        return
    commands = (
        ["reel", timeline, "--reel", "copy"],
        ["export", timeline, "--to", "html", "--out", place / "report.html"],
        ["export", timeline, "--to", "edl", "--out", place / "cut.edl"],
        ["review", place / "out", "--no-browser"],
    )
    for command in commands:
        answer = say(*command)
        assert answer.exit_code == 1, command
        assert answer.stderr.startswith(f"Error: {path}: is not the recording of this timeline: ")
        assert "--recording" in answer.stderr
        assert "--recording" in say(command[0], "--help").stdout
    shutil.copy(films["first"], place / "elsewhere.mp4")
    assert say("reel", timeline, "--reel", "copy", "--recording", place / "elsewhere.mp4").exit_code == 0
    shutil.copy(films["first"], place / "out" / "match.mp4")
    assert paths(timeline) == [place / "out" / "match.mp4"]


def test_a_missing_recording_is_asked_for_by_an_option_that_the_command_has(place: Path) -> None:
    timeline, path = place / "out" / "timeline.json", place / "disk" / "match.mp4"
    path.unlink()
    answer = say("reel", timeline)
    assert answer.exit_code == 1
    assert answer.stderr == (
        f"Error: {path}: no such file; say where it is with --recording FILE, or put it beside the timeline\n"
    )
    assert say("export", timeline, "--to", "srt", "--out", place / "x.srt").exit_code == 0


def test_a_recording_on_another_disk_is_named_in_any_way(place: Path, films: dict[str, Path]) -> None:
    timeline, new = place / "out" / "timeline.json", place / "other=disk" / "renamed.mp4"
    new.parent.mkdir()
    (place / "disk" / "match.mp4").rename(new)
    for given in (str(new), f"match.mp4={new}", f"disk/match.mp4={new}", f"{place / 'disk' / 'match.mp4'}={new}"):
        assert paths(timeline, given) == [new], given
    shutil.copy(new, new.with_name("match.mp4"))
    assert paths(timeline, str(new.parent)) == [new.with_name("match.mp4")]
    for given, problem in (
        (str(films["other"]), "is not the recording"),
        (f"nothing.mp4={new}", "does not belong to this timeline"),
        (str(place / "absent.mp4"), "no such file"),
        (f"match.mp4={place / 'absent.mp4'}", "no such file"),
    ):
        with pytest.raises(RecordingError, match=problem):
            paths(timeline, given)


def test_an_import_writes_where_the_recording_is_now(place: Path) -> None:
    timeline, new = place / "out" / "timeline.json", place / "moved.mp4"
    assert say("export", timeline, "--to", "csv", "--out", place / "edited.csv").exit_code == 0
    (place / "disk" / "match.mp4").rename(new)
    assert say("import", timeline, place / "edited.csv", "--recording", new).exit_code == 0
    assert paths(timeline) == [new]


def test_the_review_uses_a_moved_recording(place: Path) -> None:
    new = place / "moved.mp4"
    (place / "disk" / "match.mp4").rename(new)
    assert Session(place / "out", None, [str(new)]).timeline.recording.parts[0].path == new
    assert not Session(place / "out").timeline.recording.parts[0].path.exists()  # the page says that it is missing


@pytest.mark.parametrize("known", [True, False], ids=["fingerprint", "old timeline"])
def test_files_of_the_same_name_are_told_apart(tmp_path: Path, films: dict[str, Path], known: bool) -> None:
    place = timeline_of(tmp_path, {"disk/1/half.mp4": films["first"], "disk/2/half.mp4": films["second"]})
    timeline, out = place / "out" / "timeline.json", place / "out"
    if not known:
        without_fingerprint(timeline)
    shutil.copytree(place / "disk", out, dirs_exist_ok=True)
    shutil.rmtree(place / "disk")
    assert paths(timeline) == [out / "1" / "half.mp4", out / "2" / "half.mp4"]
    (out / "2" / "half.mp4").rename(out / "half.mp4")
    if known:
        assert paths(timeline) == [out / "1" / "half.mp4", out / "half.mp4"]
    else:
        with pytest.raises(RecordingError, match="no such file"):
            paths(timeline)
        assert paths(timeline, f"2/half.mp4={out / 'half.mp4'}") == [out / "1" / "half.mp4", out / "half.mp4"]


def test_halves_are_told_apart_by_their_content_and_found_beside_each_other(tmp_path: Path, films: dict[str, Path]) -> None:
    place = timeline_of(tmp_path, {"disk/a.mp4": films["first"], "disk/b.mp4": films["second"]})
    timeline, new = place / "out" / "timeline.json", place / "new"
    (place / "disk").rename(new)
    assert paths(timeline, str(new / "b.mp4")) == [new / "a.mp4", new / "b.mp4"]
    (new / "a.mp4").rename(new / "x.mp4")
    (new / "b.mp4").rename(new / "y.mp4")
    assert paths(timeline, str(new / "y.mp4"), str(new / "x.mp4")) == [new / "x.mp4", new / "y.mp4"]
    with pytest.raises(RecordingError, match="is none of this timeline's files"):
        paths(timeline, str(films["other"]))


def test_a_folder_moved_as_a_whole_and_a_linked_recording_are_read(tmp_path: Path, films: dict[str, Path]) -> None:
    place = timeline_of(tmp_path / "before", {"disk/match.mp4": films["first"]})
    (tmp_path / "before").rename(tmp_path / "after")
    timeline, path = tmp_path / "after" / "out" / "timeline.json", tmp_path / "after" / "disk" / "match.mp4"
    assert paths(timeline) == [path]
    path.unlink()
    path.symlink_to(films["first"])
    assert paths(timeline) == [path]
    assert not place.exists()


def test_a_recording_whose_name_is_not_text_is_found_by_its_content(tmp_path: Path, films: dict[str, Path]) -> None:
    name = "b\udcffd.mp4"
    try:
        place = timeline_of(tmp_path, {f"disk/{name}": films["first"]})
    except OSError:
        pytest.skip("file names are text here")
    assert paths(place / "out" / "timeline.json", str(place / "disk" / name)) == [place / "disk" / name]
    assert paths(place / "out" / "timeline.json") == [place / "disk" / name]


def test_a_fingerprint_is_the_same_for_copies_and_sees_a_change_anywhere_in_a_long_file(tmp_path: Path) -> None:
    file, copy = tmp_path / "a", tmp_path / "b"
    file.write_bytes(bytes(6_000_000))
    shutil.copy(file, copy)
    assert fingerprint(file) == fingerprint(copy)
    for at, length in ((0, 1), (2_900_000, 200_000), (5_999_999, 1)):
        copy.write_bytes(bytes(at) + b"x" * length + bytes(6_000_000 - at - length))
        assert fingerprint(file) != fingerprint(copy), at
