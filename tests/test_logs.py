"""The log that a user can send: what it contains, and what it must not contain."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.commands import highlights


def test_nothing_is_logged_unless_asked_for(tmp_path: Path) -> None:
    done = highlights("profiles", "check", "soccer")
    assert done.returncode == 0
    assert not done.stderr


def test_verbose_prints_the_steps_of_a_run_to_stderr(tmp_path: Path, small_match: Path) -> None:
    done = highlights("run", small_match, "--out", tmp_path / "out", "--reel", "copy", "--verbose", "--json")
    assert done.returncode == 0
    assert done.stdout.startswith("{")
    for step in (
        "highlights.cli.group: highlights ",
        "finding the score graphic",
        "1 events",
        "cutting 1 clips: copy",
        "wrote ",
    ):
        assert step in done.stderr


def test_a_log_file_is_appended_to_and_names_each_module(tmp_path: Path, small_match: Path) -> None:
    log = tmp_path / "log.txt"
    log.write_text("earlier\n")
    assert highlights("scenes", small_match, "--log-file", log).returncode == 0
    assert not highlights("scenes", small_match).stderr
    first, *lines = log.read_text().splitlines()
    assert first == "earlier"
    assert lines
    assert all(re.match(r"\d{4}-\d\d-\d\d [\d:,]+ \d+ (INFO|DEBUG) highlights\.[a-z_.]+: ", line) for line in lines)


def test_a_failed_command_writes_its_traceback_only_to_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    done = highlights("run", tmp_path / "none.mp4", "--log-file", log)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "RecordingError" in log.read_text()


def test_a_batch_logs_what_its_processes_do(tmp_path: Path, small_match: Path) -> None:
    log = tmp_path / "log.txt"
    done = highlights("batch", small_match, "--out", tmp_path / "out", "--reel", "none", "--log-file", log)
    assert done.returncode == 0, done.stderr
    processes = {line.split()[2] for line in log.read_text().splitlines()}
    assert len(processes) == 2
    assert "match: started" in log.read_text()


def test_passwords_and_signatures_are_not_logged(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    highlights("batch", "https://me:secret@localhost:1/final.mp4?X-Amz-Signature=1f", "--out", tmp_path, "--log-file", log)
    assert "https://localhost:1/final.mp4" in log.read_text()
    assert "secret" not in log.read_text()
    assert "Signature" not in log.read_text()


def test_a_log_file_that_cannot_be_written_is_reported_first(tmp_path: Path) -> None:
    done = highlights("profiles", "list", "--log-file", tmp_path / "absent" / "log.txt")
    assert done.returncode == 1
    assert "the log cannot be written" in done.stderr
    assert not done.stdout
