"""Differences between operating systems; Windows by its rules, because no test runs there."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from highlights import systems
from highlights.errors import OutputError
from highlights.media.aside import output_error
from tests.support.places import ROOT

UNIX_ALONE = """
import os, signal, sys
import multiprocessing, platform, platformdirs, subprocess, tempfile  # they have ways of their own on Windows
for module, names in ((signal, ("SIGHUP", "SIGKILL", "SIGPIPE", "SIGALRM", "pthread_sigmask")),
                      (os, ("fork", "getuid", "geteuid", "getpgid", "killpg", "setsid", "mkfifo", "statvfs"))):
    for name in names:
        delattr(module, name)
for name in ("fcntl", "resource", "pwd", "grp", "termios", "pty"):
    sys.modules[name] = None
from highlights.cli.main import main
main(sys.argv[1:])
"""


def without_unix(*arguments: Path | str) -> subprocess.CompletedProcess[str]:
    """The command in a Python that lacks what only Unix has."""
    command = [sys.executable, "-c", UNIX_ALONE, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("command", ["--help", "run --help", "profiles list", "profiles check soccer", "cache list"])
def test_a_command_needs_nothing_that_only_unix_has(command: str) -> None:
    done = without_unix(*command.split())
    assert done.returncode == 0, done.stderr


def test_a_run_needs_nothing_that_only_unix_has(tmp_path: Path, small_match: Path) -> None:
    done = without_unix("run", small_match, "--out", tmp_path / "out", "--reel", "copy")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "reel.mp4").is_file()


@pytest.mark.parametrize(
    ("name", "on_windows"),
    [
        ("final", "final"),
        ("AUX", "_AUX"),
        ("nul.first half", "_nul.first half"),
        ("com1", "_com1"),
        ("communication", "communication"),
        ("a<b>c:d?e*f|g", "a_b_c_d_e_f_g"),
        ("ends with a dot.", "ends with a dot"),
        ("...", "_"),
        ("é ü 決勝", "é ü 決勝"),
    ],
)
def test_names_are_made_valid_for_windows_and_kept_elsewhere(name: str, on_windows: str) -> None:
    assert systems.to_file_name(name, windows=True) == on_windows
    assert systems.to_file_name(name, windows=False) == name
    assert systems.is_file_name(on_windows, windows=True)
    assert systems.is_file_name(name, windows=True) == (name == on_windows)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\0b"])
def test_a_path_is_not_accepted_as_a_file_name_on_any_system(name: str) -> None:
    assert not systems.is_file_name(name, windows=False)
    assert not systems.is_file_name(name, windows=True)


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("results/final/timeline.json", "final"),
        ("s3://season/results/final/timeline.json", "final"),
        (r"D:\results\final\timeline.json", "final"),
        ("D:/results/final/timeline.json", "final"),
        (r"\\server\share\final\timeline.json", "final"),
    ],
)
def test_the_folder_of_a_result_is_named_on_every_system(place: str, name: str) -> None:
    assert systems.folder_name(place) == name


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("file:///home/a b.mp4", "/home/a b.mp4"),
        ("file://localhost/home/a.mp4", "/home/a.mp4"),
        ("file:///C:/match.mp4", "C:/match.mp4"),
        ("file://localhost/c:/match.mp4", "c:/match.mp4"),
    ],
)
def test_file_urls_keep_their_drive(url: str, path: str) -> None:
    assert systems.path_of_file_url(url) == path


def test_a_child_process_gets_its_own_process_group_on_every_system() -> None:
    assert systems.own_process_group(windows=True) == {"creationflags": 0x200}
    assert systems.own_process_group(windows=False) == {"process_group": 0}


def test_a_running_process_is_distinguished_from_an_ended_one() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert systems.is_running(os.getpid())
    assert not systems.is_running(ended.pid)
    if sys.platform.startswith("linux"):  # where an ended process that nobody waited for is told from a running one
        waiting = subprocess.Popen([sys.executable, "-c", ""])
        os.waitid(os.P_PID, waiting.pid, os.WEXITED | os.WNOWAIT)
        assert not systems.is_running(waiting.pid)
        waiting.wait()


def test_a_file_open_in_another_program_is_reported(tmp_path: Path) -> None:
    error = PermissionError(13, "The process cannot access the file")
    error.winerror = 32  # type: ignore[attr-defined]  # as Windows sets it
    assert str(output_error(tmp_path / "reel.mp4", error)).endswith("close it there, or choose another folder with --out")
    assert isinstance(output_error(tmp_path / "reel.mp4", PermissionError(13, "no")), OutputError)


def test_output_that_a_console_cannot_show_does_not_stop_a_command(tmp_path: Path, small_match: Path) -> None:
    named = tmp_path / "決勝 → finale.mp4"
    named.symlink_to(small_match)
    command = [sys.executable, "-m", "highlights", "scenes", str(named)]
    environment = os.environ | {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode("cp1252")
    assert b"?? ? finale.mp4" in done.stdout


@pytest.mark.parametrize(("windows", "typed"), [(False, "highlights run 'a b.mp4'"), (True, 'highlights run "a b.mp4"')])
def test_a_command_is_shown_as_it_is_typed_there(windows: bool, typed: str) -> None:
    assert systems.command_line(["highlights", "run", "a b.mp4"], windows=windows) == typed


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is measured in /proc")
def test_memory_that_other_threads_freed_is_returned() -> None:
    def held_mb() -> float:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6

    def last_of_many() -> bytearray:
        return [bytearray(b"x" * 60_000) for _ in range(3000)][-1]  # it stays at the end of what the thread has freed

    with ThreadPoolExecutor(1) as pool:
        last = pool.submit(last_of_many).result()
    before_mb = held_mb()
    systems.return_freed_memory()
    assert held_mb() < before_mb - 100
    assert len(last) == 60_000
