"""Where the play is, told by what moves: the trail that a crop follows when no model points at anything.

Small pictures, a few a second. The camera's own move between two of them (shift, turn, zoom) is found from points that it
carries along, and taken back; what differs then moves by itself, and the trail goes where most of that is.

    picture before ──▶ moved as the camera moved ─┐
    picture now    ───────────────────────────────┴▶ difference ──▶ busiest place

What stays where it is on the screen while the camera moves (a score graphic, a logo) is no play and does not count. And a
camera that moves is held by somebody who aims at the ball, which no difference of pictures can find: the more it moves, the
nearer the trail stays to the middle. Where it stands still, what moves is all there is to go by.
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
"""Pictures looked at in a second: between two of them a player moves by a body's width, a camera by a part of its view."""
WIDTH_PX = 256
"""Of the small pictures; a player of a wide view is still some pixels wide."""

MOST_POINTS = 250
FEWEST_POINTS = 12
"""With fewer points the camera's move cannot be told; it is taken to stand still."""
POINT_OFF_PX = 1.0

NOISE = 12.0
"""Differences (of 255) up to here are grain, grass, or edges that the camera's move did not quite meet."""
STRONGEST = 60.0
"""Differences count up to here: a white shirt on dark grass moves no more than a red one."""
UNLIKE = 0.4
"""When more of the picture differs, it is another view, no motion: a cut, a flash, a wipe."""
LEAST = 0.0008
"""When less of the picture moves, nothing is there to be followed."""

NEAR = 0.13
"""So much of the picture belongs to one place (standard deviation): the players around the ball, not both ends of the pitch."""
MIDDLE = 0.34
"""Places this far from the middle of the picture (standard deviation) must move more to count."""
LASTING = 0.7
"""So much of what moved counts again in the next picture: the play goes on, a flag is waved once."""
HELD = 0.025
"""What moves has 1/e of its say left when the camera moves by so much of the picture's width in a second."""
LEAST_SAY = 0.2
"""And so much at the least; with all of its say, crops of broadcasts lost the ball more often than ones that never move."""


def motion_path(recording: Recording, span: Span) -> Trail:
    """Where the play seems to be, up to `RATE_HZ` times a second; nowhere where nothing moves or the view changes."""
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
    """What was seen of one view: one camera between two cuts."""

    def __init__(self) -> None:
        self._lately: Moving | None = None
        self._busiest: list[Spot] = []
        self._camera_speeds: list[float] = []

    def goes_on(self, time_s: float, before: Grey, now: Grey) -> bool:
        """Take in the picture at `time_s` if it shows the same view as the one before."""
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
        """The busiest places, drawn to the middle as far as the camera is trusted."""
        if not self._camera_speeds:
            return []
        say = LEAST_SAY + (1 - LEAST_SAY) * float(np.exp(-np.mean(self._camera_speeds) / HELD))
        return [(time_s, 0.5 + say * (x - 0.5), 0.5 + say * (y - 0.5)) for time_s, x, y in self._busiest]


def _small_pictures(recording: Recording, span: Span) -> Iterator[tuple[float, Grey]]:
    """Time and brightness of about `RATE_HZ` upright pictures a second."""
    due_s = span.start_s
    for frame in read_frames(recording, start_s=span.start_s, end_s=span.end_s):
        if frame.time_s + 0.001 >= due_s:
            due_s = max(due_s + 1 / RATE_HZ, frame.time_s)
            yield frame.time_s, np.asarray(cv2.cvtColor(frame.rgb(WIDTH_PX), cv2.COLOR_RGB2GRAY), np.uint8)


def camera_move(before: Grey, now: Grey) -> Move:
    """Shift, turn and zoom that lay one picture on the next."""
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
    """What differs between two pictures, both as they are and with the camera's move taken back."""
    height, width = now.shape
    carried = cv2.warpAffine(before, camera, (width, height), borderMode=cv2.BORDER_REPLICATE)
    seen = cv2.warpAffine(np.full_like(before, 255), camera, (width, height), flags=cv2.INTER_NEAREST)
    differs = np.minimum(cv2.absdiff(now, carried), cv2.absdiff(now, before))
    differs = cv2.GaussianBlur(np.where(seen > 0, differs, 0).astype(np.float32), (5, 5), 0)
    return np.asarray(np.clip((differs - NOISE) / (STRONGEST - NOISE), 0, 1), np.float32)


def _middle_moves(camera: Move, picture: Grey) -> float:
    """How far the camera's move carries the middle of the picture, in widths of it."""
    height, width = picture.shape[:2]
    middle = np.array([width / 2, height / 2])
    return float(np.linalg.norm(camera @ [*middle, 1] - middle) / width)


def busiest(moving: Moving) -> tuple[float, float]:
    """The place with most motion around it, as x and y of 0..1."""
    return _peak(moving.sum(axis=0)), _peak(moving.sum(axis=1))


def _peak(amounts: NDArray[np.float32]) -> float:
    """Where most of a row of amounts lies close together, 0..1."""
    places = (np.arange(len(amounts)) + 0.5) / len(amounts)
    middle = np.exp(-(((places - 0.5) / MIDDLE) ** 2) / 2)
    best = places[np.argmax((_bell(places[:, None] - places) @ amounts) * middle)]
    near = amounts * _bell(places - best)
    return float(np.average(places, weights=near))


def _bell(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.exp(-((distances / NEAR) ** 2) / 2))
