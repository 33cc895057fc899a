import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from highlights.errors import OutputError
from highlights.media.aside import draft_beside, remove_left, write_aside
from highlights.systems import started_s
from tests.support.drawing import draw_video


def test_a_file_appears_only_when_it_is_complete(tmp_path):
    target = tmp_path / "reel.mp4"
    with write_aside(target) as aside:
        assert aside.parent == tmp_path
        assert aside.suffix == ".mp4"
        assert aside.name.startswith(".")
        aside.write_text("new")
        assert not target.exists()
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt, SystemExit])
def test_any_failure_leaves_the_earlier_file_and_nothing_else(tmp_path, failure):
    target = tmp_path / "reel.mp4"
    target.write_text("earlier")

    def fail():
        with write_aside(target) as aside:
            aside.write_text("half")
            raise failure

    with pytest.raises(failure):
        fail()
    assert target.read_text() == "earlier"
    assert list(tmp_path.iterdir()) == [target]


def test_a_missing_folder_is_reported(tmp_path):
    with (
        pytest.raises(OutputError, match=r"absent/a\.json: the folder does not exist"),
        write_aside(tmp_path / "absent/a.json") as aside,
    ):
        aside.write_text("")


def test_a_file_where_a_folder_is_needed_is_reported(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(OutputError, match="is a file, not a folder"), write_aside(tmp_path / "out" / "a.json") as aside:
        aside.write_text("")


def test_a_folder_where_the_file_is_needed_is_reported(tmp_path):
    (tmp_path / "a.json").mkdir()
    with pytest.raises(OutputError, match="this is a folder"), write_aside(tmp_path / "a.json") as aside:
        aside.write_text("")
    assert list(tmp_path.iterdir()) == [tmp_path / "a.json"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_write_permission_is_reported(tmp_path):
    (tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(OutputError, match="no permission"), write_aside(tmp_path / "closed" / "a.json") as aside:
        aside.write_text("")


FILLS_UP = """
import resource, sys
from pathlib import Path
from highlights.errors import OutputError
from highlights.media.cut.copy import copy_spans
from highlights.media.probe import open_recording
from highlights.spans import Span
recording = open_recording([Path(sys.argv[1])])
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    copy_spans(recording, [Span(1, 8)], Path(sys.argv[2]))
except OutputError as error:
    print(error)
"""


@pytest.mark.skipif(os.name != "posix", reason="needs a limit on file sizes")
def test_a_full_disk_is_reported_and_leaves_no_reel(tmp_path):
    target = tmp_path / "reel.mp4"
    target.write_text("earlier")
    source = draw_video(tmp_path / "match.mp4", duration_s=10)
    done = subprocess.run([sys.executable, "-c", FILLS_UP, source, target], capture_output=True, text=True, check=True)
    assert done.stdout == f"{target}: the file would be larger than is allowed here: choose another folder with --out\n"
    assert target.read_text() == "earlier"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["match.mp4", "reel.mp4"]


KILLED = """
import os, signal, sys
from pathlib import Path
from highlights.media.aside import work_folder, write_aside
with write_aside(Path(sys.argv[1])) as aside, work_folder(Path(sys.argv[1])) as folder:
    aside.write_text("half")
    (folder / "sound.pcm").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def hidden_in(folder):
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_what_a_killed_process_left_is_removed_by_the_next_write(tmp_path):
    target = tmp_path / "reel.mp4"
    killed = subprocess.run([sys.executable, "-c", KILLED, target], check=False)
    assert killed.returncode < 0
    assert len(hidden_in(tmp_path)) == 2
    with write_aside(target) as aside:
        assert hidden_in(tmp_path) == []
        aside.write_text("new")
    assert list(tmp_path.iterdir()) == [target]


def test_only_what_belongs_to_no_process_is_removed(tmp_path):
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True)
    gone, living = int(dead.stdout), os.getppid()
    kept = [
        f".reel.{living}.part.mp4",
        f".reel.{gone}-00000000.part.mp4",  # of another machine
        f".other.{gone}.part.mp4",
        f".reel.{gone}.mp4",
        ".reel.mp4",
        f"reel.{gone}.part.mp4",
    ]
    abandoned = [f".reel.{living}.part.gif", f".reel.{gone + 1}-00000000.part.mp4", f".reel.{os.getpid()}.part.mp4"]
    left = [f".reel.{gone}.part.mp4", f".reel.{gone}.part", f"..reel.{gone}.part.{gone}.part.mp4", *abandoned]
    for name in (*kept, *left):
        (tmp_path / name).write_text("")
    for name in abandoned:
        os.utime(tmp_path / name, (0, 0))
    with write_aside(tmp_path / "reel.mp4") as aside:
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted(kept)
        with write_aside(tmp_path / "reel.mp4") as second:  # as another thread would
            second.write_text("second")
        aside.write_text("first")


@pytest.mark.skipif(not Path("/proc/1/stat").exists(), reason="the system does not tell when a process began")
def test_what_was_written_long_before_a_running_process_began_is_not_its_own(tmp_path):
    began_s = started_s(os.getppid())
    assert began_s is not None
    assert began_s <= time.time()
    other, own = tmp_path / f".reel.{os.getppid()}.part.mp4", tmp_path / f".reel.{os.getppid()}.part.gif"
    for path, written_s in ((other, began_s - 600), (own, began_s + 1)):
        path.write_text("")
        os.utime(path, (written_s, written_s))
    remove_left(tmp_path, "reel.mp4")
    assert hidden_in(tmp_path) == [own.name]


def test_a_draft_is_removed_and_what_a_killed_process_left_of_one_too(tmp_path):
    target = tmp_path / "profile.yaml"
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True)
    (tmp_path / f".profile.{dead.stdout.strip()}.part.yaml").write_text("half")
    with draft_beside(target) as draft:
        draft.write_text("tried")
        assert hidden_in(tmp_path) == [draft.name]
    assert not any(tmp_path.iterdir())
    with pytest.raises(OutputError, match="the folder does not exist"), draft_beside(tmp_path / "absent" / "a.yaml") as draft:
        draft.write_text("")


def test_a_name_of_many_long_characters_can_be_written(tmp_path):
    target = tmp_path / f"{'試合' * 40}.mp4"
    with write_aside(target) as aside:
        aside.write_text("new")
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_device_is_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "null.json")
    with pytest.raises(OutputError, match="is a device or pipe"), write_aside(tmp_path / "null.json") as aside:
        aside.write_text("")
    assert (tmp_path / "null.json").is_fifo()
