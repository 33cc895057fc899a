"""What a process that reads a stranger's file may still do: no new connections, and writing to a few folders only.

A decoder that is made to run a stranger's code runs it with all rights of the person. So before the file is opened the process
gives up what it does not need: on Linux by Landlock (5.13 and later; connections by TCP from 6.7), on all systems but Windows a
limit of its memory, and no dump of it. Processes that it starts later, such as ffmpeg, are confined likewise.

The package `landlock` on PyPI is a development version without rules for connections.

Source: the kernel's documentation of Landlock (userspace-api/landlock) and its header <linux/landlock.h>.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from tempfile import gettempdir

from highlights.errors import HighlightsError

MEMORY = "HIGHLIGHTS_MAX_MEMORY_GB"
"""Environment variable with the most memory that a process may use; by default what the machine has."""

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION, _PATH_BENEATH, _NO_NEW_PRIVILEGES = 1, 1, 38
_WRITE_FILE, _TRUNCATE = 1 << 1, 1 << 14
_MAKE_AND_REMOVE = sum(1 << bit for bit in range(4, 13))
_REMOVE_FOLDER = 1 << 4
_MOVE = 1 << 13
_TCP = 0b11
"""Rights that are handled, i.e. taken away unless a rule gives them back: bind and connect."""
_DEVICES = ("/dev/null", "/dev/tty")


class _Rules(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64), ("network", ctypes.c_uint64)]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = [("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32)]


def version() -> int:
    """The version of Landlock that this system has; 0 if none."""
    if not sys.platform.startswith("linux"):
        return 0
    return max(0, int(_libc().syscall(_CREATE_RULESET, None, 0, _ASK_VERSION)))


def confine(places: Iterable[Path], parents: Iterable[Path] = ()) -> None:
    """Let this process write only below the folders `places`, and temporary files; it connects to nobody.

    Below `parents` it may remove empty folders. To be called before other threads are started: it holds for this thread and
    those that it starts.

    Raises:
        HighlightsError: the limit of memory in the environment is invalid.
    """
    limit_memory()
    known = version()
    if not known:
        return
    files = _WRITE_FILE | _MAKE_AND_REMOVE | (_MOVE if known >= 2 else 0) | (_TRUNCATE if known >= 3 else 0)
    rules = _Rules(files, _TCP if known >= 4 else 0)
    ruleset = _libc().syscall(_CREATE_RULESET, ctypes.byref(rules), ctypes.sizeof(rules) if known >= 4 else 8, 0)
    if ruleset < 0:
        return
    try:
        for place in (*places, Path(gettempdir())):
            _allow(ruleset, place, files)
        for parent in parents:
            _allow(ruleset, parent, _REMOVE_FOLDER)
        for device in _DEVICES:
            _allow(ruleset, Path(device), files & (_WRITE_FILE | _TRUNCATE))
        _libc().prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        _libc().syscall(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def limit_memory() -> None:
    """Limit this process to the memory of the machine, or to what the environment says: then it fails, not the machine.

    Raises:
        HighlightsError: the limit in the environment is invalid.
    """
    try:
        import resource
    except ImportError:  # Windows
        return
    most = _most_bytes()
    for kind, limit in ((resource.RLIMIT_DATA, most), (resource.RLIMIT_CORE, 0)):
        hardest = resource.getrlimit(kind)[1]
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (limit if hardest < 0 else min(limit, hardest), hardest))


def _most_bytes() -> int:
    text = os.environ.get(MEMORY, "")
    if not text:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        most = float(text)
    except ValueError:
        most = 0.0
    if not 0 < most < 1e6:
        raise HighlightsError(f"{MEMORY}={text}: must be a number of gigabytes above 0, such as 4")
    return round(most * 1e9)


def _allow(ruleset: int, place: Path, rights: int) -> None:
    with suppress(OSError):
        opened = os.open(place, os.O_PATH | os.O_CLOEXEC)
        try:
            beneath = _Beneath(rights, opened)
            _libc().syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(beneath), 0)
        finally:
            os.close(opened)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None)
