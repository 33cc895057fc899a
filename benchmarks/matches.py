"""The matches to measure on: those of a folder, assembled ones, or the sample.

A folder contains `<name>.mp4` with `<name>.truth.json`. An optional file `matches.json` adds what the truth does not have: the
profile for a match, and that it has no score graphic.

    {"hockey": {"sport": "ice_hockey"}, "bare": {"graphic": false}}
"""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
ASSEMBLER = SHARED / "tools" / "assemble_match.py"
FOOTAGE = SHARED / "footage"
SAMPLE = ROOT / "samples" / "soccer.mp4"
NOTES = "matches.json"


@dataclass(frozen=True, slots=True)
class Match:
    """A recording with its truth, and the profile it is run with."""

    name: str
    path: Path
    truth: Path
    sport: str
    duration_s: float
    graphic: bool = True


@dataclass(frozen=True, slots=True)
class Assembly:
    """A match to assemble; `profile` if it differs from the sport of the footage."""

    sport: str
    style: str
    minutes: int
    seed: int
    profile: str = ""

    @property
    def name(self) -> str:
        return f"{self.profile or self.sport}-{self.style}-{self.minutes}min-seed{self.seed}"


FULL = (
    Assembly("soccer", "clock-first", 10, 7),
    Assembly("soccer", "plain", 6, 4),
    Assembly("soccer", "bottom", 6, 5),
    Assembly("soccer", "period", 6, 3, profile="ice_hockey"),
    Assembly("soccer", "none", 10, 3),
    Assembly("soccer", "clock-first", 30, 8),
    Assembly("basketball", "plain", 6, 1),
    Assembly("basketball", "period", 6, 6),
    Assembly("cricket", "bottom", 6, 2),
    Assembly("cricket", "clock-first", 6, 7),
)
TIMED = FULL[:1]
LONG = (Assembly("soccer", "clock-first", 90, 11),)
QUICK = (
    Assembly("soccer", "clock-first", 3, 7),
    Assembly("soccer", "period", 3, 3, profile="ice_hockey"),
    Assembly("basketball", "plain", 3, 1),
    Assembly("cricket", "bottom", 3, 2),
)


def can_assemble() -> bool:
    """Whether the footage, the assembler and the system's ffmpeg are available."""
    return (
        ASSEMBLER.is_file() and FOOTAGE.is_dir() and shutil.which("ffmpeg") is not None and shutil.which("ffprobe") is not None
    )


def assembled(assemblies: Sequence[Assembly], folder: Path) -> list[Match]:
    """The assemblies in `folder`; those of an earlier run are reused."""
    folder.mkdir(parents=True, exist_ok=True)
    notes = {}
    for assembly in assemblies:
        # the assembler writes the truth last, so its presence means that the match is complete
        if not (folder / f"{assembly.name}.truth.json").is_file():
            print(f"assembling {assembly.name} ...", file=sys.stderr)
            _assemble(assembly, folder / f"{assembly.name}.mp4")
        notes[assembly.name] = {"sport": assembly.profile or assembly.sport, "graphic": assembly.style != "none"}
    (folder / NOTES).write_text(json.dumps(notes, indent=1) + "\n")
    return [_match(folder, assembly.name, notes[assembly.name]) for assembly in assemblies]


def _assemble(assembly: Assembly, target: Path) -> None:
    choices = ("--minutes", assembly.minutes, "--seed", assembly.seed, "--style", assembly.style, "--sport", assembly.sport)
    command = [sys.executable, str(ASSEMBLER), str(FOOTAGE), str(target), *map(str, choices)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise SystemExit(f"{target.name} cannot be assembled:\n{ran.stderr.strip()}")


def in_folder(folder: Path) -> list[Match]:
    """All matches in a folder that have a truth, by name."""
    notes = json.loads((folder / NOTES).read_text()) if (folder / NOTES).is_file() else {}
    names = sorted(path.stem for path in folder.glob("*.mp4") if path.with_suffix(".truth.json").is_file())
    if not names:
        raise SystemExit(f"{folder}: no match found; needed are NAME.mp4 with NAME.truth.json")
    return [_match(folder, name, notes.get(name, {})) for name in names]


def _match(folder: Path, name: str, note: dict[str, object]) -> Match:
    path = folder / f"{name}.mp4"
    truth = path.with_suffix(".truth.json")
    content = json.loads(truth.read_text(encoding="utf-8"))
    sport = str(note.get("sport", content["sport"]))
    return Match(name, path, truth, sport, float(content["duration_s"]), bool(note.get("graphic", True)))


def sample() -> Match:
    """This project's sample match."""
    if not SAMPLE.is_file():
        raise SystemExit(f"{SAMPLE}: missing; make it with `python samples/make_soccer.py`")
    return _match(SAMPLE.parent, SAMPLE.stem, {})


def lengthened(match: Match, at_least_s: float, folder: Path) -> tuple[Path, float]:
    """The recording, repeated by stream copy until it is long enough, and its duration in seconds."""
    times = max(1, math.ceil(at_least_s / match.duration_s - 0.05))
    if times == 1:
        return match.path, match.duration_s
    target = folder / f"{match.name}-x{times}.mp4"
    if not target.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(".part.mp4")
        source = ["-stream_loop", str(times - 1), "-i", str(match.path)]
        copied = ["-map", "0:v:0", "-map", "0:a:0?", "-c", "copy", "-y", str(part)]
        subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *source, *copied], stdin=subprocess.DEVNULL, check=True)
        part.replace(target)
    return target, times * match.duration_s
