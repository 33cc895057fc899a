"""Faults of the machine: a full disk, folders that cannot be written, a drive that vanishes, a clock that is set, two runs at
once, and Ctrl-C at every stage. Results are whole or as they were, the message is one line, and nothing is left."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

from benchmarks.table import Table, verdict
from benchmarks.torture.runner import Job, end, left_in, started
from benchmarks.torture.seeds import KINDS, LONG, SHORT, seed
from highlights.progress import STAGES

Files = dict[str, bytes]
QUICK = ("--no-titles", "--fade", "0")
ROOMS_KB = (4, 16, 40, 80, 100, 120, 200, 600, 1200, 1700)
"""Free space on a disk, in kB: too little for each of the results in turn."""
PATIENCE_S = 120.0
STOPPED = "Stopped; earlier results are unchanged.\n"
CAUGHT = ("score graphic", "key frames", "picture", "reel", "report")
"""The stages of a run without a model."""


@dataclass(slots=True)
class Check:
    """One kind of fault: how many runs there were, and what was wrong."""

    name: str
    expected: str
    runs: int = 0
    wrong: list[str] = field(default_factory=list)
    skipped: str = ""

    def expect(self, right: bool, problem: str) -> None:
        """Note a problem, unless all is right."""
        if not right:
            self.wrong.append(problem)


@dataclass(frozen=True, slots=True)
class Place:
    """A folder for runs, and the recordings to run on."""

    folder: Path
    short: Path
    long: Path

    def job(self, *more: str, of: Path | None = None, out: str = "out") -> Job:
        """A run in this folder."""
        return Job("run", self.folder, ("run", str(of or self.short), "--out", out, *QUICK, *more))

    def clear(self) -> None:
        """Begin with an empty folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def errors(self) -> str:
        return (self.folder / "stderr").read_text(errors="replace")


def measure_faults(scratch: Path) -> Table:
    """All faults in turn."""
    made = [seed(scratch / "seeds", KINDS[0], length).path for length in (SHORT, LONG)]
    place = Place(scratch / "faults", *made)
    table = Table("Faults of the machine", ("fault", "what is right", "runs", "wrong", "met"))
    for check in (full_disk, full_cache, read_only, vanishing, changed_clock, at_once, stopped):
        place.clear()
        for found in check(place):
            state = found.skipped or verdict(not found.wrong)
            table.add(found.name, found.expected, str(found.runs), str(len(found.wrong)), state)
            table.notes += [f"{found.name}: {problem}" for problem in found.wrong[:3]]
            print(found.name, found.runs, state, *found.wrong, sep="; ", file=sys.stderr, flush=True)
    return table


def full_disk(place: Place) -> Iterator[Check]:
    check = Check("full disk: the results", "one line; earlier results as they were; nothing left")
    yield from _on_small_disk(place, check, _result_on_full_disk)


def _result_on_full_disk(place: Place, check: Check, disk: Path, room_kb: int) -> None:
    out = disk / "out"
    out.mkdir()
    earlier = {name: f"an earlier {name}".encode() for name in ("timeline.json", "report.html", "reel.mp4")}
    earlier = earlier if room_kb >= 16 else {}
    for name, content in earlier.items():
        (out / name).write_bytes(content)
    code = run(place.job(out=str(out)))
    if code == 1:
        check.expect(files(out) == earlier, f"{room_kb} kB: {sorted(files(out))} are left")
        check.expect(place.errors.count("\n") == 1 and "disk is full" in place.errors, f"{room_kb} kB: {place.errors[-200:]}")
    else:
        check.expect(code == 0 and "reel.mp4" in files(out), f"{room_kb} kB: exit code {code}: {place.errors[-200:]}")
    check.expect(not hidden(out), f"{room_kb} kB: {hidden(out)} left")


def full_cache(place: Place) -> Iterator[Check]:
    check = Check("full disk: the cache", "the run is done, and says that nothing was cached")
    yield from _on_small_disk(place, check, _run_with_full_cache)


def _run_with_full_cache(place: Place, check: Check, disk: Path, room_kb: int) -> None:
    if room_kb > 40:  # a cache of one match needs no more
        check.runs -= 1
        return
    with linked(place.folder / "cache", disk):
        code = run(place.job("--reel", "none"))
    check.expect(code == 0, f"{room_kb} kB: exit code {code}: {place.errors[-200:]}")
    check.expect(room_kb > 16 or "known.sqlite: " in place.errors, f"{room_kb} kB: the full cache is not reported")


