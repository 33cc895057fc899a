"""`write_aside`: a file appears under its name only once it is complete.

.reel.4711-6a1f0c2e.part.mp4     while it is made by process 4711 of this machine
"""

from __future__ import annotations

import errno
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import blake2b
from pathlib import Path
from shutil import rmtree
from socket import gethostname

from highlights.errors import OutputError
from highlights.systems import is_running, started_s

_ADVICE = {
    errno.ENOSPC: "the disk is full: free some space or choose another folder with --out",
    errno.EDQUOT: "the disk quota is used up: free some space or choose another folder with --out",
    errno.EROFS: "the file system is read-only: choose another folder with --out",
    errno.EACCES: "no permission to write here: choose another folder with --out",
    errno.EPERM: "no permission to write here: choose another folder with --out",
    errno.ENOENT: "the folder does not exist: create it first",
    errno.ENOTDIR: "a part of this path is a file, not a folder: choose another folder with --out",
    errno.EISDIR: "this is a folder: choose another name",
    errno.EFBIG: "the file would be larger than is allowed here: choose another folder with --out",
    errno.ENAMETOOLONG: "the name is too long: choose a shorter one",
}

_OPEN_ELSEWHERE = (32, 33)
"""ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION: Windows does not replace a file that a program has open."""


_LEFT = re.compile(r"\.(?P<process>\d{1,9})(-(?P<machine>[0-9a-f]{8}))?\.part(\.[^.]*)?$")
"""The end of a hidden name: process and machine. Before 0.7 it had no machine."""
_ABANDONED_S = 86_400
"""Of another machine, or of a number that another process has now, what was not written for so long belongs to no one."""
_LATER_S = 60.0
"""A process that began so much after the last writing is another one; clocks are set, and file systems round."""
_NAME_BYTES = 100

_open: set[Path] = set()


@contextmanager
def write_aside(target: Path) -> Iterator[Path]:
    """A hidden path beside `target`, with the same suffix; it becomes `target` when the block succeeds.

    On any failure, including Ctrl-C, it is removed and an earlier `target` stays as it was. What a killed process left of the
    same target is removed first.

    Raises:
        OutputError: the folder is not writable, or the disk is full.
    """
    with draft_beside(target) as aside:
        _check_replaceable(target)
        yield aside
        aside.replace(target)


@contextmanager
def draft_beside(target: Path) -> Iterator[Path]:
    """A hidden path beside `target`, with the same suffix, for a file that is removed at the end.

    Raises:
        OutputError: the folder is not writable, or the disk is full.
    """
    draft = _hidden(target, target.suffix)
    remove_left(target.parent, target.name)
    _open.add(draft)
    try:
        yield draft
    except OSError as error:
        raise output_error(target, error) from error
    finally:
        _open.discard(draft)
        with suppress(OSError):
            draft.unlink(missing_ok=True)


@contextmanager
def work_folder(target: Path) -> Iterator[Path]:
    """A hidden folder beside `target` for what goes into it; it is removed at the end.

    Raises:
        OSError: it cannot be made.
    """
    folder = _hidden(target, "")
    remove_left(target.parent, target.name)
    _open.add(folder)
    try:
        folder.mkdir()
        yield folder
    finally:
        _open.discard(folder)
        rmtree(folder, ignore_errors=True)


def remove_left(folder: Path, *names: str) -> None:
    """Remove from a folder what killed processes left of the files called `names`; without names, of all files."""
    starts = tuple(_short(Path(name).stem.lstrip(".")) for name in names)
    with suppress(OSError):
        for path in folder.iterdir():
            left = _LEFT.search(path.name)
            if left and path.name.startswith(".") and path.name.lstrip(".").startswith(starts or ""):
                with suppress(OSError):  # another process has just removed it
                    _remove_if_left(path, int(left["process"]), left["machine"])


def _remove_if_left(path: Path, process: int, machine: str | None) -> None:
    here = machine in (None, _machine())
    mine = here and process == os.getpid()
    written_s = path.stat().st_mtime
    left = path not in _open if mine else here and not _may_be_of(process, written_s)
    if not left and (mine or time.time() - written_s < _ABANDONED_S):
        return
    if path.is_dir() and not path.is_symlink():
        rmtree(path, ignore_errors=True)
    else:
        path.unlink()


def _may_be_of(process: int, written_s: float) -> bool:
    """Whether a process can have written what was written then: it is running, and not a later one with the same number."""
    began_s = started_s(process)
    return is_running(process) and (began_s is None or began_s <= written_s + _LATER_S)


def _hidden(target: Path, suffix: str) -> Path:
    return target.with_name(f".{_short(target.stem)}.{os.getpid()}-{_machine()}.part{suffix}")


def _short(stem: str) -> str:
    """The stem, cut so that its bytes and an ending fit into a name."""
    return os.fsdecode(os.fsencode(stem)[:_NAME_BYTES].decode("utf-8", "ignore").encode())


@cache
def _machine() -> str:
    return blake2b(gethostname().encode("utf-8", "replace"), digest_size=4).hexdigest()


def _check_replaceable(target: Path) -> None:
    if target.exists() and not target.is_file() and not target.is_dir():
        raise OutputError(target, "this is a device or pipe, not a file: choose another name")


def output_error(target: Path, error: OSError) -> OutputError:
    """The one-line error for a write to `target` that failed with `error`."""
    if getattr(error, "winerror", None) in _OPEN_ELSEWHERE:
        return OutputError(target, "another program has this file open: close it there, or choose another folder with --out")
    advice = _ADVICE.get(error.errno or 0, f"cannot be written ({error.strerror or error})")
    return OutputError(target, advice)
