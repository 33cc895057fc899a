"""`write_aside`: a file appears under its name only once it is complete."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from highlights.errors import OutputError

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


@contextmanager
def write_aside(target: Path) -> Iterator[Path]:
    """A hidden path beside `target`, with the same suffix; it becomes `target` when the block succeeds.

    On any failure, including Ctrl-C, it is removed and an earlier `target` stays as it was.

    Raises:
        OutputError: the folder is not writable, or the disk is full.
    """
    aside = target.with_name(f".{target.stem[:100]}.{os.getpid()}.part{target.suffix}")
    try:
        yield aside
        aside.replace(target)
    except OSError as error:
        raise output_error(target, error) from error
    finally:
        with suppress(OSError):
            aside.unlink(missing_ok=True)


def output_error(target: Path, error: OSError) -> OutputError:
    """The one-line error for a write to `target` that failed with `error`."""
    if getattr(error, "winerror", None) in _OPEN_ELSEWHERE:
        return OutputError(target, "another program has this file open: close it there, or choose another folder with --out")
    advice = _ADVICE.get(error.errno or 0, f"cannot be written ({error.strerror or error})")
    return OutputError(target, advice)