def _on_small_disk(place: Place, check: Check, test: Callable[[Place, Check, Path, int], None]) -> Iterator[Check]:
    for room_kb in ROOMS_KB:
        place.clear()
        disk = place.folder / "disk"
        with mounted(disk, f"size={room_kb}k") as is_there:
            if not is_there:
                check.skipped = "not allowed here"
                break
            check.runs += 1
            test(place, check, disk, room_kb)
    yield check


def read_only(place: Place) -> Iterator[Check]:
    check = Check("read-only folder", "one line before the recording is read")
    cache = Check("read-only cache", "the run is done, and says that nothing was cached")
    disk = place.folder / "disk"
    with mounted(disk, "size=1m") as is_there:
        (disk / "out").mkdir(parents=True, exist_ok=True)
        if not is_there or subprocess.run(["mount", "-o", "remount,ro", disk], check=False, capture_output=True).returncode:
            check.skipped = cache.skipped = "not allowed here"
        else:
            for out in (disk, disk / "out", disk / "new"):
                check.runs += 1
                code = run(place.job(out=str(out)))
                check.expect(code == 1 and "read-only" in place.errors and place.errors.count("\n") == 1, place.errors[-200:])
            cache.runs += 1
            with linked(place.folder / "cache", disk):
                code = run(place.job("--reel", "none"))
            cache.expect(code == 0 and "known.sqlite: " in place.errors, place.errors[-200:])
    yield from (check, cache)


def vanishing(place: Place) -> Iterator[Check]:
    """The recording, or the folder of the results, is gone while it is used."""
    cut = Check("recording is cut to nothing during a run", "one line, or a result with its faults; nothing left")
    gone = Check("recording's drive is unmounted during a run", "one line, or a whole result; nothing left")
    out = Check("results' drive is unmounted during a run", "one line, or a whole result")
    for stage in CAUGHT:
        for check, vanish in ((cut, _truncate), (gone, _unmount), (out, _unmount)):
            place.clear()
            disk = place.folder / "disk"
            with mounted(disk, "size=40m") as is_there:
                if not is_there:
                    check.skipped = "not allowed here"
                    continue
                recording = Path(shutil.copy(place.long, disk))
                job = (
                    place.job(of=recording, out="out") if check is not out else place.job(of=place.long, out=str(disk / "out"))
                )
                check.runs += 1
                code = ended(started_until(place, job, stage), lambda v=vanish, r=recording: v(r))  # type: ignore[misc]
                right = code == 0 or (code == 1 and place.errors.splitlines()[-1].startswith("Error: "))
                check.expect(right and "Traceback" not in place.errors, f"{stage}: exit code {code}: {place.errors[-300:]}")
                check.expect(check is out or code == 0 or not files(place.out), f"{stage}: {sorted(files(place.out))} are left")
                check.expect(not left_in(place.folder), f"{stage}: {left_in(place.folder)} are left")
    yield from (cut, gone, out)


def _truncate(recording: Path) -> None:
    os.truncate(recording, 1000)


def _unmount(recording: Path) -> None:
    subprocess.run(["umount", "-l", recording.parent], check=False, capture_output=True)


def changed_clock(place: Place) -> Iterator[Check]:
    check = Check("clock set back or on by years between and during runs", "the same bytes as before")
    if not shutil.which("faketime"):
        check.skipped = "faketime is not installed"
        yield check
        return
    check.expect(run(place.job()) == 0, place.errors)
    whole = files(place.out)
    for shift in ("-3000d", "+9000d", "-3000d", "+0 x400"):
        check.runs += 1
        command = ["faketime", "-f", shift, sys.executable, "-m", "highlights", *place.job("--clips").arguments]
        again = subprocess.run(command, cwd=place.folder, env=variables(place), capture_output=True, text=True, check=False)
        now = {name: content for name, content in files(place.out).items() if "clips/" not in name}
        check.expect(again.returncode == 0 and now == whole, f"{shift}: exit code {again.returncode}: {again.stderr[-200:]}")
        check.expect(not left_in(place.folder), f"{shift}: {left_in(place.folder)} are left")
    yield check


