"""The benchmarks' own tools: measuring what a command uses, and writing tables into the document."""

from __future__ import annotations

import sys

import pytest

from benchmarks.bench import PARTS, marks, put_into
from benchmarks.table import Table
from benchmarks.usage import measured
from tests.support.places import ROOT

HOLD = "import time; held = bytearray(b'x') * 100_000_000; time.sleep(1)"


def test_the_memory_of_a_process_and_its_child_is_summed():
    both = f"import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', {HOLD!r}]); {HOLD}; child.wait()"
    alone, together = (measured([sys.executable, "-c", code]) for code in (HOLD, both))
    assert 100 < alone.peak_mb < 150
    assert 200 < together.peak_mb < 300


def test_the_cpu_time_of_a_child_is_counted():
    work = "import time\nwhile time.process_time() < 0.5: pass"
    used = measured([sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {work!r}])"])
    assert used.cpu_s >= 0.5


def test_a_failed_command_ends_the_benchmark_with_its_output():
    with pytest.raises(SystemExit, match="no such thing"):
        measured([sys.executable, "-c", "raise ValueError('no such thing')"])


def test_every_part_has_its_marks_in_the_document():
    text = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert all(text.count(mark) == 1 for part in PARTS for mark in marks(part))


def test_a_table_replaces_only_the_earlier_one_of_its_part(tmp_path):
    file = tmp_path / "benchmarks.md"
    file.write_text("\n".join(["before", *marks("speed"), "between", *marks("reels"), "after", ""]))
    for reached in ("1 s", r"2 s \1"):
        table = Table("Speed", ("what", "reached"))
        table.add("run", reached)
        put_into(file, "speed", table)
    text = file.read_text()
    assert [text.count(part) for part in ("before", "between", "after", "### Speed", "1 s", r"2 s \1")] == [1, 1, 1, 1, 0, 1]
    assert text.index("between") > text.index(marks("speed")[1]) > text.index("2 s")
