"""The time code that a camera or recorder gave the first picture of a file."""

from __future__ import annotations

import re
from pathlib import Path

from highlights.media.source import opened


def start_code(path: Path) -> str:
    """The time code as it stands in the file, such as `10:00:00;00`; empty if it has none.

    Raises:
        RecordingError: the file cannot be opened.
    """
    with opened(path) as container:
        written = [container.metadata, *(stream.metadata for stream in container.streams)]
        codes = [tags["timecode"].strip() for tags in written if "timecode" in tags]
    return next((code for code in codes if re.fullmatch(r"\d\d:\d\d:\d\d[:;.,]\d\d", code)), "")
