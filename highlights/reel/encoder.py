"""Encoding by the ffmpeg program that comes with moviepy: H.264 High, yuv420p, AAC, chapters, index at the front.

It runs without a shell and only with file names made here, so no title or file name can be taken for an option. Moviepy's own
writer is not used because it rounds the frame rate to two digits (23.976 drifts from the audio by a frame in four minutes) and
ignores ffmpeg's exit code.
"""

from __future__ import annotations

import errno
import logging
import os
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import IO, Literal

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

from highlights.errors import RenderError
from highlights.reel.plan import SAMPLE_RATE_HZ
from highlights.reel.size_limit import MONO_KBPS
from highlights.systems import own_process_group

LOG = logging.getLogger(__name__)

THREADS = 8
"""Fixed, because x264's output depends on the number of threads."""

TO_BT709 = (
    "scale=out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd,format=yuv420p,"
    "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv"
)

SPARSE_S = 4
"""Seconds between key frames where there is little room: a key frame takes that of ten others."""
SPARE_CRF = 10
"""Encoded from the reel itself instead, one that is a tenth too large lost 2.1 dB; see docs/reels.md."""
THOROUGH = "medium"
"""x264's preset where there is little room."""

SAME_BYTES = ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]

_OF_THE_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})
_PART_OF_FFMPEG = re.compile(r"^(\[[^]]*\] )+")


@dataclass(frozen=True, slots=True)
class Encoding:
    """The settings of one encoding. `sound` holds 16-bit stereo samples at 48 kHz, `chapters` ffmpeg metadata, `captions`
    SubRip text. With a `video`, an MP4, that and `sound` are taken as they are, encoded already. `spare` is a file for the
    pictures alone, nearly without loss, to be encoded again from there."""

    target: Path
    sound: Path
    chapters: Path
    captions: Path | None
    size: tuple[int, int]
    frame_rate: Fraction
    crf: int
    preset: str
    audio_kbps: int
    video: Path | None = None
    spare: Path | None = None

    @property
    def command(self) -> list[str]:
        """The command line; without a `video` it reads frames from standard input as RGB, 3 bytes per pixel."""
        width, height = self.size
        rate = f"{self.frame_rate.numerator}/{self.frame_rate.denominator}"
        pictures = f"-f rawvideo -pix_fmt rgb24 -video_size {width}x{height} -framerate {rate} -i pipe:0"
        video = (
            f"-vf {TO_BT709} -c:v libx264 -profile:v high -crf {self.crf} -g {round(2 * self.frame_rate)} "
            f"-threads {THREADS} -preset {self.preset}"
        )
        inputs = ["-i", _name(self.video), "-i", _name(self.sound)] if self.video else [*pictures.split(), *self._samples]
        return [
            *_begin(),
            *inputs,
            *("-f", "ffmetadata", "-i", _name(self.chapters)),
            *(("-f", "srt", "-i", _name(self.captions)) if self.captions else ()),
            *["-map", "0:v", "-map", "1:a", "-map_chapters", "2"],
            *(["-map", "3:s", "-c:s", "mov_text", "-disposition:s:0", "0"] if self.captions else ()),
            *("-c:v copy -c:a copy" if self.video else f"{video} {self._audio}").split(),
            *SAME_BYTES,
            *("-movflags", "+faststart", "-f", "mp4", "-y", _name(self.target)),
            *(self._spare(self.spare) if self.spare and not self.video else ()),
        ]

    def sound_command(self, target: Path) -> list[str]:
        """The command line that only encodes the sound, as an MP4."""
        return [*_begin(), *self._samples, *self._audio.split(), *SAME_BYTES, *("-f", "mp4", "-y", _name(target))]

    def _spare(self, target: Path) -> list[str]:
        kept = f"-map 0:v -map_chapters -1 -vf {TO_BT709} -c:v libx264 -crf {SPARE_CRF} -threads {THREADS} -preset ultrafast"
        return [*kept.split(), "-f", "mp4", "-y", _name(target)]

    @property
    def _samples(self) -> list[str]:
        return [*f"-f s16le -ar {SAMPLE_RATE_HZ} -ac 2 -i".split(), _name(self.sound)]

    @property
    def _audio(self) -> str:
        few = " -ac 1 -aac_coder twoloop" if self.audio_kbps <= MONO_KBPS else " -aac_coder fast"
        return f"-c:a aac{few} -b:a {self.audio_kbps}k"


