"""Capacity for many matches: the table in the document follows from the document's figures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.scaling import MARKS, needs, read
from tests.support.places import ROOT

DOCUMENT = ROOT / "docs" / "scaling.md"


def test_the_table_in_the_document_is_computed_from_its_figures() -> None:
    written = DOCUMENT.read_text(encoding="utf-8").partition(MARKS[0])[2].partition(MARKS[1])[0]
    assert written.strip() == needs(read(DOCUMENT)).markdown().strip()


def test_the_needs_of_ten_thousand_matches_a_day_are_as_calculated_by_hand() -> None:
    one = replace(read(DOCUMENT), analysis_s=50.0, reel_s=14.0, gpu_ideal_s=12.0, gpu_overhead=3.0, gpu_load_s=20.0)
    rows = {row[0]: row[2] for row in needs(replace(one, recording_mb=4320.0)).rows}
    assert rows["hours of video per hour"] == "625"  # 10,000 of 1.5 hours in 24 h
    assert rows["busy cores"] == "14.8"  # 10,000 times 128 core seconds in 86,400 s
    assert rows["GPUs to ask the model"] == "6"  # 4.17 busy, at 70 % utilisation
    assert rows["more GPUs while each match loads its weights"] == "4"  # 6.48 busy: 10 instead of 6
    assert rows["network in, Gbit/s"] == "4.00"  # 500 MB/s


def test_a_missing_figure_is_named_in_the_error(tmp_path: Path) -> None:
    (tmp_path / "scaling.md").write_text("| `analysis_s` | to be measured | s |\n")
    with pytest.raises(SystemExit, match="needs a row `analysis_s` with a number"):
        read(tmp_path / "scaling.md")
