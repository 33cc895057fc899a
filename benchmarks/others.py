"""Other programs on the same recording, each in its own process.

python others.py decode RECORDING           PyAV decodes every frame on all cores and discards it
python others.py scenes RECORDING CUTS      PySceneDetect's adaptive detector at its defaults; CUTS is a JSON list of seconds
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def decode(recording: str) -> None:
    """Decode every frame."""
    import av

    with av.open(recording) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        for _ in container.decode(stream):
            pass


def scenes(recording: str, cuts: str) -> None:
    """Write the start of every scene but the first."""
    from scenedetect import AdaptiveDetector, SceneManager, open_video

    manager = SceneManager()
    manager.add_detector(AdaptiveDetector())
    manager.detect_scenes(open_video(recording, backend="opencv"))
    starts_s = [start.seconds for start, _ in manager.get_scene_list()[1:]]
    Path(cuts).write_text(json.dumps(starts_s) + "\n")


if __name__ == "__main__":
    if sys.argv[1] == "decode":
        decode(sys.argv[2])
    else:
        scenes(sys.argv[2], sys.argv[3])
