"""What the commands print: progress on stderr, results as tables or JSON on stdout."""

from __future__ import annotations

import json
import logging
import sys
import webbrowser
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from highlights.cli import interrupts
from highlights.export.naming import instant
from highlights.finders.evidence import SPREAD
from highlights.logs import shown_on_stderr, without_secrets
from highlights.profile.rules import cells_of
from highlights.progress import STAGES, Progress, no_progress
from highlights.spans import clock
from highlights.supervision import note_progress
from highlights.timeline import moments_note

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from highlights.analysis.diagnosis import Diagnosis
    from highlights.batch.plan import Planned
    from highlights.batch.summary import Outcome
    from highlights.cache.store import CacheEntry
    from highlights.cli.doctor import Check
    from highlights.library.entry import EventEntry, MatchEntry
    from highlights.merge import Merged
    from highlights.pipeline import Result
    from highlights.profile import Listed, Profile
    from highlights.questions import Caption
    from highlights.records import Event, Fault, Timeline, Window


LOG = logging.getLogger(__name__)

BAR_WIDTH = 30
PIPED_WIDTH = 240  # columns of a table that goes into a file or another program
MOST_SURE = 0.99  # confidence is never shown as certainty

MOST_LEFT_OUT = 5  # files that are named one by one
STANDINGS = {"new": "to do", "again": "to do again", "finished": "finished"}

BEGINS = {"start": "the file", "cut": "a cut", "gradual": "a dissolve or wipe"}
"""How a scene begins."""


@contextmanager
def progress() -> Iterator[Progress]:
    """A bar for each stage with the time left, on stderr; none where that is not a terminal or shows the log."""
    if not sys.stderr.isatty() or shown_on_stderr():
        yield _logged(no_progress)
        note_progress(done=True)
        return
    with _bars() as bars:
        stage_now = ""

        def show_stage(stage: str, share: float) -> None:
            nonlocal stage_now
            if stage != stage_now:
                _finish(bars)
                bars.add_task(STAGES.get(stage, stage), total=1.0, after="left")
                stage_now = stage
            bars.update(bars.task_ids[-1], completed=min(1.0, share))

        yield _logged(show_stage)
        note_progress(done=True)
        _finish(bars)


def _logged(progress: Progress) -> Progress:
    """The same progress, with each stage logged when it begins; a request to end is checked at every step."""
    logged = ""

    def on_progress(stage: str, share: float) -> None:
        nonlocal logged
        interrupts.check()
        note_progress()
        if stage != logged:
            LOG.info("%s", STAGES.get(stage, stage))
            logged = stage
        progress(stage, share)

    return on_progress


def _bars() -> Bars:
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn(f"{{task.description:<{max(map(len, STAGES.values()))}}}"),
        BarColumn(BAR_WIDTH),
        TaskProgressColumn(),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
        TextColumn("{task.fields[after]}"),
        console=Console(stderr=True),
    )


def _finish(bars: Bars) -> None:
    for task in bars.task_ids[-1:]:
        bars.update(task, completed=1.0, after="")


@contextmanager
def matches(count: int) -> Iterator[Callable[[Outcome], None]]:
    """A progress bar for each running match on stderr; where that is not a terminal, a line at its start and end."""
    if not sys.stderr.isatty() or shown_on_stderr():
        yield _plain_lines(count)
        return
    with _bars() as bars:
        lines: dict[str, TaskID] = {}

        def on_change(outcome: Outcome) -> None:
            name = outcome.match.name
            if name not in lines:
                lines[name] = bars.add_task(escape(name), total=1.0, after="")
            ended = f"{outcome.state}, with warnings" if outcome.warnings else outcome.state
            after = STAGES.get(outcome.stage, outcome.stage) if outcome.state == "running" else ended
            bars.update(lines[name], completed=1.0 if outcome.state != "running" else outcome.share, after=after)

        yield on_change


def _plain_lines(count: int) -> Callable[[Outcome], None]:
    known: dict[str, str] = {}
    lock = Lock()

    def on_change(outcome: Outcome) -> None:
        with lock:
            if known.get(outcome.match.name) == outcome.state:
                return
            known[outcome.match.name] = outcome.state
            ended = sum(state != "running" for state in known.values())
            told = outcome.error + "; ".join(f"with a warning: {warning}" for warning in outcome.warnings)
            print(f"[{ended}/{count}] {outcome.match.name}: {outcome.state} {told}".rstrip(), file=sys.stderr, flush=True)

    return on_change


