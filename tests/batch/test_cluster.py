"""Many matches on a Ray cluster that is really there: nodes on this machine, of which one is lost with its work."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from subprocess import PIPE, Popen
from threading import Event, Thread
from time import monotonic
from typing import Any

import pytest

from benchmarks.tiny.models import tiny_marlin
from highlights.batch.cluster import run_on_cluster
from highlights.batch.manifest import Match
from highlights.batch.match import Made, analyse_match, find_match, run_match, write_match
from highlights.cache.store import Store
from highlights.errors import ClusterError
from highlights.export import timeline_json
from highlights.pipeline import RunOptions
from highlights.progress import Progress
from tests.support.commands import COMMAND, highlights
from tests.support.drawing import draw_video
from tests.support.profiles import FLASHES

pytestmark = pytest.mark.slow
ONE_THREAD = {"OMP_NUM_THREADS": "1"}
"""Models this small are slower on several."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A head without cores; each test starts the nodes that it works on."""
    pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    yield made
    made.shutdown()


@contextmanager
def nodes(cluster: Any, *arguments: dict[str, Any]) -> Iterator[list[Any]]:
    """Nodes of the cluster for as long as the block takes; those that were lost in it are not missed."""
    made = [cluster.add_node(**each) for each in arguments]
    try:
        yield made
    finally:
        for node in made:
            if node in cluster.worker_nodes:
                cluster.remove_node(node)


class Season(ThreadingHTTPServer):
    """Recordings at addresses of this machine, of which the good ones are only given out once `go` is set."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), partial(_Recordings, directory=str(folder)))
        self.asked: Queue[str] = Queue()
        self.go = Event()

    def places(self, *names: str) -> list[str]:
        return [f"http://127.0.0.1:{self.server_port}/{name}" for name in names]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A worker that is lost hangs up."""


class _Recordings(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Season)
        if "broken" not in self.path:
            self.server.asked.put(self.path)
            assert self.server.go.wait(60)
        super().do_GET()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def season(tmp_path: Path, small_match: Path) -> Iterator[Season]:
    """Two good matches, and one that is none."""
    for name in ("cup.mp4", "derby.mp4"):
        shutil.copy(small_match, tmp_path / name)
    (tmp_path / "broken.mp4").write_text("no video")
    with Season(tmp_path) as served:
        Thread(target=served.serve_forever, daemon=True).start()
        yield served
        served.go.set()
        served.shutdown()


def test_work_of_a_lost_node_is_done_elsewhere_and_a_bad_file_stops_nothing(
    cluster: Any, season: Season, tmp_path: Path
) -> None:
    places, out = season.places("broken.mp4", "cup.mp4", "derby.mp4"), tmp_path / "results"
    command = [*COMMAND, "batch", *places, "--out", str(out), "--reel", "none", "--ray", cluster.address]
    with (
        nodes(cluster, {"num_cpus": 2}, {"num_cpus": 2}) as [_, lost],
        Popen(command, stdout=PIPE, stderr=PIPE, text=True) as batch,
    ):
        # each asks for all the cores of a node, so one of two that are being fetched is on the node that is lost
        asked = {season.asked.get(timeout=60) for _ in range(2)}
        cluster.remove_node(lost, allow_graceful=False)
        season.go.set()
        asked_again = season.asked.get(timeout=60)
        told, said = batch.communicate()
    assert asked == {"/cup.mp4", "/derby.mp4"}
    assert asked_again in asked
    assert season.asked.empty()
    assert batch.returncode == 1, said
    assert f"{places[0]}: is text, not a video" in told
    assert "cup     done    1 Goal" in told
    assert (out / "cup" / "timeline.json").read_text() == (out / "derby" / "timeline.json").read_text().replace("derby", "cup")
    # nothing of Ray's own, and the bad one before the good ones have ended
    lines = said.splitlines()
    assert [line for line in lines if not re.match(r"\[\d/3] (broken|cup|derby): (running|done|failed)", line)] == []
    assert next(line for line in lines if "running" not in line).startswith("[1/3] broken: failed")


