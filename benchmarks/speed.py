"""Whole runs in fresh processes with an empty cache, compared with other programs on the same recording."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from statistics import median

import imageio_ffmpeg

from benchmarks.matches import Match, lengthened
from benchmarks.table import Table, verdict
from benchmarks.usage import Usage, measured
from highlights.export import timeline_json
from highlights.records import Timeline

HIGHLIGHTS = Path(sys.executable).with_name("highlights")
OTHERS = Path(__file__).with_name("others.py")
EVERY_FRAME = "--every-frame"  # decodes everything

SPEED_S = 600.0  # duration of the timed recording
REAL_TIME_TARGET = 50.0
FASTER = {"decoding every frame, ffmpeg": 3.0, "decoding every frame, PyAV": 3.0, "PySceneDetect alone": 4.0}
"""Target speed-up over these, for video of at least `TARGET_HEIGHT` lines."""
TARGET_HEIGHT = 720
HELP_TARGET_S, HELP_ROUNDS = 0.3, 5


@dataclass(slots=True)
class Runs:
    """`highlights run --reel none` on recordings: the usage of each run, and the timeline and cache of the last one."""

    folder: Path
    usages: dict[Path, list[Usage]] = field(default_factory=dict)

    def again(self, recording: Path, sport: str, *more: str) -> Usage:
        """Run on a recording in a fresh process with an empty cache."""
        print(f"running on {recording.name} {' '.join(more)}...", file=sys.stderr)
        out = self._out(recording, more)
        shutil.rmtree(out, ignore_errors=True)
        used = measured([*run_command(recording, sport, out), *more], self.cache(recording, *more))
        self.usages.setdefault(out, []).append(used)
        return used

    def once(self, recording: Path, sport: str, *more: str) -> Usage:
        """The usage of a run, which is repeated only if there was none yet."""
        out = self._out(recording, more)
        return self.usages[out][0] if out in self.usages else self.again(recording, sport, *more)

    def timeline(self, recording: Path, *more: str) -> Timeline:
        """The timeline of the last run."""
        return timeline_json.read(self._out(recording, more) / "timeline.json")

    def cache(self, recording: Path, *more: str) -> Path:
        """The cache folder of the last run."""
        return self._out(recording, more) / "cache"

    def _out(self, recording: Path, more: Sequence[str]) -> Path:
        return self.folder / "".join((recording.stem, *more))


def run_command(recording: Path, sport: str | Path, out: Path) -> list[str]:
    """The command line of a run without a reel."""
    return [str(HIGHLIGHTS), "run", str(recording), "--sport", str(sport), "--reel", "none", "--out", str(out)]


@cache
def can_read_every_frame() -> bool:
    """Whether the program has `--every-frame`."""
    shown = subprocess.run([str(HIGHLIGHTS), "run", "--help"], capture_output=True, text=True, check=True)
    return EVERY_FRAME in shown.stdout


def usual(matches: Sequence[Match]) -> Match:
    """The match to time: the one whose duration is nearest to that of the targets."""
    return min(matches, key=lambda match: abs(match.duration_s - SPEED_S))


def others_cuts(recording: Path, scratch: Path) -> list[float]:
    """Cuts found by PySceneDetect alone, in seconds; from its last run if there was one."""
    file = _cuts_file(recording, scratch)
    if not file.is_file():
        measured(_others(recording, scratch)["PySceneDetect alone"])
    return [float(time_s) for time_s in json.loads(file.read_text())]


def _cuts_file(recording: Path, scratch: Path) -> Path:
    return scratch / f"{recording.stem}.pyscenedetect.json"


def _others(recording: Path, scratch: Path) -> dict[str, list[str]]:
    ffmpeg = shutil.which("ffmpeg") or imageio_ffmpeg.get_ffmpeg_exe()
    python = [sys.executable, "-P", str(OTHERS)]
    commands = (
        [ffmpeg, "-v", "error", "-i", str(recording), "-map", "0:v", "-f", "null", "-"],
        [*python, "decode", str(recording)],
        [*python, "scenes", str(recording), str(_cuts_file(recording, scratch))],
    )
    return dict(zip(FASTER, commands, strict=True))


def measure_speed(match: Match, runs: Runs, rounds: int, length_s: float, scratch: Path) -> Table:
    """Runs and other programs in turn; ratios are computed within a round, and their median is shown."""
    recording, duration_s = lengthened(match, length_s, scratch)
    others = _others(recording, scratch)
    measured([str(HIGHLIGHTS), "--help"])  # compiles bytecode that is missing
    ours: list[Usage] = []
    theirs: dict[str, list[Usage]] = {name: [] for name in others}
    for _ in range(rounds):
        ours.append(runs.again(recording, match.sport))
        for name, command in others.items():
            print(f"{name} ...", file=sys.stderr)
            theirs[name].append(measured(command))
    judged = runs.timeline(recording).recording.parts[0].height >= TARGET_HEIGHT
    return _table(
        f"Speed: {recording.name}, {duration_s / 60:.1f} minutes, {rounds} round(s)", duration_s, ours, theirs, judged
    )


def _table(title: str, duration_s: float, ours: list[Usage], theirs: Mapping[str, list[Usage]], judged: bool) -> Table:
    table = Table(title, ("what", "reached", "target", "met"))
    table.add("run --reel none, wall / CPU", _times(ours), "", "")
    _add_least(table, "  times real time", [duration_s / run.wall_s for run in ours], "", REAL_TIME_TARGET, judged)
    for name, target in FASTER.items():
        table.add(f"{name}, wall / CPU", _times(theirs[name]), "", "")
        pairs = list(zip(theirs[name], ours, strict=True))
        cpu = f" / {median(their.cpu_s / our.cpu_s for their, our in pairs):.1f}"
        _add_least(table, "  as a multiple of run", [their.wall_s / our.wall_s for their, our in pairs], cpu, target, judged)
    if not judged:
        table.notes.append(f"The targets are for video of at least {TARGET_HEIGHT} lines.")
    help_s = median(measured([str(HIGHLIGHTS), "--help"]).wall_s for _ in range(HELP_ROUNDS))
    table.add("highlights --help", f"{help_s:.2f} s", f"< {HELP_TARGET_S} s", verdict(help_s < HELP_TARGET_S))
    return table


def _times(usages: Sequence[Usage]) -> str:
    return f"{median(u.wall_s for u in usages):.1f} s / {median(u.cpu_s for u in usages):.1f} s"


def _add_least(table: Table, what: str, reached: Sequence[float], more: str, target: float, judged: bool) -> None:
    """Add a row for a value that should be large."""
    middle = median(reached)
    judgement = (f">= {target:g}", verdict(middle >= target)) if judged else ("", "")
    table.add(what, f"{middle:.1f}{more}", *judgement)
