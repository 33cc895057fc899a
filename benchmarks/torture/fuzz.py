"""Fuzzing of every door through which text from outside comes in: no exception but ours, and no HTTP 500.

A valid document is changed in a few places: pieces are removed, doubled, moved, or replaced by what parsers stumble over.
Hypothesis draws the changes, always the same ones; atheris, where it is installed, is guided by which lines of code they reach.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from benchmarks.table import Table, verdict
from benchmarks.torture.doors import Door, found_in, of_code, of_pages
from highlights.errors import HighlightsError

STUMBLES = (
    b"\0",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    "\u202e\ufeff".encode(),
    b"-1",
    b"1e999",
    b"NaN",
    b"99999999999999999999999",
    b"0.1",
    b"null",
    b"true",
    b"{}",
    b"[]",
    b'"',
    b"'",
    b"<",
    b"&#0;",
    b"<!--",
    b"]]>",
    b"&amp;x;",
    b"%s%n",
    b"../../etc/passwd",
    b"file:///dev/zero",
    b":",
    b"- ",
    b"\r",
    b"\t",
    b"*a",
    b"&a ",
    b"!!python/object:os.system",
    b"25:61:61;99",
    b"[" * 3000,
)
ATHERIS_S = 60


@dataclass(slots=True)
class Found:
    """What came of fuzzing one door."""

    tried: int = 0
    refused: int = 0
    wrong: Counter[str] = field(default_factory=Counter)


@st.composite
def changed(draw: st.DrawFn, document: bytes) -> bytes:
    """The document with a few changes."""
    data = document
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        size = draw(st.sampled_from((0, 1, 3, 20, 200)))
        piece = draw(st.sampled_from(STUMBLES) | st.binary(max_size=8) | st.just(data[at : at + size]))
        to = draw(st.integers(0, len(data)))
        data = draw(
            st.sampled_from((data[:at] + piece + data[at + size :], data[:to] + data[at : at + size] + data[to:], data[:at]))
        )
    return data


def knock(door: Door, content: bytes, found: Found) -> None:
    """Give content to a door, and note what it makes of it."""
    found.tried += 1
    try:
        door.enter(content)
    except HighlightsError as error:
        found.refused += 1
        if not str(error).strip():
            found.wrong["an error without a message"] += 1
    except Exception as error:  # noqa: BLE001  # that none comes is what is tested
        place = traceback.extract_tb(error.__traceback__)[-1]
        found.wrong[f"{type(error).__name__} in {Path(place.filename).name}:{place.lineno}: {str(error)[:80]}"] += 1


def measure_fuzz(scratch: Path, examples: int) -> Table:
    """So many documents for all doors together."""
    table = Table("Fuzzing", ("door", "documents", "refused", "other exceptions", "met"))
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        code = of_code(Path(folder), found_in(scratch / "seeds"))
        with of_pages(Path(folder)) as pages:
            _fuzz(table, [*code, *pages], examples)
    table.add("atheris: profile, timeline, model answers", *_by_atheris(scratch))
    return table


def _fuzz(table: Table, all_: Sequence[Door], examples: int) -> None:
    for door in all_:
        found = by_hypothesis(door, max(1, examples // len(all_)))
        wrong = sum(found.wrong.values())
        table.add(door.name, str(found.tried), str(found.refused), str(wrong), verdict(not wrong))
        table.notes += [f"{door.name}: {what} ({count} times)" for what, count in found.wrong.most_common(4)]
        print(door.name, found.tried, found.refused, dict(found.wrong), file=sys.stderr, flush=True)


def by_hypothesis(door: Door, examples: int) -> Found:
    """What comes of so many documents, the same ones each time."""
    found = Found()

    @settings(
        max_examples=examples,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(content=changed(door.document) | st.binary(max_size=60))
    def try_one(content: bytes) -> None:
        knock(door, content, found)

    try_one()
    return found


def _by_atheris(scratch: Path) -> tuple[str, str, str, str]:
    if not find_spec("atheris"):
        return "", "", "", "not installed"
    command = [
        sys.executable,
        "-m",
        "benchmarks.torture.guided",
        str(scratch),
        f"-max_total_time={ATHERIS_S}",
        "-print_final_stats=1",
        "-rss_limit_mb=0",  # the peak that it measures is inherited from this process; memory is limited in `guided`
        f"-artifact_prefix={scratch}/",
    ]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    runs = [line.split()[-1] for line in done.stderr.splitlines() if "number_of_executed_units" in line]
    return (runs or ["?"])[0], "", "0" if not done.returncode else done.stderr[-200:], verdict(not done.returncode)
