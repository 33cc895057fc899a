"""Which decoders a recording may use, and how large it may be: what reads a stranger's file is the program's open door.

A decoder is code that takes any bytes, and FFmpeg has hundreds, most of them for formats of old games and editing programs that
no match is recorded in. So only those are used that cameras, broadcasters, recorders and downloads need; `--any-codec` allows
the others. FFmpeg itself opens no other decoder either when it looks into a file (`codec_whitelist`).

Source: the security advisories of FFmpeg; decoders with errors that ran a stranger's code include MagicYUV (fixed in 8.1.2) and
FLIC.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from av.stream import Stream
from av.video.stream import VideoStream

from highlights.errors import HighlightsError, RecordingError


def _names(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


VIDEO = _names(
    "h264 hevc vvc av1 libdav1d vp8 vp9 libvpx libvpx-vp9 mpeg1video mpeg2video mpegvideo mpeg4 h263 theora gif",  # downloads
    "mjpeg dvvideo msmpeg4v1 msmpeg4v2 msmpeg4 wmv1 wmv2 wmv3 vc1 flv vp6 vp6f",  # older camcorders, recorders, downloads
    "prores dnxhd cfhd jpeg2000 ffv1 v210 rawvideo",  # production and archives
)
AUDIO = _names(
    "aac aac_latm mp1 mp1float mp2 mp2float mp3 mp3float ac3 eac3 dca truehd mlp opus libopus vorbis flac alac speex",
    "wmav1 wmav2 wmapro wmavoice amrnb amrwb libopencore_amrnb libopencore_amrwb nellymoser dvaudio s302m dolby_e",
    "adpcm_ima_wav adpcm_ima_qt adpcm_ms adpcm_swf adpcm_yamaha g726 gsm_ms",
    "pcm_alaw pcm_mulaw pcm_bluray pcm_dvd pcm_s8 pcm_u8 pcm_s16le pcm_s16be pcm_s24le pcm_s24be pcm_s32le pcm_s32be",
    "pcm_f32le pcm_f32be pcm_f64le pcm_f64be pcm_u16le pcm_u16be",
)
ANY = "HIGHLIGHTS_ANY_CODEC"
"""Environment variable that allows every decoder, also in processes started by this one."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest recording that is read; each can be set by an environment variable, for those who run the program for others.

    `pixels` of one picture, `streams` of one file, `hours` of one file.
    """

    pixels: int = 8192 * 4320
    streams: int = 100
    hours: int = 48


@cache
def limits() -> Limits:
    """The limits, those of the environment first.

    Raises:
        HighlightsError: one of them is not a whole number from 1.
    """
    return Limits(**{name: _number(f"HIGHLIGHTS_MAX_{name.upper()}", usual) for name, usual in _usual().items()})


def allow_any() -> None:
    """Allow every decoder from here on."""
    os.environ[ANY] = "1"


def options() -> dict[str, str]:
    """What FFmpeg is told when it opens a file."""
    chosen = {"max_streams": str(limits().streams)}
    return chosen if _any() else chosen | {"codec_whitelist": ",".join(sorted(VIDEO | AUDIO))}


def is_allowed(stream: Stream) -> bool:
    """Whether a stream may be decoded, and can be."""
    if stream.codec_context is None:  # there is no decoder
        return False
    name = stream.codec_context.name
    return _any() or name in VIDEO | AUDIO


def prepare(path: Path, stream: VideoStream) -> None:
    """Limit the size of the pictures of a stream that is to be decoded, also where they change later.

    Raises:
        RecordingError: its codec is not one that recordings use, or its pictures are too large.
    """
    if not is_allowed(stream):
        unusual = f"its video codec ({stream.codec_context.name}) is unusual, so it is not decoded"
        raise RecordingError(path, f"{unusual}; convert it to H.264, or add --any-codec if you trust where it comes from")
    if stream.width * stream.height > limits().pixels:
        size = f"{stream.width}x{stream.height}"
        raise RecordingError(path, f"its pictures of {size} are too large; scale it down, or raise HIGHLIGHTS_MAX_PIXELS")
    stream.codec_context.options |= {"max_pixels": str(limits().pixels)}


def _any() -> bool:
    return bool(os.environ.get(ANY))


def _usual() -> dict[str, int]:
    usual = Limits()
    return {"pixels": usual.pixels, "streams": usual.streams, "hours": usual.hours}


def _number(name: str, usual: int) -> int:
    text = os.environ.get(name, "")
    if not text:
        return usual
    if not (text.isascii() and text.isdecimal() and 0 < len(text) < 13 and int(text)):
        raise HighlightsError(f"{name}={text}: must be a whole number, 1 or more")
    return int(text)
