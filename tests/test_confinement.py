"""What a process that reads a stranger's file can still do: tried from where a decoder would run a stranger's code."""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from highlights import confinement
from highlights.errors import HighlightsError
from tests.support.drawing import draw_video

HOSTILE = """
import os, socket, subprocess
from highlights.__main__ import start
from highlights.media import probe

decoded = probe._first_picture

def told(what, deed):
    try:
        deed()
        print(what, "done")
    except (OSError, MemoryError, subprocess.CalledProcessError):
        print(what, "refused")

def hostile(path, *more):
    home = os.environ["HOME"]
    told("new file", lambda: open(home + "/evil", "w"))
    told("changed recording", lambda: open(path, "r+b"))
    told("removed recording", lambda: os.remove(path))
    told("child", lambda: subprocess.run(["touch", home + "/evil"], check=True, stderr=subprocess.DEVNULL))
    told("listening", lambda: socket.create_server(("127.0.0.1", 0)))
    told("connection", lambda: socket.create_connection(("127.0.0.1", int(os.environ["PORT"]))))
    told("memory", lambda: bytearray(3 << 30))
    return decoded(path, *more)

probe._first_picture = hostile
start()
"""


@pytest.mark.skipif(confinement.version() < 4, reason="needs Landlock with rules for connections (Linux 6.7)")
def test_code_that_runs_while_a_recording_is_read_writes_nothing_elsewhere_and_connects_to_nobody(tmp_path: Path) -> None:
    home, results = tmp_path / "home", tmp_path / "results"
    for folder in (home, results, tmp_path / "tmp"):
        folder.mkdir()
    video = draw_video(home / "final.mp4", duration_s=2)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        done = subprocess.run(
            [sys.executable, "-c", HOSTILE, "run", video, "--out", results / "final", "--reel", "none"],
            env=os.environ
            | {
                "HOME": str(home),
                "PORT": str(listening.getsockname()[1]),
                "TMPDIR": str(tmp_path / "tmp"),
                "HIGHLIGHTS_CACHE": str(tmp_path / "cache"),
                "HIGHLIGHTS_MAX_MEMORY_GB": "2",
            },
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    deeds = ("new file", "changed recording", "removed recording", "child", "listening", "connection", "memory")
    assert [line for line in done.stdout.splitlines() if line.endswith(("done", "refused"))] == [
        f"{deed} refused" for deed in deeds
    ]
    assert [file.name for file in home.iterdir()] == ["final.mp4"]
    assert (results / "final" / "timeline.json").is_file()
    assert (tmp_path / "cache").is_dir()


def test_the_limit_of_memory_is_what_the_machine_has_unless_another_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import resource; from highlights.confinement import limit_memory; limit_memory(); print(*resource.getrlimit({}))"
    limits = [
        subprocess.run([sys.executable, "-c", code.format(kind)], capture_output=True, text=True, check=True).stdout.split()[0]
        for kind in (f"{resource.RLIMIT_DATA}", f"{resource.RLIMIT_CORE}")
    ]
    assert limits == [str(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")), "0"]
    monkeypatch.setenv(confinement.MEMORY, "none")
    with pytest.raises(HighlightsError, match=f"{confinement.MEMORY}=none: must be a number of gigabytes"):
        confinement.limit_memory()
