"""Short recordings with a drawn score graphic."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame

from benchmarks.score_graphics.designs import DESIGNS, smaller
from benchmarks.score_graphics.drawing import draw

FRAMES = 8


def record_graphic(path: Path, name: str) -> Path:
    """A recording of `FRAMES` key frames, one each second, spread over the story of a drawn design."""
    design = smaller(DESIGNS[name])
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=1, options={"crf": "18", "preset": "ultrafast"})
        stream.width, stream.height = design.size
        stream.pix_fmt, stream.gop_size = "yuv420p", 1
        for number in range(FRAMES):
            picture = draw(design, design.story.length_s * (number + 0.5) / FRAMES).convert("RGB")
            container.mux(stream.encode(VideoFrame.from_ndarray(np.asarray(picture, np.uint8), "rgb24")))
        container.mux(stream.encode(None))
    return path
