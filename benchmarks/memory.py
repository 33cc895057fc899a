"""Peak memory of all processes of a run together: on short and long recordings, and in 4K."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import imageio_ffmpeg

from benchmarks.matches import Match, lengthened
from benchmarks.speed import Runs
from benchmarks.table import Table, verdict

RATIO_TARGET, PEAK_TARGET_MB = 1.2, 700.0
LONGER = 9  # times 10 minutes
LARGE_S, LARGE_TIMES = 40.0, 3  # of the match in 4K, and how often it is repeated


def measure_memory(match: Match, runs: Runs, length_s: float, longer: int, scratch: Path) -> Table:
    """Peaks of runs on the match, on the match repeated, and on a piece of it in 4K."""
    table = Table("Memory: peak of a fresh process and its children", ("what", "reached", "target", "met"))
    short, short_s = lengthened(match, length_s, scratch)
    long, long_s = lengthened(match, longer * short_s, scratch)
    peaks_mb = [
        _add_peak(table, f"run on {length / 60:.0f} minutes", file, match, runs)
        for file, length in ((short, short_s), (long, long_s))
    ]
    ratio = peaks_mb[1] / peaks_mb[0]
    table.add("  ratio", f"{ratio:.2f}", f"<= {RATIO_TARGET}", verdict(ratio <= RATIO_TARGET))
    _add_peak(table, f"run on {LARGE_TIMES * LARGE_S / 60:.0f} minutes in 4K", large(match, scratch), match, runs)
    return table


def _add_peak(table: Table, what: str, recording: Path, match: Match, runs: Runs) -> float:
    used = runs.once(recording, match.sport)
    table.add(what, f"{used.peak_mb:.0f} MB", f"<= {PEAK_TARGET_MB:.0f} MB", verdict(used.peak_mb <= PEAK_TARGET_MB))
    return used.peak_mb


def large(match: Match, scratch: Path) -> Path:
    """The beginning of the match in 3840x2160, reused from an earlier run if possible."""
    piece = scratch / f"{match.name}-4k.mp4"
    if not piece.is_file():
        print(f"making {piece.name} ...", file=sys.stderr)
        part = piece.with_suffix(".part.mp4")
        source = ["-i", str(match.path), "-t", f"{LARGE_S:g}", "-vf", "scale=3840:2160"]
        coded = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-c:a", "aac", "-y", str(part)]
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *source, *coded]
        subprocess.run(command, stdin=subprocess.DEVNULL, check=True)
        part.replace(piece)
    return lengthened(Match(piece.stem, piece, match.truth, match.sport, LARGE_S), LARGE_TIMES * LARGE_S, scratch)[0]
