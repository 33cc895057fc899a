"""Whole runs on a recording that others have read, are reading, or were killed while they read it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

RUN = "import sys; from highlights.cli.main import main; main(sys.argv[1:])"
READERS = ("highlights.analysis.reading", "scenedetect", "onnxruntime", "moviepy", "highlights.finders.vlm")
NEEDLESS = (*READERS, "av", "cv2", "PIL")
WITHOUT_READER = f"import sys; sys.modules |= dict.fromkeys({NEEDLESS}); {RUN}"
"""A run that cannot even open a recording, for these cannot be imported: what it is to know must be kept."""
WITHOUT_ANALYSIS = WITHOUT_READER.replace(str(NEEDLESS), str(READERS))
KILLED = f"""
import os, sys
event, about, left = sys.argv[1], sys.argv[2], int(sys.argv[3])
del sys.argv[1:4]

def look(now, what):
    global left
    if now == event and about in map(str, what):
        left -= 1
        if not left:
            os.kill(os.getpid(), 9)

sys.addaudithook(look)
{RUN}
"""
"""A run that is killed as something is about to happen to a file, counted: an event that Python tells its auditors."""


def started(code: str, match: Path, out: Path, cache: Path, *more: str, before: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *before, "run", str(match), "--reel", "none", "--out", str(out), *more]
    known = os.environ | {"HIGHLIGHTS_CACHE": str(cache)}
    return subprocess.Popen(command, env=known, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(run: subprocess.Popen[str]) -> str:
    """What a run said that must have ended well."""
    said, complaints = run.communicate()
    assert run.returncode == 0, complaints
    return said


@pytest.fixture(scope="module")
def known(small_match: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the results of a run that nothing disturbed, in `out`, and what it kept, in `cache`."""
    folder = tmp_path_factory.mktemp("known")
    ended(started(RUN, small_match, folder / "out", folder / "cache"))
    return folder


def test_a_run_with_an_empty_cache_reads_the_recording(small_match, tmp_path):
    for code, reader in ((WITHOUT_READER, "av"), (WITHOUT_ANALYSIS, "highlights.analysis.reading")):
        run = started(code, small_match, tmp_path / "out", tmp_path / "cache")
        assert f"import of {reader} halted" in run.communicate()[1]
        assert run.returncode == 1


def test_a_second_run_reads_nothing_and_writes_the_same(small_match, known):
    ended(started(WITHOUT_READER, small_match, known / "again", known / "cache"))
    for name in ("timeline.json", "timeline.csv", "report.html"):
        assert (known / "again" / name).read_bytes() == (known / "out" / name).read_bytes()


def test_with_another_profile_only_the_scoring_is_redone(small_match, known):
    profile = known / "longer.yaml"
    profile.write_text("extends: soccer\nevents:\n  - name: goal\n    pre_roll_s: 3\n    post_roll_s: 5\n")
    ended(started(WITHOUT_READER, small_match, known / "longer", known / "cache", "--sport", str(profile)))
    before, after = (json.loads((known / name / "timeline.json").read_text()) for name in ("out", "longer"))
    assert len(after["events"]) == len(before["events"]) == 1
    assert after["scenes"] == before["scenes"]
    assert after["clips"] != before["clips"]


def test_a_run_reports_an_unwritable_cache_and_succeeds(small_match, known):
    (known / "in the way").write_text("no folder")
    run = started(RUN, small_match, known / "forgotten", known / "in the way")
    assert "known.sqlite: File exists; nothing is cached for the next run" in run.communicate()[1]
    assert run.returncode == 0
    assert (known / "forgotten" / "timeline.json").read_bytes() == (known / "out" / "timeline.json").read_bytes()


@pytest.mark.slow
def test_two_runs_at_once_give_the_same_result_and_a_third_reads_nothing(small_match, known):
    cache = known / "both"
    both = [started(RUN, small_match, known / name, cache) for name in ("first", "second")]
    for run in both:
        ended(run)
    ended(started(WITHOUT_READER, small_match, known / "third", cache))
    whole = (known / "out" / "timeline.json").read_bytes()
    assert all((known / name / "timeline.json").read_bytes() == whole for name in ("first", "second", "third"))


@pytest.mark.long
def test_a_run_that_was_killed_repeatedly_gives_the_same_result_as_an_undisturbed_one(small_match, known):
    out, cache = known / "killed", known / "killed cache"
    store = ("sqlite3.connect", str(cache / "known.sqlite"))
    moments = {
        "before anything is known": (*store, "1"),
        "before its content is read": ("open", str(small_match), "1"),
        "before its content is kept": (*store, "3"),
        "after it was read, before that is kept": (*store, "4"),  # while it is read nothing is written
        "before its length and tracks are kept": (*store, "5"),
        "before the first result is in its place": ("os.rename", str(out / "report.html"), "1"),
        "before the last result is in its place": ("os.rename", str(out / "timeline.json"), "1"),
    }
    for moment, before in moments.items():
        run = started(KILLED, small_match, out, cache, before=before)
        complaints = run.communicate()[1]
        assert run.returncode == -signal.SIGKILL, f"not killed {moment}: {complaints}"
    ended(started(WITHOUT_READER, small_match, out, cache))
    for name in ("timeline.json", "timeline.csv", "report.html"):
        assert (out / name).read_bytes() == (known / "out" / name).read_bytes()
