"""The program's log: one tree of `logging` loggers below `highlights`, shown on stderr or written to a file.

Every module logs to `logging.getLogger(__name__)`, so `highlights.media`, say, can be filtered by name. Nothing is shown unless
`set_up` is called; a library user configures `logging` as usual. Messages hold no passwords and no signed addresses.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from highlights.errors import OutputError

FORMAT = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"
TREE = "highlights"
VERBOSE, FILE = "HIGHLIGHTS_VERBOSE", "HIGHLIGHTS_LOG_FILE"
"""Environment variables that hand the settings on to processes started by this one."""


def set_up(*, verbose: bool, file: Path | None) -> None:
    """Show the log on stderr, append it to `file`, or both; processes started later do the same.

    Raises:
        OutputError: `file` cannot be written.
    """
    tree = logging.getLogger(TREE)
    for handler in tree.handlers[:]:
        tree.removeHandler(handler)
        handler.close()
    tree.setLevel(logging.DEBUG if file else logging.INFO if verbose else logging.NOTSET)
    if verbose:
        _add(tree, logging.StreamHandler(sys.stderr), logging.INFO)
    if file:
        try:
            _add(tree, logging.FileHandler(file, encoding="utf-8", errors="backslashreplace"), logging.DEBUG)
        except OSError as error:
            raise OutputError(file, f"the log cannot be written ({error.strerror}); name another file") from error
    os.environ[VERBOSE] = "1" if verbose else ""
    os.environ[FILE] = str(file.absolute()) if file else ""


def set_up_child() -> None:
    """Log as the process does that started this one."""
    file = os.environ.get(FILE)
    if file or os.environ.get(VERBOSE):
        set_up(verbose=bool(os.environ.get(VERBOSE)), file=Path(file) if file else None)


def shown_on_stderr() -> bool:
    """Whether log lines go to stderr, where a progress bar would be torn apart by them."""
    return any(type(handler) is logging.StreamHandler for handler in logging.getLogger(TREE).handlers)


def environment(version: str, arguments: Sequence[str]) -> str:
    """The line that a log begins with: the program, the machine, the command."""
    import platform  # takes 5 ms

    machine = f"Python {platform.python_version()}, {platform.system()} {platform.release()} {platform.machine()}"
    return f"highlights {version}, {machine}, {os.cpu_count()} cores: {' '.join(map(without_secrets, arguments))}"


def without_secrets(text: str) -> str:
    """A place or an argument as it may be printed: URLs without password, web addresses without query.

    >>> without_secrets("https://me:secret@example.org/final.mp4?X-Amz-Signature=1f")
    'https://example.org/final.mp4'
    """
    bare = re.sub(r"(?<=://)[^/]*@", "", text)
    return bare.partition("?")[0] if bare.startswith(("http://", "https://")) else bare


def _add(tree: logging.Logger, handler: logging.Handler, level: int) -> None:
    handler.setLevel(level)
    handler.setFormatter(logging.Formatter(FORMAT))
    tree.addHandler(handler)
