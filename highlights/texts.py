"""A text file of another program, or written by a person: limited in size, UTF-8, or UTF-16 if it says so."""

from __future__ import annotations

from pathlib import Path

from highlights.errors import FormatError, TimelineError

LARGEST_BYTES = 64_000_000
"""Ten times the size of a file with ten thousand clips."""
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def read_text(
    path: Path, what: str, error: type[FormatError] | type[TimelineError], largest_bytes: int = LARGEST_BYTES, advice: str = ""
) -> str:
    """The text of a file; `what` it should be, and an `advice` for one that is not text, for the message.

    Raises:
        FormatError, TimelineError: as asked for: it cannot be read, is too large, or is not text.
    """
    try:
        with path.open("rb") as file:
            content = file.read(largest_bytes + 1)
    except OSError as problem:
        raise error(path, f"cannot be read ({problem.strerror}); give {what}") from problem
    if len(content) > largest_bytes:
        raise error(path, f"is larger than {largest_bytes // 1_000_000} MB, too large for {what}")
    try:
        return decoded(content)
    except UnicodeDecodeError as problem:
        raise error(path, f"is not UTF-8 text; {advice or f'give {what}'}") from problem


def decoded(content: bytes) -> str:
    """The text of bytes, as UTF-8, or UTF-16 if they say so.

    Raises:
        UnicodeDecodeError: it is neither.
    """
    return content.decode("utf-16" if content[:2] in _UTF_16 else "utf-8-sig")
