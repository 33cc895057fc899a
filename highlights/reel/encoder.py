"""The ffmpeg program that moviepy brings along, fed with pictures: H.264 High, yuv420p, AAC, chapters, index in front.

It is run without a shell and sees only names of our own making, so no title or file name can be taken for an option. Its
own writer in moviepy is passed over because that rounds the frame rate to two digits (23.976 drifts from the sound by a
frame in four minutes) and does not look at how ffmpeg ended.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import IO

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

from highlights.errors import OutputError, RenderError
from highlights.reel.plan import SAMPLE_RATE_HZ

THREADS = 8
"""Fixed, because x264 gives other bytes for another number of threads."""

TO_BT709 = (
    "scale=out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd,format=yuv420p,"
    "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv"
)
SAME_BYTES = ("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact")

_PART_OF_FFMPEG = re.compile(r"^(\[[^]]*\] )+")


@dataclass(frozen=True, slots=True)
class Encoding:
    """All that ffmpeg is told. `sound` holds 16-bit stereo samples at 48 kHz, `chapters` ffmpeg's metadata text."""

    target: Path
    sound: Path
    chapters: Path
    log: Path
    size: tuple[int, int]
    frame_rate: Fraction
    crf: int
    preset: str
    audio_kbps: int

    @property
    def command(self) -> list[str]:
        """The command line; pictures are expected on its standard input as RGB, 3 bytes per pixel."""
        width, height = self.size
        rate = f"{self.frame_rate.numerator}/{self.frame_rate.denominator}"
        pictures = [
            "-f",
            "rawvideo",
            "-pix_fmt",
            "rgb24",
            "-video_size",
            f"{width}x{height}",
            "-framerate",
            rate,
            "-i",
            "pipe:0",
        ]
        sound = ["-f", "s16le", "-ar", str(SAMPLE_RATE_HZ), "-ac", "2", "-i", _name(self.sound)]
        chapters = ["-f", "ffmetadata", "-i", _name(self.chapters)]
        streams = ["-map", "0:v", "-map", "1:a", "-map_chapters", "2"]
        colours = ["-vf", TO_BT709]
        video = ["-c:v", "libx264", "-profile:v", "high", "-preset", self.preset, "-crf", str(self.crf)]
        seekable = ["-g", str(round(2 * self.frame_rate)), "-threads", str(THREADS)]
        audio = ["-c:a", "aac", "-b:a", f"{self.audio_kbps}k"]
        target = [*SAME_BYTES, "-movflags", "+faststart", "-f", "mp4", "-y", _name(self.target)]
        quiet = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error"]
        return [*quiet, *pictures, *sound, *chapters, *streams, *colours, *video, *seekable, *audio, *target]


@contextmanager
def encoder(encoding: Encoding) -> Iterator[Callable[[NDArray[np.uint8]], None]]:
    """A function that takes the pictures (uint8 [height, width, 3], RGB) one after the other; ends ffmpeg however it is left.

    Raises:
        OutputError: the disk is full.
        RenderError: ffmpeg refused or failed; says its last words.
    """
    with encoding.log.open("wb") as log:
        child = subprocess.Popen(encoding.command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=log)
        assert child.stdin is not None
        pipe: IO[bytes] = child.stdin
        try:
            with _failures_of(child, encoding):
                yield lambda picture: _feed(pipe, picture)
                pipe.close()
                if child.wait():
                    raise BrokenPipeError
        finally:
            child.kill()
            with suppress(BrokenPipeError):
                pipe.close()
            child.wait()


def _feed(pipe: IO[bytes], picture: NDArray[np.uint8]) -> None:
    """Hand over one picture, without copying it if its rows lie one after the other."""
    pipe.write(np.ascontiguousarray(picture).data)


@contextmanager
def _failures_of(child: subprocess.Popen[bytes], encoding: Encoding) -> Iterator[None]:
    """Turn ffmpeg's end before its time into an error that says why."""
    try:
        yield
    except BrokenPipeError as error:
        child.wait()
        lines = encoding.log.read_text(errors="replace").strip().splitlines()
        if any("No space left" in line for line in lines):
            raise OutputError(
                encoding.target, "the disk is full: free some space or choose another folder with --out"
            ) from error
        # The first line names the cause; the others tell which of ffmpeg's parts gave up because of it.
        cause = _PART_OF_FFMPEG.sub("", lines[0]) if lines else f"it ended with code {child.returncode}"
        raise RenderError(f"ffmpeg could not write the reel: {cause}", shlex.join(encoding.command)) from error


def _name(path: Path) -> str:
    """A file name that ffmpeg can take for nothing else."""
    return f"file:{path.absolute()}"