def at_once(place: Place) -> Iterator[Check]:
    same = Check(
        "three runs at once, one recording, one folder and cache", "each done or refused in one line; one whole result"
    )
    other = Check("two runs at once, two recordings, one folder", "each done or refused in one line; the result of one of them")
    wanted: dict[Path, Files] = {}
    for recording in (place.short, place.long):
        place.clear()
        same.expect(run(place.job(of=recording)) == 0, place.errors)
        wanted[recording] = files(place.out)
    for check, recordings in ((same, [place.short] * 3), (other, [place.short, place.long])) * 3:
        place.clear()
        check.runs += 1
        processes = [started(place.job(of=recording)) for recording in recordings]
        codes = [ended(process) for process in processes]
        check.expect(set(codes) <= {0, 1} and 0 in codes, f"exit codes {codes}: {place.errors[-200:]}")
        check.expect(
            files(place.out) in [wanted[recording] for recording in recordings], f"{sorted(files(place.out))} are mixed"
        )
        check.expect(not left_in(place.folder), f"{left_in(place.folder)} are left")
    yield from (same, other)


def stopped(place: Place) -> Iterator[Check]:
    """SIGINT and SIGTERM when a stage begins, and a little later."""
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        check = Check(f"{number.name} at every stage", f"exit code {code}; earlier results as they were; the next run is whole")
        whole: Files = {}
        for stage in CAUGHT:
            place.clear()
            place.out.mkdir()
            earlier = {"reel.mp4": b"an earlier reel", "notes.txt": b"a person's"}
            for name, content in earlier.items():
                (place.out / name).write_bytes(content)
            process = started_until(place, place.job(of=place.long), stage)
            got = ended(process, lambda p=process, n=number: os.kill(p.pid or 0, n))  # type: ignore[misc]
            last = place.errors.splitlines(keepends=True)[-1:]
            if got != 0:  # else it ended before the signal arrived
                check.runs += 1
                check.expect(got == code, f"{stage}: exit code {got}: {place.errors[-200:]}")
                check.expect(number != signal.SIGINT or last in ([STOPPED], []), f"{stage}: {last}")
                check.expect(files(place.out) == earlier, f"{stage}: {sorted(files(place.out))}")
            check.expect(not left_in(place.folder), f"{stage}: {left_in(place.folder)} are left")
            check.expect(run(place.job(of=place.long)) == 0, f"{stage}: the next run: {place.errors[-200:]}")
            whole = whole or files(place.out)
            check.expect(files(place.out) == whole, f"{stage}: the next run gives other bytes")
        yield check


def started_until(place: Place, job: Job, stage: str) -> BaseProcess:
    """A run that has begun a stage, or has ended."""
    words = STAGES.get(stage, stage)
    (place.folder / "stderr").unlink(missing_ok=True)
    process = started(Job(job.name, job.place, (*job.arguments, "-v")))
    errors, until_s = place.folder / "stderr", time.monotonic() + PATIENCE_S
    while process.is_alive() and time.monotonic() < until_s:
        with suppress(FileNotFoundError):
            if f": {words}\n" in errors.read_text(errors="replace"):
                break
        time.sleep(0.005)
    return process


def ended(process: BaseProcess, first: Callable[[], object] = lambda: None) -> int | None:
    """Do something to a run, and return its exit code; None if it did not end."""
    with suppress(ProcessLookupError):
        first()
    process.join(PATIENCE_S)
    end(process.pid or 0)
    code = process.exitcode
    process.join()
    return code


def run(job: Job) -> int | None:
    """Run to the end."""
    return ended(started(job))


def files(folder: Path) -> Files:
    """Every file below a folder that is not hidden."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file() and not p.name.startswith(".")}


def hidden(folder: Path) -> list[str]:
    """Hidden files below a folder."""
    return [path.name for path in folder.rglob(".*")]


def variables(place: Place) -> Mapping[str, str]:
    """The environment of a run that is not forked."""
    own = {"HIGHLIGHTS_CACHE": str(place.folder / "cache"), "TMPDIR": str(place.folder / "tmp")}
    return os.environ | own | {"PYTHONPATH": os.pathsep.join(sys.path)}


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[bool]:
    """A file system in memory at `folder`; False if it cannot be mounted here."""
    folder.mkdir(parents=True, exist_ok=True)
    command: Sequence[str | Path] = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder]
    is_there = bool(shutil.which("mount")) and not subprocess.run(command, capture_output=True, check=False).returncode
    try:
        yield is_there
    finally:
        if is_there:
            subprocess.run(["umount", "-l", folder], capture_output=True, check=False)


@contextmanager
def linked(folder: Path, to: Path) -> Iterator[None]:
    """`folder` is another one meanwhile."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.symlink_to(to)
    try:
        yield
    finally:
        folder.unlink()
