"""Long work in the background, one job at a time: progress, time left, cancel."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from threading import Lock, Thread
from typing import Literal

from highlights.errors import HighlightsError
from highlights.progress import STAGES, Progress

Work = Callable[[Progress], Sequence[str]]
"""Does the work, reports its progress, and returns the names of the files written."""


class BusyError(HighlightsError):
    """Another job is running."""


class CancelError(HighlightsError):
    """Raised inside the work to cancel it, so that it cleans up as after any error."""


@dataclass(frozen=True, slots=True)
class Job:
    """The state of a job; `done` is 0..1."""

    id: int
    doing: str
    done: float = 0.0
    state: Literal["running", "done", "failed", "cancelled"] = "running"
    error: str = ""
    files: tuple[str, ...] = ()
    started_s: float = 0.0
    note: str = ""
    """A line about what was made."""

    def seconds_left(self, now_s: float) -> int | None:
        """Estimated seconds left; None while it is too early to tell."""
        if self.state != "running" or self.done < 0.02:
            return None
        return round((now_s - self.started_s) * (1 - self.done) / self.done)


class Worker:
    """Runs one job at a time in its own thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._job: Job | None = None
        self._thread: Thread | None = None
        self._stop = False

    @property
    def job(self) -> Job | None:
        """The running or last job."""
        return self._job

    def start(self, doing: str, work: Work) -> Job:
        """Start `work`.

        Raises:
            BusyError: another is running.
        """
        with self._lock:
            if self._job and self._job.state == "running":
                raise BusyError(f"{self._job.doing} is still running: wait or cancel it")
            job = Job(self._job.id + 1 if self._job else 1, doing, started_s=time.monotonic())
            self._job, self._stop = job, False
            # not a daemon: on exit the program waits until half-made files are removed
            self._thread = Thread(target=self._run, args=(work,), name="job")
            self._thread.start()
        return job

    def tell(self, note: str) -> None:
        """Show a line about what the running work made."""
        assert self._job is not None
        self._job = replace(self._job, note=f"{self._job.note} {note}".strip())

    def cancel(self) -> Job | None:
        """Cancel the running job, wait until it has cleaned up, and return it."""
        self._stop = True
        if self._thread:
            self._thread.join()
        return self._job

    def _on_progress(self, stage: str, share: float) -> None:
        if self._stop:
            raise CancelError("cancelled")
        assert self._job is not None
        self._job = replace(self._job, doing=STAGES.get(stage, stage), done=min(1.0, share))

    def _run(self, work: Work) -> None:
        assert self._job is not None
        try:
            files = tuple(work(self._on_progress))
            self._job = replace(self._job, state="done", done=1.0, files=files)
        except CancelError:
            self._job = replace(self._job, state="cancelled")
        except HighlightsError as error:
            self._job = replace(self._job, state="failed", error=str(error))
        except BaseException:
            self._job = replace(self._job, state="failed", error="this failed unexpectedly; see the terminal")
            raise


def job_as_json(job: Job | None) -> dict[str, object] | None:
    """A job for the page."""
    if job is None:
        return None
    return {
        "id": job.id,
        "doing": job.doing,
        "done": round(job.done, 4),
        "state": job.state,
        "error": job.error,
        "files": list(job.files),
        "note": job.note,
        "seconds_left": job.seconds_left(time.monotonic()),
    }
