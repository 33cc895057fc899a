"""What is printed, where the terminal lacks characters, stdout is full or closed, or a file name is no text."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commands import COMMAND, OnTerminal, after, highlights
from tests.support.drawing import Look, draw_video

pytestmark = pytest.mark.skipif(os.name != "posix", reason="locales and descriptors of POSIX systems")

NAME = "Łódź – 日本.mp4"
ENCODINGS = (
    {"PYTHONIOENCODING": "ascii"},
    {"PYTHONIOENCODING": "cp1252"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
)


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of video."""
    return draw_video(tmp_path_factory.mktemp("short") / "short.mp4", duration_s=2, rate=5, look=Look(size=(192, 108)))


def printed_by(folder: Path, video: Path, env: dict[str, str]) -> list[subprocess.CompletedProcess[str]]:
    """What the commands print about a recording, its timeline and a missing file, all with names beyond ASCII."""
    out = folder / "résultats 日"
    commands: list[list[Path | str]] = [
        ["run", video, "--out", out, "--reel", "none"],
        ["run", video, "--out", out, "--reel", "none", "--json"],
        ["scenes", video],
        ["cache", "list", "--json"],
        ["export", out / "timeline.json", "--to", "losslesscut", "--out", out / "日.llc"],
        ["reel", out / "timeline.json", "--preset", "日"],
        ["batch", video, "--out", folder / "b 日", "--reel", "none"],
    ]
    done = [highlights(*command, env=env) for command in commands]
    missing = highlights("run", folder / "日.mp4", "--日", env=env)
    assert missing.returncode == 2
    return [*done, missing]


@pytest.mark.parametrize(
    "env", [ENCODINGS[0], *(pytest.param(env, marks=pytest.mark.long) for env in ENCODINGS[1:])], ids=["ascii", "cp1252", "C"]
)
def test_characters_that_cannot_be_printed_are_replaced(env: dict[str, str], short: Path, tmp_path: Path) -> None:
    video = tmp_path / NAME
    video.write_bytes(short.read_bytes())
    done = printed_by(tmp_path, video, env)
    assert [one.returncode for one in done] == [0, 0, 0, 0, 0, 1, 0, 2], [one.stderr for one in done]
    for one in done:
        assert "Traceback" not in one.stdout + one.stderr
    for one in (done[1], done[3]):
        assert one.stdout.isascii()
        assert "?" not in one.stdout
    assert json.loads(done[1].stdout)["files"]
    text = (tmp_path / "résultats 日" / "timeline.json").read_text(encoding="utf-8")
    assert f'"../{NAME}"' in text


def test_the_progress_bars_of_an_ascii_terminal_are_ascii(short: Path, tmp_path: Path) -> None:
    video = tmp_path / NAME
    video.write_bytes(short.read_bytes())
    for command in (["run", video, "--out", tmp_path / "out"], ["batch", video, "--out", tmp_path / "many"]):
        terminal = OnTerminal(*command, env={"PYTHONIOENCODING": "ascii"})
        assert terminal.end() == 0
        assert terminal.said.isascii()
        assert "100%" in terminal.said


def test_a_recording_whose_name_is_not_text_is_run_and_exported(short: Path, tmp_path: Path) -> None:
    video = tmp_path / "b\udcff\udce9d.mp4"
    try:
        video.write_bytes(short.read_bytes())
    except OSError:
        pytest.skip("file names are text here")
    out = tmp_path / "out\udcff"
    assert highlights("run", video, "--out", out, "--reel", "none").returncode == 0
    assert highlights("run", video, "--out", out, "--reel", "none", "--json").returncode == 0  # from the cache
    assert '"../b??d.mp4"' in (out / "timeline.json").read_text(encoding="utf-8")
    done = highlights("batch", video, "--out", tmp_path / "many", "--reel", "none")
    assert done.returncode == 0, done.stderr
    assert 'href="b%FF%E9d/report.html"' in (tmp_path / "many" / "index.html").read_text(encoding="utf-8", errors="replace")


SHORT = (("--help",), ("run", "--help"), ("--version",), ("profiles", "list"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("command", SHORT, ids=" ".join)
def test_what_cannot_be_printed_is_one_error(command: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = highlights(*command, stdout=full)
    assert done.returncode == 1
    assert done.stderr == "Error: the output cannot be printed: No space left on device\n"


@pytest.mark.parametrize("command", SHORT, ids=" ".join)
def test_closed_streams_are_not_written_to(command: tuple[str, ...]) -> None:
    closed = after("os.closerange(0, 3)", [*COMMAND, *command])
    done = subprocess.run(closed, check=False, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    assert done.returncode == 0


def test_no_file_takes_the_place_of_a_closed_stdout(short: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = after("os.closerange(0, 3)", [*COMMAND, "run", str(short), "--out", str(out), "--reel", "none"])
    assert subprocess.run(command, check=False).returncode == 0
    assert json.loads((out / "timeline.json").read_text())["version"] == 1


STARTS = """
import builtins, os, runpy, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
load, moment = builtins.__import__, sys.argv.pop(1)
def interrupted(name, *rest, **more):
    if name == moment:
        os.kill(os.getpid(), signal.SIGINT)
    return load(name, *rest, **more)
builtins.__import__ = interrupted
runpy.run_module("highlights", run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize("module", ["click", "highlights.cli.group", "highlights.profile", "yaml"])
def test_ctrl_c_while_modules_are_loaded_is_quiet(module: str) -> None:
    command = [sys.executable, "-c", STARTS, module, "profiles", "list"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 130
    assert done.stderr in ("", "Stopped; earlier results are unchanged.\n")