def plan(planned: Sequence[Planned], left_out: Mapping[str, str], *, as_json: bool = False) -> None:
    """What a batch would do: each match with its files, and the videos it leaves out."""
    if as_json:
        rows = [_planned(each) for each in planned]
        print(
            json.dumps({"matches": rows, "left_out": {without_secrets(file): why for file, why in left_out.items()}}, indent=1)
        )
        return
    table = new_table("match", "state", "recordings", "note")
    for each in planned:
        files = "\n".join(map(without_secrets, each.match.recordings))
        note = "; ".join(filter(None, (each.match.joined, each.note)))
        table.add_row(Text(each.match.name), STANDINGS[each.standing], Text(files), Text(note))
    print_table(table)
    for file, why in left_out.items():
        print(f"left out: {without_secrets(file)} ({why})")


def before_batch(planned: Sequence[Planned], left_out: Mapping[str, str]) -> None:
    """What a person may not expect of a batch, before it runs: files joined or left out, matches run again or renamed."""
    talk = Console(stderr=True, highlight=False, soft_wrap=True)
    for each in planned:
        if each.match.joined:
            names = " + ".join(without_secrets(file) for file in each.match.recordings)
            told = f"{each.match.name}: {names} are taken for {each.match.joined}; --join none keeps them apart"
            talk.print(Text(f"Note: {told}"))
        if each.note:
            talk.print(Text(f"Note: {each.match.name}: {each.note}"))
    if left_out:
        named = ", ".join(f"{without_secrets(file)} ({why})" for file, why in islice(left_out.items(), MOST_LEFT_OUT))
        more = f" and {len(left_out) - MOST_LEFT_OUT} more" if len(left_out) > MOST_LEFT_OUT else ""
        talk.print(Text(f"Note: {_count(len(left_out), 'video')} left out: {named}{more}"))


def _planned(each: Planned) -> dict[str, object]:
    match = each.match
    recordings = [*map(without_secrets, match.recordings)]
    told: dict[str, object] = {"name": match.name, "state": each.standing, "recordings": recordings}
    return told | {"joined": match.joined, "note": each.note}


def outcomes(found: Sequence[Outcome], files: Sequence[str], *, as_json: bool = False) -> None:
    """Every match with its events, its warnings or its error, then the files of the summary."""
    if as_json:
        print(json.dumps({"matches": [_outcome(outcome) for outcome in found], "files": [*files]}, indent=1))
        return
    warned = any(outcome.warnings for outcome in found)
    table = new_table("match", "state", "events", *(["warnings"] if warned else []))
    for outcome in found:
        result = outcome.error or ", ".join(f"{count} {title}" for title, count in outcome.events.items()) or "none"
        warnings = [Text("; ".join(outcome.warnings))] if warned else []
        table.add_row(Text(outcome.match.name), outcome.state, Text(result), *warnings)
    print_table(table)
    print(*(f"  {file}" for file in files), sep="\n")


def _outcome(outcome: Outcome) -> dict[str, object]:
    match = outcome.match
    told = {"name": match.name, "state": outcome.state, "recordings": [*map(without_secrets, match.recordings)]}
    return told | {"events": dict(outcome.events), "error": outcome.error, "warnings": [*outcome.warnings]}


def events(result: Result, *, as_json: bool = False) -> None:
    """The events of a run, then its files, notes and faults."""
    timeline = result.timeline
    if as_json:
        told = {"note": moments_note(timeline)} if timeline.only_moments else {}
        files = [str(file) for file in result.files]
        print(json.dumps({**told, "events": [_event(e) for e in timeline.events], "files": files}, indent=1))
    else:
        print_table(_events_table(timeline))
        print(*(f"  {file}" for file in result.files), sep="\n")
    talk = Console(stderr=True, highlight=False, soft_wrap=True)
    for note in () if as_json else result.notes:
        talk.print(Text(f"Note: {note}"))
    if about_moments := moments_note(timeline):
        talk.print(f"Note: {about_moments}")
    if not timeline.events:
        came_close = "; the report lists the near misses and why each is not an event" if timeline.near_misses else ""
        talk.print(f"Note: no event was found, so there is no reel{came_close}")
    faults(timeline.analysis.faults)


def faults(counted: Sequence[Fault]) -> None:
    """What could not be used, on stderr."""
    talk = Console(stderr=True, highlight=False, soft_wrap=True)
    for fault in counted:
        times = f" ({fault.count} times)" if fault.count > 1 else ""
        talk.print(Text(f"Note: {fault.path}: {fault.problem}{times}"))


