"""Results and whole truths of the sample and assembled matches, for `highlights evaluate`: `python -m benchmarks.evaluated`.

    out/bench/evaluated/results/NAME/timeline.json
    out/bench/evaluated/truths/NAME.truth.json        the truth of the match, and what follows from how it was assembled

An assembled match's own truth has its events, changes of the score and the cuts between its clips. Known besides are the score
and the clock at its start, that the graphic is hidden in replays, and the cuts and wipes inside the goal's clip, to 0.2 s. Cuts
inside the other clips stay unknown, so that finding them counts as wrong.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.matches import ROOT, Assembly, Match, assembled, can_assemble, sample
from highlights import find_events
from highlights.export import timeline_json

MATCHES = (
    Assembly("soccer", "clock-first", 6, 4),
    Assembly("soccer", "none", 6, 3),
    Assembly("basketball", "plain", 6, 1),
)
STARTS: dict[str, dict[str, Any]] = {
    "soccer": {"score": {"home": 0, "away": 0}, "clock": {"time_s": 0, "clock": "0:00", "way": "up"}},
    "basketball": {"score": {"home": 49, "away": 38}, "clock": {"time_s": 0, "clock": "12:00", "way": "down"}},
}
"""What the graphic of an assembled match shows first."""

# inside the goal's clip, from its beginning, read off its frames
GOAL_S = 6.3
CLIP_CUTS_S = (10.28, 18.78, 26.3, 30.72)
CLIP_WIPES_S = ((32.8, 33.5), (42.1, 42.8), (50.6, 51.3))


def main() -> None:
    """Parse, make both folders, evaluate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scratch", type=Path, default=ROOT / "out" / "bench", help="folder for everything (out/bench)")
    parser.add_argument("options", nargs=argparse.REMAINDER, help="options of highlights evaluate")
    arguments = parser.parse_args()
    matches = [sample(), *(assembled(MATCHES, arguments.scratch / "matches") if can_assemble() else [])]
    results, truths = made(matches, arguments.scratch / "evaluated")
    command = ["evaluate", str(results), "--truth", str(truths), *arguments.options]
    print(f"highlights {' '.join(command)}\n", flush=True)
    sys.exit(subprocess.run([sys.executable, "-m", "highlights", *command], check=False).returncode)


def made(matches: Sequence[Match], folder: Path) -> tuple[Path, Path]:
    """The folders of results and truths."""
    results, truths = folder / "results", folder / "truths"
    truths.mkdir(parents=True, exist_ok=True)
    for match in matches:
        print(f"reading {match.name} ...", file=sys.stderr)
        (results / match.name).mkdir(parents=True, exist_ok=True)
        timeline_json.write(find_events(match.path, match.sport), results / match.name / "timeline.json")
        truth = json.loads(match.truth.read_text(encoding="utf-8"))
        whole = truth if "score_at_start" in truth else completed(truth, match)
        (truths / f"{match.name}.truth.json").write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    return results, truths


def completed(truth: dict[str, Any], match: Match) -> dict[str, Any]:
    """The truth of an assembled match with what follows from how it was made."""
    begun = [event["time_s"] - GOAL_S for event in truth["events"] if event["label"] == "goal"]
    inside = [round(at + cut, 2) for at in begun for cut in CLIP_CUTS_S]
    wipes = [{"start_s": round(at + a, 2), "end_s": round(at + b, 2), "kind": "wipe"} for at in begun for a, b in CLIP_WIPES_S]
    whole = truth | {"cuts_s": sorted([*truth["cuts_s"], *inside]), "transitions": wipes}
    if not match.graphic:
        return whole | {"score_changes": []}  # the graphic is not drawn, so nothing of it can be read
    start = STARTS[truth["sport"]]
    edges = [0.0, *(edge for replay in truth["replays_s"] for edge in replay), truth["duration_s"]]
    graphic = [[a, b] for a, b in zip(edges[::2], edges[1::2], strict=True) if a < b]
    return whole | {"score_at_start": start["score"], "game_clock": [start["clock"]], "graphic_s": graphic}


if __name__ == "__main__":
    main()
