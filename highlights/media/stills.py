"""Stills of a recording as JPEG, for web pages: whole frames, and the score graphic."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from PIL import Image

from highlights.media.frames import read_frame
from highlights.records import Box, Recording

WIDTH, QUALITY = 480, 80
MARGIN = 0.15
"""Margin around the score graphic as a share of its height."""


def thumbnail(recording: Recording, time_s: float, width: int = WIDTH) -> bytes:
    """The frame shown at `time_s` as a JPEG `width` pixels wide, upright.

    Raises:
        RecordingError: nothing can be decoded there.
    """
    return _jpeg(Image.fromarray(read_frame(recording, time_s).rgb(width)))


def score_graphic(recording: Recording, boxes: Sequence[Box], time_s: float) -> bytes:
    """The part of the frame at `time_s` around the boxes (pixels of the frame, upright) as a JPEG.

    Raises:
        RecordingError: nothing can be decoded there.
    """
    image = Image.fromarray(read_frame(recording, time_s).rgb())
    edges = min(b.x0 for b in boxes), min(b.y0 for b in boxes), max(b.x1 for b in boxes), max(b.y1 for b in boxes)
    margin = round(MARGIN * (edges[3] - edges[1]))
    x_scale, y_scale = image.width / recording.parts[0].width, image.height / recording.parts[0].height
    left, top = max(0, edges[0] - margin) * x_scale, max(0, edges[1] - margin) * y_scale
    right, bottom = (edges[2] + margin) * x_scale, (edges[3] + margin) * y_scale
    return _jpeg(image.crop((round(left), round(top), round(right), round(bottom))))


def _jpeg(image: Image.Image) -> bytes:
    jpeg = BytesIO()
    image.save(jpeg, "JPEG", quality=QUALITY)
    return jpeg.getvalue()
