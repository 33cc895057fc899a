#!/usr/bin/env python3
"""Cores, GPUs, disk and network that many matches need, computed from the figures of one match on one machine.

    python -m benchmarks.scaling docs/scaling.md          print it
    python -m benchmarks.scaling docs/scaling.md --write  also write it into the file, between its two marks

The figures of one match are in the file's first table: `| name | value | unit | ... |`. They are measured, published by others
or assumed; everything else is computed from them.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

from benchmarks.table import Table

MARKS = ("<!-- needs: written by python -m benchmarks.scaling -->", "<!-- end of needs -->")
MATCH_S = 5400
DAY_S = 86_400
MACHINE_CORES = 32
BUSY = 0.7
"""Utilisation that capacity is sized for: the rest is for peaks, retries and machines that are down."""

TASKS_WITH_A_MODEL = 3
"""Reading, asking and cutting are tasks on different machines; each fetches the recording."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one match of 90 minutes on one machine, named as in the file's first table."""

    analysis_s: float
    """Seconds on two cores."""
    reel_s: float
    """Seconds on two cores."""
    peak_mb: float
    recording_mb: float
    results_mb: float
    cached_mb: float
    gpu_ideal_s: float
    """GPU seconds at the full arithmetic rate."""
    gpu_overhead: float
    """Real time as a multiple of that: the full rate is not reached, answers are generated, frames decoded."""
    gpu_load_s: float
    """Seconds to load a model's weights onto a GPU, for each match."""

    @property
    def cores_s(self) -> float:
        """Core seconds."""
        return 2 * (self.analysis_s + self.reel_s)

    @property
    def gpu_s(self) -> float:
        """GPU seconds to ask the model."""
        return self.gpu_ideal_s * self.gpu_overhead


@dataclass(frozen=True, slots=True)
class Load:
    """A number of matches within a time, or, if `live`, of matches that are read while they are played."""

    title: str
    count: int
    within_s: float
    live: bool = False

    @property
    def per_s(self) -> float:
        """Matches of 90 minutes per second."""
        return self.count / self.within_s


LOADS = (
    Load("380 matches in a night of 8 h", 380, 8 * 3600),
    Load("10,000 matches a day", 10_000, DAY_S),
    Load("1,000 live channels", 1000, MATCH_S, live=True),
)


def read(file: Path) -> Figures:
    """The figures in a file's first table; a missing or non-numeric one is named in the error."""
    cells = dict(re.findall(r"^\| `(\w+)` +\| ([^|]*?) +\|", file.read_text(encoding="utf-8"), flags=re.MULTILINE))
    values = {}
    for field in fields(Figures):
        try:
            values[field.name] = float(cells[field.name].replace(",", ""))
        except (KeyError, ValueError) as error:
            raise SystemExit(f"{file}: needs a row `{field.name}` with a number") from error
    return Figures(**values)


def needs(one: Figures) -> Table:
    """What each load needs, one row per resource."""
    table = Table("What is needed", ("", *(load.title for load in LOADS)))
    for name, cell in _rows(one):
        table.add(name, *map(cell, LOADS))
    table.notes.append(
        f"Capacity is sized for {100 * BUSY:.0f} % utilisation. The model is asked about every window; "
        "without one no GPU is needed."
    )
    return table


def _rows(one: Figures) -> list[tuple[str, Callable[[Load], str]]]:
    return [
        ("hours of video per hour", lambda load: f"{load.per_s * MATCH_S:,.0f}"),
        ("busy cores", lambda load: f"{_cores(one, load):,.1f}"),
        (f"machines of {MACHINE_CORES} cores", lambda load: _capacity(_cores(one, load) / MACHINE_CORES)),
        ("memory of running matches, GB", lambda load: f"{_in_progress(one, load) * one.peak_mb / 1e3:,.0f}"),
        ("GPUs to ask the model", lambda load: _capacity(load.per_s * one.gpu_s)),
        ("more GPUs while each match loads its weights", lambda load: "" if load.live else _more_to_load(one, load)),
        ("network in, Gbit/s", lambda load: f"{_network(one, load):,.2f}"),
        (
            "the same with a model in process, Gbit/s",
            lambda load: "" if load.live else f"{TASKS_WITH_A_MODEL * _network(one, load):,.2f}",
        ),
        ("disk for fetched copies, GB", lambda load: f"{_in_progress(one, load) * one.recording_mb / 1e3:,.0f}"),
        ("disk for recordings, TB per day", lambda load: f"{_per_day(load) * one.recording_mb / 1e6:,.1f}"),
        ("disk for results, GB per day", lambda load: f"{_per_day(load) * one.results_mb / 1e3:,.0f}"),
        ("cached analyses, GB per day", lambda load: f"{_per_day(load) * one.cached_mb / 1e3:,.1f}"),
    ]


def _cores(one: Figures, load: Load) -> float:
    return load.per_s * one.cores_s


def _network(one: Figures, load: Load) -> float:
    """Gbit/s if each recording is fetched once."""
    return load.per_s * one.recording_mb * 8 / 1e3


def _in_progress(one: Figures, load: Load) -> float:
    """Matches in progress at any time; all of them if live."""
    return load.count if load.live else load.per_s * (one.analysis_s + one.reel_s)


def _per_day(load: Load) -> float:
    """Matches of 90 minutes per day."""
    return load.per_s * DAY_S if load.live else min(load.count, load.per_s * DAY_S)


def _more_to_load(one: Figures, load: Load) -> str:
    with_it, without = load.per_s * (one.gpu_s + one.gpu_load_s), load.per_s * one.gpu_s
    return f"{int(_capacity(with_it)) - int(_capacity(without))}"


def _capacity(busy: float) -> str:
    """Whole units for this many busy ones, sized for `BUSY`."""
    return f"{-int(-busy / BUSY // 1)}"


def main() -> None:
    """Parse, compute, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="the figures of one match, as a table in Markdown")
    parser.add_argument("--write", action="store_true", help="also write the result into the file")
    arguments = parser.parse_args()
    table = needs(read(arguments.file))
    print(table.text())
    if arguments.write:
        put_into(arguments.file, table)


def put_into(file: Path, table: Table) -> None:
    """Write the table between the file's two marks."""
    begin, end = MARKS
    text = file.read_text(encoding="utf-8")
    made = "\n".join((begin, table.markdown(), end))
    file.write_text(re.sub(f"{re.escape(begin)}.*?{re.escape(end)}", lambda _: made, text, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    main()
