"""The program killed again and again while its queue runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from highlights.library.folder import Library
from highlights.library.jobs import JobFiles
from highlights.library.queue import Queue
from tests.conftest import Put
from tests.support.programs import Program

PATIENCE_S = 120.0


@pytest.mark.long
def test_a_program_killed_ten_times_in_the_middle_of_a_match_loses_nothing(tmp_path: Path, put: Put) -> None:
    library = Library(tmp_path / "library")
    jobs, names = JobFiles(library.root), [f"match {number}" for number in range(3)]
    for number, name in enumerate(names):
        Queue(library).add(name, [str(put(tmp_path / f"{name}.mp4", number))], "soccer", {"reel": "none"})
    for time in range(10):
        running = Program(library.root)
        while not any(job.state == "running" for job in jobs.all()) and jobs.all():
            pass
        running.kill(alone=time % 2 == 0)
        assert {*library.names(), *(job.name for job in jobs.all())} == set(names)
    last = Queue(library)
    last.start()
    with last.changed:
        assert last.changed.wait_for(lambda: not last.views(), PATIENCE_S)
    last.stop()
    assert sorted(library.names()) == names
    assert jobs.all() == []
