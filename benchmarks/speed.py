"""Time and memory of whole runs, each in a fresh process, beside the plain decoding of every frame."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import av

from benchmarks.matches import Match, lengthened
from benchmarks.table import Table, verdict
from benchmarks.usage import Spent, Usage, measured, spent
from highlights.export import timeline_json
from highlights.records import Timeline

HIGHLIGHTS = Path(sys.executable).with_name("highlights")

SPEED_S = 600.0  # length of the recording that is timed
RUN_TARGET, TARGET_HEIGHT = 2.0, 720  # decodings of every frame, of pictures not smaller than this
HELP_TARGET_S, HELP_ROUNDS = 0.3, 5
MEMORY_TARGET, LONGER = 1.2, 3.0  # peak of a recording so many times as long, in peaks of the short one


@dataclass(slots=True)
class Runs:
    """`highlights run --reel none` on recordings: what each run used, and what the last one found."""

    folder: Path
    usages: dict[Path, list[Usage]] = field(default_factory=dict)

    def again(self, recording: Path, sport: str) -> Usage:
        """Run on a recording in a fresh process."""
        print(f"running on {recording.name} ...", file=sys.stderr)
        out = str(self._out(recording))
        used = measured([str(HIGHLIGHTS), "run", str(recording), "--sport", sport, "--reel", "none", "--out", out])
        self.usages.setdefault(recording, []).append(used)
        return used

    def once(self, recording: Path, sport: str) -> Usage:
        """What a run used; the recording is run on only if it was not yet."""
        return self.usages[recording][0] if recording in self.usages else self.again(recording, sport)

    def timeline(self, recording: Path) -> Timeline:
        """What was found."""
        return timeline_json.read(self._out(recording) / "timeline.json")

    def _out(self, recording: Path) -> Path:
        return self.folder / recording.stem


def usual(matches: Sequence[Match]) -> Match:
    """The match that is timed: the one whose length is nearest to what the targets are said for."""
    return min(matches, key=lambda match: abs(match.duration_s - SPEED_S))


def measure_speed(match: Match, runs: Runs, rounds: int, scratch: Path) -> Table:
    """Decoding and running in turn, as often as asked for; ratios are taken within a round, and the median of them."""
    recording, duration_s = lengthened(match, SPEED_S, scratch)
    measured([str(HIGHLIGHTS), "--help"])  # compiles what was not yet
    pairs = []
    for _ in range(rounds):
        decoding = _decode(recording)
        pairs.append((decoding, runs.again(recording, match.sport)))
    help_s = median(measured([str(HIGHLIGHTS), "--help"]).wall_s for _ in range(HELP_ROUNDS))
    ratio = median(run.wall_s / decoding.wall_s for decoding, run in pairs)
    cpu_ratio = median(run.cpu_s / decoding.cpu_s for decoding, run in pairs)
    decoding_s, run_s = (median(pair[i].wall_s for pair in pairs) for i in (0, 1))
    decoding_cpu_s, run_cpu_s = (median(pair[i].cpu_s for pair in pairs) for i in (0, 1))

    table = Table(
        f"Speed: {recording.name}, {duration_s / 60:.1f} minutes, {rounds} round(s)", ("what", "reached", "target", "met")
    )
    table.add("decode every frame (PyAV), wall / CPU", f"{decoding_s:.1f} s / {decoding_cpu_s:.1f} s", "", "")
    table.add("run --reel none, wall / CPU", f"{run_s:.1f} s / {run_cpu_s:.1f} s", "", "")
    table.add("  times real time", f"{duration_s / run_s:.0f}", "", "")
    judged = runs.timeline(recording).recording.parts[0].height >= TARGET_HEIGHT
    target = (f"<= {RUN_TARGET:g}", verdict(ratio <= RUN_TARGET)) if judged else ("", "")
    table.add("  in decodings, wall", f"{ratio:.2f}", *target)
    if not judged:
        table.notes.append(
            f"No target here: {RUN_TARGET:g} decodings are asked for with pictures of {TARGET_HEIGHT} lines or more."
        )
    table.add("  in decodings, CPU", f"{cpu_ratio:.2f}", "", "")
    table.add("highlights --help", f"{help_s:.2f} s", f"< {HELP_TARGET_S} s", verdict(help_s < HELP_TARGET_S))
    return table


def _decode(recording: Path) -> Spent:
    """The time for decoding every frame, and nothing else, on all cores."""
    with spent() as taken, av.open(str(recording)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        for _ in container.decode(stream):
            pass
    return taken


def measure_memory(match: Match, runs: Runs, scratch: Path) -> Table:
    """Peak of a run on the match and of one on the same match, laid end to end until it is three times as long."""
    recording, duration_s = lengthened(match, LONGER * match.duration_s, scratch)
    short, long = runs.once(match.path, match.sport), runs.once(recording, match.sport)
    ratio = long.peak_mib / short.peak_mib
    table = Table("Memory: peak of a fresh process", ("what", "reached", "target", "met"))
    table.add(f"run on {match.duration_s / 60:.1f} minutes", f"{short.peak_mib:.0f} MiB", "", "")
    table.add(f"run on {duration_s / 60:.1f} minutes", f"{long.peak_mib:.0f} MiB", "", "")
    table.add("  ratio", f"{ratio:.2f}", f"<= {MEMORY_TARGET}", verdict(ratio <= MEMORY_TARGET))
    return table
