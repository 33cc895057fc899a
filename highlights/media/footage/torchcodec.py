"""`TorchcodecFrames`: the same as `PyavFrames`, by torchcodec, on a GPU if requested."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from highlights.media.decoders import is_allowed
from highlights.media.footage.pyav import Numbered
from highlights.media.source import opened, picture_stream
from highlights.records import Part

if TYPE_CHECKING:
    from torch import Tensor
    from torchcodec.decoders import VideoDecoder

_BATCH = 8  # full-size frames in memory at once; 50 MB at 1080p
_WITHOUT_INDEX = ("mpegts", "mpeg")
"""In these a seek may land on any key frame, which torchcodec takes for the right one."""
_SAME_S = 0.001
_LESS_THAN_ROUNDING_S = 0.000499
"""A frame that starts this little after an instant is shown then, as times are compared at 1 ms."""


def problem() -> str:
    """Why torchcodec cannot be used here; empty if it can.

    It can be installed without FFmpeg's libraries, and then fails to load.
    """
    try:
        import torchcodec.decoders  # noqa: F401
    except (ImportError, OSError, RuntimeError) as error:
        return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return ""


class TorchcodecFrames:
    """Reads until it meets something that it may not show as a player would; the rest is left to another decoder.

    On the CPU its frames differ from those of `PyavFrames` by 2 grey levels at most, due to rounding; with more than 8 bits by
    a few, as versions of FFmpeg convert their colours differently. With `device` "cuda" the GPU decodes the codecs that it
    supports and resizes everything, with its own rounding; rotated files stay on the CPU.
    """

    def __init__(self, part: Part, rate_hz: float, size: tuple[int, int], device: str) -> None:
        self._part = part
        self._rate_hz = rate_hz
        self._size = size
        self._decoder = _decoder(part, "cpu" if part.rotation_deg else device)

    def read(self, numbers: Sequence[int]) -> Iterator[Numbered]:
        """The frames at these numbers of the grid, in ascending order; ends early where torchcodec cannot be trusted."""
        if self._decoder is None:
            return
        for at in range(0, len(numbers), _BATCH):
            batch = list(numbers[at : at + _BATCH])
            try:
                found = self._read(self._decoder, batch)
            except (RuntimeError, IndexError, ValueError):  # damaged, or a failed seek: torchcodec reports no more
                return
            if found is None:
                return
            yield from zip(batch, _resized(found, self._size).numpy(), strict=True)

    def close(self) -> None:
        """Close the file."""
        self._decoder = None

    def _read(self, decoder: VideoDecoder, numbers: list[int]) -> Tensor | None:
        """uint8 [num_frames, height, width, 3], or None if one of the frames is not the one shown then."""
        import torch

        due_s = [round(number / self._rate_hz, 3) for number in numbers]
        from_file_s = [time_s + self._part.first_pts_s + _LESS_THAN_ROUNDING_S for time_s in due_s]
        inside = [time_s for time_s in from_file_s if time_s < decoder.metadata.end_stream_seconds]
        found, times_s = [], []
        if inside:
            frames = decoder.get_frames_played_at(inside)
            found.append(frames.data)
            times_s += frames.pts_seconds.tolist()
        if len(inside) < len(from_file_s):
            last = decoder.get_frame_at(len(decoder) - 1)
            found.append(last.data.expand(len(from_file_s) - len(inside), *last.data.shape))
            times_s += [last.pts_seconds] * (len(from_file_s) - len(inside))
        begun = all(round(at - self._part.first_pts_s, 3) <= due for at, due in zip(times_s, due_s, strict=True))
        return torch.cat(found) if begun else None


def _decoder(part: Part, device: str) -> VideoDecoder | None:
    """A decoder with the exact time of every frame, or None where it would show other frames than a player."""
    from torchcodec.decoders import VideoDecoder

    with opened(part.path) as container:
        if container.format.name in _WITHOUT_INDEX:
            return None
        if part.mirrored or part.peak_nits:
            return None  # it only turns pictures, and shows HDR pale
        if not all(map(is_allowed, (*container.streams.video, *container.streams.audio))):
            return None  # it would open the decoders of all streams
        stream = picture_stream(part.path, container).index
    try:
        decoder = VideoDecoder(
            str(part.path.absolute()),
            stream_index=stream,
            dimension_order="NHWC",
            num_ffmpeg_threads=0,
            device=device,
            seek_mode="exact",
        )
    except (RuntimeError, ValueError):  # torchcodec reports no more
        return None
    begin_s = decoder.metadata.begin_stream_seconds
    return decoder if begin_s is not None and abs(begin_s - part.first_pts_s) < _SAME_S else None


def _resized(pictures: Tensor, size: tuple[int, int]) -> Tensor:
    """uint8 [num_frames, height, width, 3] on the host, resized as in training: bicubic with antialiasing."""
    import torch
    from torch.nn.functional import interpolate

    planes = pictures.permute(0, 3, 1, 2)
    if pictures.is_cuda:  # CUDA resizes floats only
        planes = planes.float()
    small = interpolate(planes, (size[1], size[0]), mode="bicubic", antialias=True)
    return small.round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous().cpu()
