"""Pictures with high dynamic range (HDR), as phones record them, shown on an ordinary screen (BT.709).

    R'G'B', HLG or PQ, BT.2020 ──► nits ──► tone curve ──► BT.709 primaries ──► R'G'B', gamma 2.4

A file has one tone curve, so its peak is measured in some of its pictures. If it is about the white of ordinary screens, or the
reference white of HDR, the file was converted, and comes out as it was before. If it is brighter, the curve is straight up to
a knee, and logarithmic from there to the peak: a phone's sunlit pitch keeps its clouds.

Source: ITU-R BT.2100-2 (HLG, PQ), BT.2087-0 (primaries), BT.2408-7 (reference white). Differs for HLG: BT.2100 has its gamma of
1.2 on luminance, for HDR screens; here it is on R, G and B each, as an ordinary camera and screen have it together, so that
colours are those of an ordinary recording of the same scene and not paler.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

PQ, HLG = 16, 18
"""Transfer characteristics, as in a stream's header."""
REFERENCE_WHITE_NITS = 203.0
SDR_WHITE_NITS, OVERSHOOT = 100.0, 1.3  # of a broadcast converted without being made brighter; encoders overshoot by some
KNEE = 0.6  # of the reference white: what is darker is left as it is
HLG_PEAK_NITS, HLG_GAMMA = 1000.0, 1.2
BRIGHTEST = 99.9  # percentile of the pixels: a lamp or a reflection may be brighter
MEASURED_WIDTH = 320
_LEVELS = 1 << 12  # of R'G'B': HDR pictures have 10 or 12 bits

Floats = NDArray[np.float32]

_M1, _M2, _C1, _C2, _C3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
_LUMA = np.array([0.2627, 0.6780, 0.0593])
_TO_BT709 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32)


def is_hdr(picture: VideoFrame) -> bool:
    """Whether a picture has high dynamic range."""
    return picture.color_trc in (PQ, HLG)


def peak_nits(pictures: Iterable[VideoFrame]) -> float:
    """The luminance of the brightest parts of the pictures; 0 if none of them is HDR."""
    peaks = [0.0]
    for picture in filter(is_hdr, pictures):
        height = max(2, round(picture.height * MEASURED_WIDTH / picture.width))
        levels = _levels(picture, MEASURED_WIDTH, height, "AREA", VideoReformatter())
        luma = levels @ _LUMA  # of a colour it is lower, but where two colours meet, one of R, G and B may be too bright
        peaks.append(float(_nits(picture.color_trc)[int(np.percentile(luma, BRIGHTEST))]))
    return round(max(peaks), 1)


def to_sdr(
    picture: VideoFrame, width: int, height: int, interpolation: str, scaler: VideoReformatter, peak: float
) -> NDArray[np.uint8]:
    """uint8 [height, width, 3], RGB: an HDR picture for an ordinary screen; `peak` is that of its file in nits, or 0."""
    import cv2  # most recordings have no HDR, and a cached run never needs it

    levels = _levels(picture, width, height, interpolation, scaler)
    light = _nits(picture.color_trc)[levels]
    light *= _gains(picture.color_trc, peak or HLG_PEAK_NITS)[levels.max(axis=2)][:, :, None]
    shown = cv2.transform(light, _TO_BT709 * np.float32(_LEVELS - 1))
    return np.asarray(_gamma()[np.clip(shown, 0, _LEVELS - 1, out=shown).astype(np.uint16)])


def _levels(picture: VideoFrame, width: int, height: int, interpolation: str, scaler: VideoReformatter) -> NDArray[np.uint16]:
    """R'G'B' in steps of 1 / `_LEVELS`: uint16 [height, width, 3]."""
    scaled = scaler.reformat(picture, width=width, height=height, format="rgb48le", interpolation=interpolation)
    plane = scaled.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint16).reshape(-1, plane.line_size // 2)[:height, : width * 3]
    return np.right_shift(rows.reshape(height, width, 3), 4, dtype=np.uint16)


@lru_cache(maxsize=2)
def _nits(transfer: int) -> Floats:
    """The light of each level of R', G' or B'."""
    level = np.linspace(0, 1, _LEVELS)
    if transfer == PQ:
        root = level ** (1 / _M2)
        return np.asarray(10_000 * (np.maximum(root - _C1, 0) / (_C2 - _C3 * root)) ** (1 / _M1), np.float32)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(level <= 0.5, level**2 / 3, (np.exp((level - c) / a) + b) / 12)
    return np.asarray(HLG_PEAK_NITS * scene**HLG_GAMMA, np.float32)


@lru_cache(maxsize=8)
def _gains(transfer: int, peak: float) -> Floats:
    """By the level of the brightest of R', G' and B', what light in nits is multiplied by: the screen's white is 1."""
    white = SDR_WHITE_NITS if peak <= OVERSHOOT * SDR_WHITE_NITS else REFERENCE_WHITE_NITS
    light = np.maximum(_nits(transfer).astype(np.float64), 1e-4) / white
    shown = _bent(light, peak / white) if peak > OVERSHOOT * white else light
    return np.asarray(np.minimum(shown, 1.0) / light / white, np.float32)


def _bent(light: NDArray[np.float64], peak: float) -> NDArray[np.float64]:
    """Light as it is up to the knee, from there logarithmic, without a kink, to 1 at the peak."""
    above, room = np.maximum(light - KNEE, 0) / (1 - KNEE), (peak - KNEE) / (1 - KNEE)
    steep = 1.0
    for _ in range(100):  # until the curve starts as steeply as it ends below the knee
        steep = float(np.log1p(steep * room))
    return np.where(light <= KNEE, light, KNEE + (1 - KNEE) * np.log1p(steep * above) / steep)


@lru_cache(maxsize=1)
def _gamma() -> NDArray[np.uint8]:
    """The code value of each share of white on a screen with gamma 2.4 (BT.1886)."""
    return np.round(255 * np.linspace(0, 1, _LEVELS) ** (1 / 2.4)).astype(np.uint8)
