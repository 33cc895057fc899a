"""Stills of a recording as JPEG, for web pages."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from highlights.media.frames import read_frame
from highlights.records import Recording

WIDTH, QUALITY = 480, 80


def thumbnail(recording: Recording, time_s: float, width: int = WIDTH) -> bytes:
    """The frame shown at `time_s` as a JPEG `width` pixels wide, upright.

    Raises:
        RecordingError: nothing can be decoded there.
    """
    jpeg = BytesIO()
    Image.fromarray(read_frame(recording, time_s).rgb(width)).save(jpeg, "JPEG", quality=QUALITY)
    return jpeg.getvalue()
