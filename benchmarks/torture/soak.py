"""Long work: six hours of video, 500 requests to a page, 200 matches in a batch. What the program holds must not grow."""

from __future__ import annotations

import http.client
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.matches import TIMED, Match, assembled, can_assemble, in_folder, lengthened, sample
from benchmarks.table import Table, verdict
from benchmarks.torture.runner import of_session, size_of
from benchmarks.torture.seeds import KINDS, SHORT, TINY, seed

HOURS, REQUESTS, MATCHES = 6.0, 500, 200
SAMPLE_S = 2.0
RUN_MB, GROWS_MB, GROWS_HANDLES = 1000.0, 60.0, 8
"""A run may hold so much; a page and a batch may grow by so much from their second tenth to their last but one."""
COMMAND = [sys.executable, "-m", "highlights"]


@dataclass(frozen=True, slots=True)
class Held:
    """What the processes of a session hold at one time."""

    at_s: float
    memory_mb: float
    threads: int
    handles: int
    temporary: int


@dataclass(slots=True)
class Watched:
    """A command and what it held over time, its children included or not."""

    folder: Path
    process: subprocess.Popen[str]
    alone: bool = False
    held: list[Held] = field(default_factory=list)
    began_s: float = field(default_factory=time.monotonic)

    def sample(self) -> Held:
        """Note what is held now."""
        pids = _command(self.process.pid) if self.alone else of_session(self.process.pid)
        memory, threads, handles = 0, 0, 0
        for pid in pids:
            with suppress(OSError, IndexError, ValueError):
                memory += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
                threads += len(os.listdir(f"/proc/{pid}/task"))  # noqa: PTH208
                handles += len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208
        temporary = sum(1 for _ in (self.folder / "tmp").rglob("*"))
        now = Held(time.monotonic() - self.began_s, memory * resource.getpagesize() / 1e6, threads, handles, temporary)
        self.held.append(now)
        return now

    def to_its_end(self) -> int:
        """Sample until the command ends, and return its exit code."""
        while True:
            try:
                return self.process.wait(SAMPLE_S)
            except subprocess.TimeoutExpired:
                self.sample()


def _command(watching: int) -> list[int]:
    """The process that watches a command, and the command, which it started first."""
    children = Path(f"/proc/{watching}/task/{watching}/children")
    with suppress(OSError):
        return [watching, *map(int, children.read_text().split()[:1])]
    return [watching]


def measure_soak(scratch: Path, matches: Path | None = None, share: float = 1.0) -> Table:
    """All three; `share` of the usual length. The long recording is the first of `matches`, or an assembled one, repeated."""
    folder = scratch / "soak"
    shutil.rmtree(folder, ignore_errors=True)
    heads = ("what", "MB: early, half, late, peak", "threads", "handles", "temporary files", "left", "met")
    table = Table("Long work", heads)
    _long_run(table, folder / "run", _match(scratch, matches), scratch, share)
    _page(table, folder / "page", scratch, round(REQUESTS * share))
    _batch(table, folder / "batch", scratch, round(MATCHES * share))
    return table


def _match(scratch: Path, matches: Path | None) -> Match:
    if matches is not None:
        return in_folder(matches)[0]
    return assembled(TIMED, scratch / "matches")[0] if can_assemble() else sample()


def started(folder: Path, *arguments: str) -> Watched:
    """A command in a session, with a cache and a folder for temporary files of its own."""
    (folder / "tmp").mkdir(parents=True, exist_ok=True)
    own: Mapping[str, str] = {"HIGHLIGHTS_CACHE": str(folder / "cache"), "TMPDIR": str(folder / "tmp")}
    environment = os.environ | own | {"PYTHONPATH": os.pathsep.join(sys.path)}
    log = (folder / "stderr").open("w")
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        start_new_session=True,
    )
    return Watched(folder, process)


def _long_run(table: Table, folder: Path, match: Match, scratch: Path, share: float) -> None:
    recording, duration_s = lengthened(match, HOURS * 3600 * share, scratch)
    print(f"running on {duration_s / 3600:.1f} hours", file=sys.stderr, flush=True)
    watched = started(folder, "run", str(recording), "--sport", match.sport, "--out", "out")
    code = watched.to_its_end()
    wall_s = time.monotonic() - watched.began_s
    peak = max(held.memory_mb for held in watched.held)
    right = code == 0 and peak < RUN_MB and not _left(folder)
    _add(table, f"{duration_s / 3600:.1f} hours of {recording.name} through run, {wall_s:.0f} s", watched, right)
    reel = folder / "out" / "reel.mp4"
    table.notes.append(f"run: exit code {code}, cache {size_of(folder / 'cache') / 1e6:.1f} MB, reel {size_mb(reel):.1f} MB")


def _page(table: Table, folder: Path, scratch: Path, count: int) -> None:
    match = seed(scratch / "seeds", KINDS[0], SHORT)
    done = started(folder, "run", str(match.path), "--out", "out").to_its_end()
    watched = started(folder, "review", "out", "--no-browser")
    assert watched.process.stdout is not None
    link = urlsplit(watched.process.stdout.readline().strip())
    cookie = asked(link.netloc, "GET", f"{link.path}?{link.query}", {})[1].split(";")[0]
    failures = [number for number in range(count) if not _request(link.netloc, cookie, number, watched, count)]
    watched.sample()
    watched.process.terminate()
    watched.process.wait(30)
    right = not done and not failures and _is_flat(watched.held) and not _left(folder)
    _add(table, f"{count} requests to the review page, {len(failures)} failed", watched, right)