def _event(event: Event) -> dict[str, object]:
    keys = ("name", "title", "peak_s", "confidence", "game_clock", "score", "team", "description")
    return {key: getattr(event, key) for key in keys} | {"start_s": event.span.start_s, "end_s": event.span.end_s}


def _events_table(timeline: Timeline) -> Table:
    found, missed = len(timeline.events), len(timeline.near_misses)
    offered = f", {_count(found, 'moment')}" if timeline.only_moments else ""
    events = _count(0 if offered else found, "event")
    table = new_table("at", "clock", "event", "score", "sure", "why", title=f"{events}, {_count(missed, 'near miss')}{offered}")
    table.show_header = bool(found)
    for event in timeline.events:
        place = [f"it was {instant(event)}"] if event.doubt else []
        why = "; ".join([*(m.because for m in event.evidence if m.weight > 0 or m.signal == SPREAD), *place])
        sure = f"{min(event.confidence, MOST_SURE):.0%}"
        cells = (clock(event.peak_s), event.game_clock, event.title, event.score, sure, why)
        table.add_row(*(Text(cell) for cell in cells))
    return table


def found(merged: Merged, *, as_json: bool = False) -> None:
    """Where one query was found, then the near misses."""
    if as_json:
        groups = {"found": merged.events, "near_misses": merged.near_misses}
        print(json.dumps({key: [_place(event) for event in events] for key, events in groups.items()}, indent=1))
        return
    table = new_table("from", "to", "sure", "why", title=f"found {len(merged.events)} times")
    for event in merged.events:
        why = "; ".join(m.because for m in event.evidence if m.weight > 0)
        table.add_row(clock(event.span.start_s), clock(event.span.end_s), f"{event.confidence:.0%}", Text(why))
    print_table(table)
    for event in merged.near_misses:
        print(f"not at {clock(event.peak_s)}: {event.why_not}")


def _place(event: Event) -> dict[str, object]:
    evidence = [{"signal": m.signal, "weight": m.weight, "because": m.because} for m in event.evidence]
    place = {"start_s": event.span.start_s, "end_s": event.span.end_s, "peak_s": event.peak_s, "confidence": event.confidence}
    return place | {"evidence": evidence} | ({"why_not": event.why_not} if event.why_not else {})


def hits(found: Sequence[tuple[MatchEntry, EventEntry]], *, as_json: bool = False) -> None:
    """The events that a search of the library found."""
    if as_json:
        print(json.dumps([{"match": match.name, "teams": match.teams, **asdict(event)} for match, event in found], indent=1))
        return
    if not found:
        print("0 events")
        return
    table = new_table("match", "at", "clock", "event", "team", "player", "score", title=_count(len(found), "event"))
    for match, event in found:
        cells = (match.name, clock(event.peak_s), event.clock, event.title, event.team, event.player, event.score)
        table.add_row(*map(Text, cells))
    print_table(table)


def captions(found: Sequence[Caption], *, as_json: bool = False) -> None:
    """Descriptions by a model."""
    if as_json:
        print(json.dumps([asdict(caption) for caption in found], indent=1))
        return
    for caption in found:
        print(f"{clock(caption.span.start_s)}–{clock(caption.span.end_s)}  {caption.scene}")
        for event in caption.events:
            print(f"  {clock(event.span.start_s)}–{clock(event.span.end_s)}  {event.description}")


def scenes(timeline: Timeline, windows: Sequence[Window], *, as_json: bool = False) -> None:
    """The scenes of a recording; as JSON also the windows a model would be shown."""
    found = timeline.analysis.scenes
    if as_json:
        rows = [{"start_s": s.span.start_s, "end_s": s.span.end_s, "transition": s.transition, "part": s.part} for s in found]
        shown = [{"start_s": w.span.start_s, "end_s": w.span.end_s, "part": w.part} for w in windows]
        print(json.dumps({"scenes": rows, "windows": shown}, indent=1))
        return
    title = f"{_count(len(found), 'scene')}, {_count(len(windows), 'window')}"
    table = new_table("scene", "from", "to", "seconds", "begins with", "file", title=title)
    for number, scene in enumerate(found, 1):
        name = timeline.recording.parts[scene.part].path.name
        cells = (str(number), f"{scene.span.start_s:.3f}", f"{scene.span.end_s:.3f}", f"{scene.span.length_s:.3f}")
        table.add_row(*cells, BEGINS[scene.transition], Text(name))
    print_table(table)


