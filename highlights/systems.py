"""What differs between Linux, macOS and Windows, in one place: nothing else asks which system it runs on."""

from __future__ import annotations

import errno
import os
import re
import shlex
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import IO, Any

WINDOWS = os.name == "nt"

_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)", re.IGNORECASE)
"""Names that are devices on Windows, with any suffix. Source: Microsoft, "Naming Files, Paths, and Namespaces"."""
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
LONGEST_NAME = 255
"""Of a file or folder: bytes, on Windows characters."""
_QUERY_LIMITED, _ACCESS_DENIED = (
    0x1000,
    5,
)  # of OpenProcess: the right asked for; the error for another user's process


def ending_signals() -> list[signal.Signals]:
    """The signals by which a program is asked to end, other than Ctrl-C; Windows has no SIGHUP."""
    return [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


def own_process_group(*, windows: bool = WINDOWS) -> dict[str, Any]:
    """Arguments of `subprocess.Popen` by which a child does not receive the Ctrl-C that this program handles itself."""
    return {"creationflags": 0x200} if windows else {"process_group": 0}  # CREATE_NEW_PROCESS_GROUP


def command_line(words: Sequence[str], *, windows: bool = WINDOWS) -> str:
    """A command as it is typed into a terminal, its words quoted where needed."""
    return subprocess.list2cmdline(words) if windows else shlex.join(words)


def return_freed_memory() -> None:
    """Return freed memory to the system: glibc keeps what many threads have freed, 150 MB after a search for text."""
    import ctypes

    with suppress(OSError, TypeError, AttributeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)


def lock(file: IO[bytes]) -> bool:
    """Lock an open file until it is closed or this process ends, however it ends; False if another process has locked it.

    Where files cannot be locked (some network disks) it is True.
    """
    try:
        if WINDOWS:
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.EAGAIN, errno.EACCES, errno.EDEADLK)
    return True


def is_running(pid: int, *, windows: bool = WINDOWS) -> bool:
    """Whether a process of this machine is running, whichever user owns it; one that only waits to be reaped is not."""
    if windows:
        return _is_running_on_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except (OSError, IndexError):  # only Linux tells it in a file
        return True


def started_s(pid: int) -> float | None:
    """When a process was started, in seconds since 1970; None where that is not known (only Linux tells it in a file)."""
    try:
        since_boot = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
        boot = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime "))
        return float(boot.split()[1]) + since_boot / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError, StopIteration, AttributeError):
        return None


def _is_running_on_windows(pid: int) -> bool:
    """By a handle: `os.kill(pid, 0)` would send Ctrl-C there."""
    import ctypes

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore]
    handle = kernel.OpenProcess(_QUERY_LIMITED, False, pid)
    if handle:
        kernel.CloseHandle(handle)
        return True
    return bool(ctypes.get_last_error() == _ACCESS_DENIED)  # type: ignore[attr-defined,unused-ignore]


def is_file_name(name: str, *, windows: bool = WINDOWS) -> bool:
    """Whether `name` can be the name of a file or folder: no path, nothing that the system reserves, not too long.

    >>> is_file_name("final: second half", windows=False), is_file_name("final: second half", windows=True)
    (True, False)
    """
    if name in ("", ".", "..") or "/" in name or "\x00" in name:
        return False
    if len(name if windows else name.encode("utf-8", "surrogatepass")) > LONGEST_NAME:
        return False
    return not windows or name == to_file_name(name, windows=True)


def to_file_name(name: str, *, windows: bool = WINDOWS) -> str:
    """The name as this system takes it; only Windows needs a change.

    >>> to_file_name("aux.mp4", windows=True), to_file_name("a:b. ", windows=True), to_file_name("a:b. ", windows=False)
    ('_aux.mp4', 'a_b', 'a:b. ')
    """
    if not windows:
        return name
    plain = _FORBIDDEN.sub("_", name).rstrip(" .") or "_"
    return f"_{plain}" if _RESERVED.match(plain) else plain


def text_of_path(path: PurePath | str) -> str:
    """The path as text that any file can hold: UTF-8 in every locale. Bytes that are not UTF-8 become `?`.

    >>> text_of_path("Łódź.mp4"), text_of_path("b\\udcffd.mp4")
    ('Łódź.mp4', 'b?d.mp4')
    """
    try:
        name = os.fsencode(path).decode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a name from a file, in a locale that lacks its characters
        name = str(path)
    return name.encode("utf-8", "replace").decode()


def path_of_text(text: str) -> Path:
    """The path that `text_of_path` gave the text of, in this locale."""
    return Path(os.fsdecode(text.encode("utf-8", "surrogateescape")))


def path_of_file_url(url: str) -> str:
    """The path in a decoded `file:` URL, with the drive letter of a Windows machine where it has one.

    >>> path_of_file_url("file:///C:/match.mp4"), path_of_file_url("file://localhost/home/match.mp4")
    ('C:/match.mp4', '/home/match.mp4')
    """
    path = url.removeprefix("file://localhost").removeprefix("file://")
    return path[1:] if re.match(r"/[A-Za-z]:", path) else path


def folder_name(place: str) -> str:
    """The name of the folder that a file lies in; `place` is a path of any system or a URL.

    >>> folder_name(r"C:\\results\\final\\timeline.json"), folder_name("s3://results/final/timeline.json")
    ('final', 'final')
    """
    pure = PureWindowsPath(place) if re.match(r"[A-Za-z]:[\\/]|\\\\", place) else PurePosixPath(place)
    return pure.parent.name
