"""Recordings and results at URLs: a store in memory for small things, and S3 as moto's server speaks it for a whole batch."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from highlights.batch import remote
from highlights.batch.matches import matches_of
from highlights.batch.plan import claimed, note_done
from highlights.errors import HighlightsError, OutputError, RecordingError
from highlights.export import timeline_json
from highlights.logs import without_secrets
from highlights.media.probe import open_recording
from highlights.pipeline import RunOptions
from highlights.records import Timeline
from tests.support.commands import highlights

fsspec = pytest.importorskip("fsspec")
KEY, SECRET = "AKIAOPENSESAME", "open-sesame"


@pytest.fixture
def memory() -> Iterator[str]:
    """A store that is empty."""
    store = fsspec.filesystem("memory")
    store.store.clear()
    store.pipe({"/season/cup/final.mp4": b"final", "/season/derby.MKV": b"derby", "/season/notes.txt": b"notes"})
    yield "memory://season"
    store.store.clear()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """S3's address."""
    moto = pytest.importorskip("moto.server").ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


@pytest.fixture
def s3(server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """S3 with the buckets `season` and `results`, and the keys to it, as this process and those it starts find them."""
    there = {"AWS_ENDPOINT_URL": server, "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}
    for name, value in (there | {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}).items():
        monkeypatch.setenv(name, value)
    store = fsspec.filesystem("s3", skip_instance_cache=True)
    for bucket in ("season", "results"):
        if not store.exists(bucket):
            store.mkdir(bucket)
    return server


def found(*sources: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(match.name, match.recordings) for match in matches_of(sources, "soccer", lambda cells: RunOptions())]


def broken_off(place: str) -> None:
    """A reel that is not finished."""
    with remote.folder(place) as folder:
        (folder / "reel.mp4").write_bytes(b"half a ree")
        raise ZeroDivisionError


def test_folders_patterns_and_objects_at_urls_name_matches(memory: str) -> None:
    derby, final = ("derby", ("memory:///season/derby.MKV",)), ("final", ("memory:///season/cup/final.mp4",))
    assert found(memory) == [final, derby]
    assert found(f"{memory}/*.MKV") == [derby]
    assert found(f"{memory}/cup/final.mp4") == [final]
    with pytest.raises(RecordingError, match=r"^memory://season/\*\.avi: no recording found"):
        found(f"{memory}/*.avi")


def test_a_manifest_at_a_url_names_what_is_beside_it(memory: str) -> None:
    manifest = "name,recordings\nx,cup/final.mp4;/films/b.mp4;https://example.org/c.mp4\n"
    fsspec.filesystem("memory").pipe("/season/list.csv", manifest.encode())
    [(_, files)] = found(f"{memory}/list.csv")
    assert files == ("memory://season/cup/final.mp4", "/films/b.mp4", "https://example.org/c.mp4")


def test_fetched_files_are_complete_and_removed_afterwards(memory: str, tmp_path: Path) -> None:
    shares: list[float] = []
    with remote.fetched([f"{memory}/derby.MKV", f"{memory}/cup/final.mp4", "here.mp4"], shares.append) as (derby, final, here):
        assert (derby.read_bytes(), final.read_bytes(), here) == (b"derby", b"final", Path("here.mp4"))
        assert (derby.name, final.name) == ("derby.MKV", "final.mp4")
    assert not derby.exists()
    assert shares == sorted(shares)
    assert max(shares) == pytest.approx(2 / 3)


def test_results_are_uploaded_when_all_are_complete_with_the_timeline_last(memory: str) -> None:
    store = fsspec.filesystem("memory")
    with pytest.raises(ZeroDivisionError):
        broken_off("memory://results/a")
    assert not store.exists("/results")
    with remote.folder("memory://results/a") as folder:
        for name in ("timeline.json", "clips/1.mp4", "zoom.mp4"):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(name)
    put = sorted(store.find("/results"), key=store.created)
    assert put == ["/results/a/clips/1.mp4", "/results/a/zoom.mp4", "/results/a/timeline.json"]


def test_objects_that_are_no_recordings_are_left_out_and_halves_joined(memory: str) -> None:
    names = ("cup/half1.mp4", "cup/half2.mp4", "cup/._half1.mp4", ".cache/x.mp4", "out/a/reel.mp4", "out/a/timeline.json")
    fsspec.filesystem("memory").pipe({f"/season/{name}": b"x" for name in names})
    fsspec.filesystem("memory").rm("/season/cup/final.mp4")
    halves = ("cup", ("memory:///season/cup/half1.mp4", "memory:///season/cup/half2.mp4"))
    assert found(memory) == [halves, ("derby", ("memory:///season/derby.MKV",))]
    assert found(f"{memory}/cup/*.mp4") == [halves]


def test_an_object_is_created_only_once(memory: str, s3: str) -> None:
    for place in ("memory://results/note.json", "s3://results/note.json"):
        assert [remote.create(place, content) for content in (b"ours", b"theirs")] == [True, False]
        assert remote.read(place) == b"ours"
        remote.replace(place, b"new")
        assert remote.read(place) == b"new"


def test_matches_in_a_store_are_known_by_their_objects(memory: str, small_match: Path) -> None:
    store, out = fsspec.filesystem("memory"), "memory://results"

    def run() -> dict[str, str]:
        made, _ = claimed(matches_of([memory], "soccer", lambda cells: RunOptions()), out)
        for each in (each for each in made if each.standing != "finished"):
            with remote.folder(f"{out}/{each.match.name}") as folder:
                timeline_json.write(Timeline(open_recording([small_match]), "soccer"), folder / remote.LAST)
            note_done(each, out)
        return {each.match.name: each.standing for each in made}

    assert run() == {"final": "new", "derby": "new"}
    store.pipe("/season/league/final.mp4", b"another final")
    assert run() == {"final": "finished", "league-final": "new", "derby": "finished"}
    store.pipe("/season/cup/final.mp4", b"final, whole now")
    assert run() == {"final": "again", "league-final": "finished", "derby": "finished"}
    assert set(run().values()) == {"finished"}
    store.store.clear()


def test_files_fetched_by_a_killed_process_are_removed_by_the_next(memory: str) -> None:
    code = f"""
import os, signal
from highlights.batch import remote
with remote.fetched(["{Path(__file__).as_uri()}"]) as [copy]:
    print(copy, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    copy = Path(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False).stdout.strip())
    assert copy.is_file()
    with remote.fetched([f"{memory}/derby.MKV"]) as [mine]:
        assert not copy.exists()
        with remote.fetched([f"{memory}/derby.MKV"]):
            assert mine.exists()


def test_a_missing_folder_at_a_file_url_is_created(tmp_path: Path) -> None:
    place = (tmp_path / "results" / "a").as_uri()
    remote.check_writable(place)
    with remote.folder(place) as folder:
        (folder / "reel.mp4").write_bytes(b"reel")
    assert remote.below(place, "*") == [f"{place}/reel.mp4"]


@pytest.mark.parametrize("place", ["s3://season/final.mp4", "https://example.org/final.mp4"])
def test_a_url_without_a_secret_is_shown_unchanged(place: str) -> None:
    assert without_secrets(place) == place


def test_passwords_and_signatures_are_never_shown(server: str) -> None:
    signed = server.replace("//", f"//me:{SECRET}@") + f"/nowhere/final.mp4?X-Amz-Signature={SECRET}"
    with pytest.raises(RecordingError) as told, remote.fetched([signed]):
        pass
    assert str(told.value) == f"{server}/nowhere/final.mp4: there is no such object or bucket"
    assert told.value.__cause__ is None


def test_without_credentials_access_is_refused_before_any_work(s3: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    done = highlights("batch", "s3://season", "--out", "s3://results/a")
    assert done.returncode == 1
    assert "Error: s3://season: access is refused (NoCredentialsError)" in done.stderr


def test_an_output_url_without_a_bucket_is_refused_before_any_work(s3: str) -> None:
    with pytest.raises(OutputError, match="s3://nowhere/a: there is no such object or bucket"):
        remote.check_writable("s3://nowhere/a")


def test_a_missing_library_is_reported_with_the_command_that_installs_it() -> None:
    code = "import sys; sys.modules['s3fs'] = None; from highlights.cli.main import main; main(['batch', 's3://season'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "Error: s3://season: s3:// needs a library that is not installed: pip install 'highlights[storage]'\n"


@pytest.mark.slow
def test_a_season_in_a_bucket_is_done_and_its_failures_are_retried(s3: str, small_match: Path, tmp_path: Path) -> None:
    store = fsspec.filesystem("s3", skip_instance_cache=True, use_listings_cache=False)
    store.put_file(str(small_match), "season/cup & more/Ä match.mp4")
    store.pipe("season/broken.mp4", b"no video")
    store.pipe("season/list.csv", b"name,recordings\nlost,nothing.mp4\n")
    results = ("--out", "s3://results/2026", "--reel", "none")
    done = highlights("batch", "s3://season", "s3://season/list.csv", *results)
    assert done.returncode == 1
    told = done.stdout + done.stderr
    assert "s3://season/broken.mp4: is text, not a video" in told
    assert "s3://season/nothing.mp4: there is no such object or bucket" in told
    assert KEY not in told
    assert SECRET not in told
    timeline = json.loads(store.cat("results/2026/Ä match/timeline.json"))
    assert (timeline["recording"]["parts"][0]["path"], len(timeline["events"])) == ("Ä match.mp4", 1)
    rows = list(csv.DictReader(io.StringIO(store.cat("results/2026/retry.csv").decode("utf-8-sig"))))
    assert [row["recordings"] for row in rows] == ["s3://season/broken.mp4", "s3://season/nothing.mp4"]
    assert not list((Path(os.environ["HIGHLIGHTS_CACHE"]) / "fetched").iterdir())

    store.put_file(str(small_match), "season/broken.mp4")
    store.put_file(str(small_match), "season/nothing.mp4")
    again = highlights("batch", "s3://results/2026/retry.csv", "s3://season/cup & more/*", *results)
    assert again.returncode == 0, again.stderr
    assert "Ä match: skipped" in again.stderr
    assert not store.exists("results/2026/retry.csv")
    assert store.cat("results/2026/index.html").decode().count("report.html") == 3


def test_errors_of_ours_pass_through_unchanged() -> None:
    with pytest.raises(HighlightsError, match=r"^x\.mp4: is none$"), remote.fetched(["x.mp4"]):
        raise RecordingError("x.mp4", "is none")
