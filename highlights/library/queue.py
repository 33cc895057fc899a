"""The queue of a library: its jobs run one after the other, each in a process of its own, also after the program was killed.

A match whose process is killed or crashes is tried twice, then marked as failed. Only a person starts a failed one again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Condition, Thread

from highlights.batch.apart import Worker
from highlights.batch.summary import Outcome
from highlights.errors import HighlightsError, OutputError, RecordingError
from highlights.finders.choice import ModelOptions
from highlights.library.folder import Library
from highlights.library.jobs import MOST_ATTEMPTS, Job, JobFiles, Value, new_id, run_options
from highlights.profile import find

LOG = logging.getLogger(__name__)

USUAL_MODELS = ModelOptions()
SHARES = {
    "fetching": 0.02,
    "score graphic": 0.12,
    "key frames": 0.14,
    "picture": 0.40,
    "model": 0.0,
    "reel": 0.28,
    "report": 0.04,
}
"""The usual share of each stage in the time of a run; a stage that is not here has none of its own."""


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as it can be shown; `done` is 0..1 of all stages, `seconds_left` None while it is too early to tell."""

    job: Job
    stage: str = ""
    done: float = 0.0
    seconds_left: int | None = None


class Queue:
    """Runs the jobs of a library in a thread, from `start` until `stop`.

    `on_done` is called with the name of each match whose results are there. `changed` is notified whenever a job changes.
    """

    def __init__(
        self, library: Library, on_done: Callable[[str], None] = lambda name: None, models: ModelOptions = USUAL_MODELS
    ) -> None:
        self._library = library
        self._models = models
        self._files = JobFiles(library.root)
        self._on_done = on_done
        self.changed = Condition()
        self._jobs = {job.id: job for job in self._files.all()}
        with self.changed:
            for job in [job for job in self._jobs.values() if job.state == "running"]:
                self._set(job, state="waiting")  # the program ended in the middle of it
        self._worker: Worker | None = None
        self._running: JobView | None = None
        self._started_s = self._paused_s = 0.0
        self._stopping = False
        self._thread = Thread(target=self._run, name="queue")

    def start(self) -> None:
        """Begin to run jobs."""
        self._thread.start()

    def stop(self) -> None:
        """End; a running job waits for the next start."""
        with self.changed:
            self._stopping = True
            if self._worker:
                self._worker.stop()
            self.changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def views(self) -> list[JobView]:
        """All jobs in their order."""
        with self.changed:
            return [self._view(job) for job in self._jobs.values()]

    def add(self, name: str, recordings: Sequence[str], sport: str, options: Mapping[str, Value]) -> Job:
        """Add a match to the end of the queue.

        Raises:
            HighlightsError: a recording does not exist, an option or the sport is invalid, or the library cannot be written to.
        """
        for recording in recordings:
            if not Path(recording).is_file():
                raise RecordingError(recording, "no such file: choose the recording again")
        find(sport)
        run_options(options)
        with self.changed:
            reserved = self._library.reserve(name, recordings)
            job = Job(new_id(), reserved, tuple(recordings), sport, dict(options))
            try:
                self._files.put(job)
            except OutputError:
                self._library.release(reserved)
                raise
            self._jobs[job.id] = job
            self.changed.notify_all()
        return job

    def pause(self, job_id: str) -> None:
        """Let a job wait until it is resumed; a running one at its next step.

        Raises:
            HighlightsError: there is no such job.
        """
        with self.changed:
            job = self._job(job_id)
            if job.state in ("waiting", "running"):
                if self._worker and self._is_running(job):
                    self._worker.pause()
                    self._paused_s = time.monotonic()
                self._set(job, state="paused")

    def resume(self, job_id: str) -> None:
        """Let a paused, failed or cancelled job go on.

        Raises:
            HighlightsError: there is no such job.
        """
        with self.changed:
            job = self._job(job_id)
            if job.state in ("waiting", "running"):
                return
            if self._worker and self._is_running(job) and job.state == "paused":
                self._worker.resume()
                self._started_s += time.monotonic() - self._paused_s
                self._set(job, state="running")
            else:
                self._set(job, state="waiting", crashes=0, error="")
            self.changed.notify_all()

    def cancel(self, job_id: str) -> None:
        """End a job; its file stays until it is resumed or removed.

        Raises:
            HighlightsError: there is no such job.
        """
        with self.changed:
            job = self._job(job_id)
            if job.state in ("waiting", "running", "paused"):
                if self._worker and self._is_running(job):
                    self._worker.stop()
                self._set(job, state="cancelled")

    def remove(self, job_id: str) -> None:
        """Cancel a job and forget it; its recording stays.

        Raises:
            HighlightsError: there is no such job.
        """
        with self.changed:
            self.cancel(job_id)
            while self._running and self._running.job.id == job_id:
                self.changed.wait(0.1)
                if job_id in self._jobs:
                    self.cancel(job_id)  # another page may have resumed it
            job = self._jobs.pop(job_id, None)
            if job:
                self._files.remove(job)
                self._library.release(job.name)

    def holds(self, name: str) -> bool:
        """Whether the results of this match are being made, or will be."""
        with self.changed:
            return any(job.name == name and job.state in ("waiting", "running", "paused") for job in self._jobs.values())

    def _job(self, job_id: str) -> Job:
        if job_id not in self._jobs:
            raise HighlightsError("this job is no longer in the queue")
        return self._jobs[job_id]

    def _is_running(self, job: Job) -> bool:
        return self._running is not None and self._running.job.id == job.id

    def _set(self, job: Job, **changes: object) -> Job:
        changed = replace(job, **changes)  # type: ignore[arg-type]  # the names are fields
        self._jobs[job.id] = changed
        self._files.put(changed)
        self.changed.notify_all()
        return changed

    def _view(self, job: Job) -> JobView:
        if self._running is None or not self._is_running(job) or job.state not in ("running", "paused"):
            return JobView(job)
        view, now_s = self._running, self._paused_s if job.state == "paused" else time.monotonic()
        left = None
        if view.done > 0.03:
            left = round((now_s - self._started_s) * (1 - view.done) / view.done)
        return JobView(job, view.stage, view.done, left)

    def _run(self) -> None:
        while job := self._next():
            try:
                self._run_job(job)
            except HighlightsError as error:
                self._fail(job, error)

    def _fail(self, job: Job, error: HighlightsError) -> None:
        """Mark a job as failed that could not be begun or ended, as when the disk is full: its file stays as it is."""
        LOG.error("%s: %s", job.name, error)
        with self.changed:
            self._jobs[job.id] = replace(job, state="failed", error=str(error))
            self._running = self._worker = None
            self.changed.notify_all()

    def _next(self) -> Job | None:
        """The next job, set to running; waits for one. None when the queue is stopped."""
        with self.changed:
            while not self._stopping:
                waiting = next((job for job in self._jobs.values() if job.state == "waiting"), None)
                if waiting:
                    try:
                        return self._begun(waiting)
                    except HighlightsError as error:
                        self._fail(waiting, error)
                        continue
                self.changed.wait()
        return None

    def _begun(self, waiting: Job) -> Job:
        self._worker = Worker(waiting.match(self._models), str(self._library.root / waiting.name))
        self._running = JobView(replace(waiting, state="running"))
        self._started_s = time.monotonic()
        return self._set(waiting, state="running")

    def _run_job(self, job: Job) -> None:
        worker = self._worker
        assert worker is not None
        outcome = worker.run(lambda so_far: self._on_progress(job, so_far))
        done = outcome.state == "done"
        if done:
            self._on_done(job.name)
        with self.changed:
            self._running = self._worker = None
            now = self._jobs[job.id]
            if done:
                del self._jobs[job.id]
                self._files.remove(job)
            elif not worker.is_stopped:
                self._set(now, **_after(now, outcome))
            elif now.state == "running":  # else it was cancelled or paused, and perhaps resumed since
                self._set(now, state="waiting")
            self.changed.notify_all()

    def _on_progress(self, job: Job, outcome: Outcome) -> None:
        with self.changed:
            before = self._running.done if self._running else 0.0
            self._running = JobView(job, outcome.stage, max(before, _done(outcome)))
            self.changed.notify_all()


def _after(job: Job, outcome: Outcome) -> dict[str, object]:
    """What changes about a job that failed: one whose process was killed is tried again, once."""
    if not outcome.crashed:
        return {"state": "failed", "error": outcome.error}
    crashes = job.crashes + 1
    if crashes < MOST_ATTEMPTS:
        return {"state": "waiting", "crashes": crashes}
    return {"state": "failed", "crashes": crashes, "error": f"{outcome.error}; it was tried {crashes} times"}


def _done(outcome: Outcome) -> float:
    """How much of the whole run is done, 0..1."""
    stages = list(SHARES)
    if outcome.stage not in SHARES:
        return 0.0
    place = stages.index(outcome.stage)
    return sum(SHARES[stage] for stage in stages[:place]) + SHARES[outcome.stage] * min(1.0, outcome.share)
