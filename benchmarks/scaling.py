#!/usr/bin/env python3
"""What many matches take in cores, cards, disk and network, from what one takes on one machine.

    python -m benchmarks.scaling docs/scaling.md          print it
    python -m benchmarks.scaling docs/scaling.md --write  put it into the file too, between its two marks

The figures of one match stand in the file's first table: `| name | value | unit | ... |`. They are measured, or published by
others; everything else follows from them.
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
"""How much of what is bought does work: the rest is for peaks, for work done twice, and for machines that are down."""


TASKS_WITH_A_MODEL = 3
"""Reading, asking and cutting, each on the machine that has what it takes, and each fetches the recording."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one match of 90 minutes takes on one machine; the names are those of the file's first table."""

    analysis_s: float
    """Seconds on two cores."""
    reel_s: float
    """Seconds on two cores."""
    peak_mb: float
    recording_mb: float
    results_mb: float
    kept_mb: float
    card_ideal_s: float
    """Seconds of a card that does nothing but multiply."""
    card_overhead: float
    """So many times that is what it takes: not all of the card's rate is reached, answers are written, pictures decoded."""
    card_load_s: float
    """Seconds until a model's weights are on a card, for each match."""

    @property
    def cores_s(self) -> float:
        """Seconds of one core."""
        return 2 * (self.analysis_s + self.reel_s)

    @property
    def card_s(self) -> float:
        """Seconds of a card while the model is asked."""
        return self.card_ideal_s * self.card_overhead


@dataclass(frozen=True, slots=True)
class Load:
    """So many matches within a time, or, `live`, so many that go on and are read as they come."""

    title: str
    count: int
    within_s: float
    live: bool = False

    @property
    def per_s(self) -> float:
        """Matches of 90 minutes for each second."""
        return self.count / self.within_s


LOADS = (
    Load("380 matches in a night of 8 h", 380, 8 * 3600),
    Load("10,000 matches a day", 10_000, DAY_S),
    Load("1,000 live channels", 1000, MATCH_S, live=True),
)


def read(file: Path) -> Figures:
    """The figures in a file's first table; one that is missing or no number is named."""
    cells = dict(re.findall(r"^\| `(\w+)` +\| ([^|]*?) +\|", file.read_text(encoding="utf-8"), flags=re.MULTILINE))
    values = {}
    for field in fields(Figures):
        try:
            values[field.name] = float(cells[field.name].replace(",", ""))
        except (KeyError, ValueError) as error:
            raise SystemExit(f"{file}: needs a row `{field.name}` with a number") from error
    return Figures(**values)


def needs(one: Figures) -> Table:
    """What each load takes, a row for each thing that is to be had."""
    table = Table("What it takes", ("", *(load.title for load in LOADS)))
    for name, cell in _rows(one):
        table.add(name, *map(cell, LOADS))
    table.notes.append(
        f"Bought is 1/{BUSY:g} of what is busy. A model is asked everywhere; where it is not, there are no cards."
    )
    return table


def _rows(one: Figures) -> list[tuple[str, Callable[[Load], str]]]:
    return [
        ("hours of video an hour", lambda load: f"{load.per_s * MATCH_S:,.0f}"),
        ("cores busy", lambda load: f"{_cores(one, load):,.1f}"),
        (f"machines of {MACHINE_CORES} cores", lambda load: _bought(_cores(one, load) / MACHINE_CORES)),
        ("memory of what runs at once, GB", lambda load: f"{_at_once(one, load) * one.peak_mb / 1e3:,.0f}"),
        ("cards, the model asked", lambda load: _bought(load.per_s * one.card_s)),
        ("cards more, while they load it for each match", lambda load: "" if load.live else _more(one, load)),
        ("network in, Gbit/s", lambda load: f"{_network(one, load):,.2f}"),
        (
            "the same with a model in process, Gbit/s",
            lambda load: "" if load.live else f"{TASKS_WITH_A_MODEL * _network(one, load):,.2f}",
        ),
        ("disk for copies at work, GB", lambda load: f"{_at_once(one, load) * one.recording_mb / 1e3:,.0f}"),
        ("disk for recordings, TB a day", lambda load: f"{_a_day(load) * one.recording_mb / 1e6:,.1f}"),
        ("disk for results, GB a day", lambda load: f"{_a_day(load) * one.results_mb / 1e3:,.0f}"),
        ("known of recordings, GB a day", lambda load: f"{_a_day(load) * one.kept_mb / 1e3:,.1f}"),
    ]


def _cores(one: Figures, load: Load) -> float:
    return load.per_s * one.cores_s


def _network(one: Figures, load: Load) -> float:
    """Gbit/s of recordings that are fetched once."""
    return load.per_s * one.recording_mb * 8 / 1e3


def _at_once(one: Figures, load: Load) -> float:
    """Matches that are in work at any time: of what is live all."""
    return load.count if load.live else load.per_s * (one.analysis_s + one.reel_s)


def _a_day(load: Load) -> float:
    """Matches of 90 minutes in a day."""
    return load.per_s * DAY_S if load.live else min(load.count, load.per_s * DAY_S)


def _more(one: Figures, load: Load) -> str:
    with_it, without = load.per_s * (one.card_s + one.card_load_s), load.per_s * one.card_s
    return f"{int(_bought(with_it)) - int(_bought(without))}"


def _bought(busy: float) -> str:
    """Whole ones, with something to spare."""
    return f"{-int(-busy / BUSY // 1)}"


def main() -> None:
    """Parse, compute, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="the figures of one match, as a table in Markdown")
    parser.add_argument("--write", action="store_true", help="put the result into the file")
    arguments = parser.parse_args()
    table = needs(read(arguments.file))
    print(table.text())
    if arguments.write:
        put_into(arguments.file, table)


def put_into(file: Path, table: Table) -> None:
    """Put the table between the file's two marks."""
    begin, end = MARKS
    text = file.read_text(encoding="utf-8")
    made = "\n".join((begin, table.markdown(), end))
    file.write_text(re.sub(f"{re.escape(begin)}.*?{re.escape(end)}", lambda _: made, text, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    main()
