"""One picture as a JPEG file, for pages and thumbnails."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from av.codec.context import Flags
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from numpy.typing import NDArray


def encode_jpeg(rgb: NDArray[np.uint8], *, width: int | None = None, quantiser: int = 4) -> bytes:
    """The bytes of a JPEG file; the same picture gives the same bytes.

    Args:
        rgb: uint8 [height, width, 3], RGB.
        width: Width to shrink it to, in pixels; the height follows.
        quantiser: 2 (finest) to 31 (smallest).
    """
    width = rgb.shape[1] if width is None else width
    height = max(1, round(rgb.shape[0] * width / rgb.shape[1]))
    picture = VideoFrame.from_ndarray(np.ascontiguousarray(rgb), "rgb24")
    picture = picture.reformat(width, height, "yuvj420p", interpolation="AREA", dst_color_range="JPEG")
    encoder = VideoCodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = width, height, "yuvj420p", Fraction(1)
    encoder.qmin = encoder.qmax = quantiser
    encoder.flags |= Flags.bitexact
    return b"".join(bytes(packet) for packet in (*encoder.encode(picture), *encoder.encode(None)))