def _request(host: str, cookie: str, number: int, watched: Watched, count: int) -> bool:
    paths = (
        "/api/state",
        "/api/analysis",
        f"/api/thumbnail?t={number % 19}",
        f"/api/still?t={number % 19}.5",
        "/media/0",
        "/api/plan",
    )
    path = paths[number % len(paths)]
    headers = {"Cookie": cookie, "Range": f"bytes={number * 100}-{number * 100 + 200_000}"}
    if path == "/api/plan":
        headers |= {"Origin": f"http://{host}", "Content-Type": "application/json"}
    status, _ = asked(
        host, "POST" if path == "/api/plan" else "GET", path, headers, {"options": {}} if path == "/api/plan" else None
    )
    if number % max(1, count // 100) == 0:
        watched.sample()
    return status in (200, 206)


def asked(host: str, method: str, path: str, headers: Mapping[str, str], body: object = None) -> tuple[int, str]:
    """The status of an answer, and its cookie."""
    connection = http.client.HTTPConnection(host, timeout=60)
    try:
        connection.request(method, path, None if body is None else json.dumps(body), dict(headers))
        reply = connection.getresponse()
        reply.read()
        return reply.status, reply.getheader("set-cookie") or ""
    finally:
        connection.close()


def _batch(table: Table, folder: Path, scratch: Path, count: int) -> None:
    match = seed(scratch / "seeds", KINDS[0], TINY)
    season = folder / "season"
    season.mkdir(parents=True)
    content = match.path.read_bytes()
    for number in range(count):  # a free box behind the end makes each another file
        free = b"\0\0\0\x10free" + number.to_bytes(8)
        (season / f"team {number} v others.mp4").write_bytes(content + free)
    watched = started(folder, "batch", str(season), "--out", "results", "--reel", "none", "--jobs", "2", "--json")
    watched.alone = True  # each match has a process of its own
    output: list[str] = []
    code = _drained(watched, output.append)
    finished = sum(1 for _ in (folder / "results").glob("*/timeline.json"))
    right = code == 0 and finished == count and _is_flat(watched.held) and not _left(folder)
    _add(
        table,
        f"{count} matches through batch, {finished} done, {watched.held[-1].at_s:.0f} s; the batch itself",
        watched,
        right,
    )
    shutil.rmtree(season)


def _drained(watched: Watched, take: Callable[[str], None]) -> int:
    """Sample while the command runs; what it prints at its end fits into the pipe or is read then."""
    assert watched.process.stdout is not None
    os.set_blocking(watched.process.stdout.fileno(), False)
    while watched.process.poll() is None:
        with suppress(TypeError, BlockingIOError):
            take(watched.process.stdout.read() or "")
        time.sleep(SAMPLE_S)
        watched.sample()
    return watched.process.returncode


def _is_flat(held: Sequence[Held]) -> bool:
    """Whether no more is held at the end than soon after the start."""
    first, last = _tenths(held)
    return (
        _mean(last, "memory_mb") < _mean(first, "memory_mb") + GROWS_MB
        and _mean(last, "handles") < _mean(first, "handles") + GROWS_HANDLES
        and _mean(last, "threads") < _mean(first, "threads") + GROWS_HANDLES
    )


def _tenths(held: Sequence[Held]) -> tuple[Sequence[Held], Sequence[Held]]:
    """The second and the last tenth but one: in the first, modules are loaded, and in the last the command ends."""
    size = max(1, len(held) // 10)
    return held[size : 2 * size] or held[:1], held[-2 * size : -size] or held[-1:]


def _mean(held: Sequence[Held], name: str) -> float:
    return float(sum(getattr(each, name) for each in held) / len(held))


def _left(folder: Path) -> list[str]:
    """Temporary and hidden files that are there at the end."""
    hidden = (path for name in ("out", "results") for path in (folder / name).rglob(".*part*"))
    return [str(path) for path in (*(folder / "tmp").rglob("*"), *hidden)]


def _add(table: Table, what: str, watched: Watched, right: bool) -> None:
    held = watched.held
    first, last = _tenths(held)
    half = held[len(held) // 2]
    peak = max(each.memory_mb for each in held)
    memory = f"{_mean(first, 'memory_mb'):.0f}, {half.memory_mb:.0f}, {_mean(last, 'memory_mb'):.0f}, {peak:.0f}"
    counts = [f"{_mean(first, name):.0f} → {_mean(last, name):.0f}" for name in ("threads", "handles")]
    most = max(each.temporary for each in held)
    table.add(what, memory, *counts, f"at most {most}", str(len(_left(watched.folder))), verdict(right))
    print(what, memory, *counts, verdict(right), file=sys.stderr, flush=True)


def size_mb(path: Path) -> float:
    """The size of a file; 0 if there is none."""
    return path.stat().st_size / 1e6 if path.is_file() else 0.0
