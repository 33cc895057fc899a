"""Real servers, started once for all tests that need them, and conversations with them.

A conversation runs against its recording, unless HIGHLIGHTS_VLLM names a real server to run it against, as `make test-servers`
does. With HIGHLIGHTS_RECORD it is then recorded anew.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from benchmarks.tiny.models import tiny_marlin
from tests.support.exchanges import Exchange, Recorder, Replay, load, save
from tests.support.vllm import OPTIONS, VARIABLE, vllm_server

RECORDED = Path(__file__).parent / "recorded" / "vllm-0.32.0.json"
SAYS = ("From 1.0 to 3.0. ", "From 2.5 to 4.5. ", "Yes", "No")


@dataclass
class RealServers:
    """Servers of a tiny checkpoint by their options, each started when it is first asked for."""

    checkpoint: Path
    running: ExitStack
    urls: dict[str, str] = field(default_factory=dict)

    def url(self, how: str) -> str:
        """The address of the server with these options."""
        if how not in self.urls:
            self.urls[how] = self.running.enter_context(vllm_server(self.checkpoint, *OPTIONS[how]))
        return self.urls[how]


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("transformers")
    return tiny_marlin(tmp_path_factory.mktemp("weights") / "Tiny-Marlin", SAYS, linear_head_dim=128)


@pytest.fixture(scope="session")
def real(request: pytest.FixtureRequest) -> Iterator[RealServers]:
    if not os.environ.get(VARIABLE):
        pytest.skip("no vLLM here: make test-servers")
    with ExitStack() as running:
        yield RealServers(request.getfixturevalue("checkpoint"), running)


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Recorder | Replay]:
    """A server with the options named by the test, recorded or real."""
    how = str(request.param)
    name = request.node.originalname
    recorded = load(RECORDED)
    if not os.environ.get(VARIABLE):
        with Replay(recorded[name]) as replay:
            yield replay
        return
    real: RealServers = request.getfixturevalue("real")
    with Recorder(real.url(how)) as recorder:
        yield recorder
    if os.environ.get("HIGHLIGHTS_RECORD"):
        save(RECORDED, recorded | {name: _ordered(recorder.exchanges)})


def _ordered(exchanges: list[Exchange]) -> list[Exchange]:
    """In an order that does not depend on which reply came first."""
    return sorted(exchanges, key=lambda exchange: (exchange.method, exchange.path, exchange.request))
