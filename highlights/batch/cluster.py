"""Matches on a Ray cluster: tasks that need cores or a GPU, retried on another worker if theirs is lost.

    match ──► run_match  2 cores ──► results                        signals alone, or a model behind a server
    match ──► analyse_match  2 cores ──► find_match  1 GPU, 1 core ──► write_match  2 cores ──► results       a model
                    └── progress ──► board ──► this process, which shows it

Workers need the same version of this program, and must reach the recordings and the results by the same names as this
machine: on a shared disk, or at URLs. Workers use their own credentials; none are sent.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import shorten
from typing import Any, TypeVar

from highlights import __version__
from highlights.batch import remote as places
from highlights.batch.local import CORES_A_MATCH
from highlights.batch.manifest import Match, absolute_place
from highlights.batch.match import analyse_match, find_match, run_match, write_match
from highlights.batch.summary import OnChange, Outcome
from highlights.errors import ClusterError, HighlightsError
from highlights.progress import Progress

INSTALL = "pip install 'highlights[cluster]'"
RETRIES = 3
"""How often a match is retried whose worker was lost; one that takes down four workers is itself the cause."""
PATIENCE_S = 5.0  # before an address that does not answer is given up
POLL_S = 0.5  # between reads of the workers' progress
CLEAN_UP_S = 10.0  # for cancelled tasks to remove their half-made files
CLIENT_PORT = 10001  # default of ray:// addresses
LEAST_STEP = 0.02  # share of a stage that is worth a message
LONGEST = 300  # characters of other programs' error messages

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Problem:
    """The error of a match in one line: not an exception, which Ray would wrap in its own."""

    text: str


def run_on_cluster(matches: Sequence[Match], out: str, address: str, on_change: OnChange) -> list[Outcome]:
    """The outcome of each match, in the order in which they end.

    Raises:
        ClusterError: the cluster cannot be reached, or lacks what is needed.
    """
    with _connected(address) as ray:
        work = _Work(ray, [_with_absolute_paths(match) for match in matches], absolute_place(out))
        try:
            return list(work.outcomes(on_change))
        finally:
            work.stop()


class Board:
    """The latest progress of each worker until it is taken: an actor, so that every worker can reach it."""

    def __init__(self) -> None:
        self._latest: dict[int, tuple[str, float]] = {}

    def put(self, number: int, stage: str, share: float) -> None:
        """Store the progress of the match of this number."""
        self._latest[number] = stage, share

    def take(self) -> dict[int, tuple[str, float]]:
        """The progress stored since the last call."""
        latest, self._latest = self._latest, {}
        return latest


class _Work:
    """The tasks of a batch."""

    def __init__(self, ray: Any, matches: Sequence[Match], out: str) -> None:
        self._ray, self._matches, self._out = ray, matches, out
        self._on_cores = ray.remote(max_retries=RETRIES, num_cpus=_cores(ray, matches))(_step)
        self._on_gpu = ray.remote(max_retries=RETRIES, num_cpus=1, num_gpus=1)(_step)
        # if its node is lost it restarts empty elsewhere; the workers' next messages fill it again
        self._board = ray.remote(num_cpus=0, max_restarts=-1)(Board).remote()
        self._steps = [self._submitted(number, match) for number, match in enumerate(matches)]

    def outcomes(self, on_change: OnChange) -> Iterator[Outcome]:
        """The outcome of each match as soon as it has ended."""
        pending = {steps[-1]: number for number, steps in enumerate(self._steps)}
        while pending:
            ended, _ = self._ray.wait(list(pending), timeout=POLL_S)
            for number in [pending.pop(ref) for ref in ended]:
                outcome = self._outcome(number)
                on_change(outcome)
                yield outcome
            running = set(pending.values())
            for number, (stage, share) in self._progress().items():
                if number in running:
                    on_change(Outcome(self._matches[number], "running", stage, share))

    def stop(self) -> None:
        """Cancel the tasks that still run; they remove their half-made files."""
        steps = [step for steps in self._steps for step in steps]
        _, running = self._ray.wait(steps, num_returns=len(steps), timeout=0)
        for step in reversed(running):  # the last first, so that none starts
            self._ray.cancel(step)
        if running:
            self._ray.wait(running, num_returns=len(running), timeout=CLEAN_UP_S)

    def _submitted(self, number: int, match: Match) -> tuple[Any, ...]:
        """The tasks of a match, each with the result of the one before it."""
        place, progress = places.at(self._out, match.name), _BoardProgress(self._board, number)
        if not _needs_gpu(match):
            return (self._on_cores.remote(__version__, progress, run_match, match, place),)
        analysed = self._on_cores.remote(__version__, progress, analyse_match, match)
        found = self._on_gpu.remote(__version__, progress, find_match, match, analysed)
        return analysed, found, self._on_cores.remote(__version__, progress, write_match, match, found, place)

    def _progress(self) -> dict[int, tuple[str, float]]:
        """The workers' progress; empty while the board restarts."""
        with suppress(self._ray.exceptions.RayError):
            latest: dict[int, tuple[str, float]] = self._ray.get(self._board.take.remote(), timeout=PATIENCE_S)
            return latest
        return {}

    def _outcome(self, number: int) -> Outcome:
        match = self._matches[number]
        try:
            made = self._ray.get(self._steps[number][-1])
        except self._ray.exceptions.RayError as error:
            made = _why_lost(error)
        if isinstance(made, Problem):
            return Outcome(match, "failed", error=made.text)
        return Outcome(match, "done", share=1.0, events=made.events, warnings=made.warnings)


