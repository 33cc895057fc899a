"""The command runs in a process of its own that this one watches, so that its death is an error message, not a bare signal.

    this process ──fork──► the command
       waits     ◄─────── a page of shared memory: the file that was opened last, and when the work last went on

A file of a stranger may crash a decoder, or make it run forever; then Ctrl-C alone would not end it either. Forking takes a few
milliseconds, as nothing is loaded yet. Only on Linux: elsewhere the command runs in this process.
"""

from __future__ import annotations

import mmap
import os
import signal
import struct
import sys
import time
from contextlib import suppress

_HEAD = struct.Struct("d?H")
"""When the work last went on, on the monotonic clock (0: it has not begun, or is done), whether the command has received a
request to end, and the length of the file's name."""
_LOOK_S = 1.0
_TIME_TO_ARRIVE_S = 0.2
"""A request that was sent to all processes of a service or a group arrives at the command itself in this time."""
_TIME_TO_END_S = 20.0
"""How long a command may clean up after it was asked to end."""
STALLED = "HIGHLIGHTS_MAX_STALL_MINUTES"
_STALLED_MIN = 60.0
"""Work that does not go on for so long is ended. A model on a slow machine needs minutes for one window."""
_CRASHES = {"SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGABRT", "SIGTRAP", "SIGSYS"}
_REQUESTS = {
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
}  # Windows has no SIGHUP

_pages: list[mmap.mmap] = []
"""The page that this process shares with the one that watches it, if one does."""


def supervise() -> None:
    """Return in a new process, which ends when this one does; this one waits for it and ends as it did."""
    if not sys.platform.startswith("linux"):
        return
    page = mmap.mmap(-1, mmap.PAGESIZE)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _REQUESTS | {signal.SIGCHLD})
    watching = os.getpid()
    command = os.fork()
    if not command:
        _end_with_parent(watching)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        _pages.append(page)
        return
    os._exit(_code(_wait(command, page), _file(page)))


def is_apart() -> bool:
    """Whether this process does one command or one match and then ends, so that it can give up rights for good."""
    started = sys.modules.get("multiprocessing.process")  # takes 20 ms to load, and a child of it has loaded it
    return bool(_pages) or bool(started and started.parent_process())


def note_file(name: str) -> None:
    """Note which file is being read; if this process dies, the message names it."""
    for page in _pages:
        told = os.fsencode(name)[: mmap.PAGESIZE - _HEAD.size]
        page[_HEAD.size : _HEAD.size + len(told)] = told
        page[: _HEAD.size] = _HEAD.pack(*_HEAD.unpack_from(page)[:2], len(told))


def note_progress(*, done: bool = False) -> None:
    """Note that work goes on, or that it is done."""
    for page in _pages:
        page[:8] = struct.pack("d", 0.0 if done else time.monotonic())


def note_request() -> None:
    """Note that a request to end has arrived here, so that the one that watches does not pass it on again."""
    for page in _pages:
        page[8] = 1


def _end_with_parent(parent: int) -> None:
    import ctypes

    with suppress(OSError, AttributeError):  # another C library: then a kill of the parent leaves this process
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(128 + signal.SIGKILL)


def _wait(command: int, page: mmap.mmap) -> int | str:
    """The exit status of the command, as `os.waitpid` gives it, or why it was ended."""
    asked_s, number = float("inf"), 0
    last_s, still_s = 0.0, 0.0  # counted, not read off a clock: a command that was stopped by Ctrl-Z is not stuck
    while True:
        ended, status = os.waitpid(command, os.WNOHANG)
        if ended:
            return status
        if time.monotonic() > asked_s + _TIME_TO_END_S:
            return _killed(command, "it did not end when asked to")
        if still_s > 60 * _patience_min():
            return _killed(command, f"nothing was read for {_patience_min():g} minutes")
        if number and time.monotonic() > asked_s + _TIME_TO_ARRIVE_S:
            if not _HEAD.unpack_from(page)[1]:  # it was sent to this process alone
                with suppress(ProcessLookupError):
                    os.kill(command, number)
            number = 0
        received = signal.sigtimedwait(_REQUESTS | {signal.SIGCHLD}, _TIME_TO_ARRIVE_S if number else _LOOK_S)
        if received is None:
            before_s, last_s = last_s, _HEAD.unpack_from(page)[0]
            still_s = still_s + _LOOK_S if last_s and last_s == before_s else 0.0
            continue
        if received.si_signo == signal.SIGCHLD:
            continue
        asked_s = min(asked_s, time.monotonic())
        if received.si_code <= 0:  # sent by a process; a terminal sends Ctrl-C to both processes
            number = received.si_signo


def _killed(command: int, why: str) -> str:
    os.kill(command, signal.SIGKILL)
    os.waitpid(command, 0)
    return why


def _patience_min() -> float:
    try:
        minutes = float(os.environ.get(STALLED, ""))
    except ValueError:
        return _STALLED_MIN
    return minutes if minutes > 0 else _STALLED_MIN


def _file(page: mmap.mmap) -> str:
    length = _HEAD.unpack_from(page)[2]
    return os.fsdecode(page[_HEAD.size : _HEAD.size + length])


def _code(how: int | str, file: str) -> int:
    """The exit code for a command that ended, after a message if it did not end by itself."""
    if isinstance(how, str):
        _say(file, f"its process was ended, because {how}")
        return 1
    code = os.waitstatus_to_exitcode(how)
    if code >= 0:
        return code
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    if name in _CRASHES:
        _say(file, f"the process that reads it crashed ({name}): it is damaged, or made to break a decoder; convert it first")
        return 1
    if name == "SIGKILL":
        _say(file, f"the process that reads it was killed ({name}), perhaps because memory ran out; end other programs")
        return 1
    return 128 - code


def _say(file: str, problem: str) -> None:
    with suppress(OSError):  # nobody listens
        text = f"\nError: {file}: {problem}\n" if file else f"\nError: {problem.replace('that reads it ', '')}\n"
        os.write(2, text.encode("utf-8", "replace"))
