"""The frame size that a model family receives: frames are resized by the same rule as in its training."""

from __future__ import annotations

from math import ceil, floor, sqrt

from highlights.records import Part, Sampling

_LEAST_PATCHES = 128
"""Patches of `Sampling.multiple` squared pixels in a frame: smaller frames are enlarged.

Source: the video limits of qwen-vl-utils 0.0.14, whose `smart_resize` gives the sizes.
"""


def frame_size(part: Part, sampling: Sampling) -> tuple[int, int]:
    """Width and height, in pixels, of the frames that are passed to the model."""
    if sampling.size is not None:
        return sampling.size
    return _fitted(part.width, part.height, sampling.multiple, sampling.max_pixels)


def _fitted(width: int, height: int, multiple: int, max_pixels: int) -> tuple[int, int]:
    """The size in whole multiples that best preserves the aspect ratio, within the limits."""
    min_pixels = min(_LEAST_PATCHES * multiple**2, max_pixels // 2)
    near = tuple(max(multiple, round(side / multiple) * multiple) for side in (width, height))
    if near[0] * near[1] > max_pixels:
        shrink = sqrt(width * height / max_pixels)
        near = tuple(max(multiple, floor(side / shrink / multiple) * multiple) for side in (width, height))
    elif near[0] * near[1] < min_pixels:
        grow = sqrt(min_pixels / (width * height))
        near = tuple(ceil(side * grow / multiple) * multiple for side in (width, height))
    return near[0], near[1]
