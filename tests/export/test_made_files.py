"""A run removes what an earlier run into the same folder made and it does not, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from highlights.cli.main import main


def say(*arguments: Path | str) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


ALWAYS = ["report.html", "timeline.csv", "timeline.json"]


@pytest.fixture
def out(small_match: Path, tmp_path: Path) -> Path:
    """The folder of a run with everything beside the reel, and files of the user."""
    folder = tmp_path / "out"
    answer = say("run", small_match, "--out", folder, "--reel", "copy", "--clips", "--thumbnail", "--per-event")
    assert answer.exit_code == 0, answer.output
    for name in ("reel-notes.txt", "clips/mine.mp4"):
        (folder / name).write_text("mine")
    return folder


def test_a_run_without_a_reel_removes_what_the_earlier_run_made(out: Path, small_match: Path) -> None:
    assert {"reel.mp4", "thumbnail.jpg"} < set(files_in(out))
    assert len(files_in(out)) == 9
    answer = say("run", small_match, "--out", out, "--reel", "none")
    assert answer.exit_code == 0
    assert files_in(out) == sorted([*ALWAYS, "clips/mine.mp4", "reel-notes.txt"])
    assert not (out / "reels").exists()
    assert "Note: removed what an earlier run had made: " in answer.stderr
    assert "reel.mp4" in answer.stderr
    assert "removed" not in say("run", small_match, "--out", out, "--reel", "none").stderr


def test_a_reel_that_the_user_changed_or_brought_stays_and_is_reported(out: Path, small_match: Path) -> None:
    (out / "reel.mp4").write_text("edited elsewhere")
    answer = say("run", small_match, "--out", out, "--reel", "none")
    assert f"Note: {out / 'reel.mp4'}: is not from this run, and was left as it is" in answer.stderr
    assert (out / "reel.mp4").read_text() == "edited elsewhere"


def test_a_run_that_fails_removes_nothing(out: Path, tmp_path: Path) -> None:
    before = files_in(out)
    assert say("run", tmp_path / "absent.mp4", "--out", out, "--reel", "none").exit_code == 1
    assert files_in(out) == before


def test_a_reel_cut_again_keeps_the_clips_and_removes_the_subtitles_of_the_earlier_one(
    small_match: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    small = ("--reel", "edit", "--no-titles")
    assert say("run", small_match, "--out", out, *small, "--subtitles", "--clips").exit_code == 0
    clips = [name for name in files_in(out) if name.startswith("clips/")]
    assert "reel.srt" in files_in(out)
    assert say("reel", out / "timeline.json", "--reel", "copy").exit_code == 0
    assert files_in(out) == sorted([*ALWAYS, *clips, "reel.mp4"])
    assert say("run", small_match, "--out", out, "--reel", "none").exit_code == 0
    assert files_in(out) == ALWAYS


def test_the_help_says_what_no_reel_means() -> None:
    assert "removes that of an earlier run" in " ".join(say("run", "--help").stdout.split())
