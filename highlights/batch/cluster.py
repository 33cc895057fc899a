"""Matches on a Ray cluster: tasks that ask for cores or a card, done again on another worker when theirs is lost.

    match ──► run_match  2 cores ──► results                        signals alone, or a model behind a server
    match ──► analyse_match  2 cores ──► find_match  1 card, 1 core ──► write_match  2 cores ──► results       a model
                    └── tell ──► board ──► this process, which shows it

Workers have this program installed in the same version, and see the recordings and the place of the results under the names
that they have here: on a disk that all share, or at URLs. Credentials are those of the worker; none are sent.
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
from highlights.batch.manifest import Match, found_from_anywhere
from highlights.batch.match import analyse_match, find_match, run_match, write_match
from highlights.batch.summary import OnChange, Outcome
from highlights.errors import ClusterError, HighlightsError
from highlights.progress import Progress

INSTALL = "pip install 'highlights[cluster]'"
RETRIES = 3
"""So often a match is done again whose worker is lost; what takes four workers with it is at fault itself."""
PATIENCE_S = 5.0  # until an address that does not answer is given up
LOOK_S = 0.5  # between looks at what workers tell
TIDY_S = 10.0  # for what is stopped to take away what it has made so far
CLIENT_PORT = 10001  # of ray:// where none is named
LEAST_STEP = 0.02  # of a stage, that is worth a message
LONGEST = 300  # characters of what others say

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong with a match, in one line: not an exception, which Ray would wrap in its own."""

    said: str


def run_on_cluster(matches: Sequence[Match], out: str, address: str, on_change: OnChange) -> list[Outcome]:
    """What becomes of each match, in the order in which they end.

    Raises:
        ClusterError: the cluster cannot be reached, or has not what is needed.
    """
    with _connected(address) as ray:
        work = _Work(ray, [_seen_from_anywhere(match) for match in matches], found_from_anywhere(out))
        try:
            return list(work.outcomes(on_change))
        finally:
            work.stop()


class Board:
    """The last word of each worker, until it is taken: an actor, so that all can reach it."""

    def __init__(self) -> None:
        self._told: dict[int, tuple[str, float]] = {}

    def put(self, number: int, stage: str, share: float) -> None:
        """Hear how the match of this number stands."""
        self._told[number] = stage, share

    def take(self) -> dict[int, tuple[str, float]]:
        """What was told since it was last asked."""
        told, self._told = self._told, {}
        return told


class _Work:
    """The tasks of a batch."""

    def __init__(self, ray: Any, matches: Sequence[Match], out: str) -> None:
        self._ray, self._matches, self._out = ray, matches, out
        self._on_cores = ray.remote(max_retries=RETRIES, num_cpus=_cores(ray, matches))(_step)
        self._on_a_card = ray.remote(max_retries=RETRIES, num_cpus=1, num_gpus=1)(_step)
        # lost with its node it is begun anew elsewhere: what it knew is told again soon
        self._board = ray.remote(num_cpus=0, max_restarts=-1)(Board).remote()
        self._steps = [self._submitted(number, match) for number, match in enumerate(matches)]

    def outcomes(self, on_change: OnChange) -> Iterator[Outcome]:
        """What becomes of each match as soon as it is known."""
        pending = {steps[-1]: number for number, steps in enumerate(self._steps)}
        while pending:
            ended, _ = self._ray.wait(list(pending), timeout=LOOK_S)
            for number in [pending.pop(ref) for ref in ended]:
                outcome = self._outcome(number)
                on_change(outcome)
                yield outcome
            running = set(pending.values())
            for number, (stage, share) in self._told().items():
                if number in running:
                    on_change(Outcome(self._matches[number], "running", stage, share))

    def stop(self) -> None:
        """End what still runs, which takes away what it has made so far."""
        steps = [step for steps in self._steps for step in steps]
        _, running = self._ray.wait(steps, num_returns=len(steps), timeout=0)
        for step in reversed(running):  # the last first, so that none begins
            self._ray.cancel(step)
        if running:
            self._ray.wait(running, num_returns=len(running), timeout=TIDY_S)

    def _submitted(self, number: int, match: Match) -> tuple[Any, ...]:
        """The tasks of a match, each with what the one before it gives."""
        place, progress = places.at(self._out, match.name), _Teller(self._board, number)
        if not _needs_a_card(match):
            return (self._on_cores.remote(__version__, progress, run_match, match, place),)
        analysed = self._on_cores.remote(__version__, progress, analyse_match, match)
        found = self._on_a_card.remote(__version__, progress, find_match, match, analysed)
        return analysed, found, self._on_cores.remote(__version__, progress, write_match, match, found, place)

    def _told(self) -> dict[int, tuple[str, float]]:
        """What workers tell; nothing while the board is being begun anew."""
        with suppress(self._ray.exceptions.RayError):
            told: dict[int, tuple[str, float]] = self._ray.get(self._board.take.remote(), timeout=PATIENCE_S)
            return told
        return {}

    def _outcome(self, number: int) -> Outcome:
        match = self._matches[number]
        try:
            made = self._ray.get(self._steps[number][-1])
        except self._ray.exceptions.RayError as error:
            made = _why_lost(error)
        if isinstance(made, Problem):
            return Outcome(match, "failed", error=made.said)
        return Outcome(match, "done", share=1.0, events=made)


