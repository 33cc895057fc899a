"""Where the play is, by motion: the trail that a crop follows when no model gives one.

A few small frames per second are compared. The camera motion between two of them (shift, rotation, zoom) is estimated from
tracked points and compensated; what still differs moves by itself, and the trail goes where most of that is.

    previous frame ──▶ camera motion compensated ─┐
    current frame  ───────────────────────────────┴▶ difference ──▶ busiest place

What stays fixed on the screen while the camera moves (a score graphic, a logo) does not count. A moving camera is aimed at the
ball by its operator, which frame differences cannot see: the more it moves, the closer the trail stays to the middle. With a
static camera, motion is the only cue.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from highlights.media.frames import read_frames
from highlights.records import Recording
from highlights.reel.reframe import Spot, Trail
from highlights.spans import Span

Grey = NDArray[np.uint8]
"""uint8 [height, width]."""
Moving = NDArray[np.float32]
"""float32 [height, width], 0..1: how much each pixel moved by itself."""
Move = NDArray[np.float64]
"""float64 [2, 3]: a matrix for `cv2.warpAffine`."""

RATE_HZ = 6.0
"""Frames compared per second: between two of them a player moves by a body's width, a camera by part of its view."""
WIDTH_PX = 256
"""Width of the small frames in pixels; a player in a wide view is still a few pixels wide."""

MOST_POINTS = 250
FEWEST_POINTS = 12
"""With fewer tracked points the camera motion is unknown; the camera is assumed to be static."""
POINT_OFF_PX = 1.0

NOISE = 12.0
"""Differences (of 255) up to this are grain, grass, or edges left by inexact compensation."""
STRONGEST = 60.0
"""Differences are capped here: a white shirt on dark grass moves no more than a red one."""
UNLIKE = 0.4
"""If a larger share of the frame differs, the view changed: a cut, a flash, a wipe."""
LEAST = 0.0008
"""If a smaller share of the frame moves, there is nothing to follow."""

NEAR = 0.13
"""Size of one place as a share of the frame (standard deviation): the players around the ball, not both ends of the pitch."""
MIDDLE = 0.34
"""Places this far from the middle of the frame (standard deviation) must move more to count."""
LASTING = 0.7
"""The share of motion carried over to the next frame: the play continues, a flag is waved once."""
HELD = 0.025
"""Motion has 1/e of its weight left when the camera moves by this share of the frame's width per second."""
LEAST_SAY = 0.2
"""Its largest weight; with full weight, crops of broadcasts lost the ball more often than fixed crops."""


def motion_path(recording: Recording, span: Span) -> Trail:
    """Where the play seems to be, up to `RATE_HZ` times a second; nothing where nothing moves or the view changes."""
    trail: list[Spot] = []
    view = _View()
    before: Grey | None = None
    for time_s, now in _small_pictures(recording, span):
        if before is not None and not (before.shape == now.shape and view.goes_on(time_s, before, now)):
            trail += view.trail()
            view = _View()
        before = now
    return trail + view.trail()


class _View:
    """The motion within one view: one camera between two cuts."""

    def __init__(self) -> None:
        self._lately: Moving | None = None
        self._busiest: list[Spot] = []
        self._camera_speeds: list[float] = []

    def goes_on(self, time_s: float, before: Grey, now: Grey) -> bool:
        """Add the frame at `time_s` if it shows the same view as the previous one; whether it does."""
        camera = camera_move(before, now)
        moving = moving_parts(before, now, camera)
        if (moving > 0).mean() > UNLIKE:
            return False
        self._camera_speeds.append(_middle_moves(camera, now) * RATE_HZ)
        self._lately = moving if self._lately is None else np.maximum(moving, LASTING * self._lately)
        if moving.mean() >= LEAST:
            self._busiest.append((time_s, *busiest(self._lately)))
        return True

    def trail(self) -> list[Spot]:
        """The busiest places, pulled towards the middle as far as the camera is trusted."""
        if not self._camera_speeds:
            return []
        say = LEAST_SAY + (1 - LEAST_SAY) * float(np.exp(-np.mean(self._camera_speeds) / HELD))
        return [(time_s, 0.5 + say * (x - 0.5), 0.5 + say * (y - 0.5)) for time_s, x, y in self._busiest]


def _small_pictures(recording: Recording, span: Span) -> Iterator[tuple[float, Grey]]:
    """Time and brightness of about `RATE_HZ` upright frames per second."""
    due_s = span.start_s
    for frame in read_frames(recording, start_s=span.start_s, end_s=span.end_s):
        if frame.time_s + 0.001 >= due_s:
            due_s = max(due_s + 1 / RATE_HZ, frame.time_s)
            yield frame.time_s, np.asarray(cv2.cvtColor(frame.rgb(WIDTH_PX), cv2.COLOR_RGB2GRAY), np.uint8)


def camera_move(before: Grey, now: Grey) -> Move:
    """Shift, rotation and zoom that align one frame with the next."""
    still = np.eye(2, 3)
    points = cv2.goodFeaturesToTrack(before, MOST_POINTS, 0.01, 7)
    if points is None or len(points) < FEWEST_POINTS:
        return still
    arrived, found, _ = cv2.calcOpticalFlowPyrLK(before, now, points, points.copy(), winSize=(15, 15), maxLevel=4)
    here = found.ravel() == 1
    if here.sum() < FEWEST_POINTS:
        return still
    move, _ = cv2.estimateAffinePartial2D(points[here], arrived[here], ransacReprojThreshold=POINT_OFF_PX)
    return still if move is None else np.asarray(move, np.float64)


def moving_parts(before: Grey, now: Grey, camera: Move) -> Moving:
    """What differs between two frames both as they are and with the camera motion compensated."""
    height, width = now.shape
    carried = cv2.warpAffine(before, camera, (width, height), borderMode=cv2.BORDER_REPLICATE)
    seen = cv2.warpAffine(np.full_like(before, 255), camera, (width, height), flags=cv2.INTER_NEAREST)
    differs = np.minimum(cv2.absdiff(now, carried), cv2.absdiff(now, before))
    differs = cv2.GaussianBlur(np.where(seen > 0, differs, 0).astype(np.float32), (5, 5), 0)
    return np.asarray(np.clip((differs - NOISE) / (STRONGEST - NOISE), 0, 1), np.float32)


def _middle_moves(camera: Move, picture: Grey) -> float:
    """How far the camera motion moves the middle of the frame, in frame widths."""
    height, width = picture.shape[:2]
    middle = np.array([width / 2, height / 2])
    return float(np.linalg.norm(camera @ [*middle, 1] - middle) / width)


def busiest(moving: Moving) -> tuple[float, float]:
    """The place with the most motion around it, as x and y, 0..1."""
    return _peak(moving.sum(axis=0)), _peak(moving.sum(axis=1))


def _peak(amounts: NDArray[np.float32]) -> float:
    """The densest position of a row of amounts, 0..1."""
    places = (np.arange(len(amounts)) + 0.5) / len(amounts)
    middle = np.exp(-(((places - 0.5) / MIDDLE) ** 2) / 2)
    best = places[np.argmax((_bell(places[:, None] - places) @ amounts) * middle)]
    near = amounts * _bell(places - best)
    return float(np.average(places, weights=near))


def _bell(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.exp(-((distances / NEAR) ** 2) / 2))
