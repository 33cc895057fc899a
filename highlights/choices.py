"""The values that a user chooses from: each list is defined here once, for profiles, Python options, command line and page.

The names of export formats are those of the table in `export/formats.py`.
"""

from __future__ import annotations

from typing import Literal, get_args

Detector = Literal["adaptive", "content", "threshold"]
"""How PySceneDetect finds cuts."""

FinderName = Literal["signals", "marlin", "molmo2", "server"]
Windows = Literal["proposed", "all"]
"""Which windows a model receives: those where signals propose an event, or all."""
Device = Literal["cuda", "mps", "cpu"]

CutKind = Literal["auto", "edit", "smart", "copy", "none"]
"""How a reel is cut. `auto`: the fastest of the next three that is frame-exact for the other options. `none`: no reel."""
Order = Literal["chronological", "ranked"]
Aspect = Literal["16:9", "9:16", "1:1", "4:5"]
Each = Literal["event", "team", "player"]
"""What separate reels can be made for: one per value."""
Moments = Literal["auto", "none"]
"""Whether a match without an event gets moments. `auto`: yes. `none`: it has no reel."""
Times = Literal["auto", "video", "clock", "day"]
"""What `12:34` is in a match report: a time of the video, on the game clock, or of the day. `auto`: what fits the recording."""
PreviewFormat = Literal["webp", "gif"]

DEFAULT_CUT: CutKind = "auto"

DETECTORS: tuple[Detector, ...] = get_args(Detector)
FINDERS: tuple[FinderName, ...] = get_args(FinderName)
WINDOWS: tuple[Windows, ...] = get_args(Windows)
DEVICES: tuple[Device, ...] = get_args(Device)
CUT_KINDS: tuple[CutKind, ...] = get_args(CutKind)
ORDERS: tuple[Order, ...] = get_args(Order)
ASPECTS: tuple[Aspect, ...] = get_args(Aspect)
MOMENTS: tuple[Moments, ...] = get_args(Moments)
TIMES: tuple[Times, ...] = get_args(Times)
PREVIEW_FORMATS: tuple[PreviewFormat, ...] = get_args(PreviewFormat)
