"""A run stores nothing outside its results and its cache, and sends nothing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.places import ROOT

NETWORK = re.compile(r"\bAF_(?!UNIX|LOCAL|UNSPEC)\w+")


def run_in_empty_home(tmp_path: Path, match: Path, *before: str) -> Path:
    """The home folder, initially empty, after a run with a reel."""
    home = tmp_path / "home"
    home.mkdir()
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [*before, sys.executable, "-m", "highlights", "run", str(match), "--out", str(tmp_path / "out")]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "reel.mp4").is_file()
    return home


def test_a_run_stores_nothing_outside_its_cache_and_its_results(tmp_path: Path, small_match: Path) -> None:
    home = run_in_empty_home(tmp_path, small_match)
    stored = {file.relative_to(home).parent.as_posix() for file in home.rglob("*") if file.is_file()}
    assert stored == {".cache/highlights"}


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace, which also sees native libraries")
def test_a_run_opens_no_socket(tmp_path: Path, small_match: Path) -> None:
    trace = tmp_path / "trace"
    run_in_empty_home(tmp_path, small_match, "strace", "-f", "--seccomp-bpf", "-e", "trace=%network", "-o", str(trace))
    assert not [line for line in trace.read_text(errors="replace").splitlines() if NETWORK.search(line)]


@pytest.mark.parametrize("variable", ["ORT_DISABLE_TELEMETRY", "RAY_USAGE_STATS_ENABLED", "HF_HUB_DISABLE_TELEMETRY"])
def test_usage_reports_of_libraries_are_switched_off_before_they_are_loaded(variable: str) -> None:
    loaded = "{'onnxruntime', 'ray', 'huggingface_hub'} & {*sys.modules}"
    code = f"import highlights, os, sys; print(os.environ['{variable}'], *({loaded}))"
    environment = {name: value for name, value in os.environ.items() if name != variable}
    done = subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0" if variable == "RAY_USAGE_STATS_ENABLED" else "1"]
