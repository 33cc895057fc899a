"""The frames of a recording in presentation order, each with its time on the match clock.

Times are compared rounded to 1 ms, like those of spans, so a span that ends at a frame's time never contains that frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from highlights.errors import RecordingError
from highlights.media import pixels
from highlights.media.faults import FaultCounter
from highlights.media.pictures import LONGEST_STILL_S, PartReader, key_pictures
from highlights.records import Box, Part, Recording


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame.

    `time_s` is on the match clock; `part` counts the recording's files from 0; `key` marks a key frame; `picture` is as
    decoded: not rotated, and its pixels may not be square.
    """

    time_s: float
    part: int
    key: bool
    picture: VideoFrame
    rotation_deg: int = 0
    pixel_aspect: Fraction = Fraction(1)
    mirrored: bool = False
    peak_nits: float = 0.0

    def upright(self, decoded: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Pixels of this frame as decoded, turned and mirrored the way they are shown."""
        return pixels.upright(decoded, self.rotation_deg, self.mirrored)

    def luma(self) -> NDArray[np.uint8]:
        """Brightness, uint8 [height, width], as decoded; a view of the decoder's memory if that has 8 bits."""
        return pixels.luma(self.picture)

    def small_bgr(self, width: int) -> NDArray[np.uint8]:
        """uint8 [height, width, 3], BGR, as decoded but `width` pixels wide; fast, for analysis."""
        height = max(2, round(self.picture.height * width / self.picture.width))
        return pixels.scaled(self.picture, width, height, "bgr24", "FAST_BILINEAR", self.peak_nits)

    def crop_bgr(self, box: Box) -> NDArray[np.uint8]:
        """uint8 [height, width, 3], BGR: a box of the upright frame, its pixels as decoded; fast, for analysis."""
        if not self.rotation_deg and not self.mirrored:
            return pixels.crop_bgr(self.picture, box, self.peak_nits)
        whole = self.upright(self.small_bgr(self.picture.width))
        return whole[box.y0 : box.y1, box.x0 : box.x1]

    def rgb(self, width: int | None = None, height: int | None = None) -> NDArray[np.uint8]:
        """uint8 [height, width, 3], RGB, upright and with square pixels, for people to look at.

        Given one of `width` and `height`, the other follows from the aspect ratio; given none, it has its display size.
        """
        full_width, full_height = pixels.shown_size(
            self.picture.width, self.picture.height, self.pixel_aspect, self.rotation_deg
        )
        if width is None:
            width = full_width if height is None else max(2, round(full_width * height / full_height))
        if height is None:
            height = max(2, round(full_height * width / full_width))
        if self.rotation_deg in (90, 270):
            width, height = height, width
        image = pixels.scaled(self.picture, width, height, "rgb24", "BICUBIC", self.peak_nits)
        return np.ascontiguousarray(self.upright(image))


def read_frames(
    recording: Recording,
    *,
    start_s: float = 0.0,
    end_s: float | None = None,
    key_frames_only: bool = False,
    faults: FaultCounter | None = None,
    deinterlace: bool = False,
    draft: bool = False,
) -> Iterator[Frame]:
    """The frames shown in `[start_s, end_s)`, over all parts, one in memory at a time.

    Args:
        recording: As returned by `open_recording`.
        start_s: First instant on the match clock; reading starts at the key frame before it.
        end_s: First instant no longer read; None reads to the end.
        key_frames_only: Skip all other frames; about ten times as fast.
        faults: Where damaged frames are counted; reading continues after them.
        deinterlace: Deinterlace interlaced frames (one frame for two fields).
        draft: Skip deblocking of non-reference frames: faster, for analysis only.
    """
    faults = FaultCounter() if faults is None else faults
    end_s = inf if end_s is None else end_s
    for number, part in enumerate(recording.parts):
        if part.start_s + part.duration_s <= start_s or part.start_s >= end_s:
            continue
        reader = PartReader(part, faults, key_frames_only=key_frames_only, deinterlace=deinterlace, draft=draft)
        for time_s, picture in reader.read(start_s - part.start_s):
            frame = frame_of(part, number, time_s, picture)
            if round(frame.time_s, 3) >= end_s:
                break
            if round(frame.time_s, 3) >= start_s:
                yield frame


def key_frames_at(recording: Recording, times_s: Sequence[float]) -> Iterator[Frame]:
    """For each instant the key frame at or before it in the same file, part by part; none where none can be decoded.

    Decodes one key frame per instant. A file that is not seekable gives its first key frame every time.
    """
    for number, part in enumerate(recording.parts):
        wanted_s = [time_s - part.start_s for time_s in times_s if recording.part_at(time_s) == number]
        for time_s, picture in key_pictures(part, wanted_s) if wanted_s else ():
            yield frame_of(part, number, time_s, picture)


def read_frame(recording: Recording, time_s: float) -> Frame:
    """The frame shown at `time_s`; outside the recording, the first or last one."""
    number = recording.part_at(time_s)
    part = recording.parts[number]
    shown = _shown_at(part, time_s, thin_before=True)
    if shown is None or min(time_s, part.start_s + part.duration_s) - part.start_s - shown[0] > LONGEST_STILL_S:
        shown = _shown_at(part, time_s, thin_before=False)  # a frame that was left out may be shown until then
    if shown is None:
        raise RecordingError(part.path, f"no frame can be decoded at {time_s:.3f} s")
    return frame_of(part, number, *shown)


def _shown_at(part: Part, time_s: float, *, thin_before: bool) -> tuple[float, VideoFrame] | None:
    """The last frame of a part that is shown at or before a match time, the first one if none is; with its time in the part."""
    shown = None
    reader = PartReader(part, FaultCounter(), thin_before=thin_before)
    for at_s, picture in reader.read(min(time_s - part.start_s, part.duration_s)):
        if shown is not None and round(part.start_s + at_s, 3) > time_s:
            break
        shown = (at_s, picture)
    return shown


def frame_of(part: Part, number: int, time_s: float, picture: VideoFrame) -> Frame:
    """A decoded picture of a part as a frame of the recording; `time_s` counts from the part's first frame."""
    match_s = round(part.start_s + time_s, 6)
    shown = part.rotation_deg, part.pixel_aspect, part.mirrored, part.peak_nits
    return Frame(match_s, number, picture.key_frame, picture, *shown)
