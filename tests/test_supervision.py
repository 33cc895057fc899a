"""The process that watches a command, as its user sees it."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.commands import LISTENING, after
from tests.support.drawing import draw_video

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="commands are watched on Linux only")

START = """
import os, signal, sys, time
from highlights.__main__ import start
from highlights.media import probe

def broken(*_):
    print(os.getpid(), flush=True)
    {ending}

probe._first_picture = broken
start()
"""


def scenes(video: Path, ending: str, **environment: str) -> subprocess.Popen[str]:
    """The command `scenes`, whose process does `ending` while it reads the recording, and prints its number before that."""
    command = after(LISTENING, [sys.executable, "-c", START.format(ending=ending), "scenes", str(video)])
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | environment, start_new_session=True
    )


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_video(tmp_path_factory.mktemp("watched") / "final.mp4", duration_s=1)


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (signal.SIGSEGV, "the process that reads it crashed (SIGSEGV): it is damaged, or made to break a decoder"),
        (signal.SIGKILL, "the process that reads it was killed (SIGKILL), perhaps because memory ran out"),
    ],
)
def test_the_death_of_the_process_that_reads_is_one_error_that_names_the_file(
    number: signal.Signals, told: str, video: Path
) -> None:
    with scenes(video, f"os.kill(os.getpid(), {int(number)})") as run:
        told_all = run.communicate()[1]
    assert run.returncode == 1
    assert told_all.strip().startswith(f"Error: {video}: {told}")
    assert told_all.strip().count("\n") == 0


def test_a_process_that_makes_no_progress_is_ended(video: Path) -> None:
    stuck = "from highlights.supervision import note_progress; note_progress(); signal.pause()"
    with scenes(video, stuck, HIGHLIGHTS_MAX_STALL_MINUTES="0.01") as run:
        told = run.communicate()[1]
    assert run.returncode == 1
    assert told.strip() == f"Error: {video}: its process was ended, because nothing was read for 0.01 minutes"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_request_to_end_reaches_the_command_through_the_process_that_watches_it(number: signal.Signals, video: Path) -> None:
    with scenes(video, "time.sleep(600)") as run:
        assert run.stdout is not None
        reads = int(run.stdout.readline())
        assert reads != run.pid
        run.send_signal(number)
        told = run.communicate()[1]
    assert run.returncode == 128 + number
    assert "Traceback" not in told


def test_ctrl_c_in_a_terminal_reaches_the_command_once(video: Path) -> None:
    """A terminal sends it to both processes, with the code of the kernel: it must not be forwarded as a second one."""
    counting = (
        "signal.pthread_sigmask(signal.SIG_BLOCK, {2}); print(flush=True); signal.sigwait({2});"
        "os._exit(8 if signal.sigtimedwait({2}, 1.0) else 7)"
    )
    ours, theirs = pty.openpty()
    code = START.format(ending=counting).replace("import os,", "import fcntl, termios, os,", 1)
    code = code.replace("start()\n", "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\nstart()\n")
    command = [sys.executable, "-c", code, "scenes", str(video)]
    with subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, text=True, start_new_session=True) as run:
        assert run.stdout is not None
        run.stdout.readline()
        run.stdout.readline()
        os.write(ours, b"\x03")
    os.close(ours)
    os.close(theirs)
    assert run.returncode == 7


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_request_to_all_processes_of_a_service_reaches_the_command_once(number: signal.Signals, video: Path) -> None:
    cleaning_up = "from highlights.cli import interrupts; interrupts.install(); 1\n    try: print(flush=True); time.sleep(600)"
    code = f"{cleaning_up}\n    finally: print('cleaned up' if not signal.sigtimedwait({{{int(number)}}}, 1.0) else 'again')"
    with scenes(video, f"signal.pthread_sigmask(signal.SIG_UNBLOCK, {{{int(number)}}}); {code}") as run:
        assert run.stdout is not None
        run.stdout.readline()
        run.stdout.readline()
        os.killpg(run.pid, number)
        told = run.stdout.read()
    assert (told.split("\n")[0], run.returncode) == ("cleaned up", 128 + number)


def test_the_command_ends_with_the_process_that_watches_it(video: Path) -> None:
    with scenes(video, "time.sleep(600)") as run:
        assert run.stdout is not None
        reads = int(run.stdout.readline())
        run.kill()
        run.wait()
        until_s = time.monotonic() + 10
        while Path(f"/proc/{reads}").exists() and Path(f"/proc/{reads}/stat").read_text().split()[2] != "Z":
            assert time.monotonic() < until_s
