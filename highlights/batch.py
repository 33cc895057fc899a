"""Many matches: each in a process of its own, so that one that fails, or takes its process with it, never stops the rest.

    sources ──► matches ──► a process each ──► results/NAME/  timeline.json  report.html  reel.mp4
                                          └──► results/       index.html  summary.csv  retry.csv

A match whose results are there already is not done again; one that was broken off goes on from what is kept of its recording.
"""

from __future__ import annotations

import csv
import io
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event as Flag
from typing import Literal

from highlights.errors import HighlightsError, RecordingError
from highlights.export import season, timeline_json
from highlights.media.aside import output_error, write_aside
from highlights.pipeline import RunOptions, run
from highlights.records import Event

SUFFIXES = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".ts", ".m2ts", ".mts", ".mpg", ".mpeg", ".avi", ".flv", ".wmv", ".mxf")
CORES_A_MATCH = 2
"""Reading keeps about so many cores busy."""
COLUMNS = ("name", "recordings", "sport")
SEPARATOR = ";"
"""Between the files of one match in a manifest."""

State = Literal["waiting", "running", "done", "there", "failed"]
Told = Callable[["Outcome"], None]
"""Told of each match whenever something about it changes."""


@dataclass(frozen=True, slots=True)
class Match:
    """One match: its files in order, its sport, and the folder of its results by name."""

    name: str
    recordings: tuple[Path, ...]
    sport: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a match stands: `there` was done before. `doing` and `share` (0..1) while it runs, `error` when it failed."""

    match: Match
    state: State = "waiting"
    doing: str = ""
    share: float = 0.0
    error: str = ""
    events: Mapping[str, int] = field(default_factory=dict)


def matches_of(sources: Sequence[str], sport: str) -> list[Match]:
    """The matches that files, folders (with all that is in them), patterns such as `*.mp4`, and manifests (`.csv`) name.

    Raises:
        RecordingError: a source names nothing.
    """
    found: list[Match] = []
    for source in sources:
        if source.lower().endswith(".csv"):
            found += _manifest(Path(source), sport)
        else:
            found += [Match(path.stem, (path,), sport) for path in _files(source)]
    return _named_apart(found)


def run_batch(matches: Sequence[Match], out: Path, options: RunOptions, *, jobs: int = 0, tell: Told) -> list[Outcome]:
    """Run all matches, `jobs` at a time (0 for as many as this machine has cores for), and write the summary.

    Raises:
        OutputError: the folder cannot be written to.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(out, error) from error
    jobs = jobs or max(1, (os.cpu_count() or 1) // CORES_A_MATCH)
    stopped = Flag()
    with ThreadPoolExecutor(jobs) as pool:
        try:
            outcomes = list(pool.map(lambda match: _outcome(match, out, options, tell, stopped), matches))
        except BaseException:
            stopped.set()  # Ctrl-C: processes end, what they have made so far is taken away by themselves
            pool.shutdown(cancel_futures=True)
            raise
    write_summary(outcomes, out)
    return outcomes


def write_summary(outcomes: Sequence[Outcome], out: Path) -> None:
    """The page of all matches, the table of them, and a manifest of those to try again, which is gone when there are none.

    Results of earlier batches in the folder are among them.
    """
    outcomes = [*_others(outcomes, out), *outcomes]
    season.write([_row(outcome) for outcome in outcomes], out / "index.html")
    _write_table(out / "summary.csv", ("name", "state", "events", "error"), map(_summary_row, outcomes))
    failed = [outcome.match for outcome in outcomes if outcome.state == "failed"]
    if failed:
        _write_table(out / "retry.csv", COLUMNS, map(_manifest_row, failed))
    else:
        (out / "retry.csv").unlink(missing_ok=True)


def _others(outcomes: Sequence[Outcome], out: Path) -> Iterator[Outcome]:
    """The results in a folder that are none of these."""
    known = {outcome.match.name for outcome in outcomes}
    for file in sorted(out.glob("*/timeline.json")):
        if file.parent.name not in known:
            with suppress(HighlightsError):
                timeline = timeline_json.read(file)
                files = tuple(part.path for part in timeline.recording.parts)
                yield Outcome(
                    Match(file.parent.name, files, timeline.sport), "there", share=1.0, events=_counted(timeline.events)
                )


def _files(source: str) -> list[Path]:
    path = Path(source)
    if path.is_dir():
        found = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
    elif path.exists():
        found = [path]
    else:
        found = sorted(file for file in Path(path.anchor).glob(str(path.relative_to(path.anchor))) if file.is_file())
    if not found:
        raise RecordingError(
            source, "no recording is there; give files, folders, patterns ('season/*.mp4') or a manifest (.csv)"
        )
    return found


def _manifest(path: Path, sport: str) -> list[Match]:
    """The matches of a CSV with the columns name, recordings (relative to it, joined by `;`) and, if it likes, sport."""
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RecordingError(path, f"cannot be read as a manifest ({error})") from error
    matches = []
    for number, row in enumerate(rows, 2):
        files = tuple(path.parent / name.strip() for name in (row.get("recordings") or "").split(SEPARATOR) if name.strip())
        if not files:
            raise RecordingError(path, f"line {number}: no recordings; the columns are {', '.join(COLUMNS)}")
        name = (row.get("name") or "").strip() or files[0].stem
        if Path(name).name != name:
            raise RecordingError(path, f"line {number}: {name!r} is no name for a folder")
        matches.append(Match(name, files, (row.get("sport") or "").strip() or sport))
    return matches


def _named_apart(matches: Iterable[Match]) -> list[Match]:
    """The matches with names that no two of them share: `final`, `final-2`."""
    named: dict[str, Match] = {}
    for match in matches:
        name, number = match.name, 2
        while name.casefold() in named:
            name, number = f"{match.name}-{number}", number + 1
        named[name.casefold()] = Match(name, match.recordings, match.sport)
    return list(named.values())


def _outcome(match: Match, out: Path, options: RunOptions, tell: Told, stopped: Flag) -> Outcome:
    """What becomes of a match; never an error."""
    there = _events_there(out / match.name)
    if there is not None:
        outcome = Outcome(match, "there", share=1.0, events=there)
    elif stopped.is_set():
        outcome = Outcome(match)
    else:
        tell(Outcome(match, "running"))
        outcome = _in_a_process(match, out / match.name, options, tell, stopped)
    tell(outcome)
    return outcome


def _in_a_process(match: Match, folder: Path, options: RunOptions, tell: Told, stopped: Flag) -> Outcome:
    ours, theirs = get_context("spawn").Pipe(duplex=False)
    process = get_context("spawn").Process(target=_work, args=(match, folder, options, theirs), name=match.name)
    process.start()
    theirs.close()
    error = ""
    try:
        for kind, words, share in _messages(ours, stopped):
            if kind == "error":
                error = words
            else:
                tell(Outcome(match, "running", words, share))
    finally:
        if stopped.is_set():
            process.terminate()
        process.join()
    events = _events_there(folder)
    if process.exitcode == 0 and events is not None:
        return Outcome(match, "done", share=1.0, events=events)
    return Outcome(match, "failed", error=error or _why_ended(process.exitcode))


def _messages(connection: Connection, stopped: Flag) -> Iterator[tuple[str, str, float]]:
    """What a process says until it ends."""
    while not stopped.is_set():
        try:
            if connection.poll(0.2):
                yield connection.recv()
        except (EOFError, OSError):
            return


def _why_ended(code: int | None) -> str:
    if code is not None and code < 0:
        return f"its process was ended by signal {-code}; if that was for want of memory, try --jobs 1"
    return f"its process ended with code {code}"


def _work(match: Match, folder: Path, options: RunOptions, told: Connection) -> None:
    """One match, in a process of its own, which tidies up when it is ended."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        run(match.recordings, match.sport, folder, options, lambda stage, share: told.send(("stage", stage, share)))
    except HighlightsError as error:
        told.send(("error", str(error), 0.0))
        raise SystemExit(1) from error
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _events_there(folder: Path) -> dict[str, int] | None:
    """How many events of each kind the results in a folder have; None where there are none."""
    try:
        return _counted(timeline_json.read(folder / "timeline.json").events)
    except HighlightsError:
        return None


def _counted(events: Sequence[Event]) -> dict[str, int]:
    """How many there are of each kind, by its title."""
    return {title: sum(event.title == title for event in events) for title in dict.fromkeys(event.title for event in events)}


def _row(outcome: Outcome) -> season.Row:
    """What the page shows of a match."""
    match = outcome.match
    return season.Row(match.name, match.sport, outcome.state in ("done", "there"), outcome.error, dict(outcome.events))


def _summary_row(outcome: Outcome) -> tuple[str, ...]:
    events = ", ".join(f"{count} {title}" for title, count in outcome.events.items())
    return outcome.match.name, outcome.state, events, outcome.error


def _manifest_row(match: Match) -> tuple[str, ...]:
    return match.name, SEPARATOR.join(str(path.resolve()) for path in match.recordings), match.sport


def _write_table(target: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(rows)
    with write_aside(target) as aside:
        aside.write_bytes(table.getvalue().encode("utf-8-sig", "surrogateescape"))
