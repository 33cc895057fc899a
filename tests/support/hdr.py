"""Recordings with high dynamic range (HDR) as phones make them, drawn from the colours that an ordinary screen should show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

Colour = tuple[int, int, int]
NAMES = {"hlg": "arib-std-b67", "pq": "smpte2084"}
_TO_BT2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])


def hlg(nits: NDArray[np.float64]) -> NDArray[np.float64]:
    """The level of a luminance: BT.2100 table 5, with the gamma of 1.2 on each of R, G and B."""
    scene = (nits / 1000) ** (1 / 1.2)
    return np.where(
        scene <= 1 / 12, np.sqrt(3 * scene), 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073
    )


def pq(nits: NDArray[np.float64]) -> NDArray[np.float64]:
    """The level of a luminance: BT.2100 table 4."""
    power = (nits / 10_000) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375


TRANSFERS: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {"hlg": hlg, "pq": pq}


def draw_hdr(path: Path, transfer: str, colours: Sequence[Colour], *, white_nits: float = 100.0, frames: int = 25) -> Path:
    """A recording of stripes, 40 pixels wide each; `colours` are what a screen with gamma 2.4 shows, `white_nits` its white."""
    light = white_nits * (np.array(colours) / 255) ** 2.4 @ _TO_BT2020.T
    levels = np.round(65535 * TRANSFERS[transfer](light)).astype(np.uint16)
    picture = np.ascontiguousarray(np.broadcast_to(np.repeat(levels, 40, axis=0), (64, 40 * len(colours), 3)))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx265", rate=25)
        stream.width, stream.height, stream.pix_fmt = picture.shape[1], picture.shape[0], "yuv420p10le"
        stream.codec_context.time_base = Fraction(1, 25)
        named = f"colorprim=bt2020:transfer={NAMES[transfer]}:colormatrix=bt2020nc"
        stream.options = {"preset": "ultrafast", "crf": "4", "x265-params": f"log-level=none:{named}"}
        frame = av.VideoFrame.from_ndarray(picture, "rgb48le").reformat(
            format="yuv420p10le", dst_colorspace=Colorspace.BT2020, dst_color_range=ColorRange.MPEG
        )
        for number in range(frames):
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def stripes(rgb: NDArray[np.uint8], count: int) -> NDArray[np.float64]:
    """The colour in the middle of each stripe: float64 [count, 3]."""
    width = rgb.shape[1] / count
    middles = [slice(round((n + 0.4) * width), round((n + 0.6) * width)) for n in range(count)]
    rows = slice(rgb.shape[0] // 3, rgb.shape[0] * 2 // 3)
    return np.array([rgb[rows, middle].reshape(-1, 3).mean(axis=0) for middle in middles])
