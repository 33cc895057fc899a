"""The state of many matches: `index.html` and `summary.csv` of all, and `retry.csv`, a manifest of the failed ones."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from highlights.batch import remote
from highlights.batch.manifest import Match, table
from highlights.errors import HighlightsError
from highlights.export import season, timeline_json
from highlights.media.aside import write_aside
from highlights.records import Event
from highlights.systems import folder_name

READ_AT_ONCE = 16
"""How many timelines are read at once; from an object store each takes a while."""

MatchState = Literal["waiting", "running", "done", "skipped", "failed"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The state of a match: `skipped` was finished earlier. `stage` and `share` (0..1) while it runs, `error` if it failed."""

    match: Match
    state: MatchState = "waiting"
    stage: str = ""
    share: float = 0.0
    error: str = ""
    events: Mapping[str, int] = field(default_factory=dict)


OnChange = Callable[[Outcome], None]
"""Called with the outcome of a match so far whenever it changes; from any thread."""


def counted(events: Sequence[Event]) -> dict[str, int]:
    """How many events there are of each kind, by its title."""
    return {title: sum(event.title == title for event in events) for title in dict.fromkeys(event.title for event in events)}


def finished_earlier(out: str) -> dict[str, Outcome]:
    """The matches whose results are already in a folder, by name."""
    with ThreadPoolExecutor(READ_AT_ONCE) as readers:
        found = readers.map(_read, remote.below(out, "*/timeline.json"))
    return {outcome.match.name: outcome for outcome in found if outcome}


def write_summary(outcomes: Sequence[Outcome], earlier: Iterable[Outcome], out: str) -> None:
    """Write the page and the table of all matches, and a manifest of the failed ones, which is removed if there are none.

    Args:
        outcomes: The outcomes of this batch.
        earlier: Those of other matches in the folder; they are on the page and in the table too.
        out: The folder, or its URL.
    """
    names = {outcome.match.name for outcome in outcomes}
    rows = [*(other for other in earlier if other.match.name not in names), *outcomes]
    reels = {folder_name(place) for place in remote.below(out, "*/reel.mp4")}
    failed = [outcome.match for outcome in outcomes if outcome.state == "failed"]
    with remote.folder(out) as folder:
        season.write([_row(outcome, reels) for outcome in rows], folder / "index.html")
        _write(folder / "summary.csv", ("name", "state", "events", "error"), map(_summary_row, rows))
        if failed:
            _write(folder / "retry.csv", *table(failed))
    if not failed:
        remote.remove(remote.at(out, "retry.csv"))


def _read(place: str) -> Outcome | None:
    """The outcome of the match with this timeline; None if the file cannot be used."""
    with suppress(HighlightsError), remote.fetched([place]) as [file]:
        timeline = timeline_json.read(file)
        recordings = tuple(str(part.path) for part in timeline.recording.parts)
        match = Match(folder_name(place), recordings, timeline.sport)
        return Outcome(match, "skipped", share=1.0, events=counted(timeline.events))
    return None


def _row(outcome: Outcome, reels: set[str]) -> season.MatchRow:
    """The match on the page."""
    match, good = outcome.match, outcome.state in ("done", "skipped")
    return season.MatchRow(match.name, match.sport, good, outcome.error, dict(outcome.events), match.name in reels)


def _summary_row(outcome: Outcome) -> tuple[str, ...]:
    events = ", ".join(f"{count} {title}" for title, count in outcome.events.items())
    return outcome.match.name, outcome.state, events, outcome.error


def _write(target: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(rows)
    with write_aside(target) as aside:
        aside.write_bytes(text.getvalue().encode("utf-8-sig", "surrogateescape"))
