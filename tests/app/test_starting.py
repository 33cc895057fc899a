"""`highlights app` started on a library that it cannot have, or that another one has."""

from __future__ import annotations

from pathlib import Path

import pytest

from highlights.app import starting
from highlights.errors import OutputError
from highlights.finders.choice import ModelOptions
from highlights.library.jobs import FOLDER, Job, JobFiles, new_id
from highlights.systems import lock
from tests.support.commands import highlights


def test_a_library_whose_program_does_not_answer_is_not_opened_a_second_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starting, "PATIENCE_S", 0.3)
    job = Job(new_id(), "derby", ("/nowhere/x.mp4",), "soccer", state="running")
    JobFiles(tmp_path).put(job)
    with (tmp_path / starting.LOCK).open("ab") as other:
        assert lock(other)
        with pytest.raises(OutputError, match="does not answer"):
            starting.open_library(tmp_path, 0, ModelOptions(), lambda link: None)
    assert JobFiles(tmp_path).all() == [job]  # still that of the other program


def test_a_start_that_cannot_note_its_link_ends_with_one_line(tmp_path: Path) -> None:
    (tmp_path / ".app.json" / "x").mkdir(parents=True)
    done = highlights("app", "--library", tmp_path, "--no-browser")
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / FOLDER).exists()
