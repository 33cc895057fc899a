"""The recording's files in a form that browsers play: the files themselves, or copies in the cache folder."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from highlights.cache.copies import copies_folder, trim_copies
from highlights.cache.recordings import fingerprint
from highlights.cache.store import Store, cache_folder
from highlights.errors import RecordingError
from highlights.media.playable import plays_in_browsers, write_playable
from highlights.media.probe import probe
from highlights.progress import Progress, of_stage
from highlights.records import Part, Recording
from highlights.review import wire
from highlights.review.job import Job, Worker


class Proxies:
    """The playable files of a recording."""

    def __init__(self, recording: Recording, worker: Worker) -> None:
        self._parts = recording.parts
        self._worker = worker
        self._recording = recording
        self._checked: set[int] = set()
        self._making: int | None = None

    def file(self, number: int) -> Path:
        """The file that a browser plays as part `number`: its copy if there is one.

        Raises:
            RecordingError: there is no such part, or its file is missing or not a recording.
        """
        part = self._part(number)
        copy = self._copy(part)
        if copy.is_file():
            _note_use(copy)
            return copy
        if number not in self._checked:
            probe(part.path)  # a timeline from elsewhere may name any file: only recordings are served
            self._checked.add(number)
        return part.path

    def make(self, number: int) -> Job:
        """Start making a copy of a part that browsers play.

        Raises:
            BusyError: another job is running.
            RecordingError: there is no such part.
        """
        part = self._part(number)
        target = self._copy(part)

        def work(progress: Progress) -> list[str]:
            target.parent.mkdir(parents=True, exist_ok=True)
            write_playable(part, target, of_stage(progress, "proxy"), again=plays_in_browsers(part))
            trim_copies(target.parent, target)
            return []

        job = self._worker.start("making a copy that plays here", work)
        self._making = number
        return job

    def as_json(self) -> list[dict[str, object]]:
        """The parts for the page."""
        return [self._part_as_json(number, part) for number, part in enumerate(wire.parts(self._recording))]

    def _part_as_json(self, number: int, fields: dict[str, object]) -> dict[str, object]:
        part = self._parts[number]
        ready = not fields["missing"] and self._copy(part).is_file()
        job = self._worker.job
        making = self._making == number and job is not None and job.state == "running"
        proxy = "ready" if ready else "making" if making else None
        return fields | {"playable": ready or plays_in_browsers(part), "proxy": proxy}

    def _part(self, number: int) -> Part:
        if not 0 <= number < len(self._parts):
            raise RecordingError(self._parts[-1].path, f"is the last file of the recording; part {number} does not exist")
        return self._parts[number]

    def _copy(self, part: Part) -> Path:
        try:
            key = fingerprint(part.path, Store())
        except OSError as error:
            raise RecordingError(
                part.path, "does not exist any more; put it back, or open the review with --recording FILE"
            ) from error
        return copies_folder(cache_folder()) / f"{key}.mp4"


def _note_use(copy: Path) -> None:
    """Set the access time: many file systems do not record reads."""
    with suppress(OSError):
        os.utime(copy, ns=(time.time_ns(), copy.stat().st_mtime_ns))