def test_the_model_runs_on_the_node_with_a_card_and_reading_on_the_nodes_with_cores(cluster: Any, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    weights, match = tiny_marlin(tmp_path / "Tiny-Marlin"), draw_video(tmp_path / "match.mp4", duration_s=8, rate=5)
    (tmp_path / "flashes.yaml").write_text(FLASHES)
    caches = {name: tmp_path / f"cache-{name}" for name in ("cores", "card")}
    asked = ("--sport", tmp_path / "flashes.yaml", "--finder", "marlin", "--model", weights, "--no-captions", "--reel", "none")
    with nodes(
        cluster,
        {"num_cpus": 2, "env_vars": {"HIGHLIGHTS_CACHE": str(caches["cores"])}},
        {"num_cpus": 1, "num_gpus": 1, "env_vars": {"HIGHLIGHTS_CACHE": str(caches["card"])} | ONE_THREAD},
    ):
        done = highlights("batch", match, "--out", tmp_path / "results", *asked, "--ray", cluster.address)
    # a random model's answers cannot be read, which is a warning
    assert (done.returncode, "answers of the model that could not be read" in done.stdout) == (3, True), done.stdout
    kept = {name: {each.kind for each in Store(folder).listed()} & {"analysis", "answer"} for name, folder in caches.items()}
    assert kept == {"cores": {"analysis"}, "card": {"answer"}}


def test_three_steps_on_three_machines_give_the_same_result_as_one_run(
    small_match: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    match = Match("match", (small_match.as_uri(),), "soccer", RunOptions(reel="none"))
    stages: dict[str, set[str]] = {"once": set(), "read": set(), "found": set(), "written": set()}

    def machine(name: str) -> Progress:
        monkeypatch.setenv("HIGHLIGHTS_CACHE", str(tmp_path / name))
        return lambda stage, share: stages[name].add(stage)

    run_match(match, str(tmp_path / "out-once"), machine("once"))
    analysed = analyse_match(match, machine("read"))
    found = find_match(match, analysed, machine("found"))
    assert write_match(match, found, str(tmp_path / "out-steps"), machine("written")) == Made({"Goal": 1})
    assert (stages["found"], stages["written"]) == ({"fetching"}, {"fetching", "report"})
    assert stages["read"] | stages["written"] == stages["once"]
    made = [(tmp_path / out / "timeline.json").read_bytes() for out in ("out-once", "out-steps")]
    assert made[0] == made[1]
    assert timeline_json.read(tmp_path / "out-steps" / "timeline.json").recording.parts[0].path.parent == tmp_path / "out-steps"


def test_a_model_on_a_cluster_without_a_card_is_refused(cluster: Any, small_match: Path, tmp_path: Path) -> None:
    done = highlights("batch", small_match, "--out", tmp_path, "--finder", "marlin", "--ray", cluster.address)
    assert done.stderr == "Error: the cluster has no GPU for the model: start a node with one, or use --device cpu\n"


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("ray://127.0.0.1:1", "ray://127.0.0.1:1: no cluster answers there"),
        ("nonsense", "nonsense: not the address of a cluster; use auto, local, HOST:PORT or ray://HOST:PORT"),
    ],
)
def test_an_unreachable_cluster_is_reported_within_seconds(address: str, complaint: str) -> None:
    begun_s = monotonic()
    with pytest.raises(ClusterError, match=re.escape(complaint)):
        run_on_cluster([Match("x", ("x.mp4",), "soccer")], "results", address, lambda outcome: None)
    assert monotonic() - begun_s < 10


def test_missing_ray_is_reported_with_the_command_that_installs_it(small_match: Path, tmp_path: Path) -> None:
    arguments = ["batch", str(small_match), "--out", str(tmp_path), "--ray", "auto"]
    code = f"import sys; sys.modules['ray'] = None; from highlights.cli.main import main; main({arguments})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr == "Error: --ray needs Ray, which is not installed: pip install 'highlights[cluster]'\n"


def test_neither_ray_nor_a_store_is_loaded_before_it_is_needed() -> None:
    code = "import sys, highlights.batch.run; print({'ray', 'fsspec', 's3fs', 'grpc'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
