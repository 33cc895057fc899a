"""What the command line shows: progress on stderr, results as tables or JSON on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from highlights.spans import clock

if TYPE_CHECKING:
    from highlights.doctor import Check
    from highlights.evaluate import Measure
    from highlights.pipeline import Result
    from highlights.profile import Listed
    from highlights.records import Event, Timeline

Tell = Callable[[str, float], None]

BAR_WIDTH = 30


@contextmanager
def progress() -> Iterator[Tell]:
    """A bar for each stage with the time left, on stderr; silent when that is no terminal."""
    if not sys.stderr.isatty():
        yield lambda stage, share: None
        return
    from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description:>14}"),
        BarColumn(BAR_WIDTH),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, TaskID] = {}

        def tell(stage: str, share: float) -> None:
            if stage not in tasks:
                for earlier in tasks.values():
                    bars.update(earlier, completed=1.0)
                tasks[stage] = bars.add_task(stage, total=1.0)
            bars.update(tasks[stage], completed=min(1.0, share))

        yield tell
        for task in tasks.values():
            bars.update(task, completed=1.0)


def events(result: Result, *, as_json: bool = False) -> None:
    """The events of a run, then its files and losses."""
    timeline = result.timeline
    if as_json:
        print(json.dumps({"events": [_event(e) for e in timeline.events], "files": [str(f) for f in result.files]}, indent=1))
    else:
        _console().print(_events_table(timeline))
        print(*(f"  {file}" for file in result.files), sep="\n")
    talk = Console(stderr=True, highlight=False, soft_wrap=True)
    if not timeline.events:
        talk.print("No event was found, so there is no reel. The near misses in the report say what came close, and why not.")
    for fault in timeline.analysis.faults:
        times = f" ({fault.count} times)" if fault.count > 1 else ""
        talk.print(Text(f"Note: {fault.path}: {fault.problem}{times}"))


def _event(event: Event) -> dict[str, object]:
    keys = ("name", "title", "peak_s", "confidence", "game_clock", "score", "team")
    return {key: getattr(event, key) for key in keys} | {"start_s": event.span.start_s, "end_s": event.span.end_s}


def _events_table(timeline: Timeline) -> Table:
    found, missed = len(timeline.events), len(timeline.near_misses)
    table = _table("at", "clock", "event", "score", "sure", "why")
    table.title = f"{found} event{'s' * (found != 1)}, {missed} near miss{'es' * (missed != 1)}"
    for event in timeline.events:
        why = "; ".join(m.because for m in event.evidence if m.weight > 0)
        cells = (clock(event.peak_s), event.game_clock, event.title, event.score, f"{min(event.confidence, 0.99):.0%}", why)
        table.add_row(*(Text(cell) for cell in cells))
    return table


def scenes(timeline: Timeline, *, as_json: bool = False) -> None:
    """The scenes of a recording."""
    found = timeline.analysis.scenes
    if as_json:
        rows = [{"start_s": s.span.start_s, "end_s": s.span.end_s, "transition": s.transition, "part": s.part} for s in found]
        print(json.dumps({"scenes": rows}, indent=1))
        return
    table = _table("scene", "from", "to", "seconds", "begins with", "file")
    for number, scene in enumerate(found, 1):
        name = timeline.recording.parts[scene.part].path.name
        cells = (str(number), f"{scene.span.start_s:.3f}", f"{scene.span.end_s:.3f}", f"{scene.span.length_s:.3f}")
        table.add_row(*cells, scene.transition, Text(name))
    _console().print(table)


def measures(found: Sequence[Measure], *, as_json: bool = False) -> None:
    """How a timeline compares with truth."""
    if as_json:
        rows = [asdict(m) | {"precision": m.precision, "recall": m.recall, "f1": m.f1} for m in found]
        print(json.dumps(rows, indent=1))
        return
    table = _table("what", "true", "found", "matched", "precision", "recall", "F1", "within s", "median error s", "span holds it")
    for m in found:
        error = "" if m.error_s is None else f"{m.error_s:.2f}"
        held = "" if m.held is None else f"{m.held} of {m.true}"
        counts = (str(m.true), str(m.found), str(m.matched))
        table.add_row(Text(m.kind), *counts, f"{m.precision:.3f}", f"{m.recall:.3f}", f"{m.f1:.3f}", f"{m.tolerance_s:g}", error, held)
    _console().print(table)


def profiles(listed: Sequence[Listed]) -> None:
    """The profiles that can be named."""
    table = _table("name", "title", "file")
    for entry in listed:
        table.add_row(Text(entry.name), Text(entry.title), Text(str(entry.path)))
    _console().print(table)


def checks(found: Sequence[Check]) -> None:
    """What the doctor saw."""
    for check in found:
        print(f"{'ok  ' if check.good else 'BAD '} {check.what}: {check.said}")


def _table(*headers: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", title_justify="left")
    for header in headers:
        table.add_column(header, overflow="fold")
    return table


def _console() -> Console:
    """Stdout; lines stay whole when it is no terminal."""
    wide = None if sys.stdout.isatty() else 240
    return Console(width=wide, highlight=False)
