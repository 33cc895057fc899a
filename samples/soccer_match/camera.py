"""`Camera`: maps metres of the pitch to pixels of the picture."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Point: TypeAlias = tuple[float, float, float]

WIDTH_PX, HEIGHT_PX = 640, 360
NEAR_M = 0.8


class Camera:
    """A camera at `eye` that looks at `target`; at a distance of `focal_px` metres, a metre is 1 px."""

    def __init__(self, eye: Point, target: Point, focal_px: float) -> None:
        self.eye = np.array(eye, dtype=np.float64)
        self.focal_px = focal_px
        forward = np.array(target, dtype=np.float64) - self.eye
        forward /= np.linalg.norm(forward)
        right = np.cross(forward, (0.0, 0.0, 1.0))
        right /= np.linalg.norm(right)
        self.axes = np.stack([right, np.cross(forward, right), forward])
        """float [3, 3]: rows point right, down and forward."""

    def depth(self, points: Floats) -> Floats:
        """Metres in front of the camera, for points [..., 3]."""
        return np.asarray((points - self.eye) @ self.axes[2])

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """Pixels [..., 2] and pixels per metre [...] of points [..., 3]; depths below `NEAR_M` count as `NEAR_M`."""
        seen = (points - self.eye) @ self.axes.T
        scale = self.focal_px / np.maximum(seen[..., 2], NEAR_M)
        return self._pixels(seen[..., :2] * scale[..., None]), scale

    def outline(self, polygon: Floats) -> Floats | None:
        """Pixels [m, 2] of the part of a flat polygon [n, 3] that lies in front of the camera, or None."""
        seen = (polygon - self.eye) @ self.axes.T
        if (seen[:, 2] < NEAR_M).any():
            seen = _in_front(seen)
        if len(seen) < 3:
            return None
        return self._pixels(seen[:, :2] * (self.focal_px / seen[:, 2:]))

    def homography(self, origin: Floats, along: Floats, up: Floats) -> Floats:
        """float [3, 3]: from (u, v) of the plane `origin + u * along + v * up` to pixels."""
        columns = np.stack([along, up, origin - self.eye], axis=1)
        lens = np.array([[self.focal_px, 0, WIDTH_PX / 2], [0, self.focal_px, HEIGHT_PX / 2], [0, 0, 1]])
        return np.asarray(lens @ self.axes @ columns)

    @staticmethod
    def _pixels(offset: Floats) -> Floats:
        return np.asarray(offset + np.array([WIDTH_PX / 2, HEIGHT_PX / 2]))


def _in_front(seen: Floats) -> Floats:
    """Clip a polygon [n, 3] in camera metres at the near plane (Sutherland and Hodgman 1974, one plane)."""
    kept: list[Floats] = []
    for here, after in zip(seen, np.roll(seen, -1, axis=0), strict=True):
        if here[2] >= NEAR_M:
            kept.append(here)
        if (here[2] >= NEAR_M) != (after[2] >= NEAR_M):
            kept.append(here + (after - here) * ((NEAR_M - here[2]) / (after[2] - here[2])))
    return np.array(kept).reshape(-1, 3)
