"""Any file that can be truth, recognised by its content:

- JSON or a table of this project (`truth_json`);
- SoccerNet's labels, and SoccerHigh's summaries;
- a reviewed `timeline.json`: accepted and added events are true, rejected ones are not;
- a list of clips in any format that `highlights import` reads, such as Sportscode XML of Hudl or LongoMatch.

A list of clips has no instants: the one in an event's mark (`[goal@134.740]`) is used, else the middle of the clip.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from highlights.errors import TimelineError
from highlights.evaluation import entries, soccernet, summary_file, truth_json
from highlights.evaluation.selection import profile_of
from highlights.evaluation.soccernet import Files
from highlights.evaluation.truth import TrueEvent, Truth
from highlights.export import formats, timeline_json
from highlights.export.row import MOST_ROWS, Edited, EditedRow
from highlights.records import Event, Timeline
from highlights.spans import Span
from highlights.texts import read_text

WHAT = "a truth file, JSON, CSV or XML"
OWN_TABLES = (".csv", ".tsv", ".txt")


def read_truth(path: Path, timeline: Timeline | None = None) -> Truth:
    """The truth in a file; halves and clips are placed in the recording of `timeline`.

    Raises:
        TimelineError: The file is missing, too large, or not of a known form; the message names the first fault.
        FormatError: It is a list of clips that cannot be used.
    """
    text = read_text(path, WHAT, TimelineError)
    if path.suffix.lower() in OWN_TABLES and (timeline is None or truth_json.is_table_of_truth(text)):
        return entries.parsed(path, text, truth_json.of_table)
    if path.suffix.lower() == ".json" or text.lstrip()[:1] in ("{", "["):
        data = entries.parsed(path, text, _content)
        if {"recording", "near_misses"} <= data.keys():
            return _of_review(path)
        files = Files.of(timeline.recording) if timeline else Files()
        return entries.parsed(path, data, lambda data: _of_json(data, files))
    if timeline is None:
        raise TimelineError(path, "is not JSON; the name of a table must end in .csv")
    return _of_clips(path, timeline)


def _content(text: str) -> Mapping[str, object]:
    try:
        data = entries.json_of(text)
    except ValueError as error:
        raise ValueError(f"{error}; the name of a table must end in .csv") from error
    if not isinstance(data, dict):
        raise ValueError("is JSON but not a truth file: it needs a list named events, of entries with label and time_s")
    return data


def _of_json(data: Mapping[str, object], files: Files) -> Truth:
    if "events" not in data and isinstance(data.get("annotations"), list):
        if summary_file.is_summary(data):
            return summary_file.of_json(data, files)
        labels = soccernet.labels_in(data)
        return soccernet.truth_of(labels, files, soccernet.classes_of([labels]))
    return truth_json.of_json(data)


def _of_review(path: Path) -> Truth:
    """The events that a person left standing."""
    timeline = timeline_json.read(path)
    rejected = [event for event in timeline.near_misses if event.status == "rejected"]
    decided = [event for event in timeline.events if event.status in ("accepted", "added")]
    if not decided and not rejected:
        raise TimelineError(path, "was not reviewed, so it is no truth: accept or reject its events in highlights review")
    if open_ := len(timeline.events) - len(decided):
        raise TimelineError(path, f"has {open_} events without a decision: accept or reject them in highlights review")
    events: dict[str, list[TrueEvent]] = {event.name: [] for event in (*decided, *rejected)}
    for event in decided:
        events[event.name].append(TrueEvent(event.peak_s, _marked(event)))
    return Truth({kind: tuple(found) for kind, found in events.items()})


def _marked(event: Event) -> Span | None:
    """The span of an event, where a person gave it one."""
    return event.span if event.status == "added" else None


def _of_clips(path: Path, timeline: Timeline) -> Truth:
    """The clips of another program's list as events."""
    edited = Edited.at(path)
    chosen = formats.choice(formats.recognised(edited), None, None, path)
    cuts, _ = formats.cut_list(timeline, chosen, path.parent / "reel.mp4", path)
    if chosen.format.read is None or cuts.of != "source":
        edited.refuse(f"{chosen.format.name} is no list of the recording's clips, so it is no truth")
    rows = chosen.format.read(edited, cuts)
    if len(rows) > MOST_ROWS:
        edited.refuse(f"lists {len(rows)} clips; the limit is {MOST_ROWS}")
    events: dict[str, list[TrueEvent]] = {}
    for row in rows:
        kind, event = _of_row(row, timeline)
        events.setdefault(kind, []).append(event)
    return Truth({kind: tuple(sorted(found, key=lambda event: event.time_s)) for kind, found in events.items()})


def _of_row(row: EditedRow, timeline: Timeline) -> tuple[str, TrueEvent]:
    start_s = timeline.recording.parts[row.medium or 0].start_s
    in_s, out_s = (float(at_s) + start_s for at_s in (row.in_s, row.out_s or row.in_s))
    if row.marks:
        name, _, at = row.marks[0].partition("@")
        marked_s = float(at.partition("#")[0])
        if in_s <= marked_s <= out_s:
            return name, TrueEvent(marked_s)
    return _kind(row.words, timeline), TrueEvent(round((in_s + out_s) / 2, 3))


def _kind(words: Mapping[str, str], timeline: Timeline) -> str:
    """The kind that a title names: one of the profile, or else the title as profiles write names."""
    title = words.get("title", "")
    profile = profile_of(timeline)
    titled = {rule.title.casefold(): rule.name for rule in profile.events} if profile else {}
    return words.get("name") or titled.get(title.casefold()) or truth_json.kind_of_words(title) or "clip"
