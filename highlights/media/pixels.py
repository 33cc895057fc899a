"""Decoded pictures as arrays: brightness, scaled and upright versions."""

from __future__ import annotations

import struct
import threading
from fractions import Fraction
from math import atan2, degrees
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from highlights.media import hdr
from highlights.records import Box

if TYPE_CHECKING:
    from typing_extensions import Buffer

_UNKNOWN_COLOURS = 2
_BT709 = 1
_HD_HEIGHT_PX = 720
"""Pictures with an unspecified colour space are BT.709 from this height on, BT.601 below."""

_PLAIN_FORMATS = ("yuv420p", "yuvj420p")
_of_this_thread = threading.local()


def shown_size(width: int, height: int, pixel_aspect: Fraction, rotation_deg: int) -> tuple[int, int]:
    """Display size of a decoded picture: width and height once it is upright and its pixels are square."""
    width = max(1, round(width * pixel_aspect))
    return (height, width) if rotation_deg in (90, 270) else (width, height)


def upright(pixels: NDArray[np.uint8], rotation_deg: int, mirrored: bool = False) -> NDArray[np.uint8]:
    """Decoded pixels the way they are shown: turned counterclockwise, and then mirrored."""
    turned = np.rot90(pixels, rotation_deg // 90) if rotation_deg else pixels
    return turned[:, ::-1] if mirrored else turned


def orientation(picture: VideoFrame) -> tuple[int, bool]:
    """By how many degrees a decoded picture is turned counterclockwise to be shown, 0 to 270, and whether it is then mirrored.

    Source: a display matrix (a, b, u, c, d, v, ...) takes (x, y) to (a x + c y, b x + d y), y downwards; with a negative
    determinant it mirrors.
    """
    matrix = bytes(cast("Buffer", picture.side_data.get("DISPLAYMATRIX", b"")))
    if not matrix:
        return 0, False
    a, b, _, c, d = struct.unpack_from("=5i", matrix)
    mirrored = a * d - b * c < 0
    turned_deg = -degrees(atan2(b, -a if mirrored else a))
    return round(turned_deg / 90) * 90 % 360, mirrored


def luma(picture: VideoFrame) -> NDArray[np.uint8]:
    """Brightness, uint8 [height, width]; a view of the picture if that has 8 bits."""
    y = picture.format.components[0]
    if picture.format.is_rgb or not picture.format.is_planar or picture.format.has_palette or picture.format.is_big_endian:
        return luma(picture.reformat(format="yuv420p"))
    rows = plane_rows(picture)
    if y.bits == 8:
        return rows[:, : picture.width]
    return (rows.view(np.uint16)[:, : picture.width] >> (y.bits - 8)).astype(np.uint8)


def scaled(
    picture: VideoFrame, width: int, height: int, pixel_format: str, interpolation: str, peak_nits: float = 0.0
) -> NDArray[np.uint8]:
    """uint8 [height, width, 3] in `pixel_format` (`rgb24` or `bgr24`); of HDR as an ordinary screen shows it."""
    if hdr.is_hdr(picture):
        shown = hdr.to_sdr(picture, width, height, interpolation, _scaler("hdr"), peak_nits)
        return np.ascontiguousarray(shown[:, :, ::-1]) if pixel_format == "bgr24" else shown
    small = _scaler(pixel_format).reformat(
        picture,
        width=width,
        height=height,
        format=pixel_format,
        src_colorspace=_BT709 if taken_as(picture) != picture.colorspace else None,
        interpolation=interpolation,
        threads=1,  # waking others for a small picture takes longer than scaling it
    )
    return plane_rows(small)[:, : width * 3].reshape(height, width, 3)


def taken_as(picture: VideoFrame) -> int:
    """The colour matrix that a picture is read with: its own, or what an unspecified one is taken as."""
    unspecified_hd = picture.colorspace == _UNKNOWN_COLOURS and picture.height >= _HD_HEIGHT_PX
    return _BT709 if unspecified_hd else picture.colorspace


def crop_bgr(picture: VideoFrame, box: Box, peak_nits: float = 0.0) -> NDArray[np.uint8]:
    """uint8 [height, width, 3], BGR: a box of the picture; in the usual formats only that box is converted."""
    if picture.format.name not in _PLAIN_FORMATS:
        whole = scaled(picture, picture.width, picture.height, "bgr24", "FAST_BILINEAR", peak_nits)
        return whole[box.y0 : box.y1, box.x0 : box.x1]
    left, top = box.x0 // 2 * 2, box.y0 // 2 * 2
    right, bottom = min(box.x1 + box.x1 % 2, picture.width // 2 * 2), min(box.y1 + box.y1 % 2, picture.height // 2 * 2)
    planes = [plane_rows(picture)[top:bottom, left:right]]
    planes += [plane_rows(picture, i)[top // 2 : bottom // 2, left // 2 : right // 2] for i in (1, 2)]
    whole = np.concatenate([plane.reshape(-1) for plane in planes]).reshape(-1, right - left)
    converted = np.asarray(cv2.cvtColor(whole, cv2.COLOR_YUV2BGR_I420), np.uint8)
    return converted[box.y0 - top : box.y1 - top, box.x0 - left : box.x1 - left]


def rgb(picture: VideoFrame, peak_nits: float = 0.0) -> NDArray[np.uint8]:
    """uint8 [height, width, 3], RGB, in its decoded size and with FFmpeg's default conversion, for models.

    An unspecified colour space is taken as BT.601 whatever the size, as it was in training.
    """
    if hdr.is_hdr(picture):
        return hdr.to_sdr(picture, picture.width, picture.height, "BICUBIC", _scaler("hdr"), peak_nits)
    whole = _scaler("rgb24 for models").reformat(picture, format="rgb24", interpolation="BICUBIC")
    return plane_rows(whole)[:, : picture.width * 3].reshape(picture.height, picture.width, 3)


def plane_rows(picture: VideoFrame, number: int = 0) -> NDArray[np.uint8]:
    """The bytes of a plane, by default the first, uint8 [height, bytes per row]."""
    plane = picture.planes[number]
    return np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: plane.height]


def _scaler(use: str) -> VideoReformatter:
    """One scaler per thread and use: setting one up costs more than scaling a small picture."""
    scalers: dict[str, VideoReformatter] = _of_this_thread.__dict__
    return scalers.setdefault(use, VideoReformatter())