def _step(version: str, progress: Progress, work: Callable[..., T], *arguments: Any) -> T | Problem:
    """Task: the result of one step of a match, or the error of this step or the one before."""
    if version != __version__:
        versions = f"its worker has version {__version__} of highlights, this machine has {version}"
        return Problem(f"{versions}: install the same version everywhere")
    if before := [given for given in arguments if isinstance(given, Problem)]:
        return before[0]
    try:
        return work(*arguments, progress)
    except HighlightsError as error:
        return Problem(str(error))


class _BoardProgress:
    """Reports the progress of a match to the board, without waiting; small steps are left out."""

    def __init__(self, board: Any, number: int) -> None:
        self._board, self._number = board, number
        self._last = ("", 0.0)

    def __call__(self, stage: str, share: float) -> None:
        if stage != self._last[0] or share - self._last[1] >= LEAST_STEP:
            self._last = stage, share
            self._board.put.remote(self._number, stage, share)


def _with_absolute_paths(match: Match) -> Match:
    """The match with paths that do not depend on the working folder."""
    options, edit = match.options, match.options.edit
    files = {name: path.resolve() for name in ("logo", "music") if (path := getattr(edit, name))}
    sport = str(Path(match.sport).resolve()) if Path(match.sport).suffix in (".yaml", ".yml") else match.sport
    models = replace(options.models, finders=_finders(match))
    recordings = tuple(map(absolute_place, match.recordings))
    return replace(
        match, recordings=recordings, sport=sport, options=replace(options, edit=replace(edit, **files), models=models)
    )


def _finders(match: Match) -> Any:
    """The finders that were asked for; `auto` never asks a model here, for weights and GPUs may differ between workers."""
    models = match.options.models
    return models.finders or (("signals", "server") if models.server else ("signals",))


def _needs_gpu(match: Match) -> bool:
    """Whether a model runs in the worker's own process, on a GPU."""
    models = match.options.models
    in_process = set(models.finders) & {"marlin", "molmo2"} and not (models.server and "server" not in models.finders)
    return bool(in_process) and models.device in ("auto", "cuda")


def _cores(ray: Any, matches: Sequence[Match]) -> int:
    """How many cores a task asks for: no more than a machine of the cluster has, or the task would wait for ever."""
    machines = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    if any(map(_needs_gpu, matches)) and not any(machine.get("GPU", 0) >= 1 for machine in machines):
        raise ClusterError("the cluster has no GPU for the model: start a node with one, or use --device cpu")
    most = int(max((machine.get("CPU", 0) for machine in machines), default=0))
    if not most:
        raise ClusterError("the cluster has no cores: start a node, `ray start --address ...`")
    return min(CORES_A_MATCH, most)


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    """Ray, connected to a cluster, with its messages kept off the terminal."""
    try:
        import ray
        import ray.exceptions
    except ImportError as error:
        raise ClusterError(f"--ray needs Ray, which is not installed: {INSTALL}") from error
    _check_answers(address)
    own = {"include_dashboard": False} if address == "local" else {}  # only a cluster started here takes this option
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.CRITICAL, **own)
    except (OSError, RuntimeError, ValueError, ImportError) as error:
        problem = shorten(str(error) or type(error).__name__, LONGEST)
        raise ClusterError(f"{address}: the cluster cannot be used ({problem})") from error
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):  # Ray prints the state of its nodes to stdout
        try:
            yield ray
        finally:
            ray.shutdown()


def _check_answers(address: str) -> None:
    """Check that something answers at an address; Ray itself would try for more than a minute."""
    if address in ("auto", "local") or os.environ.get("RAY_USE_TLS") == "1":
        return
    host, _, port = address.removeprefix("ray://").partition(":")
    if address.startswith("ray://") and not port:
        port = str(CLIENT_PORT)
    if not host or not port.isdecimal():
        raise ClusterError(f"{address}: not the address of a cluster; use auto, local, HOST:PORT or ray://HOST:PORT")
    import grpc

    with grpc.insecure_channel(f"{host}:{port}", options=[("grpc.enable_http_proxy", 0)]) as channel:
        try:
            grpc.channel_ready_future(channel).result(timeout=PATIENCE_S)
        except grpc.FutureTimeoutError as error:
            advice = "start one with `ray start --head`, or check the address and port"
            raise ClusterError(f"{address}: no cluster answers there; {advice}") from error


def _why_lost(error: Exception) -> Problem:
    """Why a task failed, in one line."""
    cause = getattr(error, "cause", None)
    if isinstance(cause, ImportError):
        return Problem(f"its worker cannot run it ({cause}): install the same version of highlights with its extras there")
    if isinstance(cause, Exception):
        return Problem(shorten(f"{type(cause).__name__}: {cause}", LONGEST))
    return Problem(f"its worker was lost, and so were those that retried it ({type(error).__name__})")