@dataclass(frozen=True, slots=True)
class TwoPasses:
    """The settings of encoding the pictures of a finished film again, to a bitrate: the first pass only takes notes, `stats`.

    `matrix` is the one of the film's colours, which its file may not tell; their range it does.
    """

    film: Path
    target: Path
    stats: Path
    size: tuple[int, int]
    frame_rate: Fraction
    kbps: int
    matrix: str

    def command(self, number: Literal[1, 2]) -> list[str]:
        """The command line of one pass; the second writes an MP4 without sound."""
        width, height = self.size
        scaled = TO_BT709.replace("scale=", f"scale={width}:{height}:in_color_matrix={self.matrix}:", 1)
        video = (
            f"-map 0:v -vf {scaled},setsar=1 -c:v libx264 -profile:v high -b:v {self.kbps}k "
            f"-g {round(SPARSE_S * self.frame_rate)} -threads {THREADS} -preset {THOROUGH} -pass {number}"
        )
        end = ["-f", "null", "-"] if number == 1 else ["-f", "mp4", "-y", _name(self.target)]
        return [
            *_begin(),
            *("-progress", "pipe:1", "-nostats", "-i", _name(self.film)),
            *video.split(),
            *("-passlogfile", str(self.stats.absolute()), *SAME_BYTES, *end),
        ]


def _begin() -> list[str]:
    return [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error"]


@contextmanager
def encoder(command: list[str], log_file: Path) -> Iterator[Callable[[NDArray[np.uint8]], None]]:
    """A function that takes the frames (uint8 [height, width, 3], RGB) in order; ffmpeg is ended however the block is left.

    What it reports goes into `log_file`. A command that reads no frames runs beside the block.

    Raises:
        OSError: the disk is full or fails.
        RenderError: ffmpeg failed; says why.
    """
    child = _started(command, log_file, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert child.stdin is not None
    pipe: IO[bytes] = child.stdin

    def put(picture: NDArray[np.uint8]) -> None:
        try:
            pipe.write(np.ascontiguousarray(picture).data)
        except BrokenPipeError as error:
            raise _failure(child.wait(), command, log_file) from error

    try:
        yield put
        _close(pipe)
        if child.wait():
            raise _failure(child.returncode, command, log_file)
    finally:
        child.kill()
        _close(pipe)
        child.wait()


def run_to_end(command: list[str], log_file: Path, on_frame: Callable[[int], None]) -> None:
    """Run a command that reads no frames and reports its progress; ffmpeg is ended however this is left.

    Raises:
        OSError: the disk is full or fails.
        RenderError: ffmpeg failed; says why.
    """
    child = _started(command, log_file, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    assert child.stdout is not None
    try:
        for line in child.stdout:
            if line.startswith(b"frame="):
                on_frame(int(line[6:]))
        if child.wait():
            raise _failure(child.returncode, command, log_file)
    finally:
        child.kill()
        child.stdout.close()
        child.wait()


def _started(command: list[str], log_file: Path, *, stdin: int, stdout: int) -> subprocess.Popen[bytes]:
    LOG.debug("%s", shlex.join(command))
    with log_file.open("wb") as log:
        # In its own process group ffmpeg does not receive Ctrl-C, which is handled here. Without restored signals a file size
        # limit is an error code instead of a signal that kills it.
        return subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=log, restore_signals=False, **own_process_group())


def _close(pipe: IO[bytes]) -> None:
    """Close ffmpeg's input; if it has already exited, its exit code tells why."""
    with suppress(BrokenPipeError):
        pipe.close()


def _failure(code: int, command: list[str], log_file: Path) -> Exception:
    """Why ffmpeg failed; its exit code is the last byte of a negative error number."""
    if 256 - code in _OF_THE_DISK:
        return OSError(256 - code, os.strerror(256 - code))
    lines = log_file.read_text(errors="replace").strip().splitlines()
    # the first line names the cause, the others are consequences
    cause = _PART_OF_FFMPEG.sub("", lines[0]) if lines else f"it ended with code {code}"
    return RenderError(f"ffmpeg could not write the reel: {cause}", shlex.join(command))


def _name(path: Path) -> str:
    """A file name that ffmpeg cannot take for an option or a URL."""
    return f"file:{path.absolute()}"
