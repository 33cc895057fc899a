"""`MatchingEncoder`: encodes frames like those of a recording, so that the packets of both can follow each other in one file.

One encoder makes all re-encoded parts of a reel. It has no lookahead and no B-frames, so each frame is output at once, and the
first one of a part resets the decoder.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, cast

from av.codec.context import Flags
from av.error import FFmpegError
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from highlights.errors import RenderError
from highlights.media.cut.nal import join_nal_units, length_size, nal_units
from highlights.media.cut.parameter_sets import (
    ParameterSetIds,
    free_ids,
    is_slice,
    parameter_sets,
    unit_type,
    with_ids,
    with_sets,
)
from highlights.media.cut.stretches import Source

_PROFILES = {
    "h264": {
        "Constrained Baseline": "baseline",
        "Baseline": "baseline",
        "Main": "main",
        "High": "high",
        "High 10": "high10",
        "High 4:2:2": "high422",
    },
    "hevc": {"Main": "main", "Main 10": "main10"},
}
_ENCODERS: dict[str, Literal["libx264", "libx265"]] = {"h264": "libx264", "hevc": "libx265"}
_FORMATS = frozenset({"yuv420p", "yuvj420p", "yuv422p", "yuv420p10le", "yuv422p10le"})
_QUALITY = {"h264": 19, "hevc": 21}
"""A little better than needed: the parts are short, and their frames have been encoded once before."""
_THREADS = 4
"""Fixed, because the output of x264 depends on the number of threads."""
_PROGRESSIVE = (0, 1)  # unknown counts as progressive: MP4 and Matroska files often do not specify it
_LONGEST_GROUP_S = 2


def check_matching(source: Source) -> None:
    """Check that frames can be encoded like those of a source.

    Raises:
        RenderError: they cannot; the message says why and what to do.
    """
    problem = _problem(source)
    if problem:
        raise RenderError(f"{source.part.path}: {problem}; use --reel edit")


def _problem(source: Source) -> str:
    codec, context = source.part.video_codec, source.stream.codec_context
    if codec not in _PROFILES:
        return f"{codec} video cannot be cut between key frames"
    if context.profile not in _PROFILES[codec] or context.pix_fmt not in _FORMATS:
        return f"video with profile {context.profile} ({context.pix_fmt}) cannot be cut between key frames"
    if context.field_order not in _PROGRESSIVE:
        return "interlaced video cannot be cut between key frames"
    sets = parameter_sets(codec, context.extradata)
    if len({unit_type(unit, codec) for unit in sets}) < (2 if codec == "h264" else 3):
        return "has no complete parameter sets in its header"
    try:
        free_ids(codec, sets)
    except ValueError:
        return "uses all parameter set ids"
    return ""


class MatchingEncoder:
    """Encodes frames like those of `source`; `extradata` is the decoder configuration for both.

    `preset` is that of x264 or x265, and `quality` their `crf`.

    Raises:
        RenderError: there is no encoder for them.
    """

    def __init__(self, source: Source, preset: str = "veryfast", quality: int | None = None) -> None:
        check_matching(source)
        stream, self._codec = source.stream, source.part.video_codec
        extradata = stream.codec_context.extradata or b""
        self._size = length_size(self._codec, extradata)
        self._ids = free_ids(self._codec, parameter_sets(self._codec, extradata))
        self._context = _context(source, _options(source, self._ids, preset, quality))
        self._count = 0
        try:
            self._context.open()
        except FFmpegError as error:
            raise RenderError(f"{source.part.path}: no matching encoder ({error.strerror}); use --reel edit") from error
        own = parameter_sets(self._codec, self._context.extradata)
        self.extradata = with_sets(self._codec, extradata, [self._with_own_ids(unit) for unit in own])

    def encode(self, pictures: Iterable[VideoFrame]) -> Iterator[Packet[VideoStream]]:
        """One packet for each frame; the first one is a random access point."""
        for number, picture in enumerate(pictures):
            picture.pict_type = PictureType.NONE if number else PictureType.I
            picture.time_base, picture.pts = self._context.time_base, self._count
            self._count += 1
            yield from map(self._packaged, self._context.encode(picture))

    def _packaged(self, packet: Packet[VideoStream]) -> Packet[VideoStream]:
        """A packet in the format of the source (length prefixes or start codes), with nothing but its slices."""
        found = [self._with_own_ids(unit) for unit in nal_units(bytes(packet), None) if is_slice(unit, self._codec)]
        made = cast("Packet[VideoStream]", Packet(join_nal_units(found, self._size)))
        made.is_keyframe = packet.is_keyframe
        return made

    def _with_own_ids(self, unit: bytes) -> bytes:
        return with_ids(unit, self._ids) if self._codec == "hevc" else unit


def _context(source: Source, options: dict[str, str]) -> VideoCodecContext:
    like, codec = source.stream.codec_context, source.part.video_codec
    context = VideoCodecContext.create(_ENCODERS[codec], "w")
    context.width, context.height, context.pix_fmt = like.width, like.height, like.pix_fmt
    context.framerate = source.part.frame_rate.limit_denominator(1001)
    context.time_base = 1 / context.framerate
    if like.sample_aspect_ratio:
        context.sample_aspect_ratio = like.sample_aspect_ratio
    context.color_range, context.colorspace = like.color_range, like.colorspace
    context.color_primaries, context.color_trc = like.color_primaries, like.color_trc
    context.gop_size, context.max_b_frames = max(1, round(_LONGEST_GROUP_S * context.framerate)), 0
    context.thread_count = _THREADS
    context.flags |= Flags.global_header | Flags.bitexact
    context.options = options
    return context


def _options(source: Source, ids: ParameterSetIds, preset: str, quality: int | None) -> dict[str, str]:
    like, codec = source.stream.codec_context, source.part.video_codec
    options = {
        "preset": preset,
        "tune": "zerolatency",
        "crf": str(_QUALITY[codec] if quality is None else quality),
        "forced-idr": "1",
        "profile": _PROFILES[codec][like.profile or ""],
    }
    if codec == "h264":
        return options | {"level": f"{like.level / 10:.1f}", "x264-params": f"sps-id={ids.sequence}"}
    return options | {"x265-params": "log-level=none:info=0:wpp=0:frame-threads=1:open-gop=0:repeat-headers=0"}
