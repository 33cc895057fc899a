"""Many matches, each on its own, so that one that fails or crashes never stops the rest.

    sources ──► matches ──► a process or a cluster's worker each ──► results/NAME/  timeline.json  report.html  reel.mp4
                                                                └──► results/       index.html  summary.csv  retry.csv

Finished matches are skipped; an interrupted one continues from what is cached of its recording.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from highlights.batch import remote
from highlights.batch.cluster import run_on_cluster
from highlights.batch.local import run_here
from highlights.batch.manifest import Match
from highlights.batch.summary import OnChange, Outcome, finished_earlier, write_summary
from highlights.logs import without_secrets
from highlights.media.aside import output_error


def run_batch(matches: Sequence[Match], out: str, *, jobs: int = 0, ray: str = "", on_change: OnChange) -> list[Outcome]:
    """Run all matches and write the summary.

    Args:
        matches: The matches, no two of one name.
        out: Folder or URL that gets a folder for each match.
        jobs: How many run at a time on this machine; 0 for as many as the cores allow.
        ray: Address of a cluster that runs them instead, or `auto`, or `local` to start one for this batch.
        on_change: Called with each outcome so far whenever it changes.

    Raises:
        OutputError: the folder cannot be written to.
        ClusterError: the cluster cannot be reached, or lacks what is needed.
    """
    _make(out)
    earlier = finished_earlier(out)
    for name in [match.name for match in matches if match.name in earlier]:
        on_change(earlier[name])
    waiting = [match for match in matches if match.name not in earlier]
    made = run_on_cluster(waiting, out, ray, on_change) if ray and waiting else run_here(waiting, out, jobs, on_change)
    outcomes = earlier | {outcome.match.name: outcome for outcome in made}
    ended = [outcomes[match.name] for match in matches]
    write_summary(ended, earlier.values(), out)
    return ended


def files(outcomes: Sequence[Outcome], out: str) -> list[str]:
    """The files of a batch's summary, as they may be printed."""
    retry = any(outcome.state == "failed" for outcome in outcomes)
    return [without_secrets(remote.at(out, name)) for name in ("index.html", "summary.csv", *(["retry.csv"] if retry else []))]


def _make(out: str) -> None:
    if remote.is_url(out):
        remote.check_writable(out)
        return
    try:
        Path(out).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(Path(out), error) from error
