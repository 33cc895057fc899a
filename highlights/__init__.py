"""Finds the highlights of a sports match and cuts them into a reel.

from highlights import run

result = run("match.mp4", sport="soccer", out="final")
for event in result.timeline.events:
    print(event.game_clock, event.name, event.confidence)
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from highlights.errors import HighlightsError
    from highlights.finders.choice import ModelOptions
    from highlights.pipeline import Result, RunOptions, find_events, run
    from highlights.profile import load as load_profile
    from highlights.reel.edit import EditOptions
    from highlights.reel.options import Files
    from highlights.timeline import TimelineOptions

__all__ = [
    "EditOptions",
    "Files",
    "HighlightsError",
    "ModelOptions",
    "Result",
    "RunOptions",
    "TimelineOptions",
    "find_events",
    "load_profile",
    "run",
]
__version__ = "0.14.0"

# Libraries that report their use to their makers, or store an identifier for that, are told not to before they are loaded.
for _variable, _off in (
    ("ORT_DISABLE_TELEMETRY", "1"),  # onnxruntime from 1.30 on
    ("RAY_USAGE_STATS_ENABLED", "0"),
    ("HF_HUB_DISABLE_TELEMETRY", "1"),
    ("DO_NOT_TRACK", "1"),
):
    os.environ.setdefault(_variable, _off)

_HOMES = {
    "HighlightsError": "errors",
    "ModelOptions": "finders.choice",
    "Result": "pipeline",
    "RunOptions": "pipeline",
    "find_events": "pipeline",
    "run": "pipeline",
    "load_profile": "profile",
    "EditOptions": "reel.edit",
    "Files": "reel.options",
    "TimelineOptions": "timeline",
}


def __getattr__(name: str) -> object:
    # loaded on first use: `highlights --help` must not wait for OpenCV and FFmpeg
    if name not in _HOMES:
        raise AttributeError(f"module 'highlights' has no attribute {name!r}")
    return getattr(import_module(f"highlights.{_HOMES[name]}"), "load" if name == "load_profile" else name)
