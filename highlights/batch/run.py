"""Many matches, each on its own, so that one that fails or crashes never stops the rest.

    sources ──► matches ──► a process or a cluster's worker each ──► results/NAME/  timeline.json  report.html  reel.mp4
                                                                └──► results/       index.html  summary.csv  retry.csv

Finished matches are skipped unless their recordings have changed; an interrupted one continues from what is cached of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from highlights.batch import remote
from highlights.batch.cluster import run_on_cluster
from highlights.batch.local import run_here
from highlights.batch.manifest import Match
from highlights.batch.plan import Planned, claimed, note_done
from highlights.batch.summary import RETRY, OnChange, Outcome, finished_earlier, write_summary
from highlights.errors import WITH_WARNINGS
from highlights.logs import without_secrets
from highlights.media.aside import output_error

OnPlan = Callable[[Sequence[Planned]], None]
"""Called with the folder of each match before the first one runs."""


def _no_plan(plan: Sequence[Planned]) -> None:
    """Says nothing."""


def run_batch(
    matches: Sequence[Match], out: str, *, jobs: int = 0, ray: str = "", on_change: OnChange, on_plan: OnPlan = _no_plan
) -> list[Outcome]:
    """Run all matches and write the summary.

    Args:
        matches: The matches. Each gets a folder of its name; or of a longer one, if other recordings have that folder.
        out: Folder or URL that gets a folder for each match.
        jobs: How many run at a time on this machine; 0 for as many as the cores allow.
        ray: Address of a cluster that runs them instead, or `auto`, or `local` to start one for this batch.
        on_change: Called with each outcome so far whenever it changes.
        on_plan: Called once with the folder of each match, before the first one runs.

    Raises:
        OutputError: the folder cannot be written to.
        ClusterError: the cluster cannot be reached, or lacks what is needed.
    """
    _make(out)
    plan, earlier = claimed(matches, out)
    on_plan(plan)
    for each in plan:
        if each.outcome:
            on_change(each.outcome)
    waiting = {each.match.name: each for each in plan if not each.outcome}

    def on_ended(outcome: Outcome) -> None:
        if outcome.state == "done":
            note_done(waiting[outcome.match.name], out)
        on_change(outcome)

    running = [each.match for each in waiting.values()]
    made = run_on_cluster(running, out, ray, on_ended) if ray and running else run_here(running, out, jobs, on_ended)
    outcomes = {outcome.match.name: outcome for outcome in made}
    ended = [each.outcome or outcomes[each.match.name] for each in plan]
    earlier |= finished_earlier(out, {*earlier, *outcomes})  # by another batch, meanwhile
    write_summary(ended, earlier.values(), out)
    return ended


def files(outcomes: Sequence[Outcome], out: str) -> list[str]:
    """The files of a batch's summary, as they may be printed."""
    retry = any(outcome.state == "failed" for outcome in outcomes)
    return [without_secrets(remote.at(out, name)) for name in ("index.html", "summary.csv", *([RETRY] if retry else []))]


def exit_code(outcomes: Sequence[Outcome]) -> int:
    """0 if all matches are done, 1 if one failed, 3 if one is done but with warnings."""
    if any(outcome.state == "failed" for outcome in outcomes):
        return 1
    return WITH_WARNINGS if any(outcome.warnings for outcome in outcomes) else 0


def _make(out: str) -> None:
    if remote.is_url(out):
        remote.check_writable(out)
        return
    try:
        Path(out).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(Path(out), error) from error
