"""`timeline.json`: a timeline written and read. `timeline.schema.json`, beside this module, describes it to other programs.

The same timeline gives the same bytes: keys in a fixed order, UTF-8, a newline at the end, nothing that depends on the time or
the user.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError
from pydantic.json_schema import GenerateJsonSchema

from highlights.errors import TimelineError
from highlights.export.timeline_file import TimelineFile
from highlights.media.aside import write_aside
from highlights.records import Analysis, Timeline

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

SCHEMA = Path(__file__).with_name("timeline.schema.json")

DECIDED = frozenset({"sport", "note", "finders", "recording", "duration_s", "events", "near_misses", "clips"})
"""Keys that do not come from the analysis."""

INDENT = "  "
LINE_LENGTH = 128  # of the file; what fits into a line is not wrapped


def write(timeline: Timeline, target: Path) -> None:
    """Make `target` the timeline's file; paths of the recording are stored relative to its folder.

    Raises:
        OutputError: `target` cannot be written.
    """
    Writer(timeline, target.parent).write(timeline, target)


class Writer:
    """Writes timelines of one recording that differ only in decisions: the analysis is serialised once.

    That is nearly all of the file: 90 minutes are thousands of scenes, crowd values and readings of the score graphic.
    """

    def __init__(self, timeline: Timeline, folder: Path) -> None:
        read = TimelineFile.of(replace(timeline, events=(), near_misses=(), clips=()), folder).model_dump(mode="json")
        self._analysis = timeline.analysis
        self._read = {name: _entry(name, value) for name, value in read.items() if name not in DECIDED}

    def write(self, timeline: Timeline, target: Path) -> None:
        """As `write`, for a timeline with the same analysis and a target in the same folder."""
        if timeline.analysis is not self._analysis:
            raise ValueError("this writer is for another analysis")
        content = TimelineFile.of(replace(timeline, analysis=Analysis()), target.parent).model_dump(mode="json")
        lines = [_entry(name, content[name]) if name in DECIDED else self._read[name] for name in content]
        with write_aside(target) as aside:
            aside.write_bytes(("{\n" + ",\n".join(lines) + "\n}\n").encode())


def read(path: Path) -> Timeline:
    """The timeline in the file at `path`: what `write` was given, to the millisecond.

    Raises:
        TimelineError: The file cannot be read, or is not a timeline of version 1; names the first fault.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TimelineError(path, f"cannot be read ({error.strerror}); give the timeline.json of a run") from error
    try:
        return TimelineFile.model_validate_json(content).timeline(path.parent)
    except ValidationError as error:
        raise TimelineError(path, _first_fault(error)) from error


def schema() -> str:
    """The text of `timeline.schema.json` (JSON Schema, draft 2020-12)."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "timeline.schema.json"}
    body = TimelineFile.model_json_schema(mode="serialization", schema_generator=_Untitled) | {
        "title": "A timeline of a match, version 1"
    }
    return json.dumps(head | body, indent=2, ensure_ascii=False) + "\n"


class _Untitled(GenerateJsonSchema):
    """JSON Schema without a title per field that only repeats its name."""

    def field_title_should_be_set(self, schema: object) -> bool:
        return False


def _entry(name: str, value: object) -> str:
    """One key of the file with its value, on its own lines."""
    return INDENT + _lay_out(value, INDENT, json.dumps(name) + ": ")


def _lay_out(value: object, indent: str = "", key: str = "") -> str:
    """JSON with short values and lists of numbers on one line, longer ones wrapped at their commas."""
    flat = key + json.dumps(value, ensure_ascii=False, allow_nan=False)
    if len(indent) + len(flat) <= LINE_LENGTH or not isinstance(value, dict | list) or _is_row_of_numbers(value):
        return flat
    inner = indent + INDENT
    if isinstance(value, dict):
        lines = [_lay_out(item, inner, json.dumps(name, ensure_ascii=False) + ": ") for name, item in value.items()]
    else:
        lines = [_lay_out(item, inner) for item in value]
    start, end = "{}" if isinstance(value, dict) else "[]"
    return key + start + "\n" + ",\n".join(inner + line for line in lines) + "\n" + indent + end


def _is_row_of_numbers(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, float | int) for item in value)


def _first_fault(error: ValidationError) -> str:
    """The first fault as `place: what is wrong`, and how many more there are; a wrong version comes before all others."""
    faults = error.errors(include_url=False)
    first = next((fault for fault in faults if fault["loc"] == ("version",)), faults[0])
    more = f" (and {len(faults) - 1} more faults)" if len(faults) > 1 and first["loc"] != ("version",) else ""
    return _in_words(first) + more


def _in_words(fault: ErrorDetails) -> str:
    place = ".".join(map(str, fault["loc"]))
    if fault["type"] == "json_invalid":
        return f"is not JSON ({fault['ctx']['error']}); give the timeline.json of a run"
    if (not place and fault["type"] != "value_error") or (place == "version" and fault["type"] == "missing"):
        return "is JSON but not a timeline; give the timeline.json of a run"
    if place == "version":
        return "version: this program reads version 1 of the timeline; run this program again on the recording"
    if fault["type"] == "extra_forbidden":
        return f"{place}: unknown key"
    if fault["type"] == "missing":
        return f"{place}: missing"
    problem = fault["msg"].removeprefix("Value error, ")
    problem = problem[0].lower() + problem[1:]
    return f"{place}: {problem}" if place else problem
