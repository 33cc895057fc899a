"""What is to be run: one file for each job, so that nothing is lost when the program is killed.

waiting ──► running ──► (results are there: the file is removed)
   ▲           ├──► failed      its own error, or its process was killed twice: never again by itself
   └─killed────┤
               └──► cancelled
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from highlights.batch.manifest import Match
from highlights.errors import HighlightsError
from highlights.finders.choice import ModelOptions
from highlights.media.aside import output_error, write_aside
from highlights.pipeline import RunOptions
from highlights.reel.options import files_of, options_of

FOLDER = ".jobs"
MOST_ATTEMPTS = 2
"""How often a match is run whose process is killed or crashes."""

JobState = Literal["waiting", "running", "paused", "failed", "cancelled"]
Value = str | float | bool | None


@dataclass(frozen=True, slots=True)
class Job:
    """A match that is to be run. `name` is its result folder, `options` are those of a reel by the names that presets use.

    `crashes` counts how often its process was killed or crashed; a program that was killed with it is not counted.
    """

    id: str
    name: str
    recordings: tuple[str, ...]
    sport: str
    options: Mapping[str, Value] = field(default_factory=dict)
    state: JobState = "waiting"
    crashes: int = 0
    error: str = ""

    def match(self, models: ModelOptions) -> Match:
        """The match to run, with these models.

        Raises:
            HighlightsError: an option is invalid.
        """
        return Match(self.name, self.recordings, self.sport, replace(run_options(self.options), models=models))


def new_id() -> str:
    """An identifier that sorts by time."""
    return f"{time.time_ns():020d}-{secrets.token_hex(4)}"


def run_options(asked: Mapping[str, Value]) -> RunOptions:
    """The options of a run.

    Raises:
        HighlightsError: an option is invalid.
    """
    timeline, edit, kind = options_of(asked)
    return RunOptions(reel=kind, files=files_of(asked), timeline=timeline, edit=edit)


class JobFiles:
    """The files of the jobs in a library."""

    def __init__(self, root: Path) -> None:
        self._folder = root / FOLDER

    def all(self) -> list[Job]:
        """All jobs, the oldest first. What is not a job is left alone."""
        return [job for file in sorted(self._folder.glob("*.json")) if (job := _read(file))]

    def put(self, job: Job) -> None:
        """Write a job.

        Raises:
            OutputError: it cannot be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise output_error(self._folder, error) from error
        with write_aside(self._folder / f"{job.id}.json") as aside:
            aside.write_text(json.dumps(asdict(job), indent=1) + "\n", encoding="utf-8", errors="surrogateescape")

    def remove(self, job: Job) -> None:
        """Remove the file of a job."""
        with suppress(OSError):
            (self._folder / f"{job.id}.json").unlink(missing_ok=True)


class _JobFile(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    id: Annotated[str, Field(pattern=r"^\d{20}-[0-9a-f]{8}$")]
    name: Annotated[str, Field(min_length=1, max_length=255)]
    recordings: Annotated[tuple[str, ...], Field(min_length=1, max_length=1000)]
    sport: str
    options: dict[str, Value] = {}
    state: JobState
    crashes: Annotated[int, Field(ge=0)] = 0
    error: str = ""


def _read(file: Path) -> Job | None:
    if not file.is_file():  # a pipe would be waited for
        return None
    try:
        read = _JobFile.model_validate_json(file.read_bytes())
        run_options(read.options)
    except (OSError, ValidationError, HighlightsError):
        return None
    return Job(**read.model_dump()) if f"{read.id}.json" == file.name else None