def cache_entries(listed: Sequence[CacheEntry], path: Path, *, as_json: bool = False) -> None:
    """What is cached for each recording."""
    from rich.filesize import decimal

    if as_json:
        print(json.dumps([asdict(one) for one in listed], indent=2))
        return
    table = new_table("recording", "what", "pieces", "size", "last used")
    for one in listed:
        used = datetime.fromtimestamp(one.used_s).strftime("%Y-%m-%d %H:%M")
        table.add_row(Text(one.label), one.kind, str(one.count), decimal(one.size_bytes), used)
    print_table(table)
    print(f"cached in {path}; highlights cache clear deletes it", file=sys.stderr)


def profiles(listed: Sequence[Listed]) -> None:
    """The available profiles."""
    table = new_table("name", "title", "file")
    for entry in listed:
        table.add_row(Text(entry.name), Text(entry.title), Text(str(entry.path)))
    print_table(table)


def link(address: str, *, open_too: bool, already: bool = False) -> None:
    """The address of a page, served by this process or `already` by another; opens it in the browser if `open_too`."""
    print(address, flush=True)
    print(
        "The program is running already, and its page is open at this address, on this machine only."
        if already
        else "The page is open at this address, on this machine only, until Ctrl-C. Every change is saved at once.",
        file=sys.stderr,
    )
    if open_too:
        webbrowser.open(address)


def checks(found: Sequence[Check]) -> None:
    """The checks of the doctor."""
    marks = {True: "ok", False: "BAD", None: "--"}
    for check in found:
        print(f"{marks[check.good]:<4} {check.what}: {check.detail}")
    if any(check.good is None for check in found):
        print("(--: not installed; runs work without it)")


def diagnosis(found: Diagnosis, profile: Profile, picture: Path) -> bool:
    """What is read from a score graphic, and how to correct it; whether it would be used."""
    if not found.readings:
        print("No score graphic was found. If there is one, write its place into a profile:\n")
        print(
            _pinned(profile.sport, "    box: [0.03, 0.04, 0.35, 0.10]   # left, top, right, bottom, as shares of the picture")
        )
        return False
    for reading in found.readings:
        print(f"Text in {reading.found_in} of {reading.pictures} pictures at {_shares(reading.place)}:")
        print(*(f"    {row}" for row in reading.rows), sep="\n")
    if not found.counters:
        print("No numbers on it look like a score.")
    else:
        teams = f" ({found.teams[0] or '?'}, {found.teams[1] or '?'})" if any(found.teams) else ""
        print(f"Taken for the score: {', '.join(f'{n} {value}' for n, (value, _) in found.counters.items())}{teams}")
        print(f"Not used: {found.doubt}" if found.doubt else "Used: no other numbers come close.")
    print(f"Picture: {picture}\n")
    print("If these are the wrong numbers, write where the right ones are into a profile, and run it with --sport FILE:\n")
    counted = cells_of(profile.scoreboard.layout)[:2]
    cells = found.counters or dict.fromkeys(counted, (0, found.readings[0].place))
    lines = [f"    box: {_shares(found.readings[0].place)}", "    cells:"]
    print(_pinned(profile.sport, *lines, *(f"      {name}: {_shares(place)}" for name, (_, place) in cells.items())))
    return bool(found.counters) and not found.doubt


def _shares(place: Sequence[float]) -> str:
    return f"[{', '.join(f'{share:g}' for share in place)}]"


def _pinned(sport: str, *lines: str) -> str:
    return "\n".join((f"  extends: {sport}", f"  sport: {sport}", "  scoreboard:", *lines))


def _count(number: int, what: str) -> str:
    """A number of things.

    >>> _count(1, "near miss"), _count(2, "near miss"), _count(0, "event")
    ('1 near miss', '2 near misses', '0 events')
    """
    return f"{number} {what}" if number == 1 else f"{number} {what}{'es' if what.endswith('s') else 's'}"


def new_table(*headers: str, title: str | None = None) -> Table:
    """An empty table."""
    table = Table(title=title, box=None, pad_edge=False, header_style="bold", title_style="", title_justify="left")
    for header in headers:
        table.add_column(header, overflow="fold")
    return table


def print_table(table: Table) -> None:
    """Print the table; where stdout is not a terminal, lines are not wrapped or padded."""
    console = Console(width=None if sys.stdout.isatty() else PIPED_WIDTH, highlight=False)
    with console.capture() as captured:
        console.print(table)
    print(*(line.rstrip() for line in captured.get().splitlines()), sep="\n")
