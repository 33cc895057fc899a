"""The state of many matches: `index.html` and `summary.csv` of all, and `retry.csv`, a manifest of the failed ones."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from highlights.batch import remote
from highlights.batch.manifest import Match, rows_of
from highlights.errors import HighlightsError
from highlights.export import season, timeline_json
from highlights.export.table import table
from highlights.logs import without_secrets
from highlights.media.aside import write_aside
from highlights.records import Event, Fault
from highlights.systems import folder_name
from highlights.texts import decoded

READ_AT_ONCE = 16
"""How many timelines are read at once; from an object store each takes a while."""

RETRY = "retry.csv"
COLUMNS = ("name", "state", "events", "error", "warnings", "recordings")

MatchState = Literal["waiting", "running", "done", "skipped", "failed"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The state of a match: `skipped` was finished earlier. `stage` and `share` (0..1) while it runs, `error` if it failed.

    `warnings` are what of its recordings could not be used, one line each: its results are there, but perhaps not all of them.
    """

    match: Match
    state: MatchState = "waiting"
    stage: str = ""
    share: float = 0.0
    error: str = ""
    events: Mapping[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    crashed: bool = False
    """Whether it failed because its process was killed or crashed, not by an error that the program reports."""


OnChange = Callable[[Outcome], None]
"""Called with the outcome of a match so far whenever it changes; from any thread."""


def counted(events: Sequence[Event]) -> dict[str, int]:
    """How many events there are of each kind, by its title."""
    return {title: sum(event.title == title for event in events) for title in dict.fromkeys(event.title for event in events)}


def warnings_of(faults: Iterable[Fault]) -> tuple[str, ...]:
    """The faults of a match's recordings, one line each."""
    times = ((fault, f" ({fault.count} times)" if fault.count > 1 else "") for fault in faults)
    return tuple(f"{fault.path.name}: {fault.problem}{more}" for fault, more in times)


def finished_earlier(out: str, known: Collection[str] = ()) -> dict[str, Outcome]:
    """The matches whose results are already in a folder, by name, without those that are `known`."""
    places = [place for place in remote.below(out, f"*/{remote.LAST}") if folder_name(place) not in known]
    with ThreadPoolExecutor(READ_AT_ONCE) as readers:
        return {outcome.match.name: outcome for outcome in readers.map(_read, places) if outcome}


def write_summary(outcomes: Sequence[Outcome], earlier: Iterable[Outcome], out: str) -> None:
    """Write the page and the table of all matches, and a manifest of the failed ones, which is removed if there are none.

    Failed matches of earlier batches stay in them until they are finished.

    Args:
        outcomes: The outcomes of this batch.
        earlier: Those of other matches in the folder; they are on the page and in the table too.
        out: The folder, or its URL.
    """
    names = {outcome.match.name for outcome in outcomes}
    others = [other for other in earlier if other.match.name not in names]
    known = names | {other.match.name for other in others}
    left = [row for row in _rows_to_retry(out) if row["name"] not in known]
    failed_before = [Outcome(_match_of(row), "failed", error="failed in an earlier batch") for row in left]
    rows = [*others, *failed_before, *outcomes]
    reels = {folder_name(place) for place in remote.below(out, "*/reel.mp4")}
    retry = [*left, *rows_of([outcome.match for outcome in outcomes if outcome.state == "failed"])]
    with remote.folder(out) as folder:
        season.write([_row(outcome, reels) for outcome in rows], folder / "index.html")
        _write(folder / "summary.csv", COLUMNS, [_summary_row(outcome) for outcome in rows])
        if retry:
            columns = tuple(dict.fromkeys(column for row in retry for column in row))
            _write(folder / RETRY, columns, [[row.get(column, "") for column in columns] for row in retry])
    if not retry:
        remote.remove(remote.at(out, RETRY))


def _rows_to_retry(out: str) -> list[dict[str, str]]:
    """The failed matches of earlier batches; none if their list cannot be read."""
    with suppress(HighlightsError, ValueError):
        rows = table(decoded(remote.read(remote.at(out, RETRY)))).rows
        return [row.cells for row in rows if row.cells.get("name") and row.cells.get("recordings")]
    return []


def _match_of(row: Mapping[str, str]) -> Match:
    return Match(row["name"], tuple(row["recordings"].split(";")), row.get("sport", ""))


def _read(place: str) -> Outcome | None:
    """The outcome of the match with this timeline; None if the file cannot be used."""
    with suppress(HighlightsError), remote.fetched([place]) as [file]:
        timeline = timeline_json.read(file)
        recordings = tuple(str(part.path) for part in timeline.recording.parts)
        match = Match(folder_name(place), recordings, timeline.sport)
        warnings = warnings_of(timeline.analysis.faults)
        return Outcome(match, "skipped", share=1.0, events=counted(timeline.events), warnings=warnings)
    return None


def _row(outcome: Outcome, reels: set[str]) -> season.MatchRow:
    """The match on the page."""
    match, good = outcome.match, outcome.state in ("done", "skipped")
    events, reel = dict(outcome.events), match.name in reels
    return season.MatchRow(match.name, match.sport, good, outcome.error, events, reel, outcome.warnings)


def _summary_row(outcome: Outcome) -> tuple[str, ...]:
    events = ", ".join(f"{count} {title}" for title, count in outcome.events.items())
    recordings = "; ".join(map(without_secrets, outcome.match.recordings))
    return outcome.match.name, outcome.state, events, outcome.error, "; ".join(outcome.warnings), recordings


def _write(target: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(rows)
    with write_aside(target) as aside:
        aside.write_bytes(text.getvalue().encode("utf-8-sig", "surrogateescape"))
