"""The queue with real processes on recordings of three seconds: killed, paused, cancelled, and started again."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import active_children
from pathlib import Path
from threading import Event as Flag
from threading import Thread

import pytest

from highlights.batch import apart
from highlights.errors import HighlightsError
from highlights.library.folder import Library
from highlights.library.jobs import FOLDER, Job, JobFiles, new_id
from highlights.library.queue import JobView, Queue
from tests.conftest import Put

FAST = {"reel": "none"}
PATIENCE_S = 60.0


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "library")


@contextmanager
def running(library: Library) -> Iterator[tuple[Queue, Callable[[], None]]]:
    """A queue that runs, and a function that waits until it has nothing left to do."""
    done = Flag()
    queue = Queue(library, lambda name: done.set())
    queue.start()
    try:
        yield queue, lambda: _wait(queue, lambda views: all(view.job.state not in ("waiting", "running") for view in views))
    finally:
        queue.stop()


def _wait(queue: Queue, reached: Callable[[list[JobView]], bool]) -> None:
    """Wait until the jobs are as they should be; the queue tells whenever one changes."""
    with queue.changed:
        assert queue.changed.wait_for(lambda: reached(queue.views()), PATIENCE_S), queue.views()


def worker_pid() -> int:
    [process] = active_children()
    assert process.pid
    return process.pid


def started(views: list[JobView]) -> bool:
    return any(view.stage for view in views)


def test_jobs_run_in_order_and_leave_only_their_results(library: Library, put: Put, tmp_path: Path) -> None:
    made: list[str] = []
    queue = Queue(library, made.append)
    for name in ("first", "second"):
        queue.add(name, [str(put(tmp_path / f"{name}.mp4", len(name) - 5))], "soccer", FAST)
    queue.start()
    _wait(queue, lambda views: not views)
    queue.stop()
    assert made == ["first", "second"]
    assert sorted(library.names()) == ["first", "second"]
    assert list((library.root / FOLDER).iterdir()) == []


def test_a_failed_match_keeps_its_error_and_is_tried_again_only_when_asked(library: Library, put: Put, tmp_path: Path) -> None:
    recording = tmp_path / "broken.mp4"
    recording.write_text("no video")
    with running(library) as (queue, idle):
        queue.add("broken", [str(recording)], "soccer", FAST)
        idle()
        [view] = queue.views()
        assert (view.job.state, "broken.mp4" in view.job.error) == ("failed", True)
    with running(library) as (queue, idle):  # a new start does not try it again
        [view] = queue.views()
        assert view.job.state == "failed"
        put(recording)
        queue.resume(view.job.id)
        _wait(queue, lambda views: not views)
    assert list(library.names()) == ["broken"]


def test_a_match_whose_process_is_killed_is_tried_twice_and_then_marked(library: Library, put: Put, tmp_path: Path) -> None:
    with running(library) as (queue, idle):
        queue.add("deadly", [str(put(tmp_path / "deadly.mp4"))], "soccer", FAST)
        for crashes in (0, 1):
            _wait(queue, lambda views, crashes=crashes: started(views) and views[0].job.crashes == crashes)
            os.kill(worker_pid(), signal.SIGKILL)
            _wait(queue, lambda views, crashes=crashes: views[0].job.crashes == crashes + 1)
        idle()
        [view] = queue.views()
        assert (view.job.state, view.job.crashes) == ("failed", 2)
        assert "killed by signal 9" in view.job.error


def test_ten_restarts_in_the_middle_of_a_job_lose_nothing(library: Library, put: Put, tmp_path: Path) -> None:
    Queue(library).add("long", [str(put(tmp_path / "long.mp4"))], "soccer", FAST)
    for _ in range(10):
        with running(library) as (queue, _):
            _wait(queue, lambda views: not views or views[0].job.state == "running")
    with running(library) as (queue, _):
        _wait(queue, lambda views: not views)
    assert list(library.names()) == ["long"]


def test_a_job_that_was_running_when_the_program_was_killed_goes_on(library: Library, put: Put, tmp_path: Path) -> None:
    job = Queue(library).add("cut off", [str(put(tmp_path / "x.mp4"))], "soccer", FAST)
    JobFiles(library.root).put(replace(job, state="running"))  # what a killed program leaves
    with running(library) as (queue, _):
        _wait(queue, lambda views: not views)
    assert list(library.names()) == ["cut off"]


def test_a_job_paused_before_its_process_began_waits_until_it_is_resumed(library: Library, put: Put, tmp_path: Path) -> None:
    with running(library) as (queue, _):
        job = queue.add("slow", [str(put(tmp_path / "x.mp4"))], "soccer", FAST)
        _wait(queue, lambda views: bool(views) and views[0].job.state == "running")
        queue.pause(job.id)
        _wait(queue, started)  # its first step; a process that does not wait would be done soon after
        with queue.changed:
            assert not queue.changed.wait_for(lambda: not queue.views() or queue.views()[0].done > 0.2, 3.0)
        assert queue.views()[0].job.state == "paused"
        queue.resume(job.id)
        _wait(queue, lambda views: not views)
    assert list(library.names()) == ["slow"]


def test_a_cancelled_job_leaves_no_results_and_can_be_removed(library: Library, put: Put, tmp_path: Path) -> None:
    with running(library) as (queue, _):
        job = queue.add("unwanted", [str(put(tmp_path / "x.mp4"))], "soccer", FAST)
        _wait(queue, started)
        queue.cancel(job.id)
        assert queue.views()[0].job.state == "cancelled"
        queue.remove(job.id)
        assert queue.views() == []
    assert list(library.names()) == []
    assert library.reserve("unwanted", ["/nowhere/y.mp4"]) == "unwanted"  # its name is free again
    assert list((library.root / FOLDER).iterdir()) == []


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"recordings": ["/nowhere/x.mp4"]}, "no such file"),
        ({"sport": "quidditch"}, "quidditch"),
        ({"options": {"target_s": -1.0}}, "target"),
        ({"options": {"colour": "red"}}, "colour"),
    ],
)
def test_a_job_that_cannot_be_run_is_refused_before_it_is_queued(
    library: Library, put: Put, tmp_path: Path, change: dict[str, object], complaint: str
) -> None:
    queue = Queue(library)
    asked = {"recordings": [str(put(tmp_path / "x.mp4"))], "sport": "soccer", "options": FAST} | change
    with pytest.raises(HighlightsError, match=complaint):
        queue.add("x", **asked)  # type: ignore[arg-type]  # invalid on purpose
    assert queue.views() == []


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"id": "../../x", "name": "x", "recordings": ["x"], "sport": "", "state": "waiting"}', b"\xff" * 100],
)
def test_a_damaged_job_file_is_left_alone(library: Library, content: bytes) -> None:
    (library.root / FOLDER).mkdir()
    (library.root / FOLDER / f"{new_id()}.json").write_bytes(content)
    assert Queue(library).views() == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_among_the_job_files_is_not_waited_for(library: Library) -> None:
    (library.root / FOLDER).mkdir()
    os.mkfifo(library.root / FOLDER / f"{new_id()}.json")
    assert Queue(library).views() == []


def test_a_job_survives_its_file(library: Library) -> None:
    job = Job(
        new_id(), "Ä match", ("/a/Ä 1.mp4", "/a/2.mp4"), "soccer", {"target_s": 60.0, "titles": False}, "paused", 1, "why"
    )
    files = JobFiles(library.root)
    files.put(job)
    assert files.all() == [job]
    assert json.loads((library.root / FOLDER / f"{job.id}.json").read_text())["state"] == "paused"


def test_stopping_while_a_job_is_paused_ends_at_once(library: Library, put: Put, tmp_path: Path) -> None:
    with running(library) as (queue, _):
        job = queue.add("slow", [str(put(tmp_path / "x.mp4"))], "soccer", FAST)
        _wait(queue, started)
        queue.pause(job.id)
        ending = Thread(target=queue.stop)
        ending.start()
        ending.join(PATIENCE_S)
        assert not ending.is_alive()
    assert [view.job.state for view in Queue(library).views()] == ["paused"]


def test_a_job_cancelled_and_resumed_is_no_crash_and_is_run_to_its_end(library: Library, put: Put, tmp_path: Path) -> None:
    with running(library) as (queue, _):
        job = queue.add("hesitant", [str(put(tmp_path / "x.mp4"))], "soccer", FAST)
        for _ in range(2):
            _wait(queue, started)
            queue.cancel(job.id)
            queue.resume(job.id)
            [view] = queue.views()
            assert (view.job.state, view.seconds_left) == ("waiting", None)
            _wait(queue, lambda views: views[0].job.state == "running")
        assert queue.views()[0].job.crashes == 0
        _wait(queue, lambda views: not views)
    assert list(library.names()) == ["hesitant"]


def test_a_job_that_cannot_be_noted_fails_and_the_next_one_runs_when_it_can(library: Library, put: Put, tmp_path: Path) -> None:
    first = Queue(library)
    for name in ("a", "b"):
        first.add(name, [str(put(tmp_path / f"{name}.mp4"))], "soccer", FAST)
    queue = Queue(library)
    folder = (library.root / FOLDER).rename(tmp_path / "away")
    (library.root / FOLDER).write_text("as if the disk were full")
    queue.start()
    _wait(queue, lambda views: all(view.job.state == "failed" and FOLDER in view.job.error for view in views))
    (library.root / FOLDER).unlink()
    folder.rename(library.root / FOLDER)
    for view in queue.views():
        queue.resume(view.job.id)
    _wait(queue, lambda views: not views)
    queue.stop()
    assert sorted(library.names()) == ["a", "b"]


def test_a_process_that_does_not_react_is_killed_when_its_job_is_removed(
    library: Library, put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "_PATIENCE_S", 0.2)
    with running(library) as (queue, _):
        job = queue.add("stuck", [str(put(tmp_path / "x.mp4"))], "soccer", FAST)
        _wait(queue, started)
        os.kill(worker_pid(), signal.SIGSTOP)
        queue.remove(job.id)
        assert active_children() == []
        assert queue.views() == []
