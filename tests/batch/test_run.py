"""Many matches at once: real processes on small recordings, some of them bad."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from highlights.batch.manifest import Match
from highlights.batch.matches import matches_of
from highlights.batch.summary import Outcome as Told
from highlights.batch.summary import write_summary
from highlights.cli.main import main
from highlights.errors import RecordingError
from highlights.pipeline import RunOptions
from tests.conftest import Put
from tests.support.commands import highlights


def usual(cells: Mapping[str, str]) -> RunOptions:
    """What is asked of a match whose manifest asks for nothing."""
    return RunOptions()


@pytest.fixture
def season(tmp_path: Path, small_match: Path) -> Path:
    """A good match, one in a folder below, and one that is none."""
    folder = tmp_path / "season"
    (folder / "cup & more").mkdir(parents=True)
    shutil.copy(small_match, folder / "Ä match.mp4")
    shutil.copy(small_match, folder / "cup & more" / "final.MKV")
    (folder / "broken.mp4").write_text("no video")
    (folder / "notes.txt").write_text("not a match")
    return folder


def test_files_folders_patterns_and_manifests_name_matches(season: Path) -> None:
    assert [m.name for m in matches_of([str(season)], "soccer", usual)] == ["broken", "final", "Ä match"]
    assert [m.name for m in matches_of([str(season / "*.mp4")], "soccer", usual)] == ["broken", "Ä match"]
    manifest = season / "list.csv"
    manifest.write_text("\ufeffname,recordings,sport\nderby,Ä match.mp4; cup & more/final.MKV,futsal\n,broken.mp4,\n", "utf-8")
    derby, broken = matches_of([str(manifest)], "soccer", usual)
    assert derby == Match("derby", (str(season / "Ä match.mp4"), str(season / "cup & more/final.MKV")), "futsal")
    assert (broken.name, broken.sport) == ("broken", "soccer")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("name,recordings\nx,\n", "line 2: no recordings"),
        ("name,recordings\n../x,a.mp4\n", "line 2: '../x' cannot be the name of a folder"),
        ("name,recordings\n\nx,a.mp4,b.mp4\n", "line 3: more cells than columns"),
    ],
)
def test_an_invalid_manifest_is_refused_with_its_line(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "list.csv").write_text(text)
    with pytest.raises(RecordingError, match=complaint):
        matches_of([str(tmp_path / "list.csv")], "soccer", usual)


def test_a_source_without_a_recording_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no recording found"):
        matches_of([str(tmp_path)], "soccer", usual)


@pytest.mark.parametrize(
    ("columns", "cells", "complaint"),
    [
        ("detektor", "", "line 3: unknown option 'detektor' (did you mean detector?); the columns are name, recordings,"),
        ("detector", "canny", "line 3: detector: 'canny' is not one of 'adaptive', 'content', 'threshold'."),
        ("audio-track", "loud", "line 3: audio_track: 'loud' is not a valid integer."),
        ("target_duration", "long", "line 3: target_duration: 'long' is not a duration; use 3m, 90s or 2:30"),
        ("rolls", "-1", "line 3: rolls: "),
        ("moments", "always", "line 3: moments: 'always' is not one of 'auto', 'none'."),
    ],
)
def test_an_invalid_option_of_a_match_is_refused_with_its_line(
    tmp_path: Path, columns: str, cells: str, complaint: str
) -> None:
    (tmp_path / "list.csv").write_text(f"name,recordings,{columns}\n\nx,a.mp4,{cells}\n")
    refused = CliRunner().invoke(main, ["batch", str(tmp_path / "list.csv"), "--out", str(tmp_path / "results")])
    assert refused.exit_code == 1
    assert complaint in refused.stderr
    assert not (tmp_path / "results").exists()


@pytest.mark.slow
def test_each_match_of_a_manifest_runs_and_is_retried_with_the_options_of_its_line(season: Path, tmp_path: Path) -> None:
    manifest, out = season / "list.csv", tmp_path / "results"
    manifest.write_text(
        "name,recordings,reel,thumbnail,audio-track\nfilm,cup & more/final.MKV,copy,yes,\ndeaf,cup & more/final.MKV,,no,7\n"
    )
    done = highlights("batch", manifest, "--out", out, "--reel", "none")
    assert "deaf: failed" in done.stderr
    made = {"reel.mp4", "report.html", "thumbnail.jpg", "timeline.csv", "timeline.json"}
    assert {path.name for path in (out / "film").iterdir()} == made
    assert 'href="film/reel.mp4"' in (out / "index.html").read_text()
    with (out / "retry.csv").open(encoding="utf-8-sig", newline="") as file:
        [retry] = csv.DictReader(file)
    assert (retry["name"], retry["thumbnail"], retry["audio_track"]) == ("deaf", "no", "7")
    [again] = matches_of([str(out / "retry.csv")], "soccer", usual)
    assert again.recordings == (str((season / "cup & more" / "final.MKV").resolve()),)


@pytest.mark.slow
def test_one_bad_file_never_stops_the_rest(season: Path, tmp_path: Path) -> None:
    out = tmp_path / "results"
    done = highlights("batch", season, "--out", out, "--reel", "none")
    assert done.returncode == 1
    assert "is text, not a video" in done.stdout
    for name in ("Ä match", "final"):
        assert len(json.loads((out / name / "timeline.json").read_text())["events"]) == 1
    page = (out / "index.html").read_text()
    assert 'href="%C3%84%20match/report.html"' in page
    assert "1 to try again" in page
    with (out / "retry.csv").open(encoding="utf-8-sig", newline="") as file:
        [retry] = csv.DictReader(file)
    assert (retry["name"], retry["recordings"]) == ("broken", str((season / "broken.mp4").resolve()))

    shutil.copy(season / "Ä match.mp4", season / "broken.mp4")
    before = (out / "final" / "timeline.json").stat().st_mtime_ns
    again = highlights("batch", out / "retry.csv", "--out", out, "--reel", "none")
    assert again.returncode == 0
    assert (out / "final" / "timeline.json").stat().st_mtime_ns == before
    assert not (out / "retry.csv").exists()
    assert (out / "index.html").read_text().count("report.html") == 3


@pytest.fixture
def cut_off(tmp_path: Path, small_match: Path) -> Path:
    """A match that lost the end of its file."""
    content = small_match.read_bytes()
    path = tmp_path / "cut & off.mp4"
    path.write_bytes(content[: len(content) * 7 // 10])
    return path


@pytest.mark.slow
def test_a_match_that_lost_a_part_is_done_with_a_warning_everywhere(cut_off: Path, put: Put, tmp_path: Path) -> None:
    out, whole = tmp_path / "out", put(tmp_path / "whole.mp4")
    command = ("batch", cut_off, whole, "--out", out, "--reel", "none")
    done, lost = highlights(*command), "cut & off.mp4: is cut off: its last 18 s are missing"
    assert done.returncode == 3
    assert f"cut & off: done with a warning: {lost}" in done.stderr
    assert re.search(rf"^cut & off +done +1 Moment +{lost}", done.stdout, re.MULTILINE)
    with (out / "summary.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    assert rows["cut & off"]["state"] == "done"
    assert rows["cut & off"]["warnings"].startswith(lost)
    assert rows["whole"]["warnings"] == ""
    page = (out / "index.html").read_text()
    assert f"Warning: {lost.replace('&', '&amp;')}" in page
    assert "2 done, 1 of them with warnings" in page
    assert not (out / "retry.csv").exists()

    again = highlights(*command, "--json")
    assert again.returncode == 3
    told = {match["name"]: match for match in json.loads(again.stdout)["matches"]}
    assert told["cut & off"]["state"] == "skipped"
    assert told["cut & off"]["warnings"][0] == lost
    assert told["whole"] == {
        "name": "whole",
        "state": "skipped",
        "recordings": [str(whole)],
        "events": {"Moment": 1},
        "error": "",
        "warnings": [],
    }
    (tmp_path / "broken.mp4").write_text("no video")
    assert highlights(*command, tmp_path / "broken.mp4").returncode == 1


@pytest.mark.slow
def test_the_chapters_of_a_recording_run_as_one_match_and_the_run_says_so(put: Put, tmp_path: Path) -> None:
    card, out = tmp_path / "card", tmp_path / "out"
    first, second = put(card / "GH010001.MP4"), put(card / "GH020001.MP4", 1)
    (card / "._GH010001.MP4").write_bytes(b"\0\5\x16\7")
    done = highlights("batch", card, "--out", out, "--reel", "none")
    assert done.returncode == 0, done.stderr
    joined, left_out, *_ = done.stderr.splitlines()
    assert joined.startswith(f"Note: GH010001: {first} + {second} are taken for 2 chapters of a GoPro's recording; --join none")
    assert left_out == f"Note: 1 video left out: {card / '._GH010001.MP4'} (written by macOS beside a file)"
    recording = json.loads((out / "GH010001" / "timeline.json").read_text())["recording"]
    assert [part["start_s"] for part in recording["parts"]] == [0.0, 3.0]


@pytest.mark.slow
def test_a_killed_process_fails_only_its_own_match(season: Path, tmp_path: Path) -> None:
    out = tmp_path / "results"
    command = [
        sys.executable,
        "-u",
        "-m",
        "highlights",
        "batch",
        str(season),
        "--out",
        str(out),
        "--reel",
        "none",
        "--jobs",
        "1",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as batch:
        assert batch.stderr is not None
        assert any("final: running" in line for line in batch.stderr)
        while not (children := _workers(batch.pid)):
            assert batch.poll() is None
        os.kill(children[0], signal.SIGKILL)
        told = batch.communicate()[0]
    assert batch.returncode == 1
    assert "killed by signal 9" in told
    assert (out / "Ä match" / "report.html").is_file()
    assert not (out / "final" / "timeline.json").exists()


def _workers(parent: int) -> list[int]:
    """The processes of matches that a batch has running."""
    listed = subprocess.run(["ps", "-axww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(maxsplit=2) for line in listed.splitlines()]
    watched = {parent, *(int(pid) for pid, ppid, _ in rows if int(ppid) == parent)}  # the command itself, on Linux
    return [int(pid) for pid, ppid, args in rows if int(ppid) in watched and "spawn_main" in args]


def test_names_on_the_summary_page_are_escaped(tmp_path: Path) -> None:
    match = Match("<img src=x onerror=alert(1)>", (str(tmp_path / "a.mp4"),), "soccer")
    told = [Told(match, "failed", error="<script>"), Told(match, "done", events={"<b>Goal": 2})]
    write_summary(told, (), str(tmp_path))
    page = (tmp_path / "index.html").read_text()
    assert "<img" not in page
    assert "<script" not in page
    assert "&lt;b&gt;Goal" in page


def test_every_name_that_the_package_exports_exists() -> None:
    from highlights import batch

    assert all(getattr(batch, name) is not None for name in batch.__all__)
    with pytest.raises(AttributeError, match="no attribute 'run_season'"):
        batch.run_season  # noqa: B018
