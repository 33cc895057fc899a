"""Pictures in the recording's own colours, Y'CbCr: only what is drawn is converted.

    4:2:0 picture ──► [height, width, 3] ──► drawn on ──► 4:2:0 picture      what is not drawn on stays the same

Mixing, fading and laying graphics over a picture are the same sums in Y'CbCr as in R'G'B', for one is linear in the other.

Source: ITU-T H.273 (8.3, matrix coefficients and ranges of code values).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from highlights.media.pixels import plane_rows, taken_as

Pixels = NDArray[np.uint8]
"""uint8 [height, width, 3]."""

FORMATS = ("yuv420p", "yuvj420p")
_FULL_RANGE = 2
_BT601 = (0.299, 0.114)
_RED_AND_BLUE = {1: (0.2126, 0.0722), 4: (0.30, 0.11), 7: (0.212, 0.087), 9: (0.2627, 0.0593)}
"""By matrix number: the shares of red and blue in luma."""


@dataclass(frozen=True, slots=True)
class Coding:
    """How a recording's colours are coded: pixel format, matrix (its number in the stream's header), range."""

    pixel_format: str
    matrix: int
    full_range: bool

    @property
    def black(self) -> tuple[int, int, int]:
        """Y', Cb and Cr of black."""
        return (0 if self.full_range else 16), 128, 128

    def of_rgb(self, pixels: Pixels) -> Pixels:
        """R'G'B' pixels in this coding."""
        red, blue = _RED_AND_BLUE.get(self.matrix, _BT601)
        luma = np.array([red, 1 - red - blue, blue])
        cb, cr = (np.eye(3)[2] - luma) / (2 - 2 * blue), (np.eye(3)[0] - luma) / (2 - 2 * red)
        scale = np.array([1, 1, 1]) if self.full_range else np.array([219, 224, 224]) / 255
        rows = np.column_stack([np.stack([luma, cb, cr]) * scale[:, None], self.black])
        return np.asarray(cv2.transform(pixels, rows), np.uint8)


def coding_of(picture: VideoFrame) -> Coding:
    """How the colours of a decoded picture are coded."""
    name = picture.format.name
    return Coding(name, taken_as(picture), picture.color_range == _FULL_RANGE or name == "yuvj420p")


def stacked(picture: VideoFrame, rows: range) -> Pixels:
    """Y', Cb and Cr of every pixel of these rows (both ends even); the other rows are 0. `picture` has one of `FORMATS`."""
    pixels = np.zeros((picture.height, picture.width, 3), np.uint8)
    if rows:
        luma, *chroma = _planes(picture, rows)
        size = picture.width, len(rows)
        wide = [cv2.resize(plane, size, interpolation=cv2.INTER_NEAREST) for plane in chroma]
        cv2.merge([luma, *wide], dst=pixels[rows.start : rows.stop])
    return pixels


def drawn(picture: VideoFrame, pixels: Pixels, rows: range) -> VideoFrame:
    """A copy of the picture with other values in these rows (both ends even); chroma is the mean of four pixels."""
    copy = VideoFrame(picture.width, picture.height, picture.format.name)
    every = range(picture.height)
    for target, source in zip(_planes(copy, every), _planes(picture, every), strict=True):
        target[:] = source
    luma, *chroma = cv2.split(pixels[rows.start : rows.stop])
    own, *halves = _planes(copy, rows)
    own[:] = luma
    for half, plane in zip(halves, chroma, strict=True):
        half[:] = cv2.resize(plane, (half.shape[1], half.shape[0]), interpolation=cv2.INTER_AREA)
    return copy


def mixture(one: VideoFrame, other: VideoFrame, share: float) -> VideoFrame:
    """Two pictures blended, `share` of the other one."""
    planes = cv2.addWeighted(one.to_ndarray(), 1 - share, other.to_ndarray(), share, 0)
    return VideoFrame.from_ndarray(np.asarray(planes, np.uint8), one.format.name)


def blank(size: tuple[int, int], coding: Coding) -> VideoFrame:
    """A picture to draw on."""
    return VideoFrame(*size, coding.pixel_format)


def _planes(picture: VideoFrame, rows: range) -> list[NDArray[np.uint8]]:
    """Views of these rows of the luma plane and of those that belong to them of the chroma planes."""
    width, half = picture.width, picture.width // 2
    chroma = [plane_rows(picture, number)[rows.start // 2 : rows.stop // 2, :half] for number in (1, 2)]
    return [plane_rows(picture)[rows.start : rows.stop, :width], *chroma]
