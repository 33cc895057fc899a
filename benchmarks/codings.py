"""Recordings as people have them: long, with rare key frames, in other codings; how much faster a run is than decoding them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import imageio_ffmpeg

from benchmarks.matches import Match, lengthened
from benchmarks.speed import Runs
from benchmarks.table import Table, verdict
from benchmarks.usage import measured

LONG_S = 5400.0
CODED_S = 1200.0
REAL_TIME, LONG_FASTER = 100.0, 5.0


@dataclass(frozen=True, slots=True)
class Coding:
    """A coding: FFmpeg's options, and how many times faster than decoding a run should be; None: only measured."""

    name: str
    suffix: str
    options: tuple[str, ...]
    target: float | None = None


X264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "22", "-sc_threshold", "0", "-c:a", "copy")
VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-row-mt", "1", "-crf", "30", "-b:v", "0", "-g", "125")
CODINGS = (
    Coding("H.264, a key frame every 10 s", ".mp4", (*X264, "-g", "250"), 1.8),
    Coding("VP9, every 5 s", ".webm", (*VP9, "-c:a", "libopus"), 1.8),
    Coding("H.264, 1080p50, every 2 s", ".mp4", ("-vf", "scale=1920:1080,fps=50", *X264, "-g", "100"), 4.0),
)


def measure_codings(match: Match, runs: Runs, rounds: int, length_s: float, scratch: Path) -> Table:
    """A row for each coding of the beginning of the match; runs and decoding take turns."""
    table = Table(f"Other codings: {match.name}, {length_s / 60:.0f} minutes, {rounds} round(s)", HEADS)
    for coding in CODINGS:
        recording = _coded(match, coding, length_s, scratch)
        _add(table, coding.name, recording, match.sport, runs, rounds, length_s, coding.target)
    table.notes.append("Targets are for a run compared with `ffmpeg -f null -` decoding all frames on all cores.")
    return table


def measure_long(match: Match, runs: Runs, rounds: int, length_s: float, scratch: Path) -> Table:
    """Runs on a match of this length, or one repeated until it has it, in turns with decoding it."""
    recording, duration_s = lengthened(match, length_s, scratch)
    table = Table(f"A long recording: {recording.name}, {duration_s / 60:.0f} minutes, {rounds} round(s)", HEADS)
    wall_s = _add(table, "H.264, every 2 s", recording, match.sport, runs, rounds, duration_s, LONG_FASTER)
    speed = duration_s / wall_s
    table.add("  times real time", f"{speed:.0f}", "", "", f">= {REAL_TIME:g}", verdict(speed >= REAL_TIME))
    return table


HEADS = ("recording", "run, wall / CPU", "decoding, wall / CPU", "times faster, wall / CPU", "target", "met")


def _add(
    table: Table, name: str, recording: Path, sport: str, runs: Runs, rounds: int, length_s: float, target: float | None
) -> float:
    """Add a row; the wall time of a run in seconds."""
    ffmpeg = shutil.which("ffmpeg") or imageio_ffmpeg.get_ffmpeg_exe()
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(runs.again(recording, sport))
        print(f"decoding {recording.name} ...", file=sys.stderr)
        theirs.append(measured([ffmpeg, "-v", "error", "-i", str(recording), "-map", "0:v", "-f", "null", "-"]))
    wall = median(their.wall_s / our.wall_s for our, their in zip(ours, theirs, strict=True))
    cpu = median(their.cpu_s / our.cpu_s for our, their in zip(ours, theirs, strict=True))
    wall_s = median(use.wall_s for use in ours)
    judged = ("", "") if target is None else (f">= {target:g}", verdict(wall >= target))
    times = [f"{median(u.wall_s for u in uses):.1f} s / {median(u.cpu_s for u in uses):.1f} s" for uses in (ours, theirs)]
    table.add(name, *times, f"{wall:.2f} / {cpu:.2f}", *judged)
    return wall_s


def _coded(match: Match, coding: Coding, length_s: float, scratch: Path) -> Path:
    """The beginning of the match in this coding; made once."""
    name = "".join(letter if letter.isalnum() else "-" for letter in coding.name.lower())
    target = scratch / f"{match.name}-{length_s:.0f}s-{name}{coding.suffix}"
    if not target.is_file():
        print(f"coding {target.name} ...", file=sys.stderr)
        part = target.with_name(f"part-{target.name}")
        ffmpeg = shutil.which("ffmpeg") or imageio_ffmpeg.get_ffmpeg_exe()
        cut = ("-t", f"{length_s:.0f}", "-i", str(match.path), "-map", "0:v:0", "-map", "0:a:0?")
        subprocess.run([ffmpeg, "-v", "error", "-y", *cut, *coding.options, str(part)], stdin=subprocess.DEVNULL, check=True)
        part.replace(target)
    return target
