"""Drawn frames with known motion of objects and of the camera."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

SIZE = (320, 180)


def ground(seed: int = 0) -> NDArray[np.uint8]:
    """A patchwork larger than the frame, uint8 [height, width], over which a camera can move."""
    patches = np.random.default_rng(seed).integers(60, 160, (30, 60), dtype=np.uint8)
    return np.kron(patches, np.ones((12, 12), np.uint8))


def view(pan_px: int = 0, player: tuple[int, int] | None = None, logo: bool = False, seed: int = 0) -> NDArray[np.uint8]:
    """The view of a camera moved by this much: the ground, a player at x, y on the screen, a logo at the upper left."""
    picture = ground(seed)[20 : 20 + SIZE[1], 40 + pan_px : 40 + pan_px + SIZE[0]].copy()
    if player:
        x, y = player
        picture[y - 12 : y + 12, x - 5 : x + 5] = 250
    if logo:
        picture[10:26, 12:72] = 255
        picture[14:22, 16:68:6] = 0
    return picture


def recorded(path: Path, pictures: Iterable[NDArray[np.uint8]]) -> Path:
    """The frames as a video, 12 a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=12, options={"preset": "ultrafast", "crf": "12"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for picture in pictures:
            frame = av.VideoFrame.from_ndarray(np.repeat(picture[..., None], 3, axis=2), "rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
