"""A window's frames as a small MP4 file in memory, to be sent to a model that runs elsewhere."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream
from numpy.typing import NDArray

CRF = 16
"""60 frames of 576x320 from a match: 2.2 MB and 39 dB, where 4:2:0 alone allows 40 dB; lossless they are 7 to 12 MB."""
# No B-frames: presentation order is coding order, so no reader needs an edit list to start at 0.
_OPTIONS = {"crf": str(CRF), "preset": "veryfast", "bf": "0"}


def encode_window_video(pictures: NDArray[np.uint8], rate_hz: Fraction) -> bytes:
    """The bytes of an H.264 MP4 file whose frame i is shown from i / `rate_hz` to (i + 1) / `rate_hz` seconds.

    Args:
        pictures: uint8 [num_frames, height, width, 3], RGB; height and width even.
        rate_hz: Frames per second, constant: readers derive the time of a frame from its number.
    """
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as proxy:
        video = _add_video(proxy.add_stream("libx264", rate=rate_hz, options=_OPTIONS), pictures, rate_hz)
        for number, picture in enumerate(pictures):
            frame = VideoFrame.from_ndarray(np.ascontiguousarray(picture), "rgb24")
            frame.pts, frame.time_base = number, 1 / rate_hz
            in_yuv = frame.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU601, dst_color_range=ColorRange.MPEG)
            proxy.mux(video.encode(in_yuv))
        proxy.mux(video.encode(None))
    return file.getvalue()


def window_video_rate(times_s: Sequence[float], rate_hz: float) -> Fraction:
    """Frames per second of evenly spaced frames due at `times_s`; `rate_hz` for a single frame."""
    spacing_s = (times_s[-1] - times_s[0]) / (len(times_s) - 1) if len(times_s) > 1 else 1 / rate_hz
    return Fraction(1 / spacing_s).limit_denominator(1001)


def _add_video(video: VideoStream, pictures: NDArray[np.uint8], rate_hz: Fraction) -> VideoStream:
    video.height, video.width, video.pix_fmt = pictures.shape[1], pictures.shape[2], "yuv420p"
    video.codec_context.time_base = 1 / rate_hz
    # Written to the file, as readers guess an unspecified colour space from the frame size.
    video.codec_context.colorspace, video.codec_context.color_range = Colorspace.SMPTE170M, ColorRange.MPEG
    return video