def _step(version: str, progress: Progress, work: Callable[..., T], *arguments: Any) -> T | Problem:
    """Task: what a step of a match gives, or what went wrong with it or with the step before."""
    if version != __version__:
        said = f"its worker has version {__version__} of highlights, this batch is of {version}: install the same everywhere"
        return Problem(said)
    if before := [given for given in arguments if isinstance(given, Problem)]:
        return before[0]
    try:
        return work(*arguments, progress)
    except HighlightsError as error:
        return Problem(str(error))


class _Teller:
    """Tells the board how a match stands, but not of every step; nobody waits for it."""

    def __init__(self, board: Any, number: int) -> None:
        self._board, self._number = board, number
        self._last = ("", 0.0)

    def __call__(self, stage: str, share: float) -> None:
        if stage != self._last[0] or share - self._last[1] >= LEAST_STEP:
            self._last = stage, share
            self._board.put.remote(self._number, stage, share)


def _seen_from_anywhere(match: Match) -> Match:
    """The match with paths that mean the same in any folder."""
    options, edit = match.options, match.options.edit
    files = {name: path.resolve() for name in ("logo", "music") if (path := getattr(edit, name))}
    sport = str(Path(match.sport).resolve()) if Path(match.sport).suffix in (".yaml", ".yml") else match.sport
    models = replace(options.models, finders=_finders(match))
    recordings = tuple(map(found_from_anywhere, match.recordings))
    return replace(
        match, recordings=recordings, sport=sport, options=replace(options, edit=replace(edit, **files), models=models)
    )


def _finders(match: Match) -> Any:
    """The finders that were asked for. A card is only taken for a model that was: what is there may differ between workers."""
    models = match.options.models
    return models.finders or (("signals", "server") if models.server else ("signals",))


def _needs_a_card(match: Match) -> bool:
    """Whether a model is asked in a worker's own process, on a graphics card."""
    models = match.options.models
    in_process = set(models.finders) & {"marlin", "molmo2"} and not (models.server and "server" not in models.finders)
    return bool(in_process) and models.device in ("auto", "cuda")


def _cores(ray: Any, matches: Sequence[Match]) -> int:
    """How many cores are asked for: no more than a machine of the cluster has, or a match would wait for ever."""
    machines = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    if any(map(_needs_a_card, matches)) and not any(machine.get("GPU", 0) >= 1 for machine in machines):
        raise ClusterError("the cluster has no graphics card for the model: start a node with one, or say --device cpu")
    most = int(max((machine.get("CPU", 0) for machine in machines), default=0))
    if not most:
        raise ClusterError("the cluster has no cores to work with: start a node, `ray start --address ...`")
    return min(CORES_A_MATCH, most)


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    """Ray, connected to a cluster, with its own talk off the terminal."""
    try:
        import ray
        import ray.exceptions
    except ImportError as error:
        raise ClusterError(f"--ray needs Ray, which is not there: {INSTALL}") from error
    _check_answers(address)
    own = {"include_dashboard": False} if address == "local" else {}  # what only one that is started here may be told
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.CRITICAL, **own)
    except (OSError, RuntimeError, ValueError, ImportError) as error:
        problem = shorten(str(error) or type(error).__name__, LONGEST)
        raise ClusterError(f"{address}: no cluster can be used there ({problem})") from error
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):  # where Ray prints what becomes of its nodes
        try:
            yield ray
        finally:
            ray.shutdown()


def _check_answers(address: str) -> None:
    """See that something that may be a cluster is at an address; Ray itself would try for more than a minute."""
    if address in ("auto", "local") or os.environ.get("RAY_USE_TLS") == "1":
        return
    host, _, port = address.removeprefix("ray://").partition(":")
    if address.startswith("ray://") and not port:
        port = str(CLIENT_PORT)
    if not host or not port.isdecimal():
        raise ClusterError(f"{address}: is no address of a cluster: say auto, local, HOST:PORT or ray://HOST:PORT")
    import grpc

    with grpc.insecure_channel(f"{host}:{port}", options=[("grpc.enable_http_proxy", 0)]) as channel:
        try:
            grpc.channel_ready_future(channel).result(timeout=PATIENCE_S)
        except grpc.FutureTimeoutError as error:
            advice = "start one with `ray start --head`, or see whether its address and port are right"
            raise ClusterError(f"{address}: no cluster answers there; {advice}") from error


def _why_lost(error: Exception) -> Problem:
    """Why a task has no end, in one line."""
    cause = getattr(error, "cause", None)
    if isinstance(cause, ImportError):
        return Problem(
            f"its worker cannot do it ({cause}): install highlights and its extras there, in the same version as here"
        )
    if isinstance(cause, Exception):
        return Problem(shorten(f"{type(cause).__name__}: {cause}", LONGEST))
    return Problem(f"its worker was lost, and those it was given to after that ({type(error).__name__})")
