"""Unusable input is refused in one clear line; a run that fails or is stopped leaves earlier results unchanged."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from highlights.cli.main import main
from highlights.export import timeline_json
from tests.conftest import Run
from tests.support.commands import OnTerminal, highlights
from tests.support.drawing import Look, Sound, draw_video

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and limits of POSIX systems")


def say(*arguments: Path | str) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def files_in(folder: Path) -> dict[str, bytes]:
    """Everything below a folder, hidden files too."""
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else b"" for p in folder.rglob("*")}


@pytest.fixture
def earlier(tmp_path: Path) -> Iterator[Path]:
    """A folder with an earlier good result, which must be unchanged at the end of the test."""
    out = tmp_path / "earlier"
    out.mkdir()
    for name in ("timeline.json", "timeline.csv", "report.html", "reel.mp4"):
        (out / name).write_text(f"an earlier {name}")
    before = files_in(out)
    yield out
    assert files_in(out) == before


def refused(answer: Result, path: Path | str, problem: str) -> None:
    """Check that the answer is one line about the path on stderr, with exit code 1."""
    assert answer.exit_code == 1, answer.output
    assert answer.stdout == ""
    assert answer.stderr.startswith(f"Error: {path}: ")
    assert problem in answer.stderr
    assert answer.stderr.count("\n") == 1
    assert answer.stderr.endswith("\n")


def cut_off(path: Path, target: Path, share: float) -> Path:
    """The first `share` of a file."""
    data = path.read_bytes()
    target.write_bytes(data[: round(share * len(data))])
    return target


def missing(folder: Path) -> Path:
    return folder / "none.mp4"


def a_folder(folder: Path) -> Path:
    (folder / "matches").mkdir()
    return folder / "matches"


def empty(folder: Path) -> Path:
    (folder / "empty.mp4").touch()
    return folder / "empty.mp4"


def text(folder: Path) -> Path:
    (folder / "text.mp4").write_text("This is a letter and no match.\n" * 100)
    return folder / "text.mp4"


def noise(folder: Path) -> Path:
    (folder / "noise.mp4").write_bytes(bytes(range(256)) * 400)
    return folder / "noise.mp4"


def without_index(folder: Path) -> Path:
    return cut_off(draw_video(folder / "whole.mp4", duration_s=3), folder / "cut.mp4", 0.7)


def sound_alone(folder: Path) -> Path:
    return draw_video(folder / "sound.mp4", duration_s=2, frame_times_s=(), sounds=(Sound(),))


def one_frame(folder: Path) -> Path:
    return draw_video(folder / "one.mp4", duration_s=0.04, sounds=())


def a_playlist(folder: Path) -> Path:
    (folder / "list.m3u8").write_text("#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:9/secret.ts\n")
    return folder / "list.m3u8"


BAD = [
    (missing, "no such file; give the path of a video file"),
    (a_folder, "is a folder; give the video file(s) in it"),
    (empty, "is empty (0 bytes); copy or record it again"),
    (text, "is text, not a video; give the recording itself"),
    (noise, "is not a video that can be read; give an MP4"),
    (without_index, "was cut off before its index (moov) was written; repair it"),
    (sound_alone, "has audio but no video; give a video of the match"),
    (one_frame, "has only a single frame; give a video of the match"),
    (a_playlist, "is text, not a video"),
]


@pytest.mark.parametrize(("make", "problem"), BAD, ids=[make.__name__ for make, _ in BAD])
def test_a_file_that_is_not_a_recording_is_refused(make, problem: str, tmp_path: Path, earlier: Path) -> None:
    (tmp_path / "made").mkdir()
    path = make(tmp_path / "made")
    refused(say("run", path, "--out", earlier), path, problem)
    refused(say("run", path, "--out", tmp_path / "a" / "new" / "folder"), path, problem)
    refused(say("scenes", path), path, problem)
    assert not (tmp_path / "a").exists()


def test_a_bad_second_half_is_refused(small_match: Path, tmp_path: Path, earlier: Path) -> None:
    refused(say("run", small_match, empty(tmp_path), "--out", earlier), tmp_path / "empty.mp4", "is empty")


def test_a_missing_audio_track_is_refused_with_the_list_of_available_ones(small_match: Path, earlier: Path) -> None:
    refused(
        say("run", small_match, "--audio-track", "4", "--out", earlier), small_match, "has no audio track 4; available: 0 (aac)"
    )


def test_all_three_errors_of_a_profile_are_reported_at_once_each_with_its_line(
    small_match: Path, tmp_path: Path, earlier: Path
) -> None:
    profile = tmp_path / "my.yaml"
    profile.write_text(
        "extends: soccer\n"
        "titel: My soccer\n"
        "events:\n"
        "  - name: goal\n"
        "    postroll_s: 4\n"
        "    threshold: 7\n"
    )  # fmt: skip
    for command in (["run", small_match, "--sport", profile, "--out", earlier], ["profiles", "check", profile]):
        answer = say(*command)
        assert answer.exit_code == 1
        assert answer.stdout == ""
        first, second, third = answer.stderr.splitlines()
        assert first.startswith(f"Error: {profile}:2: titel: unknown key (did you mean title?)")
        assert second.startswith(f"Error: {profile}:5: events.0.postroll_s: unknown key (did you mean post_roll_s?)")
        assert third.startswith(f"Error: {profile}:6: events.0.threshold: ")


def test_a_folder_that_cannot_be_created_is_reported_before_reading(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not to be touched")
    refused(
        say("run", missing(tmp_path), "--out", tmp_path / "file" / "out"), tmp_path / "file" / "out", "is a file, not a folder"
    )
    refused(say("run", missing(tmp_path), "--out", tmp_path / "file"), tmp_path / "file", "file")
    long = tmp_path / ("x" * 300)
    refused(say("run", missing(tmp_path), "--out", long), long, "the name is too long")
    assert (tmp_path / "file").read_text() == "not to be touched"
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no /proc here")
def test_a_read_only_folder_is_reported_before_reading(tmp_path: Path) -> None:
    refused(say("run", missing(tmp_path), "--out", "/proc/out"), "/proc/out", "choose another folder with --out")
    refused(say("run", missing(tmp_path), "--out", "/proc"), "/proc", "choose another folder with --out")


@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_reported_before_reading(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(stat.S_IRUSR | stat.S_IXUSR)
    refused(say("run", missing(tmp_path), "--out", locked), locked, "no permission to write here")


def test_a_folder_where_a_result_is_needed_is_reported_before_reading(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "report.html").mkdir(parents=True)
    refused(say("run", missing(tmp_path), "--out", out), out / "report.html", "this is a folder")
    assert list(out.iterdir()) == [out / "report.html"]


@pytest.mark.parametrize(
    ("reel", "largest", "name"), [("none", 6_000, "report.html"), ("edit", 60_000, "reel.mp4"), ("copy", 60_000, "reel.mp4")]
)
def test_a_write_beyond_the_file_size_limit_leaves_the_earlier_result(
    reel: str, largest: int, name: str, small_match: Path, tmp_path: Path, earlier: Path
) -> None:
    limit = f"resource.setrlimit(resource.RLIMIT_FSIZE, ({largest}, {largest}))"
    for out in (earlier, tmp_path / "new"):
        done = highlights("run", small_match, "--out", out, "--reel", reel, before=limit)
        assert done.returncode == 1
        assert done.stdout == ""
        assert (
            done.stderr
            == f"Error: {out / name}: the file would be larger than is allowed here: choose another folder with --out\n"
        )
    assert not (tmp_path / "new").exists()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 152 kB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=150k", "tmpfs", place], capture_output=True, check=False
    )
    if not mounted or mounted.returncode:
        pytest.skip("no file system can be mounted here")
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_full_disk_leaves_the_earlier_result(small_match: Path, small_disk: Path) -> None:
    out = small_disk / "out"
    assert say("run", small_match, "--out", out, "--reel", "none").exit_code == 0
    before = files_in(small_disk)
    for reel in ("edit", "copy"):
        refused(say("run", small_match, "--out", out, "--reel", reel), out / "reel.mp4", "the disk is full: free some space")
        assert files_in(small_disk) == before


def test_a_clip_beyond_the_file_size_limit_leaves_the_earlier_result(small_match: Path, earlier: Path) -> None:
    limit = "resource.setrlimit(resource.RLIMIT_FSIZE, (130_000, 130_000))"
    done = highlights("run", small_match, "--out", earlier, "--reel", "none", "--clips", before=limit)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: {earlier / 'clips'}/01-goal-")
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_stdout_is_reported_in_one_line(tmp_path: Path) -> None:
    video = draw_video(tmp_path / "short.mp4", duration_s=1)
    with Path("/dev/full").open("w") as full:
        done = highlights("scenes", video, stdout=full)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "options", "problem"),
    [
        ("front.mp4", {"movflags": "+faststart"}, "is cut off"),
        ("match.mkv", {}, "is cut off"),
        ("match.ts", {}, "damaged"),
    ],
)
def test_a_truncated_recording_is_read_to_its_end(name: str, options: dict[str, str], problem: str, tmp_path: Path) -> None:
    look = Look(size=(192, 108), gop=10)
    whole = draw_video(tmp_path / f"whole-{name}", duration_s=20, rate=5, cuts_s=(4, 8), look=look, container_options=options)
    path = cut_off(whole, tmp_path / name, 0.6)
    answer = say("run", path, "--out", tmp_path / "out")
    assert answer.exit_code == 0, answer.output
    timeline = timeline_json.read(tmp_path / "out" / "timeline.json")
    assert 9 < timeline.recording.duration_s < 16
    assert {0, 4, 8} <= {scene.span.start_s for scene in timeline.analysis.scenes}
    faults = timeline.analysis.faults
    assert problem in " ".join(fault.problem for fault in faults)
    for fault in faults:
        assert fault.path == path
        assert f"Note: {path}: {fault.problem}" in answer.stderr


# text on the terminal when Ctrl-C is pressed
MOMENTS = ["finding the score graphic", "watching and listening", "cutting the reel"]
AT_WORK = " [1-9][0-9]%"


@pytest.mark.parametrize(
    ("words", "number", "code"), [*((words, signal.SIGINT, 130) for words in MOMENTS), (MOMENTS[1], signal.SIGTERM, 143)]
)
def test_a_run_that_is_stopped_leaves_nothing(words: str, number: int, code: int, small_match: Path, earlier: Path) -> None:
    with OnTerminal("run", small_match, "--out", earlier) as run:
        run.wait_for(words)
        os.killpg(run.process.pid, number)
        assert run.end() == code
    assert "Traceback" not in run.said
    assert not run.left_behind()


@pytest.fixture
def timeline_of_sample(sample_run: Run, tmp_path: Path) -> Path:
    """The sample's timeline in a folder of its own with an earlier reel; its reel takes seconds to cut."""
    timeline = timeline_json.read(sample_run.out / "timeline.json")
    out = tmp_path / "out"
    out.mkdir()
    (out / "reel.mp4").write_text("an earlier reel")
    timeline_json.write(timeline, out / "timeline.json")
    return out / "timeline.json"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_reel_that_is_stopped_leaves_the_earlier_one(number: int, code: int, timeline_of_sample: Path) -> None:
    before = files_in(timeline_of_sample.parent)
    with OnTerminal("reel", timeline_of_sample) as cutting:
        cutting.wait_for(AT_WORK)
        os.killpg(cutting.process.pid, number)
        assert cutting.end() == code
    assert "Traceback" not in cutting.said
    assert files_in(timeline_of_sample.parent) == before
    assert not cutting.left_behind()


def test_a_reel_that_is_killed_leaves_the_earlier_one_and_no_process(timeline_of_sample: Path) -> None:
    before = files_in(timeline_of_sample.parent)
    with OnTerminal("reel", timeline_of_sample) as cutting:
        cutting.wait_for(AT_WORK)
        cutting.process.kill()
        assert cutting.end() == -signal.SIGKILL
    visible = {name: data for name, data in files_in(timeline_of_sample.parent).items() if not name.startswith(".")}
    assert visible == before
    assert len(files_in(timeline_of_sample.parent)) > len(before)
    assert highlights("reel", timeline_of_sample, "--reel", "copy").returncode == 0
    assert files_in(timeline_of_sample.parent).keys() == before.keys()  # what was left is gone
